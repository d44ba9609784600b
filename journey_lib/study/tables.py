"""The contracts of the canonical tables: which columns, of which type, unique by which key.

Everything is checked before anything is said; messages hold names and counts, never a cell's content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from journey_lib.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

Kind = Literal["id", "text", "number", "date", "flag"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ISO = r"\d{4}-\d{2}-\d{2}([T ].*)?"
_OFFSET = r".*\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})"
_YES, _NO = ("1", "true", "yes", "y", "x"), ("0", "false", "no", "n")
_WANTED = {
    "number": "plain numbers with a decimal point",
    "flag": "1 or 0, true or false, yes or no",
    "date": "ISO dates such as 2025-01-31, or the date_format of the source",
}


@dataclass(frozen=True)
class Column:
    """What one canonical column holds; a required one stands in the file and has no empty cell."""

    kind: Kind = "text"
    required: bool = False


@dataclass(frozen=True)
class Contract:
    """The columns of one canonical table and the key no two rows may share."""

    columns: dict[str, Column]
    key: tuple[str, ...] = ()


_ID, _TEXT, _NUM, _DATE, _FLAG = (Column(k) for k in ("id", "text", "number", "date", "flag"))
_NEEDED = Column("id", required=True)

CONTRACTS: dict[str, Contract] = {
    "responses": Contract(
        {
            "respondent_id": _NEEDED, "customer_id": _ID, "wave": _TEXT, "date": _DATE, "mode": _TEXT,
            "language": _TEXT, "base_weight": _NUM, "strata": _TEXT, "psu": _TEXT, "fpc": _NUM,
            "duration_s": _NUM, "attention": _FLAG,
        },
        key=("respondent_id", "wave"),
    ),
    "customers": Contract(
        {"customer_id": _NEEDED, "signup_date": _DATE, "contacts_before": _NUM, "consent": _FLAG},
        key=("customer_id",),
    ),
    "feedback": Contract(
        {
            "feedback_id": _ID, "customer_id": _ID, "kind": _TEXT, "text": Column("text", required=False),
            "rating": _NUM, "channel": _TEXT, "date": _DATE, "language": _TEXT,
        },
        key=("feedback_id",),
    ),
    "assignments": Contract(
        {
            "customer_id": _NEEDED, "experiment": _NEEDED, "arm": _NEEDED,
            "assigned_at": Column("date", required=True), "stratum": _TEXT,
        },
        # Two arms of one customer are a fault of the experiment, which counts them; the file is sound.
        key=("customer_id", "experiment", "arm"),
    ),
    "totals": Contract(
        {"experiment": _NEEDED, "arm": _NEEDED, "date": _DATE}, key=("experiment", "arm", "date")
    ),
    "orders": Contract(
        {
            "order_id": _ID, "customer_id": _NEEDED, "time": _DATE, "amount": Column("number", required=True),
            "currency": _TEXT, "items": _TEXT, "payment_method": _TEXT, "refund": _NUM,
        },
        key=("order_id",),
    ),
    "costs": Contract(
        {"channel": _NEEDED, "date": _DATE, "cost": Column("number", required=True)}
    ),
    "actions": Contract(
        {
            "action_id": _ID, "customer_id": _NEEDED, "action": _NEEDED, "time": _DATE, "propensity": _NUM,
            "response": _NUM,
        },
        key=("action_id",),
    ),
    "margins": Contract(
        {
            "wave": _TEXT, "margin": _NEEDED, "category": _NEEDED,
            "target": Column("number", required=True),
        },
        key=("wave", "margin", "category"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """A column in its final type, and how many cells could not be brought there."""

    values: pd.Series
    failed: np.ndarray


def cast(column: pd.Series, kind: Kind, *, time_zone: str = "UTC") -> Cast:
    """Bring a text column to the type its contract asks for; "" becomes missing.

    Examples
    --------
    >>> cast(pd.Series(["1.5", "", "1,5"], dtype="str"), "number").failed.sum()
    np.int64(1)
    """
    if kind == "number":
        return _by_value(column, _as_number)
    if kind == "flag":
        return _by_value(column, _as_flag)
    if kind == "date":
        return _as_date(column, time_zone)
    return Cast(column.where(column != ""), np.zeros(len(column), dtype=bool))


def check_keys(
    frame: pd.DataFrame, contract: Contract, where: str, skip: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield what is wrong with required cells and with the key of a table.

    Parameters
    ----------
    frame : DataFrame
        The table in its final types.
    contract : Contract
        What it promises.
    where : str
        What messages call it.
    skip : collection of str
        Columns already known to hold cells nobody can read; they are not told a second time as empty.
    """
    for name, column in contract.columns.items():
        if column.required and name in frame and name not in skip:
            empty = int(frame[name].isna().sum())
            if empty:
                yield Problem(
                    f"{where}, column '{name}'", counted(empty, "empty cell"), "a value in every row"
                )
    copies = int(repeated(frame, contract).sum())
    if copies:
        names = " and ".join(key_of(frame, contract))
        yield Problem(
            where, f"the {names} of an earlier row stands again in {counted(copies, 'row')}", "each once",
            action='Mend the file, or set duplicates = "keep_first" on the source',
        )  # fmt: skip


