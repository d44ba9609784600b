"""Retention counted with fingers; what is open, small or refused; what readers see."""

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

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.retention import RetentionParams, retention
from journey_lib.measures.retention.result import FIGURES, PARTS, RetentionResult
from journey_lib.present.bundle import MIME
from journey_lib.study.load import load_study, quick_study

SHOP = """
id = "shop"
title = {{ en = "A shop", ko = "가게" }}
language = "{lang}"
time_zone = "{zone}"
currency = "KRW"
[thresholds]
min_cell = {cell}
flag_cell = {flag}
[window]
start = {start}
end = {end}
[journey]
stages = [
  {{ id = "look", label = {{ en = "Look", ko = "보기" }}, enter = ["seen"] }},
  {{ id = "purchase", label = {{ en = "Purchase", ko = "구매" }}, enter = ["paid"] }},
]
[sources.events]
file = "events.csv"
numbers = ["value"]
{sources}
"""
# Ann buys in January and comes back in February and March; Bob buys in January and never comes back; Eve
# buys in February and looks again in the same month; Kim only looks.
STORY = [
    ("ann", "seen", "2025-01-01T10:00", 0),
    ("ann", "paid", "2025-01-10T10:00", 100),
    ("ann", "paid", "2025-02-20T10:00", 50),
    ("ann", "seen", "2025-03-05T10:00", 0),
    ("bob", "paid", "2025-01-31T23:30", 80),
    ("eve", "paid", "2025-02-03T10:00", 30),
    ("eve", "seen", "2025-02-09T10:00", 0),
    ("kim", "seen", "2025-01-02T10:00", 0),
]
Made = Callable[..., RetentionResult]


def maker(folder: Path) -> Made:
    """Return what makes the report of a few typed events."""

    def make(
        rows: Sequence[tuple[Any, ...]] = STORY,
        *,
        columns: tuple[str, ...] = ("customer_id", "event", "time", "value"),
        tables: Mapping[str, pd.DataFrame] | None = None,
        lang: str = "en",
        zone: str = "Asia/Seoul",
        cell: int = 1,
        flag: int = 1,
        start: str = "2025-01-01",
        end: str = "2025-03-31",
        segment: str = "",
        **options: Any,
    ) -> RetentionResult:
        sources = []
        for name, frame in (tables or {}).items():
            frame.to_csv(folder / f"{name}.csv", index=False)
            sources.append(f'[sources.{name}]\nfile = "{name}.csv"')
        pd.DataFrame(rows, columns=list(columns)).to_csv(folder / "events.csv", index=False)
        text = SHOP.format(
            lang=lang, zone=zone, cell=cell, flag=flag, start=start, end=end, sources="\n".join(sources)
        )
        (folder / "study.toml").write_text(text, encoding="utf-8")
        return retention(*load_study(folder, segment=segment), **options)

    return make


@pytest.fixture
def shop(tmp_path: Path) -> Made:
    return maker(tmp_path)


def value(result: RetentionResult, metric: str, column: str = "estimate", **where: str) -> float:
    """Return one exact number of the table; by default of all cohorts and customers."""
    rows = result.table
    for name, word in ({"metric": metric, "group": "", "wave": "", "comparison": ""} | where).items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {metric} {where}"
    return float(rows[column].iloc[0])


def crowd(months: Mapping[str, tuple[int, int]], **more: str) -> list[tuple[Any, ...]]:
    """Return customers of each month, some of whom come back in the month after."""
    rows: list[tuple[Any, ...]] = []
    for month, (size, back) in months.items():
        later = (pd.Timestamp(month) + pd.DateOffset(months=1)).strftime("%Y-%m")
        for at in range(size):
            who = f"{month}-{at}"
            rows.append((who, "paid", f"{month}-05T10:00", 10))
            rows += [(who, "seen", f"{later}-15T10:00", 0)] if at < back else []
    return rows


def check(result: RetentionResult, name: str) -> Any:
    return next(one for one in result.checks if one.name == name)


# Counted by hand


