"""SurveyMonkey CSV or XLSX: two header rows (question, option or row), not always in UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.importers.draft import PLEASE, Asked, Draft, plain, quoted
from journey_lib.study.importers.moments import formats_of, is_iso
from journey_lib.study.importers.opening import grid, refuse
from journey_lib.study.importers.scales import Column, coded, in_words
from journey_lib.study.importers.survey_study import FILE, Survey, Ticks, personal, survey_study
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHAT = "SurveyMonkey export"
HEADER_ROWS = 2
_META = (
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
    "Last Name", "Custom Data 1",
)  # fmt: skip
_PEOPLE = ("IP Address", "Email Address", "First Name", "Last Name")
_OTHER = ("other", "기타")


def is_surveymonkey(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the header starts with the fields this tool writes."""
    return bool(rows) and {"Respondent ID", "Collector ID"} <= {plain(cell) for cell in rows[0]}


def draft_surveymonkey(asked: Asked) -> Draft:
    """Say what a SurveyMonkey export asks, as a study to be corrected.

    The two header rows become one: `q3` is the third question, `q3_2` its second column. Columns about
    persons are not carried over. Chosen options become 1; words of a known scale become codes.
    """
    found = grid(asked.path)
    if not is_surveymonkey(found.rows) or len(found.rows) <= HEADER_ROWS:
        raise refuse(asked.path.name, "has not two header rows of SurveyMonkey and answers below")
    first, second, *answers = found.rows
    wrong = sum(len(row) != len(first) for row in answers)
    if wrong or len(second) != len(first):
        raise refuse(asked.path.name, f"{counted(wrong, 'record')} not as long as the header: cut or damaged")
    cells = pd.DataFrame(answers, dtype="str")
    kept: dict[str, pd.Series] = {}
    items = list(_items([plain(c) for c in first], [plain(c) for c in second], cells, kept))
    lines, columns = _dates(kept)
    columns["respondent_id"] = "Respondent ID"
    people = [name for name in map(plain, first) if name in _PEOPLE]
    notes = [f"left out, because they name people: {', '.join(people)}"] if people else []
    notes += [f"read as {found.encoding}"] if found.encoding else []
    if found.encoding not in ("", "utf-8"):
        lines.append(
            f"{PLEASE} the export was not UTF-8 and was read as {found.encoding}: are its words right?"
        )
    survey = Survey(WHAT, items, columns, FILE, tuple(lines))
    return Draft(survey_study(asked, survey), {FILE: pd.DataFrame(kept)}, tuple(notes))


def _items(
    first: list[str], second: list[str], cells: pd.DataFrame, kept: dict[str, pd.Series]
) -> Iterator[Column | Ticks]:
    """Yield the questions, and collect the columns that are written for them."""
    number = 0
    for group in _groups(first):
        title = first[group[0]]
        if title in _META:
            if title not in _PEOPLE:
                kept[title] = cells[group[0]]
                yield Column(title, title, cells[group[0]], asked=False)
            continue
        number += 1
        names = {f"q{number}" if len(group) == 1 else f"q{number}_{i}": at for i, at in enumerate(group, 1)}
        yield from _question(f"q{number}", title, {n: second[at] for n, at in names.items()},
                             {n: cells[at] for n, at in names.items()}, kept)  # fmt: skip


def _groups(first: list[str]) -> Iterator[list[int]]:
    """Yield the columns of each question: those without a title belong to the one before."""
    group: list[int] = []
    for place, title in enumerate(first):
        if title and group:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _question(
    name: str, title: str, below: dict[str, str], cells: dict[str, pd.Series], kept: dict[str, pd.Series]
) -> Iterator[Column | Ticks]:
    ticks = {n: label for n, label in below.items() if label and _only(cells[n], label)}
    rest = [n for n in below if n not in ticks]
    chosen = any((cells[n] != "").any() for n in ticks)
    if len(ticks) < 2 or not chosen or any(not below[n].lower().startswith(_OTHER) for n in rest):
        ticks, rest = {}, list(below)
    if ticks:
        kept |= {n: cells[n].where(cells[n].str.strip() == "", "1") for n in ticks}
        yield Ticks(name, title, ticks)
    for n in rest:
        words = in_words(cells[n])
        kept[n] = coded(cells[n], words) if words else cells[n]
        single = below[n] in ("", "Response", "Open-Ended Response")
        text = title if single else f"{title} – {below[n]}"
        labels = {str(code): word for code, word in enumerate(words, start=1)}
        yield Column(n, text, kept[n], labels, asked=not personal(below[n]))


def _only(cells: pd.Series, label: str) -> bool:
    return {plain(cell) for cell in cells} <= {"", label}


def _dates(kept: dict[str, pd.Series]) -> tuple[list[str], dict[str, str]]:
    """Return how the end of each interview is written; where day and month could be either, a person says."""
    column = next((name for name in ("End Date", "Start Date") if name in kept), "")
    given = kept[column][kept[column].str.strip() != ""] if column else pd.Series(dtype="str")
    if not len(given):
        return [], {}
    if is_iso(given):
        return [], {"date": column}
    fitting = formats_of(given)
    if len(fitting) == 1:
        return [f"date_format = {quoted(fitting[0])}  {PLEASE} the one format that reads every date"], {
            "date": column
        }
    many = " or ".join(fitting) or "no known format reads them all"
    ask = f'{PLEASE} dates are not read yet ({many}): add date = "{column}" to columns, and date_format'
    return [ask], {}
