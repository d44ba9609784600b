"""A journey map as a table, the way workshops and drawing tools hand it on, read into notes.

Two shapes are known. In the wide one stages stand across and lanes down (or the other way round), one cell
holding one thought a line. The tidy one has one row an item with its evidence and source.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from journey_lib.errors import DataError, Problem
from journey_lib.study.map_notes import lane_words
from journey_lib.study.map_notes.lane_words import OF_STAGES, OPPORTUNITY, folded, lane_of
from journey_lib.study.map_notes.parts import Idea, MapNotes, Note, StageNotes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from journey_lib.study.definition import Study

TIDY = (
    "stage", "lane", "text_en", "text_ko", "touchpoint", "channel", "theme", "evidence", "owner", "source",
    "id", "hypothesis_en", "hypothesis_ko", "among", "pains", "metric", "recoverable_low",
    "recoverable_high", "value", "severity", "effort", "risk", "dependency", "confidence", "status",
    "experiment", "changed_on",
)  # fmt: skip
BULLETS = re.compile(r"^\s*[•·▪◦*‣–-]\s+")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅣ]")
_WITHIN = 12  # rows in which a header may stand: tools write titles and dates above it
OF_NOTES = ("touchpoint", "channel", "theme", "evidence", "owner")
OF_IDEAS = ("among", "metric", "owner", "status", "experiment")
JUDGED = ("severity", "effort", "risk", "dependency", "confidence")


@dataclass(frozen=True)
class Drafted:
    """What a table says of a map.

    Attributes
    ----------
    notes : MapNotes
        Its items; the head of the map is not part of a table.
    told : frozenset of str
        Columns the table has: what it does not have is not compared with what is known already.
    known : int
        Touchpoints and channels that the study itself declares, and that therefore need no note.
    """

    notes: MapNotes
    told: frozenset[str]
    known: int = 0


def drafted(rows: Sequence[Sequence[str]], study: Study, name: str, source: str) -> Drafted:
    """Return what the rows of a table say, in either shape.

    Parameters
    ----------
    rows : sequence of sequence of str
        All cells as text, titles above the header included.
    study : Study
        Its stages are the only ones a table may speak of.
    name : str
        What messages call the table.
    source : str
        Who says so, for items that do not say it themselves.

    Raises
    ------
    DataError
        Everything wrong with it at once: no header, an unknown stage or lane with the nearest name.
    """
    filled = [list(row) for row in rows if any(cell.strip() for cell in row)]
    tidy = next((at for at, row in enumerate(filled[:_WITHIN]) if _is_tidy(row)), None)
    if tidy is not None:
        return _tidy(filled[tidy:], study, name, source)
    return _wide(filled, study, name, source)


def _is_tidy(row: Sequence[str]) -> bool:
    heads = {folded(cell) for cell in row}
    return {"stage", "lane"} <= heads


# The wide shape


def _wide(rows: list[list[str]], study: Study, name: str, source: str) -> Drafted:
    stages = lane_words.stage_words(study)
    across = _header(rows, stages)
    down = _header(_turned(rows), stages)
    if max(across[1], down[1]) == 0:
        seen = ", ".join(cell.strip()[:40] for cell in next(iter(rows), [])[1:5] if cell.strip())
        given = f"no row or column names stages of this study ({seen})" if seen else "is empty"
        raise DataError(Problem(name, given, ", ".join(s.id for s in study.journey.stages)))
    grid = rows[across[0] :] if across[1] >= down[1] else _turned(rows)[down[0] :]
    problems, cells = _cells(grid, study, stages, name)
    if problems:
        raise DataError(problems)
    return _collected(cells, study, source)


def _header(rows: list[list[str]], stages: dict[str, str]) -> tuple[int, int]:
    """Return where the row with the names of the stages is, and how many of them it knows."""
    hits = [sum(folded(cell) in stages for cell in row[1:]) for row in rows[:_WITHIN]]
    best = max(range(len(hits)), key=hits.__getitem__, default=0)
    return best, hits[best] if hits else 0


def _turned(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]


def _cells(
    grid: list[list[str]], study: Study, stages: dict[str, str], name: str
) -> tuple[list[Problem], list[tuple[str, str, str]]]:
    """Return what is wrong, and stage, lane and words of every filled cell."""
    problems: list[Problem] = []
    heads: dict[int, str] = {}
    for at, word in enumerate(grid[0][1:], start=1):
        if folded(word) in stages:
            heads[at] = stages[folded(word)]
        elif any(len(row) > at and row[at].strip() for row in grid):
            allowed = [s.id for s in study.journey.stages]
            problems.append(lane_words.unknown(f"{name}, column {at + 1}", "stage", word, stages, allowed))
    cells = []
    for number, row in enumerate(grid[1:], start=2):
        filled = [(at, cell) for at, cell in enumerate(row[1:], start=1) if cell.strip() and at in heads]
        lane = lane_of(row[0])
        if filled and not lane:
            allowed = list(lane_words.WORDS)
            problems.append(
                lane_words.unknown(f"{name}, row {number}", "lane", row[0], lane_words.known_lanes(), allowed)
            )
        cells += [(heads[at], lane, cell) for at, cell in filled if lane]
    return problems, cells


def _collected(cells: Iterable[tuple[str, str, str]], study: Study, source: str) -> Drafted:
    stages: dict[str, dict[str, Any]] = {}
    notes, ideas, known = [], [], 0
    for stage, lane, cell in cells:
        if lane in OF_STAGES:
            words = cell.strip()
            stages.setdefault(stage, {"stage": stage})[lane] = words if lane == "owner" else _text(words)
            continue
        declared = (
            set(lane_words.known_points(study, lane, stage)) if lane in ("touchpoint", "channel") else ()
        )
        for item in items_in(cell):
            if folded(item) in declared:
                known += 1
            elif lane == OPPORTUNITY:
                ideas.append(Idea.model_validate({"id": idea_id(item), "label": _text(item), "stage": stage}))
            else:
                given = {"stage": stage, "lane": lane, "text": _text(item), "source": source}
                notes.append(Note.model_validate(given))
    made = MapNotes(
        stages=tuple(StageNotes.model_validate(one) for one in stages.values()),
        notes=tuple(notes), opportunities=tuple(ideas),
    )  # fmt: skip
    return Drafted(made, frozenset(), known)


def items_in(cell: str) -> list[str]:
    r"""Return the thoughts in one cell: one a bullet where there are bullets, else one a line.

    Examples
    --------
    >>> items_in("Pays\nWaits"), items_in("• Pays\n  by card\n• Waits")
    (['Pays', 'Waits'], ['Pays\n  by card', 'Waits'])
    """
    lines = cell.split("\n")
    if not BULLETS.match(cell):
        return [line.strip() for line in lines if line.strip()]
    found: list[str] = []
    for line in lines:
        if BULLETS.match(line):
            found.append(BULLETS.sub("", line, count=1))
        else:
            found[-1] += f"\n{line}"
    return [item for item in found if item.strip()]


def idea_id(label: str) -> str:
    """Return a name for an idea that has none: the words of its label.

    Examples
    --------
    >>> idea_id("Shorten the guide!"), idea_id("안내 줄이기")
    ('shorten_the_guide', '안내_줄이기')
    """
    return re.sub(r"\W+", "_", label.casefold()).strip("_")[:40].strip("_") or "idea"


def _text(words: str) -> dict[str, str]:
    return {"ko" if _HANGUL.search(words) else "en": words}


# The tidy shape


def _tidy(rows: list[list[str]], study: Study, name: str, source: str) -> Drafted:
    heads = [folded(cell) for cell in rows[0]]
    names = {folded(column): column for column in TIDY}
    columns = {names[head]: at for at, head in enumerate(heads) if head in names}
    problems = [
        lane_words.unknown(f"{name}, header", "column", rows[0][at], names, TIDY)
        for at, head in enumerate(heads)
        if head and head not in names
    ]
    stages = lane_words.stage_words(study)
    collected: dict[str, Any] = {"stages": {}, "notes": [], "opportunities": []}
    for number, cells in enumerate(rows[1:], start=2):
        row = {column: cells[at] if at < len(cells) else "" for column, at in columns.items()}
        problems += _tidy_row(collected, row, study, stages, f"{name}, row {number}", source)
    if problems:
        raise DataError(problems)
    made = MapNotes(
        stages=tuple(collected["stages"].values()), notes=tuple(collected["notes"]),
        opportunities=tuple(collected["opportunities"]),
    )  # fmt: skip
    return Drafted(made, frozenset(columns))


def _tidy_row(
    into: dict[str, Any], row: dict[str, str], study: Study, stages: dict[str, str], where: str, source: str
) -> Iterator[Problem]:
    stage, lane = stages.get(folded(row["stage"])), lane_of(row["lane"])
    if stage is None:
        allowed = [s.id for s in study.journey.stages]
        yield lane_words.unknown(where, "stage", row["stage"], stages, allowed)
    if not lane:
        known = lane_words.known_lanes()
        yield lane_words.unknown(where, "lane", row["lane"], known, list(lane_words.WORDS))
    if stage is None or not lane:
        return
    try:
        _put(into, row, stage, lane, source)
    except (ValidationError, ValueError):
        yield Problem(where, f"an item of lane '{lane}' does not fit", _fitting(lane))


def _put(into: dict[str, Any], row: dict[str, str], stage: str, lane: str, source: str) -> None:
    text = {lang: row[f"text_{lang}"] for lang in ("en", "ko") if row.get(f"text_{lang}")}
    if lane in OF_STAGES:
        held = into["stages"].get(stage, StageNotes(stage=stage)).model_dump(exclude_unset=True)
        held[lane] = next(iter(text.values()), "") if lane == "owner" else text
        into["stages"][stage] = StageNotes.model_validate(held)
    elif lane == OPPORTUNITY:
        into["opportunities"].append(_idea(row, stage, text))
    else:
        own = {column: row[column] for column in OF_NOTES if row.get(column)}
        given = {"stage": stage, "lane": lane, "text": text, "source": row.get("source") or source, **own}
        into["notes"].append(Note.model_validate(given))


def _idea(row: dict[str, str], stage: str, text: dict[str, str]) -> Idea:
    made: dict[str, Any] = {"id": row.get("id") or idea_id(next(iter(text.values()), "")), "label": text,
                            "stage": stage}  # fmt: skip
    made |= {column: row[column] for column in OF_IDEAS if row.get(column)}
    made |= {column: int(row[column]) for column in JUDGED if row.get(column)}
    if hypothesis := {
        lang: row[f"hypothesis_{lang}"] for lang in ("en", "ko") if row.get(f"hypothesis_{lang}")
    }:
        made["hypothesis"] = hypothesis
    if row.get("pains"):
        made["pains"] = tuple(pain.strip() for pain in row["pains"].split(";"))
    if row.get("recoverable_low") or row.get("recoverable_high"):
        made["recoverable"] = (float(row["recoverable_low"]), float(row["recoverable_high"]))
    if row.get("value"):
        made["value"] = float(row["value"])
    if row.get("changed_on"):
        made["changed_on"] = dt.date.fromisoformat(row["changed_on"])
    return Idea.model_validate(made)


def _fitting(lane: str) -> str:
    if lane == OPPORTUNITY:
        return "numbers where numbers belong, dates as 2026-03-12, a status the map knows"
    return "evidence measured never, inferred or assumed"
