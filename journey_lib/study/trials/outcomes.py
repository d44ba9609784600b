"""What is compared: for each metric of a plan the value of each unit, and who cannot have one yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.stats.kernels.exposure import NEVER, Exposure, Total, UnitRows
from journey_lib.stats.kernels.hashed import hashes
from journey_lib.study.definition import Metric, Text
from journey_lib.study.durations import microseconds
from journey_lib.study.trials.answers import answered

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Experiment, Study
    from journey_lib.study.engine import Observed
    from journey_lib.study.trials.exposed import Exposed

CAP = 0.999  # of the amounts above 0, unless the metric says otherwise
UNITS = {"share": "share", "money": "currency", "nps": "points"}
ZERO, OUT, ANSWERED = "zero", "out", "answered"  # what a unit without a value is: 0, or not counted


@dataclass(frozen=True, eq=False)
class Outcome:
    """One metric of each unit.

    Attributes
    ----------
    name : str
        Id of the stage, metric or question.
    label : Text
        What a page calls it.
    kind : str
        share, count, mean, money, ratio, quantile or nps.
    better : bool
        Whether more is better.
    value : ndarray of float
        Of each unit; NaN where the unit is out of the count.
    over : ndarray of float or None
        Denominator of each unit: of a ratio, or the weight of an answer.
    unit : str
        Unit of its estimate.
    stage : str
        Stage it belongs to, "" for none.
    window : int
        Microseconds from exposure; 0 for as long as each unit was observed.
    immature : ndarray of bool
        Units out because their window is not over.
    nulls : str
        What a unit without a value is: "zero", "out" of the count, or "answered" only.
    quantile, cap : float
        Share of units below a quantile; quantile at which single amounts are cut, 0 for never.
    """

    name: str
    label: Text
    kind: str
    better: bool
    value: np.ndarray
    over: np.ndarray | None
    unit: str
    stage: str
    window: int
    immature: np.ndarray
    nulls: str = ZERO
    quantile: float = 0.5
    cap: float = 0.0

    @property
    def eligible(self) -> np.ndarray:
        """Units that count."""
        known = np.isfinite(self.value)
        return np.asarray(known if self.over is None else known & np.isfinite(self.over))

    @property
    def binary(self) -> bool:
        """Whether each unit is 0 or 1."""
        return self.kind == "share" and self.over is None

    @property
    def without(self) -> np.ndarray:
        """Units whose window is over and that have no value all the same."""
        return np.asarray(~self.immature & ~self.eligible)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Everything that is compared, and the visits behind it.

    Attributes
    ----------
    every : mapping of str to Outcome
        By name: metrics of the plan, then the other stages.
    stages : tuple of str
        Stages passed in order after exposure.
    rows : UnitRows or None
        Visits and sums of each unit; None without events.
    horizon : int
        Microseconds from exposure to which everything is followed; 0 for as long as observed.
    """

    every: Mapping[str, Outcome]
    stages: tuple[str, ...] = ()
    rows: UnitRows | None = field(default=None, repr=False)
    horizon: int = 0


def outcomes_of(study: Study, data: Data, who: Exposed, observed: Observed | None) -> Outcomes:
    """Return the value of each unit for every metric of a plan.

    Parameters
    ----------
    study, data : Study, Data
        Stages, metrics, answers.
    who : Exposed
        The units.
    observed : Observed or None
        Whose events count; None for a study without events.

    Raises
    ------
    DataError
        A metric without a source, an event or a column that is not there, all at once.
    """
    return _Reader(study, data, who, observed).read()


def chain(study: Study, trial: Experiment) -> tuple[str, ...]:
    """Return the stages that are passed in order after exposure.

    They are those of the plan; else all from the first one the plan names to the last of the journey.
    """
    order = [stage.id for stage in study.journey.stages]
    metrics = {metric.id: metric for metric in study.metrics}
    named = {name for name in trial.named if name in order}
    named |= {metrics[name].stage for name in trial.named if name in metrics and metrics[name].stage}
    if trial.stages:
        return tuple(name for name in order if name in {*trial.stages, *named})
    first = min((order.index(name) for name in named), default=0)
    return tuple(order[first:])


