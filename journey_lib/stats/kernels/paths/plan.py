"""How events become paths: what is a step, what separates two paths, and when a path has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from journey_lib.stats.kernels.batch import Batch

NOTHING = -1  # an event that is no step
UNPLACED = -1  # a node without a place along the journey


@dataclass(frozen=True)
class Plan:
    """What a path is made of.

    Attributes
    ----------
    node : tuple of int
        The node of each event code, -1 where the event is no step.
    places : tuple of int
        For each node how far along the journey it stands, -1 where it has no place. Several nodes may share
        one place.
    horizon : int
        Microseconds of silence after which a path has ended; until then it is open.
    gap : int
        A longer pause starts a new path (a session); 0 makes one path of each customer. With a gap, the gap
        is the horizon as well.
    collapse_counts, collapse_shown : bool
        Whether repeats of a node that follow each other are one step: in the transitions, and in the step
        matrix, variants and loops.
    steps : int
        How many steps of a path the step matrix and the flows hold.
    target : int
        Node whose first visit the backward flows end at; -1 for the end of an ended path.
    """

    node: tuple[int, ...]
    places: tuple[int, ...]
    horizon: int
    gap: int = 0
    collapse_counts: bool = False
    collapse_shown: bool = True
    steps: int = 8
    target: int = -1

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.places)

    @property
    def start(self) -> int:
        """The row of START in a matrix of transitions, after all nodes."""
        return self.nodes

    @property
    def end(self) -> int:
        """The column of END, after all nodes."""
        return self.nodes

    @property
    def open(self) -> int:
        """The column of OPEN, the last one."""
        return self.nodes + 1

    @property
    def columns(self) -> int:
        """How many columns a matrix of transitions has: the nodes, END and OPEN."""
        return self.nodes + 2

    @property
    def cells(self) -> int:
        """How many cells a matrix of transitions has."""
        return (self.nodes + 1) * self.columns

    @property
    def silence(self) -> int:
        """How long a unit must be silent for its path to have ended."""
        return self.gap or self.horizon


@dataclass(frozen=True, eq=False)
class Steps:
    """The paths of one batch, laid end to end; a unit without a step has no path.

    Attributes
    ----------
    code, time : ndarray of int
        Node and time of each step.
    offsets : ndarray of int64
        Path `i` owns the steps `offsets[i]` to `offsets[i + 1]`.
    customer : ndarray of int
        The customer of each path, as a number in the batch.
    ended : ndarray of bool
        Whether each path has ended; else it is open.
    silences : ndarray of int
        For each step how many silences longer than the horizon its customer had broken until then.
    first : ndarray of int
        Where in the batch the first step of each path stands.
    units : int
        How many customers or sessions the batch has, those without a step included.
    """

    code: np.ndarray
    time: np.ndarray
    offsets: np.ndarray
    customer: np.ndarray
    ended: np.ndarray
    silences: np.ndarray
    first: np.ndarray
    units: int

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return len(self.customer)

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each path has."""
        return np.diff(self.offsets)

    @property
    def last(self) -> np.ndarray:
        """Mark the last step of each path."""
        marks = np.zeros(len(self.code), dtype=bool)
        marks[self.offsets[1:] - 1] = True
        return marks

    def each(self, values: np.ndarray) -> np.ndarray:
        """Return a value of each path for each of its steps."""
        return np.repeat(values, self.lengths)


