"""How much faster than R's `survey` are raking and many-cell tables? Prints ratios from one run.

Run as `python bench/stats.py`; needs Rscript with the package `survey` for the ratios.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.stats import estimate, weights

Targets = dict[str, dict[Hashable, float]]
ROWS, TABLES = 100_000, 200
LEVELS = {"age": 6, "gender": 2, "region": 8, "plan": 3, "tenure": 4, "device": 3}

R_SCRIPT = """
suppressMessages(library(survey))
d <- read.csv(commandArgs(TRUE)[1]); margins <- read.csv(commandArgs(TRUE)[2])
names_ <- unique(margins$margin)
design <- svydesign(id = ~1, weights = ~w, data = d)
forms <- lapply(names_, function(m) as.formula(paste("~", m)))
goals <- lapply(names_, function(m) {
  g <- margins[margins$margin == m, c("category", "total")]; names(g) <- c(m, "Freq"); g })
raking <- system.time(raked <- rake(design, forms, goals,
  control = list(maxit = 500, epsilon = 1e-8)))[["elapsed"]]
plain <- svydesign(id = ~1, weights = ~w, data = d)
table <- system.time(svyby(~y, ~region, plain, svymean))[["elapsed"]]
cat(raking, table, range(weights(raked)), "\\n")
"""


def timed(call: Callable[[], object], repeats: int = 7) -> float:
    """Return the best of a few runs in seconds."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def sample() -> tuple[pd.DataFrame, Targets]:
    """Draw a survey whose margins are all somewhat off their targets."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({name: rng.integers(0, k, ROWS) for name, k in LEVELS.items()})
    frame["w"], frame["y"] = rng.uniform(0.5, 2, ROWS), rng.normal(size=ROWS)
    targets: Targets = {}
    for name, k in LEVELS.items():
        share = rng.uniform(0.5, 1.5, k)
        targets[name] = dict(enumerate(share / share.sum() * ROWS))
    return frame, targets


def in_r(frame: pd.DataFrame, targets: Targets) -> list[float]:
    """Let R rake the same rows to the same totals; return seconds of raking and of one table."""
    rows = [(name, label, total) for name, of in targets.items() for label, total in of.items()]
    with tempfile.TemporaryDirectory() as folder:
        data, margins, script = (Path(folder) / name for name in ("data.csv", "margins.csv", "rake.R"))
        frame.to_csv(data, index=False)
        pd.DataFrame(rows, columns=["margin", "category", "total"]).to_csv(margins, index=False)
        script.write_text(R_SCRIPT)
        done = subprocess.run(["Rscript", script, data, margins], check=True, capture_output=True, text=True)
    return [float(number) for number in done.stdout.split()]


def main() -> None:
    frame, targets = sample()
    groups = {name: frame[name].to_numpy() for name in LEVELS}
    y, w, region = (frame[name].to_numpy() for name in ("y", "w", "region"))
    rake = timed(lambda: weights.rake(groups, targets, w))
    read_once = estimate.Sample(ROWS, w)
    table = timed(lambda: read_once.by_domain("mean", y, region, LEVELS["region"]))
    print(f"rake {ROWS:,} rows × {len(LEVELS)} margins: {rake:.3f} s")
    print(f"{TABLES} tables of {LEVELS['region']} linearised cells, {ROWS:,} rows: {TABLES * table:.2f} s")
    if not shutil.which("Rscript"):
        print("Rscript is not installed: no ratios")
        return
    r_rake, r_table, low, high = in_r(frame, targets)
    made = weights.rake(groups, targets, w).values
    print(f"rake: R takes {r_rake / rake:.0f} times as long ({r_rake:.2f} s); bar 20")
    print(f"tables: R's svyby takes {r_table / table:.0f} times as long ({r_table:.2f} s a table); bar 50")
    print(f"extreme weights: {made.min():.6f} to {made.max():.6f}, in R {low:.6f} to {high:.6f}")


if __name__ == "__main__":
    main()
