"""The one door from a study's folder to a `Study` and its `Data`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from journey_lib.errors import DataError, Problem, StudyError, nearest
from journey_lib.study.as_of import known, until
from journey_lib.study.canonical import Table, read_table
from journey_lib.study.data import Data, LoadReport, TableReport, waves
from journey_lib.study.definition import Study, read_study
from journey_lib.study.definition.columns import unmet
from journey_lib.study.events import EventLog
from journey_lib.study.events.source import event_table, read_events
from journey_lib.study.quick import quick_definition
from journey_lib.study.segments import segment_of
from journey_lib.study.segments.words import TITLES
from journey_lib.study.tables import CONTRACTS
from journey_lib.study.weighting import weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from journey_lib.study.events.base import Log
    from journey_lib.study.events.source import EventTable

__all__ = [
    "Data",
    "LoadReport",
    "TableReport",
    "load_data",
    "load_study",
    "open_study",
    "quick_study",
    "study_folder",
    "waves",
]


def load_study(path: str | Path, *, lang: str = "", segment: str = "", as_of: str = "") -> tuple[Study, Data]:
    """Read a study and all its files: what was asked, and what was answered.

    Parameters
    ----------
    path : str or Path
        The study's folder or its `study.toml`. A relative path is looked for from the working folder upwards.
    lang : str
        "en" or "ko"; "" is the study's own language.
    segment : str
        A saved segment ("name" or "name@version"), "column=value", or a rule as JSON; "" is everybody.
    as_of : str
        The last day known, such as "2025-01-31": later rows are left out, and the window ends there; "" is
        everything there is.

    Returns
    -------
    Study, Data
        The definition, and the canonical tables with weights, missing reasons and the load report.

    Raises
    ------
    StudyError
        The study file is wrong; all its problems at once.
    DataError
        A raw file breaks its contract; all problems of all files at once.
    ParamError
        Unknown language, a segment that names no saved one, no column or no value, or no day.

    Examples
    --------
    >>> study, data = load_study("data/sample")
    >>> study.stage("purchase").label.say("ko"), data.responses["wave"].nunique()
    ('구매', 6)
    """
    study = open_study(path, lang=lang, as_of=as_of)
    data = within(study, load_data(study, as_of), segment)
    return study, data if segment else data.unread()  # a rule may ask for any table


def open_study(path: str | Path, *, lang: str = "", as_of: str = "") -> Study:
    """Read the definition of a study alone, for whoever needs its words and not its data.

    Parameters
    ----------
    path : str or Path
        The study's folder or its `study.toml`. A relative path is looked for from the working folder upwards.
    lang : str
        "en" or "ko"; "" is the study's own language.
    as_of : str
        The last day known: the window ends there at the latest.

    Returns
    -------
    Study
        Checked as a whole; no raw file is opened.

    Raises
    ------
    StudyError
        The study file is wrong; all its problems at once.

    Examples
    --------
    >>> open_study("data/sample", lang="ko").stage("purchase").label.say("ko")
    '구매'
    """
    return until(read_study(study_folder(path)).speak(lang), as_of)


def quick_study(
    events: pd.DataFrame | Log | None = None,
    responses: pd.DataFrame | None = None,
    customers: pd.DataFrame | None = None,
    assignments: pd.DataFrame | None = None,
    journey: str | Sequence[str] = "lifecycle7",
    questions: Mapping[str, str | Mapping[str, object]] | None = None,
    totals: pd.DataFrame | None = None,
) -> tuple[Study, Data]:
    """Make a study of frames at hand, to explore without a study file.

    Parameters
    ----------
    events : DataFrame or EventLog, optional
        The event log, wherever it lies; a frame has the columns `customer_id`, `event` and `time`.
    responses : DataFrame, optional
        One row per respondent (and wave); without `respondent_id` rows are numbered. A column `base_weight`
        is taken as starting weights.
    customers, assignments : DataFrame, optional
        With `customer_id`.
    journey : str or sequence of str
        A preset, or stages in order; a stage is entered by the event of the same name.
    questions : mapping
        Column = kind, or column = table as in a study file, such as `{"kind": "likert", "scale": [1, 7]}`.
    totals : DataFrame, optional
        Counts of an experiment by `experiment`, `arm` and `date`.

    Returns
    -------
    Study, Data
        The same two values `load_study` returns.

    Raises
    ------
    StudyError, DataError
        As `load_study`.

    Examples
    --------
    >>> answers = pd.DataFrame({"q1": [9, 10, 3, None]})
    >>> study, data = quick_study(responses=answers, questions={"q1": "nps"})
    >>> data.responses["q1"].tolist(), data.missing["q1"].tolist()
    ([9.0, 10.0, 3.0, nan], ['', '', '', 'no_answer'])
    """
    given = {"customers": customers, "responses": responses, "assignments": assignments, "totals": totals}
    frames = {name: frame for name, frame in given.items() if frame is not None}
    study = quick_definition(frames, journey, questions or {})
    tables = {name: read_table(study, name, frames[name]) for name in CONTRACTS if name in frames}
    log = EventLog.from_frame(events) if isinstance(events, pd.DataFrame) else events
    return study, assembled(study, tables, None if log is None else event_table(log, study))


def study_folder(path: str | Path) -> Path:
    """Return where a study lies, looking from the working folder upwards."""
    wanted = Path(path)
    here = Path.cwd()
    for root in (here, *here.parents) if not wanted.is_absolute() else (here,):
        if (root / wanted / "study.toml").is_file():
            return root / wanted
        if (root / wanted).is_file():
            return root / wanted
    known = [p.parent.as_posix() for p in sorted(wanted.parent.glob("*/study.toml"))]
    raise StudyError(
        Problem(str(path), "there is no such study", ", ".join(known), nearest(str(wanted.as_posix()), known),
                "Give a folder that holds a study.toml")
    )  # fmt: skip


def load_data(study: Study, as_of: str = "") -> Data:
    """Read all sources of a study.

    Parameters
    ----------
    study : Study
        Its `folder` is where files are looked for.
    as_of : str
        The last day known; "" is everything there is.

    Raises
    ------
    DataError
        All problems of all files at once.
    StudyError
        The study names columns that no table has.
    """
    tables = {n: known(read_table(study, n), n, as_of) for n in CONTRACTS if n in study.sources}
    data = assembled(study, tables, read_events(study, as_of) if "events" in study.sources else None)
    _refuse_unmet(study, data, tables)
    return data


def assembled(study: Study, tables: Mapping[str, Table], events: EventTable | None = None) -> Data:
    """Put read tables together, weigh the responses, and raise everything that is wrong."""
    read: list[Table | EventTable] = [*tables.values(), *([events] if events else [])]
    problems = [problem for table in read for problem in table.problems]
    if problems:
        raise DataError(problems)
    missing = tables["responses"].missing if "responses" in tables else None
    report = LoadReport(tuple(table.report for table in read), reason_counts(missing))
    frames: dict[str, Any] = {name: table.frame for name, table in tables.items()}
    data = Data(missing=missing, report=report, events=events.log if events else None, **frames)
    if data.responses is None:
        return data
    return replace(data, weights=weights_of(study, data))


def _refuse_unmet(study: Study, data: Data, tables: Mapping[str, Table]) -> None:
    """Refuse names of columns nobody has: a misspelt id would leave a page with the raw one."""
    met = {str(column) for table in tables.values() for column in table.frame.columns}
    logged = [] if data.events is None else data.events.columns()
    problems = list(unmet(study, [*sorted(met), *logged, *TITLES]))
    if problems:
        raise StudyError(problems)


def within(study: Study, data: Data, segment: str) -> Data:
    """Return the data speaking about one segment; "" is everybody."""
    return replace(data, segment=segment_of(study, data, segment) if segment else None)


def reason_counts(missing: pd.DataFrame | None) -> pd.DataFrame:
    """Count why answers are missing: one row for each question and reason."""
    known = pd.DataFrame() if missing is None else missing
    rows = [
        (question, str(reason), int(n))
        for question in known.columns
        for reason, n in known[question].value_counts(sort=False).items()
        if reason and n
    ]
    return pd.DataFrame(rows, columns=["question", "reason", "n"])
