"""Touchpoints and channels counted with fingers; what is not measured, not shown, and refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, JourneyError, ParamError
from journey_lib.measures.touchpoints import touchpoints
from journey_lib.measures.touchpoints.result import FIGURES, PARTS, TouchpointsResult
from journey_lib.measures.touchpoints.words import most_frequent_move, most_repeated, weakest
from journey_lib.present.bundle import MIME
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.params import RunParams

SHOP = """
id = "shop"
title = {{ en = "A shop", ko = "가게" }}
language = "{lang}"
time_zone = "UTC"
[thresholds]
min_cell = {cell}
flag_cell = {flag}
[journey]
stages = [
  {{ id = "look", label = {{ en = "Look", ko = "보기" }}, enter = ["seen"] }},
  {{ id = "buy", label = {{ en = "Buy", ko = "사기" }}, enter = ["paid"] }},
]
[[journey.touchpoints]]
id = "page"
stage = "look"
channel = "web"
label = {{ en = "Page", ko = "화면" }}
events = ["seen", "read"]
[[journey.touchpoints]]
id = "till"
stage = "look"
channel = "store"
label = {{ en = "Till", ko = "계산대" }}
events = ["started", "failed"]
owner = "payments"
[[journey.touchpoints]]
id = "parcel"
stage = "buy"
label = {{ en = "Parcel", ko = "소포" }}
events = ["delivered"]
[[journey.touchpoints]]
id = "window"
stage = "look"
label = {{ en = "Shop window", ko = "진열창" }}
{more}
[sources.events]
file = "events.csv"
{sources}
"""
# Ann reads once more, fails once to pay and pays; Bob looks and leaves; Eve only calls.
STORY = [
    ("ann", "seen", "2025-01-01T10:00", "mail"),
    ("ann", "read", "2025-01-01T10:05", "mail"),
    ("ann", "started", "2025-01-02T10:00", "app"),
    ("ann", "failed", "2025-01-02T10:01", "app"),
    ("ann", "started", "2025-01-02T10:02", "app"),
    ("ann", "read", "2025-01-02T10:03", "app"),
    ("ann", "paid", "2025-01-03T10:00", "mail"),
    ("bob", "seen", "2025-01-01T09:00", "mail"),
    ("bob", "seen", "2025-01-20T09:00", "mail"),
    ("eve", "called", "2025-01-05T09:00", ""),
]
Made = Callable[..., TouchpointsResult]


def maker(folder: Path) -> Made:
    """Return what makes the report of a few typed events, with more tables where they are given."""

    def make(
        rows: Sequence[tuple[Any, ...]] = STORY,
        *,
        columns: tuple[str, ...] = ("customer_id", "event", "time", "channel"),
        tables: Mapping[str, pd.DataFrame] | None = None,
        lang: str = "en",
        cell: int = 1,
        flag: int = 1,
        more: str = "",
        segment: str = "",
        **options: Any,
    ) -> TouchpointsResult:
        sources = []
        for name, frame in (tables or {}).items():
            frame.to_csv(folder / f"{name}.csv", index=False)
            sources.append(f'[sources.{name}]\nfile = "{name}.csv"')
        pd.DataFrame(rows, columns=list(columns)).to_csv(folder / "events.csv", index=False)
        text = SHOP.format(lang=lang, cell=cell, flag=flag, more=more, sources="\n".join(sources))
        (folder / "study.toml").write_text(text, encoding="utf-8")
        return touchpoints(*load_study(folder, segment=segment), **options)

    return make


@pytest.fixture
def shop(tmp_path: Path) -> Made:
    return maker(tmp_path)


def value(result: TouchpointsResult, metric: str, column: str = "estimate", **where: str) -> float:
    """Return one exact number of the table; by default of all customers."""
    rows = result.table
    for name, word in ({"metric": metric, "group": "", "comparison": "", "option": ""} | where).items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {metric} {where}"
    return float(rows[column].iloc[0])


# Counted with fingers


def test_reach_and_contacts(shop: Made) -> None:
    wide = shop().inventory.set_index("touchpoint")
    assert wide.loc["page", ["reach", "customers_reached", "contacts"]].tolist() == pytest.approx(
        [2 / 3, 2, 5]
    )
    assert wide.loc["till", ["reach", "customers_reached", "contacts"]].tolist() == pytest.approx(
        [1 / 3, 1, 3]
    )
    assert wide["share_of_stage"].tolist()[:2] == [1.0, 0.5]
    assert wide.loc["page", "contacts_per_customer"] == 2.5
    assert wide.loc["page", "median_contacts"] == 2
    assert wide["owner"].tolist() == ["", "payments", "", ""]
    # Contacts 3 and 2: variance 1/2 over 2 customers.
    assert value(shop(), "contacts_per_customer", "std_error", touchpoint="page") == pytest.approx(0.5)


def test_repeats_are_steps_taken_again_and_loops_go_back(shop: Made) -> None:
    result = shop()
    wide = result.inventory.set_index("touchpoint")
    # Ann's second "read" and Bob's second "seen" of 5 contacts; a failure is another step than a start.
    assert wide.loc["page", "repeat_share"] == pytest.approx(2 / 5)
    assert wide.loc["till", "repeat_share"] == pytest.approx(1 / 3)
    assert wide["loops_per_customer"].tolist()[:2] == [0.5, 0.0]  # Ann goes from the till back to the page


def test_first_and_last_touch_before_moving_on(shop: Made) -> None:
    wide = shop().inventory.set_index("touchpoint")
    assert wide["first_share"].tolist()[:2] == [1.0, 0.0]  # of Ann alone: Bob never moved on
    assert wide["last_share"].tolist()[:2] == [1.0, 0.0]
    assert value(shop(), "first_share", "n", touchpoint="page") == 1
    assert shop().table.query("metric == 'first_share' and touchpoint == 'parcel'")["note"].tolist() == [
        "not_in_log"
    ]


def test_what_a_stage_takes(shop: Made) -> None:
    effort = shop().effort.set_index("stage")
    assert effort.loc["look", ["entered", "moved_on", "days_to_move_on"]].tolist() == [2, 0.5, 2.0]
    assert effort.loc["look", ["steps", "repeated_steps", "loops"]].tolist() == [6, 2, 1]
    assert effort.loc["look", "repeated_share"] == pytest.approx(1 / 3)
    assert effort.loc["buy", "entered"] == 1
    assert math.isnan(effort.loc["buy", "moved_on"])
    row = shop().table.query("metric == 'moved_on' and stage == 'buy'")
    assert row["note"].tolist() == ["last_stage"]


def test_visits_and_changes_of_channel(shop: Made) -> None:
    result = shop()
    channels = result.channels.set_index("channel")
    assert channels.loc["mail", ["channel_reach", "channel_visits"]].tolist() == pytest.approx([2 / 3, 4])
    assert channels.loc["app", "channel_visits"] == 1
    moves = result.switching("count")
    assert moves.loc["mail"].tolist() == [1, 1]  # to app: Ann; to mail: Bob, 19 days later
    assert moves.loc["app"].tolist() == [0, 1]
    assert result.switching().loc["mail"].tolist() == [0.5, 0.5]
    assert result.switching("customers").loc["app", "mail"] == 1
    assert value(result, "several_channels") == 0.5
    assert value(result, "changed_channel") == 0.5
    assert shop(gap="10 days").switching("count").loc["mail"].tolist() == [1, 0]


def test_moving_on_after_a_second_visit_is_counted_from_that_visit(shop: Made) -> None:
    result = shop()
    told = {o: value(result, "moved_on_after", stage="look", option=o) for o in ("stayed", "switched")}
    assert told == {"stayed": 0.0, "switched": 1.0}  # Bob came again by mail, Ann by app
    gap = value(result, "moved_on_difference", stage="look", option="switched", comparison="stayed")
    assert gap == 1.0


def test_declared_channels_are_those_of_the_touchpoints(shop: Made) -> None:
    result = shop(channels="declared")
    assert result.channels["channel"].tolist() == ["store", "web"]
    assert result.switching("count").loc["web", "store"] == 1
    assert result.switching("count").loc["store", "web"] == 1
    bare = shop([row[:3] for row in STORY], columns=("customer_id", "event", "time"))
    assert bare.switching("count").to_numpy().tolist() == result.switching("count").to_numpy().tolist()


def test_mix_by_device_and_by_region(shop: Made) -> None:
    devices = ["phone"] * 2 + ["desk"] * 5 + ["phone"] * 3
    rows = [(*row, device) for row, device in zip(STORY, devices, strict=True)]
    people = pd.DataFrame({"customer_id": ["ann", "bob", "eve"], "region": ["KR", "JP", "KR"]})
    result = shop(
        rows, columns=("customer_id", "event", "time", "channel", "device"), tables={"customers": people}
    )
    assert value(result, "device_share", touchpoint="page", option="phone") == pytest.approx(4 / 5)
    assert value(result, "device_share", touchpoint="till", option="desk") == 1.0
    assert value(result, "region_share", touchpoint="page", option="KR") == 0.5
    assert value(result, "channel_region_share", option="app", comparison="KR") == 1.0
    assert not result.table.query("option == 'unknown'").size


# What is not measured is not zero


def test_a_touchpoint_without_events_is_not_measured(shop: Made) -> None:
    result = shop()
    rows = result.table[result.table["touchpoint"].isin(["window", "parcel"])]
    mine = rows[rows["metric"].isin(["reach", "contacts", "contacts_per_customer", "repeat_share"])]
    assert mine["estimate"].isna().all()
    assert mine["n"].isna().all()
    assert mine.groupby("touchpoint")["note"].unique().map(list).to_dict() == {
        "parcel": ["not_in_log"], "window": ["not_measured"],
    }  # fmt: skip
    check = next(c for c in result.checks if c.name == "silent_touchpoints")
    assert check.status == "watch"
    assert "2 touchpoints are not measured: Shop window, Parcel." in str(check.text) or (
        "2 touchpoints are not measured: Parcel, Shop window." in str(check.text)
    )
    assert "1 event of the study never occurs: delivered." in str(check.text)
    marks = {row.label: row.first.words for row in result.plot().sketch.rows}
    assert marks["Shop window"] == marks["Parcel"] == "not measured"


def test_events_outside_the_map_are_counted(shop: Made) -> None:
    check = next(c for c in shop().checks if c.name == "coverage")
    assert check.table is not None
    assert check.table.to_dict("list") == {
        "event": ["called", "paid"], "events": [1, 1], "share": [0.1, 0.1], "enters_stage": [False, True],
    }  # fmt: skip
    assert "20.0% of all events belong to no touchpoint; 2 names, most often called, paid." in str(check.text)


def test_stages_still_open_are_told(shop: Made) -> None:
    check = next(c for c in shop().checks if c.name == "open_stages")
    assert check.status == "watch"
    assert "At Look, 50% of those who entered had not by the end of the window" in str(check.text)


# Satisfaction beside behaviour

QUESTION = """
[[questions]]
id = "tp_page"
kind = "rating"
touchpoint = "page"
label = { en = "Page", ko = "화면" }
"""


def answers(ids: list[str], ratings: list[int]) -> dict[str, pd.DataFrame]:
    return {
        "responses": pd.DataFrame({"respondent_id": range(len(ids)), "customer_id": ids, "tp_page": ratings})
    }


def crowd(size: int) -> list[tuple[str, ...]]:
    """Return customers who all see the page; every second one reads it twice."""
    rows = []
    for i in range(size):
        rows.append((f"c{i}", "seen", "2025-01-01T10:00", "mail"))
        rows += [(f"c{i}", "read", f"2025-01-01T1{k}:00", "mail") for k in range(1, 3) if i % 2]
    return rows


def test_answers_are_joined_to_what_the_log_saw(shop: Made) -> None:
    ids = [*(f"c{i}" for i in range(12)), "stranger", "stranger2"]
    ratings = [5, 1] * 6 + [5, 5]  # who reads twice is dissatisfied
    result = shop(crowd(12), more=QUESTION, tables=answers(ids, ratings))
    assert value(result, "satisfied", touchpoint="page") == pytest.approx(8 / 14)
    assert value(result, "satisfied", touchpoint="page", option="met") == 0.5
    assert value(result, "satisfied", touchpoint="page", option="repeated") == 0.0
    assert value(result, "satisfied", touchpoint="page", option="not_repeated") == 1.0
    gap = {"touchpoint": "page", "option": "repeated", "comparison": "not_repeated"}
    assert value(result, "satisfied_difference", **gap) == -1.0
    assert value(result, "satisfied_difference", "n", **gap) == 6
    check = next(c for c in result.checks if c.name == "joined_answers")
    assert "86% of the answers belong to a customer of the log" in str(check.text)


def test_without_customer_ids_satisfaction_stands_beside_behaviour(shop: Made) -> None:
    frame = answers(["x"] * 6, [5, 4, 3, 2, 1, 5])["responses"].drop(columns="customer_id")
    result = shop(crowd(6), more=QUESTION, tables={"responses": frame})
    assert value(result, "satisfied", touchpoint="page") == 0.5
    assert set(result.table.query("metric == 'satisfied'")["option"]) == {""}
    check = next(c for c in result.checks if c.name == "joined_answers")
    assert check.status == "not_assessable"
    till = result.table.query("metric == 'satisfied' and touchpoint == 'till'")
    assert till["note"].tolist() == ["no_question"]
    assert till["estimate"].isna().all()


def test_kinds_of_evidence(shop: Made) -> None:
    rows = shop(crowd(12), more=QUESTION, tables=answers(["c1", "c2"], [5, 2])).findings()
    asked = rows["metric"].str.startswith("satisfied")
    assert asked.any()
    assert set(rows.loc[asked, "kind"]) == {"satisfaction"}
    assert set(rows.loc[~asked, "kind"]) == {"behaviour"}


# Groups

EVENTS = ("seen", "read", "started", "failed", "paid", "called")
logs = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(EVENTS), st.integers(0, 40), st.sampled_from(["mail", "app", ""])
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@given(logs, st.lists(st.sampled_from(["a", "b", ""]), min_size=6, max_size=6))
@settings(max_examples=12, deadline=None)
def test_groups_and_unknown_add_up_to_the_total(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], plans: list[str]
) -> None:
    make = maker(tmp_path_factory.mktemp("law"))
    rows = [
        (f"c{who}", name, f"2025-01-{1 + day // 24:02}T{day % 24:02}:00", how)
        for who, name, day, how in drawn
    ]
    people = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(5)], "plan": plans[:5]}
    )  # c5 is in no table
    result = make(rows, tables={"customers": people}, by="plan")
    table = result.table
    counts = table[table["metric"].isin(["customers_reached", "contacts", "channel_visits", "entered"])]
    keys = ["metric", "stage", "touchpoint", "option"]
    total = counts[counts["group"] == ""].set_index(keys)["estimate"].dropna()
    parts = counts[counts["group"] != ""].groupby(keys)["estimate"].sum()
    if len(set(plans[:5]) - {""}):
        assert parts.reindex(total.index).tolist() == total.tolist()
    reach = table[(table["metric"] == "reach") & (table["touchpoint"] == "page")]
    bases = reach.set_index("group")["n"]
    assert bases.drop("").sum() in (0, bases[""])


def test_a_column_of_events_groups_by_the_first_event(shop: Made) -> None:
    result = shop(by="channel")
    assert result.groups == ("app", "mail")
    assert value(result, "customers_reached", touchpoint="till", group="mail") == 1  # Ann came by mail first
    assert value(result, "customers_reached", touchpoint="till", group="app") == 0
    assert value(result, "reach", "n", touchpoint="page", group="unknown") == 1  # Eve


# Bad input


def test_a_study_without_events_is_refused() -> None:
    study, data = quick_study(responses=pd.DataFrame({"q": [1.0]}), questions={"q": "rating"})
    with pytest.raises(DataError, match="touchpoints: needs the table 'events'"):
        touchpoints(study, data)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "chanel"}, "no column 'chanel' in the customers or the events.*Did you mean 'channel'"),
        ({"by": "value"}, "'value' holds no text"),
        ({"by": "note"}, "'note' has 31 values.*at most 30"),
        ({"gap": "30"}, "gap: '30'.*a number and a unit"),
        ({"gap": "1 month"}, "Months and years differ in length"),
        ({"channels": "log"}, "channels: 'log'.*logged, declared"),
        ({"visitors": "some"}, "visitors: 'some'"),
    ],
)
def test_bad_arguments_are_refused(shop: Made, options: dict[str, str], words: str) -> None:
    rows = [(f"c{i}", "seen", f"2025-01-01T10:{i:02}", "mail", i, f"n{i}") for i in range(31)]
    columns = ("customer_id", "event", "time", "channel", "value", "note")
    with pytest.raises(ParamError, match=words):
        shop(rows, columns=columns, **options)


def test_an_unknown_kind_is_refused(shop: Made) -> None:
    for call in (shop().plot, shop().show, shop().switching):
        with pytest.raises(ParamError, match="'pie'"):
            call(kind="pie")
    with pytest.raises(ParamError, match="holds nothing for the figure 'groups'"):
        shop().plot(kind="groups")


# What readers see


def test_every_part_speaks_both_languages(shop: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey_lib.present.charts.Plot.data_uri", lambda self, narrow=False: "data:,")
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)], "region": ["KR", "JP"] * 20})
    ids = [f"c{i}" for i in range(40)]
    given = {**answers(ids, [5, 2] * 20), "customers": people}
    for lang, word in (("en", "Touchpoint"), ("ko", "접점")):
        result = shop(crowd(40), lang=lang, more=QUESTION, tables=given, by="region")
        pages = {kind: result.show(kind)._repr_html_() for kind in PARTS}
        assert word in pages["inventory"]
        assert all(f'lang="{lang}"' in page for page in pages.values())
        for kind in FIGURES:
            try:
                plot = result.plot(kind=kind)
            except JourneyError:
                continue
            assert len(plot.alternative()) <= 250
            assert plot.title.say(lang)
    drawn = result.plot()
    assert drawn.png(narrow=True)[:4] == drawn.png()[:4] == b"\x89PNG"


def test_small_touchpoints_are_masked_everywhere(shop: Made) -> None:
    few = [("rare", "started", f"2025-01-01T09:0{minute}", "mail") for minute in range(3)]
    result = shop([*crowd(40), *few], cell=10, flag=30)
    assert value(result, "contacts", touchpoint="till") == 3
    shown = result.masked.query("touchpoint == 'till' and metric == 'contacts'")
    assert shown["estimate"].isna().all()
    bundle = result.provenance(RunParams())._repr_mimebundle_()[MIME]
    rows = [
        r for r in bundle["findings"] if r["touchpoint"] == "till" and r["metric"] == "contacts_per_customer"
    ]
    assert [r["estimate"] for r in rows] == [None]
    again = most_repeated(result)
    assert again is not None
    assert again.touchpoint == "page"  # the till repeats as much, on one customer
    assert "n &lt; 10" in result.show("inventory")._repr_html_()


def test_headlines_say_the_numbers_of_the_table(shop: Made) -> None:
    rows = crowd(40) + [(f"c{i}", "paid", "2025-01-05T10:00", "app") for i in range(30)]
    result = shop(rows, flag=5)
    again, move = most_repeated(result), most_frequent_move(result)
    assert again is not None
    assert move is not None
    assert weakest(result) is None  # one rated touchpoint is no ranking
    assert (move.option, move.comparison, move.estimate) == ("mail", "app", 30 / 70)
    told = [finding.estimate for finding in result.headlines()]
    assert told == [again.estimate, move.estimate]
    text = result.explain("long")
    assert "Page is repeated most: 25% of the contacts" in text  # 20 second reads among 80 contacts
    assert "From mail to App" in text


def test_settings_change_the_definition(shop: Made) -> None:
    base = shop()
    assert base.definition_hash == shop().definition_hash
    assert base.definition_hash != shop(gap="1 day").definition_hash
    assert base.definition_hash != shop(channels="declared").definition_hash


def test_a_segment_bounds_the_customers(shop: Made) -> None:
    people = pd.DataFrame({"customer_id": ["ann", "bob", "eve"], "region": ["KR", "JP", "JP"]})
    result = shop(tables={"customers": people}, segment="region=JP")
    assert value(result, "reach", "n", touchpoint="page") == 2
    assert value(result, "customers_reached", touchpoint="till") == 0
    assert json.dumps(result.settings["segment"]) == '"region=JP"'


THREE = "".join(QUESTION.replace("page", name) for name in ("page", "till", "parcel"))


def test_weakest_is_sought_among_what_most_customers_meet(shop: Made) -> None:
    """The parcel satisfies one of forty, but few get one; of the other two, the till satisfies fewer."""
    rows = crowd(40) + [(f"c{i}", "started", "2025-01-02T10:00", "app") for i in range(30)]
    rows += [(f"c{i}", "delivered", "2025-01-05T10:00", "app") for i in range(6)]
    half, third = [5, 1] * 20, [5, 1, 1, 1] * 10
    given = pd.DataFrame(
        {"respondent_id": range(40), "tp_page": half, "tp_till": third, "tp_parcel": [1] * 39 + [5]}
    )
    result = shop(rows, more=THREE, tables={"responses": given}, flag=5)
    weak = weakest(result)
    assert weak is not None
    assert (weak.touchpoint, weak.estimate) == ("till", 0.25)
    first = result.headlines()[0]
    assert first.alert
    assert "Till satisfies fewest people among the touchpoints that most customers meet; 75%" in str(
        first.sentence
    ).replace("**", "")
    drawn = [row.label for row in result.plot().sketch.rows if row.strong]
    assert drawn == ["Till"]
