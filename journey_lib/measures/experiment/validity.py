"""Is the test valid at all? Everything that makes its effects worthless, counted before they are read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from journey_lib.stats.inference import compare
from journey_lib.stats.inference.validity import sample_ratio
from journey_lib.stats.moments import moments
from journey_lib.stats.multiplicity import holm
from journey_lib.study.trials.outcomes import ANSWERED, OUT
from journey_lib.study.trials.sums import covariates_of

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Counted

FAIL, WATCH = 0.001, 0.01  # p-values of a check
DOUBLED_FAIL, DOUBLED_WATCH = 0.01, 0.001
BEFORE_FAIL, BEFORE_WATCH = 0.50, 0.02
FEW_CLUSTERS, WEEK = 40, 7
MANY_ELSEWHERE = 0.05
State = Literal["passed", "watch", "failed", "not_assessable"]


@dataclass(frozen=True)
class Fact:
    """One thing that could make the test invalid.

    Attributes
    ----------
    name : str
        What was looked at.
    state : str
        passed, watch, failed, not_assessable.
    numbers : mapping
        What was seen, for the words.
    table : DataFrame or None
        The rows behind it.
    """

    name: str
    state: State
    numbers: Mapping[str, object] = field(default_factory=dict)
    table: pd.DataFrame | None = None


def facts_of(counted: Counted) -> tuple[Fact, ...]:
    """Return everything that was looked at, in the order of the strip on the page.

    Parameters
    ----------
    counted : Counted
        What was counted.
    """
    found = [
        _ratio(counted), _monitor(counted), _by_segment(counted), _doubled(counted),
        _balance(counted), _immature(counted), _nulls(counted), _answers(counted), _before(counted),
        _elsewhere(counted), _clusters(counted), _triggered(counted), _plan(counted), _length(counted),
        _same(counted),
    ]  # fmt: skip
    return tuple(fact for fact in found if fact is not None)


def independence(table: np.ndarray) -> float:
    """Return how often chance alone makes counts depend as much on the arm; NaN where nothing can.

    Examples
    --------
    >>> independence(np.array([[50, 50], [50, 50]]))
    1.0
    """
    from scipy.special import chdtrc

    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    rows, columns = kept.shape
    if min(rows, columns) < 2:
        return math.nan
    expected = kept.sum(axis=1, keepdims=True) * kept.sum(axis=0) / kept.sum()
    statistic = float((np.square(kept - expected) / expected).sum())
    return float(chdtrc((rows - 1) * (columns - 1), statistic))


def _state(p_value: float) -> State:
    if math.isnan(p_value):
        return "not_assessable"
    return "failed" if p_value < FAIL else "watch" if p_value < WATCH else "passed"


def _ratio(counted: Counted) -> Fact:
    trial = counted.plan.trial
    told = sample_ratio(counted.sizes, trial.shares)
    numbers = {"p": float(told.p_value), "counts": counted.sizes, "expected": told.expected}
    table = pd.DataFrame({"arm": trial.arms, "n": counted.sizes, "planned": told.expected})
    return Fact("sample_ratio", _state(float(told.p_value)), numbers, table)


def _monitor(counted: Counted) -> Fact | None:
    """Judge the sizes after every day, by a p-value that may be read every day, and each day by itself."""
    by_day = counted.entered
    if len(by_day) < 2:
        return None
    shares = counted.plan.trial.shares
    ever = float(np.nanmin(sample_ratio(np.cumsum(by_day, axis=0), shares).monitor_p))
    days = sample_ratio(by_day, shares).p_value
    worst = float(np.nanmin(holm(days)))
    numbers = {"p": ever, "days": len(by_day), "worst": worst}
    return Fact("ratio_by_day", _state(min(ever, worst)), numbers)


def _by_segment(counted: Counted) -> Fact | None:
    who = counted.who
    if who is None or not who.segments:
        return None
    first = np.arange(len(who)) if who.cluster is None else np.unique(who.cluster, return_index=True)[1]
    arms = len(who.trial.arms)
    rows = []
    for rule, one in who.segments.items():
        code = one.code[first] * arms + who.arm[first]
        sizes = np.bincount(code, minlength=len(one.levels) * arms).reshape(-1, arms)
        p_values = sample_ratio(sizes, who.trial.shares).p_value
        rows += [(rule, level, *size, p) for level, size, p in zip(one.levels, sizes, p_values, strict=True)]
    table = pd.DataFrame(rows, columns=["segment", "level", *who.trial.arms, "p_value"])
    table["p_adjusted"] = holm(table["p_value"])
    worst = table.sort_values("p_adjusted", kind="stable").iloc[0]
    numbers = {"p": float(worst["p_adjusted"]), "segment": worst["segment"], "level": worst["level"]}
    return Fact("ratio_by_segment", _state(float(worst["p_adjusted"])), numbers, table)


def _doubled(counted: Counted) -> Fact | None:
    if counted.who is None:
        return None
    n, known = counted.who.numbers["doubled"], counted.who.numbers["known"]
    share = n / known if known else 0.0
    state: State = "failed" if share > DOUBLED_FAIL else "watch" if share > DOUBLED_WATCH else "passed"
    return Fact("double_assignment", state, {"n": n, "share": share})


def _balance(counted: Counted) -> Fact | None:
    """Compare what was known before between the arms."""
    who = counted.who
    if who is None:
        return None
    rows = []
    for name in covariates_of(who):
        x = who.table[name].to_numpy(float)
        cells = moments(x[np.isfinite(x)], who.arm[np.isfinite(x)], len(who.trial.arms))
        for arm in counted.plan.treatments:
            effect = compare(cells[counted.plan.control], cells[arm])
            spread = float(np.sqrt(cells.var[[counted.plan.control, arm]].mean()))
            gap = effect.estimate / spread if spread > 0 else math.nan
            rows.append((name, who.trial.arms[arm], gap, effect.p_value))
    for rule, one in who.segments.items():
        counts = np.bincount(one.code * len(who.trial.arms) + who.arm,
                             minlength=len(one.levels) * len(who.trial.arms))  # fmt: skip
        rows.append((rule, "", math.nan, independence(counts.reshape(-1, len(who.trial.arms)))))
    if not rows:
        return Fact("balance", "not_assessable")
    table = pd.DataFrame(rows, columns=["covariate", "arm", "gap", "p_value"])
    table["p_adjusted"] = holm(table["p_value"])
    worst, gap = float(table["p_adjusted"].min()), float(table["gap"].abs().max())
    return Fact("balance", _state(worst), {"p": worst, "n": len(table), "gap": gap}, table)


def _immature(counted: Counted) -> Fact | None:
    """Judge those whose window is not over: they are out of every arm alike."""
    who = counted.who
    if who is None or not counted.sums.outcomes:
        return None
    worst = max(counted.sums.outcomes.values(), key=lambda one: int(one.immature.sum()))
    late = np.bincount(who.arm[worst.immature], minlength=len(who.trial.arms))
    share = float(late.sum() / len(who))
    p_value = independence(np.stack([late, who.counts - late])) if late.sum() else 1.0
    state = _state(p_value) if p_value == p_value else "passed"
    numbers = {
        "share": share,
        "n": int(late.sum()),
        "p": p_value,
        "window": worst.window,
        "left": len(who) - int(late.sum()),
    }
    return Fact("immature", state if late.sum() < len(who) else "failed", numbers)


def _missing(counted: Counted, rule: str) -> list[tuple[str, int, float]]:
    """Return the metrics of a rule with units that have no value: how many, and whether the arms differ."""
    who = counted.who
    found = []
    for name, outcome in counted.sums.outcomes.items():
        if who is None or outcome.nulls != rule or not outcome.without.any():
            continue
        out = np.bincount(who.arm[outcome.without], minlength=len(who.trial.arms))
        kept = np.bincount(who.arm[outcome.eligible], minlength=len(who.trial.arms))
        found.append((name, int(out.sum()), independence(np.stack([out, kept]))))
    return found


def _nulls(counted: Counted) -> Fact | None:
    """Judge missing values: a unit without an event is 0, one without a number is out of the count."""
    if counted.who is None:
        return None
    found = _missing(counted, OUT)
    if not found:
        return Fact("nulls", "passed", {"n": 0, "names": ()})
    worst = min((p for _, _, p in found if p == p), default=1.0)
    numbers = {"n": sum(n for _, n, _ in found), "names": tuple(name for name, _, _ in found), "p": worst}
    return Fact("nulls", "watch" if _state(worst) == "passed" else _state(worst), numbers)


def _answers(counted: Counted) -> Fact | None:
    """Judge who answered: an effect on answers alone may be an effect on who answers."""
    found = _missing(counted, ANSWERED)
    if not found or counted.who is None:
        return None
    worst = min((p for _, _, p in found if p == p), default=1.0)
    trial = counted.plan.trial
    decides = {*trial.primary, *(guard.metric for guard in trial.guardrails)} & {name for name, _, _ in found}
    state = _state(worst)
    names = tuple(name for name, _, _ in found)
    share = 1 - max(n for _, n, _ in found) / max(len(counted.who), 1)
    shown: State = "watch" if state == "failed" and not decides else state
    return Fact("answers", shown, {"names": names, "p": worst, "share": share})


def _before(counted: Counted) -> Fact | None:
    """Judge outcomes that stood before the assignment: those cannot be its effect."""
    who, outcomes = counted.who, counted.outcomes
    if who is None or outcomes is None or outcomes.rows is None:
        return None
    stages = [name for name in counted.plan.trial.primary if name in outcomes.stages]
    if not stages:
        return None
    had = outcomes.rows.before[:, [outcomes.stages.index(name) for name in stages]].any(axis=1)
    share = float(had.mean())
    counts = np.bincount(who.arm[had], minlength=len(who.trial.arms))
    p_value = independence(np.stack([counts, who.counts - counts])) if had.any() else 1.0
    state: State = "passed"
    if share > BEFORE_FAIL or (p_value == p_value and p_value < FAIL):
        state = "failed"
    elif share > BEFORE_WATCH:
        state = "watch"
    return Fact("outcome_before", state, {"share": share, "n": int(had.sum()), "p": p_value})


def _elsewhere(counted: Counted) -> Fact | None:
    if counted.who is None:
        return None
    n = counted.who.numbers["elsewhere"]
    share = n / max(len(counted.who), 1)
    return (
        Fact("overlap", "watch" if share > MANY_ELSEWHERE else "passed", {"n": n, "share": share})
        if n
        else None
    )


def _clusters(counted: Counted) -> Fact | None:
    if not counted.sums.clustered:
        return None
    n = int(counted.sizes.sum())
    few = n < FEW_CLUSTERS or int(counted.sizes.min()) < 2
    return Fact("clusters", "watch" if few else "passed", {"n": n, "unit": counted.plan.trial.unit})


def _triggered(counted: Counted) -> Fact | None:
    from journey_lib.stats.kernels.exposure import NEVER

    who, outcomes = counted.who, counted.outcomes
    if who is None or outcomes is None or outcomes.rows is None or not who.trial.trigger:
        return None
    met = outcomes.rows.triggered != NEVER
    counts = np.bincount(who.arm[met], minlength=len(who.trial.arms))
    p_value = float(sample_ratio(counts, who.trial.shares).p_value)
    silent = [name for name, n in zip(who.trial.arms, counts, strict=True) if not n]
    numbers = {"p": p_value, "counts": counts, "share": float(met.mean()), "silent": tuple(silent)}
    return Fact("trigger", "failed" if silent else _state(p_value), numbers)


def _plan(counted: Counted) -> Fact:
    plan = counted.plan
    numbers: dict[str, object] = {
        "hash": plan.hash, "first": plan.first.plan, "day": plan.first.day, "parts": plan.overridden,
    }  # fmt: skip
    if not plan.declared:
        return Fact("plan", "watch", {**numbers, "why": "none"})
    if plan.overridden:
        return Fact("plan", "watch", {**numbers, "why": "overridden"})
    if plan.changed:
        return Fact("plan", "failed", {**numbers, "why": "changed"})
    return Fact("plan", "passed", {**numbers, "why": "kept" if plan.first.kept else "unknown"})


def _length(counted: Counted) -> Fact:
    """Judge how long it ran: less than a week sees only some days of the week."""
    days = int(counted.sums.cells["day"].max()) + 1 if len(counted.sums.cells) else 0
    numbers = {"days": days, "n": _customers(counted), "planned": counted.plan.trial.planned_n}
    return Fact("length", "watch" if days < WEEK else "passed", numbers)


def _customers(counted: Counted) -> int:
    return len(counted.who) if counted.who is not None else int(counted.sizes.sum())


def _same(counted: Counted) -> Fact | None:
    """Judge an A/A test: arms that are the same must not differ."""
    if not counted.plan.trial.aa:
        return None
    odd = [one.name for one in counted.of("primary") if one.status in ("positive", "negative")]
    return Fact("aa", "failed" if odd else "passed", {"names": tuple(odd)})


def valid(facts: Sequence[Fact]) -> bool:
    """Say whether no fact makes the effects worthless."""
    return all(fact.state != "failed" for fact in facts)
