"""The groups of one analysis: prepared columns, criteria, the fit, its stability, and the typing tool."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.stats.clusters.blrt import Ratio, likelihood_ratio
from journey_lib.stats.clusters.centres import kmeans, mixture
from journey_lib.stats.clusters.choose import Criteria, criteria
from journey_lib.stats.clusters.latent import ROUGH, latent
from journey_lib.stats.clusters.prototypes import prototypes
from journey_lib.stats.clusters.shares import nmf, of_rows
from journey_lib.stats.clusters.stability import Stability, stability
from journey_lib.stats.clusters.table import Fit, Fitter, Mixed, Scale, Spread, mixed, scale_of, spread
from journey_lib.stats.clusters.typing_tool import Judged, build

if TYPE_CHECKING:
    from journey_lib.study.clustering.columns import Whom

METHODS: Final = ("kmeans", "mixture", "prototypes", "latent", "nmf", "rfm")
STARTS: Final = {"kmeans": 10, "mixture": 5, "prototypes": 10, "latent": 50, "nmf": 5}
LEAST, LEAST_SHARE = 30, 0.02  # people a segment needs: the larger of both
LEVELS, CUTS = 30, 4  # categories a column may have; pieces a number is cut into for latent classes
_STEPS: Final = 12  # different whole numbers up to which a number is a category by itself


@dataclass(frozen=True)
class Plan:
    """How groups are looked for; the arguments of `segments`."""

    method: str
    k: int = 0
    starts: int = 0
    draws: int = 100
    threshold: float = 0.6
    ratio_test: bool = False
    earlier: str = ""
    seed: int = 1
    level: float = 0.95

    @property
    def tries(self) -> int:
        """Beginnings of the final search."""
        return self.starts or STARTS.get(self.method, 1)


@dataclass(frozen=True, eq=False)
class Coding:
    """How columns become a table to group; kept, so that later rows are coded alike."""

    method: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    cuts: dict[str, np.ndarray]
    scale: Scale | None = None

    def table(self, frame: pd.DataFrame, weights: np.ndarray) -> Mixed:
        """Return rows as a table; an answer never seen before counts as missing."""
        numeric = frame[list(self.numbers)].to_numpy(float) if self.numbers else None
        codes = (
            np.stack([self._codes(frame[name], name) for name in self.words], axis=1) if self.words else None
        )
        made = mixed(numeric, codes, [len(self.levels[name]) for name in self.words], weights)
        if self.method == "nmf":
            return Mixed(of_rows(made), made.codes, (), made.weights)
        return made if self.scale is None else self.scale.scaled(made)

    def complete(self, frame: pd.DataFrame) -> np.ndarray:
        """Say which rows the method can take."""
        known = frame[[*self.numbers, *self.words]].notna().to_numpy()
        if self.method in ("prototypes", "latent"):
            return np.asarray(known.any(axis=1))
        whole = known.all(axis=1)
        if self.method == "nmf":
            whole &= np.nan_to_num(frame[list(self.numbers)].to_numpy(float)).sum(axis=1) > 0
        return np.asarray(whole)

    def _codes(self, values: pd.Series, name: str) -> np.ndarray:
        if name in self.cuts:
            at = np.searchsorted(self.cuts[name], values.to_numpy(float), side="left")
            return np.where(values.isna(), -1, at)
        place = {word: at for at, word in enumerate(self.levels[name])}
        return _words(values).map(place).to_numpy(dtype=float, na_value=-1.0).astype(np.intp)


@dataclass(frozen=True, eq=False)
class Fitted:
    """The groups and everything known about them.

    Attributes
    ----------
    whom : Whom
    plan : Plan
    coding : Coding
    told : Spread
        Columns without a value, constant ones, and pairs that say the same.
    active : tuple of str
        Columns that built the groups, constant ones left out.
    kept : ndarray of int
        Rows of `whom` that were grouped.
    table : Mixed
        What was grouped.
    criteria : Criteria or None
        None for the rules of RFM.
    fit : Fit or None
        None where there are no groups, or rules made them.
    labels : ndarray of int
        The group of each row of `kept`, -1 where there is none.
    stability : Stability or None
    ratio : Ratio or None
    """

    whom: Whom
    plan: Plan
    coding: Coding
    told: Spread
    active: tuple[str, ...]
    kept: np.ndarray
    table: Mixed
    criteria: Criteria | None
    fit: Fit | None
    labels: np.ndarray
    stability: Stability | None = None
    ratio: Ratio | None = None
    all_columns: tuple[str, ...] = field(default=())

    @property
    def k(self) -> int:
        """How many groups there are; 0 for none."""
        return int(self.labels.max(initial=-1)) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the segments."""
        return tuple(str(at + 1) for at in range(self.k))

    @property
    def verdict(self) -> str:
        """Whether there are groups: "clear", "unsure" or "none"; "rule" where rules made them."""
        return "rule" if self.criteria is None else self.criteria.verdict

    @property
    def dropped(self) -> tuple[str, ...]:
        """Columns that are the same for everybody."""
        return tuple(self.all_columns[at] for at in self.told.constant)

    @property
    def sizes(self) -> np.ndarray:
        """People in each group."""
        return np.bincount(self.labels[self.labels >= 0], minlength=self.k)

    @property
    def least(self) -> float:
        """People a segment needs."""
        return max(LEAST, LEAST_SHARE * len(self.kept))

    @cached_property
    def judged(self) -> tuple[str, Judged] | None:
        """The typing tool as JSON and how good it is; None where there is nothing to tell apart."""
        inside = self.labels >= 0
        if (np.bincount(self.labels[inside], minlength=1) >= 5).sum() < 2:
            return None
        frame = self.whom.frame.iloc[self.kept][list(self.active)]
        return build(frame, self.labels, self.names, self.plan.seed, threshold=self.plan.threshold)


