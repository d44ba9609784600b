"""What do the six event measures take on a log that memory need not hold? One line for each.

Run as `nice -n 19 python -m bench.large --events 100 [--memory "2500 MB"] [--folder where]`: millions of
events, drawn as `bench/engine.py` draws them into Parquet files (20 bytes an event; into `--folder`, where
they stay, or into a temporary one). They are put in order once; then each measure runs in a process of its
own that starts from there. Seconds are the processor's; peaks are those of the whole process.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.engine import MB, NAMES, alone, write
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

STAGES = NAMES[:7]


def reports(log: object) -> dict[str, Callable[[], object]]:
    """Return what to run, by name: each report whole, as its notebook runs it."""
    import journey_lib as jl

    study, data = quick_study(events=log, journey=STAGES)
    return {
        "funnel": lambda: jl.funnel(study, data, window="30 days").table,
        "paths": lambda: jl.paths(study, data).table,
        "retention": lambda: jl.retention(study, data, entry=STAGES[0], back=STAGES[1:4]).table,
        "time_in_stage": lambda: jl.time_in_stage(study, data).table,
        "touchpoints": lambda: jl.touchpoints(study, data).table,
        "attribution": lambda: jl.attribution(study, data, conversion=STAGES[6]).table,
    }


def used() -> tuple[float, float]:
    """Return the seconds and the highest memory in MB of this process."""
    told = resource.getrusage(resource.RUSAGE_SELF)
    return time.process_time(), told.ru_maxrss * 1024 / MB


def child(run: Callable[[], object], told: multiprocessing.connection.Connection) -> None:
    """Run one report and say what it took, or why it did not end."""
    start, _ = used()
    try:
        run()
        end, peak = used()
        told.send(f"{end - start:7.0f} s, peak {peak:6,.0f} MB")
    except Exception as error:  # noqa: BLE001  # the next report should still run
        told.send(f"{type(error).__name__}: {error}")
    os._exit(0)  # the files of the log belong to the process that made them


def lines(folder: str, memory: str) -> Iterator[str]:
    start = time.process_time()
    log = EventLog.from_large_file(f"{folder}/*.parquet", memory=memory)
    took, peak = time.process_time() - start, used()[1]
    bar = (25 * log.n_events + 300 * MB) / MB
    yield f"{log!r} in {log.n_chunks} chunks; 25 bytes an event + 300 MB are {bar:,.0f} MB"
    yield f"{'read and put in order':22} {took:7.0f} s, peak {peak:6,.0f} MB"
    fork = multiprocessing.get_context("fork")
    for name, run in reports(log).items():
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=child, args=(run, there))
        process.start()
        there.close()
        try:
            yield f"{name:22} {here.recv()}"
        except EOFError:
            yield f"{name:22} ended without an answer"
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=float, default=0, help="millions; without them nothing runs")
    parser.add_argument("--memory", default="2500 MB", help="what the log may take, as in study.toml")
    parser.add_argument("--folder", default="", help="where the events are, or where they are to be kept")
    given = parser.parse_args()
    if not given.events:
        print("bench.large takes an hour at 100 million events: python -m bench.large --events 100")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or scratch
        if not list(Path(folder).glob("*.parquet")):
            Path(folder).mkdir(exist_ok=True)
            alone(write, folder, round(given.events * 1e6))
        for line in lines(folder, given.memory):
            print(line, flush=True)


if __name__ == "__main__":
    main()
