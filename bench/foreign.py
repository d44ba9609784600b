"""What pm4py and retentioneering take for transitions and funnels; run by an interpreter that has them.

`bench/peers.py` calls it as `python bench/foreign.py NAME TASK WAY FILE ROUNDS`, so it imports nothing of
ours. Neither package is ever a dependency: pm4py's licence is the AGPL, and retentioneering reports its use
unless RETENTIONEERING_NO_TRACK is set, which is done here before it is imported.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings

os.environ["RETENTIONEERING_NO_TRACK"] = os.environ["DO_NOT_TRACK"] = "1"
STEPS = [f"event_{at:02}" for at in range(4)]


def pm4py_ready(file):
    import pandas as pd
    import pm4py

    frame = pd.read_parquet(file, columns=["customer_id", "event", "time"])
    return pm4py.format_dataframe(frame, case_id="customer_id", activity_key="event", timestamp_key="time")


def pm4py_transitions(log):
    import pm4py

    pairs, _, last = pm4py.discover_dfg(log)
    return [[*pair, n] for pair, n in pairs.items()] + [[event, None, n] for event, n in last.items()]


def retentioneering_ready(file):
    import pandas as pd
    from retentioneering import Eventstream

    frame = pd.read_parquet(file, columns=["customer_id", "event", "time"])
    frame = frame.rename(columns={"customer_id": "user_id", "time": "timestamp"})
    return Eventstream(frame.assign(timestamp=frame["timestamp"].dt.tz_localize(None)))


def retentioneering_transitions(stream):
    table = stream.transition_graph_data(edge_weight="count")
    names = [name for name in table.index if name not in ("path_start", "path_end")]
    after = [*((name, name) for name in names), ("path_end", None)]
    return [[event, told, int(table.loc[event, column])] for event in names for column, told in after]


def retentioneering_ordered(stream):
    return [step["unique_paths"] for step in stream.funnel_data(steps=STEPS)["steps"]]


KNOWN = {
    ("pm4py", "transitions"): (pm4py_ready, pm4py_transitions),
    ("retentioneering", "transitions"): (retentioneering_ready, retentioneering_transitions),
    ("retentioneering", "ordered"): (retentioneering_ready, retentioneering_ordered),
}


def main(name: str, task: str, way: str, file: str, rounds: str) -> None:
    """Print answer, seconds and peak of this process in MB, as JSON."""
    warnings.simplefilter("ignore")
    ready, ask = KNOWN[name, task]
    given = ready(file) if way == "prepared" else None
    seconds = []
    for _ in range(int(rounds)):
        start = time.process_time()
        found = ask(ready(file) if given is None else given)
        seconds.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([found, min(seconds), peak]))


if __name__ == "__main__":
    main(*sys.argv[1:])
