"""How much faster than R's `survey` are raking, tables and tests of them? Prints ratios from one run.

Run as `python bench/stats.py`; needs Rscript with the package `survey` for the ratios. `--peer PYTHON` names
the Python of an environment of its own that holds weightipy, for a ratio against that.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.stats import estimate, tables, weights

Targets = dict[str, dict[Hashable, float]]
ROWS, TABLES, QUESTIONS = 100_000, 200, 20
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
test <- system.time(tested <- svychisq(~q1 + region, plain))[["elapsed"]]
whole <- system.time(for (i in 1:20) {
  form <- as.formula(paste0("~factor(q", i, ")"))
  svyby(form, ~region, plain, svymean); svychisq(as.formula(paste0("~q", i, " + region")), plain)
})[["elapsed"]]
cat(raking, table, range(weights(raked)), test, tested$p.value, whole, "\\n")
"""
PEER_SCRIPT = """
import sys, time
import pandas as pd, weightipy
frame = pd.read_csv(sys.argv[1]); margins = pd.read_csv(sys.argv[2])
targets = {m: {c: 100 * t / rows["total"].sum() for c, t in zip(rows["category"], rows["total"])}
           for m, rows in margins.groupby("margin", sort=False)}
start = time.perf_counter()
weightipy.weight_dataframe(frame.drop(columns="w"), weightipy.scheme_from_dict(targets), "made")
print(time.perf_counter() - start)
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
    for number in range(1, QUESTIONS + 1):
        frame[f"q{number}"] = rng.integers(1, 6, ROWS)
    targets: Targets = {}
    for name, k in LEVELS.items():
        share = rng.uniform(0.5, 1.5, k)
        targets[name] = dict(enumerate(share / share.sum() * ROWS))
    return frame, targets


def elsewhere(frame: pd.DataFrame, targets: Targets, program: str, text: str) -> list[float]:
    """Let another program read the same rows and totals, and return the numbers it prints."""
    rows = [(name, label, total) for name, of in targets.items() for label, total in of.items()]
    with tempfile.TemporaryDirectory() as folder:
        data, margins, script = (Path(folder) / name for name in ("data.csv", "margins.csv", "script"))
        frame.to_csv(data, index=False)
        pd.DataFrame(rows, columns=["margin", "category", "total"]).to_csv(margins, index=False)
        script.write_text(text)
        done = subprocess.run([program, script, data, margins], check=True, capture_output=True, text=True)
    return [float(number) for number in done.stdout.splitlines()[-1].split()]


def whole_crosstab(frame: pd.DataFrame, sample: estimate.Sample) -> float:
    """Make every question's table by region: shares with errors and intervals, letters, Rao-Scott test."""
    region, least = frame["region"].to_numpy(), 1.0
    for number in range(1, QUESTIONS + 1):
        answers = frame[f"q{number}"].to_numpy()
        made = tables.crosstab(answers, region, sample=sample)
        tables.letters(made)
        least = min(least, tables.rao_scott(answers, region, sample=sample).p_value)
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", help="Python of an environment with weightipy")
    asked = parser.parse_args()
    frame, targets = sample()
    groups = {name: frame[name].to_numpy() for name in LEVELS}
    y, w, region = (frame[name].to_numpy() for name in ("y", "w", "region"))
    first = frame["q1"].to_numpy()
    rake = timed(lambda: weights.rake(groups, targets, w))
    read_once = estimate.Sample(ROWS, w)
    table = timed(lambda: read_once.by_domain("mean", y, region, LEVELS["region"]))
    test = timed(lambda: tables.rao_scott(first, region, sample=read_once), 3)
    whole = timed(lambda: whole_crosstab(frame, read_once), 2)
    print(f"rake {ROWS:,} rows × {len(LEVELS)} margins: {rake:.3f} s")
    print(f"{TABLES} tables of {LEVELS['region']} linearised cells, {ROWS:,} rows: {TABLES * table:.2f} s")
    print(f"Rao-Scott test of 5 × {LEVELS['region']} cells: {test:.3f} s")
    print(f"whole crosstab, {QUESTIONS} questions with errors, letters and tests: {whole:.2f} s")
    if asked.peer:
        (peer_rake,) = elsewhere(frame, targets, asked.peer, PEER_SCRIPT)
        print(f"rake: weightipy takes {peer_rake / rake:.0f} times as long ({peer_rake:.2f} s)")
    if not shutil.which("Rscript"):
        print("Rscript is not installed: no ratios")
        return
    numbers = elsewhere(frame, targets, "Rscript", R_SCRIPT)
    r_rake, r_table, low, high, r_test, p, r_whole = numbers
    made = weights.rake(groups, targets, w).values
    here = tables.rao_scott(first, region, sample=read_once).p_value
    print(f"rake: R takes {r_rake / rake:.0f} times as long ({r_rake:.2f} s); bar 20")
    print(f"tables: R's svyby takes {r_table / table:.0f} times as long ({r_table:.2f} s a table); bar 50")
    print(f"Rao-Scott: R's svychisq takes {r_test / test:.0f} times as long ({r_test:.2f} s)")
    print(f"whole crosstab: R takes {r_whole / whole:.0f} times as long ({r_whole:.1f} s, without letters)")
    print(f"extreme weights: {made.min():.6f} to {made.max():.6f}, in R {low:.6f} to {high:.6f}")
    print(f"p of the test: {here:.9f}, in R {p:.9f}")


if __name__ == "__main__":
    main()
