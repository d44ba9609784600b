"""The funnel on logs short enough to follow with a finger, rule by rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.funnel import By, Counted, Exclusion, Funnel, FunnelKernel, FunnelMembers

A, B, C, X, Y = range(5)
SECOND = 1_000_000
AB, ABC = ((A,), (B,)), ((A,), (B,), (C,))


def batch(*customers: str, until: int = 100) -> Batch:
    """Return customers written as "a0 b3 c9": an event and the second it happened in."""
    events = [word for customer in customers for word in customer.split()]
    offsets = np.cumsum([0, *(len(customer.split()) for customer in customers)])
    times = np.array([int(word[1:]) for word in events], dtype=np.int64) * SECOND
    names = np.array(["abcxy".index(word[0]) for word in events], dtype=np.int16)
    ids = pd.Index([f"C{i}" for i in range(len(customers))], dtype="str")
    return Batch(offsets, times, names, ids, 0, np.full(len(customers), until * SECOND))


def count(steps: tuple[tuple[int, ...], ...], window: int, *customers: str, until: int = 100,
          **options: Any) -> Counted:  # fmt: skip
    scaled = {
        k: tuple(v * SECOND for v in w) if k in ("step_windows", "min_gaps") else w
        for k, w in options.items()
    }
    funnel = Funnel(steps, window * SECOND, **scaled)
    return FunnelKernel((funnel,)).measure(batch(*customers, until=until))[0]


def reached(*args: Any, **options: Any) -> list[int]:
    return count(*args, **options).reached[0].tolist()


def test_other_events_may_come_between_and_the_window_is_inclusive() -> None:
    assert reached(AB, 5, "a0 x1 b5", "a0 b6", "b0 a1") == [3, 1]


def test_the_latest_entry_is_the_one_that_counts() -> None:
    assert reached(AB, 5, "a0 a4 b8") == [1, 1]
    assert reached(AB, 5, "a0 a4 b8", entry="first") == [1, 0]


def test_a_window_of_nothing_is_the_same_instant() -> None:
    assert reached(AB, 0, "a1 b1", "a1 b2") == [2, 1]


def test_one_step_is_a_funnel() -> None:
    counted = count(((A,),), 5, "a0 a9", "b1")
    assert counted.reached.tolist() == [[1]]
    assert counted.timed_out.tolist() == [[0]]


def test_a_step_nobody_has_is_reached_by_nobody() -> None:
    assert reached(((A,), (-2,), (C,)), 5, "a0 b1 c2") == [1, 0, 0]


def test_repeated_steps_need_events_of_their_own() -> None:
    assert reached(((A,), (A,)), 5, "a0", "a0 a3", "a0 a6") == [3, 1]


def test_a_step_may_be_made_by_several_events() -> None:
    assert reached(((A,), (B, C)), 5, "a0 b1", "a0 c1", "a0 x1") == [3, 2]


def test_ties_follow_the_rule() -> None:
    log = "a1 b1", "b1 a1"
    assert reached(AB, 5, *log) == [2, 1]
    assert reached(AB, 5, *log, ties="strict_time") == [2, 0]
    assert reached(AB, 5, *log, ties="either") == [2, 2]


def test_a_step_window_looks_for_the_latest_row_and_not_the_first() -> None:
    """The first b comes too early for c; a search that takes the earliest b stops there."""
    assert reached(ABC, 10, "a0 b1 b5 c6", step_windows=(10, 2)) == [1, 1, 1]
    assert reached(ABC, 10, "a0 b1 c6", step_windows=(10, 2)) == [1, 1, 0]


def test_a_gap_skips_rows_that_are_too_near() -> None:
    assert reached(AB, 10, "a0 a4 b5", min_gaps=(3,)) == [1, 1]
    assert reached(AB, 4, "a0 a4 b5", min_gaps=(3,)) == [1, 0]


def test_strict_lets_nothing_between_but_what_is_ignored() -> None:
    log = "a0 b1", "a0 x1 b2", "a0 y1 b2"
    assert reached(AB, 5, *log, order="strict") == [3, 1]
    assert reached(AB, 5, *log, order="strict", ignored=(Y,)) == [3, 2]


def test_any_order_opens_at_the_first_of_the_steps() -> None:
    log = "b0 a1 c2", "c0 b3 a9", "a0 c1"
    assert reached(ABC, 5, *log, order="any") == [3, 1, 1]
    assert reached(((A,), (C,)), 5, *log, order="any") == [3, 2]
    assert reached(((A,), (A,), (B,)), 5, "a0 b1 a2", "a0 b1", order="any") == [2, 1, 1]


def test_an_optional_step_neither_opens_nor_holds_up() -> None:
    log = "a0 c2", "a0 b1 c2", "b0 c2", "a0 c1 b2"
    assert reached(ABC, 5, *log, optional=(1,)) == [3, 2, 3]
    assert reached(ABC, 5, *log) == [3, 2, 1]


def test_an_exclusion_voids_what_it_parts_and_lets_a_new_entry_follow() -> None:
    between = (Exclusion((X,), 0, 1),)
    assert reached(AB, 9, "a0 x1 b2", "a0 x1 a2 b3", "x0 a1 b2", "a0 b1 x2", exclude=between) == [4, 3]
    assert reached(ABC, 9, "a0 b1 x2 c3", exclude=between) == [1, 1, 1]
    whole = (Exclusion((X,), 0, 2),)
    assert reached(ABC, 9, "a0 b1 x2 c3", "a0 b1 x2 b3 c4", exclude=whole) == [2, 2, 0]


def test_a_banned_event_leaves_the_customer_out() -> None:
    assert reached(AB, 9, "a0 b1 x50", "a0 b1", banned=(X,)) == [1, 1]


def test_attempts_follow_one_another() -> None:
    """Complete at b1; an a inside an open attempt is no new one; the second times out; a20 opens a third."""
    assert reached(AB, 5, "a0 b1 a2 a4 b9 a20 b21", entry="all") == [3, 2]
    assert reached(AB, 5, "a0 a1 b2 b3", entry="all") == [1, 1]
    assert reached(((A,),), 5, "a0 a1 a2", entry="all") == [3]


def test_who_is_still_open_and_who_is_out_of_time() -> None:
    counted = count(AB, 5, "a0 b1", "a0", "a6", "a5", "a0 a9", until=10)
    assert counted.reached.tolist() == [[5, 1]]
    assert counted.open.tolist() == [[0, 2]]  # a6 and a9; the window of a5 ends with the observation
    assert counted.timed_out.tolist() == [[0, 2]]
    assert count(AB, 5, "a0 a9", until=10, entry="first").open.tolist() == [[0, 0]]


def test_a_step_window_that_is_over_ends_the_wait() -> None:
    assert count(AB, 50, "a0", until=10, step_windows=(20,)).open.tolist() == [[0, 1]]
    assert count(AB, 50, "a0", until=10, step_windows=(5,)).open.tolist() == [[0, 0]]


def test_an_excluded_event_ends_the_wait() -> None:
    between = (Exclusion((X,), 0, 1),)
    assert count(AB, 50, "a0 x1", until=10, exclude=between).timed_out.tolist() == [[0, 1]]


def test_mature_drops_late_entries_first() -> None:
    """a0 is old enough and leads nowhere; a8 leads to b9 but its window is not over."""
    counted = count(AB, 5, "a0 a8 b9", "a8 b9", "a1 b2", until=10)
    assert counted.reached.tolist() == [[3, 3]]
    assert counted.mature.tolist() == [[2, 1]]


def test_entries_outside_the_period_do_not_count_but_completions_do() -> None:
    options = {"first": 2 * SECOND, "last": 4 * SECOND}
    assert reached(AB, 9, "a1 b3", "a4 b9", "a5 b6", **options) == [1, 1]


def test_times_are_exact_from_the_first_entry() -> None:
    counted = count(AB, 5, "a0 b2", "a1 b3", "a0 a2 b4", "a0", "a7", "a0 b6", until=10)
    seconds, reached_, censored = (values.tolist() for values in counted.times(1, [0]))
    assert seconds == [2, 3, 4, 5]
    assert reached_ == [2, 0, 1, 0]
    assert censored == [0, 1, 0, 2]


def test_groups_make_up_the_total_and_nobody_is_in_two() -> None:
    """The value of an event column is the one at the first entry."""
    given = batch("a0 a3 b4", "a0 b1", "a5", "x0")
    given.columns["shop"] = np.array([0, 1, 1, 1, 0, -1, 0], dtype=np.int32)
    kernel = FunnelKernel((Funnel(AB, 9 * SECOND),), By("shop", "columns", 2))
    assert kernel.measure(given)[0].reached.tolist() == [[1, 1], [1, 1], [1, 0]]


def test_the_calendar_cuts_by_entry() -> None:
    kernel = FunnelKernel((Funnel(AB, 9 * SECOND),), By("week", "calendar", 2, (0, 5 * SECOND, 9 * SECOND)))
    counted = kernel.measure(batch("a4 b6", "a5", "a20 b21"))[0]
    assert counted.reached.tolist() == [[1, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize(("status", "who"), [("reached", ["C0"]), ("open", ["C2"]), ("timed_out", ["C1"])])
def test_members_of_a_cell(status: str, who: list[str]) -> None:
    members = FunnelMembers(Funnel(AB, 5 * SECOND), 1, status)
    assert members.measure(batch("a0 b1", "a0", "a9", "b1", until=10)).tolist() == who


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("needs a step", {"steps": ()}),
        ("unknown order", {"order": "loose"}),
        ("unknown entry", {"entry": "last"}),
        ("unknown tie rule", {"ties": "random"}),
        ("window below 0", {"window": -1}),
        ("one limit for each step", {"step_windows": (1,)}),
        ("a limit below 0", {"min_gaps": (1, -1)}),
        ("first step cannot be optional", {"optional": (0,)}),
        ("no such optional step", {"optional": (7,)}),
        ("cannot be excluded", {"exclude": (Exclusion((B,), 0, 1),)}),
        ("between no two steps", {"exclude": (Exclusion((X,), 1, 1),)}),
        ("cannot tell repeated steps", {"steps": ((A,), (A,)), "ties": "either"}),
        ("compares neighbours", {"order": "strict", "ties": "either"}),
        ("strict has no optional", {"order": "strict", "optional": (1,)}),
        ("attempts need an order", {"order": "any", "entry": "all"}),
        ("no steps to be between", {"order": "any", "exclude": (Exclusion((X,), 0, 1),)}),
        ("no time between steps", {"order": "any", "min_gaps": (1, 1)}),
        ("alike or share no event", {"order": "any", "steps": ((A, B), (B, C))}),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(rule: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rule):
        Funnel(**{"steps": ABC, "window": 5} | options)


def test_a_part_of_a_funnel_keeps_what_lies_inside() -> None:
    whole = Funnel(ABC, 9, step_windows=(3, 4), exclude=(Exclusion((X,), 0, 2), Exclusion((Y,), 1, 2)))
    assert whole.only((0, 1)).exclude == (Exclusion((X,), 0, 1),)
    assert whole.only((1, 2)).exclude == (Exclusion((X,), 0, 1), Exclusion((Y,), 0, 1))
    assert whole.only((1, 2)).step_windows == (4,)
    assert whole.backwards().exclude == (Exclusion((X,), 0, 2), Exclusion((Y,), 0, 1))


def test_many_codes_are_found_as_well_as_few() -> None:
    """More than a dozen codes take another way through the log; absent ones are never met."""
    steps = ((A, *range(20, 40)), (B, -2, -3))
    assert reached(steps, 5, "a0 b1", "b0 a1") == [2, 1]
