"""The ledger and its dimensions as files for other tools: CSV, Parquet or one workbook, with a dictionary."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, RunError, chosen
from journey_lib.present.sheets import Entry, Sheet
from journey_lib.present.wording import Message, message
from journey_lib.publish.ledger import COLUMNS, COUNTS
from journey_lib.publish.sheets import harmless, shared, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from journey_lib.study.definition import Study

FORMATS = ("csv", "parquet", "xlsx")
MOST_ROWS = 1_000_000  # of one sheet, below the 1,048,576 that a workbook can hold


def export(study: Study, ledger: pd.DataFrame, folder: str | Path, kind: str = "csv") -> list[Path]:
    """Write what a study's reports found, so that another tool opens it without rework.

    Parameters
    ----------
    study : Study
        Its stages, touchpoints and questions become dimensions with labels in both languages.
    ledger : DataFrame
        From `read_ledger`; masked as the pages are.
    folder : str or Path
        Where the files go; made when it is missing.
    kind : {"csv", "parquet", "xlsx"}
        A file a table, or one workbook with a sheet a table.

    Returns
    -------
    list of Path
        The files: facts, stages, touchpoints, questions, dictionary; each replaced only by a complete one.

    Raises
    ------
    ParamError
        Another kind.
    RunError
        A folder that cannot be written to, or more rows than a sheet holds.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> study, _ = quick_study(journey="funnel3")
    >>> facts = pd.DataFrame(columns=list(COLUMNS))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     [file.name for file in export(study, facts, place)]
    ['facts.csv', 'stages.csv', 'touchpoints.csv', 'questions.csv', 'dictionary.csv']
    """
    chosen("format", kind, FORMATS)
    tables = {"facts": ledger, **dimensions(study), "dictionary": dictionary()}
    if kind == "xlsx" and len(ledger) > MOST_ROWS:
        action = "Export csv or parquet instead"
        raise RunError(
            Problem("facts", f"{len(ledger):,} rows", f"{MOST_ROWS:,} in a workbook", action=action)
        )
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        return _workbook(study, tables, place) if kind == "xlsx" else _files(tables, place, kind)
    except OSError as error:
        raise RunError(Problem(str(folder), f"cannot be written: {error.strerror}")) from None


def dimensions(study: Study) -> dict[str, pd.DataFrame]:
    """Return stages, touchpoints and questions with their labels, one row each, keyed as the facts are."""
    import pandas as pd

    stages = [(s.id, at, s.label.en, s.label.ko) for at, s in enumerate(study.journey.stages, 1)]
    points = [(t.id, t.stage, t.channel, t.owner, t.label.en, t.label.ko) for t in study.journey.touchpoints]
    asked = [
        (q.id, q.kind, q.stage, q.touchpoint, q.direction, q.label.en, q.label.ko) for q in study.questions
    ]
    labels = ["label_en", "label_ko"]
    return {
        "stages": pd.DataFrame(stages, columns=["stage", "place", *labels]),
        "touchpoints": pd.DataFrame(points, columns=["touchpoint", "stage", "channel", "owner", *labels]),
        "questions": pd.DataFrame(
            asked, columns=["question", "kind", "stage", "touchpoint", "direction", *labels]
        ),
    }


def dictionary() -> pd.DataFrame:
    """Return what each column of the facts means, in both languages.

    Examples
    --------
    >>> dictionary().set_index("column").loc["n", "meaning_en"]
    'People or answers the estimate rests on; empty where that is small.'
    """
    import pandas as pd

    words = _meanings()
    rows = [(name, words[name].say("en"), words[name].say("ko")) for name in COLUMNS]
    return pd.DataFrame(rows, columns=["column", "meaning_en", "meaning_ko"])


def _meanings() -> Mapping[str, Message]:
    """Return the meaning of every column of the ledger."""
    return {
        "run_id": message("The run that found it."),
        "as_of": message("Day the report speaks for."),
        "study": message("Id of the study."),
        "fingerprint": message("Changes when the study file changes."),
        "stem": message("The report it comes from."),
        "params": message("What the run was asked, beside the defaults, as JSON."),
        "report": message("File of the page."),
        "metric": message("What was estimated."),
        "question": message("Question of the survey, or event or series."),
        "option": message("Answer option, level or variant."),
        "stage": message("Stage of the journey; key of the stages."),
        "touchpoint": message("Touchpoint; key of the touchpoints."),
        "segment": message("Segment, where the row is about one."),
        "segment_version": message("Version of the saved segment."),
        "group": message("Value of the column that splits; empty for everybody."),
        "wave": message("Wave or period."),
        "comparison": message("What it is compared with, or a model or target stage."),
        "weighting": message("Weighted or not, or the model."),
        "estimate": message("The number; empty where it is hidden or not known."),
        "std_error": message("Its standard error."),
        "ci_low": message("Lower end of its interval."),
        "ci_high": message("Upper end of its interval."),
        "ci_level": message("Confidence level of the interval."),
        "p_value": message("After the correction of its report."),
        "n": message("People or answers the estimate rests on; empty where that is small."),
        "n_effective": message("Size of a simple random sample as precise as this one."),
        "unit": message("Unit: share 0–1, points, score, count, days, seconds, currency."),
        "kind": message("Kind of evidence."),
        "lang": message("Language of the page."),
        "channel": message("Channel, where the row is about one."),
        "region": message("Region, where the row is about one."),
        "arm": message("Arm of an experiment."),
        "period_start": message("First day of a period."),
        "period_end": message("Last day of a period."),
        "numerator": message("Count above the line of a share."),
        "denominator": message("Count below the line of a share."),
        "definition_hash": message("Changes when the meaning of the number changes."),
        "log_fingerprint": message("Changes when the event log changes."),
        "note": message("Why a number is missing or hidden."),
    }


def _files(tables: Mapping[str, pd.DataFrame], place: Path, kind: str) -> list[Path]:
    made = []
    for name, table in tables.items():
        target = place / f"{name}.{kind}"
        with tempfile.NamedTemporaryFile(dir=place, prefix=f".{name}", delete=False) as draft:
            if kind == "parquet":
                table.to_parquet(draft, index=False)
            else:
                draft.write(b"\xef\xbb\xbf")  # lets Excel read Korean
                draft.write(_safe(table).to_csv(index=False).encode())
        shared(Path(draft.name)).replace(target)
        made.append(target)
    return made


def _safe(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with no text that a spreadsheet could take for a formula."""
    texts = [c for c in table if str(table[c].dtype) in ("str", "object", "string")]
    return table.assign(**{str(c): table[c].fillna("").astype("str").map(harmless) for c in texts})


def _workbook(study: Study, tables: Mapping[str, pd.DataFrame], place: Path) -> list[Path]:
    sheets = [_sheet(name, table, study.title.say(study.language)) for name, table in tables.items()]
    return [write_workbook(sheets, place / f"{study.id}.xlsx")]


def _sheet(name: str, table: pd.DataFrame, title: str) -> Sheet:
    columns = [str(c) for c in table]
    whole = {"n", "n_effective", "place", *COUNTS}
    units = {column: "count" if column in whole else "plain" for column in columns}
    rows: list[list[str | Entry]] = [
        [_entry(value, units[column]) for column, value in zip(columns, record, strict=True)]
        for record in table.itertuples(index=False, name=None)
    ]
    return Sheet(name, title, columns, rows)


def _entry(value: object, unit: str) -> str | Entry:
    return Entry(float(value), unit) if isinstance(value, int | float) else str(value)
