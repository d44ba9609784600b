"""Whose events count: window, segment, visitors, bots; counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.study.data import Data
from journey_lib.study.definition import study_from
from journey_lib.study.engine import Observed, observe
from journey_lib.study.engine.told import basis_lines, common_checks, customers
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study
from journey_lib.study.segments import segment_of
from tests.study.engine.kernels import Counts, Customers, FirstTime, Money

# a and b are customers, y a visitor who never said who they are; bot acts 30 times in 30 seconds
ROWS = [
    ("a", "", "see", "2025-01-01T00:00", "web", 1.0),
    ("a", "", "pay", "2025-01-01T00:10", "app", 2.5),
    ("a", "", "pay", "2025-02-01T00:00", "app", 9.0),
    ("b", "x", "see", "2025-01-02T00:00", "", np.nan),
    ("", "x", "pay", "2025-01-02T00:00:30", "web", 4.0),
    ("", "y", "see", "2025-01-03T00:00", "web", 8.0),
    *(("bot", "", "see", f"2025-01-04T00:00:{second:02}", "web", 1.0) for second in range(30)),
]
FRAME = pd.DataFrame(ROWS, columns=["customer_id", "anonymous_id", "event", "time", "channel", "value"])
PEOPLE = pd.DataFrame(
    {"customer_id": ["b", "a", "late"], "region": ["KR", "JP", "FR"], "age": [30.0, 40, 50]}
)
JANUARY = {"start": date(2025, 1, 1), "end": date(2025, 1, 31)}


def observed(visitors: str = "all", segment: str = "", window: dict | None = None) -> Observed:
    raw: dict = {"id": "s", "title": "S", "journey": {"preset": "funnel3"}, "window": window or {}}
    study, data = study_from(raw), Data(customers=PEOPLE, events=EventLog.from_frame(FRAME))
    if segment:
        data = Data(customers=PEOPLE, events=data.events, segment=segment_of(study, data, segment))
    return observe(study, data, visitors=visitors)


def test_bots_are_out_and_unknown_visitors_in() -> None:
    found = observed()
    assert (found.n_events, found.n_customers, found.unknown) == (6, 3, 1)
    assert found.left_out == {"bots": 1, "unknown": 0, "segment": 0}
    assert found.run(Counts(2)).tolist() == [3, 3]
    assert sorted(found.run(Customers())) == [("a", 3), ("b", 2), ("y", 1)]


@pytest.mark.parametrize(
    ("zone", "days", "end"),
    [
        ("UTC", ["2025-02-27", "2025-02-28"], "2025-02-28T23:59:59.999999Z"),
        ("Asia/Seoul", ["2025-02-27", "2025-02-28"], "2025-02-28T14:59:59.999999Z"),
        (
            "Europe/Berlin",
            ["2025-03-29", "2025-03-31"],
            "2025-03-31T21:59:59.999999Z",
        ),  # clocks moved between
        ("UTC", ["2025-02-27", "2025-02-28T01:00"], "2025-02-28T01:00:00Z"),
        ("Asia/Seoul", ["2025-02-27T00:00Z", "2025-02-28T00:00Z"], "2025-02-28T00:00:00Z"),  # at nine
    ],
)
def test_a_log_of_days_is_observed_to_the_end_of_its_last_day(zone: str, days: list[str], end: str) -> None:
    frame = pd.DataFrame({"customer_id": "a", "event": "see", "time": days})
    study = study_from({"id": "s", "title": "S", "journey": {"preset": "funnel3"}, "time_zone": zone})
    found = observe(study, Data(events=EventLog.from_frame(frame, time_zone=zone)))
    assert pd.Timestamp(found.end, unit="us", tz="UTC") == pd.Timestamp(end)
    assert found.assumed


def test_one_wrong_clock_does_not_stretch_the_assumed_window() -> None:
    """Else everybody would look as if observed for decades, and nobody's journey as still open."""
    days = ["0001-01-01T00:00Z", "2025-01-02T10:00Z", "2025-01-05T11:00Z", "2199-01-01T00:00Z"]
    log = EventLog.from_frame(pd.DataFrame({"customer_id": list("abab"), "event": "see", "time": days}))
    study = study_from({"id": "s", "title": "S", "journey": {"preset": "funnel3"}})
    found = observe(study, Data(events=log))
    said = [pd.Timestamp(at, unit="us", tz="UTC") for at in (found.start, found.end)]
    assert said == [pd.Timestamp(days[1]), pd.Timestamp(days[2])]
    assert (found.n_events, found.n_customers) == (2, 2)
    clocks = next(check for check in common_checks(study, found) if check.name == "clocks")
    assert (clocks.status, "do not count" in str(clocks.text)) == ("watch", True)