def fitted(whom: Whom, plan: Plan) -> Fitted:
    """Look for groups, and doubt them.

    Raises
    ------
    DataError
        Columns without a value, all constant, infinite numbers; nobody with all values.
    ParamError
        A column the method cannot use.
    """
    if plan.method == "rfm":
        return _by_rule(whom, plan)
    coding, told, active = _coding(whom, plan.method)
    kept = np.flatnonzero(coding.complete(whom.frame))
    if not len(kept):
        action = 'Name columns that people have, or use method "prototypes"'
        raise DataError(Problem("columns", "no row has a value in every column", action=action))
    frame, weights = whom.frame.iloc[kept], whom.weights[kept]
    table = coding.table(frame, weights)
    if plan.method in ("kmeans", "mixture", "prototypes") and coding.numbers:
        coding = Coding(**{**vars(coding), "scale": scale_of(table)})
        table = coding.table(frame, weights)
    return _grouped(whom, plan, coding, told, active, kept, table)


def _grouped(
    whom: Whom,
    plan: Plan,
    coding: Coding,
    told: Spread,
    active: tuple[str, ...],
    kept: np.ndarray,
    table: Mixed,
) -> Fitted:
    quick = partial(latent, starts=2, close=ROUGH) if plan.method == "latent" else fitter(plan.method, 3)
    asked = criteria(table, plan.method, quick, plan.seed)
    k = plan.k or (asked.k if asked.verdict != "none" else 1)
    bare = Fitted(
        whom, plan, coding, told, active, kept, table, asked, None, np.full(len(kept), -1),
        all_columns=whom.active,
    )  # fmt: skip
    if k < 2:
        return bare
    fit = fitter(plan.method, plan.tries)(table, k, plan.seed)
    labels = closed(fit.labels)
    found = int(labels.max()) + 1
    sure = stability(table, labels, found, quick, plan.seed, draws=plan.draws)
    wanted = plan.ratio_test and plan.method == "latent"
    ratio = likelihood_ratio(table, k, plan.seed) if wanted else None
    return Fitted(**{**vars(bare), "fit": fit, "labels": labels, "stability": sure, "ratio": ratio})


def closed(labels: np.ndarray) -> np.ndarray:
    """Return labels without a gap: a group that holds nobody has no number."""
    found: np.ndarray = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    return found


