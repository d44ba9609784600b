"""The log on a page: order, ties, repeats, flags, and what can be asked of it; counted by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journey_lib as jl
from journey_lib.errors import DataError, ParamError
from journey_lib.study.events import EventLog, Flag

# seven events of two customers; b's two events of 10:00 are a tie, the last row repeats the first
ROWS = [
    ("b", "cart", "2025-01-01T10:00", 2),
    ("b", "see", "2025-01-01T10:00", 1),
    ("a", "see", "2025-01-01T09:00", 1),
    ("b", "pay", "2025-01-01T10:05", 3),
    ("a", "see", "2025-01-01T09:00", 2),
    ("a", "pay", "2024-12-31T23:00", 3),
    ("b", "cart", "2025-01-01T10:00", 2),
]
FRAME = pd.DataFrame(ROWS, columns=["customer_id", "event", "time", "step"])


def told(log: EventLog) -> list[tuple[str, str]]:
    frame = log.frame(["customer_id", "event"])
    return list(zip(frame["customer_id"], frame["event"], strict=True))


def test_the_order_and_the_counts() -> None:
    log = EventLog.from_frame(FRAME)
    assert told(log) == [("a", "pay"), ("a", "see"), ("a", "see"), ("b", "cart"), ("b", "see"), ("b", "pay")]
    assert (log.n_events, log.n_customers, len(log)) == (6, 2, 6)
    assert (log.names, log.offsets.tolist(), log.codes.tolist()) == (
        ("cart", "pay", "see"),
        [0, 3, 6],
        [0, 0, 0, 1, 1, 1],
    )
    assert log.customer(1) == slice(3, 6)
    assert log.row.tolist() == [5, 2, 4, 0, 1, 3]
    assert log.resolution == "1 minute"
    report = log.report
    assert (report.rows_read, report.rows_kept, report.repeats) == (7, 6, 1)
    assert report.dropped == {"equal to another row in every column": 1}
    assert (report.pairs, report.ties, report.tie_share) == (4, 1, 0.25)


def test_kept_repeats_stay_and_are_counted() -> None:
    log = EventLog.from_frame(FRAME, duplicates="keep")
    assert (log.n_events, log.report.repeats, log.report.dropped) == (7, 1, {})
    assert "1 row equal to another row in every column, kept" in map(str, log.report.notes())


def test_ties_by_seq() -> None:
    named = EventLog.from_frame(FRAME.rename(columns={"step": "seq"}), ties="seq")
    for log in (EventLog.from_frame(FRAME, seq="step"), named):
        assert told(log)[3:] == [("b", "see"), ("b", "cart"), ("b", "pay")]
        assert (log.report.order, log.report.ties, log.report.unsettled) == ("seq", 1, 0)
    assert EventLog.from_frame(FRAME, seq="step").frame()["step"].tolist() == [3, 1, 2, 1, 2, 3]


def test_ties_by_seq_are_numbers_also_as_text() -> None:
    frame = pd.DataFrame(
        {"customer_id": ["a"] * 2, "event": ["x", "y"], "time": "2025-01-01", "seq": ["10", "9"]}
    )
    assert [name for _, name in told(EventLog.from_frame(frame, ties="seq"))] == ["y", "x"]
    with pytest.raises(DataError, match="column 'seq': no number in 1 cell"):
        EventLog.from_frame(frame.assign(seq=["one", "2"]), ties="seq")
    with pytest.raises(DataError, match="column 'seq': 1 empty cell"):
        EventLog.from_frame(frame.assign(seq=[None, 2.0]), ties="seq")


def test_ties_by_priority() -> None:
    log = EventLog.from_frame(FRAME, ties="priority", priority=["pay", "see"])
    assert told(log)[3:] == [("b", "see"), ("b", "cart"), ("b", "pay")]
    same = EventLog.from_frame(FRAME, ties="priority", priority=["cart"])
    assert told(same)[3:5] == [("b", "cart"), ("b", "see")]


def test_what_seq_leaves_equal_does_not_follow_the_file() -> None:
    frame = pd.DataFrame(
        {"customer_id": "a", "event": ["y", "x", "x"], "time": "2025-01-01", "seq": 1, "k": [1, 3, 2]}
    )
    one, other = (EventLog.from_frame(f, ties="seq") for f in (frame, frame[::-1]))
    assert one.report.unsettled == 2
    pd.testing.assert_frame_equal(one.frame(), other.frame())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ties": "sequence"}, "ties: 'sequence'. Allowed: file_order, seq, priority"),
        ({"duplicates": "dorp"}, "Did you mean 'drop'"),
        ({"ties": "priority"}, "priority"),
        ({"priority": ["see"]}, "priority"),
        ({"time_zone": "Mars"}, "unknown time zone 'Mars'"),
        ({"as_of": "soon"}, "as_of: 'soon'"),
        ({"id_map": pd.DataFrame({"anonymous_id": []})}, "id_map: has no column 'customer_id'"),
    ],
)
def test_unknown_rules_are_named(options: dict, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        EventLog.from_frame(FRAME, **options)


def test_the_frame_is_canonical_and_reads_back() -> None:
    frame = FRAME.assign(
        channel=["web", "", None, "app", "web", "web", "web"], value=[1.5, 2, 3, 4, 5, np.nan, 1.5]
    )
    log = EventLog.from_frame(frame, time_zone="Asia/Seoul")
    shown = log.frame()
    assert shown.columns.tolist() == ["customer_id", "event", "time", "seq", "channel", "step", "value"]
    assert str(shown["time"].dtype) == "datetime64[us, Asia/Seoul]"
    assert shown["time"][0] == pd.Timestamp("2024-12-31T23:00", tz="Asia/Seoul")
    assert shown["seq"].tolist() == [0, 1, 2, 0, 1, 2]
    assert shown["channel"].fillna("-").tolist() == ["web", "-", "web", "web", "-", "app"]
    assert log.channels == ("app", "web")
    again = EventLog.from_frame(shown, ties="seq", time_zone="Asia/Seoul")
    pd.testing.assert_frame_equal(again.frame(), shown)
    assert again.fingerprint == log.fingerprint
    assert log.levels("value")[1] == ("1.5", "2", "3", "4", "5")
    assert log.levels("value")[0].tolist() == [-1, 2, 4, 0, 1, 3]
    assert log.levels("channel")[0].tolist() == [1, -1, 1, 1, -1, 0]
    with pytest.raises(ParamError, match="Did you mean 'value'"):
        log.column("valu")


def test_nothing_can_be_changed() -> None:
    log = EventLog.from_frame(FRAME)
    with pytest.raises(dataclasses.FrozenInstanceError):
        log.time_zone = "UTC"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        log.time[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        log.codes[0] = 0


def test_core_columns_are_small() -> None:
    log = EventLog.from_frame(FRAME)
    assert (
        sum(getattr(log, name).itemsize for name in ("time", "event", "channel", "flags", "row", "codes"))
        <= 21
    )


def test_clocks_are_flagged_never_dropped() -> None:
    """The day of as_of is still inside; times before 1990 are nobody's; receipt comes after the event."""
    times = [
        "2025-01-31T23:59:59+09:00",
        "2025-02-01T00:00:00+09:00",
        "1970-01-01T00:00Z",
        "2025-01-01T00:00Z",
    ]
    received = ["2025-02-02T00:00Z", "", "1970-01-02T00:00Z", "2024-12-31T00:00Z"]
    frame = pd.DataFrame({"customer_id": list("abcd"), "event": "x", "time": times, "received_at": received})
    log = EventLog.from_frame(frame, as_of="2025-01-31", time_zone="Asia/Seoul")
    assert log.flags.tolist() == [0, Flag.AFTER_END, Flag.IMPOSSIBLE, Flag.AFTER_RECEIPT]
    assert (log.n_events, log.report.after, log.report.impossible, log.report.ahead) == (4, 1, 1, 1)
    said = "clocks: events 1 after its end, 1 later than their receipt, 1 before 1990, flagged and kept"
    assert said in map(str, log.report.notes())


