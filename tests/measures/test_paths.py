"""The report on paths on logs that can be counted with fingers, its limits, and what its page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.paths import paths
from journey_lib.measures.paths.bands import backward, forward
from journey_lib.measures.paths.result import FIGURES, MATRICES, PARTS, PathsResult
from journey_lib.study.load import quick_study
from journey_lib.study.params import RunParams
from tests.present.test_blocks import Page

JOURNEY = ["see", "try", "buy"]
START = pd.Timestamp("2025-01-01", tz="UTC")


def log(*walks: str, until: float = 100.0) -> pd.DataFrame:
    """Write a log: one walk a customer, such as "see 0, try 1.5" with days; a last tick ends the window."""
    rows = []
    for number, walk in enumerate(walks):
        for step in walk.split(", "):
            event, day = step.split()
            rows.append((f"c{number}", event, START + pd.Timedelta(days=float(day))))
    rows.append(("z", "tick", START + pd.Timedelta(days=until)))
    return pd.DataFrame(rows, columns=["customer_id", "event", "time"])


def walked(
    *walks: str, until: float = 100.0, people: dict[str, list[str]] | None = None, **options: Any
) -> PathsResult:
    frames: dict[str, Any] = {"events": log(*walks, until=until), "journey": JOURNEY}
    if people:
        frames["customers"] = pd.DataFrame({"customer_id": [f"c{at}" for at in range(len(walks))], **people})
    return paths(*quick_study(**frames), **options)


def value(result: PathsResult, metric: str, column: str = "estimate", **where: str) -> float:
    wanted = {"metric": metric, "group": "", **where}
    rows = result.table
    for name, word in wanted.items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
    return float(rows[column].iloc[0])


THREE = ("see 0, see 1, try 2, buy 5", "see 0, buy 60, see 61", "try 10, tick 95")


# Counted with fingers


def test_transitions() -> None:
    result = walked(*THREE)
    assert result.transitions("count").values.tolist() == [
        [1, 1, 1, 1, 0],  # see: again, try, buy, and c1's end
        [0, 0, 1, 0, 1],  # try: buy, and c2 who ticked five days before the end
        [1, 0, 0, 1, 0],
        [2, 1, 0, 0, 0],
    ]
    assert result.transitions("share").loc["see"].tolist() == [0.25, 0.25, 0.25, 0.25, 0.0]
    assert result.transitions("customers").loc["START"].tolist() == [2, 1, 0, 0, 0]
    assert result.transitions("median_days").loc["see", "buy"] == 60.0
    assert np.isnan(result.transitions("median_days").loc["see", "END"])
    assert value(result, "transition", stage="see", comparison="buy") == 0.25
    assert value(result, "transition", "n", stage="see", comparison="buy") == 2  # customers, not visits


def test_steps_and_whole_ways_collapse_repeats_and_transitions_do_not() -> None:
    result = walked(*THREE)
    assert result.step_matrix(2).round(3).to_dict("list") == {
        1: [0.667, 0.333, 0.0, 0.0, 0.0],
        2: [0.0, 0.333, 0.333, 0.0, 0.333],
    }
    assert set(result.variants["path"]) == {
        "see > try > buy > END", "see > buy > see > END", "try > OPEN",
    }  # fmt: skip
    every = walked(*THREE, collapse="all")
    assert every.transitions("count").loc["see", "see"] == 0
    assert "see > see > try > buy > END" in set(walked(*THREE, collapse="none").variants["path"])


def test_steps_back_skips_late_starts_and_win_backs() -> None:
    result = walked(*THREE)
    shares = {kind: value(result, kind) for kind in ("back", "skip", "late", "win_back", "astray")}
    thirds = {"back": 1, "skip": 1, "late": 1, "win_back": 1, "astray": 2}  # c0 goes straight
    assert shares == {kind: pytest.approx(n / 3) for kind, n in thirds.items()}
    assert result.loops.to_dict("list") == {
        "node": ["see", "see"], "over": ["", "buy"], "times": [1, 1], "customers": [1, 1],
    }  # fmt: skip


def test_drop_off_waits_until_it_can_tell() -> None:
    result = walked("see 0", "see 0, try 1", "see 90", until=100)
    # The third visit is ten days old: open, and not in the base.
    assert value(result, "dropoff", stage="see") == 0.5
    assert value(result, "dropoff", "n", stage="see") == 2
    assert value(result, "transition", stage="see", comparison="OPEN") == pytest.approx(1 / 3)
    young = walked("see 90", "see 95", until=100).table.query("metric == 'dropoff'")
    assert young["note"].tolist() == ["no_ripe_visit"]
    assert young["estimate"].isna().all()


def test_sessions() -> None:
    minutes = 1 / 1440
    walk = f"see 0, try {30 * minutes}, buy {61 * minutes}"
    result = walked(walk, unit="session", until=1)
    assert sorted(result.variants["path"]) == ["buy > END", "see > try > END"]
    assert walked(walk, unit="session", gap="31 minutes", until=1).variants["path"].tolist() == [
        "see > try > buy > END"
    ]


def test_what_is_taken_out_leaves_no_hole() -> None:
    result = walked(*THREE, ignore=["try"])
    assert result.transitions("count").columns.tolist() == ["see", "buy", "END", "OPEN"]
    assert result.transitions("count").loc["see", "buy"] == 2
    assert walked(*THREE, of="events", ignore=["tick"]).transitions("count").loc["see", "try"] == 1


def test_events_and_touchpoints_as_steps() -> None:
    events = walked(*THREE, of="events")
    assert events.transitions("count").loc["try", "tick"] == 1
    row = events.table.query("metric == 'transition' and option == 'try' and comparison == 'tick'")
    assert row[["stage", "estimate"]].to_numpy().tolist() == [["try", 0.5]]


def test_an_event_that_is_nowhere_in_the_log_gives_zeros() -> None:
    result = paths(*quick_study(events=log("see 0"), journey=["see", "never"]))
    assert result.transitions("count").loc["never"].sum() == 0
    assert np.isnan(result.transitions("share").loc["never", "see"])  # 0 of 0 is not 0


# Groups


def many(n: int, one: str, other: str) -> list[str]:
    return [one] * n + [other] * n


def test_groups_add_up_and_differences_are_found() -> None:
    walks = many(60, "see 0, try 1", "see 0") + many(40, "see 0", "see 0, try 1, buy 2")
    region = ["KR"] * 120 + ["JP"] * 79 + [""]
    result = walked(*walks, people={"region": region}, by="region")
    assert result.walked.groups == ("JP", "KR", "unknown")
    counts = sum(result.transitions("count", group) for group in result.walked.groups)
    assert counts.equals(result.transitions("count"))
    rows = result.table.query("metric == 'transition_difference' and stage == 'try' and comparison == 'buy'")
    rows = rows.set_index("group")
    assert sorted(rows.index) == ["JP", "KR"]  # who is unknown is compared with nobody
    assert rows["estimate"].to_dict() == {"JP": 1.0, "KR": -1.0}
    assert (rows["p_value"] < 0.001).all()
    same = result.table.query("metric == 'transition_difference' and stage == 'see' and comparison == 'try'")
    assert (same["p_value"] > 0.5).all()


def test_a_column_of_the_events_splits_by_the_first_step() -> None:
    frame = log("see 0, try 1", "see 0, buy 1").assign(device=["app", "web", "web", "app", "web"])
    result = paths(*quick_study(events=frame, journey=JOURNEY), by="device")
    assert result.transitions("count", "app").loc["see", "try"] == 1
    assert result.transitions("count", "web").loc["see", "buy"] == 1


# Drivers


def test_drivers_are_read_at_the_landmark_and_the_outcome_after_it() -> None:
    asked = [f"see 0, ask {day}, try 20" for day in np.linspace(0.2, 0.9, 40)]
    silent = ["see 0, tick 20"] * 30 + ["see 0, try 20"] * 10
    late = ["see 0, ask 2, try 20"] * 5
    result = walked(*asked, *silent, *late, outcome="try", landmark="1 day")
    assert value(result, "driver", option="ask", comparison="once") == pytest.approx(1 - 15 / 45)
    assert value(result, "driver_with", "n", option="ask", comparison="once") == 40
    odds = result.table.query("metric == 'driver_odds' and option == 'ask'")
    assert odds["note"].tolist() == ["empty_corner"]
    assert "goes with" in result.explain()
    assert "association" in result.explain("long")


# What is refused


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "user"}, r"unit: 'user'\. Allowed: 'customer', 'session'"),
        ({"of": "stage"}, r"of: 'stage'\. Allowed: .*Did you mean 'stages'"),
        ({"gap": "30"}, r"gap: '30'\. Allowed: a number and a unit"),
        ({"horizon": "0 days"}, "horizon: '0 days'. Allowed: longer than nothing"),
        ({"top": 9}, r"top: 9\. Allowed: 4 to 7"),
        ({"ignore": ["tri"]}, r"ignore: 'tri' is no step and no event.*Did you mean 'try'"),
        ({"by": "plan"}, "by: no column 'plan' in the customers or the events"),
        ({"by": "value"}, "by: 'value' holds numbers"),
        ({"ignore": "try"}, r"'ignore': \"try\" \(str\)\. Allowed: a list of texts"),
        ({"by": "customer_id"}, r"by: 'customer_id' has 4\d values\. Allowed: at most 30"),
        (
            {"outcome": "byu"},
            "outcome: 'byu' is no stage, touchpoint or event of this log.*Did you mean 'buy'",
        ),
        ({"entry": "?"}, "entry: '[?]' is no stage"),
    ],
)
def test_bad_parameters(options: dict[str, Any], words: str) -> None:
    frame = log(*["see 0, try 1, buy 2"] * 40).assign(value=1.0)
    with pytest.raises(ParamError, match=words):
        paths(*quick_study(events=frame, journey=JOURNEY), **options)


def test_all_bad_parameters_at_once() -> None:
    with pytest.raises(ParamError) as caught:
        walked("see 0", unit="x", gap="5", collapse="y", steps=1)
    assert len(caught.value.items) == 4


def test_a_log_without_any_step() -> None:
    with pytest.raises(DataError, match="no event of the log belongs to the stages of the journey"):
        paths(*quick_study(events=log("look 0"), journey=["never"]))
    with pytest.raises(ParamError, match="an event is called 'END', as the ends of a path are"):
        paths(*quick_study(events=log("END 0, see 1"), journey=JOURNEY), of="events")
    with pytest.raises(DataError, match="needs the table 'events'"):
        paths(*quick_study(responses=pd.DataFrame({"q": [1]}), questions={"q": "rating"}))


def test_unknown_words_of_the_accessors() -> None:
    with pytest.raises(ParamError, match="kind: 'shares'"):
        walked(*THREE).transitions("shares")
    with pytest.raises(ParamError, match="group: 'KR'"):
        walked(*THREE).transitions("count", "KR")


# Checks


def statuses(result: PathsResult) -> dict[str, str]:
    return {check.name: check.status for check in result.checks}


def test_checks_say_what_is_wrong() -> None:
    fine = statuses(walked(*["see 0, try 1, buy 2"] * 40))
    wanted = ("open_paths", "tied_transitions", "thin_transitions", "cut_steps", "unused_events")
    assert {name: fine[name] for name in wanted} == dict.fromkeys(wanted, "passed")
    assert statuses(walked("see 0", "see 99"))["open_paths"] == "watch"
    assert statuses(walked("see 0, try 0, buy 1"))["tied_transitions"] == "watch"
    assert statuses(walked(*THREE))["thin_transitions"] == "watch"
    assert statuses(walked("see 0, try 1, buy 2", steps=2))["cut_steps"] == "watch"
    rare = ", ".join(["see 0", *(f"tick {at}" for at in range(1, 60))])
    assert statuses(walked(rare))["unused_events"] == "watch"
    assert statuses(walked(*THREE))["drivers"] == "watch"


def test_how_many_transitions_hang_on_ties() -> None:
    text = next(
        c.text.say("en") for c in walked("see 0, try 0, buy 1").checks if c.name == "tied_transitions"
    )
    assert text.startswith("1 of 2 transitions (50.0%)")


# The page


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing of figures to the tests of figures."""
    monkeypatch.setattr(
        "journey_lib.present.charts.Plot.data_uri", lambda self, narrow=False: "data:image/png,"
    )


