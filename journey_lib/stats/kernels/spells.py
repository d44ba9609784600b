"""Spells: how long each customer stays in each stage, and what ends the stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.tally import Tally, counted

if TYPE_CHECKING:
    import pandas as pd

OPEN, NEXT, OTHER, SILENCE = range(4)  # what ends a spell; OPEN is still in the stage at the last look
RULES = ("furthest", "current")
SECOND = 1_000_000  # microseconds: durations are counted in whole seconds
_GROUPS, _TIMES = 1 << 11, 1 << 42  # room for group codes and seconds in one key of 64 bits


@dataclass(frozen=True, eq=False)
class SpellRows:
    """One row per spell, for what cannot be added up.

    Attributes
    ----------
    ids : Index of str
        Customers with a spell.
    customer : ndarray of int
        Place of each spell's customer in `ids`.
    stage, group, cause, seconds : ndarray of int
        Where, whose, what ended it, and how long it lasted.
    """

    ids: pd.Index
    customer: np.ndarray
    stage: np.ndarray
    group: np.ndarray
    cause: np.ndarray
    seconds: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)

    def __add__(self, other: SpellRows) -> SpellRows:
        pairs = [
            (getattr(self, name), getattr(other, name)) for name in ("stage", "group", "cause", "seconds")
        ]
        joined = [np.concatenate(pair) for pair in pairs]
        customer = np.append(self.customer, other.customer + len(self.ids))
        return SpellRows(self.ids.append(other.ids), customer, *joined)

    def settled(self) -> SpellRows:
        """Return the rows sorted by customer id, so that the order of merging leaves no trace."""
        place = np.empty(len(self.ids), dtype=np.int64)
        order = np.asarray(self.ids.argsort())
        place[order] = np.arange(len(order))
        customer = place[self.customer]
        rows = np.argsort(customer, kind="stable")  # a customer's own spells stay in their order
        columns = [getattr(self, name)[rows] for name in ("stage", "group", "cause", "seconds")]
        return SpellRows(self.ids.take(order), customer[rows], *columns)


@dataclass(frozen=True, eq=False)
class Spells:
    """What was counted of spells; two of them add up.

    Attributes
    ----------
    ended : Tally
        Spells by stage, group, whether the customer was seen before it, cause and seconds: see `cells`.
    waiting : Tally
        Customers in the stage at the last look, by stage, group and seconds since they entered.
    customers : Tally
        Different customers with a spell, by stage and group.
    before : int
        Spells that began before the window and lasted into it; they are left out.
    too_late : int
        Spells that began too near the end to see whether silence follows.
    spells : int
        Spells counted.
    cap : int
        Most rows that are collected.
    rows : SpellRows or None
        The spells one by one; None where there are more than `cap`.
    """

    ended: Tally
    waiting: Tally
    customers: Tally
    before: int
    too_late: int
    spells: int
    cap: int
    rows: SpellRows | None

    def __add__(self, other: Spells) -> Spells:
        spells = self.spells + other.spells
        rows = None
        if self.rows is not None and other.rows is not None and spells <= self.cap:
            rows = self.rows + other.rows
        return Spells(
            self.ended + other.ended, self.waiting + other.waiting, self.customers + other.customers,
            self.before + other.before, self.too_late + other.too_late, spells, self.cap, rows,
        )  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """A table of counts with its keys taken apart; each attribute has one value a row.

    Attributes
    ----------
    stage, group : ndarray of int
        Place in the journey, and code of the group (−1 unknown).
    seen : ndarray of bool
        The customer was in another spell before this one, so its beginning is the true one.
    cause, seconds, count : ndarray of int
        What ended it, how long it lasted, how many there are.
    """

    stage: np.ndarray
    group: np.ndarray
    seen: np.ndarray
    cause: np.ndarray
    seconds: np.ndarray
    count: np.ndarray


def cells(table: Tally) -> Cells:
    """Take the keys of a table apart.

    Examples
    --------
    >>> key = keyed(np.array([2]), np.array([-1]), np.array([True]), np.array([NEXT]), np.array([86_400]))
    >>> found = cells(counted(key))
    >>> found.stage.item(), found.group.item(), found.seen.item(), found.cause.item(), found.seconds.item()
    (2, -1, True, 1, 86400)
    """
    rest, seconds = np.divmod(table.keys, _TIMES)
    rest, cause = np.divmod(rest, 4)
    rest, seen = np.divmod(rest, 2)
    stage, group = np.divmod(rest, _GROUPS)
    return Cells(stage, group - 1, seen.astype(bool), cause, seconds, table.sums[:, 0])


def keyed(
    stage: np.ndarray, group: np.ndarray, seen: np.ndarray, cause: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Return one number for each combination, in the order of the arguments."""
    key = stage.astype(np.int64) * _GROUPS + group + 1
    made: np.ndarray = ((key * 2 + seen) * 4 + cause) * _TIMES + seconds
    return made


