"""Frozen members: written as a file of ids, read back as answers and customers, and held against today."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.errors import JourneyError, ParamError, Problem, StudyError
from journey_lib.present.domain import Drift
from journey_lib.study.segments.domain import Segment, counted
from journey_lib.study.segments.people import CUSTOMERS, People, answers_of, people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.store import SavedSegment

DERIVED: Final = "derived"


def listed(study: Study, data: Data, ids: Sequence[str] | np.ndarray) -> tuple[People, np.ndarray]:
    """Return the people of a study and which of them a list names.

    Parameters
    ----------
    study, data : Study, Data
        Where the people are known.
    ids : sequence of str, or ndarray of bool
        Customer ids (respondent ids in a study of answers alone), or one truth a row of `responses`.

    Raises
    ------
    ParamError
        An empty list, ids that stand twice or that this study does not know: how many, never which.
    """
    given = np.asarray(ids)
    if given.dtype == np.bool_:
        who = answers_of(study, data)
        if len(given) != len(who):
            told = f"{len(given):,} truths for {len(who):,} answers"
            raise ParamError(Problem("ids", told, "one truth a row of responses"))
        _refuse(int(given.sum()), 0, 0, who)
        return who, given
    who = people(study, data)
    names = pd.Index(pd.Series(list(ids), dtype="object").astype("str"), dtype="str")
    known = names.isin(who.ids)
    _refuse(len(names), int(names.duplicated().sum()), int((~known).sum()), who)
    return who, np.asarray(who.ids.isin(names))


def _refuse(n: int, twice: int, strange: int, who: People) -> None:
    problems = []
    if not n:
        problems.append(Problem("ids", "the list names nobody", "one id or more"))
    if twice:
        problems.append(Problem("ids", f"{twice:,} of {n:,} stand twice", "each id once"))
    if strange:
        given = f"{strange:,} of {n:,} are not in this study"
        action = "Take them out, or see whether the ids are of another system"
        problems.append(Problem("ids", given, f"ids of its {len(who):,} {who.level}", action=action))
    if problems:
        raise ParamError(problems)


def as_text(who: People, inside: np.ndarray, data: Data) -> str:
    """Return members as text, sorted, so that the same people give the same hash."""
    if who.level == CUSTOMERS:
        table = pd.DataFrame({"customer_id": who.ids[inside].sort_values()})
    else:
        frame = data.require("responses", by="segments")
        table = frame.loc[inside, [name for name in ("respondent_id", "wave") if name in frame]]
        table = table.sort_values(list(table.columns))
    return str(table.to_csv(index=False, lineterminator="\n"))


def digest(text: str) -> str:
    """Return the hash that `segments.json` keeps of a list."""
    return hashlib.sha256(text.encode()).hexdigest()


def write(folder: Path, file: str, text: str) -> None:
    """Write a list into the study's folder."""
    from journey_lib.study.files import put

    (folder / DERIVED).mkdir(exist_ok=True)
    put(folder / file, text)


def read(folder: Path, saved: SavedSegment) -> pd.DataFrame:
    """Return the members of a frozen segment.

    Raises
    ------
    StudyError
        If the file is gone, or is not the one that was frozen.
    """
    where = f"segment '{saved.name}'"
    try:
        content = (folder / saved.frozen).read_bytes()
    except OSError:
        given = f"its list of members {saved.frozen} is not there"
        raise StudyError(Problem(where, given, action="Put the file back")) from None
    if hashlib.sha256(content).hexdigest() != saved.members_sha256:
        given = f"{saved.frozen} is not the list that was frozen: its hash differs"
        raise StudyError(Problem(where, given, action="Put the old file back"))
    return pd.read_csv(folder / saved.frozen, dtype=str, keep_default_na=False)


def segment_of_list(study: Study, data: Data, folder: Path, saved: SavedSegment) -> Segment:
    """Return whom a frozen segment means: those of its list who are still in the study."""
    table = read(folder, saved)
    rows, customers, base = _found(study, data, table)
    n = int(rows.sum()) if "customer_id" not in table else len(customers)
    drift = _drift(study, data, saved, len(table), n, customers, rows)
    return Segment(
        saved.name,
        saved.reference,
        "",
        "",
        rows,
        customers,
        saved.rule,
        saved.level,
        n,
        base,
        0,
        saved,
        drift,
    )


def _drift(
    study: Study,
    data: Data,
    saved: SavedSegment,
    on_list: int,
    n: int,
    customers: pd.Index,
    rows: np.ndarray,
) -> Drift:
    """Hold a list against today: who is gone, and whom its rule would pick now."""
    bare = Drift(saved.snapshot, on_list, on_list - n, saved.source)
    if saved.is_list:
        return bare
    try:
        now = counted(study, data, saved.rule, saved.cuts)
    except JourneyError:  # a column or category is gone: the list stays, the rule cannot be asked
        return bare
    inside = now.truth.yes
    there = now.who.ids.isin(customers) if now.who.level == CUSTOMERS else rows
    entered, left = int((inside & ~there).sum()), int((there & ~inside).sum())
    return Drift(saved.snapshot, on_list, on_list - n, "", now.n, entered, left)


def _found(study: Study, data: Data, table: pd.DataFrame) -> tuple[np.ndarray, pd.Index, int]:
    """Return the answers and customers that a list names, and how many people there are."""
    frame = data.responses
    if "customer_id" in table:
        who = people(study, data)
        members = who.ids[who.ids.isin(table["customer_id"])]
        rows = np.zeros(0 if frame is None else len(frame), dtype=bool)
        if frame is not None and "customer_id" in frame:
            rows = frame["customer_id"].isin(members).to_numpy(dtype=bool)
        return rows, members, len(who)
    waves = table["wave"] if "wave" in table else pd.Series("", index=table.index)
    wanted = pd.Index(table["respondent_id"] + "@" + waves, dtype="str")
    rows = np.asarray(answer_ids(data).isin(wanted))
    customers: pd.Index = pd.Index([], dtype="str")
    if frame is not None and "customer_id" in frame:
        customers = pd.Index(frame.loc[rows, "customer_id"].dropna().unique(), dtype="str")
    return rows, customers, len(rows)


def answer_ids(data: Data) -> pd.Index:
    """Return a name for each row of `responses`: who answered, and in which wave."""
    frame = data.require("responses", by="segments")
    waves = frame["wave"] if "wave" in frame else pd.Series("", index=frame.index)
    return pd.Index(frame["respondent_id"].astype("str") + "@" + waves.fillna("").astype("str"), dtype="str")