def test_times_that_have_not_come_yet() -> None:
    times = ["2025-01-01T00:00Z", "2999-01-01T00:00Z"]
    log = EventLog.from_frame(pd.DataFrame({"customer_id": list("ab"), "event": "x", "time": times}))
    assert (log.n_events, log.report.future) == (2, 1)
    assert "clocks: events 1 later than this reading, flagged and kept" in map(str, log.report.notes())


def test_two_kinds_of_clock_in_one_log() -> None:
    """Offsets may differ from row to row; a time without one is a guess, and said."""
    times = ["2025-01-01T09:00+09:00", "2025-01-01T00:00Z", "2025-01-01T09:00"]
    frame = pd.DataFrame({"customer_id": list("abc"), "event": "x", "time": times})
    log = EventLog.from_frame(frame, time_zone="Asia/Seoul")
    assert len(set(log.time.tolist())) == 1
    said = list(map(str, log.report.notes()))
    assert "1 time without an offset, read in the declared zone" in said
    assert "two kinds of clock in one log: 2 times do carry an offset" in said
    assert not any("two kinds" in str(note) for note in EventLog.from_frame(frame[:2]).report.notes())


def burst(customer: str, moments: int, step: str, lines: int = 1) -> pd.DataFrame:
    times = pd.date_range("2025-01-01", periods=moments, freq=step).repeat(lines)
    return pd.DataFrame({"customer_id": customer, "event": "x", "time": times, "line": range(len(times))})


