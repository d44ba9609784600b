"""Whether a text sounds content or not: two small learned models, and a lexicon for English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from journey_lib.stats.text.grams import grams
from journey_lib.stats.text.prepare import sentences
from journey_lib.stats.text.weighing import rarity, weighed

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Floats = npt.NDArray[np.float64]

RECIPES: Final = {  # lengths of runs, and whether of letters (jamo) instead of syllables
    "ko": (((1, 2, 3, 4), False), ((3, 4, 5, 6, 7), True)),
    "en": (((2, 3, 4, 5), False),),
}
BITS: Final = 16  # columns for each kind of run
_LEXICON_SLOPE: Final = 4.0  # log odds for a VADER score of 1 where nothing was learned


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A logistic model over hashed runs of characters, with a lexicon beside it for English.

    Attributes
    ----------
    language : str
        Which recipe it reads texts by.
    idf : ndarray of float
        Rarity of each column.
    weights : ndarray of float
        Log odds for each column.
    intercept : float
        Log odds of an empty text.
    lexicon : float
        Factor of the lexicon's log odds; 0 for a model without one.
    """

    language: str
    idf: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    intercept: float = 0.0
    lexicon: float = 0.0

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """Return the log odds that each text sounds content."""
        learned = weighed(features(texts, self.language), self.idf) @ self.weights + self.intercept
        return np.asarray(learned + (self.lexicon * lexicon(texts) if self.lexicon else 0.0))


def features(texts: Sequence[str], language: str) -> csr_matrix:
    """Return the runs of characters a language's model reads, hashed.

    Examples
    --------
    >>> features(["좋아요"], "ko").shape == (1, 2 << BITS)
    True
    """
    from scipy.sparse import hstack

    parts = [grams(texts, lengths, BITS, letters=letters) for lengths, letters in RECIPES[language]]
    joined: csr_matrix = hstack(parts, format="csr")
    return joined


def trained(
    texts: Sequence[str], content: npt.ArrayLike, language: str, *, strength: float = 4.0
) -> LinearModel:
    """Fit the model of a language to texts whose tone is known.

    Parameters
    ----------
    texts : sequence of str
        Texts of one language.
    content : array-like of bool
        Whether each is a content one.
    language : {"ko", "en"}
        Which recipe; English takes the lexicon beside the runs.
    strength : float
        Inverse of the ridge penalty.

    Returns
    -------
    LinearModel

    Definition
    ----------
    Tf-idf rows, for Korean scaled by the log ratio of how often a run stands in content and in other texts,
    then logistic regression with a ridge penalty; the scales are folded into the weights.

    Source
    ------
    Wang, S. and Manning, C. (2012), Baselines and Bigrams, ACL, 90–94.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    good = np.asarray(content, dtype=bool)
    counts = features(texts, language)
    idf = rarity(counts)
    ratio = _log_ratio(counts, good) if language == "ko" else np.ones(counts.shape[1])
    X = csr_matrix(weighed(counts, idf).multiply(ratio))
    if language == "en":
        X = hstack([X, csr_matrix(lexicon(texts)[:, None])], format="csr")
    fitted = LogisticRegression(C=strength, solver="liblinear", tol=1e-3).fit(X, good)
    learned, beside = fitted.coef_[0][: len(ratio)], fitted.coef_[0][len(ratio) :]
    return LinearModel(language, idf, learned * ratio, float(fitted.intercept_[0]), float(beside.sum()))


def _log_ratio(counts: csr_matrix, good: npt.NDArray[np.bool_]) -> Floats:
    present = counts.copy()
    present.data[:] = 1
    with_good = np.asarray(present[good].sum(axis=0)).ravel() + 1.0
    with_bad = np.asarray(present[~good].sum(axis=0)).ravel() + 1.0
    return np.asarray(np.log((with_good / with_good.sum()) / (with_bad / with_bad.sum())))


def packed(model: LinearModel) -> dict[str, npt.NDArray[Any]]:
    """Return a model as small arrays: weights and rarities in 255 steps each.

    Examples
    --------
    >>> model = LinearModel("en", np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.25)
    >>> unpacked(packed(model), "en").weights.round(2).tolist()
    [0.5, -1.0]
    """
    most = float(np.abs(model.weights).max()) or 1.0
    low, high = float(model.idf.min()), float(model.idf.max())
    span = high - low or 1.0
    return {
        "weights": np.round(model.weights / most * 127).astype(np.int8),
        "idf": np.round((model.idf - low) / span * 255).astype(np.uint8),
        "scale": np.array([most, low, span, model.intercept, model.lexicon]),
    }


def unpacked(arrays: dict[str, npt.NDArray[Any]], language: str) -> LinearModel:
    """Return the model of packed arrays."""
    most, low, span, intercept, beside = (float(value) for value in arrays["scale"])
    idf = low + arrays["idf"].astype(np.float64) / 255 * span
    return LinearModel(language, idf, arrays["weights"].astype(np.float64) / 127 * most, intercept, beside)


@cache
def shipped(language: str) -> LinearModel:
    """Return the model this package brings for `ko` or `en`; the cards lie in `docs/models/`.

    Examples
    --------
    >>> good, bad = shipped("ko").log_odds(["정말 재미있고 좋아요", "최악이다 돈이 아깝다"])
    >>> bool(good > 1 and bad < -1)
    True
    """
    with files("journey_lib.stats.text").joinpath(f"sentiment_{language}.npz").open("rb") as source:
        arrays = np.load(source, allow_pickle=False)
        return unpacked({name: arrays[name] for name in arrays.files}, language)


def lexicon(texts: Sequence[str]) -> Floats:
    """Return the log odds that English texts sound content, from the VADER lexicon alone: a weak prior.

    Source
    ------
    Hutto, C. and Gilbert, E. (2014), VADER, ICWSM 8, 216–225 (MIT licence).

    Examples
    --------
    >>> good, bad = lexicon(["Great, I love it", "Awful and rude"])
    >>> bool(good > 1 and bad < -1)
    True
    """
    rules = _lexicon()
    scores = [float(rules.polarity_scores(text)["compound"]) for text in texts]
    return _LEXICON_SLOPE * np.asarray(scores, dtype=np.float64)


def prior(texts: Sequence[str]) -> Floats:
    """Return the log odds of comments in either language: each sentence by its own language, then summed.

    Examples
    --------
    >>> both, bad, none = prior(["배송이 빨라서 좋아요. Great!", "최악 Awful and bad service", "12345"])
    >>> bool(both > 1), bool(bad < -1), float(none)
    (True, True, 0.0)
    """
    parts: dict[str, list[tuple[int, str]]] = {"en": [], "ko": []}
    for at, text in enumerate(texts):
        spoken = sentences(text)
        for language, found in parts.items():
            own = " ".join(sentence.text for sentence in spoken if sentence.language == language)
            if own:
                found.append((at, own))
    total = np.zeros(len(texts))
    for language, found in parts.items():
        if found:
            rows, said = zip(*found, strict=True)
            np.add.at(total, np.asarray(rows), shipped(language).log_odds(said))
    return total


def chance(log_odds: npt.ArrayLike) -> Floats:
    """Return log odds as a chance between 0 and 1.

    Examples
    --------
    >>> chance([0.0, np.log(3)]).round(2).tolist()
    [0.5, 0.75]
    """
    from scipy.special import expit

    return np.asarray(expit(np.asarray(log_odds, dtype=np.float64)))


@cache
def _lexicon() -> Any:  # noqa: ANN401 - the library brings no types
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
