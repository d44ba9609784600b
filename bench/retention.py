"""How long does monthly retention take, prepared and from the file, and how long do others take for the same?

Run as `python -m bench.retention`; each size runs in a process of its own. DuckDB and Polars are asked where
they are installed, with SQL and expressions written by hand for this very question, on one thread each; all
answers must be equal. Prepared means: sorted, customers and names as numbers. Seconds are the processor's,
so that a busy machine does not decide.
"""

from __future__ import annotations

import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.events import SIZES
from bench.funnel import NAMES, drawn, timed
from journey_lib.measures.retention import retention
from journey_lib.stats.kernels.cohorts import Cohorts
from journey_lib.study.calendar import calendar
from journey_lib.study.engine import Observed, observe
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

PERIODS = 12
ENTRY, BACK = NAMES[0], NAMES[1:4]
Answer = list[tuple[int, ...]]  # cohort, period, customers
Calls = Iterator[tuple[str, Callable[[], Answer]]]

SQL = """
WITH entry AS (SELECT customer_id, min(t) AS first FROM {source} WHERE event = 'event_00' GROUP BY 1),
month AS (SELECT *, {month} AS cohort FROM entry)
SELECT cohort, {later} - cohort AS period, count(DISTINCT customer_id)
FROM {source} JOIN month USING (customer_id)
WHERE t >= first AND event IN ('event_01', 'event_02', 'event_03') AND {later} - cohort <= 12
GROUP BY 1, 2 ORDER BY 1, 2
"""


def ours(file: Path) -> Calls:
    ready = asked(EventLog.from_file(file))
    yield "prepared", lambda: counted(*ready)
    yield "end to end", lambda: counted(*asked(EventLog.from_file(file)))


def asked(log: EventLog) -> tuple[Observed, Cohorts, int]:
    """Return the question, and the first month counted from the year 0 as the others count it."""
    study, data = quick_study(events=log, journey=[ENTRY])
    observed = observe(study, data)
    months = calendar(observed.start, observed.end, "month", "UTC")
    windows = tuple((k, k) for k in range(PERIODS + 1))
    back = tuple(observed.code(name) for name in BACK)
    kernel = Forever((observed.code(ENTRY),), back, months.edges, windows, observed.end, len(log.names))
    first = pd.Period(months.names[0], "M")
    return observed, kernel, first.year * 12 + first.month


def counted(observed: Observed, kernel: Cohorts, base: int) -> Answer:
    found = observed.run(kernel).retained[0]
    return [(base + c, k, int(n)) for c, row in enumerate(found) for k, n in enumerate(row) if n]


class Forever(Cohorts):
    """The kernel without the question whether a period is over: the others leave no open period out."""

    def _whole(self, members: Any, until: np.ndarray) -> np.ndarray:
        del members
        return np.full(len(until), len(self.windows))


def duckdb_sql(file: Path) -> Calls:
    import duckdb

    base = duckdb.connect()
    base.execute("SET threads = 1")
    words = ", ".join(f"'{name}'" for name in NAMES)
    base.execute(f"CREATE TYPE name AS ENUM ({words})")
    plain = "customer_id, event, time::TIMESTAMP AS t"
    base.execute("SET TimeZone = 'UTC'")
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer_id, "
        f"event::name AS event, time::TIMESTAMP AS t FROM '{file}' ORDER BY customer_id, t"
    )

    def asked(source: str) -> Answer:
        month = "(year({0}) * 12 + month({0}))"
        query = SQL.format(source=source, month=month.format("first"), later=month.format("t"))
        return [tuple(map(int, row)) for row in base.execute(query).fetchall()]

    yield "prepared", lambda: asked("log")
    yield "end to end", lambda: asked(f"(SELECT {plain} FROM '{file}')")


def polars_expressions(file: Path) -> Calls:
    import polars as pl

    def answer(frame: pl.LazyFrame) -> Answer:
        entry = (
            frame.filter(pl.col("event") == ENTRY)
            .group_by("customer_id")
            .agg(pl.col("t").min().alias("first"))
        )
        first, t = pl.col("first").dt, pl.col("t").dt
        cohort = (first.year().cast(pl.Int32) * 12 + first.month()).alias("cohort")
        period = (t.year().cast(pl.Int32) * 12 + t.month() - pl.col("cohort")).alias("period")
        rows = (
            frame.filter(pl.col("event").is_in(BACK))
            .join(entry.with_columns(cohort), on="customer_id")
            .filter(pl.col("t") >= pl.col("first"))
            .with_columns(period)
            .filter(pl.col("period") <= PERIODS)
            .group_by("cohort", "period")
            .agg(pl.col("customer_id").n_unique())
            .sort("cohort", "period")
        )
        return [tuple(map(int, row)) for row in rows.collect().rows()]

    read = pl.scan_parquet(file).select("customer_id", "event", pl.col("time").alias("t"))
    number = pl.col("customer_id").rank("dense").cast(pl.Int32)
    ready = read.with_columns(number, pl.col("event").cast(pl.Enum(NAMES))).sort("customer_id", "t").collect()
    yield "prepared", lambda: answer(ready.lazy())
    yield "end to end", lambda: answer(read)


PEERS = {"journey_lib": ours, "duckdb": duckdb_sql, "polars": polars_expressions}


def measured(n: int) -> list[str]:
    lines, base, answer = [], {}, None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.parquet")
        drawn(n).to_parquet(file, index=False)
        for name, peer in PEERS.items():
            if name != "journey_lib" and find_spec(name) is None:
                lines.append(f"{n:>10,} events: {name} is not installed and was not asked")
                continue
            for what, call in peer(file):
                found, seconds = timed(call)
                answer = answer or found
                if found != answer:
                    raise SystemExit(f"{name}, {what}: another answer")
                ratio = seconds / base.setdefault(what, seconds)
                lines.append(
                    f"{n:>10,} events: {name:<11} {what:<10} {seconds:7.3f} s, {ratio:5.1f} times ours"
                )
        lines.append(whole(n, file))
    return lines


def whole(n: int, file: Path) -> str:
    """Return what the whole report takes on a log that is in memory, and the memory of the kernel."""
    study, data = quick_study(events=EventLog.from_file(file), journey=[ENTRY])
    _, seconds = timed(lambda: retention(study, data, entry=ENTRY, back=BACK).table)
    ready = asked(data.require_events("bench"))
    tracemalloc.start()
    counted(*ready)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (
        f"{n:>10,} events: the whole report {seconds:.2f} s; peak of the kernel {peak / n:.1f} bytes an event"
    )


def main() -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
    for n in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print("\n".join(pool.submit(measured, n).result()))


if __name__ == "__main__":
    main()
