"""Counts under all other conditions, by hand, and against pandas on random tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.load import quick_study
from journey_lib.study.segments import answers_of, evaluate, people
from journey_lib.study.segments.asking import Asked, asked_of, rule_of
from journey_lib.study.segments.bits import count, counts, filled, pack, unpack
from journey_lib.study.segments.facets import BINS, STEPS, Choice, Facets, facet_of_column
from journey_lib.study.segments.rule import Condition, Either, Every, Not


@given(st.lists(st.booleans(), max_size=300))
def test_bits_are_the_mask(mask: list[bool]) -> None:
    given_ = np.array(mask, dtype=bool)
    bits = pack(given_)
    assert unpack(bits, len(mask)).tolist() == mask
    assert count(bits) == sum(mask)
    assert count(filled(len(mask))) == len(mask)
    assert counts(np.stack([bits, ~bits & filled(len(mask))]), bits).tolist() == [sum(mask), 0]


@pytest.mark.parametrize(
    ("numbers", "start", "step", "steps"),
    [
        ([0.0, 60.0], 0, 1, 60),
        ([3.0, 1003.0], 0, 5, 201),
        ([0.1, 0.9], 0.1, 0.005, 160),
        ([-7.0, 12.0], -7, 1, 19),
        ([5.0, 5.0], 5, 1, 1),
    ],
)
def test_a_range_has_round_positions(numbers: list[float], start: float, step: float, steps: int) -> None:
    between = np.linspace(*numbers, 12).round(0 if float(numbers[1]).is_integer() else 3)
    facet = facet_of_column("x", pd.Series([*numbers, *between]))
    if numbers[0] == numbers[1]:
        assert facet.values == (5.0,), "one value is no range"
        return
    assert (facet.start, facet.step, facet.steps) == (pytest.approx(start), pytest.approx(step), steps)
    assert facet.steps <= STEPS + 1
    assert facet.size <= BINS
    assert facet.at(0) <= min(numbers)
    assert facet.at(facet.steps) >= max(numbers) - 1e-9


def test_every_number_falls_into_the_bin_it_lies_in() -> None:
    numbers = np.random.default_rng(3).gamma(2, 30, 500).round(2)
    facet = facet_of_column("x", pd.Series([*numbers, np.nan]))
    expected = np.histogram(numbers, facet.edges)[0]
    assert facet.count(filled(501), 501).tolist() == expected.tolist()
    assert facet.n_missing == 1


def test_columns_without_values() -> None:
    empty = facet_of_column("x", pd.Series([np.nan, np.nan]))
    assert (empty.size, empty.n_missing, empty.count(filled(2), 2).tolist()) == (0, 2, [])
    days = facet_of_column("x", pd.Series(pd.to_datetime([None, None])))
    assert (days.size, days.n_missing) == (0, 2)


def test_a_million_categories() -> None:
    rows = 1_000_000
    codes = np.random.default_rng(4).permutation(rows)
    facet = facet_of_column("x", pd.Series(codes.astype(str)))
    assert facet.size == rows
    among = pack(codes < 5)
    found = facet.count(among, rows)
    assert found.sum() == 5
    assert sorted(facet.values[at] for at in np.flatnonzero(found)) == list("01234")


# A question with several answers


@pytest.fixture
def ticked() -> Facets:
    frame = pd.DataFrame(
        {
            "respondent_id": list("abcde"),
            "why.price": [1, 1, 0, np.nan, np.nan],
            "why.friend": [1, 0, 0, 1, np.nan],
        }
    )
    question = {"kind": "multi", "columns": {"price": "why.price", "friend": "why.friend"}}
    study, data = quick_study(responses=frame, questions={"why": question})
    return Facets(answers_of(study, data))


@pytest.mark.parametrize(
    ("choice", "n", "unknown"),
    [
        (Choice(("price", "friend")), 3, 1),
        (Choice(("price", "friend"), every=True), 1, 1),
        (Choice(("price",)), 2, 1),
        (Choice(("price",), missing=True), 3, 0),
        (Choice(missing=True), 1, 0),
    ],
)
def test_any_and_all_of_several_answers(ticked: Facets, choice: Choice, n: int, unknown: int) -> None:
    picked = ticked.picked({"why": choice})
    assert (picked.n, picked.unknown) == (n, unknown)
    # Who answered the question at all and did not tick an option has a 0 there: loading says so.
    truth = evaluate(rule_of(ticked, Asked({"why": choice})), ticked.who)
    assert (int(truth.yes.sum()), int(truth.unknown.sum())) == (n, unknown)


def test_all_of_several_answers_comes_back_as_such(ticked: Facets) -> None:
    asked = Asked({"why": Choice(("price", "friend"), every=True)})
    assert asked_of(ticked, rule_of(ticked, asked)) == asked


# Against the rule and pandas

COLUMNS = {
    "region": st.sampled_from(["KR", "JP", "US", None]),
    "plan": st.sampled_from(["free", "paid", None]),
    "visits": st.one_of(st.none(), st.integers(0, 40)),
}
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "region": st.builds(
            Choice,
            st.sets(st.sampled_from(["KR", "JP", "US"])).map(lambda s: tuple(sorted(s))),
            missing=st.booleans(),
        ),
        "plan": st.builds(Choice, st.sampled_from([("free",), ("paid",), ()]), missing=st.booleans()),
        "visits": st.builds(
            Choice,
            low=st.sampled_from([None, 3.0, 10.0]),
            high=st.sampled_from([None, 12.0, 40.0]),
            missing=st.booleans(),
        ),
    },
)


def table(rows: list[dict]) -> Facets:
    sure = [{"region": r, "plan": p, "visits": v} for r, p, v in zip(["KR", "JP", "US"] * 4, ["free", "paid"] * 6, range(12), strict=True)]  # fmt: skip  # noqa: E501
    frame = pd.DataFrame([*sure, *rows]).astype({"visits": float})
    return Facets(
        people(*quick_study(customers=frame.assign(customer_id=[f"c{at}" for at in range(len(frame))])))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(COLUMNS), max_size=30), ASKED, st.booleans())
def test_counts_are_those_of_the_rule(rows: list[dict], asked: dict, inverted: bool) -> None:
    facets = table(rows)
    picked = facets.picked(asked, inverted=inverted)
    truth = evaluate(rule_of(facets, Asked(asked, inverted=inverted)), facets.who)
    restricts = any(one.restricts for one in asked.values())
    assert picked.mask.tolist() == truth.yes.tolist()
    assert unpack(picked.undecided_bits, picked.rows).tolist() == truth.unknown.tolist()
    if inverted and restricts:
        return
    frame = facets.who.frame()
    for name in ("region", "plan"):
        others = Asked({n: c for n, c in asked.items() if n != name})
        among = evaluate(rule_of(facets, others), facets.who).yes
        expected = frame.loc[among if not inverted else truth.yes, name].value_counts()
        found = facets.count(asked, name, inverted=inverted)
        assert dict(zip(facets[name].values, found.tolist(), strict=True)) == {
            value: int(expected.get(value, 0)) for value in facets[name].values
        }


@settings(max_examples=60, deadline=None)
@given(ASKED)
def test_a_rule_comes_back_as_what_was_asked(asked: dict) -> None:
    facets = table([])
    wanted = {name: one for name, one in asked.items() if one.restricts}
    assert asked_of(facets, rule_of(facets, Asked(asked))).choices == wanted


@pytest.mark.parametrize(
    "rule",
    [
        Condition("region", "contains", "K"),
        Condition("visits", "=", 3.0),
        Either((Condition("region", "=", "KR"), Condition("plan", "=", "free"))),
        Not(Condition("region", "=", "KR")),
    ],
)
def test_what_no_facet_can_show_stays_as_it_is(rule: object) -> None:
    facets = table([])
    asked = asked_of(facets, Every((rule, Condition("plan", "=", "free"))))
    assert asked.others == (rule,)
    assert list(asked.choices) == ["plan"]
    expected = evaluate(Every((rule, Condition("plan", "=", "free"))), facets.who).yes
    assert facets.picked(asked.choices, asked.others).mask.tolist() == expected.tolist()
