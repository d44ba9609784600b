"""Which events carry a channel, and which of them begin a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from journey_lib.stats.attribution.paths import Ints
    from journey_lib.stats.kernels.batch import Batch


@dataclass(frozen=True)
class Carriers:
    """Count the events of each name, those with a channel, and those that begin a visit.

    Attributes
    ----------
    n_names : int
        Event names of the whole log.
    pause : int
        Microseconds. An event with a channel begins a visit unless the event before it is not longer ago and
        carries the same channel.

    Examples
    --------
    >>> Carriers(3).columns
    ('channel',)
    """

    n_names: int
    pause: int = 1_800_000_000

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        return ("channel",)

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers: none."""
        return ()

    def measure(self, batch: Batch) -> Ints:
        """Return a row an event name: events, events with a channel, events that begin a visit."""
        channel = batch.columns["channel"]
        carrying = np.flatnonzero(channel >= 0)
        before = np.maximum(carrying - 1, 0)
        goes_on = (carrying > 0) & (channel[before] == channel[carrying])
        goes_on &= batch.codes[before] == batch.codes[carrying]
        goes_on &= batch.time[carrying] - batch.time[before] <= self.pause
        rows = (batch.event, batch.event[carrying], batch.event[carrying[~goes_on]])
        return np.array([np.bincount(found, minlength=self.n_names) for found in rows]).T

    def merge(self, one: Ints, other: Ints) -> Ints:
        """Add two counts."""
        return one + other
