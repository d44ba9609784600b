"""The funnel measure on logs one can count with fingers; groups, definitions, words and wrong parameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.funnel import funnel
from journey_lib.measures.funnel.result import PARTS, FunnelResult
from journey_lib.measures.funnel.words import verdict, worst_gap
from journey_lib.stats.funnel_rates import allowing, counted_share
from journey_lib.stats.survival import kaplan_meier
from journey_lib.study.events import EventLog
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.params import read_params

JOURNEY = ["see", "cart", "pay"]
# Ann goes all the way in two days; Bob carts after nine; Cem saw it once; Dia came a day before the end.
LOG = [
    ("Ann", "see", "2025-01-01T10:00"), ("Ann", "cart", "2025-01-02T10:00"),
    ("Ann", "pay", "2025-01-03T10:00"),
    ("Bob", "see", "2025-01-01T10:00"), ("Bob", "cart", "2025-01-10T10:00"),
    ("Cem", "see", "2025-01-05T10:00"),
    ("Dia", "see", "2025-01-19T10:00"), ("End", "other", "2025-01-20T10:00"),
]  # fmt: skip
PEOPLE = pd.DataFrame({"customer_id": ["Ann", "Bob", "Cem"], "plan": ["free", "free", "paid"]})


def events(rows: list[tuple[str, ...]] = LOG, **more: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame([row[:3] for row in rows], columns=["customer_id", "event", "time"])
    return frame.assign(**more)


Rows = list[tuple[str, ...]]
Columns = dict[str, list[Any]]


def run(rows: Rows = LOG, journey: list[str] = JOURNEY, *, people: Any = None, zone: str = "UTC",
        columns: Columns | None = None, **options: Any) -> FunnelResult:  # fmt: skip
    log = EventLog.from_frame(events(rows, **(columns or {})), time_zone=zone)
    return funnel(*quick_study(events=log, journey=journey, customers=people), **options)


def crowd(rates: dict[str, float], each: int = 200) -> list[tuple[str, ...]]:
    """Return customers of several groups who see and, at a given rate, cart a day later."""
    rows = []
    for group, rate in rates.items():
        for at in range(each):
            rows.append((f"{group}{at:03}", "see", "2025-01-01"))
            if at < rate * each:
                rows.append((f"{group}{at:03}", "cart", "2025-01-02"))
    return [*rows, ("End", "other", "2025-06-01")]


def test_shares_that_would_tell_how_few_reached_a_step_are_hidden() -> None:
    """Eight of 200 cart: 4 % of those who saw would say so as well as the count."""
    result = run(crowd({"g": 0.04}), ["see", "cart"])
    whole = result.masked[result.masked["metric"].str.startswith("whole_")]
    assert whole["estimate"].isna().all()
    assert whole[["n", "ci_high"]].isna().all(axis=None)
    assert result.number("cart", "whole_reached").hidden
    assert "4.0" not in result.show("whole").text
    assert result.wide["rate_naive"].tolist() == [1, 0.04]  # exact for its owner
    enough = run(crowd({"g": 0.05}), ["see", "cart"])
    assert "5.0" in enough.show("whole").text


def test_every_step_has_a_clock_of_its_own() -> None:
    onward = run(window="7 days").onward
    assert onward["step"].tolist() == JOURNEY
    assert onward["entered"].tolist() == [4, 2, 1]
    assert onward["moved_on"][:2].tolist() == [1, 1]
    assert onward["timed_out"][:2].tolist() == [2, 1]
    assert onward["still_open"][:2].tolist() == [1, 0]
    assert onward["rate_naive"][:2].tolist() == [0.25, 0.5]
    assert onward["rate_mature"][0] == pytest.approx(1 / 3)
    assert onward["moved_on"].isna().tolist() == [False, False, True]


def test_the_whole_way_runs_on_one_clock() -> None:
    wide = run(window="7 days").wide
    assert wide["reached"].tolist() == [4, 1, 1]
    assert wide["timed_out"].tolist() == [0, 2, 2]
    assert wide["still_open"].tolist() == [0, 1, 1]
    assert wide["rate_naive"].tolist() == [1, 0.25, 0.25]
    assert wide["rate_mature"].tolist() == pytest.approx([1, 1 / 3, 1 / 3])
    assert wide["rate_km"].tolist() == pytest.approx([1, 1 / 4, 1 / 3])  # Dia is lost to view after a day
    longer = run(window="9 days").wide
    assert longer["reached"].tolist() == [4, 2, 1]


def test_the_leading_rate_is_kaplan_and_meiers() -> None:
    """Four enter: one goes on after one day, one is lost to view after one, two stay for seven."""
    result = run(window="7 days")
    curve = kaplan_meier([1, 1, 7, 7], [True, False, False, False]).curve.iloc[-1]
    row = result.wide.iloc[1]
    assert row["rate_km"] == pytest.approx(1 - curve["survival"])
    assert row["rate_km_low"] == pytest.approx(1 - curve["ci_high"])
    assert row["rate_km_high"] == pytest.approx(1 - curve["ci_low"])


def test_the_curve_agrees_with_the_one_from_single_customers() -> None:
    rng = np.random.default_rng(4)
    rows, waits, moved = [], [], []
    end = pd.Timestamp("2025-03-01")
    for at in range(300):
        start = pd.Timestamp("2025-01-01") + pd.Timedelta(minutes=int(rng.integers(0, 80_000)))
        wait = pd.Timedelta(minutes=int(rng.exponential(30_000)))
        rows.append((f"C{at}", "see", start.isoformat()))
        seen = min(pd.Timedelta(days=20), end - start)
        moved.append(wait <= seen)
        waits.append(min(wait, seen) / pd.Timedelta(days=1))
        if start + wait <= end:
            rows.append((f"C{at}", "cart", (start + wait).isoformat()))
    rows.append(("End", "other", end.isoformat()))
    result = run(rows, ["see", "cart"], window="20 days")
    last = kaplan_meier(waits, moved).curve.iloc[-1]
    row = result.wide.iloc[1]
    got = [row[name] for name in ("rate_km", "rate_km_low", "rate_km_high")]
    assert got == pytest.approx([1 - last["survival"], 1 - last["ci_high"], 1 - last["ci_low"]], abs=1e-9)
    assert row["rate_naive"] < row["rate_km"]  # those still open count as lost
    took = [w for w, m in zip(waits, moved, strict=True) if m]
    median = result.table.query("metric == 'time_median'")["estimate"].iloc[0]
    assert median == pytest.approx(np.median(took), abs=1 / 86_400)


def test_nobody_and_everybody_have_wilsons_interval() -> None:
    nobody, everybody = (run(crowd({"x": rate}, 20), ["see", "cart"], window="7 days") for rate in (0, 1))
    for result, share in ((nobody, 0.0), (everybody, 1.0)):
        (counted,) = result.numbers.pairs
        rate, plain = allowing(counted, 1, [0], 0.95), counted_share(20 * share, 20, 0.95)
        assert (rate.estimate, rate.ci_low, rate.ci_high) == (share, plain.ci_low, plain.ci_high)


def test_without_a_whole_window_there_is_no_rate_but_a_reason() -> None:
    table = run(window="365 days").table.query("option == 'see' and group == ''").set_index("metric")
    assert math.isnan(table.loc["rate_km", "estimate"])
    assert table.loc["rate_km", "note"] == table.loc["rate_mature", "note"] == "no_whole_window"
    assert run(window="365 days").headlines() == ()


def test_groups_and_those_unknown_make_up_the_total() -> None:
    result = run(people=PEOPLE, by="plan", window="7 days")
    assert result.plan.groups == ("free", "paid", "unknown")
    first = result.onward[result.onward["step"] == "see"].set_index("group")
    assert first["entered"].to_dict() == {"": 4, "free": 2, "paid": 1, "unknown": 1}
    for name in ("entered", "moved_on", "timed_out", "still_open"):
        assert first[name].iloc[1:].sum() == first[name].iloc[0]


def test_a_column_of_the_events_is_read_at_the_first_entry() -> None:
    rows = [("a", "see", "2025-01-01"), ("a", "see", "2025-01-02"), ("a", "cart", "2025-01-03")]
    result = run(rows, JOURNEY, columns={"shop": ["web", "app", "web"]}, by="shop")
    first = result.onward[result.onward["step"] == "see"].set_index("group")
    assert first["moved_on"].to_dict() == {"": 1, "app": 0, "web": 1, "unknown": 0}


def test_a_week_begins_on_monday_in_the_zone_of_the_study() -> None:
    """The Sunday of 2025-01-05 ends at three in the afternoon of UTC in Seoul."""
    rows = [("a", "see", "2025-01-05T14:59Z"), ("b", "see", "2025-01-05T15:01Z")]
    seoul, utc = (run(rows, JOURNEY, zone=zone, by="week") for zone in ("Asia/Seoul", "UTC"))
    assert seoul.plan.groups == ("2024-12-30", "2025-01-06", "unknown")
    assert utc.plan.groups == ("2024-12-30", "unknown")


def test_a_period_takes_entries_of_whole_days() -> None:
    rows = [("a", "see", "2025-01-02T23:59"), ("b", "see", "2025-01-03T00:00"), ("b", "cart", "2025-01-09"),
            ("c", "see", "2025-01-04T23:59"), ("d", "see", "2025-01-05T00:00")]  # fmt: skip
    result = run(rows, ["see", "cart"], period=["2025-01-03", "2025-01-04"])
    assert result.wide["reached"].tolist() == [2, 1]


def test_another_zone_is_another_definition_where_days_decide() -> None:
    rows = [("a", "see", "2025-01-02T20:00Z"), ("b", "see", "2025-01-03T20:00Z"),
            ("b", "cart", "2025-01-03T21:00Z"), ("c", "see", "2025-03-01T00:00Z")]  # fmt: skip
    result = run(
        rows, ["see", "cart"], zone="Asia/Seoul", period=["2025-01-03", "2025-01-03"], window="1 day"
    )
    spread = result.table.query("metric == 'definition_spread'").set_index("comparison")["estimate"]
    assert spread["zone"] == 1.0  # a enters on the third in Seoul, b by UTC
    undated = run(rows, ["see", "cart"], zone="Asia/Seoul", window="1 day").table
    assert undated.query("metric == 'definition_spread' and comparison == 'zone'")["estimate"].iloc[0] == 0.0


def test_definition_uncertainty_tells_entry_ties_and_window_apart() -> None:
    rows = [
        ("a", "see", "2025-01-01"), ("a", "see", "2025-01-09"), ("a", "cart", "2025-01-10"),  # first entry
        ("b", "see", "2025-01-01"), ("b", "cart", "2025-01-01"),  # the same moment
        ("c", "see", "2025-01-01"), ("c", "cart", "2025-01-04"),  # three days: more than half the window
        ("d", "see", "2025-01-01"), ("e", "other", "2025-06-01"),
    ]  # fmt: skip
    table = run(rows, ["see", "cart"], window="4 days").table
    spread = table.query("metric == 'definition_spread'").set_index("comparison")["estimate"]
    assert spread.to_dict() == {"all": 0.75, "entry": 0.25, "ties": 0.25, "window": 0.25, "zone": 0.0}
    variants = table.query("metric == 'definition'")["comparison"]
    assert len(set(variants)) == len(variants) == 2 * 3 * 3


def test_customers_of_a_cell_for_an_audience() -> None:
    result = run(window="7 days")
    for step, status in itertools.product(JOURNEY, ("reached", "timed_out", "still_open")):
        count = result.wide.set_index("step").loc[step, status]
        assert len(result.customers(step, status)) == count
    assert result.customers("pay", "entered").tolist() == ["Ann", "Bob", "Cem", "Dia"]
    assert result.customers("pay", "converted").tolist() == ["Ann"]
    assert result.customers("pay").tolist() == ["Bob", "Cem"]
    assert result.customers("pay", after="cart").tolist() == ["Bob"]
    assert result.customers("pay", "entered", after="cart").tolist() == ["Ann", "Bob"]
    assert result.customers("pay", "still_open").tolist() == ["Dia"]
    with pytest.raises(ParamError, match=r"step: 'buy'\. Allowed: see, cart, pay"):
        result.customers("buy")
    with pytest.raises(ParamError, match=r"after: 'see'\. Allowed: the step to pass before 'pay'"):
        result.customers("pay", after="see")
    with pytest.raises(ParamError, match="Did you mean 'timed_out'"):
        result.customers("see", "timedout")


def test_attempts_are_counted_instead_of_customers() -> None:
    rows = [("a", "see", "2025-01-01"), ("a", "cart", "2025-01-02"), ("a", "see", "2025-01-03"),
            ("z", "other", "2025-06-01")]  # fmt: skip
    result = run(rows, ["see", "cart"], entry="all", window="7 days")
    assert result.wide["reached"].tolist() == [2, 1]


def test_in_any_order_the_mature_rate_leads() -> None:
    rows = [("a", "cart", "2025-01-01"), ("a", "see", "2025-01-02"), ("z", "other", "2025-06-01")]
    result = run(rows, ["see", "cart"], order="any", window="7 days")
    assert result.leading == "rate_mature"
    assert result.wide["rate_mature"].tolist() == [1.0, 1.0]
    assert set(result.table.query("metric == 'rate_km'")["note"]) == {"no_clock"}
    assert "empty" not in result.show("steps").text


@pytest.mark.parametrize("ties", ["strict_time", "either"])
def test_in_any_order_ties_decide_nothing(ties: str) -> None:
    found, plain = (run(order="any", window="7 days", ties=rule) for rule in (ties, "order"))
    pd.testing.assert_frame_equal(found.wide, plain.wide)


def test_detours_are_counted() -> None:
    rows = [("a", "see", "2025-01-01"), ("a", "pay", "2025-01-02"), ("a", "see", "2025-01-03")]
    result = run(rows)
    assert result.numbers.detours.skipped.tolist() == [0, 0, 1]
    assert result.numbers.detours.back.tolist() == [0, 0, 1]
    check = next(c for c in result.checks if c.name == "detours")
    assert check.status == "watch"
    assert check.text.say("en").startswith("100.0% of those who reached Pay had not met")


def test_an_event_nobody_has_is_a_warning() -> None:
    result = run(steps=["see", "buy_now", "pay"], window="7 days")
    assert result.wide["reached"].tolist() == [4, 0, 0]
    check = next(c for c in result.checks if c.name == "absent")
    assert check.status == "watch"
    assert "1 event is not in the log: buy_now." in check.text.say("en")


def test_steps_may_be_repeated_optional_or_either_of_several() -> None:
    rows = [("a", "see", "2025-01-01"), ("a", "see", "2025-01-02"), ("a", "pay", "2025-01-03"),
            ("b", "see", "2025-01-01"), ("b", "gift", "2025-01-02")]  # fmt: skip
    result = run(rows, steps=["see", "see", "pay|gift"], optional=[])
    assert result.plan.steps[1].id == "see (2)"
    assert result.wide["reached"].tolist() == [2, 1, 1]
    loose = run(rows, steps=["see", "cart", "pay|gift"], optional=["cart"])
    assert loose.wide["reached"].tolist() == [2, 0, 2]
    assert [(a.id, b.id) for a, b in loose.pairs] == [("see", "pay|gift")]


def test_exclusions_read_as_sentences() -> None:
    rows = [("a", "see", "2025-01-01"), ("a", "bug", "2025-01-02"), ("a", "cart", "2025-01-03"),
            ("a", "pay", "2025-01-04"), ("b", "see", "2025-01-01"), ("b", "cart", "2025-01-02"),
            ("b", "bug", "2025-01-03"), ("b", "pay", "2025-01-04")]  # fmt: skip
    assert run(rows).wide["reached"].tolist() == [2, 2, 2]
    assert run(rows, exclude=["bug"]).wide["reached"].tolist() == [2, 1, 0]
    assert run(rows, exclude=["bug between see and cart"]).wide["reached"].tolist() == [2, 1, 1]
    assert run(rows, exclude=["bug ever"]).wide["reached"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"window": "30"}, "window: '30'. Allowed: a number and a unit"),
        ({"order": "orderd"}, "order: 'orderd'. Allowed: ordered, strict, any. Did you mean 'ordered'?"),
        ({"step_windows": ["1 day"]}, "step_windows: 1 values for 3 steps. Allowed: 2 durations"),
        ({"min_gaps": ["1 day", "soon"]}, "min_gaps, place 2: 'soon'"),
        ({"optional": ["crat"]}, "optional: 'crat' is not a step. Allowed: see, cart, pay. Did you mean"),
        ({"optional": ["see"]}, "optional: 'see' opens the funnel"),
        ({"exclude": ["othr"]}, "exclude: the log holds no event 'othr'. Did you mean 'other'?"),
        ({"exclude": ["other between pay and see"]}, "names no earlier and later step"),
        ({"exclude": ["other between see and buy"]}, "no step 'buy' that must be passed"),
        ({"exclude": ["cart ever"]}, "exclude: 'cart' is a step"),
        ({"ignore": ["other"]}, "ignore: without order = strict"),
        ({"period": ["2025-01-01"]}, "period: 1 values. Allowed: first and last day"),
        ({"period": ["2025-01-01", "1 Jan"]}, "period: '1 Jan'. Allowed: an ISO date"),
        ({"period": ["2025-01-09", "2025-01-01"]}, "period: ends before it begins"),
        ({"order": "strict", "ties": "either"}, "ties: 'either' with order = strict"),
        ({"order": "strict", "optional": ["cart"]}, "optional: stands beside order = strict"),
        ({"order": "any", "entry": "all"}, "entry: 'all' with order = any"),
        ({"order": "any", "exclude": ["other"]}, "exclude: between steps without order"),
        ({"order": "any", "min_gaps": ["1 day", ""]}, "min_gaps: in any order"),
        ({"order": "any", "steps": ["see|cart", "cart|pay"]}, "steps: different steps share an event"),
        ({"ties": "either", "steps": ["see", "see"]}, "ties: 'either' with an event in two steps"),
        ({"by": "regoin"}, "by: no column 'regoin' in the customers or the events"),
        ({"by": "value"}, "by: 'value' holds numbers"),
        ({"visitors": "some"}, "visitors: 'some'. Allowed: all, known"),
        ({"steps": "see"}, "'steps': \"see\" (str). Allowed: a list of texts"),
        ({"steps": ["see", 1]}, "'steps': 1 (int). Allowed: a list of texts"),
        ({"level": 95}, "'level': 95 (int). Allowed: less than 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ParamError) as caught:
        run(columns={"value": [1.5] * len(LOG)}, **options)
    assert said in str(caught.value)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(ParamError, match="3 problems"):
        run(window="soon", ties="both", exclude=["nothing"])


def test_too_many_groups_are_refused() -> None:
    rows = [(f"c{at}", "see", f"2025-0{1 + at // 28}-{1 + at % 28:02}") for at in range(60)]
    with pytest.raises(ParamError, match=r"'day' has \d\d values. Allowed: at most 30. Choose a shorter"):
        run(rows, by="day")
    assert len(run(rows, by="week").plan.groups) == 10 + 1


def test_a_study_without_events_says_so(tmp_path: Path) -> None:
    study, data = quick_study(responses=pd.DataFrame({"q1": [9, 10]}), questions={"q1": "nps"})
    with pytest.raises(DataError, match="funnel"):
        funnel(study, data)


def test_a_group_that_differs_is_named_and_chance_is_not() -> None:
    rows = crowd({"x": 0.5, "y": 0.5, "z": 0.2})
    people = pd.DataFrame({"customer_id": sorted({r[0] for r in rows})}).assign(
        shop=lambda f: f["customer_id"].str[0]
    )
    people = people[people["shop"] != "E"]
    result = run(rows, ["see", "cart"], people=people, by="shop", window="7 days")
    gap = worst_gap(result)
    assert gap is not None
    assert (gap.group, gap.option) == ("z", "see")
    assert gap.estimate == pytest.approx(0.2 - 0.5)
    assert gap.ci_low < gap.estimate < gap.ci_high < 0
    assert [f.sentence.say("en") for f in result.headlines()][1].startswith(
        "z: fewer go on from See to Cart, 20%"
    )
    assert "z" in result.plot(kind="groups").title.say("en")
    level = run(crowd({"x": 0.5, "y": 0.5}), ["see", "cart"], people=people, by="shop", window="7 days")
    assert worst_gap(level) is None


STUDY = """
id = "shop"
title = {{ en = "A shop", ko = "가게" }}
language = "{lang}"
[window]
start = 2025-01-01
end = 2025-05-31
[journey]
stages = [
  {{ id = "see", label = {{ en = "Seeing", ko = "보기" }}, enter = ["see"] }},
  {{ id = "cart", label = {{ en = "Cart", ko = "장바구니" }}, enter = ["cart"], target = {target} }},
]
[sources.events]
file = "raw/events.csv"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., FunnelResult]:
    def load(
        rows: list[tuple[str, ...]], *, goal: float = 0.5, lang: str = "en", **options: Any
    ) -> FunnelResult:
        (tmp_path / "raw").mkdir(exist_ok=True)
        target = f'{{ metric = "conversion", value = {goal} }}'
        (tmp_path / "study.toml").write_text(STUDY.format(target=target, lang=lang), encoding="utf-8")
        events(rows).to_csv(tmp_path / "raw" / "events.csv", index=False)
        return funnel(*load_study(tmp_path), **options)

    return load


