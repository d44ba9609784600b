"""What was known of a unit before exposure: levels of a column, or two sides of a cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import Problem, nearest
from journey_lib.study.segments import as_words

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "unknown"
MOST_LEVELS = 30
_CUT = re.compile(r"([\w-]+)\s*(>=|<)\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, eq=False)
class Attribute:
    """Which level each unit has.

    Attributes
    ----------
    rule : str
        As the plan says it: a column, or "column >= number".
    column : str
        The column.
    levels : tuple of str
        Names of the levels.
    code : ndarray of int
        Level of each unit.
    dated : bool
        Whether the table says when the value was settled, so that it could be checked.
    """

    rule: str
    column: str
    levels: tuple[str, ...]
    code: np.ndarray
    dated: bool = False


def attribute(table: pd.DataFrame, rule: str, at: np.ndarray, where: str) -> Attribute | Problem:
    """Return the level of each unit, or what is wrong with the rule.

    Parameters
    ----------
    table : DataFrame
        One row a unit.
    rule : str
        A column, or a cut of a number such as "contacts_before >= 2".
    at : ndarray of int64
        Exposure, in UTC microseconds. Where a column `<name>_at` says when the value was settled, it must not
        be later.
    where : str
        What a message calls the rule.
    """
    cut = _CUT.fullmatch(rule.strip())
    column = cut[1] if cut else rule.strip()
    if column not in table:
        known = [str(name) for name in table]
        given = f"no column '{column}' in the assignments or the customers"
        return Problem(where, given, nearest=nearest(column, known))
    late = _late(table, column, at)
    if late:
        given = f"'{column}' was settled after exposure for {late:,} units"
        return Problem(
            where, given, "what was known before", action="Effects by what the arms changed say nothing"
        )
    levels, code = _cut(table[column], cut) if cut else _levels(table[column])
    if len(levels) > MOST_LEVELS:
        given = f"'{column}' has {len(levels):,} values"
        return Problem(where, given, f"at most {MOST_LEVELS}", action=f'Write a cut such as "{column} >= 2"')
    return Attribute(rule, column, tuple(levels), code, f"{column}_at" in table)


def _late(table: pd.DataFrame, column: str, at: np.ndarray) -> int:
    settled = table.get(f"{column}_at")
    if settled is None:
        return 0
    times = pd.to_datetime(settled, errors="coerce")
    moment = pd.Series(pd.to_datetime(at, unit="us")).dt.floor("D") + pd.Timedelta(days=1)
    return int((times.to_numpy() > moment.to_numpy()).sum())  # a day's slack for the time zone


def _levels(values: pd.Series) -> tuple[Sequence[str], np.ndarray]:
    words = as_words(values)
    codes, found = pd.factorize(words, sort=True)
    names = [str(name) for name in found]
    if (codes < 0).any():
        return [*names, UNKNOWN], np.where(codes < 0, len(names), codes)
    return names, codes


def _cut(values: pd.Series, cut: re.Match[str]) -> tuple[Sequence[str], np.ndarray]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
    high = (numbers >= float(cut[3])).astype(int)
    names = [f"< {cut[3]}", f">= {cut[3]}"]
    if np.isnan(numbers).any():
        return [*names, UNKNOWN], np.where(np.isnan(numbers), 2, high)
    return names, high
