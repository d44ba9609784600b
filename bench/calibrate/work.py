"""Spread work over processes, with one line of progress on the error stream."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Found = TypeVar("Found")


def spread(do: Callable[[Task], Found], tasks: Sequence[Task], jobs: int, name: str) -> list[Found]:
    """Return what `do` finds for each task, in order."""
    begun = time.perf_counter()
    found = []
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            for one in pool.map(do, tasks):
                found.append(one)
                _say(name, len(found), len(tasks), begun)
    else:
        for task in tasks:
            found.append(do(task))
            _say(name, len(found), len(tasks), begun)
    return found


def _say(name: str, done: int, tasks: int, begun: float) -> None:
    if done == tasks or done % max(1, tasks // 20) == 0:
        print(f"{name}: {done} of {tasks}, {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
