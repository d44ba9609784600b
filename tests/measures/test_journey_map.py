"""The journey map: what it takes from the ledger, what it refuses, what it says about gaps."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.journey_map import journey_map
from journey_lib.measures.journey_map.lanes import on_feeling_scale
from journey_lib.present.numbers import Number
from journey_lib.present.overlaid import Overlaid
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.present.ways import Ways
from journey_lib.publish.ledger import COLUMNS, part, read_ledger
from journey_lib.study.definition import Experiment, Question, Study, Text, Theme, study_from
from journey_lib.study.map_notes.file import notes_from

RAW: dict[str, Any] = {
    "id": "shop",
    "title": {"en": "A shop", "ko": "가게"},
    "journey": {
        "preset": "funnel3",
        "touchpoints": [
            {"id": "advert", "stage": "awareness", "channel": "web", "label": {"en": "Advert", "ko": "광고"}},
            {"id": "pay", "stage": "purchase", "channel": "app", "label": {"en": "Payment", "ko": "결제"}},
        ],
    },
    "sources": {"responses": {"file": "answers.csv"}},
    "questions": [
        {"id": "happy", "kind": "csat", "scale": [1, 5], "stage": "awareness", "label": "How was it"},
        {"id": "ad", "kind": "rating", "scale": [1, 5], "touchpoint": "advert", "label": "The advert"},
        {"id": "paid", "kind": "rating", "scale": [1, 5], "touchpoint": "pay", "label": "Paying"},
    ],
}
STUDY: Study = study_from(RAW)
MEAN = {"stem": "survey", "metric": "mean", "weighting": "weighted", "unit": "score", "std_error": 0.1}


EMPTY = {**dict.fromkeys(COLUMNS, ""), **dict.fromkeys((*NUMBERS, "numerator", "denominator"), math.nan)}


def row(**values: Any) -> dict[str, Any]:
    stem = values.get("stem", "funnel")
    base = {"run_id": f"{stem}-1", "as_of": "2026-02-01", "study": "shop", "stem": stem, "params": "{}"}
    about = {"report": f"{stem}.html", "unit": "share", "n": 100.0, "fingerprint": STUDY.fingerprint}
    return EMPTY | base | about | values


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


FULL = (
    row(metric="entered", stage="awareness", estimate=100.0, unit="count"),
    row(metric="moved_on", stage="awareness", estimate=0.5, ci_low=0.4, ci_high=0.6),
    row(metric="still_open", stage="awareness", estimate=0.1, ci_low=0.05, ci_high=0.2),
    row(metric="timed_out", stage="awareness", estimate=0.4, ci_low=0.3, ci_high=0.5),
    row(metric="rate_km", stage="awareness", estimate=0.55, ci_low=0.45, ci_high=0.65),
    row(metric="target", stage="awareness", estimate=0.8),
    row(**MEAN, question="happy", stage="awareness", wave="1", estimate=3.0, ci_low=2.8, ci_high=3.2),
    row(**MEAN, question="happy", stage="awareness", wave="2", estimate=2.0, ci_low=1.8, ci_high=2.2),
    row(**MEAN, question="paid", stage="purchase", touchpoint="pay", wave="2", estimate=4.5, ci_low=4.3,
        ci_high=4.7, ),
)  # fmt: skip


def test_every_number_is_one_of_the_ledger() -> None:
    found = journey_map(STUDY, ledger(*FULL))
    assert found.number("customers", "awareness").estimate == 100
    assert found.number("go_on", "awareness").estimate == 0.55
    assert found.number("goal", "awareness").estimate == 0.8


def test_feeling_is_the_newest_wave_moved_to_minus_two_to_two() -> None:
    feeling = journey_map(STUDY, ledger(*FULL)).number("feeling", "awareness")
    assert (feeling.wave, feeling.estimate) == ("2", -1.0)
    assert (feeling.ci_low, feeling.ci_high) == pytest.approx((-1.2, -0.8))
    assert journey_map(STUDY, ledger(*FULL), wave="1").number("feeling", "awareness").estimate == 0


def test_a_scale_where_low_is_good_is_turned() -> None:
    effort = Question(id="e", kind="csat", scale=(1, 5), direction="lower_is_better")
    moved = on_feeling_scale(Number(estimate=1.0, ci_low=1.0, ci_high=2.0, std_error=0.1), effort)
    assert (moved.ci_low, moved.estimate, moved.ci_high) == (1.0, 2.0, 2.0)


def test_one_touchpoint_for_its_stage_is_only_an_inference() -> None:
    cells = journey_map(STUDY, ledger(*FULL)).cells
    feeling = cells[cells["lane"] == "feeling"].set_index("stage")
    assert feeling.loc["awareness", "evidence"] == "measured"
    assert feeling.loc["purchase", "evidence"] == "inferred"
    assert feeling.loc["purchase", "touchpoint"] == "pay"


def test_an_unmeasured_cell_is_missing_and_never_zero() -> None:
    found = journey_map(STUDY, ledger(*FULL))
    gap = found.table.query("metric == 'feeling' and stage == 'consideration'").iloc[0]
    assert math.isnan(gap["estimate"])
    assert gap["note"] == "not_measured"
    assert "consideration" not in set(found.table.query("metric == 'customers' and estimate >= 0")["stage"])
    assert "– not measured" in found.show("map").inner


def test_the_journey_breaks_where_feeling_is_surely_negative() -> None:
    from journey_lib.measures.journey_map import words

    found = journey_map(STUDY, ledger(*FULL))
    assert words.broken(found) == "awareness"
    assert "feeling is negative there" in words.title(found).say("en")


def test_without_survey_it_is_the_goal_missed_by_most() -> None:
    from journey_lib.measures.journey_map import words

    found = journey_map(STUDY, ledger(*FULL[:6]))
    assert words.broken(found) == "awareness"
    assert "furthest from its goal" in words.title(found).say("en")
    assert words.broken(journey_map(STUDY, ledger(*FULL[:5]))) == ""


CHANGE = {"stem": "survey", "metric": "change", "unit": "share_points", "wave": "2", "comparison": "1"}


@pytest.mark.parametrize(("p", "shown"), [(0.024, True), (0.026, False)])
def test_a_change_counts_after_correction_for_all_questions(p: float, shown: bool) -> None:
    fall = row(**CHANGE, question="ad", stage="awareness", touchpoint="advert", estimate=-0.2, ci_low=-0.3,
               ci_high=-0.1, p_value=p)  # fmt: skip
    other = row(**CHANGE, question="paid", stage="purchase", touchpoint="pay", estimate=0.0, ci_low=-0.1,
                ci_high=0.1, p_value=1.0)  # fmt: skip
    signals = journey_map(STUDY, ledger(*FULL, fall, other)).signals
    assert [s.kind for s in signals if s.kind == "change"] == ["change"] * shown


def test_only_what_a_plan_names_is_a_finding_of_an_experiment() -> None:
    facts = {"stem": "experiment", "stage": "purchase", "unit": "share_points", "group": "new"}
    planned = row(metric="primary_effect", estimate=0.04, ci_low=0.02, ci_high=0.06, **facts)
    looked = row(metric="stage_effect", estimate=0.03, ci_low=0.01, ci_high=0.05, **facts)
    unclear = row(metric="secondary_effect", estimate=0.01, ci_low=-0.01, ci_high=0.03, **facts)
    signals = journey_map(STUDY, ledger(*FULL[:1], planned, looked, unclear)).signals
    assert [(s.kind, s.fact.number.metric, s.worse) for s in signals] == [("effect", "primary_effect", False)]


@pytest.mark.parametrize(("p", "shown"), [(0.024, True), (0.026, False)])
def test_a_rising_theme_counts_after_correction_for_all_themes(p: float, shown: bool) -> None:
    facts = {"stem": "comments", "metric": "change", "question": "survey", "wave": "2", "comparison": "1"}
    rise = {"unit": "share_points", "estimate": 0.06, "ci_low": 0.04, "ci_high": 0.08}
    one = row(**facts, **rise, option="a", stage="purchase", touchpoint="pay", p_value=p)
    other = row(**facts, **rise, option="b", stage="awareness", touchpoint="advert", p_value=1.0)
    signals = journey_map(STUDY, ledger(*FULL[:1], one, other)).signals
    assert [s.kind for s in signals] == ["theme"] * shown


def test_an_alert_of_a_group_stands_for_everybody() -> None:
    facts = {"stem": "monitor", "metric": "alert", "question": "failed/started", "stage": "purchase",
             "touchpoint": "pay", "wave": "2025-09-08", "unit": "share_points"}  # fmt: skip
    rows = [row(**facts, group=g, estimate=0.4, ci_low=0.3, ci_high=0.5, p_value=0.0) for g in ("", "KR")]
    signals = journey_map(STUDY, ledger(*FULL[:1], *rows)).signals
    assert [(s.kind, s.fact.number.group) for s in signals] == [("alert", "KR")]


def test_what_stands_out_says_groups_as_the_study_names_them() -> None:
    """The ledger keeps the value alone; a value no column names goes by itself."""
    named = {"id": "region", "values": {"KR": {"en": "Korea", "ko": "한국"}}}
    study = study_from({**RAW, "columns": [named]})
    facts = {"metric": "group_gap", "stage": "purchase", "unit": "share_points", "estimate": -0.09,
             "ci_low": -0.13, "ci_high": -0.05, "p_value": 0.0, "fingerprint": study.fingerprint}  # fmt: skip
    for group, called in (("KR", "Korea"), ("XX", "XX")):
        (signal,) = journey_map(study, ledger(*FULL[:1], row(**facts, group=group))).signals
        assert signal.words.say("en").startswith(f"{called}: 9 points fewer")


def test_attribution_and_gaps_of_ratings_never_become_a_finding() -> None:
    credit = row(stem="attribution", metric="credit_share", kind="attribution", stage="purchase",
                 estimate=0.5, ci_low=0.45, ci_high=0.55, p_value=0.0)  # fmt: skip
    style = row(stem="crosstab", metric="mean", stage="purchase", group="JP", unit="score", estimate=3.0,
                ci_low=2.9, ci_high=3.1, p_value=0.0)  # fmt: skip
    assert journey_map(STUDY, ledger(*FULL[:1], credit, style)).signals == ()


def test_a_run_about_some_customers_does_not_speak_for_all() -> None:
    part = row(run_id="funnel-9", params='{"entry": "purchase"}', metric="entered", stage="awareness",
               estimate=7.0, unit="count")  # fmt: skip
    segment = row(run_id="funnel-8", params='{"segment": "region=KR"}', metric="entered", stage="awareness",
                  estimate=60.0, unit="count")  # fmt: skip
    rows = ledger(*FULL, part, segment)
    assert journey_map(STUDY, rows).number("customers", "awareness").estimate == 100
    assert journey_map(STUDY, rows, segment="region=KR").number("customers", "awareness").estimate == 60


def test_small_cells_stay_hidden() -> None:
    nothing = {"estimate": math.nan, "n": math.nan, "note": "masked"}
    few = row(metric="entered", stage="awareness", unit="count", **nothing)
    page = journey_map(STUDY, ledger(few)).show("map").inner
    assert "masked" in page


def test_notes_stand_on_the_map_with_their_source() -> None:
    toml = '[[notes]]\nstage = "purchase"\nlane = "action"\ntext = { en = "Pays" }\nsource = "Kim"'
    found = journey_map(STUDY, ledger(*FULL), notes_from(toml.encode(), STUDY))
    written = found.cells.query("lane == 'action'").iloc[0]
    assert (written["evidence"], written["source"], written["text"]) == ("assumed", "Kim", "Pays")
    assert "Pays" in found.show("map").inner


def test_only_ways_beside_the_next_step_are_edges() -> None:
    def move(to: str, share: float) -> dict[str, Any]:
        return row(stem="paths", metric="transition", stage="consideration", comparison=to, estimate=share,
                   ci_low=share - 0.01, ci_high=share + 0.01)  # fmt: skip

    found = journey_map(STUDY, ledger(*FULL, move("purchase", 0.5), move("awareness", 0.1), move("END", 0.4)))
    assert found.edges[["stage", "comparison", "option"]].to_numpy().tolist() == [
        ["consideration", "awareness", "back"]
    ]


def test_reports_of_an_older_study_file_are_named() -> None:
    old = row(metric="entered", stage="awareness", estimate=100.0, unit="count", fingerprint="other")
    check = next(c for c in journey_map(STUDY, ledger(old)).checks if c.name == "definition")
    assert check.status == "watch"
    assert "funnel.html" in check.text.say("en")


def test_parts_that_could_not_be_read_are_named() -> None:
    rows = ledger(*FULL)
    rows.attrs["skipped"] = ["broken.parquet"]
    check = next(c for c in journey_map(STUDY, rows).checks if c.name == "ledger")
    assert check.status == "failed"
    assert "broken.parquet" in check.text.say("en")


def test_a_ledger_of_another_study_is_refused() -> None:
    with pytest.raises(DataError, match=r"holds no report of study 'shop'\. Allowed: other"):
        journey_map(STUDY, ledger(row(study="other", metric="entered", estimate=1.0)))


def test_a_frame_that_is_no_ledger_is_refused() -> None:
    with pytest.raises(DataError, match=r"ledger: lacks run_id, study"):
        journey_map(STUDY, pd.DataFrame({"a": [1]}))


def test_a_segment_nobody_reported_on_is_refused() -> None:
    with pytest.raises(DataError, match="no report speaks about 'region=US'"):
        journey_map(STUDY, ledger(*FULL), segment="region=US")


def test_an_unknown_wave_is_refused() -> None:
    with pytest.raises(ParamError, match=r"'22' is no wave .* Allowed: 1, 2"):
        journey_map(STUDY, ledger(*FULL), wave="22")


def test_the_sheet_has_lanes_down_and_stages_across() -> None:
    sheet = journey_map(STUDY, ledger(*FULL)).sheets()[0]
    assert list(sheet.header) == ["Lane", "Awareness", "Consideration", "Purchase"]
    customers = next(r for r in sheet.rows if r[0] == "Customers")
    assert str(customers[1]).splitlines()[0] == "100"


def test_korean_words_reach_the_page() -> None:
    page = journey_map(STUDY.speak("ko"), ledger(*FULL)).show("map").inner
    assert "여정은 인지에서 끊긴다" in page
    assert "측정하지 않음" in page


def test_the_short_map_for_another_page_links_every_stage_to_the_whole_one() -> None:
    from journey_lib.measures.journey_map import words

    found = journey_map(STUDY, ledger(*FULL))
    html = str(found.home_fragment("journey_map.ko.html"))
    assert words.title(found).say("en") in html
    assert html.endswith('<p><a href="journey_map.ko.html">The whole map</a></p></section>')
    assert re.findall(r'href="([^"]+#[^"]+)"', html) == [
        f"journey_map.ko.html#stage-{s.id}" for s in STUDY.journey.stages
    ]
    assert 'id="stage-' not in html  # the page that takes it has stages of its own
    assert "<script" not in html
    assert "Touchpoints" not in html
    assert "jl-hot" in html


def test_what_people_believe_never_becomes_a_number() -> None:
    toml = "\n".join(
        f'[[notes]]\nstage = "purchase"\nlane = "{lane}"\ntext = "Word {lane}"\nsource = "Kim"'
        for lane in ("pain", "touchpoint", "channel", "emotion")
    )
    plain = journey_map(STUDY, ledger(*FULL))
    found = journey_map(STUDY, ledger(*FULL), notes_from(toml.encode(), STUDY))
    assert found.table.equals(plain.table)
    page = found.show("map").inner
    assert all(f"Word {lane}" in page for lane in ("pain", "touchpoint", "channel", "emotion"))
    assert found.cells.query("lane == 'pain'")["evidence"].tolist() == ["assumed"]


def test_a_quote_is_masked_wherever_it_stands() -> None:
    toml = (
        '[[notes]]\nstage = "purchase"\nlane = "quote"\ntheme = "Receipts"\n'
        'text = "Send it to kim@example.com please"\nsource = "interview 4"'
    )
    found = journey_map(STUDY, ledger(*FULL), notes_from(toml.encode(), STUDY))
    for shown in (found.show("map").inner, found.show("evidence").inner, found.cells.to_csv()):
        assert "kim@example.com" not in shown
        assert "please" in shown
    assert "Receipts" in found.show("map").inner


def moves(*ways: tuple[str, str, float, int]) -> list[dict[str, Any]]:
    """Return the rows of a report on paths: from, to, share of the moves out of the stage, moves."""
    rows = []
    for one, other, share, count in ways:
        nothing = dict.fromkeys(("estimate", "n", "ci_low", "ci_high", "std_error"), math.nan)
        hidden = {**nothing, "note": "masked"} if count < 10 else {}
        about = {"stem": "paths", "stage": one, "comparison": other}
        interval = {"ci_low": share - 0.01, "ci_high": share + 0.01, "std_error": 0.005}
        rows.append(row(**about, metric="transitions", unit="count", **({"estimate": float(count)} | hidden)))
        rows.append(row(**about, metric="transition", **({"estimate": share, **interval} | hidden)))
    return rows


WALKED = moves(
    ("awareness", "consideration", 0.5, 100), ("awareness", "END", 0.4, 80), ("awareness", "OPEN", 0.1, 20),
    ("consideration", "awareness", 0.2, 20), ("consideration", "purchase", 0.6, 60),
    ("consideration", "consideration", 0.15, 15), ("consideration", "END", 0.05, 5),
    ("awareness", "purchase", 0.0, 12),
)  # fmt: skip


def test_every_way_is_named_counted_and_left_hidden_where_it_is() -> None:
    back = row(stem="paths", metric="win_backs", stage="awareness", comparison="consideration", unit="count",
               estimate=33.0)  # fmt: skip
    found = journey_map(STUDY, ledger(*FULL, *WALKED, back))
    counted = found.table.query("metric == 'moves'").set_index(["stage", "comparison"])
    assert counted["option"].to_dict() == {
        ("awareness", "consideration"): "next", ("awareness", "END"): "left", ("awareness", "OPEN"): "open",
        ("consideration", "awareness"): "back", ("consideration", "purchase"): "next",
        ("consideration", "consideration"): "again", ("consideration", "END"): "left",
        ("awareness", "purchase"): "ahead",
    }  # fmt: skip
    assert counted.loc[("consideration", "END"), "note"] == "masked"
    table = found.show("edges").inner
    assert "n &lt; 10" in table
    assert all(word in table for word in ("skips ahead", "back", "again", "left", "open", "60.0"))


def test_the_flow_figure_draws_each_way_as_wide_as_it_is_taken() -> None:
    back = row(stem="paths", metric="win_backs", stage="awareness", comparison="consideration", unit="count",
               estimate=33.0)  # fmt: skip
    plot = journey_map(STUDY, ledger(*FULL, *WALKED, back)).plot(kind="flow")
    drawn = plot.sketch
    assert isinstance(drawn, Ways)
    assert [(w.source, w.target, w.kind) for w in drawn.ways] == [
        (0, 1, "next"), (1, 0, "back"), (1, 2, "next"), (1, 1, "again"),
    ]  # fmt: skip
    assert [round(w.share, 3) for w in drawn.ways] == [round(n / 212, 3) for n in (100, 20, 60, 15)]
    assert drawn.stations[0].left == pytest.approx(80 / 212)
    assert drawn.stations[0].left_words == "40% leave"
    assert [s.returned_words for s in drawn.stations] == ["", "33 came back", ""]
    assert "leads back, from Consideration to Awareness" in plot.title.say("en")
    assert "40% of 212 moves" in plot.alternative()


def test_without_a_report_on_paths_the_page_says_which_command_makes_one() -> None:
    found = journey_map(STUDY, ledger(*FULL))
    for kind in ("flow", "edges"):
        block = found.show(kind)
        assert block.empty
        assert "journey run paths" in block.inner


def about(segment: str, **values: Any) -> dict[str, Any]:
    stem = values.get("stem", "funnel")
    return row(run_id=f"{stem}-{segment}", params=f'{{"segment": "{segment}"}}', **values)


KOREA = (
    about("region=KR", metric="entered", stage="awareness", estimate=60.0, unit="count"),
    about("region=KR", metric="rate_km", stage="awareness", estimate=0.35, ci_low=0.25, ci_high=0.45, n=60.0),
    about("region=KR", **MEAN, question="happy", stage="awareness", wave="2", estimate=4.0, ci_low=3.8,
          ci_high=4.2, n=12.0),
)  # fmt: skip


def test_a_segment_stands_beside_everybody_with_its_own_numbers() -> None:
    found = journey_map(STUDY, ledger(*FULL, *KOREA))
    assert found.segments == ("region=KR",)
    assert found.number("go_on", "awareness").estimate == 0.55
    assert found.number("go_on", "awareness", "region=KR").estimate == 0.35
    assert found.number("feeling", "awareness", "region=KR").estimate == 1.0
    page = found.show("segments").inner
    assert "Go on: region=KR" in page
    assert "35.0%" in page
    assert "+1.00*" in page  # few people


def test_what_nobody_measured_for_a_segment_names_the_command() -> None:
    found = journey_map(STUDY, ledger(*FULL, *KOREA), beside=("region=KR", "plan=solo"))
    commands = [gap.command for gap in found.gaps]
    assert commands == [
        "journey run time_in_stage --segment 'region=KR'", "journey run funnel --segment 'plan=solo'",
        "journey run time_in_stage --segment 'plan=solo'", "journey run survey --segment 'plan=solo'",
    ]  # fmt: skip
    page = found.show("segments").inner
    assert "journey run funnel --segment &#39;plan=solo&#39;" in page
    gap = found.table.query("segment == 'plan=solo' and metric == 'go_on'")
    assert gap["estimate"].isna().all()
    assert set(gap["note"]) == {"not_measured"}


def test_a_segment_never_speaks_for_everybody() -> None:
    found = journey_map(STUDY, ledger(*FULL[:1], *KOREA))
    assert not math.isfinite(found.number("go_on", "awareness").estimate)
    assert found.show("map").inner.count("35.0%") == 0


def test_curves_of_segments_keep_their_gaps() -> None:
    plot = journey_map(STUDY, ledger(*FULL, *KOREA)).plot(kind="curves")
    drawn = plot.sketch
    assert isinstance(drawn, Overlaid)
    assert drawn.everybody.estimate[0] == -1.0
    assert drawn.curves[0].estimate[0] == 1.0
    assert drawn.curves[0].thin[0]
    assert math.isnan(drawn.curves[0].estimate[1])
    assert "region=KR at Awareness, +1.00 (n = 12)" in plot.alternative()
    assert plot.png()
    assert plot.png(narrow=True)


def test_without_runs_about_segments_the_page_says_how_to_make_them() -> None:
    block = journey_map(STUDY, ledger(*FULL)).show("segments")
    assert block.empty
    assert "journey run all --each segment" in block.inner


def test_segments_beside_one_another_are_few_and_named_once() -> None:
    with pytest.raises(ParamError, match=r"7 segments. Allowed: at most 6"):
        journey_map(STUDY, ledger(*FULL), beside=[f"a={n}" for n in range(7)])
    with pytest.raises(ParamError, match="'a=1' stands there twice"):
        journey_map(STUDY, ledger(*FULL), beside=["a=1", "a=1"])


def test_each_touchpoint_says_what_is_known_of_it_and_of_its_channel() -> None:
    met = row(stem="touchpoints", metric="share_of_stage", stage="purchase", touchpoint="pay", estimate=0.8,
              ci_low=0.7, ci_high=0.9)  # fmt: skip
    spent = row(stem="attribution", metric="cost", option="app", channel="app", stage="awareness",
                unit="currency", estimate=5000.0)  # fmt: skip
    found = journey_map(STUDY, ledger(*FULL, met, spent))
    known = found.cells.query("touchpoint == 'pay' and lane in ['met', 'felt', 'spent']").set_index("lane")
    assert known["estimate"].to_dict() == {"met": 0.8, "felt": 1.5, "spent": 5000.0}
    assert known["evidence"].to_dict() == {"met": "measured", "felt": "measured", "spent": "inferred"}
    assert known.loc["spent", "stage"] == "purchase"
    page = found.show("touchpoints").inner
    assert page.count("– not measured") == 3  # the advert: met, felt, spent
    assert '<a href="touchpoints.html">2026-02-01</a>' in page
    assert "Effort there" not in page  # nobody asked anywhere


def test_declared_themes_stand_at_their_stage() -> None:
    study = STUDY.model_copy(
        update={"themes": (Theme(id="bill", stage="purchase", label=Text(en="The bill")),)}
    )
    facts = {"stem": "comments", "metric": "share", "stage": "purchase", "weighting": "weighted"}
    named = row(**facts, option="bill", estimate=0.2)
    groups_of_words = row(**facts, option="found:a-b", estimate=0.9)
    page = journey_map(study, ledger(*FULL, named, groups_of_words)).show("map").inner
    assert '<a href="comments.html">The bill</a>' in page
    assert "found:" not in page


def test_an_experiment_on_a_stage_shows_its_effect_or_that_there_is_none_yet() -> None:
    trial = Experiment(
        id="receipt", control="a", arms=("a", "b"), primary=("purchase",), label=Text(en="Receipt")
    )
    study = STUDY.model_copy(update={"experiments": (trial,)})
    effect = row(stem="experiment", metric="primary_effect", stage="purchase", unit="share_points",
                 estimate=0.012, ci_low=-0.01, ci_high=0.034)  # fmt: skip
    plain = journey_map(study, ledger(*FULL)).show("map").inner
    assert "meant to change this stage; no result yet" in plain
    page = journey_map(study, ledger(*FULL, effect)).show("map").inner
    assert "+1.2 points" in page
    assert '<a href="experiment.html">Receipt</a>' in page


def test_every_measured_item_of_the_evidence_links_to_its_report() -> None:
    found = journey_map(STUDY, ledger(*FULL))
    listed = [i for i in found.items if i.report and i.lane not in ("met", "felt", "asked", "spent")]
    listed = [i for i in listed if i.lane not in ("moved_on", "still_open", "timed_out")]
    page = found.show("evidence").inner
    assert page.count('<a href="') == len(listed) > 0


def test_settings_that_cannot_be_read_name_the_run() -> None:
    broken = row(run_id="funnel-7", params="{broken", metric="entered", stage="awareness", estimate=1.0)
    with pytest.raises(DataError, match=r"column 'params': the settings of run funnel-7 cannot be read"):
        journey_map(STUDY, ledger(*FULL, broken))


def test_a_ledger_of_another_time_without_a_column_says_which() -> None:
    with pytest.raises(DataError, match="ledger: lacks params, weighting"):
        journey_map(STUDY, ledger(*FULL).drop(columns=["params", "weighting"]))


def test_a_damaged_part_of_the_ledger_is_named_and_nothing_else_is_lost(tmp_path: Path) -> None:
    rows = [one for one in FULL if one["stem"] == "funnel"]
    job = {"run_id": "funnel-1", "as_of": "2026-02-01", "stem": "funnel", "params": "{}", "lang": "en",
           "file": "funnel.html", "published": "2026-02-01T00:00:00+00:00",
           "study": {"id": "shop", "fingerprint": STUDY.fingerprint}}  # fmt: skip
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "funnel-1.parquet").write_bytes(part({"findings": rows}, job))
    (tmp_path / "ledger" / "survey-1.parquet").write_bytes(b"PAR1 but no more")
    found = journey_map(STUDY, read_ledger(tmp_path))
    check = next(c for c in found.checks if c.name == "ledger")
    assert check.status == "failed"
    assert "survey-1.parquet" in found.doubts().inner
    assert found.number("customers", "awareness").estimate == 100
    assert found.number("go_on", "awareness").estimate == 0.55
