"""How do the runners of an event log grow? Seconds and peak memory of load + order + measure, by size.

Run as `python bench/engine.py [--spark] [--sizes 1,5,20]` (millions of events). Each run has a process of its
own, so that its peak is its own; ratios within one run of this file mean something, seconds alone do not.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.stats.kernels import Batch
from journey_lib.study.data import Data
from journey_lib.study.engine import observe
from journey_lib.study.engine.session import local_session
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

EVENTS_EACH, PART, DAYS = 30, 1_000_000, 540
NAMES = [f"event_{i:02}" for i in range(30)]
CHANNELS = ["web", "app", "store", "mail"]
MB = 2**20
BAR = (25, 300 * MB)  # bytes an event, and what the program itself takes


@dataclass(frozen=True)
class Pairs:
    """How often one event follows another: the kernel that is timed."""

    names: int
    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> np.ndarray:
        same = batch.codes[1:] == batch.codes[:-1]
        pair = batch.event[:-1][same].astype(np.int64) * self.names + batch.event[1:][same]
        return np.bincount(pair, minlength=self.names**2)

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return one + other


def write(folder: str, n: int) -> None:
    """Write a log in no order at all: text ids, UTC times in milliseconds, one text column, one number."""
    for part in range(math.ceil(n / PART)):
        rng, rows = np.random.default_rng([11, part]), min(PART, n - part * PART)
        codes = rng.integers(0, n // EVENTS_EACH, rows)
        frame = pd.DataFrame(
            {
                "customer_id": pd.Series([f"C{code:07}" for code in codes], dtype="str"),
                "event": pd.Categorical.from_codes(rng.integers(0, len(NAMES), rows), NAMES).astype("str"),
                "time": pd.DatetimeIndex(
                    rng.integers(0, DAYS * 86_400_000, rows).astype("datetime64[ms]"), tz="UTC"
                ),
                "channel": pd.Categorical.from_codes(rng.integers(0, 4, rows), CHANNELS).astype("str"),
                "value": rng.exponential(size=rows),
            }
        )
        frame.to_parquet(Path(folder, f"part-{part:03}.parquet"), index=False)


def opened(runner: str, folder: str, n: int) -> object:
    """Return the log of a folder, kept by one of the three runners."""
    if runner == "memory":
        return EventLog.from_file(f"{folder}/*.parquet")
    if runner == "chunked":
        return EventLog.from_large_file(f"{folder}/*.parquet", memory=f"{max(BAR[0] * n, 100_000_000)} B")
    return EventLog.from_spark(local_session(2).read.parquet(folder))


def run(runner: str, folder: str, n: int) -> tuple[float, float, int, int]:
    """Return seconds until the log is in order, seconds of one kernel, the peak, and a checksum."""
    start = time.perf_counter()
    log = opened(runner, folder, n)
    study, data = quick_study(journey=["event_00"])
    observed = observe(study, Data(events=log, report=data.report))
    ready = time.perf_counter()
    pairs = observed.run(Pairs(len(observed.names)))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return ready - start, done - ready, peak, int(pairs @ np.arange(len(pairs)))


def alone(call: object, *arguments: object) -> object:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def lines(sizes: list[int], runners: list[str]) -> Iterator[str]:
    total: dict[str, list[tuple[int, float]]] = {runner: [] for runner in runners}
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            alone(write, folder, n)
            sums = set()
            for runner in runners:
                ready, kernel, peak, checksum = alone(run, runner, folder, n)
                sums.add(checksum)
                total[runner].append((n, ready + kernel))
                bar = BAR[0] * n + BAR[1]
                yield (
                    f"{n:>11,} events, {runner:8} load and order {ready:6.1f} s, kernel {kernel:5.2f} s, "
                    f"peak {peak / MB:6,.0f} MB, {peak / bar:.0%} of 25 bytes an event + 300 MB"
                )
            yield f"{n:>11,} events: {'equal answers' if len(sums) == 1 else 'ANSWERS DIFFER'}"
    for runner, found in total.items():
        if len(found) > 1:
            slope = np.polyfit(*np.log(np.array(found)).T, 1)[0]
            yield f"{runner}: seconds grow as events to the power of {slope:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spark", action="store_true", help="also on Spark, started on this machine")
    parser.add_argument("--sizes", default="1,5,20", help="millions of events")
    given = parser.parse_args()
    runners = ["memory", "chunked", *(["spark"] if given.spark else [])]
    for line in lines([round(float(size) * 1e6) for size in given.sizes.split(",")], runners):
        print(line, flush=True)


if __name__ == "__main__":
    main()
