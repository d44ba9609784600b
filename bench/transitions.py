"""How long does a matrix of transitions take, prepared and from the file, and how long do others take?

Run as `python -m bench.journeys transitions`; see `bench/peers.py`. DuckDB and Polars are asked where they
are installed, pm4py and retentioneering in environments of their own. `bench/paths.py` times what else the
report on paths counts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.events import NAMES
from bench.events import shuffled as drawn  # noqa: F401 - the log of this bench
from bench.paths import PLAN, matrix, named
from bench.peers import Foreign, Peer, duckdb_base
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.paths import Paths
from journey_lib.study.events import EventLog

Answer = list[list[int]]
SQL = """
SELECT event, coalesce(next, -1), count(*) FROM (
  SELECT event, lead(event) OVER (PARTITION BY customer_id ORDER BY time, row) AS next FROM {source})
GROUP BY ALL
"""


def prepared(file: Path) -> Callable[[], Answer]:
    log = EventLog.from_file(file)
    assert log.names == tuple(NAMES)
    batch = Batch(
        log.offsets, log.time, log.event, log.customers, 0, np.full(log.n_customers, int(log.time.max()))
    )
    return lambda: counted(batch)


def counted(batch: Batch) -> Answer:
    found = Paths(PLAN, parts=()).measure(batch).tables["counts"].dense(PLAN.cells)[:, 0]
    inner = found.reshape(-1, PLAN.columns)[: len(NAMES)]
    own: Answer = np.column_stack([inner[:, : len(NAMES)], inner[:, len(NAMES) :].sum(axis=1)]).tolist()
    return own


def whole(file: Path) -> Answer:
    return prepared(file)()


def duckdb_asked(base: Any, source: str) -> Answer:
    found = base.execute(SQL.format(source=source)).fetchnumpy()
    event, following, n = found.values()
    return matrix(event, following, n).tolist()


def numbered(base: Any) -> None:
    rows = ", ".join(f"('{name}', {place})" for place, name in enumerate(NAMES))
    base.execute(f"CREATE TABLE names AS SELECT * FROM (VALUES {rows}) v(name, code)")


def duckdb_prepared(file: Path) -> Callable[[], Answer]:
    base = duckdb_base()
    numbered(base)
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer_id, "
        "code AS event, epoch_us(time) AS time, file_row_number AS row FROM "
        f"read_parquet('{file}', file_row_number = true) JOIN names ON event = name ORDER BY 1, 3, 4"
    )
    return lambda: duckdb_asked(base, "log")


def duckdb_whole(file: Path) -> Answer:
    base = duckdb_base()
    numbered(base)
    read = f"read_parquet('{file}', file_row_number = true) JOIN names ON event = name"
    source = f"(SELECT customer_id, code AS event, time, file_row_number AS row FROM {read})"
    return duckdb_asked(base, source)


def polars_asked(frame: Any) -> Answer:
    import polars as pl

    same = pl.col("customer_id").shift(-1) == pl.col("customer_id")
    following = pl.when(same).then(pl.col("event").shift(-1)).alias("next")
    found = frame.select("event", following).group_by("event", "next").agg(n=pl.len()).collect()
    return matrix(found["event"], found["next"].fill_null(-1), found["n"]).tolist()


def polars_read(file: Path) -> Any:
    import polars as pl

    code = pl.col("event").cast(pl.Enum(NAMES)).to_physical().cast(pl.Int32)
    return pl.scan_parquet(file).select("customer_id", code, "time")


def polars_prepared(file: Path) -> Callable[[], Answer]:
    import polars as pl

    ready = polars_read(file).with_columns(pl.col("customer_id").rank("dense").cast(pl.Int32))
    ready = ready.sort("customer_id", "time", maintain_order=True).collect()
    return lambda: polars_asked(ready.lazy())


def polars_whole(file: Path) -> Answer:
    return polars_asked(polars_read(file).sort("customer_id", "time", maintain_order=True))


def told(rows: list[tuple[str, str, int]]) -> Answer:
    """Return as a matrix what others tell by name."""
    return named(pd.DataFrame(rows, columns=["event", "next", "n"])).tolist()


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
    "pm4py": Foreign(told),
    "retentioneering": Foreign(told),
}
