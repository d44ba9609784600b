"""Three-valued logic: for each person a rule is true, false, or unknown because a value is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem
from journey_lib.study.segments.checks import kind_of, options_of, settled
from journey_lib.study.segments.rule import Condition, Either, Not

if TYPE_CHECKING:
    from journey_lib.study.segments.checks import Columns
    from journey_lib.study.segments.rule import Rule, Scalar

_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class Truth:
    """What a rule says of each row.

    Attributes
    ----------
    yes : ndarray of bool
        Inside the segment.
    unknown : ndarray of bool
        Neither inside nor outside: a value that decides is missing. Never inside.

    Examples
    --------
    >>> known, lost = Truth(np.array([True]), np.array([False])), Truth(np.array([False]), np.array([True]))
    >>> (known | lost).yes.tolist(), (known & lost).unknown.tolist(), (~lost).unknown.tolist()
    ([True], [True], [True])
    """

    yes: np.ndarray
    unknown: np.ndarray

    @property
    def no(self) -> np.ndarray:
        """Outside for sure."""
        outside: np.ndarray = ~(self.yes | self.unknown)
        return outside

    def __and__(self, other: Truth) -> Truth:
        yes = self.yes & other.yes
        return Truth(yes, ~(yes | self.no | other.no))

    def __or__(self, other: Truth) -> Truth:
        yes = self.yes | other.yes
        return Truth(yes, ~yes & (self.unknown | other.unknown))

    def __invert__(self) -> Truth:
        return Truth(self.no, self.unknown)


def evaluate(rule: Rule, frame: Columns, *, snapshot: date | None = None) -> Truth:
    """Say for each row of a frame whether a rule holds.

    Parameters
    ----------
    rule : Rule
        What is asked.
    frame : DataFrame or People
        Columns by name.
    snapshot : date, optional
        The day `within_last_days` looks back from.

    Returns
    -------
    Truth

    Raises
    ------
    ParamError
        Columns or categories that are gone, comparisons a column cannot answer, or a missing snapshot: all
        at once.

    Definition
    ----------
    Kleene's strong logic. A comparison with a missing value is unknown; `is_missing` never is. All: false if
    a part is false, else unknown if a part is. Any: true if a part is true, else unknown if a part is. Not:
    unknown stays unknown. Only true is inside.

    Units and missing data
    ----------------------
    `between` includes both ends, days count as whole local days, and `contains` does not tell capitals from
    small letters. `within_last_days` n means at most n whole days before the snapshot, and not after it. For
    a question with several answers `=` and `contains` mean one option and `in` any of them; an option
    without a value is missing.

    Source
    ------
    Kleene, S. C. (1952), Introduction to Metamathematics, section 64.

    Examples
    --------
    >>> frame = pd.DataFrame({"plan": ["free", "paid", None]})
    >>> truth = evaluate(Not(Condition("plan", "=", "free")), frame)
    >>> truth.yes.tolist(), truth.unknown.tolist()
    ([False, True, False], [False, False, True])
    """
    return _truth(settled(rule, frame, snapshot=snapshot), frame, snapshot)


def truth_of(rule: Rule, frame: Columns, snapshot: date | None) -> Truth:
    """Say the same of a rule that is already settled on this frame."""
    return _truth(rule, frame, snapshot)


def as_pandas(rule: Rule, frame: Columns, *, snapshot: date | None = None) -> str:
    """Return text for `DataFrame.query(text, engine="python")` that keeps the rows inside.

    Negations are moved to the comparisons, each of which asks for a value as well: so a missing value is
    unknown in pandas too, where it would make `!=` true.

    Parameters
    ----------
    rule : Rule
        What is asked.
    frame : DataFrame or People
        The columns it will be asked of.
    snapshot : date, optional
        The day `within_last_days` looks back from.

    Examples
    --------
    >>> frame = pd.DataFrame({"plan": ["free", "paid", None]})
    >>> text = as_pandas(Not(Condition("plan", "=", "free")), frame)
    >>> text, frame.query(text, engine="python").index.tolist()
    ("(plan.notna() & ~(plan == 'free'))", [1])
    """
    known = settled(rule, frame, snapshot=snapshot)
    return _query(known, frame, snapshot, wanted=True)


def days_of(values: pd.Series) -> np.ndarray:
    """Return the whole local days of a column of dates."""
    days: np.ndarray = values.to_numpy().astype("datetime64[D]")
    return days


def _truth(rule: Rule, frame: Columns, snapshot: date | None) -> Truth:
    if isinstance(rule, Condition):
        return _compared(rule, frame, snapshot)
    if isinstance(rule, Not):
        return ~_truth(rule.part, frame, snapshot)
    either = isinstance(rule, Either)
    found = Truth(np.full(len(frame), not either), np.zeros(len(frame), dtype=bool))
    for part in rule.parts:
        one = _truth(part, frame, snapshot)
        found = found | one if either else found & one
    return found


def _compared(one: Condition, frame: Columns, snapshot: date | None) -> Truth:
    options = options_of(frame, one.column)
    if options:
        return _ticked(one, frame, options)
    values = frame[one.column]
    missing = values.isna().to_numpy(dtype=bool)
    if one.operator == "is_missing":
        return Truth(missing, np.zeros(len(frame), dtype=bool))
    return Truth(_holds(one, values, snapshot) & ~missing, missing)


def _ticked(one: Condition, frame: Columns, options: tuple[str, ...]) -> Truth:
    """Say it of a question with several answers, one column an option."""
    if one.operator == "is_missing":
        missing = np.logical_and.reduce([frame[f"{one.column}.{name}"].isna() for name in options])
        return Truth(missing, np.zeros(len(frame), dtype=bool))
    found = Truth(np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool))
    for name in _listed(one):
        marks = frame[f"{one.column}.{name}"].to_numpy(dtype=float)
        found |= Truth(marks == 1, np.isnan(marks))
    return found


def _holds(one: Condition, values: pd.Series, snapshot: date | None) -> np.ndarray:
    kind = kind_of(values)
    if kind == "text":
        return _text_holds(one, values)
    numbers = days_of(values) if kind == "date" else values.to_numpy(dtype=float)
    if one.operator in ("=", "in"):
        return np.isin(numbers, np.array([_edge(v, kind) for v in _listed(one)]))
    low, high = bounds(one, snapshot)
    inside = np.ones(len(numbers), dtype=bool)
    if low is not None:
        inside &= numbers >= _edge(low, kind)
    if high is not None:
        inside &= numbers <= _edge(high, kind)
    return inside


def _text_holds(one: Condition, values: pd.Series) -> np.ndarray:
    if one.operator == "contains":
        wanted = str(one.value).lower()
        found = values.str.lower().str.contains(wanted, regex=False)
        return found.fillna(False).to_numpy(dtype=bool)  # noqa: FBT003 - pandas' own argument
    return values.isin([str(v) for v in _listed(one)]).to_numpy(dtype=bool)


def bounds(one: Condition, snapshot: date | None) -> tuple[Scalar | None, Scalar | None]:
    """Return the lowest and highest value a comparison admits; None where it has no end."""
    value = one.value
    if one.operator == "between" and isinstance(value, tuple):
        return value[0], value[1]
    if one.operator == "within_last_days" and snapshot is not None and isinstance(value, float):
        last = np.datetime64(snapshot, "D")
        return str(last - int(value) * _DAY), str(last)
    known = value if isinstance(value, str | float) else None
    return (known, None) if one.operator == ">=" else (None, known)


def _edge(value: Scalar, kind: str) -> np.datetime64 | float:
    return np.datetime64(str(value), "D") if kind == "date" else float(value)


def _listed(one: Condition) -> tuple[Scalar, ...]:
    if isinstance(one.value, tuple):
        return one.value
    return () if one.value is None else (one.value,)


def _query(rule: Rule, frame: Columns, snapshot: date | None, *, wanted: bool) -> str:
    """Write when a rule is true (`wanted`) or false; both leave out where it is unknown."""
    if isinstance(rule, Not):
        return _query(rule.part, frame, snapshot, wanted=not wanted)
    if isinstance(rule, Condition):
        return _asked(rule, frame, snapshot, wanted=wanted)
    parts = [_query(part, frame, snapshot, wanted=wanted) for part in rule.parts]
    if not parts:
        return "index == index" if wanted else "index != index"
    either = isinstance(rule, Either) == wanted
    return parts[0] if len(parts) == 1 else f"({(' | ' if either else ' & ').join(parts)})"


def _asked(one: Condition, frame: Columns, snapshot: date | None, *, wanted: bool) -> str:
    options = options_of(frame, one.column)
    if options:
        return _asked_options(one, options, wanted=wanted)
    name = _name(one.column)
    if one.operator == "is_missing":
        return f"{name}.isna()" if wanted else f"{name}.notna()"
    test = _test(one, frame[one.column], name, snapshot)
    return f"({name}.notna() & {'' if wanted else '~'}({test}))"


def _asked_options(one: Condition, options: tuple[str, ...], *, wanted: bool) -> str:
    if one.operator == "is_missing":
        parts = [f"{_name(f'{one.column}.{name}')}.{'isna' if wanted else 'notna'}()" for name in options]
        return f"({(' & ' if wanted else ' | ').join(parts)})"
    names = [_name(f"{one.column}.{name}") for name in _listed(one)]
    if wanted:
        return f"({' | '.join(f'({name} == 1)' for name in names)})"
    return f"({' & '.join(f'({name}.notna() & ({name} != 1))' for name in names)})"


def _test(one: Condition, values: pd.Series, name: str, snapshot: date | None) -> str:
    kind = kind_of(values)
    if one.operator == "contains":
        return f"{name}.str.lower().str.contains({_literal(str(one.value).lower())}, regex=False)"
    if one.operator in ("=", "in"):
        days = f"{name}.dt.strftime('%Y-%m-%d')" if kind == "date" else name
        listed = [_literal(value) for value in _listed(one)]
        return f"{days} == {listed[0]}" if len(listed) == 1 else f"{days}.isin([{', '.join(listed)}])"
    low, high = bounds(one, snapshot)
    tests = [] if low is None else [f"({name} >= {_literal(low)})"]
    if high is not None and kind == "date":
        tests.append(f"({name} < {_literal(str(np.datetime64(str(high), 'D') + _DAY))})")
    elif high is not None:
        tests.append(f"({name} <= {_literal(high)})")
    return " & ".join(tests)


def _name(column: str) -> str:
    if column.isidentifier() and column.isascii() and not iskeyword(column) and column != "index":
        return column
    if "`" in column or "\n" in column:
        raise ParamError(Problem("rule", "a column's name cannot be written in a query", action="Rename it"))
    return f"`{column}`"


def _literal(value: Scalar) -> str:
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() else value)
    return repr(value).replace("`", "\\x60").replace("#", "\\x23").replace("@", "\\x40")
