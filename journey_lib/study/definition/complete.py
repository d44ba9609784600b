"""Fills in what a checked study leaves to presets, defaults and touchpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.study.definition.parts import Stage, Text
from journey_lib.study.definition.scales import DEFAULT_SCALE, DIRECTIONS, MANY_COLUMNS, scored
from journey_lib.study.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition.parts import Journey, Question
    from journey_lib.study.definition.study import Study
    from journey_lib.study.definition.themes import Theme


def complete(study: Study) -> Study:
    """Return the study with its full list of stages and with complete questions and labels."""
    points = {point.id: point.stage for point in study.journey.touchpoints}
    return study.model_copy(
        update={
            "journey": _journey(study.journey),
            "questions": tuple(_question(question, points) for question in _keyed(study.questions)),
            "themes": tuple(_theme(theme, study.journey, points) for theme in study.themes),
            "metrics": tuple(m.model_copy(update={"label": _label(m.label, m.id)}) for m in study.metrics),
            "experiments": tuple(
                e.model_copy(update={"label": _label(e.label, e.id)}) for e in study.experiments
            ),
        }
    )


def _journey(journey: Journey) -> Journey:
    own = {stage.id: stage for stage in journey.stages}
    preset = [Stage(id=name, label=Text(en=en, ko=ko)) for name, en, ko in PRESETS.get(journey.preset, ())]
    stages = [_merged(stage, own.get(stage.id)) for stage in preset] or [_named(s) for s in journey.stages]
    points = [t.model_copy(update={"label": _label(t.label, t.id)}) for t in journey.touchpoints]
    return journey.model_copy(update={"stages": tuple(stages), "touchpoints": tuple(points)})


def _merged(preset: Stage, own: Stage | None) -> Stage:
    if own is None:
        return preset
    label = Text(en=own.label.en or preset.label.en, ko=own.label.ko or preset.label.ko)
    return own.model_copy(update={"label": label})


def _named(stage: Stage) -> Stage:
    return stage.model_copy(update={"label": _label(stage.label, stage.id)})


def _keyed(questions: tuple[Question, ...]) -> Iterator[Question]:
    """Mark the even items of a SUS as worded negatively, as published."""
    even = {
        item.id for (kind, _), items in scored(questions).items() if kind == "sus" for item in items[1::2]
    }
    for question in questions:
        yield question.model_copy(update={"reverse": True}) if question.id in even else question


def _question(question: Question, points: dict[str, str]) -> Question:
    many = question.kind in MANY_COLUMNS
    return question.model_copy(
        update={
            "column": "" if many else question.column or question.id,
            "stage": points.get(question.touchpoint, question.stage),
            "scale": question.scale or DEFAULT_SCALE.get(question.kind),
            "direction": DIRECTIONS.get(question.direction, "higher_is_better"),
            "label": _label(question.label, question.id),
            "options": {o: _label(question.options.get(o, Text()), o) for o in question.columns},
        }
    )


def _theme(theme: Theme, journey: Journey, points: dict[str, str]) -> Theme:
    named = {point.id: point.label for point in journey.touchpoints}
    label = theme.label or named.get(theme.touchpoint) or _label(Text(), theme.touchpoint or theme.id)
    return theme.model_copy(update={"stage": points.get(theme.touchpoint, theme.stage), "label": label})


def _label(label: Text, name: str) -> Text:
    return label or Text(en=name.replace("_", " ").capitalize())
