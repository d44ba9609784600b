"""How long does an ordered funnel take, prepared and from the file, and how long do others take for the same?

Run as `python bench/funnel.py`; each size runs in a process of its own. DuckDB and Polars are asked where
they are installed, with SQL and expressions written by hand for this very question, on one thread each; all
answers must be equal. Prepared means: sorted, customers and names as numbers. Seconds are the processor's,
so that a busy machine does not decide.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.funnel import Funnel, FunnelKernel
from journey_lib.study.events import EventLog

SIZES = (1_000_000, 5_000_000)
EVENTS_EACH = 30
NAMES = [f"event_{i:02}" for i in range(12)]
STEPS = NAMES[:4]
DAYS, WINDOW = 540, 30 * 86_400_000_000
ROUNDS = 3

SQL = """
WITH c1 AS (
  SELECT customer_id, t, row_number() OVER (PARTITION BY customer_id ORDER BY t) AS seq, event,
         CASE WHEN event = 'event_00' THEN t END AS e1
  FROM {source} WHERE event IN ('event_00', 'event_01', 'event_02', 'event_03')
), c2 AS (
  SELECT *, CASE WHEN event = 'event_01' AND t - max(e1) OVER w <= {window} THEN max(e1) OVER w END AS e2
  FROM c1 WINDOW w AS (PARTITION BY customer_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), c3 AS (
  SELECT *, CASE WHEN event = 'event_02' AND t - max(e2) OVER w <= {window} THEN max(e2) OVER w END AS e3
  FROM c2 WINDOW w AS (PARTITION BY customer_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), c4 AS (
  SELECT *, CASE WHEN event = 'event_03' AND t - max(e3) OVER w <= {window} THEN max(e3) OVER w END AS e4
  FROM c3 WINDOW w AS (PARTITION BY customer_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT count(DISTINCT CASE WHEN e1 IS NOT NULL THEN customer_id END),
       count(DISTINCT CASE WHEN e2 IS NOT NULL THEN customer_id END),
       count(DISTINCT CASE WHEN e3 IS NOT NULL THEN customer_id END),
       count(DISTINCT CASE WHEN e4 IS NOT NULL THEN customer_id END)
FROM c4
"""


def drawn(n: int) -> pd.DataFrame:
    """Draw a log in no order: text ids and names, times in microseconds, no two of a customer alike."""
    rng = np.random.default_rng(17)
    moment = rng.integers(0, DAYS * 86_400_000_000, n)
    ids = pd.Series([f"C{i:07}" for i in range(n // EVENTS_EACH)], dtype="str")
    names = pd.Categorical.from_codes(rng.integers(0, len(NAMES), n), NAMES).astype("str")
    who = ids.take(rng.integers(0, n // EVENTS_EACH, n)).reset_index(drop=True)
    times = pd.DatetimeIndex(moment.astype("datetime64[us]"), tz="UTC")
    return pd.DataFrame({"customer_id": who, "event": names, "time": times})


def kernel(log: EventLog) -> FunnelKernel:
    codes = tuple((log.names.index(name),) for name in STEPS)
    return FunnelKernel((Funnel(codes, WINDOW),), timed=False)


def batch(log: EventLog) -> Batch:
    last = int(log.time.max())
    return Batch(log.offsets, log.time, log.event, log.customers, 0, np.full(log.n_customers, last))


def ours(file: Path) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    log = EventLog.from_file(file)
    asked, given = kernel(log), batch(log)
    yield "prepared", lambda: asked.measure(given)[0].reached[0].tolist()

    def whole() -> list[int]:
        fresh = EventLog.from_file(file)
        found: list[int] = kernel(fresh).measure(batch(fresh))[0].reached[0].tolist()
        return found

    yield "end to end", whole


def duckdb_sql(file: Path) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    import duckdb

    base = duckdb.connect()
    base.execute("SET threads = 1")
    words = ", ".join(f"'{name}'" for name in NAMES)
    base.execute(f"CREATE TYPE name AS ENUM ({words})")
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer_id, "
        f"event::name AS event, epoch_us(time) AS t FROM '{file}' ORDER BY customer_id, t"
    )
    read = f"(SELECT customer_id, event, epoch_us(time) AS t FROM '{file}')"

    def asked(source: str) -> list[int]:
        return list(base.execute(SQL.format(source=source, window=WINDOW)).fetchone())

    yield "prepared", lambda: asked("log")
    yield "end to end", lambda: asked(read)


def polars_expressions(file: Path) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    import polars as pl

    def counted(frame: pl.LazyFrame) -> list[int]:
        entry = pl.when(pl.col("event") == STEPS[0]).then(pl.col("t"))
        frame = frame.with_columns(entry.alias("e0"))
        for at, step in enumerate(STEPS[1:], start=1):
            before = pl.col(f"e{at - 1}").shift(1).cum_max().forward_fill().over("customer_id")
            fits = (pl.col("event") == step) & (pl.col("t") - before <= WINDOW)
            frame = frame.with_columns(pl.when(fits).then(before).alias(f"e{at}"))
        reached = [pl.col("customer_id").filter(pl.col(f"e{k}").is_not_null()).n_unique().alias(f"n{k}")
                   for k in range(len(STEPS))]  # fmt: skip
        return list(frame.select(reached).collect().row(0))

    def relevant(frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.filter(pl.col("event").is_in(STEPS)).sort("customer_id", "t")

    moment = pl.col("time").dt.epoch("us").alias("t")
    read = pl.scan_parquet(file).select("customer_id", "event", moment)
    number = pl.col("customer_id").rank("dense").cast(pl.Int32)
    ready = read.with_columns(number, pl.col("event").cast(pl.Enum(NAMES))).sort("customer_id", "t").collect()
    yield "prepared", lambda: counted(ready.lazy().filter(pl.col("event").is_in(STEPS)))
    yield "end to end", lambda: counted(relevant(read))


PEERS = {"journey_lib": ours, "duckdb": duckdb_sql, "polars": polars_expressions}


def timed(call: Callable[[], list[int]]) -> tuple[list[int], float]:
    """Return the answer and the seconds of the fastest of some rounds."""
    found, seconds = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = call()
        seconds.append(time.process_time() - start)
    return found, min(seconds)


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
                    raise SystemExit(f"{name}, {what}: {found} and not {answer}")
                ratio = seconds / base.setdefault(what, seconds)
                lines.append(
                    f"{n:>10,} events: {name:<11} {what:<10} {seconds:7.3f} s, {ratio:5.1f} times ours"
                )
    return lines


def main() -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
    for n in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print("\n".join(pool.submit(measured, n).result()))


if __name__ == "__main__":
    main()
