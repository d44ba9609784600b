"""What the monitor rests on; a failed data check keeps its alerts out of the summary."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present.result import Basis, Check
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.stats.monitoring import FEWEST, ewma
from journey_lib.study.durations import length, microseconds
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks, customers

if TYPE_CHECKING:
    from journey_lib.measures.monitor.series import Watched
    from journey_lib.measures.monitor.since import LastRun
    from journey_lib.stats.monitoring import Judged
    from journey_lib.study.definition import Study
    from journey_lib.study.engine.observed import Observed

HOLLOW = 0.5  # of the usual volume: a period with less is not the same log
FAR = 3.0  # standard errors of a slow drift
_RECENT = 4  # periods that say what volume is usual


def basis(study: Study, observed: Observed, watched: Watched, by: str, window: str) -> Basis:
    """Return who is counted, in which periods, and how many series are watched."""
    periods = watched.periods
    span = f"{periods[0]} – {periods[-1]}" if periods else ""
    lines = [
        *basis_lines(study, observed),
        (message("Periods"), message("{n} complete, {span}", n=Quantity(len(periods)), span=span)),
        (message("Watched"), message("{n} shares; {thin} were too thin", n=Quantity(len(watched.series)),
                                     thin=Quantity(watched.thin))),
        (message("Going on"), message("to the next stage within {window}",
                                      window=length(microseconds(window, "window")))),
        (message("Groups"), message("{column}", column=by) if by else message("none")),
    ]  # fmt: skip
    return Basis(tuple(lines), customers(observed), math.nan, None, EVERYBODY)


def checks(
    study: Study,
    observed: Observed,
    watched: Watched,
    found: Mapping[tuple[str, str], Judged],
    before: LastRun,
) -> tuple[Check, ...]:
    """Return data checks first, then what could be wrong with the reading."""
    return (
        _volume(watched), _baseline(watched), _late(watched, before), _drift(watched, found),
        *common_checks(study, observed),
    )  # fmt: skip


def notes() -> dict[str, Message]:
    """Return the sentence of each reason code."""
    return {
        "nobody": message("Nobody was there in this period."),
        "few": message("Too few people to show."),
    }


def _volume(watched: Watched) -> Check:
    title = message("Volume of the newest period")
    volume = watched.volume
    if len(volume) <= _RECENT:
        return Check("volume", "not_assessable", title, message("Too few periods to say what is usual."))
    usual = float(np.median(volume[-1 - _RECENT : -1]))
    values = {"n": Quantity(float(volume[-1])), "usual": Quantity(usual)}
    if volume[-1] < HOLLOW * usual:
        text = message(
            "{n} events, against {usual} in usual periods: part of the log may be missing, so no alert is "
            "summed up.",
            **values,
        )  # fmt: skip
        return Check("volume", "failed", title, text)
    return Check("volume", "passed", title, message("{n} events, {usual} in usual periods.", **values))


def _baseline(watched: Watched) -> Check:
    title = message("A past to compare with")
    n = len(watched.periods)
    values = {"n": Quantity(n), "fewest": FEWEST}
    if n <= FEWEST:
        text = message("{n} complete periods; an alert needs {fewest} before it.", **values)
        return Check("baseline", "not_assessable", title, text)
    return Check("baseline", "passed", title, message("{n} complete periods.", **values))


def _late(watched: Watched, before: LastRun) -> Check:
    """Say which past periods have other counts than in the last run."""
    title = message("Late data")
    if not before.as_of:
        return Check("late", "not_assessable", title, message("There is no earlier run to compare with."))
    changed = set()
    for series in watched.series:
        for at, period in enumerate(watched.periods[: len(series.denominator)]):
            known = before.sizes.get((series.name, series.group, period), math.nan)
            if math.isfinite(known) and known != series.denominator[at]:
                changed.add(period)
    if changed:
        text = message(
            "Since the run of {day} events have come late for {n} periods: {periods}. They were judged anew.",
            day=before.as_of, n=Quantity(len(changed)), periods=Names(tuple(sorted(changed))),
        )  # fmt: skip
        return Check("late", "watch", title, text)
    return Check(
        "late", "passed", title, message("No period has changed since the run of {day}.", day=before.as_of)
    )


def _drift(watched: Watched, found: Mapping[tuple[str, str], Judged]) -> Check:
    """Say which totals creep away without any single period standing out."""
    title = message("Slow drifts")
    totals = [s for s in watched.series if not s.group]
    ends = {s.name: ewma(found[s.name, ""].z) for s in totals}
    far = [name for name, level in ends.items() if len(level) and abs(level[-1]) > FAR]
    if far:
        text = message("These have moved away slowly: {names}.", names=Names(tuple(far)))
        return Check("drift", "watch", title, text)
    return Check("drift", "passed", title, message("No total has drifted beyond three standard errors."))
