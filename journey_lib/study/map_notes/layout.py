"""A journey map laid out as a table, for a spreadsheet or another tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.study.map_notes import lane_words
from journey_lib.study.map_notes.lane_words import OF_STAGES, OPPORTUNITY
from journey_lib.study.map_notes.table import BULLETS, JUDGED, OF_IDEAS, OF_NOTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes.parts import Idea, MapNotes, Note


def tidy_rows(notes: MapNotes) -> list[dict[str, str]]:
    """Return every item as one row of text, by the columns of `TIDY`."""
    return [*_stage_rows(notes), *map(_note_row, notes.notes), *map(_idea_row, notes.opportunities)]


def _stage_rows(notes: MapNotes) -> Iterator[dict[str, str]]:
    for one in notes.stages:
        for lane in OF_STAGES:
            words = getattr(one, lane)
            if words:
                texts = {"text_en": words} if lane == "owner" else {"text_en": words.en, "text_ko": words.ko}
                yield {"stage": one.stage, "lane": lane, **texts}


def _note_row(note: Note) -> dict[str, str]:
    own = {column: getattr(note, column) for column in ("stage", "lane", "source", *OF_NOTES)}
    return {**own, "text_en": note.text.en, "text_ko": note.text.ko}


def _idea_row(idea: Idea) -> dict[str, str]:
    row = {column: getattr(idea, column) for column in ("stage", "id", *OF_IDEAS)}
    row |= {column: "" if getattr(idea, column) is None else str(getattr(idea, column)) for column in JUDGED}
    row |= {"lane": OPPORTUNITY, "text_en": idea.label.en, "text_ko": idea.label.ko}
    row |= {"hypothesis_en": idea.hypothesis.en, "hypothesis_ko": idea.hypothesis.ko}
    row["pains"] = "; ".join(idea.pains)
    if idea.recoverable is not None:
        row["recoverable_low"], row["recoverable_high"] = map(repr, idea.recoverable)
    row["value"] = "" if idea.value is None else repr(idea.value)
    row["changed_on"] = idea.changed_on.isoformat() if idea.changed_on else ""
    return row


def wide_rows(notes: MapNotes, study: Study, lang: str) -> list[list[str]]:
    """Return the map with stages across and lanes down, in one language; the first row names the stages.

    What the study declares stands in it too: its touchpoints and their channels.
    """
    stages = [s.id for s in study.journey.stages]
    rows = [["", *(s.label.say(lang) for s in study.journey.stages)]]
    for lane in lane_words.WORDS:
        cells = [_cell(notes, study, lane, stage, lang) for stage in stages]
        if any(cells):
            rows.append([lane_words.lane_label(lane, lang), *cells])
    return rows


def _cell(notes: MapNotes, study: Study, lane: str, stage: str, lang: str) -> str:
    if lane in OF_STAGES:
        words = getattr(notes.at(stage), lane)
        return str(words) if lane == "owner" else str(words.say(lang))
    if lane == OPPORTUNITY:
        return _listed([i.label.say(lang) for i in notes.opportunities if i.stage == stage])
    declared = [t for t in study.journey.touchpoints if t.stage == stage]
    items = [t.label.say(lang) for t in declared] if lane == "touchpoint" else []
    if lane == "channel":
        items = list(dict.fromkeys(t.channel for t in declared if t.channel))
    return _listed([*items, *(n.text.say(lang) for n in notes.notes if (n.lane, n.stage) == (lane, stage))])


def _listed(items: list[str]) -> str:
    """Return items one a line; with bullets where one begins like a bullet itself."""
    shown = [" ".join(item.split()) for item in items if item.strip()]
    mark = "• " if any(BULLETS.match(item) for item in shown) else ""
    return "\n".join(mark + item for item in shown)
