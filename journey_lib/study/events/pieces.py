"""Cuts a log in memory into pieces of neighbouring customers, without a copy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.events.log import EventLog


def pieces(log: EventLog, most: int) -> Iterator[EventLog]:
    """Yield a log some whole customers at a time; one of them alone may have more than `most` events."""
    if log.n_events <= most:
        yield log
        return
    first = 0
    while first < log.n_customers:
        last = int(np.searchsorted(log.offsets, log.offsets[first] + most, side="right")) - 1
        last = max(last, first + 1)
        yield _piece(log, first, last)
        first = last


def _piece(log: EventLog, first: int, last: int) -> EventLog:
    events, people = slice(int(log.offsets[first]), int(log.offsets[last])), slice(first, last)
    arrays = {name: getattr(log, name)[events] for name in ("time", "event", "channel", "flags", "row")}
    whose = {name: getattr(log, name)[people] for name in ("customers", "bots", "known")}
    return replace(log, offsets=log.offsets[first : last + 1] - events.start, **arrays, **whose)