def test_bots_are_thirty_moments_in_a_minute() -> None:
    fast, slow = burst("fast", 30, "2s"), burst("slow", 29, "1s")
    basket, long = burst("basket", 1, "1s", 99), burst("long", 200, "2100ms")
    log = EventLog.from_frame(pd.concat([fast, slow, basket, long]))
    assert log.customers[log.bots].tolist() == ["fast"]
    assert (log.report.bot_customers, log.report.bot_events) == (1, 30)
    assert log.take(~log.bots).n_customers == 3


def test_bots_cannot_be_told_by_days() -> None:
    log = EventLog.from_frame(burst("a", 40, "1D", 3))
    assert (log.bots.any(), log.report.bot_customers) == (False, -1)
    assert "bots cannot be told: times are not finer than a minute" in map(str, log.report.notes())


def test_sessions_end_after_the_gap_and_not_at_midnight() -> None:
    times = ["2025-01-01T23:50", "2025-01-02T00:20", "2025-01-02T00:51", "2025-01-02T00:51"]
    frame = pd.DataFrame({"customer_id": list("aaab"), "event": "x", "time": times})
    log = EventLog.from_frame(frame)
    assert log.sessions("30 minutes").tolist() == [0, 0, 1, 2]
    assert log.sessions("31 minutes").tolist() == [0, 0, 0, 1]
    assert log.sessions("29.99 minutes").tolist() == [0, 1, 2, 3]
    with pytest.raises(ParamError, match="gap: '30'"):
        log.sessions("30")


def test_stages_and_touchpoints_come_from_the_study() -> None:
    study, data = jl.quick_study(events=FRAME, journey=["see", "cart", "gone"])
    log = data.require_events("test")
    assert log.stages(study).tolist() == [-1, 0, 0, 1, 0, -1]
    assert log.stages(study).dtype == np.int8
    assert log.touchpoints(study).tolist() == [-1] * 6
    assert data.report.lines()[-2:] == [
        "events: names that no stage and no touchpoint uses: pay 2",
        "events: declared names without any event: gone",
    ]


def test_a_study_without_a_log_says_so() -> None:
    _, data = jl.quick_study(responses=pd.DataFrame({"q1": [9]}), questions={"q1": "nps"})
    assert data.events is None
    with pytest.raises(DataError, match="funnel: needs the table 'events'"):
        data.require_events("funnel")


