"""How fast are curves and the report on time in stages? Ratios within one run; prints one line each.

Run as `python -m bench.time_in_stage`. R's `survival` is timed where `Rscript` is installed, lifelines where
it can be imported; neither is a dependency.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from bench.peers import timed
from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.stats.survival import kaplan_meier
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

DURATIONS = 1_000_000
SIZES = (1_000_000, 3_000_000)
EVENTS_EACH, DAYS = 30, 540
STAGES = [f"stage_{at}" for at in range(6)]
REST = [f"event_{at:02}" for at in range(24)]


def durations() -> tuple[np.ndarray, np.ndarray]:
    """Draw log-normal stays in whole seconds, a third of them still open."""
    rng = np.random.default_rng(5)
    days = 6 * np.exp(0.8 * rng.standard_normal(DURATIONS))
    last = rng.uniform(0, 30, DURATIONS)
    return np.floor(np.minimum(days, last) * 86_400) / 86_400, days <= last


def curves() -> str:
    days, left = durations()
    ours = timed(lambda: kaplan_meier(days, left).curve)[1]
    peers = {}
    if importlib.util.find_spec("lifelines"):
        from lifelines import KaplanMeierFitter

        peers["lifelines"] = timed(lambda: KaplanMeierFitter().fit(days, left))[1]
    if shutil.which("Rscript"):
        peers["R survival"] = in_r(days, left)
    told = ", ".join(f"{name} takes {seconds / ours:.1f} times as long" for name, seconds in peers.items())
    return f"Kaplan–Meier of {DURATIONS:,} durations: {ours:.2f} s; {told or 'no peer is installed'}"


def in_r(days: np.ndarray, left: np.ndarray) -> float:
    """Return the seconds of R's survfit alone, without reading the numbers."""
    script = (
        'suppressMessages(library(survival)); d <- matrix(readBin("{file}", "double", 2e6), ncol = 2); '
        "s <- Surv(d[, 1], d[, 2]); "
        'cat(min(sapply(1:3, function(i) system.time(survfit(s ~ 1, conf.type = "log-log"))["elapsed"])))'
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "durations.bin")
        np.concatenate([days, left.astype(float)]).tofile(file)
        said = subprocess.run(
            ["Rscript", "-e", script.replace("{file}", str(file))], capture_output=True, text=True, check=True
        )
    return float(said.stdout)


def frame(n: int) -> pd.DataFrame:
    """Draw a log in no order: each customer takes the stages at random times among other events."""
    rng = np.random.default_rng(11)
    customer = rng.integers(0, n // EVENTS_EACH, n)
    names = pd.Categorical.from_codes(rng.integers(0, 30, n), [*STAGES, *REST]).astype("str")
    moment = pd.DatetimeIndex(rng.integers(0, DAYS * 86_400, n).astype("datetime64[s]"), tz="UTC").as_unit(
        "us"
    )
    ids = pd.Series([f"C{at:07}" for at in range(n // EVENTS_EACH)], dtype="str").take(customer)
    return pd.DataFrame({"customer_id": ids.reset_index(drop=True), "event": names, "time": moment})


def reports(n: int) -> str:
    rows = frame(n)
    start = time.perf_counter()
    log = EventLog.from_frame(rows)
    loaded = time.perf_counter() - start
    study, data = quick_study(events=log, journey=STAGES)
    time_in_stage(study, data)
    told = []
    for options in ({}, {"churn": "60 days"}, {"rule": "current", "churn": "60 days"}):
        seconds = timed(lambda options=options: time_in_stage(study, data, **options), 2)[1]
        words = ", ".join(options.values()) or "furthest"
        told.append(
            f"{words} {seconds:.2f} s, {1e9 * seconds / n:.0f} ns an event, {seconds / loaded:.2f} x loading"
        )
    return f"{n:>9,} events, loaded in {loaded:.2f} s: " + "; ".join(told)


def main() -> None:
    print(curves())
    for n in SIZES:
        print(reports(n))


if __name__ == "__main__":
    main()
