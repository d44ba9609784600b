"""From the parameters of a run to exact definitions: which steps, in which time, split by what."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.funnel import calendar
from journey_lib.measures.funnel.limits import Reader
from journey_lib.measures.funnel.plan import Options, Plan, Step
from journey_lib.stats.kernels.funnel import By, Funnel
from journey_lib.study.engine.groups import too_many

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

UNKNOWN = "unknown"


def planned(study: Study, observed: Observed, options: Options) -> Plan:
    """Return the definitions that the parameters of a run mean.

    Raises
    ------
    ParamError
        Everything that is wrong with them, at once.
    """
    steps = named_steps(study, observed, options)
    reader = Reader(observed, steps, options)
    whole = reader.funnel()
    by, groups = split(observed, options.by, whole)
    required = [at for at, step in enumerate(steps) if not step.optional]
    pairs = tuple(pairwise(required))
    absent = tuple(dict.fromkeys(e for s in steps for e in s.events if observed.code(e) < 0))
    return Plan(steps, whole, pairs, by, groups, absent)


def named_steps(study: Study, observed: Observed, options: Options) -> tuple[Step, ...]:
    """Return the steps: those of the parameters, else the stages that say which events enter them."""
    if options.steps:
        found = [_of_events(study, observed, text) for text in options.steps]
    else:
        found = [
            Step(stage.id, stage.id, stage.label, stage.enter, stage.id, "", place, _goal(study, stage.id))
            for place, stage in enumerate(study.journey.stages)
            if stage.enter
        ]
    if not found:
        raise ParamError(
            Problem("steps", "no stage of the study says which events enter it", "`enter` of each stage",
                    action="Name the steps yourself: steps = a list of events")
        )  # fmt: skip
    return _counted([replace(step, optional=step.name in options.optional) for step in found])


def split(observed: Observed, by: str, whole: Funnel) -> tuple[By, tuple[str, ...]]:
    """Return what splits the counts and the names of its groups; the last is for those without a value."""
    if not by:
        return By(), ("",)
    made = calendar.periods(observed, by, whole.first, whole.last)
    if made is not None:
        edges, levels = made
        _few(by, len(levels), "a shorter `period`")
        return By(by, "calendar", len(levels), edges), (*levels, UNKNOWN)
    where, levels = observed.where(by), observed.levels(by)
    _few(by, len(levels), "a column with fewer values")
    if where == "columns" and observed.numeric(by):
        raise ParamError(Problem("by", f"'{by}' holds numbers", "a column of text"))
    unknown = UNKNOWN if UNKNOWN not in levels else f"{UNKNOWN} (no value)"
    return By(by, where, len(levels)), (*levels, unknown)


def _of_events(study: Study, observed: Observed, text: str) -> Step:
    """Return a step of a named event, of several joined by "|", or of a stage of the study."""
    stages = {stage.id: stage for stage in study.journey.stages}
    if text in stages and stages[text].enter and text not in observed.names:
        stage = stages[text]
        return Step(text, text, stage.label, stage.enter, text, "", list(stages).index(text))
    whole = text in observed.names or not text.replace("|", "").strip()
    events = (
        (text,) if whole else tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))
    )
    homes = [p for p in study.journey.touchpoints if set(events) & set(p.events)]
    entered = [s.id for s in study.journey.stages if set(events) & set(s.enter)]
    stage_id = entered[0] if entered else homes[0].stage if homes else ""
    place = list(stages).index(stage_id) if stage_id in stages else -1
    label = " / ".join(event.replace("_", " ") for event in events)
    return Step(text, text, label, events, stage_id, homes[0].id if homes else "", place)


def _counted(steps: list[Step]) -> tuple[Step, ...]:
    """Give repeated steps ids and labels of their own."""
    made: list[Step] = []
    for step in steps:
        before = sum(one.name == step.name for one in made)
        made.append(step if not before else replace(
            step, id=f"{step.name} ({before + 1})", label=f"{step.label} ({before + 1})"))  # fmt: skip
    return tuple(made)


def _goal(study: Study, stage: str) -> float | None:
    target = study.stage(stage).target
    return float(target.value) if target is not None and target.metric == "conversion" else None


def _few(by: str, levels: int, instead: str) -> None:
    if problems := too_many(by, levels, action=f"Choose {instead}"):
        raise ParamError(problems)
