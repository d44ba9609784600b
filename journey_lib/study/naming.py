"""What pages call questions and stages; the same in figures, tables and sentences of every measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from journey_lib.present.wording import Inside, Message, Says, message, unit_suffix
from journey_lib.study.questions import main_metric

if TYPE_CHECKING:
    from journey_lib.study.definition import Question, Study


def name(study: Study, question: Question) -> Says:
    """Return what a reader calls a question: its touchpoint where no other question rates that one."""
    raters = [q.id for q in study.questions if _rates(q) and q.touchpoint == question.touchpoint]
    if _rates(question) and raters == [question.id]:
        return study.touchpoint(question.touchpoint).label
    return question.label


def column(study: Study, name: str) -> Inside:
    """Return what a reader calls a column inside a sentence, such as "by age group"."""
    return Inside(study.column_label(name))


def row_name(study: Study, question: Question, *, short: bool = False) -> Says:
    """Return a question's name under the heading of its stage; a stage's own question says that it is one."""
    asked = [q.id for q in study.questions if _about_stage(q) and q.stage == question.stage]
    if not _about_stage(question):
        return name(study, question)
    if short and asked == [question.id]:
        return message("Whole stage")
    return message("{name} (whole stage)", name=question.label)


def heading(study: Study, stage: str) -> Says:
    """Return the name of a stage; a question without one is about the whole journey."""
    named = next((s.label for s in study.journey.stages if s.id == stage), None)
    return named or message("Whole journey")


def along_the_journey(study: Study, questions: Iterable[Question]) -> Iterator[tuple[Question, str, int]]:
    """Yield questions stage by stage, each with the heading it opens ("" within a stage) and its stop."""
    stops = {s.id: place for place, s in enumerate(study.journey.stages)}
    last = None
    ordered = sorted(questions, key=lambda q: (stops.get(q.stage, len(stops)), q.kind == "rating"))
    for question in ordered:
        opens = question.stage != last
        last = question.stage
        words = heading(study, question.stage).say(study.language) if opens else ""
        yield question, words, stops.get(question.stage, -1)


def metric_name(metric: str) -> Message:
    """Return the name of the number that stands for a question."""
    words = {"nps": message("NPS"), "top2": message("Share satisfied (top 2)")}
    return words.get(metric, message("Mean"))


def measure(question: Question) -> str:
    """Return the short form a table column says it in: NPS, a percent sign or the ends of the scale."""
    metric = main_metric(question)
    if metric == "nps":
        return "NPS"
    low, high = question.scale or (1, 5)
    return unit_suffix("share", "en") if metric == "top2" else f"{low}–{high}"


def scale_words(question: Question, lang: str) -> tuple[str, ...]:
    """Return the names of a scale's levels, lowest first: the study's own, or those of satisfaction."""
    low, high = question.scale or (1, 5)
    codes = [str(code) for code in range(low, high + 1)]
    if question.labels:
        return tuple(question.labels[c].say(lang) if c in question.labels else c for c in codes)
    if len(codes) != 5:
        return tuple(codes)
    words = (
        message("Very dissatisfied"),
        message("Dissatisfied"),
        message("Neutral"),
        message("Satisfied"),
        message("Very satisfied"),
    )
    return tuple(w.say(lang) for w in words)


def _rates(question: Question) -> bool:
    return question.kind == "rating" and bool(question.touchpoint)


def _about_stage(question: Question) -> bool:
    return question.kind == "csat" and bool(question.stage) and not question.touchpoint