def shop(**options: Any) -> PathsResult:
    """Two hundred customers, some of whom step back, and four who do what nobody else does."""
    walks = ["see 0, try 1, buy 2"] * 90 + ["see 0"] * 60 + ["see 0, try 1, see 2, try 3"] * 46
    walks += ["buy 0, see 1, buy 2"] * 4
    return walked(*walks, people={"region": (["KR"] * 2 + ["JP"]) * 66 + ["KR", "US"]}, **options)


def everything(result: PathsResult) -> Iterator[tuple[str, str]]:
    parts = {name: getattr(result, name)() for name in ("opening", "who", "doubts", "meaning")}
    parts |= {kind: result.show(kind) for kind in PARTS} | {"bare": result}
    for name, part in parts.items():
        yield (
            name,
            re.sub(r"<style.*?</style>|base64,[A-Za-z0-9+/=]+", "", part._repr_html_(), flags=re.DOTALL),
        )


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_part_speaks(lang: str) -> None:
    study, data = quick_study(events=log(*["see 0, try 1, buy 2"] * 40, *["see 0"] * 40), journey=JOURNEY)
    result = paths(study.speak(lang), data)
    for name, html in everything(result):
        assert len(Page(html).text) > 20, name
    assert result.provenance(RunParams())._repr_mimebundle_()


