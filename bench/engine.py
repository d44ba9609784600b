"""How do the runners of an event log grow? Seconds and peak memory of load + order + measure, by size.

Run as `python -m bench.engine [--sizes 1,5,20] [--runners memory,chunked,spark] [--rounds 3]` (millions of
events). Each run has a process of its own, so that its peak is its own, and reads a small log before the
clock starts. Seconds are the processor's, the fewest of the rounds (of Spark, which works in processes of its
own, those of the clock); ratios within one run of this file mean something, seconds alone do not.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
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
        # ids stand as text at every size: those of a small log would fit into the dictionary that a writer of
        # Parquet keeps, and growth would compare two kinds of files
        file = Path(folder, f"part-{part:03}.parquet")
        frame.to_parquet(file, index=False, use_dictionary=["event", "channel"])


def opened(runner: str, folder: str, n: int) -> object:
    """Return the log of a folder, kept by one of the three runners."""
    if runner == "memory":
        return EventLog.from_file(f"{folder}/*.parquet")
    if runner == "chunked":
        return EventLog.from_large_file(f"{folder}/*.parquet", memory=f"{max(BAR[0] * n, 100_000_000)} B")
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not know this file
    return EventLog.from_spark(local_session(2).read.parquet(folder))


def warm_up(runner: str) -> None:
    """Load what is loaded once."""
    if runner != "spark":
        with tempfile.TemporaryDirectory() as folder:
            write(folder, 1000)
            opened(runner, folder, 1000)


def run(runner: str, folder: str, n: int) -> tuple[float, float, int, int]:
    """Return seconds until the log is in order, seconds of one kernel, the peak, and a checksum."""
    clock = time.perf_counter if runner == "spark" else time.process_time
    warm_up(runner)
    start = clock()
    log = opened(runner, folder, n)
    study, data = quick_study(journey=["event_00"])
    observed = observe(study, Data(events=log, report=data.report))
    ready = clock()
    pairs = observed.run(Pairs(len(observed.names)))
    done = clock()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return ready - start, done - ready, peak, int(pairs @ np.arange(len(pairs)))


def alone(call: object, *arguments: object) -> object:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def fastest(runner: str, folder: str, n: int, rounds: int) -> tuple[float, float, int, int]:
    """Return the run with the fewest seconds of some, with the highest peak of all."""
    found = [alone(run, runner, folder, n) for _ in range(rounds)]
    ready, kernel, _, checksum = min(found, key=lambda one: one[0] + one[1])
    return ready, kernel, max(one[2] for one in found), checksum


def lines(sizes: list[int], runners: list[str], rounds: int) -> Iterator[str]:
    total: dict[str, list[tuple[int, float]]] = {runner: [] for runner in runners}
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            alone(write, folder, n)
            sums = set()
            for runner in runners:
                ready, kernel, peak, checksum = fastest(runner, folder, n, rounds)
                sums.add(checksum)
                total[runner].append((n, ready + kernel))
                bar = BAR[0] * n + BAR[1]
                yield (
                    f"{n:>11,} events, {runner:8} load and order {ready:6.2f} s, kernel {kernel:5.2f} s, "
                    f"{(ready + kernel) / n * 1e9:4.0f} ns an event, "
                    f"peak {peak / MB:6,.0f} MB, {peak / bar:.0%} of 25 bytes an event + 300 MB"
                )
            yield f"{n:>11,} events: {'equal answers' if len(sums) == 1 else 'ANSWERS DIFFER'}"
    for runner, found in total.items():
        if len(found) > 1:
            slope = np.polyfit(*np.log(np.array(found)).T, 1)[0]
            yield f"{runner}: seconds grow as events to the power of {slope:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1,5,20", help="millions of events")
    parser.add_argument("--runners", default="memory,chunked", help="memory, chunked, spark")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each, of which the fastest counts")
    given = parser.parse_args()
    sizes = [round(float(size) * 1e6) for size in given.sizes.split(",")]
    for line in lines(sizes, given.runners.split(","), given.rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
