"""The segment filter without a browser: steps and their way back, counts by hand and by pandas."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_lib.controls.headless import HeadlessFilter
from journey_lib.errors import ParamError
from journey_lib.study.load import quick_study, within

FRAME = pd.DataFrame(
    {
        "customer_id": [f"c{at}" for at in range(10)],
        "region": ["KR", "KR", "KR", "JP", "JP", "US", None, None, "KR", "JP"],
        "plan": ["free", "paid", "paid", "free", "paid", "paid", "free", None, "free", "paid"],
        "visits": [1.0, 2, 3, 4, 5, 40, 7, np.nan, 8, 9],
        "joined": pd.to_datetime(
            ["2025-01-01", "2025-01-09", *["2025-02-01"] * 5, None, *["2025-02-01"] * 2]
        ),
        "age": [18.0, 25, 31, 44, 52, 61, 70, 33, 40, 41],
        "children": [0.0, 1, 2, 0, 0, 1, 0, 0, 0, 0],
    }
)


@pytest.fixture
def chooser(tmp_path: Path) -> HeadlessFilter:
    return shop(tmp_path)


def shop(folder: Path | None = None, **more: object) -> HeadlessFilter:
    study, data = quick_study(customers=FRAME)
    return HeadlessFilter(study.placed(folder) if folder else study, data, **more)


def counts(chooser: HeadlessFilter, column: str) -> dict[object, int]:
    return {row.value: row.n for row in chooser.rows(column)}


# Counts


def test_nothing_chosen_is_no_restriction(chooser: HeadlessFilter) -> None:
    assert (chooser.picked.n, chooser.picked.unknown, chooser.selection) == (10, 0, "")
    assert counts(chooser, "region") == {"KR": 4, "JP": 3, "US": 1}
    assert chooser.missing_n("region") == 2


def test_a_facet_counts_under_all_other_conditions(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    assert chooser.picked.n == 4
    assert chooser.picked.unknown == 2  # the two without a region
    assert counts(chooser, "region") == {"KR": 4, "JP": 3, "US": 1}, "its own condition does not count"
    assert counts(chooser, "plan") == {"paid": 2, "free": 2}
    chooser.toggle("plan", "paid")
    assert chooser.picked.n == 2
    assert counts(chooser, "region") == {"KR": 2, "JP": 2, "US": 1}
    assert chooser.missing_n("region") == 0
    assert chooser.picked.unknown == 1, "c6 is free for sure; only c7 may be both"


def test_missing_is_a_value(chooser: HeadlessFilter) -> None:
    chooser.missing("region", wanted=True)
    assert (chooser.picked.n, chooser.picked.unknown) == (2, 0)
    chooser.toggle("region", "US")
    assert (chooser.picked.n, chooser.picked.unknown) == (3, 0)
    assert json.loads(chooser.copied("rule"))["any"][1] == {"column": "region", "operator": "is_missing"}


def test_a_range_includes_its_ends_and_is_open_without_them(chooser: HeadlessFilter) -> None:
    chooser.between("visits", 2.0, 5.0)
    assert (chooser.picked.n, chooser.picked.unknown) == (4, 1)
    chooser.between("visits", None, 5.0)
    assert chooser.picked.n == 5
    chooser.between("visits")
    assert chooser.picked.n == 10
    with pytest.raises(ParamError, match="values"):
        chooser.between("children", 1.0, 2.0)


def test_days_are_a_range(chooser: HeadlessFilter) -> None:
    chooser.between("joined", "2025-01-05", "2025-01-31")
    assert (chooser.picked.n, chooser.picked.unknown) == (1, 1)
    assert sum(chooser.bins("joined")) == 9
    with pytest.raises(ParamError, match="a day such as"):
        chooser.between("joined", "yesterday")
    with pytest.raises(ParamError, match="ends before it starts"):
        chooser.between("visits", 9.0, 2.0)


def test_the_opposite_leaves_the_undecided_out(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    chooser.invert()
    assert (chooser.picked.n, chooser.picked.unknown) == (4, 2)
    assert counts(chooser, "plan") == {"paid": 3, "free": 1}, "people inside, by plan"


def test_nobody_left_says_what_each_condition_costs(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "US")
    chooser.toggle("plan", "free")
    assert chooser.picked.n == 0
    assert [(chip.key, chip.without) for chip in chooser.chips()] == [("facet:region", 4), ("facet:plan", 1)]
    assert chooser.warning() is not None
    with pytest.raises(ParamError, match="nobody is inside"):
        chooser.save("Nobody")


def test_weights_give_weighted_and_effective_n() -> None:
    frame = pd.DataFrame(
        {
            "respondent_id": list("abcd"),
            "region": ["KR", "KR", "KR", "JP"],
            "base_weight": [1.0, 1, 2, 4],
            "q1": 9,
        }
    )
    chooser = HeadlessFilter(*quick_study(responses=frame, questions={"q1": "nps"}), columns=["region"])
    chooser.toggle("region", "KR")
    picked = chooser.picked
    scale = chooser.who.weights.sum() / 8
    assert picked.weighted_n == pytest.approx(4 * scale)
    assert picked.effective_n == pytest.approx(16 / 6)


# Steps


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("toggle"), st.sampled_from(["region"]), st.sampled_from(["KR", "JP", "US"])),
        st.tuples(st.just("toggle"), st.just("plan"), st.sampled_from(["free", "paid"])),
        st.tuples(
            st.just("between"), st.just("age"), st.sampled_from([None, 20.0]), st.sampled_from([None, 50.0])
        ),
        st.tuples(st.just("invert")),
        st.tuples(st.just("clear")),
        st.tuples(st.just("remove"), st.sampled_from(["facet:region", "facet:plan", "other:0"])),
    ),
    max_size=25,
)


def do(chooser: HeadlessFilter, actions: list[tuple]) -> None:
    for name, *values in actions:
        getattr(chooser, name)(*values)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS)
def test_undoing_everything_is_the_start_and_redoing_it_the_end(actions: list[tuple]) -> None:
    chooser = SHOP()
    start = chooser.state
    do(chooser, actions)
    end, (back, _) = chooser.state, chooser.steps
    for _ in range(back):
        chooser.undo()
    assert chooser.state == start
    assert chooser.picked.n == 10
    for _ in range(back):
        chooser.redo()
    assert chooser.state == end


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS)
def test_counts_are_those_of_pandas_and_of_the_rule(actions: list[tuple]) -> None:
    chooser = SHOP()
    do(chooser, actions)
    frame = chooser.who.frame()
    assert len(frame.query(chooser.copied("query"), engine="python")) == chooser.picked.n
    segment = within(chooser.study, chooser.data, chooser.selection).segment
    assert (10 if segment is None else segment.n) == chooser.picked.n
    assert (0 if segment is None else segment.unknown) == chooser.picked.unknown
    state = chooser.state
    if not chooser.asked.inverted:
        for value, n in counts(chooser, "region").items():
            chooser.choose("region", [value])
            assert chooser.picked.n == n
            chooser.state = state


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS)
def test_the_opposite_of_the_opposite_is_the_same(actions: list[tuple]) -> None:
    chooser = SHOP()
    do(chooser, actions)
    before, inside = chooser.state, chooser.picked.mask
    chooser.invert()
    outside = chooser.picked
    if chooser.chips():
        assert not (inside & outside.mask).any()
        assert inside.sum() + outside.n + outside.unknown == 10
    chooser.invert()
    assert chooser.state == before


KNOWN = quick_study(customers=FRAME)


def SHOP() -> HeadlessFilter:  # noqa: N802 - a fresh filter on one study
    return HeadlessFilter(*KNOWN)


def test_a_step_that_changes_nothing_is_none(chooser: HeadlessFilter) -> None:
    chooser.choose("region", ["KR"])
    chooser.choose("region", ["KR"])
    chooser.invert()
    chooser.compare("rest")
    chooser.show("age")
    assert chooser.steps == (2, 0)


def test_a_new_step_ends_what_could_be_redone(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    chooser.undo()
    chooser.toggle("plan", "free")
    chooser.redo()
    assert (chooser.steps, chooser.selection) == ((1, 0), "plan=free")


def test_twenty_steps_and_more_can_be_undone(chooser: HeadlessFilter) -> None:
    for _ in range(60):
        chooser.toggle("region", "KR")
    assert chooser.steps[0] >= 20


# State


def test_state_is_plain_and_travels(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    chooser.between("age", 20.0, None)
    chooser.compare("rest")
    plain = json.loads(json.dumps(chooser.state))
    other = SHOP()
    other.state = plain
    assert other.state == chooser.state
    assert (other.picked.n, other.selection) == (chooser.picked.n, chooser.selection)


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"shwon": []}, "Did you mean 'shown'"),
        ({"shown": ["regoin"]}, "Did you mean 'region'"),
        ({"asked": {"choices": {"nothing": {}}, "others": [], "inverted": False}}, "no column 'nothing'"),
    ],
)
def test_a_state_of_another_study_is_refused(chooser: HeadlessFilter, given_: dict, told: str) -> None:
    before = chooser.state
    with pytest.raises(ParamError, match=told):
        chooser.state = given_
    assert chooser.state == before


def test_choices_wait_for_apply(chooser: HeadlessFilter) -> None:
    chooser.set_live(live=False)
    chooser.toggle("region", "KR")
    assert (chooser.waiting, chooser.picked.n, chooser.selection) == (True, 10, "")
    chooser.apply()
    assert (chooser.waiting, chooser.picked.n, chooser.selection) == (False, 4, "region=KR")
    chooser.toggle("region", "JP")
    chooser.set_live(live=True)
    assert chooser.picked.n == 7, "nothing waits any more"


def test_what_is_no_value_or_column_is_refused(chooser: HeadlessFilter) -> None:
    with pytest.raises(ParamError, match="has no value"):
        chooser.choose("region", ["Mars"])
    with pytest.raises(ParamError, match="Did you mean 'region'"):
        shop(columns=["regio"])
    with pytest.raises(ParamError):
        shop(lang="fr")


# Keeping and copying


def test_saved_loaded_edited_and_saved_again(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    chooser.save("Korea", description="for the spring campaign")
    assert (chooser.selection, chooser.unchanged, chooser.steps[0]) == ("Korea", True, 1)
    chooser.toggle("plan", "paid")
    assert not chooser.unchanged
    assert chooser.selection.startswith("{")
    chooser.save("Korea", new_version=True)
    assert chooser.selection == "Korea"
    chooser.clear()
    assert chooser.selection == ""
    chooser.load("Korea@1")
    assert (chooser.picked.n, chooser.selection) == (4, "korea@1")
    assert [(one.saved.version, one.saved.n, one.now, one.problem) for one in chooser.kept()] == [
        (2, 2, 2, "")
    ]


def test_a_rule_no_facet_can_show_stays_a_chip(chooser: HeadlessFilter) -> None:
    rule = '{"all": [{"column": "region", "operator": "=", "value": "KR"}, {"any": [{"column": "plan", "operator": "=", "value": "free"}, {"column": "age", "operator": ">=", "value": 30}]}]}'  # noqa: E501 - one rule
    chooser.store.save("Mixed", rule)
    chooser.load("Mixed")
    assert (chooser.picked.n, chooser.unchanged) == (3, True)
    assert {chip.key for chip in chooser.chips()} == {"other:0", "facet:region"}
    chooser.remove("other:0")
    assert (chooser.picked.n, chooser.unchanged) == (4, False)


def test_duplicate_and_freeze(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "KR")
    chooser.save("Korea")
    assert chooser.duplicate("Korea").name == "Korea (2)"
    frozen = chooser.freeze("Korea")
    assert (frozen.version, bool(frozen.frozen)) == (2, True)
    assert [(one.saved.name, one.now) for one in chooser.kept()] == [("Korea", 4), ("Korea (2)", 4)]


def test_a_saved_rule_whose_column_is_gone_is_listed_with_its_reason(tmp_path: Path) -> None:
    first = shop(tmp_path)
    first.toggle("plan", "paid")
    first.save("Payers")
    study, data = quick_study(customers=FRAME.drop(columns="plan"))
    (line,) = HeadlessFilter(study.placed(tmp_path), data).kept()
    assert line.now is None
    assert "no column 'plan'" in line.problem


def test_compared_with_everybody_the_rest_and_another(chooser: HeadlessFilter) -> None:
    chooser.toggle("region", "JP")
    chooser.save("Japan")
    chooser.choose("region", ["KR"])
    found = []
    for word in ("", "total", "rest", "Japan"):
        chooser.compare(word)
        found.append((chooser.compared_n, chooser.comparison[:6]))
    assert found == [(None, ""), (10, ""), (4, '{"not"'), (3, "Japan")]
    with pytest.raises(ParamError):
        chooser.compare("Jpan")


def test_copies_say_the_same(chooser: HeadlessFilter) -> None:
    chooser.choose("region", ["KR", "JP"])
    parameter = chooser.copied("parameter")
    assert shlex.split(chooser.copied("papermill")) == ["-p", "segment", parameter]
    assert json.loads(parameter) == json.loads(chooser.copied("rule"))
    with pytest.raises(ParamError, match="Did you mean 'rule'"):
        chooser.copied("rul")


def test_words_in_both_languages() -> None:
    from journey_lib.controls.rail import count_of

    for lang, told in (("en", "10 <small>customers"), ("ko", "10 <small>명")):
        assert told in count_of(shop(lang=lang))
    few = shop(lang="ko")
    few.toggle("region", "US")
    assert "10명 미만" in count_of(few)
