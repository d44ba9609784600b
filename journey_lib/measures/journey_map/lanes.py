"""The cells of the map: for every stage what each lane says, on which evidence, or that nothing is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from journey_lib.present.numbers import Number
from journey_lib.present.wording import Says, message
from journey_lib.study.published.signals import PLANNED
from journey_lib.study.questions import higher_is_better

if TYPE_CHECKING:
    from journey_lib.study.definition import Question, Study
    from journey_lib.study.map_notes import MapNotes
    from journey_lib.study.published.evidence import Evidence, Fact

Grade = Literal["measured", "inferred", "assumed"]
WORST = 2  # pains shown at a stage
MOST_USED = 3  # touchpoints shown at a stage
FLOW = ("moved_on", "still_open", "timed_out")
_RATES = ("rate_km", "rate_mature")  # the first one known leads
_SCALE = 2.0  # feeling runs from −2 to +2


@dataclass(frozen=True)
class Item:
    """One thing that a lane says about a stage.

    Attributes
    ----------
    lane, stage, touchpoint, channel : str
        Where it stands.
    grade : {"measured", "inferred", "assumed"}
        Counted in data; concluded from data that measures something near it; or believed.
    number : Number
        What was counted, with its interval; empty for words.
    text : label, optional
        What people wrote, or what the number is about.
    source : str
        Who says so: a report's stem, or whoever wrote the note.
    report, as_of : str
        File and day of the report; "" for notes.
    about : str
        Theme of a quote, as people named it; id of the experiment of an effect.
    """

    lane: str
    stage: str
    grade: Grade
    number: Number = field(default_factory=Number)
    text: Says | None = None
    source: str = ""
    report: str = ""
    as_of: str = ""
    touchpoint: str = ""
    channel: str = ""
    about: str = ""


def items_of(study: Study, evidence: Evidence, notes: MapNotes, wave: str) -> list[Item]:
    """Return everything the map says, stage by stage and lane by lane."""
    found: list[Item] = []
    for stage in (s.id for s in study.journey.stages):
        found += [
            *_written(notes, stage),
            *_touchpoints(study, evidence, stage),
            *_customers(evidence, stage),
            *_time(evidence, stage),
            *_feeling(study, evidence, stage, wave),
            *_effort(study, evidence, stage, wave),
            *_pains(study, evidence, stage, wave),
            *_themes(study, evidence, stage),
            *_trials(study, evidence, stage),
            *_ideas(evidence, notes, stage),
        ]
    return found


def compared(study: Study, evidence: Evidence, wave: str) -> Iterator[Item]:
    """Yield what segments are compared by: who goes on, how long they take, what they feel."""
    for stage in (s.id for s in study.journey.stages):
        yield from _customers(evidence, stage)
        yield from _time(evidence, stage)
        yield from _feeling(study, evidence, stage, wave)


def newest_wave(evidence: Evidence) -> str:
    """Return the last wave of the survey report, in its own order; "" where it has none."""
    waves = dict.fromkeys(f.number.wave for f in evidence.find("survey", "mean", weighting="weighted"))
    return list(waves)[-1] if waves else ""


def item_from(fact: Fact, lane: str, grade: Grade = "measured", **more: object) -> Item:
    """Return a number of another report as an item of a lane."""
    item = Item(
        lane, fact.number.stage, grade, fact.number, source=fact.stem, report=fact.report, as_of=fact.as_of,
        touchpoint=fact.number.touchpoint, channel=fact.channel,
    )  # fmt: skip
    return replace(item, **more)  # type: ignore[arg-type]


def _written(notes: MapNotes, stage: str) -> Iterator[Item]:
    for note in notes.notes:
        if note.stage == stage:
            yield Item(
                note.lane, stage, note.evidence, text=note.text, source=note.source,
                touchpoint=note.touchpoint, channel=note.channel, about=note.theme,
            )  # fmt: skip


def _touchpoints(study: Study, evidence: Evidence, stage: str) -> Iterator[Item]:
    """Yield the touchpoints most customers of the stage met; declared ones where none was counted."""
    declared = {t.id: t for t in study.journey.touchpoints if t.stage == stage}
    met = [
        f for f in evidence.find("touchpoints", "share_of_stage", stage=stage, group="")
        if f.number.touchpoint in declared and math.isfinite(f.number.estimate)
    ]  # fmt: skip
    for fact in sorted(met, key=lambda f: -f.number.estimate)[:MOST_USED]:
        point = declared[fact.number.touchpoint]
        yield item_from(fact, "touchpoint", text=point.label, channel=point.channel)
    if not met:
        for point in list(declared.values())[:MOST_USED]:
            yield Item(
                "touchpoint", stage, "assumed", text=point.label, source="study", touchpoint=point.id,
                channel=point.channel,
            )  # fmt: skip


def _customers(evidence: Evidence, stage: str) -> Iterator[Item]:
    for metric in ("entered", *FLOW, "target"):
        for fact in evidence.find("funnel", metric, stage=stage, group="", wave=""):
            yield item_from(fact, metric)
    rates = (evidence.one("funnel", metric, stage=stage, group="", wave="") for metric in _RATES)
    rate = next((f for f in rates if f and math.isfinite(f.number.estimate)), None)
    if rate:
        yield item_from(rate, "go_on")


def _time(evidence: Evidence, stage: str) -> Iterator[Item]:
    """Yield the median stay of all who came; of those who moved on alone it is only an inference."""
    fact = evidence.one("time_in_stage", "median_days", stage=stage, group="")
    if fact and math.isfinite(fact.number.estimate):
        yield item_from(fact, "time")
        return
    mover = evidence.one("touchpoints", "days_to_move_on", stage=stage, group="")
    if mover and math.isfinite(mover.number.estimate):
        yield item_from(mover, "time", "inferred")


def _feeling(study: Study, evidence: Evidence, stage: str, wave: str) -> Iterator[Item]:
    """Yield satisfaction with the whole stage on −2 to +2; of its best answered touchpoint where none is."""
    asked = [q for q in study.questions if q.stage == stage and q.kind in ("csat", "rating") and q.scale]
    whole = [q for q in asked if q.kind == "csat" and not q.touchpoint]
    for questions, grade in ((whole, "measured"), ([q for q in asked if q not in whole], "inferred")):
        facts = [(q, f) for q in questions if (f := answered(evidence, q, "mean", wave))]
        if facts:
            question, fact = max(facts, key=lambda pair: _known_n(pair[1].number))
            mapped = on_feeling_scale(fact.number, question)
            text = question.label if grade == "measured" else None
            yield item_from(fact, "feeling", grade, number=mapped, text=text)  # type: ignore[arg-type]
            return


def _effort(study: Study, evidence: Evidence, stage: str, wave: str) -> Iterator[Item]:
    for question in (q for q in study.questions if q.stage == stage and q.kind == "ces"):
        fact = answered(evidence, question, "mean", wave)
        if fact:
            low, high = question.scale or (1, 7)
            text = message("on {low} to {high}", low=low, high=high)
            yield item_from(fact, "effort", text=text)
            return


def _pains(study: Study, evidence: Evidence, stage: str, wave: str) -> Iterator[Item]:
    """Yield where the largest shares of those who answered were dissatisfied."""
    asked = [q for q in study.questions if q.stage == stage and q.touchpoint and q.kind in ("rating", "csat")]
    facts = [f for q in asked if (f := answered(evidence, q, "bottom2", wave))]
    known = [f for f in facts if math.isfinite(f.number.estimate)]
    for fact in sorted(known, key=lambda f: -f.number.estimate)[:WORST]:
        label = study.touchpoint(fact.number.touchpoint).label
        yield item_from(fact, "pain", text=message("Dissatisfied: {touchpoint}", touchpoint=label))


def _themes(study: Study, evidence: Evidence, stage: str) -> Iterator[Item]:
    """Yield what most comments on the stage speak of, among the themes that the study declares."""
    labels = {theme.id: theme.label for theme in study.themes}
    keys = {"stage": stage, "group": "", "wave": "", "weighting": "weighted"}
    facts = [f for f in evidence.find("comments", "share", **keys)
             if f.number.option in labels and math.isfinite(f.number.estimate)]  # fmt: skip
    for fact in sorted(facts, key=lambda f: -f.number.estimate)[:WORST]:
        yield item_from(fact, "theme", text=labels[fact.number.option])


def _trials(study: Study, evidence: Evidence, stage: str) -> Iterator[Item]:
    """Yield what experiments changed at a stage that their plan names."""
    for trial in study.experiments:
        for fact in evidence.of_experiment(study, trial.id):
            number = fact.number
            if number.metric in PLANNED and number.stage == stage and math.isfinite(number.estimate):
                yield item_from(fact, "trial", about=trial.id, text=trial.label or None)
                break


def _ideas(evidence: Evidence, notes: MapNotes, stage: str) -> Iterator[Item]:
    """Yield ideas for the stage: with the chance to be among the first where they were ranked."""
    for idea in (one for one in notes.opportunities if one.stage == stage and one.status != "dropped"):
        fact = evidence.one("opportunities", "first", option=idea.id)
        if fact:
            yield item_from(fact, "idea", "inferred", text=idea.label)
        else:
            yield Item("idea", stage, "assumed", text=idea.label, source=idea.owner or "map.toml")


def answered(evidence: Evidence, question: Question, metric: str, wave: str) -> Fact | None:
    """Return a number of the wave; of all waves where the report gives it for no single one."""
    keys = {"question": question.id, "weighting": "weighted", "group": "", "segment": ""}
    return next(
        (f for w in dict.fromkeys((wave, "")) if (f := evidence.one("survey", metric, **keys, wave=w))), None
    )


def _known_n(number: Number) -> float:
    return number.n if math.isfinite(number.estimate) else -1.0


def on_feeling_scale(number: Number, question: Question) -> Number:
    """Return a mean moved from the question's scale to −2…+2, where +2 is always the good end.

    Examples
    --------
    >>> from journey_lib.study.definition import Question
    >>> csat = Question(id="q", kind="csat", scale=(1, 5), direction="higher_is_better")
    >>> mean = Number(estimate=3.5, ci_low=3.4, ci_high=3.6, std_error=0.05, unit="score")
    >>> moved = on_feeling_scale(mean, csat)
    >>> round(moved.estimate, 2), round(moved.ci_low, 2), round(moved.std_error, 3)
    (0.5, 0.4, 0.05)
    """
    low, high = question.scale or (1, 5)
    slope = 2 * _SCALE / (high - low) * (1 if higher_is_better(question) else -1)

    def moved(value: float) -> float:
        return slope * (value - (low + high) / 2)

    ends = sorted((moved(number.ci_low), moved(number.ci_high)))
    return replace(
        number, metric="feeling", estimate=moved(number.estimate), ci_low=ends[0], ci_high=ends[1],
        std_error=abs(slope) * number.std_error,
    )  # fmt: skip
