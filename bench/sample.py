"""How long the sample study takes to generate, and how much memory, by size.

Each size runs in a process of its own, so that one peak does not hide another. "start" is what the process
needs before it can generate anything, nearly all of it imports (numpy, scipy.special, pyarrow and the pandas
that pyarrow asks for): a fresh process pays both, a test session only the second. `huge` (136 million events,
3 GB, a quarter of an hour) runs when asked for: `python bench/sample.py --huge`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFAULT_SIZES = ("tiny", "demo", "large")


def measure(size: str) -> dict[str, float]:
    """Generate one size in a fresh process and return seconds, peak memory in MB and events."""
    begun = time.perf_counter()
    run = subprocess.run(
        [sys.executable, __file__, "--one", size], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found | {"start": time.perf_counter() - begun - found["seconds"]}


def one(size: str) -> dict[str, float]:
    """Generate one size here; what is imported on the way belongs to the start."""
    import pandas as pd  # noqa: F401 - pyarrow asks for it with the first array

    from journey_lib.study.sample import assemble, write  # noqa: F401 - write would import it

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
    sizes += ["huge"] if "--huge" in sys.argv[1:] else []
    print(f"{'size':8}{'start':>8}{'seconds':>10}{'peak MB':>10}{'events':>14}{'disk MB':>10}")
    for size in sizes:
        found = measure(size)
        print(
            f"{size:8}{found['start']:>8.2f}{found['seconds']:>10.2f}{found['peak_mb']:>10.0f}"
            f"{found['events']:>14,.0f}{found['disk_mb']:>10.1f}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
    else:
        main()