@dataclass(frozen=True)
class StageSpells:
    """How long customers stay in each stage.

    Attributes
    ----------
    stage : tuple of int
        For each event name of the log the stage it maps to, −1 for none.
    rule : {"furthest", "current"}
        The furthest stage reached so far, or the stage of the last event that maps to one.
    silence : int
        Microseconds without any event after which a customer is gone, 0 for never.
    by, where : str
        What splits the spells: an attribute of "people", or a column of the event that enters the spell.
    cap : int
        Most spells to collect one by one; 0 collects none.

    Notes
    -----
    A spell runs from the event that enters a stage to the first event that enters another one. `NEXT` is the
    stage right after in the journey, `OTHER` any other one. With silence a spell also ends at the last event
    before a pause longer than that; then everything is observed only until that long before the end, for all
    causes alike, and later spells are left out. After silence the furthest stage stays as it was, while the
    current one begins anew with the next event of a stage. Events before the window tell where customers
    stood when it began: spells begun before it are left out, for who had left by then is out of sight.
    """

    history: ClassVar = True

    stage: tuple[int, ...]
    rule: str = "furthest"
    silence: int = 0
    by: str = ""
    where: str = ""
    cap: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that splits the spells, where it describes events."""
        return (self.by,) if self.where == "columns" else ()

    @property
    def people(self) -> tuple[str, ...]:
        """The attribute that splits the spells, where it describes customers."""
        return (self.by,) if self.where == "people" else ()

    def merge(self, one: Spells, other: Spells) -> Spells:
        """Return the answer for both."""
        return one + other

    def measure(self, batch: Batch) -> Spells:
        """Return the spells of the customers of one batch."""
        quiet = self._quiet(batch)
        begin, who, stage = self._begins(batch, quiet)
        last = np.append(who[1:] != who[:-1], True)[: len(who)]
        end = np.where(last, batch.offsets[who + 1], np.append(begin[1:], 0)[: len(who)])
        cause = np.where(last, OPEN, np.where(np.append(stage[1:], 0)[: len(who)] == stage + 1, NEXT, OTHER))
        entered, until = batch.time[begin], batch.until[who]
        left = np.where(last, until, batch.time[np.minimum(end, batch.n_events - 1)] if len(who) else until)
        if self.silence:
            fell = quiet[np.searchsorted(quiet, begin)]
            gone = fell < end
            cause, left = np.where(gone, SILENCE, cause), np.where(gone, batch.time[fell], left)
        ripe = until - self.silence
        cause = np.where(left > ripe, OPEN, cause)
        here = last & (cause != SILENCE)
        return self._counted(batch, begin, who, stage, cause, np.minimum(left, ripe), entered, here, ripe)

    def _quiet(self, batch: Batch) -> np.ndarray:
        """Return the events after which nothing came for too long, or nothing at all."""
        if not self.silence:
            return np.zeros(0, dtype=np.int64)
        pause = np.ones(batch.n_events, dtype=bool)
        pause[:-1] = (np.diff(batch.time) > self.silence) | (np.diff(batch.codes) != 0)
        return np.flatnonzero(pause)

    def _begins(self, batch: Batch, quiet: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the events that begin a spell, their customers and stages."""
        of_event = np.array([*self.stage, -1], dtype=np.int16)[batch.event]
        at = np.flatnonzero(of_event >= 0)
        who, stage = batch.codes[at], of_event[at].astype(np.int64)
        if self.rule == "furthest":
            # A customer's stages lie above those of all customers before, so one running maximum serves all.
            size = max(self.stage, default=0) + 1
            stage = np.maximum.accumulate(who * np.int64(size) + stage) - who * np.int64(size)
        new = np.ones(len(at), dtype=bool)
        new[1:] = (who[1:] != who[:-1]) | (stage[1:] != stage[:-1])
        if self.silence and self.rule == "current":
            gap = np.searchsorted(quiet, at)
            new[1:] |= gap[1:] != gap[:-1]
        return at[new], who[new], stage[new]

    def _counted(
        self,
        batch: Batch,
        begin: np.ndarray,
        who: np.ndarray,
        stage: np.ndarray,
        cause: np.ndarray,
        left: np.ndarray,
        entered: np.ndarray,
        here: np.ndarray,
        ripe: np.ndarray,
    ) -> Spells:
        group = self._group(batch, begin, who)
        seen = np.append(False, who[1:] == who[:-1])[: len(who)] | (stage == 0)
        inside = entered >= batch.start
        kept = inside & (entered <= ripe)
        seconds = np.maximum(left - entered, 0) // SECOND
        now = keyed(stage, group, seen, np.zeros(len(who), np.int64), (batch.until[who] - entered) // SECOND)[
            here
        ]
        ended = keyed(stage, group, seen, cause, seconds)[kept]
        pairs = who[kept].astype(np.int64) * _TIMES + stage[kept] * _GROUPS + group[kept] + 1
        if self.rule == "current":  # otherwise a customer enters each stage once
            pairs = np.unique(pairs)
        rows = None
        if self.cap and int(kept.sum()) <= self.cap:
            codes, customer = np.unique(who[kept], return_inverse=True)
            rows = SpellRows(
                batch.ids.take(codes), customer, stage[kept], group[kept], cause[kept], seconds[kept]
            )
        return Spells(
            counted(ended), counted(now), counted(pairs % _TIMES),
            int((~inside & (left >= batch.start)).sum()), int((entered > ripe).sum()), int(kept.sum()),
            self.cap, rows,
        )  # fmt: skip

    def _group(self, batch: Batch, begin: np.ndarray, who: np.ndarray) -> np.ndarray:
        if self.where == "people":
            return np.asarray(batch.people[self.by][who], dtype=np.int64)
        if self.where == "columns":
            return np.asarray(batch.columns[self.by][begin], dtype=np.int64)
        return np.zeros(len(who), dtype=np.int64)


def members(table: Tally) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the table of customers apart: stage, group and how many."""
    stage, group = np.divmod(table.keys, _GROUPS)
    return stage, group - 1, table.sums[:, 0]
