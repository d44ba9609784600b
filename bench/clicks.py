"""What a click in the live notebook costs, measure by measure: CPU milliseconds, and where they go.

Run as `python -m bench.clicks [STEM ...]` in the project, for the sample study. Each click chooses another
region; the first warms up, the median of the others counts. "Who" finds the people, "measure" computes,
"words" are base and findings as HTML, "figure" is drawn for the screen alone, "call" is the line that
publishes the same. CPU time, because other work on the machine moves the clock. `segments` is left out unless
it is named: it refits its groups, which takes minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import TypeVar

import journey_lib as jl
from journey_lib.controls.headless import HeadlessFilter
from journey_lib.controls.live import LiveMeasure, answering

T = TypeVar("T")
COLUMN, CLICKS = "region", 5
PARTS = ("who", "measure", "words", "figure", "call")


def main(*stems: str) -> None:
    """Print one line a measure."""
    study, data = jl.load_study("data/sample")
    chooser = HeadlessFilter(study, data, columns=[COLUMN])
    print(f"{'CPU ms of a click':20}{'all':>8}" + "".join(f"{part:>9}" for part in PARTS))
    for stem in stems or [stem for stem in answering() if stem != "segments"]:
        live = LiveMeasure(stem, study, data)
        values = [row.value for row in chooser.rows(COLUMN)]
        clicks = [clicked(chooser, live, str(values[at % len(values)])) for at in range(CLICKS + 1)][1:]
        told = "".join(f"{1000 * median(click[part] for click in clicks):9.0f}" for part in PARTS)
        print(f"{stem:20}{1000 * median(sum(click.values()) for click in clicks):8.0f}{told}", flush=True)


def clicked(chooser: HeadlessFilter, live: LiveMeasure, value: str) -> dict[str, float]:
    """Return the CPU seconds of each part, as the form goes through them."""
    chooser.choose(COLUMN, [value])
    spent: dict[str, float] = {}

    def timed(part: str, do: Callable[[], T]) -> T:
        start = process_time()
        found = do()
        spent[part] = process_time() - start
        return found

    data = timed("who", lambda: chooser.segment_data)
    result = timed("measure", lambda: live.answer(data)).result
    if result is None:
        raise SystemExit(f"{live.stem} does not answer")
    timed("words", lambda: result.opening(live.study.language)._repr_html_())
    timed("figure", lambda: live.figure(result))
    timed("call", lambda: live.called(chooser.selection))
    return spent


if __name__ == "__main__":
    main(*sys.argv[1:])
