"""Behaviour columns: one row a customer from the event log, wherever it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.stats.kernels.behaviour import PARTS, Behaved, Behaviour
from journey_lib.study.calendar import clock
from journey_lib.study.durations import microseconds
from journey_lib.study.engine import observe

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.engine.observed import Observed

PAUSE = "30 minutes"
SHARE, CHANNEL, PART = "share_", "channel_", "part_"


@dataclass(frozen=True, eq=False)
class Table:
    """What customers did.

    Attributes
    ----------
    frame : DataFrame
        By customer id: `share_<touchpoint>` (of the events that belong to a touchpoint), `channel_<channel>`
        and `part_<part of the day>` (shares of all events), `visits`, `active_days`, `events_per_visit`.
        NaN for a customer without an event.
    entered : ndarray of bool, customers by stages
        Whether they ever entered the stage.
    """

    frame: pd.DataFrame
    entered: np.ndarray


def behaviour(study: Study, data: Data, *, until: int = 2**62) -> Table:
    """Return what every customer of the log did up to an instant."""
    observed = observe(study, replace(data, segment=None), by="segments")
    kernel = _kernel(study, observed, until)
    found = observed.run(kernel).settled()
    channels = observed.levels(kernel.channel) if kernel.channel else ()
    return Table(_frame(study, found, channels), found.entered >= 0)


def names(study: Study, data: Data) -> list[str]:
    """Return the columns that `behaviour` would have, without reading the log."""
    if data.events is None:
        return []
    observed = observe(study, replace(data, segment=None), by="segments")
    channel = _channel(observed)
    levels = observed.levels(channel) if channel else ()
    return [
        *(f"{SHARE}{point.id}" for point in study.journey.touchpoints if point.events),
        *(f"{CHANNEL}{name}" for name in levels),
        *(f"{PART}{name}" for name in PARTS),
        "visits", "active_days", "events_per_visit",
    ]  # fmt: skip


def _kernel(study: Study, observed: Observed, until: int) -> Behaviour:
    points = [point for point in study.journey.touchpoints if point.events]
    owner = {name: at for at, point in enumerate(points) for name in point.events}
    stages = tuple(
        tuple(code for name in stage.enter if (code := observed.code(name)) >= 0)
        for stage in study.journey.stages
    )
    channel = _channel(observed)
    return Behaviour(
        tuple(owner.get(name, -1) for name in observed.names), len(points), stages, channel,
        len(observed.levels(channel)) if channel else 0, "", microseconds(PAUSE, "pause"),
        clock(observed.start, observed.end, observed.time_zone), until,
    )  # fmt: skip


def _channel(observed: Observed) -> str:
    known = "channel" in observed.log.columns() and not observed.log.numeric("channel")
    return "channel" if known else ""


def _frame(study: Study, found: Behaved, channels: tuple[str, ...]) -> pd.DataFrame:
    points = [point.id for point in study.journey.touchpoints if point.events]
    blocks = (
        (SHARE, points, found.groups), (CHANNEL, channels, found.channels), (PART, PARTS, found.parts),
    )  # fmt: skip
    columns = {
        f"{prefix}{name}": column
        for prefix, kinds, counts in blocks
        for name, column in zip(kinds, _shares(counts).T, strict=True)
    }
    seen = found.events > 0
    columns["visits"] = np.where(seen, found.visits, np.nan)
    columns["active_days"] = np.where(seen, found.days, np.nan)
    columns["events_per_visit"] = np.where(seen, found.events / np.maximum(found.visits, 1), np.nan)
    return pd.DataFrame(columns, index=found.ids)


def _shares(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=1, keepdims=True)
    found: np.ndarray = np.where(total > 0, counts / np.maximum(total, 1), np.nan)
    return found
