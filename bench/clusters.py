"""How long do groups take, as a ratio to scikit-learn, kmodes and stepmix on the same rows?

Run as `python -m bench.clusters [--rows 10000 100000 1000000] [--only numbers] [--peers PYTHON]`. kmodes and
stepmix are no dependency: give the interpreter of an environment that has them (and scikit-learn), such as
one made with `python -m venv peers && peers/bin/pip install stepmix kmodes`. Both sides get the same rows,
number of groups and starts, and say how good their answer is. Seconds are the processor's, so that a busy
machine does not decide, and everybody works on one thread; a peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from journey_lib.stats.clusters.centres import kmeans
from journey_lib.stats.clusters.latent import latent
from journey_lib.stats.clusters.prototypes import prototypes
from journey_lib.stats.clusters.table import Mixed, mixed

K, STARTS = 4, 5
MOST = {"kmodes": 10_000, "stepmix": 100_000}  # rows a peer is asked for: above, it takes hours
PEERS = """
import json, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
kind, file, k, starts = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = np.load(file)
if kind == "scikit-learn":
    from sklearn.cluster import KMeans
    begun = time.process_time()
    value = KMeans(k, n_init=starts, random_state=1).fit(data["numeric"]).inertia_
elif kind == "kmodes":
    from kmodes.kprototypes import KPrototypes
    rows = np.concatenate([data["numeric"], data["codes"]], axis=1)
    places = list(range(data["numeric"].shape[1], rows.shape[1]))
    begun = time.process_time()
    model = KPrototypes(k, init="Huang", n_init=starts, gamma=float(data["penalty"]), random_state=1)
    value = model.fit(rows, categorical=places).cost_
else:
    from stepmix.stepmix import StepMix
    begun = time.process_time()
    model = StepMix(k, measurement="categorical", n_init=starts, random_state=1, max_iter=5000, abs_tol=1e-5,
                    rel_tol=1e-9, progress_bar=0)
    value = model.fit(data["codes"]).score(data["codes"]) * len(data["codes"])
print(json.dumps([time.process_time() - begun, float(value)]))
"""


def drawn(rows: int) -> Mixed:
    """Return rows of four groups: six numbers and eight answers of three levels."""
    rng = np.random.default_rng(1)
    group = rng.choice(K, rows, p=[0.4, 0.3, 0.2, 0.1])
    numeric = rng.normal(size=(rows, 6)) + 2.5 * rng.normal(size=(K, 6))[group]
    chances = rng.dirichlet(np.full(3, 0.7), size=(K, 8))
    codes = (rng.random((rows, 8, 1)) > chances.cumsum(axis=2)[group]).sum(axis=2).clip(max=2)
    return mixed(numeric, codes, [3] * 8)


def numbers(table: Mixed) -> float:
    return kmeans(mixed(table.numeric), K, 1, starts=STARTS).loss


def both(table: Mixed) -> float:
    return prototypes(table, K, 1, starts=STARTS, penalty=1.0).loss


def answers(table: Mixed) -> float:
    codes = Mixed(np.zeros((len(table), 0)), table.codes, table.levels, table.weights)
    return latent(codes, K, 1, starts=STARTS).log_likelihood


TASKS = {
    "numbers": (numbers, "scikit-learn"),
    "both": (both, "kmodes"),
    "answers": (answers, "stepmix"),
}


def timed(task: Callable[[], float]) -> tuple[float, float]:
    begun = time.process_time()
    value = task()
    return time.process_time() - begun, value


def asked(peers: str, kind: str, file: Path) -> tuple[float, float] | None:
    """Return seconds and answer of a peer in its own environment, None where it is not installed."""
    command = [peers, "-c", PEERS, kind, str(file), str(K), str(STARTS)]
    alone = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    told = subprocess.run(command, check=False, capture_output=True, text=True, env=alone)
    if "ModuleNotFoundError" in told.stderr:
        return None
    told.check_returncode()
    seconds, value = json.loads(told.stdout)
    return seconds, value


def main() -> None:
    """Print one line a method and number of rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--only", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--peers", default=sys.executable)
    given = parser.parse_args()
    for name in given.only:
        TASKS[name][0](drawn(100))  # libraries are loaded when they are first used
    print(f"{'rows':>9} {'ours':12} {'s':>8} {'peer':13} {'s':>8} {'ratio':>7}  answers")
    for rows in given.rows:
        table = drawn(rows)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.npz"
            np.savez(file, numeric=table.numeric, codes=table.codes, penalty=1.0)
            for ours, peer in (TASKS[name] for name in given.only):
                own, value = timed(partial(ours, table))
                line = f"{rows:>9,} {ours.__name__:12} {own:>8.2f} {peer:13}"
                answer = None if rows > MOST.get(peer, rows) else asked(given.peers, peer, file)
                if answer is None:
                    print(f"{line} {'–':>8} {'–':>7}  {value:.6g}", flush=True)
                    continue
                theirs, other = answer
                print(f"{line} {theirs:>8.2f} {own / theirs:>7.2f}  {value:.6g} {other:.6g}", flush=True)


if __name__ == "__main__":
    main()
