"""The parts of `map.toml` as frozen values, and what must hold between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import PrivateAttr

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.parts import Day, Number, Part, Text, Whole

if TYPE_CHECKING:
    from journey_lib.study.definition import Study

LaneName = Literal[
    "action", "thought", "emotion", "quote", "touchpoint", "channel", "pain", "hypothesis",
]  # fmt: skip
LANES: tuple[str, ...] = get_args(LaneName)
STATUSES = ("idea", "planned", "running", "done", "dropped")


class Head(Part):
    """Which map this is: its scope, the goal customers follow through it, its version.

    `persona` names a saved segment; "" is everybody.
    """

    id: str = "map"
    title: Text = Text()
    scope: Text = Text()
    goal: Text = Text()
    persona: str = ""
    version: Whole = 1
    valid_from: Day | None = None


class StageNotes(Part):
    """What customers want at a stage, what they ask themselves there, and why; who looks after it."""

    stage: str
    goal: Text = Text()
    question: Text = Text()
    motive: Text = Text()
    owner: str = ""


class Note(Part):
    """One thing somebody observed or believes; `source` says who and when, and is never empty.

    A quote may name its `theme`; what looks personal in it is masked wherever it is shown. Touchpoints and
    channels that the study measures stand in study.toml; here are those that people only know of.
    """

    stage: str
    lane: LaneName
    text: Text
    source: str
    theme: str = ""
    touchpoint: str = ""
    channel: str = ""
    evidence: Literal["inferred", "assumed"] = "assumed"
    owner: str = ""


class Idea(Part):
    """One opportunity: which pains it takes away, how much that could bring, and how feasible it is.

    `pains` are ids of questions or themes whose dissatisfied share the other reports measure. `among` narrows
    it to one group of a report by groups, such as "BR"; the pain "gap" is then how many fewer of that group
    go on than of the others. `recoverable` is the lowest and highest share of the people in pain who would
    move on without it. `value` is worth of one customer moving on, in the study's currency; without one,
    customers are counted. `severity` says how far the pain stops people, `effort`, `risk` and `dependency`
    how hard the remedy is, all from 1 (little) to 5 (much); an idea that lacks one of them is not ranked.
    `experiment` names the test of it, `changed_on` the day since which everybody has it.
    """

    id: str
    label: Text
    stage: str
    among: str = ""
    pains: tuple[str, ...] = ()
    hypothesis: Text = Text()
    metric: str = "conversion"
    recoverable: tuple[Number, Number] | None = None
    value: Number | None = None
    severity: Whole | None = None
    effort: Whole | None = None
    risk: Whole | None = None
    dependency: Whole | None = None
    confidence: Whole | None = None
    owner: str = ""
    status: Literal["idea", "planned", "running", "done", "dropped"] = "idea"
    experiment: str = ""
    changed_on: Day | None = None


class MapNotes(Part):
    """Everything people wrote about one journey map; empty when nobody has yet."""

    map: Head = Head()
    stages: tuple[StageNotes, ...] = ()
    notes: tuple[Note, ...] = ()
    opportunities: tuple[Idea, ...] = ()
    _source: bytes = PrivateAttr(default=b"")

    @property
    def source(self) -> bytes:
        """The file's own bytes, comments and spacing included; empty for notes made in code."""
        return self._source

    def kept_as(self, source: bytes) -> MapNotes:
        """Return the same notes that remember the bytes they were read from."""
        copy = self.model_copy()
        copy._source = source
        return copy

    def at(self, stage: str) -> StageNotes:
        """Return what was written about a stage; empty texts where nothing was."""
        return next((one for one in self.stages if one.stage == stage), StageNotes(stage=stage))


def problems_of(notes: MapNotes, study: Study) -> Iterator[Problem]:
    """Yield everything in the notes that does not fit the study."""
    stages = [s.id for s in study.journey.stages]
    points = {t.id: t.stage for t in study.journey.touchpoints}
    for at, one in enumerate(notes.stages, 1):
        yield from _unknown(f"[[stages]] number {at}", "stage", one.stage, stages)
    for at, note in enumerate(notes.notes, 1):
        where = f"[[notes]] number {at}"
        yield from _unknown(where, "stage", note.stage, stages)
        if note.touchpoint:
            yield from _unknown(where, "touchpoint", note.touchpoint, points)
            if points.get(note.touchpoint, note.stage) != note.stage:
                given = f"touchpoint '{note.touchpoint}' is not at stage '{note.stage}'"
                yield Problem(where, given, f"stage = '{points[note.touchpoint]}'")
        if not note.source.strip():
            action = "Say who noticed it and when, such as 'workshop, 12 March 2026'"
            yield Problem(f"{where}, key 'source'", "is empty", action=action)
    for idea in notes.opportunities:
        yield from _idea(idea, study, stages)
    yield from _twice("[[stages]]", "stage", (one.stage for one in notes.stages))
    yield from _twice("[[opportunities]]", "id", (one.id for one in notes.opportunities))


def _idea(idea: Idea, study: Study, stages: list[str]) -> Iterator[Problem]:
    where = f"[[opportunities]] '{idea.id}'"
    yield from _unknown(where, "stage", idea.stage, stages)
    if idea.experiment:
        known = [e.id for e in study.experiments]
        yield from _unknown(f"{where}, key 'experiment'", "experiment", idea.experiment, known or ["none"])
    if idea.recoverable is not None and not 0 <= idea.recoverable[0] <= idea.recoverable[1] <= 1:
        yield Problem(
            f"{where}, key 'recoverable'", str(list(idea.recoverable)), "0 <= lowest <= highest <= 1"
        )
    for name in ("severity", "effort", "risk", "dependency", "confidence"):
        value = getattr(idea, name)
        if value is not None and not 1 <= value <= 5:
            yield Problem(f"{where}, key '{name}'", str(value), "a whole number from 1 to 5")
    if idea.value is not None and idea.value < 0:
        yield Problem(f"{where}, key 'value'", f"{idea.value:g}", "0 or more")


def _unknown(where: str, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(where, f"unknown {what} '{name}'", ", ".join(known), nearest(name, known))


def _twice(where: str, what: str, names: Iterator[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(where, f"{what} '{name}' stands there {count} times", action="Keep one of them")
