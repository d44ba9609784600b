"""How fast are a million touch paths followed and credited? Prints ratios from one run.

Run as `python -m bench.attribution`. One peer is a loop over customers with a table of paths. The other is
ChannelAttribution (heuristic_models and markov_model, C++), which needs an environment of its own: set
CHANNEL_ATTRIBUTION to the Python of one that has it. It is handed finished distinct paths as text; our kernel
starts from the sorted events.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from bench.peers import timed
from journey_lib.stats.attribution.chains import steps
from journey_lib.stats.attribution.rules import RULES, credited, shares
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.touches import Touched, TouchPaths

CUSTOMERS, CHANNELS = 1_000_000, 9
DAY = 86_400_000_000
KERNEL = TouchPaths((0,), (1,), CHANNELS, lookback=30 * DAY)
PEER = """
import sys, time, pandas as pd, ChannelAttribution as C
paths = pd.read_csv(sys.argv[1])
start = time.perf_counter()
C.heuristic_models(paths, "path", "sold", flg_pro=False)
heuristics = time.perf_counter() - start
start = time.perf_counter()
C.markov_model(paths, "path", "sold", var_null="failed", flg_pro=False, verbose=False, seed=1)
print("seconds", heuristics, time.perf_counter() - start)
"""


def drawn() -> Batch:
    """Draw customers with some touches over 25 days, a third of whom buy at the end."""
    rng = np.random.default_rng(17)
    touches = rng.geometric(0.3, CUSTOMERS)
    buys = rng.random(CUSTOMERS) < 1 / 3
    size = touches + buys
    offsets = np.append(0, np.cumsum(size))
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], size)
    event = (place == np.repeat(touches, size)).astype(np.int8)
    channel = np.where(event == 1, -1, rng.integers(0, CHANNELS, len(event))).astype(np.int32)
    time_ = np.repeat(rng.integers(0, 400 * DAY, CUSTOMERS), size) + place * (25 * DAY // 60)
    ids = pd.Index([f"C{i:07}" for i in range(CUSTOMERS)], dtype="str")
    return Batch(offsets, time_, event, ids, 0, np.full(CUSTOMERS, 540 * DAY), {"channel": channel})


def modelled(touched: Touched) -> None:
    """Return nothing: credit every rule and solve the chain."""
    for rule in RULES:
        credited(touched.paths, shares(touched.paths, rule), touched.sold)
    chain = steps(touched.paths, 1)
    chain.removal(chain.count(touched.sold, touched.failed))


def text(touched: Touched) -> pd.DataFrame:
    """Return the distinct paths as the peer wants them."""
    ends, names = touched.paths.offsets, [f"channel {c}" for c in touched.paths.codes]
    paths = [" > ".join(names[a:b]) for a, b in pairwise(ends)]
    return pd.DataFrame({"path": paths, "sold": touched.sold, "failed": touched.failed})


def by_hand(batch: Batch) -> None:
    """Follow the same paths customer by customer, and count what the models need."""
    channel, ends, times = batch.columns["channel"].tolist(), batch.offsets.tolist(), batch.time.tolist()
    sold: Counter[tuple[int, ...]] = Counter()
    failed: Counter[tuple[int, ...]] = Counter()
    for low, high in pairwise(ends):
        bought, early = channel[high - 1] < 0, times[high - 1] - KERNEL.lookback
        path = tuple([channel[i] for i in range(low, high - bought) if times[i] >= early])
        (sold if bought else failed)[path] += 1
    first, last, linear, walks = Counter(), Counter(), Counter(), Counter()
    for path, n in sold.items():
        first[path[0]] += n
        last[path[-1]] += n
        for one in path:
            linear[one] += n / len(path)
    for paths in (sold, failed):
        for path, n in paths.items():
            for pair in zip((-1, *path), path, strict=False):
                walks[pair] += n


def peer(paths: pd.DataFrame, python: str) -> tuple[float, float]:
    """Return the seconds of the peer's rules and chain on the same paths."""
    with tempfile.TemporaryDirectory() as folder:
        paths.to_csv(Path(folder, "paths.csv"), index=False)
        run = [python, "-W", "ignore", "-c", PEER, str(Path(folder, "paths.csv"))]
        told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    words = next(line for line in told.splitlines() if line.startswith("seconds")).split()
    return float(words[1]), float(words[2])


def seconds(call: Callable[[], object]) -> float:
    return timed(call, 2)[1]


def main() -> None:
    batch = drawn()
    touched = KERNEL.measure(batch)
    follow, credit = seconds(lambda: KERNEL.measure(batch)), seconds(lambda: modelled(touched))
    print(f"{CUSTOMERS:,} paths, {batch.n_events:,} events, {len(touched.paths):,} distinct paths")
    print(f"following {follow:.2f} s, all rules and the chain {credit:.2f} s")
    with_draws = TouchPaths(**{**vars(KERNEL), "draws": 200})
    start = time.perf_counter()
    with_draws.measure(batch)
    drawn_seconds = time.perf_counter() - start
    print(f"following with 200 bootstrap draws {drawn_seconds:.1f} s: {drawn_seconds / follow:.0f} times")
    hand = seconds(lambda: by_hand(batch))
    print(f"a loop over customers takes {hand / (follow + credit):.1f} times as long as both")
    python = os.environ.get("CHANNEL_ATTRIBUTION", "")
    if not python:
        sys.exit("set CHANNEL_ATTRIBUTION to a Python that has the package ChannelAttribution for its ratio")
    rules, chain = peer(text(touched), python)
    print(
        f"ChannelAttribution on finished distinct paths: rules {rules:.2f} s, simulated chain {chain:.2f} s, "
        f"together {(rules + chain) / credit:.1f} times our models"
    )


if __name__ == "__main__":
    main()
