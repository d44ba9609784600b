"""The monitor: the planted fault at its place and time, silence elsewhere, what is new since last time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from journey_lib.errors import ParamError
from journey_lib.measures.monitor import monitor
from journey_lib.measures.monitor.result import MonitorResult
from journey_lib.publish.ledger import COLUMNS
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study
from tests.measures.test_journey_map import EMPTY

WEEKS = 14


def shop(fall: int | None = None, rate: float = 0.8, low: float = 0.3) -> tuple[Study, Data]:
    """Return a shop with 60 carts a week, of which a fixed share is paid; less in the week of the fall."""
    rows = []
    for week in range(WEEKS):
        paid = round(60 * (low if week == fall else rate))
        for n in range(60):
            who, at = f"c{week}-{n}", pd.Timestamp("2025-01-06") + pd.Timedelta(weeks=week, hours=n)
            rows.append((who, "cart", at))
            if n < paid:
                rows.append((who, "paid", at + pd.Timedelta(hours=1)))
    frame = pd.DataFrame(rows, columns=["customer_id", "event", "time"])
    return quick_study(events=frame, journey=["cart", "paid"])


def test_a_fall_is_found_in_its_week_and_nowhere_else() -> None:
    found = monitor(*shop(fall=11), window="2 days")
    assert [(a.series.name, a.period, a.latest) for a in found.alerts] == [
        ("stage:cart", "2025-03-24", False)
    ]
    alert = found.alerts[0]
    assert (alert.rate, alert.expected) == (pytest.approx(0.3), pytest.approx(0.8))


def test_a_flat_shop_is_silent() -> None:
    found = monitor(*shop(), window="2 days")
    assert found.alerts == ()
    assert found.headlines() == ()
    assert "nothing moved beyond noise" in str(found.show("alerts"))


def test_the_newest_whole_week_is_the_latest() -> None:
    found = monitor(*shop(fall=12), window="2 days", as_of="2025-04-08")
    assert [(a.period, a.latest) for a in found.alerts] == [("2025-03-31", True)]
    assert found.headlines()[0].alert


def test_a_week_whose_window_has_not_passed_is_not_judged() -> None:
    found = monitor(*shop(fall=12), window="2 days", as_of="2025-04-07")
    assert found.alerts == ()


def test_a_change_counts_by_points_or_by_a_tenth() -> None:
    study, data = shop(fall=11)
    assert (
        monitor(study, data, window="2 days", least=0.6).alerts != ()
    )  # a tenth of what is expected counts too
    large = monitor(study, data, window="2 days", least=0.6).alerts[0]
    assert abs(large.gap) >= 0.1 * large.expected


def test_fewer_periods_than_a_past_needs_are_not_assessable() -> None:
    found = monitor(*shop(fall=6), window="2 days", as_of="2025-02-23")
    assert found.alerts == ()
    assert next(c for c in found.checks if c.name == "baseline").status == "not_assessable"


def test_a_hollow_log_keeps_its_alerts_out_of_the_summary() -> None:
    moments = [pd.Timestamp("2025-01-06") + pd.Timedelta(hours=n * 2.8) for n in range(60 * WEEKS)]
    moments += [pd.Timestamp("2025-04-14") + pd.Timedelta(hours=n) for n in range(12)]
    ids = [f"c{n}" for n in range(len(moments))]
    log = pd.DataFrame({"customer_id": ids, "event": "cart", "time": moments})
    last = pd.DataFrame({"customer_id": ["z"], "event": ["cart"], "time": [pd.Timestamp("2025-04-21")]})
    study, data = quick_study(events=pd.concat([log, last]), journey=["cart", "paid"])
    found = monitor(study, data, window="2 days")
    assert next(c for c in found.checks if c.name == "volume").status == "failed"
    assert found.headlines() == ()


def ledger_of(found: MonitorResult, study: Study) -> pd.DataFrame:
    rows = found.findings()
    about = {"run_id": "monitor-1", "as_of": "2025-04-01", "study": study.id, "stem": "monitor"}
    about |= {"params": "{}", "definition_hash": found.definition_hash}
    return pd.DataFrame([EMPTY | row | about for row in rows.to_dict("records")])[list(COLUMNS)]


def test_what_the_last_run_knew_is_not_new() -> None:
    study, data = shop(fall=11)
    first = monitor(study, data, window="2 days")
    again = monitor(study, data, ledger_of(first, study), window="2 days")
    assert again.before.alerts == {("stage:cart", "", "2025-03-24")}
    assert "known" in again.show("past").inner
    assert next(c for c in again.checks if c.name == "late").status == "passed"


def test_events_that_came_late_are_told() -> None:
    study, data = shop(fall=11)
    before = ledger_of(monitor(study, data, window="2 days"), study)
    before.loc[(before["wave"] == "2025-02-03") & (before["metric"] == "rate"), "n"] = 55.0
    check = next(c for c in monitor(study, data, before, window="2 days").checks if c.name == "late")
    assert check.status == "watch"
    assert "2025-02-03" in check.text.say("en")


def test_another_definition_starts_a_new_series() -> None:
    study, data = shop(fall=11)
    before = ledger_of(monitor(study, data, window="2 days"), study)
    assert monitor(study, data, before, window="3 days").before.as_of == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "wek"}, "Did you mean 'week'"),
        ({"by": "regoin"}, "no column 'regoin'"),
        ({"window": "14"}, "window"),
    ],
)
def test_wrong_words_are_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(ParamError, match=words):
        monitor(*shop(), **options)  # type: ignore[arg-type]


def test_the_planted_fault_is_found_in_korea_in_its_two_weeks_and_nowhere_else(
    planted: tuple[Study, Data, dict[str, Any]],
) -> None:
    found = monitor(*planted[:2])
    failed = {(a.series.group, a.period) for a in found.alerts if a.series.name.startswith("payment_failed")}
    assert {("KR", "2025-09-08"), ("KR", "2025-09-15")} <= failed
    assert {group for group, _ in failed} == {"", "KR"}
    assert {period for _, period in failed} == {"2025-09-08", "2025-09-15"}
    assert {a.series.touchpoint for a in found.alerts} == {"payment"}


def test_a_run_in_the_middle_of_the_fault_sees_it_as_the_newest(
    planted: tuple[Study, Data, dict[str, Any]],
) -> None:
    found = monitor(*planted[:2], as_of="2025-09-14")
    assert {(a.series.group, a.period) for a in found.latest} >= {("KR", "2025-09-08")}
    assert monitor(*planted[:2], as_of="2025-08-31").latest == ()


def two_regions(*, more_of: str = "", worse: bool = False) -> tuple[Study, Data]:
    """Return a shop of two regions, one paying 8 in 10, one 2 in 10; week 11 has another mix or behaviour."""
    rows, regions = [], {}
    for week in range(WEEKS):
        for region, share in (("north", 0.8), ("south", 0.2)):
            odd = week == 11
            size = 60 if not (odd and more_of) else 100 if region == more_of else 20
            paid = round(size * (share / 4 if odd and worse else share))
            for n in range(size):
                who, at = (
                    f"{region}{week}-{n}",
                    pd.Timestamp("2025-01-06") + pd.Timedelta(weeks=week, hours=n),
                )
                regions[who] = region
                rows.append((who, "cart", at))
                if n < paid:
                    rows.append((who, "paid", at + pd.Timedelta(hours=1)))
    events = pd.DataFrame(rows, columns=["customer_id", "event", "time"])
    customers = pd.DataFrame({"customer_id": list(regions), "region": list(regions.values())})
    return quick_study(events=events, customers=customers, journey=["cart", "paid"])


def test_other_customers_are_told_from_other_behaviour() -> None:
    """By hand: 20 at 80% and 100 at 20% pay 30% instead of 50%; a quarter of both pays 12.5% instead."""
    mixed = monitor(*two_regions(more_of="south"), window="2 days").show("parted")
    assert "Who came moved, not behaviour: 20 of 20 points" in mixed.inner
    assert "−20.0" in mixed.inner
    worse = monitor(*two_regions(worse=True), window="2 days").show("parted")
    assert "Behaviour moved, not who came: 38 of 38 points" in worse.inner  # 15 of 120 instead of 60
    assert monitor(*two_regions(), window="2 days").show("parted").empty
    assert "choose a column" in str(monitor(*shop(fall=11), window="2 days").show("parted"))


def test_what_is_new_since_the_last_run_is_said_with_late_periods() -> None:
    study, data = shop(fall=11)
    first = monitor(study, data, window="2 days")
    assert "first run" in first.show("since").inner
    before = ledger_of(first, study)
    before.loc[(before["wave"] == "2025-02-03") & (before["metric"] == "rate"), "n"] = 55.0
    quiet = before[before["metric"] != "alert"]
    said = str(monitor(study, data, quiet, window="2 days").show("since").inner)
    assert "new alerts: 1; no longer there: 0" in said
    assert "2025-02-03" in said
    assert "No report has an earlier run" in said


def test_numbers_of_other_reports_that_moved_are_listed_and_lead_to_them() -> None:
    study, data = shop()
    about = {"study": study.id, "stem": "survey", "params": "{}", "lang": "en", "unit": "share",
             "stage": "cart", "metric": "top2", "report": "survey.html", "std_error": 0.01}  # fmt: skip
    runs = [EMPTY | about | {"run_id": f"survey-{at}", "as_of": f"2025-0{at}-01", "estimate": value}
            for at, value in ((1, 0.6), (2, 0.5))]  # fmt: skip
    found = monitor(study, data, None, pd.DataFrame(runs), window="2 days")
    table = found.show("since").inner
    assert "1 of 1 numbers moved beyond noise since 2025-01-01." in table
    for cell in ("60%", "50%", "−10 points", "7.1"):
        assert cell in table
    home = found.home_fragment("monitor.html")
    assert '<a href="monitor.html">What moved</a>' in home
    assert (
        '<a href="survey.html">Cart · Share satisfied (top 2)</a><small>−10 points since 2025-01-01' in home
    )
    assert "In the newest period nothing moved beyond noise." in home


def test_an_alert_of_today_leads_the_home_page() -> None:
    home = monitor(*shop(fall=12), window="2 days", as_of="2025-04-08").home_fragment("m.html")
    assert "50 points below its past, 2025-03-31" in home
    assert "nothing moved" not in home