@pytest.mark.usefixtures("drawn")
def test_four_customers_can_be_seen_nowhere() -> None:
    result = shop(by="region")
    assert value(result, "transitions", stage="START", comparison="buy") == 4
    masked = result.masked
    rare = masked[(masked["metric"] == "way") & masked["option"].str.startswith("buy")]
    assert rare["note"].tolist() == ["masked"]
    pages = dict(everything(result))
    assert "Buy → See" not in Page(pages["ways"]).text
    assert "Buy → See" not in Page(pages["astray"]).text
    assert "US" not in Page(pages["groups"]).text
    ledger = result.findings()
    assert ledger.loc[(ledger["metric"] == "way") & ledger["option"].str.startswith("buy"), "n"].isna().all()


def test_the_flow_groups_what_is_small_and_loses_nothing() -> None:
    result = shop()
    found = forward(result.walked, 7, 10)
    assert found.columns[0].names == ("see", "OTHER")
    assert found.columns[0].counts == (196, 4)
    assert [sum(column.counts) for column in found.columns] == [200] * len(found.columns)
    back = backward(shop(outcome="buy").walked, 7, 10)
    assert back.total == 94
    assert [sum(column.counts) for column in back.columns] == [94] * len(back.columns)
    assert back.columns[-1].names == ("buy",)


