"""The one table: seconds, peaks and ratios of the questions that others answer as well, and how ours grow.

Run as `python -m bench.journeys [funnel transitions …] [--sizes 1,5,20]` (millions of events); `make bench`
runs it. pm4py and retentioneering are asked where PM4PY and RETENTIONEERING name a Python that has them; see
`bench/peers.py`. ChannelAttribution, lifelines and R are asked by `attribution` and `time_in_stage`.
"""

from __future__ import annotations

import argparse

from bench.peers import SIZES, main

TASKS = ("funnel", "ordered", "transitions", "retention", "touchpoints", "time_in_stage", "attribution")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=TASKS, help=" ".join(TASKS))
    parser.add_argument("--sizes", default=",".join(f"{n / 1e6:g}" for n in SIZES), help="millions of events")
    given = parser.parse_args()
    main(*given.tasks, sizes=[round(float(size) * 1e6) for size in given.sizes.split(",")])
