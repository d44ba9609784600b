"""How long does it take to put a log in order, and how much memory? Prints one line for each size.

Run as `python bench/events.py`; each size runs in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import psutil

from journey_lib.study.events import EventLog

SIZES = (1_000_000, 5_000_000)
EVENTS_EACH = 30
NAMES = [f"event_{i:02}" for i in range(30)]
CHANNELS = ["web", "app", "store", "mail"]
DAYS = 540


def shuffled(n: int) -> pd.DataFrame:
    """Draw a log in no order at all: text ids, UTC times in milliseconds, two text columns, one number."""
    rng = np.random.default_rng(11)
    customer = rng.integers(0, n // EVENTS_EACH, n)
    moment = rng.integers(0, DAYS * 86_400_000, n)
    frame = pd.DataFrame(
        {
            "event": pd.Categorical.from_codes(rng.integers(0, len(NAMES), n), NAMES).astype("str"),
            "channel": pd.Categorical.from_codes(rng.integers(0, len(CHANNELS), n), CHANNELS).astype("str"),
            "value": rng.normal(size=n),
        }
    )
    frame["time"] = pd.DatetimeIndex(moment.astype("datetime64[ms]"), tz="UTC").as_unit("us")
    ids = pd.Series([f"C{i:07}" for i in range(n // EVENTS_EACH)], dtype="str")
    return frame.assign(customer_id=ids.take(customer).reset_index(drop=True))


def watched(call: Callable[[], EventLog]) -> tuple[EventLog, float, float]:
    """Return what a call gives, its seconds, and how far memory rose above where it began, in bytes."""
    process, done, highest = psutil.Process(), threading.Event(), 0

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.002):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    before, start = process.memory_info().rss, time.perf_counter()
    watcher.start()
    result = call()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return result, seconds, highest - before


def measured(n: int) -> str:
    frame = shuffled(n)
    EventLog.from_frame(frame.head(1000))
    log, seconds, above = watched(lambda: EventLog.from_frame(frame))
    core = sum(
        getattr(log, name).nbytes for name in ("time", "event", "channel", "flags", "row", "offsets", "codes")
    )
    start = time.perf_counter()
    log.sessions("30 minutes")
    sessions = time.perf_counter() - start
    start = time.perf_counter()
    frame.sort_values(["customer_id", "time"], kind="stable")
    plain = time.perf_counter() - start
    return (
        f"{n:>10,} events: from_frame {seconds:.2f} s, peak {above / 2**20:,.0f} MB above the frame "
        f"({above / n:.0f} bytes an event), core columns {core / n:.1f} bytes an event, "
        f"sessions {sessions:.2f} s; a plain sort of the frame takes {plain / seconds:.1f} times as long"
    )


def main() -> None:
    for n in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print(pool.submit(measured, n).result())


if __name__ == "__main__":
    main()
