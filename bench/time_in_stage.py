"""How fast are stays in stages counted, and curves and the report made? Ratios within one run.

Run as `python -m bench.journeys time_in_stage` for the count from a log beside DuckDB and Polars (see
`bench/peers.py`): stays in each stage, how many moved on, and the Kaplan–Meier median of leaving. Run as
`python -m bench.time_in_stage` for a curve beside others and for the whole report: R's `survival` is timed
where `Rscript` is installed, lifelines where it can be imported; neither is a dependency.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.peers import Peer, duckdb_base, timed
from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.spells import NEXT, OPEN, StageSpells, cells
from journey_lib.stats.survival import kaplan_meier
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

DURATIONS = 1_000_000
SIZES = (1_000_000, 3_000_000)
EVENTS_EACH, DAYS = 30, 540
STAGES = [f"stage_{at}" for at in range(6)]
REST = [f"event_{at:02}" for at in range(24)]

Answer = list[list[float]]  # stays, moved on to the next stage, median seconds; one row a stage
HALF = 0.5 + 1e-9  # a share of one half is reached in spite of the last digit
SQL = """
with staged as (
  select customer, t, row, max(stage) over (partition by customer order by t, row) as stay from {source}),
spells as (
  select stay, customer, min(t) as began, lead(min(t)) over w as ended, lead(stay) over w as target
  from staged group by customer, stay window w as (partition by customer order by stay)),
counts as (
  select stay, (coalesce(ended, (select max(t) from {whole})) - began) // 1000000 as seconds, count(*) as n,
    count(ended) as left_, count(*) filter (target = stay + 1) as moved from spells group by all),
waiting as (
  select *, sum(n) over (partition by stay order by seconds desc) as at_risk from counts),
curve as (
  select stay, seconds, n, moved,
    sum(case when left_ = at_risk then -1000 else ln(1 - left_ / at_risk) end)
      over (partition by stay order by seconds) as log_share from waiting)
select sum(n), sum(moved), coalesce(min(seconds) filter (log_share <= ln({half})), -1)
from curve group by stay order by stay
"""


def prepared(file: Path) -> Callable[[], Answer]:
    log = EventLog.from_file(file)
    until = np.full(log.n_customers, int(log.time.max()))
    batch = Batch(log.offsets, log.time, log.event, log.customers, 0, until)
    kernel = StageSpells(tuple(STAGES.index(name) if name in STAGES else -1 for name in log.names))
    return lambda: counted(kernel, batch)


def whole(file: Path) -> Answer:
    return prepared(file)()


def counted(kernel: StageSpells, batch: Batch) -> Answer:
    found = cells(kernel.measure(batch).ended)
    rows = []
    for stage in range(len(STAGES)):
        here = found.stage == stage
        seconds, n, cause = found.seconds[here], found.count[here], found.cause[here]
        times, place = np.unique(seconds, return_inverse=True)
        left, gone = (np.bincount(place, weights) for weights in (n * (cause != OPEN), n))
        at_risk = gone[::-1].cumsum()[::-1]
        share = np.cumprod(1 - left / at_risk)
        reached = np.flatnonzero(share <= HALF)
        rows.append([n.sum(), n[cause == NEXT].sum(), times[reached[0]] if len(reached) else -1])
    return [[float(value) for value in row] for row in rows]


def duckdb_read(file: Path) -> str:
    return (
        "SELECT customer_id AS customer, event[7:]::TINYINT AS stage, epoch_us(time) AS t, "
        f"file_row_number AS row FROM read_parquet('{file}', file_row_number = true) "
        "WHERE event LIKE 'stage_%'"
    )


def duckdb_asked(base: Any, source: str, everything: str) -> Answer:
    rows = base.execute(SQL.format(source=source, whole=everything, half=HALF)).fetchall()
    return [list(map(float, row)) for row in rows]


def duckdb_prepared(file: Path) -> Callable[[], Answer]:
    base = duckdb_base()
    base.execute(
        "CREATE TABLE log AS SELECT (dense_rank() OVER (ORDER BY customer_id))::INTEGER AS customer, "
        "CASE WHEN event LIKE 'stage_%' THEN event[7:]::TINYINT END AS stage, epoch_us(time) AS t, "
        f"file_row_number AS row FROM read_parquet('{file}', file_row_number = true) ORDER BY 1, 3, 4"
    )
    return lambda: duckdb_asked(base, "log WHERE stage IS NOT NULL", "log")


def duckdb_whole(file: Path) -> Answer:
    return duckdb_asked(
        duckdb_base(), f"({duckdb_read(file)})", f"(SELECT epoch_us(time) AS t FROM '{file}')"
    )


def polars_read(file: Path) -> Any:
    import polars as pl

    stage = pl.col("event").replace_strict(STAGES, range(len(STAGES)), default=None, return_dtype=pl.Int32)
    return pl.scan_parquet(file).select(
        pl.col("customer_id").alias("customer"),
        stage.alias("stage"),
        pl.col("time").dt.epoch("us").alias("t"),
    )


def polars_asked(frame: Any, last: Any) -> Answer:
    import polars as pl

    stay = pl.col("stage").cum_max().over("customer").alias("stay")
    spells = frame.with_columns(stay).group_by("customer", "stay").agg(began=pl.col("t").min())
    same = pl.col("customer") == pl.col("customer").shift(-1)
    after = [
        pl.when(same).then(pl.col(name).shift(-1)).alias(new)
        for name, new in (("began", "ended"), ("stay", "to"))
    ]
    seconds = ((pl.col("ended").fill_null(last) - pl.col("began")) // 1_000_000).alias("seconds")
    counts = spells.sort("customer", "stay").with_columns(*after).group_by("stay", seconds).agg(
        n=pl.len().cast(pl.Int64), left=pl.col("ended").count().cast(pl.Int64),
        moved=(pl.col("to") == pl.col("stay") + 1).sum(),
    )  # fmt: skip
    counts = counts.sort("stay", "seconds")
    at_risk = pl.col("n").cum_sum(reverse=True).over("stay")
    share = (1 - pl.col("left") / at_risk).cum_prod().over("stay").alias("share")
    median = pl.col("seconds").filter(pl.col("share") <= HALF).min().fill_null(-1)
    found = counts.with_columns(share).group_by("stay").agg(pl.col("n").sum(), pl.col("moved").sum(), median)
    return found.sort("stay").drop("stay").collect().to_numpy().astype(float).tolist()


def polars_prepared(file: Path) -> Callable[[], Answer]:
    import polars as pl

    ready = polars_read(file).with_columns(pl.col("customer").rank("dense").cast(pl.Int32))
    ready = ready.sort("customer", "t", maintain_order=True).collect()
    return lambda: polars_asked(ready.lazy().filter(pl.col("stage").is_not_null()), ready["t"].max())


def polars_whole(file: Path) -> Answer:
    import polars as pl

    read = polars_read(file)
    last = read.select(pl.col("t").max()).collect().item()
    kept = read.filter(pl.col("stage").is_not_null())
    return polars_asked(kept.sort("customer", "t", maintain_order=True), last)


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
}


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


def drawn(n: int) -> pd.DataFrame:
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
    rows = drawn(n)
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