@pytest.mark.parametrize(("goal", "word"), [(0.3, "met"), (0.5, "missed"), (0.41, "unclear")])
def test_a_target_is_judged_by_the_whole_interval(
    shop: Callable[..., FunnelResult], goal: float, word: str
) -> None:
    """80 of 200 within the window: 33 to 47 per cent."""
    result = shop(crowd({"x": 0.4})[:-1], goal=goal)
    assert verdict(result, "see") == word
    assert word in result.show("steps")._repr_html_()
    missed = [f for f in result.headlines() if "misses its target" in f.sentence.say("en")]
    assert bool(missed) == (word == "missed")


def test_the_loss_comes_first_with_its_number(shop: Callable[..., FunnelResult]) -> None:
    first = shop(crowd({"x": 0.4})[:-1]).headlines()[0]
    assert (
        first.sentence.say("en") == "Seeing loses most: 120 customers did not go on to Cart within 30 days."
    )
    assert first.estimate == pytest.approx(0.4)
    assert first.reference == 0.5
    assert first.alert


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_part_shows_in_both_languages(shop: Callable[..., FunnelResult], lang: str) -> None:
    result = shop(crowd({"x": 0.4})[:-1], lang=lang, by="month")
    for kind in PARTS:
        html = result.show(kind)._repr_html_()
        assert ("보기" in html) == (lang == "ko"), kind
        assert "{" not in result.show(kind).text
    assert result.picture().startswith("data:image/png;base64,")
    words = result.explain("long", lang)
    assert ("30일" if lang == "ko" else "30 days") in words


