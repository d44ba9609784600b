"""Google Forms CSV or XLSX: a timestamp, then one column a question; several choices share a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.importers.draft import PLEASE, Asked, Draft, plain
from journey_lib.study.importers.opening import grid, refuse
from journey_lib.study.importers.scales import Column, coded, in_words
from journey_lib.study.importers.survey_study import FILE, Survey, Ticks, option_ids, personal, survey_study
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHAT = "Google Forms export"
STAMPS = ("Timestamp", "타임스탬프")
_STAMP = re.compile(
    r"(?P<y>\d{4})[./-] ?(?P<m>\d{1,2})[./-] ?(?P<d>\d{1,2})\.?\s+(?P<half>오전|오후)?\s*(?P<h>\d{1,2}):"
    r"(?P<min>\d{2}):(?P<s>\d{2})\s*(?P<half2>AM|PM|오전|오후)?\s*(GMT(?P<zone>[+-]\d{1,2}(:\d{2})?))?",
    re.IGNORECASE,
)


def is_google_form(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first column is the stamp this tool writes."""
    return bool(rows) and plain(rows[0][0]) in STAMPS


def draft_google_form(asked: Asked) -> Draft:
    """Say what a Google Forms export asks, as a study to be corrected.

    A cell of several choices is parted only where the person gave the options, and only when it can be
    parted in one way; all other such columns stay text, and the draft says so.
    """
    found = grid(asked.path)
    if not is_google_form(found.rows) or len(found.rows) < 2:
        raise refuse(asked.path.name, "has no column Timestamp (타임스탬프) with answers below")
    names, *answers = found.rows
    wrong = sum(len(row) != len(names) for row in answers)
    if wrong:
        raise refuse(asked.path.name, f"{counted(wrong, 'record')} not as long as the header: cut or damaged")
    made = _Made(pd.DataFrame(answers, dtype="str"), [plain(name) for name in names])
    made.read(asked)
    columns = {"date": "date"} if "date" in made.kept else {}
    lines = tuple(f"{PLEASE} {note}" for note in made.asks)
    survey = Survey(WHAT, made.items, columns, FILE, lines)
    return Draft(survey_study(asked, survey), {FILE: pd.DataFrame(made.kept)}, tuple(made.notes + made.asks))


class _Made:
    """The columns that are written, the questions they answer, and what was met."""

    def __init__(self, cells: pd.DataFrame, names: list[str]) -> None:
        self.cells, self.names = cells, names
        self.kept: dict[str, pd.Series] = {}
        self.items: list[Column | Ticks] = []
        self.notes: list[str] = []
        self.asks: list[str] = []

    def read(self, asked: Asked) -> None:
        known = {plain(name): [plain(o) for o in options] for name, options in asked.options.items()}
        unknown = [name for name in known if name not in self.names]
        if unknown:
            given = f"lists options of {counted(len(unknown), 'question')} that the export does not have"
            raise refuse("--options", given, "Write the headers as they stand in the export")
        self._stamp()
        for place, name in enumerate(self.names[1:], start=1):
            if personal(name) or name == "Username":
                self.notes.append(f"left out, because it names people: {name}")
            else:
                self._question(f"q{place}", name, self.cells[place], known.get(name, []))

    def _stamp(self) -> None:
        moments = self.cells[0].map(iso_stamp)
        if (moments == "").any():
            self.asks.append("the column of timestamps is not read: it is written in a way nobody told us")
            self.kept["timestamp"] = self.cells[0]
        else:
            self.kept["date"] = moments

    def _question(self, short: str, text: str, cells: pd.Series, options: list[str]) -> None:
        if options and self._parted(short, text, cells, options):
            return
        words = in_words(cells)
        self.kept[short] = coded(cells, words) if words else cells
        if not options and not words and _joined(cells):
            self.asks.append(
                f"{short} ({text[:60]}) may hold several choices joined by a comma; choices may hold commas "
                "themselves, so it is left as text. List its options with --options FILE to part them"
            )
            self.items.append(Column(short, text, self.kept[short]))
            return
        labels = {str(code): word for code, word in enumerate(words, start=1)}
        self.items.append(Column(short, text, self.kept[short], labels))

    def _parted(self, short: str, text: str, cells: pd.Series, options: list[str]) -> bool:
        parts = [part(str(cell).strip(), options) for cell in cells]
        doubtful = sum(p.ways > 1 for p in parts)
        if doubtful:
            self.asks.append(f"{short}: {counted(doubtful, 'cell')} can be parted in two ways; left as text")
            return False
        columns = [f"{short}_{name}" for name in option_ids(options)]
        for column, option in zip(columns, options, strict=True):
            self.kept[column] = pd.Series(["1" if option in p.chosen else "" for p in parts], dtype="str")
        self.items.append(Ticks(short, text, dict(zip(columns, options, strict=True))))
        if any(p.rest for p in parts):
            self.kept[f"{short}_other"] = pd.Series([p.rest for p in parts], dtype="str")
            self.items.append(Column(f"{short}_other", f"{text} – other", self.kept[f"{short}_other"]))
        return True


