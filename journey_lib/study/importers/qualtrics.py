"""Qualtrics CSV: three header rows (field, question, import id), questions with line breaks inside."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.importers.draft import PLEASE, Asked, Draft, plain
from journey_lib.study.importers.opening import Grid, grid, refuse
from journey_lib.study.importers.scales import Column, coded, in_words
from journey_lib.study.importers.survey_study import FILE, Survey, Ticks, personal, survey_study
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHAT = "Qualtrics CSV export"
HEADER_ROWS = 3
_FIELDS = {
    "respondent_id": ("ResponseId", "ResponseID"),
    "date": ("EndDate", "RecordedDate"),
    "duration_s": ("Duration (in seconds)",),
    "language": ("UserLanguage",),
}
_META = {
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
    "RecordedDate", "ResponseId", "ResponseID", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
    "ExternalReference", "ExternalDataReference", "LocationLatitude", "LocationLongitude",
    "DistributionChannel", "UserLanguage", "ResponseSet",
}  # fmt: skip
_PREVIEW = ("preview", "survey preview", "survey test", "test", "1", "4", "17")


def is_qualtrics(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the third record holds the import ids."""
    return len(rows) >= HEADER_ROWS and any('"ImportId"' in cell for cell in rows[2])


def draft_qualtrics(asked: Asked) -> Draft:
    """Say what a Qualtrics export asks, as a study to be corrected.

    Columns about persons are not carried over. Answers in the words of a known scale become codes; a
    question of several columns of which each holds its own option only becomes one with options.
    """
    found = grid(asked.path)
    if not is_qualtrics(found.rows):
        raise refuse(asked.path.name, "has no third header row with import ids", "Export it as CSV again")
    frame, texts = body(found, asked.path.name)
    zone = _zone(found.rows[2])
    people = [str(name) for name in frame if personal(str(name))]
    notes = [f"left out, because they name people: {', '.join(people)}"] if people else []
    items = list(_items(frame, {**texts}, people))
    lines = [f"{PLEASE} {line}" for line in _unfinished(frame)]
    columns = {c: name for c, names in _FIELDS.items() for name in names[::-1] if name in frame}
    why = "as the export says of its dates" if zone else ""
    survey = Survey(WHAT, items, columns, FILE, tuple(lines), zone, why)
    notes += [f"read as {found.encoding}", *_unfinished(frame)]
    return Draft(survey_study(asked, survey), {FILE: frame.drop(columns=people)}, tuple(notes))


def body(found: Grid, shown: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the answers under the names of the first header row, and the question of each name."""
    names, answers = found.rows[0], found.rows[HEADER_ROWS:]
    if not answers:
        raise refuse(shown, "has header rows but no answers")
    wrong = sum(len(row) != len(names) for row in answers)
    if wrong:
        raise refuse(shown, f"{counted(wrong, 'record')} not as long as the header: it is cut or damaged")
    frame = pd.DataFrame(answers, columns=names, dtype="str")
    return frame.loc[:, ~frame.columns.duplicated()], dict(zip(names, found.rows[1], strict=False))


def _zone(ids: Sequence[str]) -> str:
    for cell in ids:
        try:
            zone = json.loads(cell).get("timeZone", "")
        except (ValueError, AttributeError):
            continue
        if zone:
            return "UTC" if zone == "Z" else str(zone)
    return ""


def _items(frame: pd.DataFrame, texts: dict[str, str], people: Sequence[str]) -> Iterator[Column | Ticks]:
    names = [str(name) for name in frame if name not in people]
    for stem, group in groupby(names, key=_stem):
        together = list(group)
        options = {name: plain(texts[name]).rpartition(" - ")[2] for name in together}
        if len(together) > 1 and stem not in _META and _are_ticks(frame, options):
            for name in together:
                frame[name] = frame[name].where(frame[name].str.strip() == "", "1")
            yield Ticks(stem, plain(texts[together[0]]).rpartition(" - ")[0], options)
            continue
        for name in together:
            words = in_words(frame[name])
            if words:
                frame[name] = coded(frame[name], words)
            labels = {str(code): word for code, word in enumerate(words, start=1)}
            yield Column(name, plain(texts[name]), frame[name], labels, asked=name not in _META)


def _stem(name: str) -> str:
    return re.sub(r"_\d+$", "", name)


def _are_ticks(frame: pd.DataFrame, options: dict[str, str]) -> bool:
    """Say whether each column holds nothing but its own option, or 1, or nothing."""
    for name, option in options.items():
        held = {plain(cell) for cell in frame[name]} - {""}
        if not (held <= {"1"} or held <= {option}):
            return False
    return len(set(options.values())) == len(options) and bool((frame[list(options)] != "").to_numpy().any())


def _unfinished(frame: pd.DataFrame) -> list[str]:
    """Return what a person must decide about previews and answers that were never finished."""
    found = []
    if "Status" in frame:
        tests = int(frame["Status"].str.strip().str.lower().isin(_PREVIEW).sum())
        found += [f"{counted(tests, 'row')} of previews or tests, kept: where = {{ Status = [...] }}"] * bool(
            tests
        )
    if "Finished" in frame:
        open_ = int(frame["Finished"].str.strip().str.lower().isin(("false", "0")).sum())
        found += [f"{counted(open_, 'row')} unfinished, kept: where = {{ Finished = [...] }}"] * bool(open_)
    return found