def test_few_customers_are_masked_everywhere(shop: Callable[..., FunnelResult]) -> None:
    result = shop(crowd({"x": 0.4}, 7)[:-1])
    assert result.headlines() == result.meanings() == ()
    assert "n &lt; 10" in result.show("steps")._repr_html_()
    shown = result.findings().query("metric == 'rate_km'")
    assert shown["estimate"].isna().all()


def test_what_a_funnel_of_one_step_cannot_show_is_said() -> None:
    result = run(steps=["see"])
    assert result.wide["reached"].tolist() == [4]
    assert "A funnel of one step leads nowhere" in result.show("steps").text
    with pytest.raises(ParamError, match="holds nothing for the figure 'steps'"):
        result.plot(kind="steps")


def test_the_order_of_rows_does_not_matter_where_seq_settles_it() -> None:
    rng = np.random.default_rng(8)
    days = "2025-01-0" + pd.Series(rng.integers(1, 6, 400)).astype(str)
    frame = pd.DataFrame({"customer_id": rng.integers(0, 40, 400).astype(str), "seq": np.arange(400),
                          "event": rng.choice(JOURNEY, 400), "time": days})  # fmt: skip
    found = []
    for given in (frame, frame.sample(frac=1, random_state=3)):
        log = EventLog.from_frame(given, seq="seq")
        found.append(funnel(*quick_study(events=log, journey=JOURNEY), window="1 day").table)
    pd.testing.assert_frame_equal(*found)
    assert 0 < found[0].query("metric == 'reached' and option == 'pay'")["estimate"].iloc[0] < 40


def test_a_changed_definition_changes_the_hash() -> None:
    assert run().definition_hash == run().definition_hash
    assert run().definition_hash != run(ties="strict_time").definition_hash


def test_ids_are_texts_and_never_missing_words() -> None:
    """A case id NA is a name: read as missing, a reference tool lost it."""
    rows = [("NA", "see", "2025-01-01"), ("NA", "cart", "2025-01-02"), ("007", "see", "2025-01-01")]
    result = run(rows, ["see", "cart"])
    assert result.customers("cart", "reached").tolist() == ["NA"]
    assert result.customers("see", "entered").tolist() == ["007", "NA"]


def test_parameters_are_checked_before_a_kernel_starts() -> None:
    from journey_lib.measures.funnel import FunnelParams

    with pytest.raises(ParamError, match="sloppy"):
        read_params(FunnelParams, {"order": "sloppy"})
    assert read_params(FunnelParams, {}).options()["window"] == "30 days"
