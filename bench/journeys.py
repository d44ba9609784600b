"""The one table: seconds, peaks and ratios of the questions that others answer as well, and how ours grow.

Run as `python -m bench.journeys [funnel transitions retention]`; `make bench` runs it. The peers pm4py,
retentioneering, ChannelAttribution, lifelines and R are asked by `paths`, `attribution`, `time_in_stage`.
"""

from __future__ import annotations

import sys

from bench.peers import main

if __name__ == "__main__":
    main(*(sys.argv[1:] or ["funnel", "transitions", "retention"]))
