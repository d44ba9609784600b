"""The ledger: what every published run found, one Parquet file a run, read back as one frame."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_lib.errors import Problem, RunError
from journey_lib.present.vocabulary import KEYS, NUMBERS
from journey_lib.publish.places import reports_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd
    import pyarrow as pa

    from journey_lib.study.definition import Study

RUN = ("run_id", "as_of", "study", "fingerprint", "stem", "params", "report")
BESIDE = ("lang", "channel", "region", "arm", "period_start", "period_end", "segment_version")
COUNTS = ("numerator", "denominator")
COLUMNS = (
    *RUN,
    *KEYS,
    *NUMBERS,
    "unit",
    "kind",
    *BESIDE,
    *COUNTS,
    "definition_hash",
    "log_fingerprint",
    "note",
)
FOLDER = "ledger"
_FLOATS = frozenset((*NUMBERS, *COUNTS))


def read_ledger(
    folder: str | Path | Study, *, all_runs: bool = False, as_of: str | None = None
) -> pd.DataFrame:
    """Return what the published runs of a study found, one row a number.

    Parameters
    ----------
    folder : str, Path or Study
        The study, or its folder of reports, such as `reports/sample`. A relative path is looked up from the
        working directory upwards, then in the project. A study without reports has an empty ledger. Of a
        study, `report` names the page in its language where there is one.
    all_runs : bool
        Every run ever published; else the newest of each stem and parameters, whatever its language or date.
    as_of : str, optional
        What was known on a day: of each stem and parameters the run that speaks for the latest day up to this
        one, "" for the latest of all. Left out, the newest run counts, whatever day it speaks for.

    Returns
    -------
    DataFrame
        Text is "" and numbers are NaN where nothing was said. `.attrs["skipped"]` names the parts that could
        not be read.

    Raises
    ------
    RunError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> len(read_ledger(tempfile.mkdtemp()))
    0
    """
    import pandas as pd
    import pyarrow as pa

    place = _found(Path(folder)) if isinstance(folder, str | Path) else reports_of(folder.id)
    parts, skipped = [], []
    for file in sorted((place / FOLDER).glob("*.parquet")):
        try:
            parts.append(_read(file))
        except (OSError, ValueError, KeyError, pa.ArrowException):
            skipped.append(file.name)
    if as_of:
        parts = [(about, table) for about, table in parts if about["as_of"] <= as_of]
    if not all_runs:
        twins = {} if isinstance(folder, str | Path) else _pages(parts, folder.language, place)
        parts = [
            (about, _linked(table, twins.get((about["stem"], about["params"]), "")))
            for about, table in _newest(parts, by_day=as_of is not None)
        ]
    table = pa.concat_tables([table for _, table in parts]) if parts else _schema().empty_table()
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.string(): pd.StringDtype(na_value=float("nan"))}.get
    )
    texts = [name for name in COLUMNS if name not in _FLOATS]
    frame[texts] = frame[texts].fillna("")
    frame.attrs["skipped"] = skipped
    return frame


def part(bundle: Mapping[str, Any], job: Mapping[str, Any]) -> bytes:
    """Return the Parquet file of one run.

    Parameters
    ----------
    bundle : mapping
        What the notebook handed over; `findings` are its rows.
    job : mapping
        What the runner knows: run, study, parameters, report.
    """
    import pyarrow.parquet as pq
    from pyarrow.json import ParseOptions, read_json

    shared = {
        "run_id": job["run_id"],
        "as_of": str(bundle.get("as_of") or job["as_of"]),
        "study": job["study"]["id"],
        "fingerprint": job["study"]["fingerprint"],
        "stem": job["stem"],
        "params": job["params"],
        "report": job["file"],
        "lang": job["lang"],
        "definition_hash": str(bundle.get("definition_hash", "")),
        "segment_version": str(bundle.get("segment_version", "")),
    }
    rows = [{**row, **shared} for row in bundle.get("findings", [])]
    about = {"published": job["published"], "stem": job["stem"], "params": job["params"]}
    about |= {"as_of": shared["as_of"], "inputs": json.dumps(job.get("inputs", {}), sort_keys=True)}
    schema = _schema()
    lines = "\n".join(json.dumps({name: _value(name, row.get(name)) for name in COLUMNS}) for row in rows)
    # Through JSON, because pyarrow imports pandas for a list of Python values: half a second of every run.
    options = ParseOptions(explicit_schema=schema, newlines_in_values=False)
    table = read_json(io.BytesIO(lines.encode() or b"{}"), parse_options=options).slice(0, len(rows))
    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"journey": json.dumps(about)}), target)
    return target.getvalue()


def heard(folder: Path, as_of: str, without: Collection[str] = ()) -> list[str]:
    """Return what decides the rows that `read_ledger` finds up to a day: what each part was made of.

    Parameters
    ----------
    folder : Path
        The folder of parts.
    as_of : str
        As for `read_ledger`.
    without : collection of str
        Stems whose rows do not count.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = []
    for file in folder.glob("*.parquet"):
        try:
            about = json.loads((pq.read_schema(file).metadata or {})[b"journey"])
            key, day = (about["stem"], about["params"]), about["as_of"]
            if not as_of or day <= as_of:
                parts.append((day, about["published"], file.stem, *key, about["inputs"]))
        except (OSError, ValueError, KeyError, pa.ArrowException):  # or of an earlier version: like no other
            parts.append(("", "", file.stem, "", file.stem, ""))
    newest = {(stem, params): (day, made_of) for day, _, _, stem, params, made_of in sorted(parts)}
    return [json.dumps([*key, *rest]) for key, rest in sorted(newest.items()) if key[0] not in without]


