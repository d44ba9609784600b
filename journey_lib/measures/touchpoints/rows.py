"""Rows of the result: a block is one metric over several touchpoints, channels or stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.present.vocabulary import NUMBERS
from journey_lib.stats.sums import Columns, median_ranks

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels.touchpoints import Sums, Table

Block: TypeAlias = dict[str, Any]  # columns of some rows: arrays, or one value for all of them
DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class View:
    """All customers together, or one group of them: a slice of the last axis of every count.

    Attributes
    ----------
    group : str
        "" for all together.
    at : int
        Place of the group; -1 for all together.
    size : int
        How many cells the groups make, the unknown among them.
    """

    group: str
    at: int
    size: int

    def of(self, sums: Sums, name: str) -> npt.NDArray[Any]:
        """Return a count of this view."""
        values = sums[name]
        return np.asarray(values.sum(axis=-1) if self.at < 0 else values[..., self.at])

    def cells(self, code: int) -> range:
        """Return the cells of a table that hold this view of a code."""
        first = code * self.size + max(self.at, 0)
        return range(first, first + (self.size if self.at < 0 else 1))


def views(groups: Sequence[str], sums: Sums, unknown: str) -> list[View]:
    """Return the total, every group, and those whose group is unknown where there are any."""
    size = len(groups) + 1
    found = [View("", -1, size), *(View(name, at, size) for at, name in enumerate(groups))]
    lost = bool(groups) and sums["customers"][len(groups)] > 0
    return [*found, View(unknown, len(groups), size)] if lost else found


def block(
    metric: str,
    unit: str,
    found: Columns,
    n: npt.ArrayLike,
    level: float,
    *,
    reason: Any = "nobody",  # noqa: ANN401 - one reason, or one for each row
    **keys: Any,  # noqa: ANN401
) -> Block:
    """Return one metric as columns, with a reason wherever a number or its uncertainty is missing.

    Parameters
    ----------
    metric, unit : str
        As in the table.
    found : Columns
        Estimates.
    n : array_like
        Customers each rests on.
    level : float
        Confidence level.
    reason : str or array of str
        Why an estimate is missing.
    **keys : str or array of str
        Touchpoint, stage, option and so on.
    """
    count = np.asarray(n, float)
    flat = np.where(count > 1, "no_spread", "too_few")
    doubt = np.where(np.isnan(found.ci_low), flat, "")
    return {
        "metric": metric, "unit": unit, "estimate": found.estimate, "std_error": found.std_error,
        "ci_low": found.ci_low, "ci_high": found.ci_high, "ci_level": level, "n": count,
        "note": np.where(np.isnan(found.estimate), reason, doubt), **keys,
    }  # fmt: skip


def counts(values: npt.ArrayLike) -> Columns:
    """Return plain counts, which have no interval."""
    estimate = np.asarray(values, float)
    blank = np.full(estimate.shape, np.nan)
    return Columns(estimate, blank, blank, blank)


def plain(
    metric: str,
    values: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    reason: Any = "nobody",  # noqa: ANN401
    **keys: Any,  # noqa: ANN401
) -> Block:
    """Return a count as a block; a missing interval needs no reason there."""
    made = block(metric, "count", counts(values), n, np.nan, reason=reason, **keys)
    return made | {"note": np.where(np.isnan(made["estimate"]), reason, "")}


def medians(
    table: Table, view: View, codes: int, n: npt.NDArray[Any], level: float, *, scale: float = 1
) -> Columns:
    """Return the median of each code from exact counts, with its distribution-free interval."""
    found = np.full((3, codes), np.nan)
    for code in np.flatnonzero(n):
        middle, low, high = median_ranks(int(n[code]), level)
        ranks = [middle, low, high] if low else [middle]
        found[: len(ranks), code] = table.quantiles(view.cells(int(code)), ranks) / scale
    return Columns(found[0], np.full(codes, np.nan), found[1], found[2])


def only(found: Columns, kept: npt.NDArray[np.bool_]) -> Columns:
    """Blank the estimates of what is not measured."""
    columns = (found.estimate, found.std_error, found.ci_low, found.ci_high)
    return Columns(*(np.where(kept, column, np.nan) for column in columns))


def stacked(blocks: Iterator[Block]) -> pd.DataFrame:
    """Return blocks one under another, column by column."""
    made = list(blocks)
    lengths = [len(one["estimate"]) for one in made]
    names = dict.fromkeys(name for one in made for name in one)
    columns = {}
    for name in names:
        blank = np.nan if name in NUMBERS else ""
        spread = [
            np.broadcast_to(np.asarray(one.get(name, blank), None if name in NUMBERS else object), n)
            for one, n in zip(made, lengths, strict=True)
        ]
        columns[name] = np.concatenate(spread)
    return pd.DataFrame(columns)