def key_of(frame: pd.DataFrame, contract: Contract) -> list[str]:
    """Return the columns of the key that this table has; none when its first column is absent."""
    names = [name for name in contract.key if name in frame]
    return names if names[:1] == list(contract.key[:1]) else []


def repeated(frame: pd.DataFrame, contract: Contract) -> np.ndarray:
    """Mark rows whose key stands in an earlier row; rows without an id are another matter."""
    names = key_of(frame, contract)
    if not names:
        return np.zeros(len(frame), dtype=bool)
    known = [n for n in names if contract.columns[n].kind == "id"]
    whole = frame[known].notna().all(axis=1).to_numpy() if known else np.ones(len(frame), dtype=bool)
    return np.asarray(frame.duplicated(names).to_numpy() & whole, dtype=bool)


def wanted(kind: Kind) -> str:
    """Say what the cells of a column should look like."""
    return _WANTED.get(kind, "")


def counted(n: int, noun: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "cell")
    ('1 row', '1,200 cells')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def number_of(text: str) -> float:
    """Read a plain number, or return NaN."""
    return float(text) if _NUMBER.fullmatch(text) else float("nan")


def _by_value(column: pd.Series, read: Callable[[str], float]) -> Cast:
    codes, words = pd.factorize(column)
    numbers = np.array([read(str(word).strip()) for word in words], dtype=float)
    blank = np.array([not str(word).strip() for word in words], dtype=bool)
    values = numbers[codes] if len(words) else np.full(len(column), np.nan)
    failed = (np.isnan(numbers) & ~blank)[codes] if len(words) else np.zeros(len(column), dtype=bool)
    return Cast(pd.Series(values, index=column.index), failed)


def _as_number(text: str) -> float:
    value = number_of(text)
    return value if np.isfinite(value) else float("nan")


def _as_flag(text: str) -> float:
    word = text.lower()
    return 1.0 if word in _YES else 0.0 if word in _NO else float("nan")


def _as_date(column: pd.Series, time_zone: str) -> Cast:
    """Read ISO dates as local time; those with an offset are brought to the study's time zone first."""
    text = column.str.strip()
    shaped = text.where(text.str.fullmatch(_ISO))
    zoned = text.str.fullmatch(_OFFSET)
    values = pd.to_datetime(shaped.where(~zoned), format="ISO8601", errors="coerce")
    if zoned.any():
        world = pd.to_datetime(shaped.where(zoned), format="ISO8601", errors="coerce", utc=True)
        values = values.fillna(world.dt.tz_convert(time_zone).dt.tz_localize(None))
    failed = (values.isna() & (text != "")).to_numpy()
    return Cast(values.dt.as_unit("us"), np.asarray(failed, dtype=bool))


def iso_dates(column: pd.Series, date_format: str) -> pd.Series:
    """Rewrite dates of another format as ISO; what does not fit stays as it is and fails its contract.

    A format with an offset gives moments in UTC, which `cast` brings to the study's time zone.

    Examples
    --------
    >>> iso_dates(pd.Series(["31.01.2025", "soon"], dtype="str"), "%d.%m.%Y").to_list()
    ['2025-01-31T00:00:00', 'soon']
    >>> iso_dates(pd.Series(["31.01.2025 10:00 +0900"], dtype="str"), "%d.%m.%Y %H:%M %z").to_list()
    ['2025-01-31T01:00:00+00:00']
    """
    zoned = "%z" in date_format or "%Z" in date_format
    read = pd.to_datetime(column.str.strip(), format=date_format, errors="coerce", utc=zoned)
    wanted = "%Y-%m-%dT%H:%M:%S" + (".%f" if "%f" in date_format else "") + ("+00:00" if zoned else "")
    return read.dt.strftime(wanted).where(read.notna(), column)
