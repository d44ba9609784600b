"""How long the sample study takes to generate, and how much memory, by size.

Each size runs in a process of its own, so that one peak does not hide another. `huge` is left out unless it
is asked for by name: `python bench/sample.py tiny demo large huge`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

DEFAULT_SIZES = ("tiny", "demo", "large")


def measure(size: str) -> dict[str, float]:
    """Generate one size in a fresh process and return seconds, peak memory in MB and events."""
    run = subprocess.run(
        [sys.executable, __file__, "--one", size], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def one(size: str) -> dict[str, float]:
    from journey_lib.study.sample import write

    with tempfile.TemporaryDirectory() as folder:
        report = write(folder, size)
        written = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": report.seconds,
        "peak_mb": peak,
        "events": float(report.rows["events"]),
        "disk_mb": written / 1e6,
    }


def main() -> None:
    """Print one line for each size."""
    sizes = [a for a in sys.argv[1:] if not a.startswith("-")] or list(DEFAULT_SIZES)
    print(f"{'size':8}{'seconds':>10}{'peak MB':>10}{'events':>14}{'disk MB':>10}")
    for size in sizes:
        found = measure(size)
        print(
            f"{size:8}{found['seconds']:>10.1f}{found['peak_mb']:>10.0f}"
            f"{found['events']:>14,.0f}{found['disk_mb']:>10.1f}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
    else:
        main()
