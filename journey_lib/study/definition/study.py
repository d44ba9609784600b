"""What the study is: the one value every other room receives beside the data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import PrivateAttr

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.definition.calendars import Holiday, Region
from journey_lib.study.definition.columns import CHANNEL, EVENT, Column
from journey_lib.study.definition.experiments import Experiment, Metric
from journey_lib.study.definition.parts import (
    LANGUAGES,
    DesignPlan,
    Journey,
    Part,
    Question,
    ScaleName,
    Stage,
    Text,
    Thresholds,
    Touchpoint,
    WeightsPlan,
    Window,
    YesNo,
)
from journey_lib.study.definition.reports import DeclaredReport
from journey_lib.study.definition.sources import Sources
from journey_lib.study.definition.themes import Theme
from journey_lib.study.presets import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_Entry = TypeVar("_Entry", Stage, Touchpoint, Question, Metric, Experiment)


class Study(Part):
    """What is studied, on which journey, from which files: a frozen image of `study.toml`.

    Attributes
    ----------
    journey : Journey
        `journey.stages` is the full ordered list, preset and overrides already merged.
    questions : tuple of Question
        A question with a touchpoint carries its stage; scale and direction are filled in.
    language : str
        "en" or "ko": in which language results speak. It is not part of the fingerprint.
    """

    id: str
    title: Text
    question: Text = Text()
    success: Text = Text()
    synthetic: YesNo = False
    language: Literal["en", "ko"] = "en"
    unit: str = "customer"
    time_zone: str = "UTC"
    currency: str = ""
    thresholds: Thresholds = Thresholds()
    window: Window = Window()
    journey: Journey
    sources: Sources = Sources()
    weights: WeightsPlan = WeightsPlan()
    design: DesignPlan = DesignPlan()
    questions: tuple[Question, ...] = ()
    scales: tuple[ScaleName, ...] = ()
    columns: tuple[Column, ...] = ()
    regions: tuple[Region, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    themes: tuple[Theme, ...] = ()
    metrics: tuple[Metric, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    reports: tuple[DeclaredReport, ...] = ()
    _folder: Path = PrivateAttr(default=Path())
    _as_written: str = PrivateAttr(default="")

    @property
    def folder(self) -> Path:
        """The folder where `study.toml` lies."""
        return self._folder

    def placed(self, folder: Path) -> Study:
        """Return the same study with its files looked for in `folder`."""
        copy = self.model_copy()
        copy._folder = folder
        return copy

    def ending(self, day: date) -> Study:
        """Return the same study with its window ending on `day`."""
        copy = self.model_copy(update={"window": self.window.model_copy(update={"end": day})})
        copy._as_written = self.fingerprint
        return copy

    @property
    def ended_early(self) -> bool:
        """Whether the window ends on a day that a run asked for."""
        return bool(self._as_written)

    @property
    def fingerprint(self) -> str:
        """Twelve characters that change when, and only when, the study's content changes.

        Comments, spacing, the order of keys, the language of reports and which of them are published do not
        count, nor does where the events are kept while they are counted, nor up to which day.
        """
        if self._as_written:
            return self._as_written
        content = self.model_dump(mode="json", exclude={"language", "reports"}, exclude_defaults=True)
        for part in content.get("sources", {}).get("events", ()):
            for place in ("runner", "memory"):
                part.pop(place, None)
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def speak(self, lang: str) -> Study:
        """Return the same study speaking `lang`: "en", "ko", or "" for its own language."""
        if lang not in ("", *LANGUAGES):
            raise ParamError(Problem("lang", f"'{lang}'", "en, ko", nearest(lang, LANGUAGES)))
        return self.model_copy(update={"language": lang or self.language})

    def stage(self, name: str) -> Stage:
        """Return the stage with this id."""
        return _find(self.journey.stages, name, "stage")

    def touchpoint(self, name: str) -> Touchpoint:
        """Return the touchpoint with this id."""
        return _find(self.journey.touchpoints, name, "touchpoint")

    def item(self, name: str) -> Question:
        """Return the survey question with this id (`study.question` is what the whole study asks)."""
        return _find(self.questions, name, "question")

    def scale_label(self, name: str) -> Text:
        """Return what readers call the scale of this id; the id itself where no label is declared."""
        declared = next((scale.label for scale in self.scales if scale.id == name), Text())
        return declared or Text(en=name.replace("_", " "))

    def metric(self, name: str) -> Metric:
        """Return the metric with this id."""
        return _find(self.metrics, name, "metric")

    def experiment(self, name: str) -> Experiment:
        """Return the experiment with this id."""
        return _find(self.experiments, name, "experiment")

    def column_label(self, name: str) -> Text:
        """Return what readers call a column: its question's label or its own, else its id as words."""
        named: list[Question | Column] = [*self.questions, *self.columns]
        declared = next((one.label for one in named if one.id == name), Text())
        return declared or Text(en=name.replace("_", " "))

    def value_label(self, column: str, value: object) -> Text:
        """Return what readers call a value of a column, or an option of a question; else its own text."""
        code = f"{value:.15g}" if isinstance(value, float) else str(value)
        plain = code.replace("_", " ") if CHANNEL in (column, self._named(column).values_of) else code
        return self.named_values(column).get(code) or Text(en=plain)

    def named_values(self, column: str) -> dict[str, Text]:
        """Return the values of a column that have names, in the order they are declared."""
        question = next((q for q in self.questions if q.id == column), None)
        if question is not None:
            return {**question.options, **question.labels}
        own = self._named(column)
        source = self._named(own.values_of) if own.values_of else own
        usual = {name: Text(en=en, ko=ko) for name, (en, ko) in CHANNELS.items()}
        return {**(usual if source.id == CHANNEL else {}), **source.values}

    def channel_label(self, name: str) -> Text:
        """Return what readers call a channel: as declared, else its usual name, else its id as words."""
        return self.value_label(CHANNEL, name)

    def event_label(self, name: str) -> Text:
        """Return what readers call an event: as declared for the column `event`, else its id as words."""
        return self._named(EVENT).values.get(name) or Text(
            en=name.replace("_", " ") if name.islower() else name
        )

    def _named(self, column: str) -> Column:
        return next((one for one in self.columns if one.id == column), Column(id=column))

    def level(self, column: str, value: object) -> str:
        """Return what a value of a column is called in the study's language; its own text without a label."""
        return self.value_label(column, value).say(self.language)


def _find(entries: Iterable[_Entry], name: str, what: str) -> _Entry:
    known = {entry.id: entry for entry in entries}
    if name in known:
        return known[name]
    raise ParamError(
        Problem(what, f"the study has no {what} '{name}'", ", ".join(known) or "none", nearest(name, known))
    )
