"""How long does monthly retention take, prepared and from the file, and how long do others take for the same?

Run as `python -m bench.journeys retention`; see `bench/peers.py`. DuckDB and Polars are asked where they are
installed, with SQL and expressions written by hand for this very question.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.funnel import NAMES, drawn  # noqa: F401 - the log of this bench
from bench.peers import Peer, duckdb_base
from journey_lib.stats.kernels.cohorts import Cohorts
from journey_lib.study.calendar import calendar
from journey_lib.study.engine import Observed, observe
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

PERIODS = 12
ENTRY, BACK = NAMES[0], NAMES[1:4]
Answer = list[tuple[int, ...]]  # cohort, period, customers

SQL = """
WITH entry AS (SELECT customer_id, min(t) AS first FROM {source} WHERE event = 'event_00' GROUP BY 1),
month AS (SELECT *, {month} AS cohort FROM entry)
SELECT cohort, {later} - cohort AS period, count(DISTINCT customer_id)
FROM {source} JOIN month USING (customer_id)
WHERE t >= first AND event IN ('event_01', 'event_02', 'event_03') AND {later} - cohort <= 12
GROUP BY 1, 2 ORDER BY 1, 2
"""


def prepared(file: Path) -> Callable[[], Answer]:
    ready = asked(EventLog.from_file(file))
    return lambda: counted(*ready)


def whole(file: Path) -> Answer:
    return prepared(file)()


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


def duckdb_asked(source: str, base: Any) -> Answer:
    month = "(year({0}) * 12 + month({0}))"
    query = SQL.format(source=source, month=month.format("first"), later=month.format("t"))
    return [tuple(map(int, row)) for row in base.execute(query).fetchall()]


def duckdb_prepared(file: Path) -> Callable[[], Answer]:
    base = duckdb_base()
    words = ", ".join(f"'{name}'" for name in NAMES)
    base.execute(f"CREATE TYPE name AS ENUM ({words})")
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer_id, "
        f"event::name AS event, time::TIMESTAMP AS t FROM '{file}' ORDER BY customer_id, t"
    )
    return lambda: duckdb_asked("log", base)


def duckdb_whole(file: Path) -> Answer:
    read = f"(SELECT customer_id, event, time::TIMESTAMP AS t FROM '{file}')"
    return duckdb_asked(read, duckdb_base())


def polars_answer(frame: Any) -> Answer:
    import polars as pl

    entry = (
        frame.filter(pl.col("event") == ENTRY).group_by("customer_id").agg(pl.col("t").min().alias("first"))
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


def polars_read(file: Path) -> Any:
    import polars as pl

    return pl.scan_parquet(file).select("customer_id", "event", pl.col("time").alias("t"))


def polars_prepared(file: Path) -> Callable[[], Answer]:
    import polars as pl

    number = pl.col("customer_id").rank("dense").cast(pl.Int32)
    ready = polars_read(file).with_columns(number, pl.col("event").cast(pl.Enum(NAMES)))
    ready = ready.sort("customer_id", "t").collect()
    return lambda: polars_answer(ready.lazy())


def polars_whole(file: Path) -> Answer:
    return polars_answer(polars_read(file))


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
}