def test_a_triangle_by_month(shop: Made) -> None:
    wide = shop().triangle
    assert wide.index.tolist() == ["2025-01", "2025-02"]
    assert wide.loc["2025-01"].tolist() == [2, 1, 0.5, 0.5]  # n, then months 0, 1 and 2: Ann in both
    assert wide.loc["2025-02"].tolist()[:3] == [1, 1, 0]  # Eve never came in March: that is 0, not missing
    assert math.isnan(wide.loc["2025-02", 2])


def test_a_mean_weighs_cohorts_by_their_members(shop: Made) -> None:
    result = shop()
    assert value(result, "retained", option="1") == pytest.approx(1 / 3)  # Ann of Ann, Bob and Eve; not 1/4
    assert value(result, "retained", "n", option="1") == 3
    # R 4.2: prop.test(1, 3, correct = FALSE)$conf.int  0.06149194472 0.79234039920
    assert value(result, "retained", "ci_low", option="1") == pytest.approx(0.06149194472, rel=1e-9)
    assert value(result, "retained", "ci_high", option="1") == pytest.approx(0.79234039920, rel=1e-9)
    assert value(result, "retained", option="2") == 0.5  # only January's cohort was observed to the end
    assert value(result, "members", wave="2025-02") == 1


def test_a_period_that_is_not_over_is_missing_with_its_reason_and_in_no_mean(shop: Made) -> None:
    result = shop(end="2025-03-30")
    rows = result.table.query("metric == 'retained' and wave != ''").set_index(["wave", "option"])
    assert rows.loc[("2025-02", "1"), ["n", "note"]].tolist() == [0, "incomplete"]
    assert math.isnan(rows.loc[("2025-02", "1"), "estimate"])
    assert value(result, "retained", "n", option="1") == 2
    assert math.isnan(value(result, "retained", option="2"))
    counts = result.counts.set_index(["cohort", "period"])
    assert counts.loc[("2025-02", "1"), ["members", "followed", "retained", "complete"]].tolist() == [
        1,
        0,
        0,
        False,
    ]


def test_the_calendar_is_that_of_the_study(shop: Made) -> None:
    """Bob pays at 23:30 of January's last day in Seoul, which is January in UTC too, but not in Auckland."""
    late = [("bob", "paid", "2025-01-31T23:30:00+09:00", 1), ("eve", "paid", "2025-02-01T08:00:00+09:00", 1)]
    assert shop(late).triangle["n"].to_dict() == {"2025-01": 1, "2025-02": 1}
    assert shop(late, zone="UTC").triangle["n"].to_dict() == {"2025-01": 2}  # Eve pays at 23:00 of 31 January
    assert shop(late, zone="Pacific/Auckland").triangle["n"].to_dict() == {"2025-02": 2}
    told = str(check(shop(late), "time_zone").text)
    assert (
        told
        == "1 customer (50.0%) would be in another cohort if the calendar hung in UTC instead of Asia/Seoul."
    )


def test_rolling_periods_begin_with_the_own_entry(shop: Made) -> None:
    rows = [row for row in STORY if row[0] != "bob"]
    wide = shop(rows, cohort="rolling").triangle
    # Ann's own month 1 is 9 February to 11 March: both her returns lie in it. Month 2 of hers is not over.
    assert wide.loc["2025-01"].tolist()[:3] == [1, 1, 1]
    assert math.isnan(wide.loc["2025-01", 2])


def test_rolling_cells_wait_for_the_last_member(shop: Made) -> None:
    rows = [("ann", "paid", "2025-01-10T10:00", 1), ("bob", "paid", "2025-01-31T23:30", 1)]
    counts = shop(rows, cohort="rolling").counts.set_index(["cohort", "period"])
    # 31 January 23:30 and 60 days is 1 April 23:30, after the log; 10 January and 60 days is 11 March.
    assert counts.loc[("2025-01", "1"), ["members", "followed", "complete"]].tolist() == [2, 1, False]
    assert counts.loc[("2025-01", "0"), ["members", "followed", "complete"]].tolist() == [2, 2, True]


