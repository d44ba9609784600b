"""Which events carry a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from journey_lib.stats.attribution.paths import Ints
    from journey_lib.stats.kernels.batch import Batch


@dataclass(frozen=True)
class Carriers:
    """Count the events of each name, and those among them with a channel.

    Attributes
    ----------
    n_names : int
        Event names of the whole log.

    Examples
    --------
    >>> Carriers(3).columns
    ('channel',)
    """

    n_names: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        return ("channel",)

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers: none."""
        return ()

    def measure(self, batch: Batch) -> Ints:
        """Return a row an event name: events, and events with a channel."""
        with_channel = batch.event[batch.columns["channel"] >= 0]
        rows = [np.bincount(found, minlength=self.n_names) for found in (batch.event, with_channel)]
        return np.array(rows).T

    def merge(self, one: Ints, other: Ints) -> Ints:
        """Add two counts."""
        return one + other
