"""Any table of answers: CSV, TSV, XLSX or Parquet with one header row; the file itself is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.definition.rules import CANONICAL
from journey_lib.study.definition.sources import SourcePart
from journey_lib.study.importers.draft import PLEASE, Asked, Draft, quoted
from journey_lib.study.importers.event_table import written_as, written_lines
from journey_lib.study.importers.moments import formats_of
from journey_lib.study.importers.opening import check_there
from journey_lib.study.importers.scales import Column, guess
from journey_lib.study.importers.survey_study import Survey, keep_line, personal, survey_study
from journey_lib.study.readers import read_text
from journey_lib.study.tables import cast, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from journey_lib.study.tables import Kind

WHAT = "table of answers"
_IDS = (
    "respondent_id",
    "respondentid",
    "response_id",
    "responseid",
    "respid",
    "respnum",
    "case_id",
    "id",
    "응답자id",
)
_SCALED = ("nps", "csat", "ces", "rating", "likert")
_TYPED = ("date", "duration_s", "attention", "base_weight", "fpc")


def draft_survey(asked: Asked) -> Draft:
    """Say what a table of answers asks, as a study to be corrected."""
    check_there(asked.path)
    told = written_as(asked.path)
    frame = read_text(asked.path, SourcePart.model_validate({"file": asked.path.name, **told}))
    names = [str(name) for name in frame]
    columns = {**respondents(frame), **_mapped(asked.mapping, names)}
    people = [name for name in names if personal(name)]
    items = [_column(name, frame[name]) for name in names if name not in {*columns.values(), *people}]
    lines = [*written_lines(told), *keep_line(names, people), *_unreadable(frame, columns)]
    file = f"raw/{asked.path.name}"
    survey = Survey(WHAT, items, columns, file, tuple(lines))
    asked_for = sum(item.asked for item in items)
    notes = [f"{counted(asked_for, 'question')} guessed among {counted(len(names), 'column')}"]
    notes += [f"read as {told['encoding']}"] if "encoding" in told else []
    notes += [f"left out, because they name people: {', '.join(people)}"] if people else []
    return Draft(survey_study(asked, survey), {file: asked.path}, tuple(notes))


def respondents(frame: pd.DataFrame) -> dict[str, str]:
    """Return the column that names each respondent once, if one is called so."""
    plain = {str(name).strip().lower().replace(" ", "_"): str(name) for name in frame}
    for name in (plain[known] for known in _IDS if known in plain):
        cells = frame[name].str.strip()
        if (cells != "").all() and not cells.duplicated().any():
            return {"respondent_id": name}
    return {}


def _mapped(mapping: Mapping[str, str], names: list[str]) -> dict[str, str]:
    problems = [
        Problem("--map", f"unknown name '{name}'", ", ".join(CANONICAL), nearest(name, CANONICAL))
        for name in mapping
        if name not in CANONICAL
    ]
    problems += [
        Problem("--map", f"the file has no column '{column}'", ", ".join(names[:30]), nearest(column, names))
        for column in mapping.values()
        if column not in names
    ]
    if problems:
        raise ParamError(problems)
    return dict(mapping)


def _column(name: str, cells: pd.Series) -> Column:
    """Return a column, as a question when it reads like one or its codes are a scale its name speaks of."""
    found = Column(name, name, cells)
    spoken = "?" in name or len(name.split()) >= 3
    return Column(name, name, cells, asked=spoken or guess(found).kind in _SCALED)


def _unreadable(frame: pd.DataFrame, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield lines on columns under fixed names whose cells are of another type, or dates of another form."""
    kinds: dict[str, Kind] = {"date": "date", "attention": "flag"}
    for name in (n for n in _TYPED if n in frame and n not in columns.values()):
        if not cast(frame[name], kinds.get(name, "number")).failed.any():
            continue
        fitting = formats_of(cell for cell in frame[name] if cell.strip()) if name == "date" else []
        if len(fitting) == 1:
            yield f"date_format = {quoted(fitting[0])}  {PLEASE} the one format that reads every date"
        else:
            many = (
                f": date_format may be {' or '.join(fitting)}" if fitting else ": map another one, or mend it"
            )
            yield f"{PLEASE} column '{name}' cannot be read as it stands{many}"