@dataclass(frozen=True)
class Parts:
    """The choices of one cell, what is no known option, and in how many ways it can be parted."""

    chosen: tuple[str, ...]
    rest: str = ""
    ways: int = 1


def part(cell: str, options: Sequence[str]) -> Parts:
    """Part a cell into known options; what is left at its end is the person's own words.

    Examples
    --------
    >>> part("Web, App, on a phone", ["Web", "App, on a phone"]).chosen
    ('Web', 'App, on a phone')
    >>> part("A, B", ["A", "B", "A, B"]).ways, part("Web, a leaflet", ["Web"]).rest
    (2, 'a leaflet')
    """
    ways = list(_ways(cell, options)) if cell else [((), "")]
    whole = [way for way in ways if not way[1]]
    best = whole or [way for way in ways if len(way[0]) == max(len(w[0]) for w in ways)]
    return Parts(*best[0], ways=len(set(best)))


def _ways(cell: str, options: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    for option in options:
        if cell == option:
            yield (option,), ""
        elif cell.startswith((f"{option}, ", f"{option};")):
            after = cell[len(option) :].removeprefix(";").removeprefix(", ")
            later = [other for other in options if other != option]  # no option is ticked twice
            yield from (((option, *chosen), rest) for chosen, rest in _ways(after, later))
    yield (), cell


def _joined(cells: pd.Series) -> bool:
    """Say whether cells look like choices joined: pieces between commas that come again in other cells."""
    several = [str(cell) for cell in cells if ", " in str(cell) or ";" in str(cell)]
    pieces = pd.Series([p.strip() for cell in several for p in re.split(r", |;", cell)], dtype="str")
    return bool(several) and bool(pieces.duplicated().any())


def iso_stamp(text: str) -> str:
    """Return the stamp of a form as ISO time, "" when it is written in another way.

    Examples
    --------
    >>> iso_stamp("2025/01/31 3:05:09 PM GMT+9"), iso_stamp("2025. 1. 31 오전 12:05:09")
    ('2025-01-31T15:05:09+09:00', '2025-01-31T00:05:09')
    """
    found = _STAMP.fullmatch(text.strip())
    if not found:
        return ""
    half = (found["half"] or found["half2"] or "").upper()
    hour = int(found["h"])
    if half:
        hour = hour % 12 + 12 * (half in ("PM", "오후"))
    day = f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}"
    return f"{day}T{hour:02}:{found['min']}:{found['s']}{_offset(found['zone'] or '')}"


def _offset(zone: str) -> str:
    if not zone:
        return ""
    hours, _, minutes = zone[1:].partition(":")
    return f"{zone[0]}{int(hours):02}:{minutes or '00'}"
