"""What must hold inside the plan of an experiment, and between it and the rest of the study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.errors import Problem, nearest
from journey_lib.study.durations import duration_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from journey_lib.study.definition.experiments import Experiment, Metric
    from journey_lib.study.definition.study import Study

_SOURCES = ("stage", "events", "column", "question", "numerator")
_MOST_LOOKS = 100


def metric_problems(metric: Metric, study: Study, stages: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with where a metric takes its value from.

    Parameters
    ----------
    metric : Metric
        The metric.
    study : Study
        Its other metrics and questions.
    stages : collection of str
        Stages of the journey.
    """
    where = f"[[metrics]] '{metric.id}'"
    yield from _source(where, metric, study, stages)
    yield from _ratio(where, metric, study)
    if not 0 < metric.quantile < 1:
        yield Problem(f"{where}, key 'quantile'", f"{metric.quantile:g}", "above 0, below 1")
    if metric.cap is not None and not (metric.cap == 0 or 0.5 < metric.cap < 1):
        yield Problem(f"{where}, key 'cap'", f"{metric.cap:g}", "0 for never, or above 0.5 and below 1")


def _source(where: str, metric: Metric, study: Study, stages: Collection[str]) -> Iterator[Problem]:
    given = [name for name in _SOURCES if getattr(metric, name)]
    if len(given) > 1:
        yield Problem(where, f"takes its value from {' and '.join(given)}", "one of these")
    if metric.stage:
        yield from _unknown(f"{where}, key 'stage'", "stage", metric.stage, stages)
    if metric.question:
        known = [question.id for question in study.questions]
        yield from _unknown(f"{where}, key 'question'", "question", metric.question, known)
    if metric.value and not metric.events:
        yield Problem(where, f"adds up '{metric.value}' of no event", 'events = ["order_paid"]')


def _ratio(where: str, metric: Metric, study: Study) -> Iterator[Problem]:
    if bool(metric.numerator) != bool(metric.denominator):
        yield Problem(where, "a ratio has a numerator and a denominator", "both")
    if (metric.kind == "ratio") != bool(metric.numerator):
        yield Problem(where, "kind = ratio and a numerator need each other", "both or neither")
    plain = [m.id for m in study.metrics if m.kind != "ratio"]
    for key in ("numerator", "denominator"):
        if getattr(metric, key):
            yield from _unknown(f"{where}, key '{key}'", "metric", getattr(metric, key), plain)


def plan_problems(
    trial: Experiment, study: Study, stages: Collection[str], outcomes: Collection[str]
) -> Iterator[Problem]:
    """Yield everything wrong with the plan of an experiment.

    Parameters
    ----------
    trial : Experiment
        The plan.
    study : Study
        Whose metrics it names.
    stages, outcomes : collection of str
        Stages of the journey, and whatever may be a metric: stages, metrics, questions.
    """
    where = f"[[experiments]] '{trial.id}'"
    yield from _arms(where, trial)
    yield from _metrics(where, trial, study, outcomes)
    yield from _stages(where, trial, stages)
    yield from _numbers(where, trial)
    named = [("window", trial.window), *((f"windows.{k}", v) for k, v in trial.windows.items())]
    for key, text in named:
        problem = duration_problem(text, f"{where}, key '{key}'") if text else None
        if problem:
            yield problem
    for name in trial.windows:
        if outcomes:
            yield from _unknown(f"{where}, key 'windows'", "stage or metric", name, outcomes)


def _arms(where: str, trial: Experiment) -> Iterator[Problem]:
    yield from _repeated(f"{where}, key 'arms'", "arm", trial.arms)
    if len(trial.arms) < 2:
        yield Problem(f"{where}, key 'arms'", f"{len(trial.arms)} arms", "two or more")
    yield from _unknown(f"{where}, key 'control'", "arm", trial.control, trial.arms)
    if trial.split and len(trial.split) != len(trial.arms):
        yield Problem(f"{where}, key 'split'", f"{len(trial.split)} shares for {len(trial.arms)} arms")
    elif trial.split and (min(trial.split) <= 0 or abs(sum(trial.split) - 1) > 1e-6):
        yield Problem(f"{where}, key 'split'", "shares do not add up", "positive shares that add to 1")
    if trial.start and trial.end and trial.start >= trial.end:
        yield Problem(where, f"start {trial.start} is not before end {trial.end}")


def _metrics(where: str, trial: Experiment, study: Study, outcomes: Collection[str]) -> Iterator[Problem]:
    roles = {
        "primary": trial.primary,
        "guardrails": tuple(guard.metric for guard in trial.guardrails),
        "secondary": trial.secondary,
    }
    vague = {metric.id for metric in study.metrics if metric.kind == "time"}
    seen: dict[str, str] = {}
    for role, names in roles.items():
        for name in names:
            if outcomes:
                yield from _unknown(f"{where}, key '{role}'", "stage or metric", name, outcomes)
            if name in seen:
                action = "Each metric has one role" if seen[name] != role else "Each may stand once"
                yield Problem(f"{where}, key '{role}'", f"'{name}' stands in {seen[name]} too", action=action)
            if name in vague:
                given = f"metric '{name}' has kind time; waiting times stand beside every stage anyway"
                yield Problem(f"{where}, key '{role}'", given, action="Name the stage instead")
            seen.setdefault(name, role)
    for guard in trial.guardrails:
        if not 0 <= guard.margin < 1:
            given = f"margin {guard.margin:g} of '{guard.metric}'"
            yield Problem(f"{where}, key 'guardrails'", given, "a share of the control's value, such as 0.02")


def _stages(where: str, trial: Experiment, stages: Collection[str]) -> Iterator[Problem]:
    for key in ("stages", "optional"):
        for name in getattr(trial, key):
            yield from _unknown(f"{where}, key '{key}'", "stage", name, stages)
    order = [name for name in stages if name in trial.stages]
    if trial.stages and set(order) == set(trial.stages) and list(trial.stages) != order:
        yield Problem(f"{where}, key 'stages'", "are not in the order of the journey", ", ".join(order))
    yield from _repeated(f"{where}, key 'stages'", "stage", trial.stages)


def _numbers(where: str, trial: Experiment) -> Iterator[Problem]:
    for key, number, ok, allowed in (
        ("alpha", trial.alpha, 0 < trial.alpha <= 0.5, "above 0, at most 0.5"),
        ("looks", trial.looks, 1 <= trial.looks <= _MOST_LOOKS, f"1 to {_MOST_LOOKS}"),
        ("planned_n", trial.planned_n, trial.planned_n >= 0, "0 or more"),
        ("cap", trial.cap, trial.cap == 0 or trial.cap >= trial.planned_n, "0, or at least planned_n"),
        ("mde", trial.mde, 0 <= trial.mde < 10, "a relative effect such as 0.05"),
        ("prior", trial.prior, trial.prior >= 0, "0 for a flat one, or a positive number"),
    ):
        if not ok:
            yield Problem(f"{where}, key '{key}'", f"{number:g}", allowed)
    if trial.mode in ("group_sequential", "always_valid") and not trial.planned_n:
        given = f"mode {trial.mode} without planned_n"
        yield Problem(f"{where}, key 'planned_n'", given, "how many customers were planned")


def _unknown(where: str, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(where, f"unknown {what} '{name}'", ", ".join(known), nearest(name, known))


def _repeated(where: str, what: str, names: Collection[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(n for n in names if list(names).count(n) > 1):
        yield Problem(where, f"{what} '{name}' stands twice", action="Each may stand once")
