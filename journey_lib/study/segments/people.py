"""One row a person: their own columns, and what orders, events, experiments and answers say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from journey_lib.present.wording import Says
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


@dataclass(frozen=True)
class Trait:
    """What a column of the people is.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        "text", "number", "date" or "multi" (a question with several answers, one float column an option).
    label : Says
        What pages call it, in both languages.
    source : str
        "customers", "responses", or the table it is derived from.
    derived : bool
        Whether it is computed here rather than read.
    levels : mapping of str to Says
        Words of its codes, where the study has them; of a "multi" column its options.
    """

    name: str
    kind: str
    label: Says
    source: str
    derived: bool = False
    levels: dict[str, Says] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class People:
    """The people of a study as columns, each computed when it is first asked for.

    Attributes
    ----------
    level : str
        "customers", or "answers" where a row is a row of `responses`.
    ids : Index of str
        Who: customer ids, or respondent ids.
    traits : dict of str to Trait
        Every column there is, in order.
    snapshot : date
        The day "last" and "ago" are counted from.
    weights : ndarray or None
        Final weights where the rows are answers of a weighted survey.
    """

    level: str
    ids: pd.Index
    traits: dict[str, Trait]
    snapshot: date
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of columns."""
        raise NotImplementedError

    def __contains__(self, name: object) -> bool:
        raise NotImplementedError

    def __getitem__(self, name: str) -> pd.Series:
        """Return a column, aligned with `ids`; "question.option" for one option of a multi column."""
        raise NotImplementedError

    def frame(self, names: Sequence[str] = ()) -> pd.DataFrame:
        """Return columns as one frame; all of them without names."""
        raise NotImplementedError


def people(study: Study, data: Data) -> People:
    """Return whom segments pick from: one row a customer; one row an answer where there are only answers."""
    raise NotImplementedError


def answers_of(study: Study, data: Data) -> People:
    """Return one row for each row of `responses`, with the traits of its customer beside it."""
    raise NotImplementedError


def snapshot_of(study: Study, data: Data) -> date:
    """Return the day a rule looks back from: the end of the study's window, else the last day in the data."""
    raise NotImplementedError
