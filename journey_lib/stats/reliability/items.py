"""Answers to the items of one scale, read and turned the same way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import DataError, Problem, chosen
from journey_lib.stats.inputs import FloatArray, Inputs

Missing = Literal["listwise", "pairwise"]
MISSING = ("listwise", "pairwise")


@dataclass(frozen=True, eq=False)
class Items:
    """Answers that can be compared.

    Attributes
    ----------
    answers : ndarray, rows × items
        Reverse-keyed items have the other sign; constant items are gone.
    weights : ndarray
        Of the rows.
    names, constant : tuple of str
        Items kept, and items left out because everybody gave the same answer.
    reverse : tuple of bool
        Which of the items kept are turned.
    """

    answers: FloatArray
    weights: FloatArray
    names: tuple[str, ...]
    constant: tuple[str, ...]
    reverse: tuple[bool, ...]

    @property
    def n(self) -> int:
        """How many rows answer at least one item."""
        return len(self.answers)

    @property
    def n_effective(self) -> float:
        """Kish's effective size of the rows."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    def covariance(self) -> FloatArray:
        """Return the weighted covariances, each of the rows that answer both items."""
        known = ~np.isnan(self.answers)
        filled = np.where(known, self.answers, 0.0)
        if known.all():
            centred = self.answers - np.average(self.answers, axis=0, weights=self.weights)
            whole: FloatArray = (centred * self.weights[:, None]).T @ centred / self.weights.sum()
            return whole
        weighted = known * self.weights[:, None]
        total = weighted.T @ known
        sums = (filled * weighted).T @ known  # of the first item over rows with both
        products = (filled * weighted).T @ filled
        found: FloatArray = products / total - (sums / total) * (sums / total).T
        return found

    def without(self, place: int) -> Items:
        """Return the items without one of them."""
        rest = [at for at in range(len(self.names)) if at != place]
        return Items(
            self.answers[:, rest], self.weights, tuple(self.names[at] for at in rest), self.constant,
            tuple(self.reverse[at] for at in rest),
        )  # fmt: skip


def read_items(
    items: npt.ArrayLike | pd.DataFrame,
    weights: npt.ArrayLike | None = None,
    *,
    reverse: Sequence[bool] | None = None,
    missing: Missing = "listwise",
    names: Sequence[str] = (),
) -> Items:
    """Read answers; rows with weight 0, or without the answers that `missing` asks for, are left out.

    Raises
    ------
    DataError
        Text, infinities, negative weights, fewer than two items that differ, fewer than three rows.
    ParamError
        An unknown rule for missing answers.
    """
    chosen("missing", missing, MISSING)
    found = np.asarray(items, dtype=object if isinstance(items, pd.DataFrame) else None)
    if found.ndim != 2 or found.shape[1] < 2:
        raise DataError(Problem("items", f"has shape {found.shape}", "rows × items, at least two items"))
    given = Inputs(found.shape[0])
    labels = _labels(items, names, found.shape[1])
    answers = np.column_stack([given.numbers(found[:, at], name) for at, name in enumerate(labels)])
    weighting = given.weights(weights)
    given.raise_all()
    turned = np.zeros(len(labels), bool) if reverse is None else np.asarray(reverse, bool)
    if turned.shape != (len(labels),):
        raise DataError(Problem("reverse", f"{turned.size} values", f"one for each of {len(labels)} items"))
    empty = np.isnan(answers)
    kept = ~(empty.any(axis=1) if missing == "listwise" else empty.all(axis=1)) & (weighting > 0)
    if kept.sum() < 3:
        raise DataError(Problem("items", f"{int(kept.sum())} rows have the answers needed", "at least 3"))
    return _varied(answers[kept] * np.where(turned, -1.0, 1.0), weighting[kept], labels, turned)


def _labels(items: object, names: Sequence[str], count: int) -> tuple[str, ...]:
    if names:
        return tuple(map(str, names))
    if isinstance(items, pd.DataFrame):
        return tuple(map(str, items.columns))
    return tuple(f"item {at + 1}" for at in range(count))


def _varied(answers: FloatArray, weights: FloatArray, names: tuple[str, ...], turned: np.ndarray) -> Items:
    spread = np.array(
        [np.ptp(column[~np.isnan(column)]) if (~np.isnan(column)).any() else 0 for column in answers.T]
    )
    kept = spread > 0
    constant = tuple(name for name, varied in zip(names, kept, strict=True) if not varied)
    if kept.sum() < 2:
        given = f"{int(kept.sum())} of {len(names)} items have different answers"
        raise DataError(Problem("items", given, "at least two"))
    return Items(
        answers[:, kept], weights, tuple(name for name in names if name not in constant), constant,
        tuple(map(bool, turned[kept])),
    )  # fmt: skip
