"""How long does an ordered funnel take, prepared and from the file, and how long do others take for the same?

Run as `python -m bench.journeys funnel`; see `bench/peers.py`. DuckDB and Polars are asked where they are
installed, with SQL and expressions written by hand for this very question.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.peers import Peer, duckdb_base
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.funnel import Funnel, FunnelKernel
from journey_lib.study.events import EventLog

EVENTS_EACH = 30
NAMES = [f"event_{i:02}" for i in range(12)]
STEPS = NAMES[:4]
DAYS, WINDOW = 540, 30 * 86_400_000_000

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


def kernel(log: EventLog, window: int) -> FunnelKernel:
    codes = tuple((log.names.index(name),) for name in STEPS)
    return FunnelKernel((Funnel(codes, window),), timed=False)


def batch(log: EventLog) -> Batch:
    last = int(log.time.max())
    return Batch(log.offsets, log.time, log.event, log.customers, 0, np.full(log.n_customers, last))


def prepared(file: Path, window: int = WINDOW) -> Callable[[], list[int]]:
    log = EventLog.from_file(file)
    asked, given = kernel(log, window), batch(log)
    return lambda: asked.measure(given)[0].reached[0].tolist()


def whole(file: Path, window: int = WINDOW) -> list[int]:
    return prepared(file, window)()


def duckdb_asked(source: str, base: object, window: int) -> list[int]:
    return list(base.execute(SQL.format(source=source, window=window)).fetchone())


def duckdb_prepared(file: Path, window: int = WINDOW) -> Callable[[], list[int]]:
    base = duckdb_base()
    words = ", ".join(f"'{name}'" for name in NAMES)
    base.execute(f"CREATE TYPE name AS ENUM ({words})")
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer_id, "
        f"event::name AS event, epoch_us(time) AS t FROM '{file}' ORDER BY customer_id, t"
    )
    return lambda: duckdb_asked("log", base, window)


def duckdb_whole(file: Path, window: int = WINDOW) -> list[int]:
    read = f"(SELECT customer_id, event, epoch_us(time) AS t FROM '{file}')"
    return duckdb_asked(read, duckdb_base(), window)


def polars_counted(frame: object, window: int) -> list[int]:
    import polars as pl

    frame = frame.with_columns(pl.when(pl.col("event") == STEPS[0]).then(pl.col("t")).alias("e0"))
    for at, step in enumerate(STEPS[1:], start=1):
        before = pl.col(f"e{at - 1}").shift(1).cum_max().forward_fill().over("customer_id")
        fits = (pl.col("event") == step) & (pl.col("t") - before <= window)
        frame = frame.with_columns(pl.when(fits).then(before).alias(f"e{at}"))
    reached = [pl.col("customer_id").filter(pl.col(f"e{k}").is_not_null()).n_unique().alias(f"n{k}")
               for k in range(len(STEPS))]  # fmt: skip
    return list(frame.select(reached).collect().row(0))


def polars_read(file: Path) -> object:
    import polars as pl

    return pl.scan_parquet(file).select("customer_id", "event", pl.col("time").dt.epoch("us").alias("t"))


def polars_prepared(file: Path, window: int = WINDOW) -> Callable[[], list[int]]:
    import polars as pl

    number = pl.col("customer_id").rank("dense").cast(pl.Int32)
    ready = polars_read(file).with_columns(number, pl.col("event").cast(pl.Enum(NAMES)))
    ready = ready.sort("customer_id", "t").collect()
    return lambda: polars_counted(ready.lazy().filter(pl.col("event").is_in(STEPS)), window)


def polars_whole(file: Path, window: int = WINDOW) -> list[int]:
    import polars as pl

    kept = polars_read(file).filter(pl.col("event").is_in(STEPS))
    return polars_counted(kept.sort("customer_id", "t"), window)


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
}
