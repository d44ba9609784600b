"""Time in stages: logs to count with fingers, laws of the table, words, figures, and what is refused."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.measures.time_in_stage.result import TimeInStageResult
from journey_lib.study.load import quick_study

START = pd.Timestamp("2025-01-01", tz="UTC")
JOURNEY = ["see", "cart", "paid"]
Events = list[tuple[str, float, str]]


def log(events: Events) -> pd.DataFrame:
    """Return typed events: customer, days since the start, name."""
    frame = pd.DataFrame(events, columns=["customer_id", "day", "event"])
    frame["time"] = START + pd.to_timedelta(frame.pop("day"), unit="D")
    return frame


def ask(events: Events, *, customers: pd.DataFrame | None = None, **options: Any) -> TimeInStageResult:
    study, data = quick_study(events=log(events), customers=customers, journey=JOURNEY)
    return time_in_stage(study, data, **options)


def value(
    result: TimeInStageResult, metric: str, stage: str, column: str = "estimate", **where: str
) -> float:
    """Return one exact number of the table; by default of everybody."""
    rows = result.table
    for name, word in ({"metric": metric, "stage": stage, "group": ""} | where).items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {metric} {stage} {where}"
    found = rows[column].iloc[0]
    return found if isinstance(found, str) else float(found)


def crowd(n: int = 20, moves: int = 12) -> Events:
    """Return customers who see on day 0; customer k of the movers puts into the cart on day k + 1."""
    events: Events = [("end", 40.0, "other")]
    for at in range(n):
        events.append((f"c{at:02}", 0.0, "see"))
        if at < moves:
            events.append((f"c{at:02}", at + 1.0, "cart"))
    return events


# Counted by hand


def test_shares_and_days_of_twenty_customers() -> None:
    # 20 enter on day 0, one more moves each day from day 1 to day 12, nobody is lost before day 40
    result = ask(crowd(), tau="10 days")
    assert value(result, "spells", "see") == 20
    assert value(result, "moved_on", "see", option="7") == pytest.approx(7 / 20)
    assert value(result, "moved_on", "see", option="30") == pytest.approx(12 / 20)
    assert value(result, "quartile_days", "see", option="25") == 5.5  # S is exactly 3/4 from day 5 to day 6
    assert value(result, "median_days", "see") == 10.5
    assert value(result, "mover_days", "see") == 6.5  # half of the 12 movers from day 6 to day 7
    assert value(result, "mean_days", "see") == pytest.approx((sum(range(1, 11)) + 10 * 10) / 20)
    assert value(result, "exit_next", "see", option="10") == pytest.approx(0.5)
    assert value(result, "exit_open", "see", option="10") == pytest.approx(0.5)
    assert value(result, "in_stage_now", "see") == 8
    # the log knows days only, so the last one, day 40, counts to its end
    assert value(result, "waiting_days", "see") == pytest.approx(41, abs=1e-4)
    assert value(result, "overdue", "see") == 1.0  # all eight have waited longer than the slowest mover


def test_a_median_never_reached_is_missing_and_says_why() -> None:
    result = ask(crowd(moves=8))
    assert math.isnan(value(result, "median_days", "see"))
    assert value(result, "median_days", "see", "note") == "not_reached"
    assert value(result, "quartile_days", "see", option="25") == 5.5


def test_skipping_a_stage_is_no_move_to_the_next_one() -> None:
    events = (
        crowd() + [(f"s{at}", 0.0, "see") for at in range(5)] + [(f"s{at}", 2.0, "paid") for at in range(5)]
    )
    result = ask(events, tau="10 days")
    assert value(result, "exit_next", "see", option="10") == pytest.approx(10 / 25)
    assert value(result, "exit_other", "see", option="10") == pytest.approx(5 / 25)
    assert value(result, "in_stage_now", "paid") == 5


def test_one_exit_rules_out_the_others() -> None:
    """One minus Kaplan–Meier of moving on alone would say that all moved: those who skipped left the risk."""
    events = [("end", 40.0, "other")]
    events += [(f"a{k:02}", 0.0, "see") for k in range(20)] + [(f"a{k:02}", 5.0, "paid") for k in range(10)]
    events += [(f"a{k:02}", 6.0, "cart") for k in range(10, 20)]
    result = ask(events)
    assert value(result, "moved_on", "see", option="30") == 0.5
    assert value(result, "exit_other", "see") == 0.5


def test_silence_is_dated_at_the_last_event_and_costs_the_end_of_the_window() -> None:
    events = [*crowd(n=20, moves=12), ("late", 35.0, "see")]
    result = ask(events, churn="10 days", tau="20 days")
    # the eight who never move fall silent on day 0, the movers leave on their days, "late" is left out
    assert value(result, "spells", "see") == 20
    assert value(result, "exit_silence", "see", option="20") == pytest.approx(8 / 20 + 2 / 20)
    # two movers came after a silence of 11 and 12 days: their spell had ended
    assert value(result, "exit_next", "see", option="20") == pytest.approx(10 / 20)
    late = next(check for check in result.checks if check.name == "late_spells")
    assert "1 spell" in late.text.say("en").replace("spells", "spell")


def test_the_current_stage_may_come_again() -> None:
    events = crowd() + [(f"c{at:02}", 20.0, "see") for at in range(12)]
    result = ask(events, rule="current", tau="10 days")
    assert value(result, "spells", "see") == 32
    assert value(result, "spells", "see", "n") == 20
    assert value(result, "exit_other", "cart", option="10") == 3 / 12  # those who came on days 10 to 12
    repeats = next(check for check in result.checks if check.name == "repeats")
    assert repeats.status == "passed"


def test_no_event_of_a_stage_is_an_empty_row_and_a_failed_check() -> None:
    result = ask([("a", 0.0, "other"), ("a", 1.0, "other")])
    assert value(result, "spells", "see") == 0
    assert value(result, "median_days", "see", "note") == "no_spells"
    assert next(check for check in result.checks if check.name == "open_spells").status == "failed"
    assert result.headlines() == ()
    assert result.meanings() == ()
    assert "Too few" in repr(result.show("medians"))


def test_curves_and_exits_are_frames() -> None:
    result = ask(crowd(), tau="10 days")
    curve = result.curves.query("stage == 'see' and group == ''")
    assert curve["moved_on"].is_monotonic_increasing
    assert curve.loc[curve["time"] == 3, "at_risk"].item() == 18
    wide = result.exits.set_index("stage").loc["see"]
    assert wide["horizon_days"] == 10
    assert wide[["next", "other", "silence", "open"]].sum() == pytest.approx(1.0, abs=1e-12)


# Groups


def grouped(events: Events, seed: int = 1) -> pd.DataFrame:
    ids = sorted({event[0] for event in events} - {"end", "c00"})
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"customer_id": ids, "plan": rng.choice(["basic", "plus"], len(ids))})


def test_groups_and_unknown_add_up_to_everybody() -> None:
    events = crowd(60, 40)
    result = ask(events, customers=grouped(events), by="plan")
    assert result.counted.groups == ("basic", "plus", "unknown")
    for metric in ("spells", "in_stage_now"):
        parts = [value(result, metric, "see", group=group) for group in result.counted.groups]
        assert sum(parts) == value(result, metric, "see")
    assert value(result, "spells", "see", group="unknown") == 1


def test_slower_groups_are_found_and_named() -> None:
    rng = np.random.default_rng(7)
    events: Events = [("end", 200.0, "other")]
    for at in range(300):
        slow = at % 2
        events.append((f"c{at:03}", 0.0, "see"))
        events.append((f"c{at:03}", round(rng.exponential(5 + 10 * slow), 3) + 0.01, "cart"))
    plans = pd.DataFrame({"customer_id": [f"c{at:03}" for at in range(300)],
                          "plan": ["slow" if at % 2 else "fast" for at in range(300)]})  # fmt: skip
    result = ask(events, customers=plans, by="plan", tau="20 days")
    assert value(result, "groups_differ", "see", "p_value") < 0.001
    assert value(result, "hazard_ratio", "see", group="slow") == pytest.approx(1 / 3, abs=0.1)
    assert value(result, "mean_difference", "see", group="slow") > 3
    first = result.headlines()[0]
    assert "**slow** stayed" in first.sentence.key.replace("{group}", "slow")
    assert first.low > 0
    assert "differs by plan" in result.plot(kind="curve").title.say("en")
    assert "log-rank p < 0.001" in result.show("groups")._repr_html_().replace("&lt;", "<")


def test_groups_can_be_values_of_the_event_that_enters() -> None:
    frame = log(crowd(30, 20))
    frame["device"] = np.where(frame["customer_id"] < "c15", "app", "web")
    study, data = quick_study(events=frame, journey=JOURNEY)
    result = time_in_stage(study, data, by="device")
    assert [value(result, "spells", "see", group=g) for g in ("app", "web")] == [15, 15]


def test_small_groups_are_masked_wherever_they_are_shown() -> None:
    events = crowd(60, 40)
    few = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(60)],
                        "plan": ["rare" if at < 4 else "common" for at in range(60)]})  # fmt: skip
    result = ask(events, customers=few, by="plan")
    assert value(result, "spells", "see", group="rare") == 4
    assert result.number("spells", "see", group="rare").hidden
    assert result.only("mean_days", "see", "rare").hidden
    assert "n &lt; 10" in result.show("groups")._repr_html_()
    assert "rare" not in [curve.label for curve in result.plot(kind="curve", stage="see").sketch.curves]


# Laws

LOGS = st.lists(
    st.tuples(
        st.sampled_from([f"c{k}" for k in range(9)]), st.integers(0, 30), st.sampled_from([*JOURNEY, "other"])
    ),
    min_size=1,
    max_size=40,
)


@given(LOGS, st.sampled_from(["furthest", "current"]), st.sampled_from(["", "7 days"]))
@settings(max_examples=60, deadline=None)
def test_exits_add_up_and_curves_rise(events: list, rule: str, churn: str) -> None:
    span = {day for _, day, _ in events}
    if churn and max(span) - min(span) <= 7:
        churn = ""
    result = ask(sorted(events, key=lambda e: e[1]), rule=rule, churn=churn)
    for stay in result.counted.stays.values():
        total = stay.found.shares.sum(axis=1) + stay.found.survival
        np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)
        assert (np.diff(stay.share) >= 0).all()
        low, high = stay.bounds
        known = ~np.isnan(low)
        assert (low[known] <= stay.share[known]).all()
        assert (high[known] >= stay.share[known]).all()


@given(LOGS, st.sampled_from(["furthest", "current"]))
@settings(max_examples=40, deadline=None)
def test_an_unrelated_customer_changes_nothing(events: list, rule: str) -> None:
    ordered = sorted(events, key=lambda e: e[1])
    first, last = ordered[0][1], ordered[-1][1]
    more = [*ordered, ("stranger", first, "other"), ("stranger", last, "other")]
    one, other = (ask(rows, rule=rule).table for rows in (ordered, more))
    pd.testing.assert_frame_equal(one, other)


def test_errors_know_that_spells_of_a_customer_go_together() -> None:
    """Customers of two speeds who come again: spells taken as independent would claim too much."""
    rng = np.random.default_rng(3)
    events: Events = [("end", 400.0, "other")]
    for at in range(80):
        wait, day = (1.0 if at % 2 else 20.0), 0.0
        for _ in range(6):
            events.append((f"c{at:02}", day, "see"))
            events.append((f"c{at:02}", day + wait * rng.uniform(0.9, 1.1), "cart"))
            day += wait * 1.2 + 1
    result = ask(events, rule="current")
    stay = result.counted.stays[0, ""]
    row = stay.found.row(7.0)
    assert stay.share_by(7.0).std_error > 2 * stay.found.error(1)[row]
    assert stay.mean(20.0).std_error > 2 * stay.found.area(20.0)[1]


# Words and figures


def test_findings_and_actions_say_the_numbers_of_the_table() -> None:
    result = ask(crowd(90, 40), tau="20 days")
    found = result.headlines()
    assert found[0].estimate == value(result, "exit_next", "see", option="20")
    assert "20 days" in found[0].sentence.say("en")
    assert found[1].estimate == value(result, "mover_days", "see")
    assert all(finding.low <= finding.estimate <= finding.high for finding in found)
    assert "longer than 19 of 20" in "\n".join(m.say("en") for m in result.meanings())
    assert "20일 안에" in result.explain("short", lang="ko")


def test_every_part_shows_itself_in_both_languages() -> None:
    events = crowd(60, 40)
    study, data = quick_study(events=log(events), customers=grouped(events), journey=JOURNEY)
    for lang in ("en", "ko"):
        result = time_in_stage(study.speak(lang), data, by="plan", churn="10 days")
        for kind in ("medians", "stages", "curve", "exits", "groups", "waiting"):
            html = result.show(kind)._repr_html_()
            assert f'lang="{lang}"' in html
            assert ("<figure" in html) == (kind not in ("groups", "waiting"))
        assert result.picture().startswith("data:image/png")


@pytest.mark.parametrize("kind", ["medians", "stages", "curve", "exits"])
def test_nothing_to_draw_is_said_plainly(kind: str) -> None:
    result = ask([("a", 0.0, "see"), ("a", 1.0, "other")])
    with pytest.raises(ParamError, match="holds nothing for the figure"):
        result.plot(kind=kind)


def test_the_ledger_calls_it_time() -> None:
    rows = ask(crowd()).findings()
    assert set(rows["kind"]) == {"time"}
    assert set(rows["unit"]) <= {"days", "share", "count", ""}


def test_first_spells_after_the_first_stage_are_reported() -> None:
    events = crowd(20, 12) + [(f"m{at}", 0.0, "cart") for at in range(15)]
    check = next(c for c in ask(events).checks if c.name == "left_truncation")
    assert check.status == "watch"
    assert "31.9%" in check.text.say("en")  # 15 of 20 + 12 + 15 spells


def test_spells_begun_before_the_window_are_left_out_and_counted() -> None:
    """Ann has been in the cart since before the window: seeing again does not put her back."""
    events = [("ann", -9.0, "cart"), ("ann", 1.0, "see"), ("ann", 3.0, "paid"), ("bob", -2.0, "see"),
              ("bob", 2.0, "cart"), ("bob", 6.0, "paid"), ("cem", 1.0, "see"), ("old", -9.0, "see"),
              ("old", -8.0, "paid"), ("cem", 20_000.0 - 40_000, "paid"), ("end", 9.0, "other")]  # fmt: skip
    study, data = quick_study(events=log(events), journey=JOURNEY)
    window = study.window.model_copy(update={"start": START.date()})
    result = time_in_stage(study.model_copy(update={"window": window}), data)
    assert [value(result, "spells", stage) for stage in JOURNEY] == [1, 1, 2]
    assert value(result, "median_days", "cart") == 4
    assert value(result, "in_stage_now", "paid") == 3
    check = next(c for c in result.checks if c.name == "left_truncation")
    assert check.text.say("en").endswith("Spells that began before the window and are left out: 3.")


# What is refused


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rule": "furthst"}, "rule: 'furthst'. Allowed: furthest, current. Did you mean 'furthest'?"),
        ({"churn": "60"}, "churn: '60'. Allowed: a number and a unit"),
        ({"churn": "0 days"}, "churn: '0 days'. Allowed: a duration above 0"),
        ({"churn": "50 days"}, "churn: '50 days'. Allowed: less than the 40 days observed"),
        ({"tau": "1 month"}, "tau: '1 month'"),
        ({"by": "plan"}, "by: no column 'plan'"),
        ({"by": "customer_id"}, "by: 'customer_id' has 61 values. Allowed: at most 30"),
        ({"by": "value"}, "by: 'value' holds numbers. Allowed: a column of text"),
        ({"visitors": "some"}, "visitors: 'some'"),
    ],
)
def test_mistakes_are_refused_with_what_would_be_right(options: dict, words: str) -> None:
    frame = log(crowd(60, 40)).assign(value=1.5)
    study, data = quick_study(events=frame, journey=JOURNEY)
    with pytest.raises(ParamError) as caught:
        time_in_stage(study, data, **options)
    assert words in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ParamError, match="4 problems"):
        ask(crowd(), rule="last", churn="x", tau="y", by="z")


def test_a_study_without_events_says_so() -> None:
    study, data = quick_study(responses=pd.DataFrame({"q1": [9, 10]}), questions={"q1": "nps"})
    with pytest.raises(DataError, match="time_in_stage"):
        time_in_stage(study, data)
