"""What cards compare people on: one column of numbers a statement, in three blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.study.behaviour import CHANNEL, SHARE, behaviour
from journey_lib.study.segments.people import CUSTOMERS

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments import People

DEMOGRAPHIC, BEHAVIOUR, PSYCHOGRAPHIC = "demographic", "behavioural", "psychographic"
USED, SEEN, AGREE = "used", "seen", "agree"  # options that are no value of a column
SCALE_TOP = 7.0
_MOST_LEVELS = 12
_DERIVED = ("orders", "spend", "contacts")
_NEVER = (
    "customer_id", "respondent_id", "household_id", "wave", "date", "mode", "attention", "base_weight",
    "duration_s", "psu", "strata", "fpc", "consent",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Variable:
    """One thing people can differ in.

    Attributes
    ----------
    column, option : str
        What it is made of: a column and one of its values, or "" where the number itself counts.
    block : str
        "demographic", "behavioural" or "psychographic".
    values : ndarray of float
        One a person, NaN where unknown; 0 and 1 where it is a share.
    share : bool
        Whether it is one.
    """

    column: str
    option: str
    block: str
    values: np.ndarray = field(repr=False)
    share: bool


@dataclass(frozen=True, eq=False)
class Compared:
    """All variables, and which stages people ever entered (None without events)."""

    variables: tuple[Variable, ...]
    entered: np.ndarray | None = None


def compared_of(study: Study, data: Data, who: People) -> Compared:
    """Return everything the people of a study can be compared on."""
    found = list(_own(study, who))
    if data.events is None or who.level != CUSTOMERS:
        return Compared(tuple(_told_apart(found)))
    table = behaviour(study, data)
    at = table.frame.index.get_indexer(who.ids)
    found += _behaved(table.frame, at)
    known = at >= 0
    entered = np.zeros((len(who), table.entered.shape[1]), dtype=bool)
    entered[known] = table.entered[at[known]]
    return Compared(tuple(_told_apart(found)), entered)


def one_to_one(one: pd.Series, other: pd.Series) -> bool:
    """Say whether two columns divide people alike, whatever they call the parts."""
    a, b = pd.factorize(one)[0], pd.factorize(other)[0]
    pairs = len(set(zip(a.tolist(), b.tolist(), strict=True)))
    return bool(pairs == len(set(a.tolist())) == len(set(b.tolist())))


def of_column(study: Study, who: People, column: str) -> list[Variable]:
    """Return one column as variables; none where it is a date, a list of answers or free text."""
    trait = who.traits.get(column)
    if trait is None or trait.kind not in ("text", "number"):
        return []
    values = who[column]
    if trait.kind == "text":
        return _levels(column, values)
    numbers = values.to_numpy(float, na_value=np.nan)
    if _is_scale(study, column, numbers):
        top = np.where(np.isnan(numbers), np.nan, numbers >= SCALE_TOP - 1)
        return [Variable(column, AGREE, PSYCHOGRAPHIC, top, share=True)]
    return [Variable(column, "", BEHAVIOUR, numbers, share=False)]


def _own(study: Study, who: People) -> Iterator[Variable]:
    asked = {question.id: question for question in study.questions}
    for name, trait in who.traits.items():
        question = asked.get(name.removeprefix("newest_"))
        if name in _NEVER or (question is not None and question.kind != "likert"):
            continue
        if trait.derived and name not in _DERIVED and question is None:
            continue
        yield from of_column(study, who, name)


def _is_scale(study: Study, column: str, numbers: np.ndarray) -> bool:
    question = next((q for q in study.questions if q.id == column.removeprefix("newest_")), None)
    if question is not None:
        return question.scale == (1, int(SCALE_TOP))
    known = np.unique(numbers[~np.isnan(numbers)])
    return bool(len(known) > 4 and known[0] >= 1 and known[-1] == SCALE_TOP and (known % 1 == 0).all())


def _levels(column: str, values: pd.Series) -> list[Variable]:
    counts = values.value_counts()
    names = [str(name) for name in counts.index if str(name)]
    if not 2 <= len(names) <= _MOST_LEVELS:
        return []
    kept = names[1:] if len(names) == 2 else names  # of two, one says all
    missing = values.isna().to_numpy()
    return [
        Variable(
            column, name, DEMOGRAPHIC, np.where(missing, np.nan, (values == name).to_numpy(bool)), share=True
        )
        for name in kept
    ]


def _behaved(frame: pd.DataFrame, at: np.ndarray) -> Iterator[Variable]:
    for name in map(str, frame):
        column = np.where(at >= 0, frame[name].to_numpy(float)[at], np.nan)
        if name.startswith((SHARE, CHANNEL)):
            option = USED if name.startswith(SHARE) else SEEN
            used = np.where(np.isnan(column), np.nan, column > 0)
            yield Variable(name, option, BEHAVIOUR, used, share=True)
        elif name == "visits":
            yield Variable(name, "", BEHAVIOUR, column, share=False)


def _told_apart(found: list[Variable]) -> Iterator[Variable]:
    """Yield variables once, whichever column repeats them; those that never vary are left out."""
    seen: set[bytes] = set()
    for one in found:
        known = one.values[~np.isnan(one.values)]
        key = one.values.tobytes()
        if len(known) and np.ptp(known) > 0 and key not in seen:
            seen.add(key)
            yield one