def coverage(days: list[str], window: dict | None = None, each: int = 10) -> tuple[str, str, str]:
    frame = pd.DataFrame({"customer_id": "a", "event": "see", "time": np.repeat(days, each)})
    frame["time"] += [f"T{place % each:02}:00" for place in range(len(frame))]
    study = study_from({"id": "s", "title": "S", "journey": {"preset": "funnel3"}, "window": window or {}})
    found = observe(study, Data(events=EventLog.from_frame(frame)))
    check = next(check for check in common_checks(study, found) if check.name == "coverage")
    return check.status, check.title.say("en"), check.text.say("en")


def test_a_log_with_holes_or_cut_off_early_says_so() -> None:
    days = [f"2025-01-{day:02}" for day in range(1, 32)]
    assert coverage(days) == ("passed", "The log has no holes", "Each of 31 days has events.")
    assert coverage([*days[:9], *days[10:]], JANUARY) == (
        "passed", "The log has no long holes",
        "1 of 31 days has no event, never two in a row.",
    )  # fmt: skip
    hole = coverage([*days[:9], *days[14:20], *days[21:]])
    assert hole[:2] == ("watch", "The log has a hole")
    assert (
        "6 of 31 days have no event; the longest stretch without any is 5 days, 10 Jan 2025 to 14 Jan 2025"
        in hole[2]
    )
    cut = coverage(days[:24], JANUARY)
    assert cut[:2] == ("watch", "The log ends before the window does")
    assert cut[2].startswith("The window goes on for 7 days after the last event")


def test_few_events_leave_days_empty_without_a_hole() -> None:
    """One event a day, five days without: nobody would wonder."""
    days = [f"2025-01-{day:02}" for day in (*range(1, 10), *range(15, 32))]
    assert coverage(days, each=1)[0] == "passed"


def test_events_of_the_future_are_told() -> None:
    frame = pd.DataFrame({"customer_id": "a", "event": "see", "time": ["2025-01-01", "2999-01-01"]})
    study, data = quick_study(events=frame, journey=["see"])
    found = {check.name: check for check in common_checks(study, observe(study, data))}
    assert found["clocks"].status == "watch"
    assert "1 in the future" in found["clocks"].text.say("en")


def test_known_visitors_only() -> None:
    found = observed(visitors="known")
    assert (found.n_events, found.n_customers, found.unknown) == (5, 2, 0)
    assert found.left_out == {"bots": 1, "unknown": 1, "segment": 0}


def test_the_window_cuts_events_and_keeps_customers() -> None:
    """The last day counts to its last microsecond; whoever has no event left still counts."""
    whole = observed(window=JANUARY)
    assert (whole.n_events, whole.n_customers, whole.assumed) == (5, 3, False)
    late = observed(window={"start": date(2025, 2, 1), "end": date(2025, 2, 28)})
    assert sorted(late.run(Customers())) == [("a", 1), ("b", 0), ("y", 0)]
    assert (late.n_events, late.n_customers) == (1, 3)
    assert late.end == pd.Timestamp("2025-03-01", tz="UTC").value // 1000 - 1