def steps_of(batch: Batch, plan: Plan, *, silences: bool = True) -> Steps:
    """Return the paths of the customers of a batch, with every repeat; `silences` are zeros if unwanted.

    Examples
    --------
    >>> import pandas as pd
    >>> day = 86_400_000_000
    >>> batch = Batch(np.array([0, 3]), np.array([0, 1, 9]) * day, np.array([0, 1, 0]), pd.Index(["a"]), 0,
    ...               np.array([40]) * day)
    >>> found = steps_of(batch, Plan((0, 1), (0, 1), 30 * day))
    >>> found.code.tolist(), found.ended.tolist()
    ([0, 1, 0], [True])
    """
    starts, owner = _units(batch, plan)
    ends = np.append(starts[1:], batch.n_events) if len(starts) else starts
    ended = batch.until[owner] - batch.time[ends - 1] > plan.silence
    kind = np.int8 if plan.nodes <= np.iinfo(np.int8).max else np.int32
    code = np.append(np.asarray(plan.node, dtype=kind), kind(NOTHING))[batch.event]
    broken = _silences(batch, plan) if silences else np.zeros(batch.n_events, dtype=np.int8)
    counted = code >= 0
    if counted.all():
        offsets = np.append(starts, batch.n_events)
        return Steps(code, batch.time, offsets, owner, ended, broken, offsets[:-1], len(starts))
    upto = np.append(0, np.cumsum(counted))
    sizes = upto[ends] - upto[starts]
    there, event = sizes > 0, np.flatnonzero(counted)
    offsets = np.append(0, np.cumsum(sizes[there]))
    return Steps(
        code[event], batch.time[event], offsets, owner[there], ended[there], broken[event],
        event[offsets[:-1]], len(starts),
    )  # fmt: skip


def blocks(batch: Batch, most: int) -> Iterator[Batch]:
    """Yield a batch in blocks of whole customers with about `most` events, so that memory stays bounded.

    Examples
    --------
    >>> import pandas as pd
    >>> batch = Batch(np.array([0, 2, 3, 6]), np.arange(6), np.zeros(6, dtype=int), pd.Index(["a", "b", "c"]),
    ...               0, np.full(3, 9))
    >>> [block.n_events for block in blocks(batch, 2)]
    [2, 4]
    """
    aims = np.arange(most, batch.n_events, most)
    cuts = np.unique(np.searchsorted(batch.offsets, aims, side="left"))
    edges = [0, *(int(cut) for cut in cuts if 0 < cut < batch.n_customers), batch.n_customers]
    for one, other in pairwise(edges):
        begin, end = int(batch.offsets[one]), int(batch.offsets[other])
        yield Batch(
            batch.offsets[one : other + 1] - begin, batch.time[begin:end], batch.event[begin:end],
            batch.ids[one:other], batch.start, batch.until[one:other],
            {name: values[begin:end] for name, values in batch.columns.items()},
            {name: values[one:other] for name, values in batch.people.items()},
        )  # fmt: skip


def collapsed(steps: Steps) -> Steps:
    """Return the same paths with repeats that follow each other as one step, at the time of the first.

    Examples
    --------
    >>> empty = np.zeros(3, dtype=int)
    >>> twice = Steps(np.array([4, 4, 1]), np.arange(3), np.array([0, 3]), np.array([0]), np.array([True]),
    ...               empty, np.arange(3), 1)
    >>> collapsed(twice).code.tolist()
    [4, 1]
    """
    fresh = np.ones(len(steps.code), dtype=bool)
    fresh[1:] = steps.code[1:] != steps.code[:-1]
    fresh[steps.offsets[:-1]] = True
    if fresh.all():
        return steps
    offsets = np.append(0, np.cumsum(fresh))[steps.offsets]
    return replace(
        steps, code=steps.code[fresh], time=steps.time[fresh], offsets=offsets,
        silences=steps.silences[fresh],
    )  # fmt: skip


def _units(batch: Batch, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Return where each customer or session begins, and whose it is; customers without events have none."""
    owned = np.diff(batch.offsets) > 0
    starts = batch.offsets[:-1][owned]
    if not plan.gap:
        return starts, np.flatnonzero(owned)
    new = np.zeros(batch.n_events, dtype=bool)
    new[1:] = np.diff(batch.time) > plan.gap
    new[starts] = True
    begun = np.flatnonzero(new)
    return begun, np.searchsorted(batch.offsets, begun, side="right") - 1


def _silences(batch: Batch, plan: Plan) -> np.ndarray:
    """Count up at each event that broke a silence of its customer."""
    broke = np.zeros(batch.n_events, dtype=bool)
    broke[1:] = np.diff(batch.time) > plan.horizon
    broke[batch.offsets[:-1][np.diff(batch.offsets) > 0]] = False
    return np.cumsum(broke, dtype=np.int32)
