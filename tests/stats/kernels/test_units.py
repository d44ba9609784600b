"""Units of a calendar: the table must say what a search among the edges says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.stats.kernels.units import Units

HOUR = 3_600_000_000


@given(
    st.lists(st.integers(1, 800), min_size=1, max_size=40),
    st.sampled_from([1, HOUR // 4, HOUR, 10**13]),  # the last one is too long for a table with steps of one
    st.integers(-(10**15), 10**15),
    st.booleans(),
)
def test_every_moment_falls_into_the_unit_a_search_finds(
    lengths: list[int], step: int, first: int, odd: bool
) -> None:
    edges = first + np.cumsum([0, *lengths]) * step
    edges[-1] += odd  # the edges share no step but one
    near = np.concatenate([edges - 1, edges, edges + 1, (edges[1:] + edges[:-1]) // 2])
    assert Units(edges).of(near).tolist() == (np.searchsorted(edges, near, side="right") - 1).tolist()


def test_a_single_edge_has_no_unit_but_before_and_after() -> None:
    assert Units(np.array([5])).of(np.array([4, 5, 6])).tolist() == [-1, 0, 0]


def test_a_day_of_23_hours_ends_where_it_ends() -> None:
    edges = np.array([0, 23, 47]) * HOUR
    assert Units(edges).of(np.array([22, 23, 46, 47]) * HOUR).tolist() == [0, 1, 1, 2]
