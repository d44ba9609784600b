"""What a reader calls things: metrics, arms, segments, modes, looks, amounts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.present.wording import Inside, Message, Quantity, Says, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Counted
    from journey_lib.measures.experiment.result import ExperimentResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Study

DECIMALS = {"share": 1, "share_points": 1, "points": 1, "score": 2, "days": 1, "currency": 0}


def metric(counted: Counted, name: str) -> Says:
    """Return what a metric is called."""
    return counted.sums.outcomes[name].label


def arm(name: str) -> str:
    """Return an arm as a name, in quotes.

    Examples
    --------
    >>> arm("new")
    '“new”'
    """
    return f"“{name}”"


def inside(counted: Counted, name: str) -> Inside:
    """Return what a metric is called inside a sentence."""
    return Inside(metric(counted, name))


def mode(name: str) -> Message:
    """Return what a mode is called."""
    return {
        "fixed": message("fixed horizon"),
        "group_sequential": message("group sequential"),
        "always_valid": message("always valid"),
        "bayes": message("Bayesian"),
    }[name]


def level_of(study: Study, rule: str, level: str, *, short: bool = False) -> Says | str:
    """Return what a level of a segment is called; short where the segment stands above it."""
    if level == "unknown":
        return message("Unknown")
    column = rule.split()[0]
    kind, _, cut = level.partition(" ")
    if kind == ">=":
        words = message("at least {cut}", cut=cut)
    elif kind == "<":
        words = message("below {cut}", cut=cut)
    else:
        return study.level(column, level)
    return words if short else message("{column} {words}", column=naming.column(study, column), words=words)


def segment(study: Study, rule: str) -> Inside:
    """Return what the column of a segment is called."""
    return naming.column(study, rule.split()[0])


def amount(number: Number, *, signed: bool = False, bare: bool = False) -> Quantity:
    """Return an estimate as a page writes it."""
    return quantity(number.estimate, number.unit, signed=signed, bare=bare)


def quantity(value: float, unit: str, *, signed: bool = False, bare: bool = False) -> Quantity:
    """Return a number in a unit as a page writes it."""
    return Quantity(value, unit or "none", DECIMALS.get(unit, 2), signed=signed, bare=bare)


def percent(value: float, *, signed: bool = True) -> Quantity:
    """Return a relative change in per cent."""
    return Quantity(value, "share", 1, signed=signed)


def p_value(value: float) -> Quantity | str:
    """Return a p-value.

    Examples
    --------
    >>> p_value(0.00001)
    '< 0.001'
    """
    if math.isfinite(value) and value < 0.001:
        return "< 0.001"
    return Quantity(value, "none", 3)


def confidence(result: ExperimentResult) -> Quantity:
    """Return the confidence level of the plan."""
    return Quantity(1 - result.counted.plan.trial.alpha, "share")


def look(result: ExperimentResult) -> Message:
    """Return which look this is."""
    trial = result.counted.plan.trial
    first = result.counted.of("primary")
    now = len(first[0].looks.days) if first and first[0].looks else 1
    if trial.mode == "group_sequential":
        return message("look {k} of {all}", k=Quantity(now), all=Quantity(max(trial.looks, now)))
    if trial.mode == "always_valid":
        return message("any number of looks")
    return message("one look")
