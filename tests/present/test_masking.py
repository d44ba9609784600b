"""Nobody can work out a small cell from what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.present.masking import small_cells, suppressed

MIN_CELL = 10
LAWS = settings(max_examples=60, deadline=None)


def hidden(columns: dict[str, list[object]]) -> list[bool]:
    return suppressed(pd.DataFrame(columns), MIN_CELL).tolist()


def test_a_small_cell_takes_the_next_smallest_with_it() -> None:
    assert hidden({"group": ["", "a", "b", "c"], "n": [100, 4, 36, 60]}) == [False, True, True, False]


def test_two_small_cells_guard_each_other() -> None:
    assert hidden({"group": ["", "a", "b", "c"], "n": [73, 4, 9, 60]}) == [False, True, True, False]


def test_without_a_total_nothing_can_be_subtracted() -> None:
    assert hidden({"group": ["a", "b", "c"], "n": [4, 36, 60]}) == [True, False, False]


def test_an_empty_cell_is_no_secret_and_no_cover() -> None:
    assert hidden({"group": ["", "a", "b", "c"], "n": [64, 4, 0, 60]}) == [False, True, False, True]


def test_each_question_metric_and_weighting_is_a_family_of_its_own() -> None:
    table = {"question": ["p"] * 3 + ["q"] * 3, "group": ["", "a", "b"] * 2, "n": [40, 4, 36, 60, 30, 30]}
    assert hidden(table) == [False, True, True, False, False, False]


def test_a_change_between_waves_is_hidden_with_either_wave() -> None:
    table = {
        "metric": ["top2"] * 4 + ["change"] * 2,
        "wave": ["", "1", "2", "3", "2", "3"],
        "comparison": ["", "", "", "", "1", "2"],
        "n": [104, 4, 40, 60, 44, 100],
    }
    assert hidden(table) == [False, True, True, False, True, True]
    table["n"] = [140, 40, 40, 60, 80, 100]
    assert not any(hidden(table))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Return totals over waves and groups, with or without people outside every group."""
    rows = []
    for question in range(draw(st.integers(1, 3))):
        groups = draw(st.lists(st.integers(0, 40), max_size=5))
        waves = draw(st.lists(st.integers(0, 40), max_size=5))
        total = max(sum(groups), sum(waves)) + draw(st.sampled_from([0, 0, 5, 50]))
        rows.append((str(question), "", "", total))
        rows += [(str(question), f"g{i}", "", n) for i, n in enumerate(groups)]
        rows += [(str(question), "", f"w{i}", n) for i, n in enumerate(waves)]
    return pd.DataFrame(rows, columns=["question", "group", "wave", "n"])


@LAWS
@given(tables())
def test_no_single_hidden_part_is_left_beside_its_total(table: pd.DataFrame) -> None:
    mask = suppressed(table, MIN_CELL)
    small = (table["n"] > 0) & (table["n"] < MIN_CELL)
    assert mask[small].all()
    assert not mask[table["n"] == 0].any()
    for _, family in table.assign(mask=mask).groupby("question"):
        total = family[(family["group"] == "") & (family["wave"] == "")].iloc[0]
        for part in ("group", "wave"):
            parts = family[(family[part] != "") & (family["n"] > 0)]
            secrets = parts[parts["mask"]]
            if total["mask"] or len(secrets) != 1:
                continue
            rest = total["n"] - parts.loc[~parts["mask"], "n"].sum()
            assert len(parts) == 1
            assert rest != secrets["n"].iloc[0]


@LAWS
@given(tables(), st.randoms(use_true_random=False))
def test_how_many_are_hidden_does_not_depend_on_the_order(table: pd.DataFrame, random: object) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    shuffled = table.iloc[order].reset_index(drop=True)
    assert suppressed(shuffled, MIN_CELL).sum() == suppressed(table, MIN_CELL).sum()


@LAWS
@given(tables())
def test_a_higher_threshold_never_shows_more(table: pd.DataFrame) -> None:
    small = (table["n"] > 0) & (table["n"] < 5)
    assert suppressed(table, MIN_CELL)[small].all()
    assert np.array_equal(suppressed(table, 1), np.zeros(len(table), bool))


# Cells of a table of shares, by how many people stand behind each


@LAWS
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5),
    st.booleans(),
)
def test_no_hidden_cell_can_be_had_by_subtraction(people: list[list[int]], exclusive: bool) -> None:
    own = np.array(people)
    table = np.column_stack([own, own.sum(axis=1)])
    hidden = small_cells(table, 10, exclusive=exclusive)
    assert hidden[(table > 0) & (table < 10)].all()
    assert not hidden[table == 0].any()
    for line, count in zip(hidden, table, strict=True):
        if not line[-1] and (count[:-1] > 0).sum() > 1:
            assert line[:-1].sum() != 1
    for at in range(table.shape[1] if exclusive else 0):
        if (table[:, at] > 0).sum() > 1:
            assert hidden[:, at].sum() != 1


def test_the_smallest_other_cell_is_withheld_and_several_channels_give_nothing_away() -> None:
    people = np.array([[40, 3, 43], [25, 30, 55], [60, 12, 72]])
    assert small_cells(people, 10).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, False],
    ]
    assert small_cells(people, 10, exclusive=False)[1:].sum() == 0
