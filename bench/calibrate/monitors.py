"""Does the monitor stay silent where nothing moves, and does it see the payment that fails in Korea?

Two ways. Whole sample studies, written, read and monitored: as they are, with the fault, and with the fault
taken out of the generator, so that nothing moves. And many more rows of weeks with the sample's sizes, drawn
at once and judged as the monitor does. The naive twin calls every p-value below 5 % an alert.
"""

from __future__ import annotations

import tempfile
from functools import partial
from unittest.mock import patch

import numpy as np

from bench.calibrate.answers import FALSE, FOUND, SIZE
from bench.calibrate.record import Bar, Line, rate
from bench.calibrate.work import spread
from journey_lib.measures.monitor import monitor
from journey_lib.measures.monitor.count import Alert, alerts_of, judge
from journey_lib.measures.monitor.series import THIN, Series, Watched
from journey_lib.study.load import load_study
from journey_lib.study.sample import design, write

CLAIM = "monitor"
ALARM: Bar = (0.0, 0.05)
DRAWN, CHUNK, STUDIES = 400, 50, 30
WEEKS, MIN_CELL, LEAST, TENTH = 76, 10, 0.02, 0.1
# Weekly customers and share of each row in the sample study, and how they spread over regions.
SHARES = {"payment": (126, 0.1), "awareness": (306, 0.55), "consideration": (186, 0.6),
          "purchase": (108, 0.7), "adoption": (79, 0.75), "retention": (61, 0.5)}  # fmt: skip
REGIONS = {"KR": 0.35, "US": 0.2, "JP": 0.14, "DE": 0.11, "BR": 0.1, "other": 0.1}
RESTLESS = 0.3  # standard deviation, in log odds, of weeks that vary more than chance
LIVE = "2025-09-14"  # the last day of the first week of the fault
FAULTY = ("2025-09-08", "2025-09-15")
Told = tuple[bool, ...]


def flat(rng: np.random.Generator, restless: float = 0.0) -> Watched:
    """Return weeks in which nothing moves; `restless` weeks vary more than chance, all regions together."""
    made = []
    for name, (size, share) in SHARES.items():
        n = rng.poisson(size * np.array(list(REGIONS.values())), (WEEKS, len(REGIONS)))
        odds = np.log(share / (1 - share)) + restless * rng.standard_normal((WEEKS, 1))
        x = rng.binomial(n, 1 / (1 + np.exp(-odds)))
        columns = {
            "": (x.sum(axis=1), n.sum(axis=1)),
            **dict(zip(REGIONS, zip(x.T, n.T, strict=True), strict=True)),
        }
        made += [
            Series(name, name, "", group, x, n) for group, (x, n) in columns.items() if np.median(n) >= THIN
        ]
    return Watched(tuple(map(str, range(WEEKS))), tuple(made), {}, 0, np.full(WEEKS, 1_000))


def silent(task: tuple[int, int], restless: float) -> list[Told]:
    """Say of many rows of weeks: an alert in the newest week, in any week, and what the naive twin says."""
    number, repeats = task
    rng = np.random.default_rng([20_36, number])
    told = []
    for _ in range(repeats):
        watched = flat(rng, restless)
        found = judge(watched, MIN_CELL)
        alerts = alerts_of(watched, found, LEAST, TENTH)
        naive = any(one.p_value[-1] < 0.05 for one in found.values())
        told.append((any(a.latest for a in alerts), bool(alerts), naive))
    return told


def alerts(seed: int, *, faulty: bool, as_of: str = "") -> tuple[Alert, ...]:
    """Return the alerts of a sample study with or without its fault."""
    success = design.FAULT_SUCCESS if faulty else design.PAY_SUCCESS
    with tempfile.TemporaryDirectory() as folder, patch.object(design, "FAULT_SUCCESS", success):
        write(folder, SIZE, seed)
        return monitor(*load_study(folder), as_of=as_of).alerts


def quiet(seed: int) -> Told:
    """Say of a study without a fault: an alert in the newest week, and in any week."""
    found = alerts(seed, faulty=False)
    return any(a.latest for a in found), bool(found)


def loud(seed: int) -> Told:
    """Say of a study with the fault: found at its place afterwards, on the day, and anything else found."""
    after = alerts(seed, faulty=True)
    then = alerts(seed, faulty=True, as_of=LIVE)
    elsewhere = any(a.period not in FAULTY or a.series.group not in ("", design.FAULT_REGION) for a in after)
    return any(map(at_fault, after)), any(at_fault(a) for a in then if a.latest), elsewhere


def at_fault(alert: Alert) -> bool:
    """Say whether an alert names the payment in the region and a week of the fault."""
    here = alert.series.group == design.FAULT_REGION and alert.period in FAULTY
    return here and "payment_started" in alert.series.name


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of studies does not depend on the seeds asked for."""
    del seeds
    numbers = range(1, STUDIES + 1)
    return [
        *_drawn(0.0, "weeks of the sample's sizes, drawn at once, nothing moves", jobs),
        *_drawn(RESTLESS, "the same, weeks varying more than chance", jobs),
        *told(
            np.array(spread(quiet, numbers, jobs, f"{CLAIM}, quiet studies")),
            np.array(spread(loud, numbers, jobs, f"{CLAIM}, studies with the fault")),
        ),
    ]


def told(still: np.ndarray, fault: np.ndarray) -> list[Line]:
    """Return the lines of whole sample studies."""
    without, with_ = "sample study without the fault, report `monitor`", "sample study, report `monitor`"
    return [
        rate(CLAIM, without, "any alert in the newest week", still[:, 0], ALARM),
        rate(CLAIM, without, "any alert in any of 76 weeks", still[:, 1], ALARM),
        rate(CLAIM, with_, "payment in Korea found, looking back", fault[:, 0], FOUND),
        rate(CLAIM, with_, "payment in Korea found as soon as its first week is over", fault[:, 1], FOUND),
        rate(CLAIM, with_, "any other region or week alerted", fault[:, 2], FALSE),
    ]


def _drawn(restless: float, setting: str, jobs: int) -> list[Line]:
    tasks = [(at, CHUNK) for at in range(DRAWN // CHUNK)]
    found = spread(partial(silent, restless=restless), tasks, jobs, f"{CLAIM}, {setting}")
    rows = np.array([row for part in found for row in part])
    return [
        rate(CLAIM, setting, "any alert in the newest week", rows[:, 0], ALARM),
        rate(CLAIM, setting, "any alert in any of 76 weeks", rows[:, 1], ALARM),
        rate(CLAIM, setting, "newest week, done wrong: any p-value below 5 %", rows[:, 2]),
    ]
