"""Which kind of export a file is, and what in it says so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from journey_lib.study.importers import ga4
from journey_lib.study.importers.event_table import NEEDED, columns_of
from journey_lib.study.importers.google_forms import is_google_form
from journey_lib.study.importers.opening import check_there, ending, grid, objects, parts, refuse
from journey_lib.study.importers.qualtrics import is_qualtrics
from journey_lib.study.importers.surveymonkey import is_surveymonkey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_JSON = (".json", ".jsonl", ".ndjson", ".zip")
_GRIDS = (".csv", ".tsv", ".xlsx")
_HEAD = 100
KINDS = (
    ".csv, .tsv, .xlsx, .parquet, .sav, .json, .jsonl, .ndjson, .xes, each also .gz but .xlsx and .sav; .zip"
)


@dataclass(frozen=True)
class Found:
    """The format of an export, and why it is taken for that."""

    format: str
    why: str


def detect(path: Path, mapping: Mapping[str, str] | None = None) -> Found:
    """Say what kind of export a file is.

    Parameters
    ----------
    path : Path
        The export: a file, or a folder of its parts.
    mapping : mapping, optional
        Canonical name = column, as a person named them.

    Raises
    ------
    DataError
        The file is missing, empty, damaged or of a kind nobody reads.
    """
    check_there(path)
    first = parts(path)[0]
    kind = ending(first.name)
    if kind == ".xes":
        return Found("xes", "its name ends in .xes")
    if kind == ".sav":
        return Found("spss", "its name ends in .sav")
    if kind in _JSON:
        return _json(path)
    if kind == ".parquet":
        return _columns(_schema(first), mapping)
    if kind in _GRIDS:
        return _grid(grid(first).rows, first.name, mapping)
    raise refuse(first.name, f"files of kind '{kind}' are not read", "Export one of these", KINDS)


def _json(path: Path) -> Found:
    first = list(islice(objects(path), _HEAD))
    if not first:
        raise refuse(path.name, "holds no events")
    names = {name for record in first for name in record}
    if names >= ga4.FIELDS:
        return Found("ga4", "its records have event_name, event_timestamp and user_pseudo_id")
    if "event_type" in names and names & {"amplitude_id", "$insert_id", "$schema"}:
        return Found("amplitude", "its records have event_type beside amplitude_id or $insert_id")
    return Found("events", "it holds JSON records")


def _schema(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError):
        raise refuse(path.name, "is damaged or no Parquet file", "Copy the file again") from None


def _columns(names: Iterable[str], mapping: Mapping[str, str] | None) -> Found:
    known = list(names)
    if set(known) >= ga4.FIELDS:
        return Found("ga4", "it has the columns event_name, event_timestamp and user_pseudo_id")
    told = {name: column for name, column in (mapping or {}).items() if column in known}
    try:
        found = columns_of(known, told)
    except ValueError:  # names of a survey; whoever drafts it judges them
        found = {}
    if set(NEEDED) <= set(found):
        named = ", ".join(f"'{found[name]}'" for name in NEEDED)
        return Found("events", f"its columns {named} are customer, event and time")
    if "event" in found and len({*NEEDED} & {*found}) > 1:
        return Found("events", f"it has a column '{found['event']}'")  # whoever drafts it asks for the rest
    return Found("survey", "it is a table without columns for customer, event and time")


def _grid(rows: Sequence[Sequence[str]], shown: str, mapping: Mapping[str, str] | None) -> Found:
    if len(rows) < 2:
        raise refuse(shown, "holds a header only, or nothing")
    if is_qualtrics(rows):
        return Found("qualtrics", "its third record holds import ids")
    if is_surveymonkey(rows):
        return Found("surveymonkey", "its header starts with Respondent ID and Collector ID")
    found = _columns([cell.strip() for cell in rows[0]], mapping)
    if found.format != "events" and is_google_form(rows):
        return Found("google_forms", f"its first column is {rows[0][0].strip()}")
    return found
