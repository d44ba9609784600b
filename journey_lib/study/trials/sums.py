"""One grouped aggregate of an experiment, by segment, arm and day; everything else adds its cells up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.stats.inference.values import cap_of
from journey_lib.stats.moments import Comoments, comoments

if TYPE_CHECKING:
    from journey_lib.study.trials.exposed import Exposed
    from journey_lib.study.trials.outcomes import Outcome, Outcomes

VALUE, OVER, CAPPED = "value", "over", "capped"
SIZE = "size"  # customers of a cluster


@dataclass(frozen=True, eq=False)
class Sums:
    """Sizes, means and covariances of every metric, by cell.

    Attributes
    ----------
    arms : tuple of str
        Arms in the order of the plan.
    cells : DataFrame
        One row a cell: `arm`, `day`, and the level of each segment, as numbers.
    parts : mapping of str to Comoments
        By metric, of shape (cells,).
    columns : mapping of str to tuple of str
        What the numbers of each metric are: its value, then denominator, capped value and covariates.
    outcomes : mapping of str to Outcome
        The metrics; empty where only totals were given.
    who : Exposed or None
        The units, where clusters have to be counted anew for every question.
    of_row : ndarray of int
        Cell of each unit.
    """

    arms: tuple[str, ...]
    cells: pd.DataFrame
    parts: Mapping[str, Comoments]
    columns: Mapping[str, tuple[str, ...]]
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    who: Exposed | None = field(default=None, repr=False)
    of_row: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64), repr=False)
    _known: dict[str, Comoments] = field(default_factory=dict, init=False, repr=False)

    @property
    def clustered(self) -> bool:
        """Whether a unit is more than one customer, so that cells of one cluster are not independent."""
        return self.who is not None and self.who.cluster is not None

    def by_arm(self, name: str) -> Comoments:
        """Return a metric by arm."""
        if name not in self._known:
            self._known[name] = self._grouped(name, self.cells["arm"].to_numpy(), len(self.arms))
        return self._known[name]

    def by_level(self, name: str, rule: str, levels: int) -> Comoments:
        """Return a metric by level of a segment and arm: of shape (levels, arms)."""
        code = self.cells[rule].to_numpy() * len(self.arms) + self.cells["arm"].to_numpy()
        found = self._grouped(name, code, levels * len(self.arms))
        return _shaped(found, (levels, len(self.arms)))

    def until(self, name: str, days: Sequence[int]) -> Comoments:
        """Return a metric by arm of those exposed up to each of some days: of shape (days, arms)."""
        day, arm = self.cells["day"].to_numpy(), self.cells["arm"].to_numpy()
        looks = [self._grouped(name, np.where(day <= last, arm, -1), len(self.arms)) for last in days]
        return _stacked(looks)

    def of_units(self, name: str, chosen: np.ndarray) -> Comoments:
        """Return a metric by arm of some of the units, such as those who met the change."""
        assert self.who is not None  # noqa: S101 - totals have no units
        outcome, size = self.outcomes[name], len(self.arms)
        rows = np.flatnonzero(outcome.eligible & chosen)
        if self.clustered:
            return self._clusters(outcome, rows, self.who.arm[rows], size)
        return comoments(_values(outcome, self.who, rows), self.who.arm[rows], size)

    def by_day(self, name: str) -> tuple[np.ndarray, Comoments]:
        """Return the days of exposure there are, and a metric by day and arm."""
        days, number = np.unique(self.cells["day"].to_numpy(), return_inverse=True)
        code = number * len(self.arms) + self.cells["arm"].to_numpy()
        found = self._grouped(name, code, len(days) * len(self.arms))
        return days, _shaped(found, (len(days), len(self.arms)))

    def customers(self, name: str, found: Comoments) -> np.ndarray:
        """Return how many customers stand behind cells of a metric: not how many clusters."""
        at = self.place(name, SIZE)
        if at < 0:
            return found.n
        return np.where(found.n > 0, np.rint(found.n * np.nan_to_num(found.mean[..., at])), 0.0)

    def place(self, name: str, column: str) -> int:
        """Return where a number of a metric stands, -1 where it has none of the kind."""
        return self.columns[name].index(column) if column in self.columns[name] else -1

    def table(self) -> pd.DataFrame:
        """Return the cells with size, mean and variance of every metric, to compute everything again."""
        frames = []
        for name, part in self.parts.items():
            frame = self.cells.copy()
            frame["arm"] = np.array(self.arms, dtype=object)[frame["arm"].to_numpy()]
            frame.insert(0, "metric", name)
            frame["n"] = part.n
            for at, column in enumerate(self.columns[name]):
                frame[f"{column}_mean"], frame[f"{column}_var"] = part.mean[:, at], part.cov[:, at, at]
                if at:
                    frame[f"{column}_cov"] = part.cov[:, 0, at]
            frames.append(frame[frame["n"] > 0])
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def _grouped(self, name: str, code: np.ndarray, size: int) -> Comoments:
        """Return a metric by group of cells; -1 is no group."""
        if self.clustered:
            return self._by_cluster(name, code, size)
        return _added(self.parts[name], code, size)

    def _by_cluster(self, name: str, code: np.ndarray, size: int) -> Comoments:
        """Add the customers of each cluster up within each group: sums of the metric beside its size."""
        outcome = self.outcomes[name]
        rows = np.flatnonzero(outcome.eligible)
        group = code[self.of_row[rows]]
        return self._clusters(outcome, rows[group >= 0], group[group >= 0], size)

    def _clusters(self, outcome: Outcome, rows: np.ndarray, group: np.ndarray, size: int) -> Comoments:
        """Return sums by cluster and group: the metric, its denominator or the size, and the rest."""
        assert self.who is not None  # noqa: S101
        assert self.who.cluster is not None  # noqa: S101
        label = self.who.cluster[rows].astype(np.int64) * size + group
        key, own = np.unique(label, return_inverse=True)
        values = _values(outcome, self.who, rows)
        sums = np.stack([np.bincount(own, column, len(key)) for column in values.T], axis=1)
        if outcome.over is None:
            sums = np.insert(sums, 1, np.bincount(own, minlength=len(key)), axis=1)
        return comoments(sums, key % size, size)


def sums_of(who: Exposed, outcomes: Outcomes) -> Sums:
    """Add the units of an experiment up by segment, arm and day of exposure.

    Parameters
    ----------
    who : Exposed
        The units.
    outcomes : Outcomes
        Their metrics.

    Raises
    ------
    DataError
        A metric with missing values among the units that count: that is a fault of its rule.
    """
    names = list(who.segments)
    keys = [who.arm, who.day, *(who.segments[name].code for name in names)]
    sizes = [int(key.max(initial=0)) + 1 for key in keys]
    code = np.ravel_multi_index([key.astype(np.int64) for key in keys], sizes)
    found, of_row = np.unique(code, return_inverse=True)
    cells = pd.DataFrame(
        dict(zip(["arm", "day", *names], np.unravel_index(found, sizes), strict=True)), dtype=np.int64
    )
    parts, columns = {}, {}
    for name, outcome in outcomes.every.items():
        rows = np.flatnonzero(outcome.eligible)
        parts[name] = comoments(_values(outcome, who, rows), of_row[rows], len(found))
        columns[name] = _names(outcome, who, clustered=who.cluster is not None)
    return Sums(who.trial.arms, cells, parts, columns, outcomes.every, who, of_row)


def cut_of(outcome: Outcome) -> float:
    """Return the amount at which single ones are cut: a quantile of those above 0, over all arms."""
    return cap_of(outcome.value[outcome.eligible], share=outcome.cap) if outcome.cap else np.inf


def covariates_of(who: Exposed) -> tuple[str, ...]:
    """Return the covariates of the plan that the tables hold as numbers."""
    return tuple(
        name
        for name in who.trial.covariates
        if name in who.table and pd.api.types.is_numeric_dtype(who.table[name])
    )


def _values(outcome: Outcome, who: Exposed, rows: np.ndarray) -> np.ndarray:
    value = outcome.value[rows]
    columns = [value]
    if outcome.over is not None:
        columns.append(outcome.over[rows])
    if outcome.cap:
        columns.append(np.minimum(value, cut_of(outcome)))
    for name in covariates_of(who):
        x = who.table[name].to_numpy(float)[rows]
        known = np.isfinite(x)
        # Who has no value gets the mean of both arms, which pulls neither of them.
        columns.append(np.where(known, x, x[known].mean() if known.any() else 0.0))
    return np.stack(columns, axis=1)


def _names(outcome: Outcome, who: Exposed, *, clustered: bool) -> tuple[str, ...]:
    below = (OVER,) if outcome.over is not None else (SIZE,) if clustered else ()
    return (VALUE, *below, *((CAPPED,) if outcome.cap else ()), *covariates_of(who))


def _added(part: Comoments, code: np.ndarray, size: int) -> Comoments:
    """Add cells up by group, without a loop over either; -1 is no group."""
    kept = np.flatnonzero((code >= 0) & (part.n > 0))
    group, n, mean, products = code[kept], part.n[kept], part.mean[kept], part.products[kept]
    k = mean.shape[1]
    every = np.bincount(group, n, size).astype(float)
    total = np.stack([np.bincount(group, n * mean[:, at], size) for at in range(k)], axis=1)
    centre = total / np.maximum(every, 1)[:, None]
    gap = mean - centre[group]
    about = np.empty((size, k, k))
    for one in range(k):
        for other in range(one, k):
            moved = products[:, one, other] + n * gap[:, one] * gap[:, other]
            about[:, one, other] = about[:, other, one] = np.bincount(group, moved, size)
    cov = np.divide(about, (every - 1)[:, None, None], out=np.full_like(about, np.nan),
                    where=(every > 1)[:, None, None])  # fmt: skip
    return Comoments(every, np.where(every[:, None] > 0, centre, np.nan), cov)


def _stacked(found: Sequence[Comoments]) -> Comoments:
    parts = ([getattr(one, name) for one in found] for name in ("n", "mean", "cov"))
    return Comoments(*(np.stack(part) for part in parts))


def _shaped(found: Comoments, shape: tuple[int, ...]) -> Comoments:
    k = found.mean.shape[-1]
    return Comoments(found.n.reshape(shape), found.mean.reshape(*shape, k), found.cov.reshape(*shape, k, k))