def fitter(method: str, starts: int) -> Fitter:
    """Return a method with its number of starts."""
    made: dict[str, Fitter] = {
        "kmeans": partial(kmeans, starts=starts),
        "mixture": partial(mixture, starts=max(starts // 2, 1)),
        "prototypes": partial(prototypes, starts=starts),
        "latent": partial(latent, starts=starts),
        "nmf": partial(nmf, starts=starts),
    }
    return made[method]


def _by_rule(whom: Whom, plan: Plan) -> Fitted:
    """Divide buyers by recency and frequency: each at or above the middle of the scores reached, or below."""
    scores = whom.frame[["recency_score", "frequency_score"]].to_numpy(float)
    kept = np.flatnonzero(~np.isnan(scores).any(axis=1))
    if not len(kept):
        raise DataError(Problem("segments", "nobody bought", action="Add [sources.orders] with purchases"))
    high = scores[kept] > (1 + np.nanmax(scores[kept], axis=0)) / 2
    labels = closed(3 - 2 * high[:, 0] - high[:, 1])
    table = mixed(whom.frame.iloc[kept][list(whom.active)].to_numpy(float), weights=whom.weights[kept])
    coding = Coding("rfm", whom.active, (), {}, {})
    return Fitted(
        whom, plan, coding, spread(table), whom.active, kept, table, None, None, labels,
        all_columns=whom.active,
    )  # fmt: skip


def _coding(whom: Whom, method: str) -> tuple[Coding, Spread, tuple[str, ...]]:
    """Say how each column is read, after leaving out those that are the same for everybody."""
    frame, names = whom.frame, whom.active
    numeric = [name for name in names if _is_number(frame[name])]
    words = [name for name in names if name not in numeric]
    _refuse(frame, method, numeric, words)
    raw = mixed(
        frame[numeric].to_numpy(float) if numeric else None,
        np.stack([pd.factorize(frame[name])[0] for name in words], axis=1) if words else None,
    )
    told = _placed(spread(raw), [*numeric, *words], names)
    _refuse_empty(told, names)
    active = tuple(name for at, name in enumerate(names) if at not in told.constant)
    numeric, words = [n for n in numeric if n in active], [n for n in words if n in active]
    cuts: dict[str, np.ndarray] = {}
    if method == "latent":
        cuts = {n: _quarters(frame[n]) for n in numeric if frame[n].nunique() > _STEPS}
        words, numeric = list(active), []
    levels = {
        name: tuple(map(str, range(len(cuts[name]) + 1))) if name in cuts else _levels(frame[name])
        for name in words
    }
    return Coding(method, tuple(numeric), tuple(words), levels, cuts), told, active


def _refuse(frame: pd.DataFrame, method: str, numeric: list[str], words: list[str]) -> None:
    problems = []
    if method in ("kmeans", "mixture", "nmf"):
        problems = [Problem(n, "holds words", f'numbers, for method "{method}"',
                            action='Use "prototypes" or "latent"') for n in words]  # fmt: skip
    for name in words:
        if frame[name].nunique() > LEVELS:
            problems.append(Problem(name, f"has {frame[name].nunique()} categories", f"at most {LEVELS}"))
    for name in numeric:
        infinite = int(np.isinf(frame[name].to_numpy(float)).sum())
        if infinite:
            problems.append(Problem(name, f"{infinite} rows are infinite", "finite numbers"))
    if problems:
        raise (
            ParamError(problems) if method in ("kmeans", "mixture", "nmf") and words else DataError(problems)
        )


def _placed(found: Spread, order: list[str], names: tuple[str, ...]) -> Spread:
    """Give places in the order of the columns asked for."""
    at = [names.index(name) for name in order]
    pairs = tuple((at[i], at[j], r) for i, j, r in found.same)
    return Spread(tuple(at[i] for i in found.empty), tuple(at[i] for i in found.constant), pairs)


def _refuse_empty(told: Spread, names: tuple[str, ...]) -> None:
    if told.empty:
        raise DataError(
            [Problem(names[at], "has no value at all", action="Leave it out") for at in told.empty]
        )
    if len(told.constant) == len(names):
        raise DataError(
            Problem("columns", "all columns are the same for everybody", "columns on which people differ")
        )


def _is_number(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values))


def _words(values: pd.Series) -> pd.Series:
    if _is_number(values):
        return (
            values.map(lambda value: f"{value:.15g}", na_action="ignore").astype("str").where(values.notna())
        )
    return values.astype("str").where(values.notna())


def _levels(values: pd.Series) -> tuple[str, ...]:
    if _is_number(values):
        return tuple(f"{value:.15g}" for value in np.unique(values.dropna().to_numpy(float)))
    return tuple(sorted(_words(values).dropna().unique()))


def _quarters(values: pd.Series) -> np.ndarray:
    return np.unique(np.quantile(values.dropna().to_numpy(float), np.arange(1, CUTS) / CUTS))