def test_a_step_shows_at_most_so_many_nodes() -> None:
    walks = [f"e{a} 0, e{b} 1, e{c} 2" for a in range(6) for b in range(6) for c in range(6)] * 4
    result = paths(*quick_study(events=log(*walks), journey=["e0"]), of="events", top=5)
    found = forward(result.walked, 5, 1)
    assert [len(column.names) for column in found.columns] == [5, 5, 5, 2]  # at last all ended or open
    assert found.columns[0].grouped == 3  # six events and the tick


@pytest.mark.parametrize("kind", FIGURES)
def test_figures_are_drawn_in_both_widths(kind: str) -> None:
    plot = shop(outcome="buy", landmark="1 day").plot(kind=kind)
    assert plot.png().startswith(b"\x89PNG")
    assert plot.png(narrow=True).startswith(b"\x89PNG")
    assert 20 < len(plot.alternative()) <= 250


def test_too_few_paths_have_no_figure_and_say_so() -> None:
    result = walked(*THREE)
    with pytest.raises(ParamError, match="holds nothing for the figure 'flow'"):
        result.plot(kind="flow")
    assert "Too few paths" in result.show("flow").text


def test_findings_and_actions() -> None:
    result = shop()
    loss = result.headlines()[0]
    assert loss.alert  # the 94 who bought have arrived: sixty looked once and never came back
    assert loss.estimate == value(result, "dropoff", stage="see")
    assert loss.sentence.say("en").startswith("More paths end at See than anywhere else")
    assert "no straight line" in result.explain()
    assert any("Draw the way back from Try to See" in action.say("en") for action in result.meanings())


def test_the_ledger_knows_edges() -> None:
    ledger = shop().findings()
    edges = ledger[ledger["kind"] == "edge"]
    assert set(edges["metric"]) == {"transition", "transitions"}
    row = edges[
        (edges["metric"] == "transition") & (edges["stage"] == "see") & (edges["comparison"] == "try")
    ]
    assert row["estimate"].round(3).tolist() == [round((90 + 46 * 2) / (196 + 46 + 4), 3)]


def test_what_changes_the_meaning_changes_the_definition() -> None:
    base = walked(*THREE).definition_hash
    assert walked(*THREE, top=5).definition_hash == base
    assert walked(*THREE, gap="5 minutes").definition_hash == base  # no session, no gap
    for change in ({"of": "events"}, {"horizon": "10 days"}, {"collapse": "all"}, {"ignore": ["try"]}):
        assert walked(*THREE, **change).definition_hash != base


def test_row_order_does_not_matter_where_seq_orders() -> None:
    frame = log("see 0, try 0, buy 0, see 0", "try 0, see 0")
    frame["seq"] = range(len(frame))
    from journey_lib.study.events import EventLog

    def counted(rows: pd.DataFrame) -> list[pd.DataFrame]:
        made = EventLog.from_frame(rows, seq="seq")
        result = paths(*quick_study(events=made, journey=JOURNEY))
        return [result.transitions(kind) for kind in MATRICES]

    plain = counted(frame)
    for seed in range(5):
        shuffled = frame.sample(frac=1, random_state=seed)
        assert all(one.equals(other) for one, other in zip(plain, counted(shuffled), strict=True))
