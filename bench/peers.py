"""What the benches on events share: one way to time a call, and one to put ours beside others' answers.

A bench names its peers in `PEERS`; each makes a question ready (`prepare`: sorted, ids and names as numbers)
or answers it straight from the file (`whole`), leaving out whatever this one question does not need.
"End to end" is to load the log, put it in order and ask: of DuckDB and Polars the cheapest way to an ordered
log, ids as text, and the prepared answer, which together are the least they can take.

Everybody runs in a process of its own, DuckDB and Polars on one thread; all must give the same answer.
Seconds are the processor's, so that a busy machine does not decide; peaks are those of the process.

pm4py and retentioneering need environments of their own: set PM4PY and RETENTIONEERING to the Python of one
that has the package. Where it is not set, the bench says "not installed".
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

OURS = "journey_lib"
PREPARED, ORDERED, WHOLE = "prepared", "end to end", "straight"
ROUNDS = 3
MB = 2**20
SIZES = (1_000_000, 5_000_000)
MOST = 1_000_000  # events that pandas-based peers are asked for: beyond, they take minutes


class Peer(NamedTuple):
    """Somebody who answers the question of a bench.

    `prepare` takes the file and returns what answers; `whole` takes the file and answers.
    """

    prepare: Callable[[Path], Callable[[], Any]]
    whole: Callable[[Path], Any]


class Foreign(NamedTuple):
    """Somebody who needs an environment of its own; `read` makes our answer of what it tells."""

    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Timing:
    """What one peer took for one question at one size; `seconds` is NaN where it is not installed."""

    task: str
    events: int
    peer: str
    what: str
    seconds: float
    peak: float = float("nan")


def timed(call: Callable[[], Any], rounds: int = ROUNDS) -> tuple[Any, float]:
    """Return what a call gives, and the processor's seconds of the fastest of some rounds."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        found = call()
        seconds.append(time.process_time() - start)
    return found, min(seconds)


def alone(call: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def drawn(task: str, n: int, file: Path) -> None:
    """Write the log of a bench."""
    import_module(f"bench.{task}").drawn(n).to_parquet(file, index=False)


def asked(task: str, peer: str, what: str, file: Path) -> tuple[Any, float, float]:
    """Return one peer's answer, seconds, and the peak of this process in MB."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    who: Peer = import_module(f"bench.{task}").PEERS[peer]
    call = who.prepare(file) if what == PREPARED else lambda: who.whole(file)
    found, seconds = timed(call)
    return found, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def ordered(peer: str, file: Path) -> tuple[float, float]:
    """Return the seconds in which a peer loads the log of a file in order, and the peak of this process."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    _, seconds = timed(lambda: ORDER[peer](file))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def duckdb_order(file: Path) -> None:
    """Load the core of a log in order with DuckDB."""
    read = f"SELECT {', '.join(core(file))} FROM '{file}'"
    duckdb_base().execute(f"CREATE TABLE log AS {read} ORDER BY customer_id, time")


def polars_order(file: Path) -> None:
    """Load the core of a log in order with Polars."""
    import polars as pl

    pl.scan_parquet(file).select(core(file)).sort("customer_id", "time").collect()


def core(file: Path) -> list[str]:
    """Return the columns of a log that a question of a bench may name."""
    import pyarrow.parquet as pq

    return [name for name in pq.read_schema(file).names if name in CORE]


ORDER = {"duckdb": duckdb_order, "polars": polars_order}
CORE = ("customer_id", "event", "time", "channel")


def asked_abroad(task: str, peer: str, what: str, file: Path) -> tuple[Any, float, float]:
    """Return a peer's answer, seconds and peak from the environment it needs."""
    rounds = ROUNDS if what == PREPARED else 1  # these take minutes
    command = [
        os.environ[peer.upper()],
        Path(__file__).with_name("foreign.py"),
        peer,
        task,
        what,
        file,
        rounds,
    ]
    told = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
    if told.returncode:
        sys.exit(f"{task}, {peer}, {what}: {told.stderr}")
    found, seconds, peak = json.loads(told.stdout.splitlines()[-1])
    return import_module(f"bench.{task}").PEERS[peer].read(found), seconds, peak


def installed(peer: str, who: Peer | Foreign) -> bool:
    """Say whether a peer can be asked."""
    return bool(os.environ.get(peer.upper())) if isinstance(who, Foreign) else find_spec(peer) is not None


def same(found: Any, answer: Any) -> bool:
    """Say whether two answers are the same; sums of shares may differ in the last digits."""
    one, other = np.asarray(found, dtype=float), np.asarray(answer, dtype=float)
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=1e-9)


