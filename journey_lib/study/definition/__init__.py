"""The study file: its parts, its rules, and the way from TOML to a frozen `Study`."""

from journey_lib.study.definition.calendars import Holiday, Region
from journey_lib.study.definition.columns import Column
from journey_lib.study.definition.experiments import Experiment, Guardrail, Metric
from journey_lib.study.definition.parts import (
    LANGUAGES,
    REASONS,
    DesignPlan,
    Journey,
    Question,
    ScaleName,
    Stage,
    Target,
    Text,
    Thresholds,
    Touchpoint,
    WeightsPlan,
    Window,
)
from journey_lib.study.definition.read import read_study, study_from
from journey_lib.study.definition.rules import CANONICAL
from journey_lib.study.definition.sources import EventsPart, FeedbackPart, SourcePart, Sources
from journey_lib.study.definition.study import Study
from journey_lib.study.definition.themes import Terms, Theme

__all__ = [
    "CANONICAL",
    "LANGUAGES",
    "REASONS",
    "Column",
    "DesignPlan",
    "EventsPart",
    "Experiment",
    "FeedbackPart",
    "Guardrail",
    "Holiday",
    "Journey",
    "Metric",
    "Question",
    "Region",
    "ScaleName",
    "SourcePart",
    "Sources",
    "Stage",
    "Study",
    "Target",
    "Terms",
    "Text",
    "Theme",
    "Thresholds",
    "Touchpoint",
    "WeightsPlan",
    "Window",
    "read_study",
    "study_from",
]