def test_it_says_what_it_is() -> None:
    log = EventLog.from_frame(FRAME)
    assert repr(log) == "EventLog: 6 events of 2 customers, 3 names, 2024-12-31 to 2025-01-01 (UTC)"
    assert repr(log.take(np.zeros(2, dtype=bool))) == "EventLog: 0 events of 0 customers, 3 names"


def test_a_wrong_mask_is_refused() -> None:
    with pytest.raises(ParamError, match="2 of true or false"):
        EventLog.from_frame(FRAME).take(np.array([0, 1]))


# Laws


def logs(*, min_size: int = 1) -> st.SearchStrategy[pd.DataFrame]:
    row = st.tuples(
        st.sampled_from(["a", "b", "NA", "007"]),
        st.sampled_from(["see", "cart", "pay"]),
        st.integers(0, 4),
        st.integers(0, 3),
        st.sampled_from(["web", "app", ""]),
        st.sampled_from([1.0, 2.0, float("nan")]),
    )
    names = ["customer_id", "event", "second", "seq", "channel", "value"]
    frames = st.lists(row, min_size=min_size, max_size=15).map(lambda rows: pd.DataFrame(rows, columns=names))
    return frames.map(
        lambda f: f.assign(time=pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(f["second"], "s"))
    )


@settings(max_examples=25, deadline=None)
@given(logs(), st.randoms(use_true_random=False), st.sampled_from(["drop", "keep"]))
def test_row_order_changes_nothing_when_seq_is_given(
    frame: pd.DataFrame, random: object, duplicates: str
) -> None:
    rows = list(range(len(frame)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    one, other = (
        EventLog.from_frame(f, ties="seq", duplicates=duplicates) for f in (frame, frame.iloc[rows])
    )
    pd.testing.assert_frame_equal(one.frame(), other.frame())
    assert one.fingerprint == other.fingerprint
    assert dataclasses.replace(one.report, further=()) == dataclasses.replace(other.report, further=())


@settings(max_examples=25, deadline=None)
@given(logs())
def test_the_order_is_that_of_a_plain_sort(frame: pd.DataFrame) -> None:
    log = EventLog.from_frame(frame, duplicates="keep")
    plain = frame.sort_values(["customer_id", "time"], kind="stable", ignore_index=True)
    shown = log.frame(["customer_id", "event", "time", "value"])
    pd.testing.assert_frame_equal(shown, plain[shown.columns], check_dtype=False)
    distinct = len(frame.drop_duplicates())
    assert EventLog.from_frame(frame).n_events == distinct == len(frame) - log.report.repeats


@settings(max_examples=25, deadline=None)
@given(logs())
def test_customers_stand_alone(frame: pd.DataFrame) -> None:
    """The log of some customers is the part of the whole log, and the parts make the whole."""
    whole = EventLog.from_frame(frame)
    some = whole.customers.isin(["a", "NA"])
    for mask in (some, ~some):
        part = whole.take(mask)
        if mask.any():
            own = EventLog.from_frame(frame[frame["customer_id"].isin(whole.customers[mask])])
            pd.testing.assert_frame_equal(part.frame(own.columns()), own.frame())
            assert part.offsets.tolist() == own.offsets.tolist()
    assert whole.take(some).n_events + whole.take(~some).n_events == whole.n_events


@settings(max_examples=20, deadline=None)
@given(logs(min_size=2), st.data())
def test_a_changed_event_changes_the_fingerprint(frame: pd.DataFrame, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(frame) - 1))
    column, value = data.draw(
        st.sampled_from([("event", "other"), ("customer_id", "c"), ("value", 9.0), ("channel", "tv")])
    )
    changed = frame.copy()
    changed.loc[at, column] = value
    one, other = (EventLog.from_frame(f, duplicates="keep").fingerprint for f in (frame, changed))
    assert one != other
