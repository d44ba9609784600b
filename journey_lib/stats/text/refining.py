"""The tone of a study's own comments: a prior, refined on the comments whose authors also gave a score."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.text.grams import grams
from journey_lib.stats.text.prepare import normal
from journey_lib.stats.text.weighing import rarity, weighed

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

FOLDS: Final = 5
FEWEST: Final = 20  # labelled texts of the rarer kind; below, nothing is learned from them
ENOUGH: Final = 200  # labelled texts; below, a share of tones is indicative
STRENGTHS: Final = (0.3, 3.0)
_LENGTHS, _BITS = (1, 2, 3, 4), 15
_PRIOR_ONLY = 0.0


@dataclass(frozen=True, eq=False)
class Agreement:
    """How often the tone of a text and the score of its author agree, on texts not learned from.

    Attributes
    ----------
    table : ndarray of int
        Score low and high in rows, text sounds discontent and content in columns.
    prior : float
        The same share for the shipped models alone.
    """

    table: npt.NDArray[np.int64] = field(repr=False)
    prior: float = np.nan

    @property
    def n(self) -> int:
        """Texts with a clear score."""
        return int(self.table.sum())

    @property
    def accuracy(self) -> float:
        """Share of texts whose tone agrees with the score; NaN without any."""
        return float(np.trace(self.table) / self.n) if self.n else np.nan

    @property
    def guessing(self) -> float:
        """The share that always guessing the more frequent score would reach."""
        return float(self.table.sum(axis=1).max() / self.n) if self.n else np.nan


@dataclass(frozen=True, eq=False)
class Tone:
    """The log odds that each text sounds content, and how far to trust them.

    Attributes
    ----------
    log_odds : ndarray of float
        Of a text with a score, from a model that never saw it.
    agreement : Agreement
        On the texts with a score.
    refined : bool
        Whether the study's own texts taught the model anything.
    """

    log_odds: Floats = field(repr=False)
    agreement: Agreement
    refined: bool


def refined(texts: Sequence[str], prior: npt.ArrayLike, good: npt.ArrayLike) -> Tone:
    """Say how content each text sounds, learning from those whose authors gave a clear score.

    Parameters
    ----------
    texts : sequence of str
        Comments, in any language.
    prior : array-like of float
        Log odds from models that know nothing of this study.
    good : array-like of float
        1 where the author's score is high, 0 where it is low, NaN where there is none.

    Returns
    -------
    Tone

    Definition
    ----------
    Ridge logistic regression on the prior and on tf-idf of character runs. Nested split: five parts, equal
    texts always in one part; for each part the penalty (or the prior alone) is chosen on one of the other
    four and fitted on all four, so no text is judged by a model, or a choice, that has seen it.

    Units and missing data
    ----------------------
    Log odds. With fewer than 20 high or 20 low scores the prior stays as it is.

    Source
    ------
    Varma, S. and Simon, R. (2006), Bias in error estimation when using cross-validation for model selection,
    BMC Bioinformatics 7:91.

    Examples
    --------
    >>> tone = refined(["fine", "bad"], [1.0, -2.0], [1.0, 1.0])
    >>> tone.refined, tone.agreement.table.tolist()
    (False, [[0, 0], [1, 1]])
    """
    start, label = np.asarray(prior, dtype=np.float64), np.asarray(good, dtype=np.float64)
    known = ~np.isnan(label)
    part = parts(texts)
    rarer = min(int((label == value).sum()) for value in (0, 1)) if known.any() else 0
    if rarer < FEWEST or len(np.unique(part[known])) < FOLDS:
        return Tone(start, _agreement(start, start, label), refined=False)
    X = _columns(texts, start)
    found, choices = start.copy(), []
    for one in range(FOLDS):
        inside, check = known & (part != one), known & (part == (one + 1) % FOLDS)
        choices.append(_chosen(X, start, label, inside & ~check, check))
        own = known & (part == one)
        found[own] = _fitted(X, start, label, inside, own, choices[-1])
    final = max(sorted(set(choices)), key=choices.count)
    found[~known] = _fitted(X, start, label, known, ~known, final)
    return Tone(found, _agreement(found, start, label), refined=final != _PRIOR_ONLY)


def parts(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """Deal texts into five parts by what they say; equal texts always meet.

    Examples
    --------
    >>> first, second = parts(["Late!", "late!"])
    >>> bool(first == second)
    True
    """
    return np.array([zlib.crc32(normal(text).encode()) % FOLDS for text in texts], dtype=np.int64)


def _columns(texts: Sequence[str], prior: Floats) -> csr_matrix:
    from scipy.sparse import csr_matrix, hstack

    counts = grams(texts, _LENGTHS, _BITS)
    joined: csr_matrix = hstack([weighed(counts, rarity(counts)), csr_matrix(prior[:, None] / 2)], "csr")
    return joined


def _chosen(X: csr_matrix, prior: Floats, label: Floats, learn: Bools, check: Bools) -> float:
    """Return the penalty that does best on the texts kept for the choice; none when the prior does."""
    right = {
        strength: float(((_fitted(X, prior, label, learn, check, strength) > 0) == label[check]).mean())
        for strength in (_PRIOR_ONLY, *STRENGTHS)
    }
    return max(right, key=lambda strength: right[strength])


def _fitted(X: csr_matrix, prior: Floats, label: Floats, learn: Bools, use: Bools, strength: float) -> Floats:
    if strength == _PRIOR_ONLY or not use.any():
        return prior[use]
    from sklearn.linear_model import LogisticRegression

    # The dual problem has as many unknowns as texts, fewer than columns: the same fit in a tenth of the time.
    model = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=1e-2, random_state=0)
    return np.asarray(model.fit(X[learn], label[learn]).decision_function(X[use]), dtype=np.float64)


def _agreement(log_odds: Floats, prior: Floats, label: Floats) -> Agreement:
    table = confusion(log_odds, label)
    known = ~np.isnan(label)
    alone = float(((prior > 0) == (label == 1))[known].mean()) if known.any() else np.nan
    return Agreement(table, alone)


def confusion(log_odds: Floats, label: Floats) -> npt.NDArray[np.int64]:
    """Count texts by score (low, high) and tone (discontent, content).

    Examples
    --------
    >>> confusion(np.array([2.0, -1.0, 3.0]), np.array([1.0, 0.0, 0.0])).tolist()
    [[1, 1], [0, 1]]
    """
    known = ~np.isnan(label)
    table = np.zeros((2, 2), dtype=np.int64)
    np.add.at(table, (label[known].astype(np.int64), (log_odds[known] > 0).astype(np.int64)), 1)
    return table