class _Reader:
    """Reads the metrics of one plan."""

    def __init__(self, study: Study, data: Data, who: Exposed, observed: Observed | None) -> None:
        self.study, self.data, self.who, self.observed = study, data, who, observed
        self.trial = who.trial
        self.problems: list[Problem] = []
        self.stages = chain(study, self.trial) if observed else ()
        self.horizon = microseconds(self.trial.window, "window") if self.trial.window else 0

    def read(self) -> Outcomes:
        metrics = {name: self._metric(name) for name in self._wanted()}
        totals = {name: self._total(metric) for name, metric in metrics.items() if metric.events}
        if self.problems:
            raise DataError(self.problems)
        rows = self._rows(tuple(totals.values()))
        every = {
            name: self._outcome(metric, rows, list(totals))
            for name, metric in metrics.items()
            if metric.kind != "ratio"
        }
        if self.problems:
            raise DataError(self.problems)
        every |= {n: self._ratio(m, every) for n, m in metrics.items() if m.kind == "ratio"}
        kept = [*self.trial.named, *(stage for stage in self.stages if stage not in self.trial.named)]
        return Outcomes({name: every[name] for name in kept}, self.stages, rows, self.horizon)

    def _wanted(self) -> list[str]:
        """Return every metric that has to be read: named ones, their parts, and the stages of the chain."""
        known = {metric.id: metric for metric in self.study.metrics}
        names = [*self.trial.named, *self.stages]
        parts = [(known[n].numerator, known[n].denominator) for n in names if n in known]
        return list(dict.fromkeys([*names, *(name for pair in parts for name in pair if name)]))

    def _metric(self, name: str) -> Metric:
        """Return a stage, metric or question as a metric that says where its value comes from."""
        stage = next((s for s in self.study.journey.stages if s.id == name), None)
        if stage is not None:
            found = Metric(id=name, kind="share", label=stage.label, stage=name)
        elif any(q.id == name for q in self.study.questions):
            item = self.study.item(name)
            better = item.direction != "lower_is_better"
            kind = "nps" if item.kind == "nps" else "mean"
            found = Metric(id=name, kind=kind, label=item.label, question=name, higher_is_better=better)
        else:
            found = self.study.metric(name)
        if not found.defined:
            action = "Give it a stage, events, a column, a question, or numerator and denominator"
            self.problems.append(
                Problem(f"[[metrics]] '{name}'", "does not say where its value comes from", action=action)
            )
        if found.stage and not self.observed:
            self.problems.append(Problem(f"'{name}'", "is a stage, and this study has no events"))
        return found

    def _window(self, metric: Metric) -> int:
        """Return how long after exposure a metric counts; a stage's own window hangs on the stage before."""
        own = self.trial.windows.get(metric.id, "")
        return microseconds(own, "windows") if own and not metric.stage else self.horizon

    def _total(self, metric: Metric) -> Total:
        if self.observed is None:
            self.problems.append(Problem(f"[[metrics]] '{metric.id}'", "counts events, and there are none"))
            return Total(())
        codes = tuple(code for name in metric.events if (code := self.observed.code(name)) >= 0)
        if not codes:
            where, names = f"[[metrics]] '{metric.id}', key 'events'", self.observed.names
            given = f"no event '{metric.events[0]}' in the log"
            self.problems.append(Problem(where, given, nearest=nearest(metric.events[0], names)))
        if metric.value and metric.value not in self.observed.log.columns():
            where, names = f"[[metrics]] '{metric.id}', key 'value'", tuple(self.observed.log.columns())
            given = f"no column '{metric.value}' of the events"
            self.problems.append(Problem(where, given, nearest=nearest(metric.value, names)))
        return Total(codes, metric.value, self._window(metric))

    def _rows(self, totals: tuple[Total, ...]) -> UnitRows | None:
        """Run the kernel once over the log."""
        if self.observed is None:
            return None
        order = np.argsort(hashes(self.who.ids), kind="stable")
        enter = {stage.id: stage.enter for stage in self.study.journey.stages}
        own = [self.trial.windows.get(name, "") for name in self.stages]
        kernel = Exposure(
            hashes(self.who.ids)[order], self.who.at[order], len(self.observed.names),
            tuple(self._codes(enter[name]) for name in self.stages),
            tuple(name not in self.trial.optional for name in self.stages),
            tuple(microseconds(text, "windows") if text else 0 for text in own), self.horizon, totals,
            self._codes(self.trial.trigger),
        )  # fmt: skip
        settled = self.observed.run(kernel).settled(self.observed.end - self.who.at[order])
        back = np.argsort(order, kind="stable")
        return UnitRows(*(column[back] for column in vars(settled).values()))

    def _codes(self, events: tuple[str, ...]) -> tuple[int, ...]:
        codes = [self.observed.code(name) for name in events] if self.observed else []
        return tuple(code for code in codes if code >= 0)

    def _outcome(self, metric: Metric, rows: UnitRows | None, totals: list[str]) -> Outcome:
        window = self._window(metric)
        immature = np.zeros(len(self.who), dtype=bool)
        if rows is not None and window:
            immature = rows.followed < window
        over, nulls = None, ZERO
        if metric.question:
            value, over = answered(self.study, self.data, self.who, metric, window)
            nulls = ANSWERED
        elif metric.stage and rows is not None:
            value = (rows.reached[:, self.stages.index(metric.stage)] != NEVER).astype(float)
        elif metric.events and rows is not None:
            value = rows.totals[:, totals.index(metric.id)]
            value = (value > 0).astype(float) if metric.kind == "share" else value
        else:
            value, nulls = self._column(metric), OUT
        value = np.where(immature, np.nan, value)
        return Outcome(
            metric.id, metric.label, metric.kind, metric.higher_is_better, value, over,
            UNITS.get(metric.kind, "score"), metric.stage, window, immature, nulls, metric.quantile,
            CAP if metric.cap is None and metric.kind == "money" else metric.cap or 0.0,
        )  # fmt: skip

    def _column(self, metric: Metric) -> np.ndarray:
        table = self.who.table
        if metric.column not in table:
            where = f"[[metrics]] '{metric.id}', key 'column'"
            given = f"no column '{metric.column}' in the assignments or the customers"
            names = [str(name) for name in table]
            self.problems.append(Problem(where, given, nearest=nearest(metric.column, names)))
            return np.full(len(table), np.nan)
        try:
            value = table[metric.column].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            where, action = (
                f"[[metrics]] '{metric.id}', key 'column'",
                "List it under `numbers` of its source",
            )
            self.problems.append(Problem(where, f"'{metric.column}' holds text", "numbers", action=action))
            return np.full(len(table), np.nan)
        wrong = int(((value != 0) & (value != 1) & np.isfinite(value)).sum())
        if metric.kind == "share" and wrong:
            where = f"[[metrics]] '{metric.id}', key 'column'"
            self.problems.append(
                Problem(where, f"{wrong:,} values are neither 0 nor 1", "a share, or kind mean")
            )
        return value

    @staticmethod
    def _ratio(metric: Metric, every: Mapping[str, Outcome]) -> Outcome:
        above, below = every[metric.numerator], every[metric.denominator]
        immature = above.immature | below.immature
        value = np.where(immature, np.nan, above.value)
        return Outcome(
            metric.id, metric.label, "ratio", metric.higher_is_better, value, below.value, "score",
            above.stage, max(above.window, below.window), immature, above.nulls,
        )  # fmt: skip