def test_without_a_window_first_and_last_event_stand_in() -> None:
    found = observed()
    assert found.assumed
    assert found.start == pd.Timestamp("2025-01-01", tz="UTC").value // 1000
    assert found.end == pd.Timestamp("2025-02-01", tz="UTC").value // 1000
    half = observed(window={"start": date(2025, 1, 2)})
    assert half.assumed
    assert half.n_events == 4


def test_a_segment_counts_its_customers() -> None:
    found = observed(segment="region=KR")
    assert found.run(Customers()) == [("b", 2)]
    assert found.left_out == {"bots": 1, "unknown": 0, "segment": 2}
    assert observed(visitors="known", segment="region=KR").left_out == {"bots": 1, "unknown": 1, "segment": 1}
    nobody = observed(segment="region=FR")
    assert (nobody.n_events, nobody.n_customers) == (0, 0)
    assert nobody.run(Counts(2)).tolist() == [0, 0]


def test_levels_and_columns() -> None:
    found = observed()
    assert found.levels("region") == ("FR", "JP", "KR")
    assert found.levels("channel") == ("app", "web")
    assert [found.where(name) for name in ("region", "channel", "value")] == ["people", "columns", "columns"]
    assert [found.numeric(name) for name in ("age", "value", "channel", "seq")] == [False, True, False, True]
    assert (found.code("see"), found.code("gone")) == (1, -1)
    with pytest.raises(ParamError, match=r"no column 'regoin' in the .* Did you mean 'region'"):
        found.where("regoin")


def test_groups_are_codes_into_the_levels_of_all() -> None:
    """Customer a (JP = 1) pays after 600 s, b (KR = 2) after 30 s, y is in no region."""
    assert observed().run(FirstTime(observed().code("pay"))) == {(1, 600): 1, (2, 30): 1}


def test_columns_of_a_batch() -> None:
    found = observed()
    (batch,) = found.batches(Money(2))
    assert np.nan_to_num(batch.columns["value"], nan=-1).tolist() == [1, 2.5, 9, -1, 4, 8]
    batch = found.batch(found.log, ("channel",), ("region",))
    assert batch.columns["channel"].tolist() == [1, 0, 0, -1, 1, 1]
    assert batch.people["region"].tolist() == [1, 2, -1]
    assert found.run(Money(2))[0].tolist() == [15.5, 9]


def test_a_study_without_events_and_an_unknown_word() -> None:
    study, data = quick_study(responses=pd.DataFrame({"q1": [9]}), questions={"q1": "nps"})
    with pytest.raises(DataError, match="funnel: needs the table 'events'"):
        observe(study, data, by="funnel")
    with pytest.raises(ParamError, match=r"visitors: 'knwon'\. Allowed: all, known\. Did you mean 'known'"):
        observed(visitors="knwon")


def test_what_is_told_agrees_with_what_is_counted() -> None:
    study, _ = quick_study(journey=["see"])
    found = observed(visitors="known")
    assert customers(found) == found.n_customers == 2
    said = {str(term): str(words) for term, words in basis_lines(study, found)}
    assert said["Counted"] == "2 customers"
    assert said["Left out"] == "1 bot, by its inhuman speed; 1 unknown visitor"
    assert {check.name for check in common_checks(study, found)} >= {"ties", "bots", "clocks", "window"}


def test_who_counts_is_worked_out_once_for_all_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [f"2025-01-0{day}" for day in range(1, 6)]
    frame = pd.DataFrame({"customer_id": list("aabbc"), "event": "see", "time": days})
    people = pd.DataFrame({"customer_id": list("abc"), "region": ["KR", "JP", "KR"]})
    study, data = quick_study(events=frame, customers=people, journey=["see", "buy"])
    data = replace(data, segment=segment_of(study, data, "region=KR"))
    taken, take = [], EventLog.take
    monkeypatch.setattr(EventLog, "take", lambda log, kept: taken.append(kept.tolist()) or take(log, kept))
    observed = observe(study, data)
    assert [int(observed.run(Counts(2)).sum()) for _ in range(3)] == [3, 3, 3]
    assert taken == [[True, False, True]]
