"""What people call the rows of a journey map, in the tables of many tools, and which lane each of them is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from journey_lib.study.definition import Study

OF_STAGES = ("goal", "question", "motive", "owner")  # lanes that [[stages]] hold, one entry each
OPPORTUNITY = "opportunity"
# The first two words of each are written on export, in English and in Korean; all of them are read.
WORDS: dict[str, tuple[str, ...]] = {
    "goal": ("Customer goal", "고객 목표", "goal", "goals", "user goal", "customer need", "needs", "목표"),
    "question": ("Question", "질문", "questions", "they ask", "customer question", "고객 질문"),
    "motive": ("Motive", "동기", "motives", "motivation", "because", "why", "이유"),
    "action": ("Action", "행동", "actions", "customer action", "user action", "doing", "steps", "activities"),
    "thought": ("Thought", "생각", "thoughts", "thinking", "customer thoughts"),
    "emotion": ("Emotion", "감정", "emotions", "feeling", "feelings", "emotional journey"),
    "quote": ("Quote", "고객의 말", "quotes", "verbatim", "verbatims", "customer quote", "인용"),
    "touchpoint": ("Touchpoint", "접점", "touchpoints", "touch point", "touch points"),
    "channel": ("Channel", "채널", "channels"),
    "pain": ("Pain", "불편", "pains", "pain point", "pain points", "problem", "problems", "frustrations"),
    "hypothesis": ("Hypothesis", "가설", "hypotheses", "assumption", "assumptions"),
    OPPORTUNITY: ("Opportunity", "기회", "opportunities", "idea", "ideas", "solution", "solutions"),
    "owner": ("Owner", "담당", "owners", "responsible", "responsibility", "담당자"),
}  # fmt: skip
_LANES = {word: lane for lane, words in WORDS.items() for word in (lane, *words)}


def folded(word: str) -> str:
    """Return a name without what differs between tools: case, spaces, signs, a number in front.

    Examples
    --------
    >>> folded(" 2. Pain-Points: "), folded("고객 목표")
    ('painpoints', '고객목표')
    """
    return re.sub(r"[\W_]+", "", re.sub(r"^\s*\d+\s*[.)]\s*", "", word)).casefold()


_KNOWN = {folded(word): lane for word, lane in _LANES.items()}


def lane_of(word: str) -> str:
    """Return the lane a row's name stands for, "" where it is none.

    Examples
    --------
    >>> lane_of("Pain points"), lane_of("감정"), lane_of("Weather")
    ('pain', 'emotion', '')
    """
    return _KNOWN.get(folded(word), "")


def lane_label(lane: str, lang: str) -> str:
    """Return what a lane is called in a table of one language."""
    return WORDS[lane][1 if lang == "ko" else 0]


def stage_words(study: Study) -> dict[str, str]:
    """Return the id of each stage by its folded id and labels."""
    return {
        folded(word): stage.id
        for stage in study.journey.stages
        for word in (stage.label.ko, stage.label.en, stage.id)
        if word
    }


def unknown(where: str, what: str, word: str, known: Mapping[str, str], allowed: Sequence[str]) -> Problem:
    """Return what is wrong with a name: the nearest known one is offered."""
    near = nearest(word, allowed) or known.get(nearest(folded(word), known), "")
    return Problem(where, f"unknown {what} '{word.strip()[:40]}'", ", ".join(allowed), near)


def known_points(study: Study, lane: str, stage: str) -> Iterable[str]:
    """Yield the folded names of the touchpoints or channels the study itself declares at a stage."""
    for point in study.journey.touchpoints:
        if point.stage == stage:
            names = (point.channel,) if lane == "channel" else (point.id, point.label.en, point.label.ko)
            yield from (folded(name) for name in names if name)


def known_lanes() -> dict[str, str]:
    """Return the lane of each folded name."""
    return dict(_KNOWN)
