"""XES: offsets, transitions, namespaces, and documents that would reach outside."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd
import pytest

from journey_lib.study.events import EventLog

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="concept:name" value="the log"/>
"""


def attribute(key: str, value: str, kind: str = "string", inside: str = "") -> str:
    return f"<{kind} key={quoteattr(key)} value={quoteattr(value)}>{inside}</{kind}>"


def event(name: str, at: str, step: str = "complete", who: str = "") -> str:
    actor = attribute("org:resource", who) if who else ""
    return (
        f"<event>{attribute('concept:name', name)}{attribute('lifecycle:transition', step)}"
        f"{attribute('time:timestamp', at, 'date')}{actor}</event>"
    )


def log(*traces: str) -> str:
    return HEAD + "".join(f"<trace>{trace}</trace>" for trace in traces) + "</log>"


LOG = log(
    attribute("concept:name", "007") + attribute("amount", "20000", "int")
    + event("apply & wait", "2011-10-01T00:38:44.546+02:00", who="112")
    + event("offer", "2011-10-30T02:30:00.000+02:00", "schedule")
    + event("offer", "2011-10-30T02:30:00.000+01:00"),
    attribute("concept:name", "NA", inside=attribute("concept:name", "nested"))
    + event("apply & wait", "2011-10-01T00:00:00Z"),
)  # fmt: skip


def test_a_draft_counts_cases_and_events(init) -> None:
    drafted = init("log.xes", LOG)
    assert "read as xes: its name ends in .xes." in drafted.said
    assert "2 cases; a case is a customer" in drafted.said
    assert drafted.check().exit_code == 0
    events = drafted.load()[1].events
    assert events.customers.tolist() == ["007", "NA"]
    assert dict(zip(events.names, events.facts.by_name.tolist(), strict=True)) == {
        "apply & wait": 2,
        "offer": 2,
    }


def test_offsets_count(init) -> None:
    frame = init("log.xes.gz", gzip.compress(LOG.encode())).load()[1].events.frame()
    assert [t.isoformat() for t in frame["time"][:3]] == [
        "2011-09-30T22:38:44.546000+00:00", "2011-10-30T00:30:00+00:00", "2011-10-30T01:30:00+00:00",
    ]  # fmt: skip
    assert frame["resource"][0] == "112"
    assert frame["case.amount"].fillna("").tolist() == ["20000", "20000", "20000", ""]


def test_several_transitions_are_asked_about_and_the_line_offered_works(init) -> None:
    drafted = init("log.xes", LOG)
    assert "several transitions (complete 3, schedule 1);" in drafted.text
    drafted.corrected("# to count one of them only: where", "where")
    assert drafted.load()[1].events.n_events == 3


def test_a_time_without_offset_is_read_as_utc_and_said(init) -> None:
    drafted = init("log.xes", log(event("a", "2011-10-01T00:00:00.000")))
    assert "1 event without an offset: read as UTC" in drafted.said
    assert "1 case without concept:name: numbered" in drafted.said


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE log [<!ENTITY who SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "http://outside.example/log.dtd">',
    ],
)
def test_no_entity_is_ever_read(declared: str, refused) -> None:
    text = LOG.replace("<log ", f"{declared}<log ", 1)
    for encoded in (text.encode(), text.replace("UTF-8", "UTF-16").encode("utf-16")):
        assert "declares a document type, which XES has not" in refused("evil.xes", encoded)


def test_a_cut_log_says_where(refused) -> None:
    assert "log.xes: is cut or damaged at line 7." in refused("log.xes", LOG[: LOG.index("offer")])
    assert "log.xes: holds no events" in refused("log.xes", log())


def test_a_real_log_is_the_same_as_xes_and_as_csv(
    init, real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    file = real_data("events_loan_application") / "bpic2012_events.csv.gz"
    rows = pd.read_csv(file, dtype="str", keep_default_na=False, nrows=3000)
    rows = rows[rows["case_id"] != rows["case_id"].iloc[-1]]  # the last case may go on below
    rows.to_csv(tmp_path / "log.csv", index=False)
    traces = [
        attribute("concept:name", str(case))
        + "".join(event(r.activity, r.timestamp, r.lifecycle, r.resource) for r in group.itertuples())
        for case, group in rows.groupby("case_id", sort=False)
    ]
    ours = init("log.xes", log(*traces)).load()[1].events
    csv = EventLog.from_file(tmp_path / "log.csv", customer="case_id", event="activity", time="timestamp")
    assert ours.n_events == csv.n_events > 2900
    assert ours.customers.equals(csv.customers)
    assert ours.names == csv.names
    assert (ours.time == csv.time).all()
    assert (ours.event == csv.event).all()
    assert "# to count one of them only" in (tmp_path / "mine" / "study.toml").read_text()