def test_on_or_after_and_brackets(shop: Made) -> None:
    later = shop(mode="on_or_after").triangle
    assert later.loc["2025-01"].tolist() == [2, 1, 0.5, 0.5]
    assert check(shop(mode="on_or_after"), "unequal_time").status == "watch"
    weeks = shop(unit="week", mode="bracket", brackets=["1-5", "6-9"]).triangle
    # Ann pays in the week of 6 January; 20 February is 6 weeks later, 5 March 8 weeks.
    assert weeks.loc["2025-01-06"].tolist() == [1, 0, 1]
    assert weeks.columns.tolist() == ["n", "1-5", "6-9"]


def test_entry_and_return_may_be_other_events(shop: Made) -> None:
    looked = shop(entry="seen", back=["paid"]).triangle
    # Ann and Kim look in January, Eve in February after she paid; only Ann pays later, in both months.
    assert looked.loc["2025-01"].tolist() == [2, 0.5, 0.5, 0]
    assert looked.loc["2025-02"].tolist()[:3] == [1, 0, 0]
    again = shop(back=["purchase"])
    assert again.plan.back.events == ("paid",)
    assert again.triangle.loc["2025-01"].tolist() == [2, 1, 0.5, 0]


def test_the_entry_is_the_purchase_of_the_journey_or_what_is_named(shop: Made) -> None:
    assert shop().plan.entry.events == ("paid",)
    assert value(shop(), "members") == 3
    assert value(shop(entry="any"), "members") == 4
    assert value(shop(entry="look"), "members") == 3
    assert value(shop(entry="paid|seen"), "members") == 4
    assert "first event" in shop(entry="any").who()._repr_html_()
    study, data = quick_study(
        events=pd.DataFrame(STORY, columns=["customer_id", "event", "time", "value"]), journey=["seen"]
    )
    assert retention(study, data).plan.entry.events == ()  # no stage that makes a customer: the first event


def test_active_periods(shop: Made) -> None:
    rows = shop().table.query("metric == 'active_periods'").set_index("option")
    assert rows["estimate"].to_dict() == {"0": 0.5, "1": 0.0, "2": 0.5}  # Bob never, Ann twice; Eve is open
    assert set(rows["n"]) == {2}
    assert "active_periods" not in set(shop(mode="bracket", unit="week").table["metric"])


def test_values_per_member(shop: Made) -> None:
    result = shop(value="value")
    first = {"wave": "2025-01", "option": "0"}
    assert value(result, "value_per_member", **first) == 90.0  # 100 and 80
    assert value(result, "value_per_member", "std_error", **first) == pytest.approx(10.0)
    assert value(result, "value_per_member", option="1") == pytest.approx(50 / 3)  # Ann's 50 of three members
    assert "KRW" in result.show("value")._repr_html_()


def test_other_readings(shop: Made) -> None:
    result = shop(back=["seen"])
    readings = result.table.query("metric == 'other_reading'").set_index("comparison")["estimate"]
    assert readings.dropna().to_dict() == pytest.approx({"any": 1 / 3, "again": 1 / 3})
    assert value(result, "retained", option="1") == 0.0  # nobody looked in the month after
    assert check(result, "definitions").status == "watch"


# Comparisons


def test_a_cohort_that_stands_out_leads_and_is_drawn_in_red(shop: Made) -> None:
    rows = crowd({"2025-01": (200, 100), "2025-02": (200, 98), "2025-03": (200, 40), "2025-04": (200, 102)})
    result = shop(rows, end="2025-05-31", flag=30, cell=10)
    gap = result.table.query("metric == 'cohort_difference' and wave == '2025-03'").iloc[0]
    assert gap["estimate"] == pytest.approx(40 / 200 - 300 / 600)
    assert gap["p_value"] < 0.001
    first, second = result.headlines()[:2]
    assert str(first.sentence) == "42% came back in month 1 after their first purchase; 58% did not."
    assert (
        str(second.sentence)
        == "Of the Mar 2025 cohort 30.0 points fewer came back in month 1 than of the others."
    )
    assert second.alert
    assert str(result.plot().title).startswith("Of the Mar 2025 cohort")
    assert [cell.alert for row in result.plot().sketch.rows for cell in row.cells].count(True) == 1
    assert any("Look for what was different in Mar 2025" in str(words) for words in result.meanings())


