"""A list of customers for somebody who will treat them: ids, the segment they stand for, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.study.segments.saved import saved_segments

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

CONSENT: Final = "consent"
OWN: Final = ("customer_id", "segment_id", "segment_version", "snapshot", "n")
_WORD = 2.0**64


@dataclass(frozen=True)
class Manifest:
    """What an audience file holds and how it came about; it stands beside the file.

    Attributes
    ----------
    study, segment_id, segment_version, segment_sha256, name : str
        Which segment of which study.
    snapshot, exported : str
        The day the rule looks back from, and when the file was written, in UTC.
    inside, undecided : int
        Customers inside the segment, and those a missing value leaves undecided: they are not in the file.
    without_consent : int
        Inside but left out, because the customers table says no, or says nothing.
    consent : str
        "respected", or "unknown" where the customers table has no such column.
    holdout : float
        Share kept untreated for comparison.
    held_out, n : int
        Customers in the file of the holdout, and in the audience.
    salt : str
        With the id it decides who is held out: the same salt, the same people.
    columns : tuple of str
        Columns of the file.
    sha256, holdout_sha256 : str
        Hashes of the two files.
    """

    study: str
    segment_id: str
    segment_version: int
    segment_sha256: str
    name: str
    snapshot: str
    exported: str
    inside: int
    undecided: int
    without_consent: int
    consent: str
    holdout: float
    held_out: int
    n: int
    salt: str
    columns: tuple[str, ...]
    sha256: str
    holdout_sha256: str = ""


def held_out(ids: pd.Index, share: float, salt: str) -> np.ndarray:
    """Say which customers are kept untreated: a share of them, by a hash of id and salt alone.

    The same customer is held out whoever else is asked about, today and next year.

    Examples
    --------
    >>> ids = pd.Index([f"C{i}" for i in range(1000)], dtype="str")
    >>> chosen = held_out(ids, 0.1, "spring")
    >>> bool((held_out(ids[::-1], 0.1, "spring") == chosen[::-1]).all()), 70 < chosen.sum() < 130
    (True, np.True_)
    """
    from pandas.util import hash_array

    key = hashlib.sha256(salt.encode()).hexdigest()[:16]
    numbers = hash_array(ids.to_numpy(dtype=object), hash_key=key, categorize=False)
    chosen: np.ndarray = numbers.astype(np.float64) < share * _WORD
    return chosen


def export_audience(
    study: Study,
    data: Data,
    name: str,
    out: Path,
    *,
    columns: Sequence[str] = (),
    holdout: float = 0.0,
    salt: str = "",
) -> Manifest:
    """Write the customers of a saved segment to a file, with a manifest beside it.

    Parameters
    ----------
    study, data : Study, Data
        Where the segment is saved, and whom it means today.
    name : str
        A saved segment; "name@version" for an older version.
    out : Path
        The file, in CSV. `OUT.manifest.json` is written beside it, and `OUT.holdout.csv` with a holdout.
    columns : sequence of str
        Further columns of the customers, where somebody has asked for them.
    holdout : float
        Share of customers to keep untreated, 0 to 0.5.
    salt : str
        Decides with the id who is held out; without one the segment's id.

    Returns
    -------
    Manifest

    Raises
    ------
    ParamError
        If there is no such segment or column, or the share is none.
    DataError
        If nobody is left to write, or so few that the file would name people rather than a group.
    """
    _refuse(data, columns, holdout)
    store = saved_segments(study, data)
    saved, segment = store.get(name), store.segment(name)
    agreed, consent = _with_consent(data, segment.customers)
    _refuse_few(f"segment '{saved.name}'", len(segment.customers), len(agreed), study.thresholds.min_cell)
    chosen = held_out(agreed, holdout, salt or saved.id)
    snapshot = saved.snapshot if saved.frozen else _today(study, data)
    treated = _table(data, agreed[~chosen], columns, (saved.id, saved.version, snapshot))
    digest = _write(out, treated)
    control = _table(data, agreed[chosen], (), (saved.id, saved.version, snapshot))
    beside = out.with_name(f"{out.stem}.holdout{out.suffix}")
    manifest = Manifest(
        study.id, saved.id, saved.version, saved.members_sha256 or saved.sha256, saved.name, snapshot,
        datetime.now(UTC).isoformat(timespec="seconds"), len(segment.customers), segment.unknown,
        len(segment.customers) - len(agreed), consent, holdout, int(chosen.sum()), len(treated),
        salt or saved.id, tuple(treated.columns), digest, _write(beside, control) if holdout else "",
    )  # fmt: skip
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    _put(out.with_name(f"{out.name}.manifest.json"), text)
    return manifest


def _refuse(data: Data, columns: Sequence[str], holdout: float) -> None:
    if data.customers is None:
        raise DataError(Problem("audience", "needs the table 'customers', which this study does not have"))
    known = [str(name) for name in data.customers if name not in OWN]
    problems = [
        Problem("columns", f"no column '{name}' in customers", ", ".join(known), nearest(name, known))
        for name in columns
        if name not in known
    ]
    if not 0 <= holdout <= 0.5:
        problems.append(Problem("holdout", f"{holdout:g}", "a share from 0 to 0.5, such as 0.1"))
    if problems:
        raise ParamError(problems)


def _refuse_few(where: str, inside: int, agreed: int, least: int) -> None:
    """Refuse a list so short that it names people; how short is not told."""
    if inside and not agreed:
        raise DataError(Problem(where, "nobody is left to write", action="See its size and consent"))
    if agreed < least:
        given = f"fewer than {least} customers are inside"
        if inside >= least:
            given = f"fewer than {least} of the customers inside gave their consent"
        action = "Widen the segment: a list this short names people, and no effect could be measured in it"
        raise DataError(Problem(where, given, f"{least} or more, the min_cell of the study", action=action))


def _with_consent(data: Data, ids: pd.Index) -> tuple[pd.Index, str]:
    """Return the customers who agreed, sorted by id; all of them where the study does not know."""
    table = data.require("customers", by="audience")
    known = ids[ids.isin(table["customer_id"])].sort_values()
    if CONSENT not in table:
        return known, "unknown"
    agreed = table.loc[table[CONSENT] == 1, "customer_id"]
    return known[known.isin(agreed)], "respected"


def _table(data: Data, ids: pd.Index, columns: Sequence[str], segment: tuple[str, int, str]) -> pd.DataFrame:
    name, version, snapshot = segment
    frame = pd.DataFrame({"customer_id": ids})
    frame = frame.assign(segment_id=name, segment_version=version, snapshot=snapshot, n=len(ids))
    if not columns:
        return frame
    table = data.require("customers", by="audience").set_index("customer_id")
    return frame.join(table[list(columns)], on="customer_id")


def _today(study: Study, data: Data) -> str:
    from journey_lib.study.segments.people import snapshot_of

    return snapshot_of(study, data).isoformat()


def _write(out: Path, frame: pd.DataFrame) -> str:
    text = str(frame.to_csv(index=False, lineterminator="\n"))
    _put(out, text)
    return hashlib.sha256(text.encode()).hexdigest()


def _put(out: Path, text: str) -> None:
    from journey_lib.study.files import put

    try:
        put(out, text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(Problem(out.name, f"could not be written: {reason}")) from error
