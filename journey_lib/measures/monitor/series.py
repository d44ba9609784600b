"""The series that are watched: shares of events at a touchpoint, and of customers who go on, by period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.periods import Periods
from journey_lib.study.calendar import calendar
from journey_lib.study.durations import microseconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels.periods import Counts
    from journey_lib.study.definition import Study
    from journey_lib.study.engine.observed import Observed

    Whole = npt.NDArray[np.int64]

THIN = 30  # median of a denominator below which a series says nothing


@dataclass(frozen=True, eq=False)
class Series:
    """One share over the complete periods, oldest first.

    Attributes
    ----------
    name : str
        Stable id: "stage:purchase", or "payment_failed/payment_started".
    stage, touchpoint : str
        Where it belongs.
    group : str
        Value of the grouping column, "" for everybody.
    numerator, denominator : ndarray of int64
        One value a period.
    """

    name: str
    stage: str
    touchpoint: str
    group: str
    numerator: Whole
    denominator: Whole


@dataclass(frozen=True, eq=False)
class Watched:
    """All series with their periods.

    Attributes
    ----------
    periods : tuple of str
        Names of the complete periods.
    series : tuple of Series
        Those thick enough to say something.
    by_group : dict
        Numerators and denominators of every group, unknown last, by name of the series: for mix and rate.
    thin : int
        How many were left out for thin denominators.
    volume : ndarray of int64
        Events in each complete period.
    """

    periods: tuple[str, ...]
    series: tuple[Series, ...]
    by_group: dict[str, tuple[Whole, Whole]]
    thin: int
    volume: Whole


def watch(study: Study, observed: Observed, *, unit: str, window: str, by: str, until: int) -> Watched:
    """Return the series of a study's log.

    Parameters
    ----------
    study, observed : Study, Observed
        Stages and touchpoints, and the events that count.
    unit : {"day", "week", "month"}
        Length of a period; only whole ones inside the observed time count.
    window : str
        How long after entering a stage the next one counts; a period of entry is complete when it has passed.
    by : str
        Column that groups; "" for none.
    until : int
        Last instant that is known, in microseconds.
    """
    cuts = calendar(observed.start, until, unit, observed.time_zone)
    first = int(cuts.edges[0] < observed.start)
    last = int(np.searchsorted(cuts.edges, until + 1, side="right")) - 1
    levels = observed.levels(by) if by else ()
    kernel = Periods(
        tuple(int(e) for e in cuts.edges), len(observed.names), _entries(study, observed),
        microseconds(window, "window"), by, len(levels), not by or observed.where(by) == "people",
    )  # fmt: skip
    counts: Counts = observed.run(kernel)
    mature = int(np.searchsorted(cuts.edges, until + 1 - kernel.window, side="right")) - 1
    found = [
        *_of_touchpoints(study, observed, counts, first, last),
        *_of_stages(study, counts, first, mature),
    ]
    return _watched(found, levels, cuts.names[first:last], counts.events[first:last].sum(axis=(1, 2)))


def _entries(study: Study, observed: Observed) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(code for name in stage.enter if (code := observed.code(name)) >= 0)
        for stage in study.journey.stages
    )


_Raw = tuple[str, str, str, "Whole", "Whole"]


def _of_touchpoints(
    study: Study, observed: Observed, counts: Counts, first: int, last: int
) -> Iterator[_Raw]:
    """Yield each further event of a touchpoint over its first one, as long as that makes a share."""
    for point in study.journey.touchpoints:
        codes = [(name, observed.code(name)) for name in point.events]
        known = [(name, code) for name, code in codes if code >= 0]
        for name, code in known[1:]:
            part, whole = counts.events[first:last, :, code], counts.events[first:last, :, known[0][1]]
            if (part <= whole).all():
                yield f"{name}/{known[0][0]}", point.stage, point.id, part, whole


def _of_stages(study: Study, counts: Counts, first: int, mature: int) -> Iterator[_Raw]:
    for at, stage in enumerate(study.journey.stages[:-1]):
        yield (
            f"stage:{stage.id}",
            stage.id,
            "",
            counts.moved[first:mature, :, at],
            counts.entered[first:mature, :, at],
        )


def _watched(found: list[_Raw], levels: tuple[str, ...], periods: tuple[str, ...], volume: Whole) -> Watched:
    series, thin = [], 0
    for name, stage, touchpoint, part, whole in found:
        columns = [("", part.sum(axis=1), whole.sum(axis=1))]
        columns += [(level, part[:, at], whole[:, at]) for at, level in enumerate(levels)]
        for group, x, n in columns:
            if len(n) and np.median(n) >= THIN:
                series.append(Series(name, stage, touchpoint, group, x, n))
            else:
                thin += 1
    by_group = {name: (part, whole) for name, _, _, part, whole in found}
    return Watched(periods, tuple(series), by_group, thin, volume)
