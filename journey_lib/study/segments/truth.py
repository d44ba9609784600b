"""Three-valued logic: for each person a rule is true, false, or unknown because a value is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.segments.rule import Rule


class Columns(Protocol):
    """Anything with columns by name: a frame, or `People`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __getitem__(self, name: str, /) -> pd.Series: ...


@dataclass(frozen=True, eq=False)
class Truth:
    """What a rule says of each row.

    Attributes
    ----------
    yes : ndarray of bool
        Inside the segment.
    unknown : ndarray of bool
        Neither inside nor outside: a value that decides is missing. Never inside.
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
    """Say for each row of a frame whether a rule holds."""
    raise NotImplementedError


def settled(rule: Rule, frame: Columns) -> Rule:
    """Return the rule in the codes of the frame, or raise one error with everything that is gone.

    Labels of the study become codes, and words of numbers numbers.
    """
    raise NotImplementedError


def as_pandas(rule: Rule, frame: Columns, *, snapshot: date | None = None) -> str:
    """Return text for `DataFrame.query(..., engine="python")` that keeps the same rows."""
    raise NotImplementedError
