"""Measure and write docs/calibration.csv and docs/calibration.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main(arguments: list[str] | None = None) -> None:
    """Measure all claims, or one; what was measured before of the others stays in the files."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(
            name, "1"
        )  # before numpy: processes share the cores, threads would fight for them
    from bench.calibrate import alarms, answers, behaviour, coverage, groups, letters, monitors, trials
    from bench.calibrate.page import WORDS

    measures = {
        coverage.CLAIM: coverage.measure,
        alarms.CLAIM: alarms.measure,
        letters.CLAIM: letters.measure,
        trials.CLAIM: trials.measure,
        answers.CLAIM: answers.measure,
        answers.BIAS_CLAIM: answers.measure_bias,
        behaviour.CLAIM: behaviour.measure,
        groups.CLAIM: groups.measure,
        monitors.CLAIM: monitors.measure,
    }
    parser = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=answers.SEEDS, help="sample studies to draw (200)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once (2)")
    parser.add_argument("--only", choices=list(WORDS), action="append", help="one claim; may be repeated")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the two files")
    asked = parser.parse_args(arguments)
    for claim in asked.only or WORDS:
        begun = time.perf_counter()
        lines = measures[claim](asked.seeds, asked.jobs)
        seconds = time.perf_counter() - begun
        print(f"{claim}: {seconds:.0f} s", file=sys.stderr, flush=True)
        _save(asked.docs, claim, lines, seeds=asked.seeds, seconds=seconds)


def _save(docs: Path, claim: str, lines: list, *, seeds: int, seconds: float) -> None:
    """Write a claim as soon as it is measured, so that a long run can be stopped and taken up again."""
    import journey_lib
    from bench.calibrate import answers, record
    from bench.calibrate.page import WORDS, page

    csv = docs / "calibration.csv"
    known, runs = record.read(csv)
    sampled = claim in (answers.CLAIM, answers.BIAS_CLAIM, "behaviour")
    size, seeds = (answers.SIZE, seeds) if sampled else ("", 0)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    runs[claim] = record.Run(claim, today, journey_lib.__version__, size, seeds, round(seconds))
    every = [line for line in known if line.claim != claim] + lines
    every.sort(key=lambda line: list(WORDS).index(line.claim))
    record.write(csv, every, runs)
    (docs / "calibration.md").write_text(page(*record.read(csv)), encoding="utf-8")


if __name__ == "__main__":
    main()