def _read(file: Path) -> tuple[dict[str, str], pa.Table]:
    """Return when and for what a part was made, and its rows in today's columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    about = json.loads((table.schema.metadata or {})[b"journey"])
    schema = _schema()
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    told = {name: str(about[name]) for name in ("published", "stem", "params")}
    first = table.slice(0, 1).to_pylist()
    row = first[0] if first else {}
    told |= {name: str(about.get(name) or row.get(name) or "") for name in ("as_of", "lang", "report")}
    return told, pa.table(columns, schema=schema)


def _newest(
    parts: list[tuple[dict[str, str], pa.Table]], *, by_day: bool
) -> list[tuple[dict[str, str], pa.Table]]:
    """Keep the last part of each stem and parameters: the last published, or the one for the latest day."""
    last = {}
    for about, table in sorted(
        parts, key=lambda part: (part[0]["as_of"] if by_day else "", part[0]["published"])
    ):
        last[about["stem"], about["params"]] = (about, table)
    return list(last.values())


def _pages(
    parts: list[tuple[dict[str, str], pa.Table]], lang: str, place: Path
) -> dict[tuple[str, str], str]:
    """Return the page in a language of each stem and parameters, where it lies there."""
    pages = {(about["stem"], about["params"]): about["report"] for about, _ in parts if about["lang"] == lang}
    return {key: page for key, page in pages.items() if (place / page).is_file()}


def _linked(table: pa.Table, page: str) -> pa.Table:
    """Return the rows of a run as those of its twin's page; the numbers are the same."""
    import pyarrow as pa

    if not page:
        return table
    at = table.column_names.index("report")
    return table.set_column(at, "report", pa.array([page] * len(table), pa.string()))


def _value(name: str, value: object) -> object:
    if name in _FLOATS:
        return float(value) if isinstance(value, int | float) else None
    return "" if value is None else str(value)


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, pa.float64() if name in _FLOATS else pa.string()) for name in COLUMNS])


def _found(folder: Path) -> Path:
    """Return the folder, looked up from the working directory upwards, then in the project."""
    from journey_lib.publish.places import home

    bases = [Path("/")] if folder.is_absolute() else [Path.cwd(), *Path.cwd().parents, home()]
    for base in bases:
        if (base / folder).is_dir():
            return base / folder
    raise RunError(
        Problem(
            str(folder), "there is no such folder of reports", action="Publish a report of the study first"
        )
    )