def test_a_steady_fall_is_a_trend(shop: Made) -> None:
    falls = {f"2025-{at:02}": (400, 240 - 12 * at) for at in range(1, 9)}
    result = shop(crowd(falls), end="2025-09-30", flag=30, cell=10)
    slope = result.table.query("metric == 'cohort_trend'").iloc[0]
    assert slope["estimate"] == pytest.approx(-0.21)  # seven steps of 12 / 400
    assert slope["p_value"] < 0.001


def test_a_small_trend_leads_where_no_cohort_stands_out_and_a_tiny_one_never(shop: Made) -> None:
    def said(step: int) -> list[str]:
        months = {f"2025-{at:02}": (2000, 1000 - 2 * step * at) for at in range(1, 7)}
        result = shop(crowd(months), end="2025-07-31", flag=30, cell=10)
        assert result.table.query("metric == 'cohort_difference'")["p_value"].min() > 0.05
        return [str(finding.sentence) for finding in result.headlines()]

    assert said(8)[1] == "Fewer came back in month 1: from Jan 2025 to Jun 2025 the share fell by 4.0 points."
    assert "fell" not in " ".join(said(3))


def test_equal_cohorts_do_not_stand_out(shop: Made) -> None:
    result = shop(
        crowd({f"2025-{at:02}": (200, 100 + at % 3) for at in range(1, 6)}), end="2025-06-30", flag=30
    )
    assert str(result.plot().title) == "51% came back in month 1; no cohort stands out"
    assert not any(f.alert or f.signed for f in result.headlines())


def test_groups_are_compared_with_the_largest(shop: Made) -> None:
    rows = crowd({"2025-01": (300, 150)})
    region = ["KR" if at < 100 else "JP" for at in range(300)]
    people = pd.DataFrame({"customer_id": [f"2025-01-{at}" for at in range(300)], "region": region})
    result = shop(rows, tables={"customers": people}, by="region", flag=30, cell=10, end="2025-02-28")
    assert value(result, "retained", group="KR", option="1") == 1.0
    assert value(result, "retained", group="JP", option="1") == 0.25
    gap = result.table.query("metric == 'group_difference'").iloc[0]
    assert gap[["group", "comparison"]].tolist() == ["KR", "JP"]
    assert gap["estimate"] == 0.75
    assert "KR came back more often" in str(result.headlines()[1].sentence)


PEOPLE = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["paid", "seen"]), st.integers(0, 88)),
    min_size=1,
    max_size=25,
)


@given(
    PEOPLE,
    st.lists(st.sampled_from(["a", "b", ""]), min_size=7, max_size=7),
    st.sampled_from(["calendar", "rolling"]),
)
@settings(max_examples=15, deadline=None)
def test_groups_and_unknown_add_up_to_the_total(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], plans: list[str], cohort: str
) -> None:
    make = maker(tmp_path_factory.mktemp("law"))
    rows = [
        (f"c{who}", name, str(pd.Timestamp("2025-01-01") + pd.Timedelta(days=day)), 1)
        for who, name, day in drawn
    ]
    people = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(6)], "plan": plans[:6]}
    )  # c6 is in no table
    if not set(plans[:6]) - {""}:
        return
    result = make(rows, tables={"customers": people}, by="plan", entry="any", cohort=cohort)
    whole = make(rows, tables={"customers": people}, entry="any", cohort=cohort)
    keys = ["cohort", "period"]
    columns = ["members", "followed", "retained"]
    parts = result.counts.groupby(keys)[columns].sum()
    assert parts.loc[parts.index].equals(whole.counts.set_index(keys)[columns].loc[parts.index])
    members = result.table.query("metric == 'members' and wave == ''").set_index("group")["estimate"]
    assert members.drop("").sum() == members[""]


