"""How long does the grouped aggregate of an experiment take, against the same written by hand in DuckDB?

Run as `python -m bench.experiment`, or with numbers of units in millions. Units × 20 metrics × 3 arms × 10
segments × 28 days lie in one Parquet file. Ours centres every metric, counts missing values and returns
moments; the statement by hand takes sums and sums of squares. Each size and each way runs in a process of its
own, two ways in turn; seconds are the processor's, so that a busy machine does not decide.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

METRICS = [f"m{k}" for k in range(20)]
KEYS = ["segment", "arm", "day"]
SIZES = (1_250_000, 2_500_000, 5_000_000, 10_000_000)
TURNS = 3


def drawn(path: Path, units: int) -> None:
    import duckdb

    columns = ", ".join(f"random() * {k + 1} AS {name}" for k, name in enumerate(METRICS))
    keys = ", ".join(
        f"(random() * {n})::INT % {n} AS {key}" for key, n in zip(KEYS, (10, 3, 28), strict=True)
    )
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as database:
        database.execute(f"COPY (SELECT {keys}, {columns} FROM range({units})) TO '{path}' (FORMAT parquet)")


def by_hand(path: Path) -> int:
    import duckdb

    sums = ", ".join(f"sum({name}), sum({name} * {name})" for name in METRICS)
    keys = ", ".join(KEYS)
    with duckdb.connect(config={"threads": 2, "memory_limit": "400MB"}) as database:
        statement = f"SELECT {keys}, count(*), {sums} FROM '{path}' GROUP BY {keys} ORDER BY {keys}"
        return len(database.execute(statement).fetchall())


def ours(path: Path) -> int:
    from journey_lib.study.engine.cells import cells_of

    return len(cells_of(path, KEYS, METRICS).keys)


WAYS = {"by hand": by_hand, "ours": ours}


def timed(way: str, path: Path) -> tuple[float, float, float, int]:
    """Return processor seconds, wall seconds, peak megabytes and cells; what is imported is not timed."""
    import duckdb  # noqa: F401

    import journey_lib.study.engine.cells  # noqa: F401

    begun, wall = time.process_time(), time.perf_counter()
    cells = WAYS[way](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return time.process_time() - begun, time.perf_counter() - wall, peak, cells


def main(sizes: tuple[int, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for units in sizes:
            path = Path(folder) / f"{units}.parquet"
            drawn(path, units)
            found: dict[str, list[tuple[float, float, float, int]]] = {way: [] for way in WAYS}
            for _ in range(TURNS):
                for way in WAYS:
                    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                        found[way].append(pool.submit(timed, way, path).result())
            for way, runs in found.items():
                cpu, wall = min(run[0] for run in runs), min(run[1] for run in runs)
                peak = max(run[2] for run in runs)
                told = f"{cpu:6.2f} s cpu  {wall:6.2f} s  {peak:5.0f} MB  {runs[0][3]} cells"
                print(f"{units:>11,} units  {way:8}  {told}")
            ratio = min(r[0] for r in found["ours"]) / min(r[0] for r in found["by hand"])
            print(f"{units:>11,} units  ratio {ratio:.2f}", flush=True)
            path.unlink()


if __name__ == "__main__":
    main(tuple(int(float(word) * 1e6) for word in sys.argv[1:]) or SIZES)