def timings(task: str, n: int) -> Iterator[Timing]:
    """Yield what everybody takes for the question of one bench at one size.

    Raises
    ------
    SystemExit
        When two of them give different answers.
    """
    answer = None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.parquet")
        alone(drawn, task, n, file)
        for peer, who in import_module(f"bench.{task}").PEERS.items():
            abroad = isinstance(who, Foreign)
            if not installed(peer, who) or (abroad and n > MOST):
                yield Timing(task, n, peer, WHOLE, float("nan"))
                continue
            took: dict[str, Timing] = {}
            for what in (PREPARED, WHOLE):
                ask = partial(alone, asked) if not abroad else asked_abroad
                found, seconds, peak = ask(task, peer, what, file)
                answer = found if answer is None else answer
                if not same(found, answer):
                    raise SystemExit(f"{task}, {peer}, {what}: another answer than {OURS}")
                took[what] = Timing(task, n, peer, what, seconds, peak)
            yield from took.values()
            yield end_to_end(file, **took)


def end_to_end(file: Path, prepared: Timing, straight: Timing) -> Timing:
    """Return what a peer takes to load the log, put it in order and ask, from what it took otherwise."""
    if prepared.peer not in ORDER:  # who cannot ask without the order has it in the answer from the file
        return replace(straight, what=ORDERED)
    seconds, peak = alone(ordered, prepared.peer, file)
    return replace(prepared, what=ORDERED, seconds=seconds + prepared.seconds, peak=max(peak, prepared.peak))


def duckdb_base() -> Any:
    """Return a database in memory that works on one thread, silently, in UTC."""
    import duckdb

    base = duckdb.connect(config={"threads": 1})
    base.execute("SET enable_progress_bar = false")
    base.execute("SET TimeZone = 'UTC'")
    return base


def lines(found: list[Timing]) -> Iterator[str]:
    """Yield a line for each question, way and size: our seconds and peak, and the ratio of each peer."""
    for task, n, what in dict.fromkeys((t.task, t.events, t.what) for t in found):
        rows = {t.peer: t for t in found if (t.task, t.events, t.what) == (task, n, what)}
        own = rows.pop(OURS)
        others = [
            f"{name} {one.seconds:6.2f} s {one.seconds / own.seconds:5.1f}x {one.peak:6,.0f} MB"
            if one.seconds == one.seconds
            else f"{name} is {'not asked' if n > MOST and os.environ.get(name.upper()) else 'not installed'}"
            for name, one in rows.items()
        ]
        ratio = min(
            (one.seconds / own.seconds for one in rows.values() if one.seconds == one.seconds), default=np.nan
        )
        yield (
            f"{task:12} {n / 1e6:>3.0f} M {what:10} {own.seconds:6.2f} s {own.peak:6,.0f} MB; "
            f"{'; '.join(others)}; the fastest takes {ratio:.1f} times ours"
        )


def growth(found: list[Timing]) -> Iterator[str]:
    """Yield how our seconds grow with the events, for each question and way."""
    for task, what in dict.fromkeys((t.task, t.what) for t in found if t.peer == OURS):
        own = [(t.events, t.seconds) for t in found if (t.task, t.what, t.peer) == (task, what, OURS)]
        if len(own) > 1:
            slope = np.polyfit(*np.log(np.array(own, dtype=float)).T, 1)[0]
            yield f"{task:12} {what:10} seconds grow as events to the power of {slope:.2f}"


def main(*tasks: str, sizes: Iterable[int] = SIZES) -> None:
    """Print what everybody takes for some benches."""
    for task in tasks:
        found: list[Timing] = []
        for n in sizes:
            found += timings(task, n)
            print("\n".join(lines([timing for timing in found if timing.events == n])), flush=True)
        print("\n".join(growth(found)), flush=True)