@given(st.permutations(STORY))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_changes_nothing(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    make = maker(tmp_path_factory.mktemp("order"))
    assert make(rows, value="value").table.equals(make(STORY, value="value").table)


# Bad input


def test_a_study_without_events_is_refused() -> None:
    study, data = quick_study(responses=pd.DataFrame({"q": [1.0]}), questions={"q": "rating"})
    with pytest.raises(DataError, match="retention: needs the table 'events'"):
        retention(study, data)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"entry": "payd"}, "entry: the log holds no event 'payd'.*Did you mean 'paid'"),
        ({"back": ["paid", "sen"]}, "back: the log holds no event 'sen'.*Did you mean 'seen'"),
        ({"unit": "quarter"}, "unit: 'quarter'.*day, week, month"),
        ({"cohort": "roling"}, "Did you mean 'rolling'"),
        ({"mode": "after"}, "on, on_or_after, bracket"),
        ({"mode": "bracket", "brackets": ["3-1"]}, 'such as "1-3"'),
        ({"mode": "bracket", "brackets": ["1-3", "3-4"]}, "some overlap or stand in another order"),
        ({"mode": "bracket", "brackets": ["0"]}, "none after period 0"),
        ({"brackets": ["1-3"]}, "Set mode = bracket"),
        ({"periods": 0}, "periods: 0.*1 to 60"),
        ({"by": "regon"}, "no column 'regon'"),
        ({"by": "value"}, "'value' holds numbers"),
        ({"value": "valu"}, "the events hold no numbers 'valu'.*Did you mean 'value'"),
        ({"visitors": "some"}, "visitors: 'some'"),
        ({"back": "paid"}, r"'back': \"paid\" \(str\)\. Allowed: a list of texts"),
    ],
)
def test_bad_arguments_are_refused(shop: Made, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParamError, match=words):
        shop(**options)


def test_everything_wrong_is_said_at_once(shop: Made) -> None:
    with pytest.raises(ParamError) as caught:
        shop(entry="x", unit="year", by="y", value="z")
    assert [problem.where for problem in caught.value.items] == ["unit", "entry", "by", "value"]


def test_an_unknown_kind_is_refused(shop: Made) -> None:
    for call in (shop().plot, shop().show):
        with pytest.raises(ParamError, match="'pie'"):
            call(kind="pie")
    with pytest.raises(ParamError, match="holds nothing for the figure 'groups'"):
        shop().plot(kind="groups")


def test_a_log_too_short_for_a_period_fails_a_check_and_says_nothing(shop: Made) -> None:
    result = shop(STORY[:2], end="2025-01-20")
    assert check(result, "open_cells").status == "failed"
    assert result.headlines() == result.meanings() == ()
    assert result.table.query("metric == 'retained' and option == '1' and wave == ''")["note"].tolist() == [
        "no_complete"
    ]
    assert "No period after the first one" in result.show("curve")._repr_html_()


def test_nobody_enters(shop: Made) -> None:
    rows = [("ann", "seen", "2025-01-03", 1), ("bob", "paid", "2025-05-01", 1)]
    result = shop(rows, entry="paid")
    assert check(result, "cohorts").status == "failed"
    assert value(result, "members") == 0
    assert all("lang" in result.show(kind)._repr_html_() for kind in PARTS)


# What could be wrong


def test_checks_speak_with_numbers(shop: Made) -> None:
    rows = crowd({"2025-01": (90, 40), "2025-02": (30, 12), "2025-03": (29, 12), "2025-04": (30, 10)})
    result = shop(rows, end="2025-05-31", flag=30, cell=10)
    assert check(result, "first_cohort").status == "watch"
    assert "Jan 2025 has 90 members, the median of the later cohorts is 30." in str(
        check(result, "first_cohort").text
    )
    assert check(result, "thin_cohorts").status == "watch"
    assert str(check(result, "thin_cohorts").text).startswith("Fewer than 30 members: 1 of 4 cohorts.")
    assert "rests on 1 of 4 cohorts" in str(check(result, "open_cells").text)
    assert check(result, "open_cells").status == "watch"


