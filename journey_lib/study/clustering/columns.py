"""Whom to group and by what: the columns asked for, or those that fit the method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import AbsentError, DataError, ParamError, Problem, nearest
from journey_lib.study import behaviour as made
from journey_lib.study.segments import People, answers_of, people

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MANY = 20  # different values from which a number counts as behaviour rather than as an answer on a scale
FEW = 12  # categories a column may have to be described
FIXED = (
    "respondent_id", "customer_id", "household_id", "wave", "date", "base_weight", "strata", "psu", "fpc",
    "duration_s", "attention", "consent",
)  # fmt: skip
DERIVED = ("events", "sessions", "orders", "spend", "contacts")
RFM = ("recency_score", "frequency_score", "monetary_score")
ANSWERED = 0.5  # of the respondents must have answered a rating for it to build classes by itself
_MOST_PASSIVE = 30


@dataclass(frozen=True, eq=False)
class Whom:
    """The people of one analysis.

    Attributes
    ----------
    who : People
        Everybody of the study.
    places : ndarray of int
        Rows of `who` inside the segment, sorted by id.
    ids : Index of str
        Their ids.
    active, passive : tuple of str
        What builds the groups, and what only describes them.
    frame : DataFrame
        Both, row by row.
    weights : ndarray of float
    entered : ndarray of bool or None
        Stages each of them ever entered; None where no event tells.
    lookup : callable
        Returns a column of everybody by its name.
    """

    who: People
    places: np.ndarray
    ids: pd.Index
    active: tuple[str, ...]
    passive: tuple[str, ...]
    frame: pd.DataFrame
    weights: np.ndarray
    entered: np.ndarray | None

    @property
    def level(self) -> str:
        """Who a row is: "customers" or "answers"."""
        return self.who.level


class Source:
    """Columns of the people and of their behaviour, each read when it is first asked for."""

    def __init__(self, study: Study, data: Data, who: People) -> None:
        self.study, self.data, self.who = study, data, who

    @cached_property
    def made(self) -> made.Table | None:
        """Behaviour of the customers, None without events."""
        return made.behaviour(self.study, self.data) if self.data.events is not None else None

    @cached_property
    def extra(self) -> list[str]:
        """Names of the columns of behaviour."""
        return made.names(self.study, self.data) if self.who.level == "customers" else []

    def known(self) -> list[str]:
        """Return every name there is."""
        return [*self.who, *(name for name in self.extra if name not in self.who)]

    def column(self, name: str) -> pd.Series:
        """Return a column, aligned with the people."""
        if name in self.who:
            return self.who[name]
        assert self.made is not None  # noqa: S101 - `extra` is empty without events
        return self.made.frame[name].reindex(self.who.ids).reset_index(drop=True)

    @cached_property
    def entered(self) -> np.ndarray | None:
        """Stages each person entered."""
        if self.made is None or self.who.level != "customers":
            return None
        at = self.made.frame.index.get_indexer(self.who.ids)
        found: np.ndarray = self.made.entered[at] & (at >= 0)[:, None]
        return found


def choose(study: Study, data: Data, method: str, columns: tuple[str, ...]) -> Whom:
    """Return whom to group by what.

    Raises
    ------
    ParamError
        For columns nobody knows; all of them at once.
    DataError
        Nobody inside the segment, an id twice, or no column fit for the method.
    """
    source = _source(study, data, method, columns)
    active = columns or _default(source, method)
    unknown = [name for name in active if name not in source.known()]
    if unknown:
        known = source.known()
        allowed = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
        raise ParamError(
            [Problem("columns", f"no column '{n}'", allowed, nearest(n, known)) for n in unknown]
        )
    if len(set(active)) < len(active):
        raise ParamError(Problem("columns", "a column is named twice", "each column once"))
    places = _inside(data, source.who)
    if not len(places):
        raise DataError(Problem("segments", "there is nobody to group", action="Choose a wider segment"))
    passive = _passive(source, active)
    frame = pd.DataFrame({name: source.column(name).to_numpy()[places] for name in (*active, *passive)})
    weights = np.ones(len(places)) if source.who.weights is None else source.who.weights[places]
    entered = source.entered
    return Whom(
        source.who, places, source.who.ids[places], active, passive, frame, weights,
        None if entered is None else entered[places],
    )  # fmt: skip


def _source(study: Study, data: Data, method: str, columns: Sequence[str]) -> Source:
    """Return customers where they know every column asked for, else answers."""
    who = people(study, data)
    of_answers = data.responses is not None
    if method == "latent" and not columns and of_answers:
        return Source(study, data, answers_of(study, data, who if who.level == "customers" else None))
    source = Source(study, data, who)
    if who.level == "customers" and of_answers and not set(columns) <= set(source.known()):
        answers = Source(study, data, answers_of(study, data, who))
        if set(columns) <= set(answers.known()):
            return answers
    return source


def _inside(data: Data, who: People) -> np.ndarray:
    """Return the rows of the people inside the segment, sorted by id; an id may stand once."""
    ids = pd.Series(np.asarray(who.ids, dtype=object))
    if who.level == "answers":
        if data.responses is not None and "wave" in data.responses:
            ids = ids + "\0" + data.responses["wave"].astype("str").fillna("").to_numpy()
        inside = data.mask()
    else:
        members = None if data.segment is None else data.segment.customers
        inside = np.ones(len(who), bool) if members is None else np.asarray(who.ids.isin(members))
    twice = int(ids[inside].duplicated().sum())
    if twice:
        given = f"{twice} rows repeat an id"
        raise DataError(Problem("segments", given, "each person once", action="Remove the repeated rows"))
    places = np.flatnonzero(inside)
    order = np.argsort(ids.to_numpy()[places].astype(str), kind="stable")
    found: np.ndarray = places[order]
    return found


def _default(source: Source, method: str) -> tuple[str, ...]:
    makers: dict[str, Callable[[Source], tuple[str, ...]]] = {
        "latent": _answers, "nmf": _shares, "rfm": _scores, "prototypes": _mixed,
    }  # fmt: skip
    found = makers.get(method, _numbers)(source)
    if len(found) < 2:
        given = f"fewer than two columns fit method '{method}' by themselves"
        raise AbsentError(Problem("columns", given, action="Name the columns that shall build the groups"))
    return found


def _numbers(source: Source) -> tuple[str, ...]:
    own = tuple(
        name
        for name, trait in source.who.traits.items()
        if trait.kind == "number" and not trait.derived and name not in FIXED
        and _distinct(source.column(name)) > MANY
    )  # fmt: skip
    return own if len(own) >= 2 else _shares(source)


def _mixed(source: Source) -> tuple[str, ...]:
    words = tuple(
        name
        for name, trait in source.who.traits.items()
        if trait.kind == "text" and not trait.derived and name not in FIXED
        and 1 < _distinct(source.column(name)) <= FEW
    )  # fmt: skip
    return tuple(_without_copies(source, (*_numbers(source), *words)))


def _shares(source: Source) -> tuple[str, ...]:
    return tuple(
        name for name in source.extra if name.startswith(made.SHARE) and _distinct(source.column(name)) > 1
    )


def _scores(source: Source) -> tuple[str, ...]:
    return tuple(name for name in RFM if name in source.who)


def _answers(source: Source) -> tuple[str, ...]:
    scaled = {
        question.id
        for question in source.study.questions
        if question.kind in ("rating", "csat", "ces", "likert") and question.touchpoint
    }
    rows = len(source.who)
    kept = [
        name for name in source.who if name in scaled and source.column(name).notna().sum() >= ANSWERED * rows
    ]
    return tuple(kept)


def _passive(source: Source, active: Sequence[str]) -> tuple[str, ...]:
    found = []
    for name, trait in source.who.traits.items():
        if name in active or name in FIXED or name in RFM or trait.kind not in ("number", "text"):
            continue
        if trait.derived and (name not in DERIVED or source.who.level != "customers"):
            continue
        if trait.source != source.who.level and source.who.level == "answers" and trait.source != "responses":
            continue
        distinct = _distinct(source.column(name))
        if distinct > 1 and (trait.kind == "number" or distinct <= FEW):
            found.append(name)
    return tuple(_without_copies(source, found, active))[:_MOST_PASSIVE]


def _without_copies(source: Source, names: Sequence[str], before: Sequence[str] = ()) -> list[str]:
    """Leave out columns that repeat an earlier one value by value."""
    kept: list[str] = []
    seen = {_print_of(source.column(name)) for name in before if name not in names}
    for name in names:
        told = _print_of(source.column(name))
        if told not in seen:
            kept.append(name)
        seen.add(told)
    return kept


def _print_of(values: pd.Series) -> int:
    """Return a number for the values of a column; two columns of words may use different words."""
    if pd.api.types.is_numeric_dtype(values):
        return hash(values.to_numpy(float).tobytes())
    codes, _ = pd.factorize(values)
    return hash(codes.tobytes())


def _distinct(values: pd.Series) -> int:
    return int(values.nunique())
