"""The answers and customers an analysis speaks about: what a rule or a saved name comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError
from journey_lib.study.segments.checks import settled
from journey_lib.study.segments.people import ANSWERS, CUSTOMERS, People, answers_of, people
from journey_lib.study.segments.read import read_rule
from journey_lib.study.segments.rule import (
    EVERYBODY,
    Condition,
    canonical,
    columns_of,
    fingerprint,
)
from journey_lib.study.segments.store import is_name
from journey_lib.study.segments.truth import Truth, truth_of
from journey_lib.study.segments.words import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_lib.present.domain import Drift
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.rule import Rule
    from journey_lib.study.segments.saved import SavedSegment


@dataclass(frozen=True, eq=False)
class Segment:
    """A named domain: which answers and which customers an analysis speaks about.

    Attributes
    ----------
    name : str
        What pages call it, in the study's language.
    rule : str
        The rule it was made of, or "id@version#hash" of a saved one: part of what a number means.
    column, value : str
        The two sides of a rule that is one comparison, else "".
    rows : ndarray of bool
        Which rows of `responses` are inside.
    customers : Index of str
        Ids of the customers inside. A rule on columns of customers speaks about customers; a rule that names
        a column of answers speaks about answers, and a customer is inside when one of their answers is.
    tree : Rule
        The rule as data.
    level : str
        What the rule speaks about: "customers" or "answers".
    n, base, unknown : int
        People inside, looked at, and undecided because a value is missing; of that level.
    saved : SavedSegment or None
        Where it came from.
    drift : Drift or None
        How a frozen list stands to today; None for a live rule.
    """

    name: str
    rule: str
    column: str
    value: str
    rows: np.ndarray
    customers: pd.Index
    tree: Rule = EVERYBODY
    level: str = CUSTOMERS
    n: int = 0
    base: int = 0
    unknown: int = 0
    saved: SavedSegment | None = field(default=None, repr=False)
    drift: Drift | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Counted:
    """What a rule says of the people of a study.

    Attributes
    ----------
    rule : Rule
        In the codes of the data.
    who : People
        Whom it was asked of, at the level it speaks about.
    truth : Truth
        Aligned with `who`.
    rows : ndarray of bool
        Rows of `responses` inside.
    customers : Index of str
        Customers inside.
    """

    rule: Rule
    who: People
    truth: Truth
    rows: np.ndarray
    customers: pd.Index

    @property
    def n(self) -> int:
        """How many are inside."""
        return int(self.truth.yes.sum())

    @property
    def unknown(self) -> int:
        """How many are undecided."""
        return int(self.truth.unknown.sum())


def segment_of(study: Study, data: Data, text: str) -> Segment:
    """Say whom a segment means.

    Parameters
    ----------
    study : Study
        Its labels may be used in place of codes.
    data : Data
        What rules are asked of.
    text : str
        A saved name or id, "name@version" for an older version, "column=value", or a rule as JSON.

    Raises
    ------
    ParamError
        When there is no such segment, column or category, with the nearest one; all problems at once.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": ["a", "b", "c"], "region": ["KR", "JP", None]})
    >>> rule = '{"not": {"column": "region", "operator": "=", "value": "KR"}}'
    >>> found = segment_of(*quick_study(customers=frame), rule)
    >>> found.name, found.customers.tolist(), (found.n, found.base, found.unknown)
    ('not region: KR', ['b'], (1, 3, 1))
    """
    if is_name(text):
        from journey_lib.study.segments.saved import saved_segments

        return saved_segments(study, data).segment(text)
    return segment_of_rule(study, data, read_rule(text))


def segment_of_rule(study: Study, data: Data, rule: Rule, saved: SavedSegment | None = None) -> Segment:
    """Say whom a rule means, and under which saved segment it was found."""
    found = counted(study, data, rule, saved.cuts if saved else None)
    column, value = _sides(found.rule)
    return Segment(
        name=saved.name if saved else describe(found.rule, study),
        rule=saved.reference if saved else _named(found.rule),
        column=column,
        value=value,
        rows=found.rows,
        customers=found.customers,
        tree=found.rule,
        level=found.who.level,
        n=found.n,
        base=len(found.who),
        unknown=found.unknown,
        saved=saved,
    )


def counted(study: Study, data: Data, rule: Rule, cuts: Mapping[str, object] | None = None) -> Counted:
    """Ask a rule of the people of a study, at the level it speaks about.

    Raises
    ------
    ParamError
        Everything that is gone, at once.
    """
    who = people(study, data, cuts)
    answers = answers_of(study, data, who) if data.responses is not None else None
    if who.level == CUSTOMERS and all(name in who for name in columns_of(rule)):
        known = settled(rule, who, snapshot=who.snapshot)
        truth = truth_of(known, who, who.snapshot)
        rows = _rows_of(known, answers, who.ids[truth.yes], data)
        return Counted(known, who, truth, rows, who.ids[truth.yes])
    asked = who if answers is None else answers
    known = settled(rule, asked, snapshot=asked.snapshot)
    truth = truth_of(known, asked, asked.snapshot)
    return Counted(known, asked, truth, truth.yes, _with_an_answer_inside(known, data, who, asked, truth))


def _sides(rule: Rule) -> tuple[str, str]:
    """Return column and value of a rule that is one "=", as text; two empty texts for any other."""
    if not isinstance(rule, Condition) or rule.operator != "=":
        return "", ""
    return rule.column, f"{rule.value:.15g}" if isinstance(rule.value, float) else str(rule.value)


def _named(rule: Rule) -> str:
    """Return what stands for a rule in the definition of a number: short ones as they are, others by hash."""
    column, value = _sides(canonical(rule))
    return f"{column}={value}" if column else f"rule#{fingerprint(rule)[:12]}"


def _rows_of(rule: Rule, answers: People | None, inside: pd.Index, data: Data) -> np.ndarray:
    """Return the answers inside: by what was said with the answer where it says it, else by the customer."""
    if answers is None or data.responses is None:
        return np.zeros(0, dtype=bool)
    try:
        known = settled(rule, answers, snapshot=answers.snapshot)
    except ParamError:  # a category of customers that nobody answered with, or another kind of column
        ids = data.responses.get("customer_id")
        return np.zeros(len(answers), dtype=bool) if ids is None else ids.isin(inside).to_numpy(dtype=bool)
    return truth_of(known, answers, answers.snapshot).yes


def _with_an_answer_inside(rule: Rule, data: Data, who: People, asked: People, truth: Truth) -> pd.Index:
    """Return customers with an answer inside, and those who never answered where that is enough."""
    frame = data.responses
    if frame is None or asked.level != ANSWERS or "customer_id" not in frame:
        return pd.Index([], dtype="str")
    ids: pd.Index = pd.Index(frame.loc[truth.yes, "customer_id"].dropna().unique(), dtype="str")
    if who.level != CUSTOMERS:
        return ids
    silent = ~who.ids.isin(frame["customer_id"].dropna())
    never = truth_of(rule, Silent(who, asked), who.snapshot).yes & silent
    inside: pd.Index = ids.append(who.ids[never])
    return inside


@dataclass(frozen=True, eq=False)
class Silent:
    """People who never answered: every column of answers is missing, the others are as they are."""

    who: People
    asked: People

    @property
    def several(self) -> tuple[str, ...]:
        """The questions with several answers."""
        return self.asked.several

    def __len__(self) -> int:
        return len(self.who)

    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    def __contains__(self, name: object) -> bool:
        return name in self.asked

    def __getitem__(self, name: str) -> pd.Series:
        if name in self.who:
            return self.who[name]
        kind = self.asked[name].dtype
        return pd.Series(np.nan, index=pd.RangeIndex(len(self.who))).astype(kind)
