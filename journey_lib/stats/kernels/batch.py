"""What a kernel is given and what it promises: one answer in memory, in chunks or on a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

P = TypeVar("P")


@dataclass(frozen=True, eq=False)
class Batch:
    """The events of some customers, each of them whole, sorted by customer, time and the tie rule.

    Attributes
    ----------
    offsets : ndarray of int64
        Customer `i` owns the events `offsets[i]` to `offsets[i + 1]`; a customer may own none.
    time : ndarray of int64
        Microseconds since 1970 in UTC; never after the customer's `until`, and never before `start` but for a
        kernel with `history`.
    event : ndarray of int
        Codes into the names of the whole log, the same in every batch.
    ids : Index of str
        Who the customers are, for lists and for weights hashed from an id.
    start : int
        First instant observed.
    until : ndarray of int64
        Last instant each customer was observed, events or not.
    columns : mapping of str to ndarray
        The further columns the kernel asked for, one value an event: codes for text (-1 where empty), floats
        for numbers.
    people : mapping of str to ndarray
        The attributes the kernel asked for, one code a customer (-1 where unknown).

    Examples
    --------
    >>> import pandas as pd
    >>> time, event, until = np.array([10, 20, 15]), np.array([0, 1, 0]), np.array([99, 99])
    >>> batch = Batch(np.array([0, 2, 3]), time, event, pd.Index(["a", "b"]), 0, until)
    >>> batch.codes.tolist(), batch.n_customers
    ([0, 0, 1], 2)
    """

    offsets: np.ndarray
    time: np.ndarray
    event: np.ndarray
    ids: pd.Index
    start: int
    until: np.ndarray
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    people: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self.time)

    @property
    def n_customers(self) -> int:
        """How many customers there are, those without an event included."""
        return len(self.offsets) - 1

    @cached_property
    def codes(self) -> np.ndarray:
        """The customer of each event, as a number from 0."""
        return np.repeat(np.arange(self.n_customers, dtype=np.int32), np.diff(self.offsets))


class Kernel(Protocol[P]):
    """One question to the log, answered batch by batch.

    `columns` and `people` name what a batch must carry. `measure` answers for a batch; `merge` adds two
    answers. The answer must not depend on how customers were dealt into batches, or on the order of merging:
    counts and sums add, sparse tables join, lists of customers are sorted at the end. It can be pickled.
    A kernel with a true attribute `history` is given the events before the window too.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""

    def measure(self, batch: Batch) -> P:
        """Return the answer for the customers of one batch; an empty batch has an answer too."""

    def merge(self, one: P, other: P) -> P:
        """Return the answer for both."""