def test_a_change_of_cohorts_under_the_curve_is_told(shop: Made) -> None:
    rows = crowd({"2025-01": (200, 180), "2025-02": (200, 100), "2025-03": (200, 60), "2025-04": (200, 60)})
    mixed = check(shop(rows, end="2025-05-31", flag=30), "cohort_mix")
    assert mixed.status == "watch"
    assert "50.0% of all cohorts came back, but 90.0% of the older cohorts that month 4 rests on" in str(
        mixed.text
    )


# What readers see


def test_small_cohorts_are_masked_everywhere(shop: Made) -> None:
    rows = crowd({"2025-01": (40, 20), "2025-02": (7, 3), "2025-03": (35, 10)})
    result = shop(rows, end="2025-04-30", flag=30, cell=10)
    small = result.masked.query("wave == '2025-02' and n != 0")
    assert small["estimate"].isna().all()
    assert set(small["note"]) <= {"masked", "incomplete"}
    beside = result.masked.query("metric == 'members' and wave == '2025-03'")
    assert beside["note"].tolist() == ["withheld"]  # 82 − 40 − 35 would give the small one away
    html = "".join(result.show(kind)._repr_html_() for kind in PARTS)
    assert "n &lt; 10" in html
    assert ">7<" not in html
    labels = {row.label: row.n for row in result.plot().sketch.rows}
    assert labels["Jan 2025"] == "40"
    assert labels.get("Feb 2025", "< 10") == "< 10"


def test_every_part_speaks_both_languages(shop: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey_lib.present.charts.Plot.data_uri", lambda self, narrow=False: "data:,")
    rows = crowd({f"2025-{at:02}": (60, 40 - 5 * at) for at in range(1, 6)})
    people = pd.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "region": ["KR", "JP"] * (len(rows) // 2) + ["KR"] * (len(rows) % 2),
        }
    )
    people = people.drop_duplicates("customer_id")
    for lang, word in (("en", "Cohort"), ("ko", "코호트")):
        for options in (
            {"by": "region", "value": "value"},
            {"mode": "bracket", "brackets": ["1", "2-3"]},
            {"mode": "on_or_after", "cohort": "rolling"},
            {"unit": "week"},
            {"unit": "day"},
        ):
            result = shop(
                rows, lang=lang, tables={"customers": people}, end="2025-06-30", flag=30, cell=10, **options
            )
            pages = {kind: result.show(kind)._repr_html_() for kind in PARTS}
            assert word in pages["triangle"]
            assert all(f'lang="{lang}"' in page for page in pages.values())
            said = "\n".join([result.explain("long"), *(result.show(kind).text for kind in PARTS)])
            said += "".join(str(d.say(lang)) for _, d in result.basis.lines)
            assert "{" not in said
            assert lang == "en" or " came back" not in said + "".join(pages.values())
    drawn = shop(rows, tables={"customers": people}, end="2025-06-30", by="region", flag=30, cell=10)
    for kind in FIGURES:
        plot = drawn.plot(kind=kind)
        assert len(plot.alternative()) <= 250
        assert plot.png(narrow=True)[:4] == plot.png()[:4] == b"\x89PNG"


def test_what_travels_to_the_page(shop: Made) -> None:
    rows = crowd({"2025-01": (60, 30), "2025-02": (60, 30)})
    result = shop(rows, end="2025-03-31", flag=30, cell=10)
    bundle = result.provenance(RetentionParams())._repr_mimebundle_()[MIME]
    assert bundle["stem"] == bundle["evidence"] == "retention"
    assert bundle["headline"] == "50% came back in month 1 after their first purchase; 50% did not."
    assert bundle["stages"] == ["purchase"]
    assert {row["kind"] for row in bundle["findings"]} == {"retention"}
    json.dumps(bundle)
    other = shop(rows, end="2025-03-31", back=["seen"])
    assert other.definition_hash != result.definition_hash


def test_a_segment_is_another_base(shop: Made) -> None:
    people = pd.DataFrame({"customer_id": ["ann", "bob", "eve"], "region": ["KR", "JP", "KR"]})
    result = shop(tables={"customers": people}, segment="region=KR")
    assert result.triangle["n"].tolist() == [1, 1]
    assert result.settings["segment"]
