"""The ranking of opportunities: inputs from the ledger, nothing filled in, pains that count once."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from journey_lib.errors import AbsentError, ParamError
from journey_lib.measures.opportunities import opportunities
from journey_lib.measures.opportunities.result import OpportunitiesResult
from journey_lib.study.definition import Experiment, Study, Text, Window
from journey_lib.study.map_notes import Idea, MapNotes
from tests.measures.test_journey_map import STUDY as SHOP
from tests.measures.test_journey_map import ledger, row

DAYS = 100
STUDY: Study = SHOP.model_copy(
    update={"window": Window(start=dt.date(2025, 1, 1), end=dt.date(2025, 1, 1) + dt.timedelta(DAYS - 1))}
)
PAIN = {"stem": "survey", "metric": "bottom2", "weighting": "weighted", "stage": "purchase"}
FACTS = (
    row(metric="entered", stage="purchase", estimate=1000.0, n=1000.0, unit="count"),
    row(**PAIN, question="paid", touchpoint="pay", estimate=0.2, std_error=0.0, ci_low=0.2, ci_high=0.2),
    row(**PAIN, question="other", touchpoint="pay", estimate=0.1, std_error=0.0, ci_low=0.1, ci_high=0.1),
)


def idea(name: str = "a", **values: Any) -> Idea:
    known = {
        "label": Text(en=name.upper()), "stage": "purchase", "pains": ("paid",), "recoverable": (0.5, 0.5),
        "severity": 5, "effort": 1, "risk": 1, "dependency": 1,
    }  # fmt: skip
    return Idea(id=name, **(known | values))


def rank(*ideas: Idea, **options: Any) -> OpportunitiesResult:
    return opportunities(STUDY, ledger(*FACTS), MapNotes(opportunities=ideas), draws=200, **options)


def test_a_gain_without_doubt_can_be_counted_by_hand() -> None:
    found = rank(idea())
    # 1,000 customers in 100 days are 300 in 30; a fifth in pain; all of it severe; half of them won back
    assert found.number("impact", "a").estimate == pytest.approx(300 * 0.2 * 1.0 * 0.5)
    assert found.number("feasibility", "a").estimate == 5
    assert found.number("score", "a").estimate == 1
    assert found.number("customers", "a").estimate == pytest.approx(300)


def test_severity_horizon_and_value_scale_it() -> None:
    assert rank(idea(severity=2)).number("impact", "a").estimate == pytest.approx(30 * 2 / 5)
    assert rank(idea(), horizon="60 days").number("impact", "a").estimate == pytest.approx(60)
    paid = rank(idea(value=7.0), counted="money").number("impact", "a")
    assert (paid.estimate, paid.unit) == (pytest.approx(210), "currency")


def test_feasibility_is_six_less_the_mean_of_what_makes_it_hard() -> None:
    assert rank(idea(effort=5, risk=3, dependency=1)).number("feasibility", "a").estimate == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pains": ()}, "no_pain"),
        ({"pains": ("nobody_asked",)}, "no_pain"),
        ({"stage": "awareness"}, "no_customers"),
        ({"recoverable": None}, "no_recoverable"),
        ({"severity": None}, "no_severity"),
        ({"risk": None}, "no_feasibility"),
    ],
)
def test_a_missing_input_is_named_and_never_filled_in(change: dict[str, Any], reason: str) -> None:
    found = rank(idea("a", **change), idea("b"))
    assert [one.idea.id for one in found.unranked] == ["a"]
    assert reason in found.unranked[0].missing
    missing = found.table.query("option == 'a'").iloc[0]
    assert math.isnan(missing["estimate"])
    assert [i.id for i in found.order] == ["b"]
    assert next(c for c in found.checks if c.name == "inputs").status == "watch"


def test_money_needs_a_value() -> None:
    assert rank(idea(), counted="money").unranked[0].missing == ("no_value",)


def test_an_idea_that_brings_nothing_is_not_ranked() -> None:
    assert rank(idea(recoverable=(0.0, 0.0))).order == ()


def test_a_new_idea_changes_no_other_number() -> None:
    doubtful = (*FACTS[:1], FACTS[1] | {"std_error": 0.05})
    alone = opportunities(STUDY, ledger(*doubtful), MapNotes(opportunities=(idea(),)), draws=300)
    both = opportunities(STUDY, ledger(*doubtful), MapNotes(opportunities=(idea("b"), idea())), draws=300)
    one, other = (found.number("impact", "a") for found in (alone, both))
    assert (one.ci_low, one.ci_high) == (other.ci_low, other.ci_high)
    assert one.estimate == pytest.approx(other.estimate, rel=1e-12)


def test_more_confidence_comes_first_among_equals() -> None:
    found = rank(idea("a", confidence=1), idea("b", confidence=4))
    assert [i.id for i in found.order] == ["b", "a"]
    assert [i.id for i in rank(idea("b"), idea("a")).order] == ["a", "b"]


def test_ideas_for_one_pain_are_bounded_together() -> None:
    found = rank(idea("a"), idea("b", recoverable=(0.25, 0.25)))
    bounds = found.table.query("question == 'paid'").set_index("metric")["estimate"]
    assert bounds["together_least"] == pytest.approx(30)
    assert bounds["together_most"] == pytest.approx(45)
    assert next(c for c in found.checks if c.name == "shared").status == "watch"


def test_two_pains_of_one_idea_overlap_somewhere_between_their_bounds() -> None:
    gain = rank(idea(pains=("paid", "other"))).number("impact", "a")
    assert 300 * 0.2 * 0.5 <= gain.ci_low < gain.ci_high <= 300 * 0.3 * 0.5


def test_a_gap_of_a_group_counts_only_that_group() -> None:
    group = {"group": "BR", "stage": "purchase"}
    facts = (
        *FACTS,
        row(run_id="by", params='{"by": "region"}', metric="entered", **group, estimate=100.0, unit="count"),
        row(run_id="by", params='{"by": "region"}', metric="group_gap", **group, estimate=-0.1, std_error=0.0,
            ci_low=-0.1, ci_high=-0.1, unit="share_points", p_value=0.0),
    )  # fmt: skip
    notes = MapNotes(opportunities=(idea(among="BR", pains=("gap",)),))
    found = opportunities(STUDY, ledger(*facts), notes, draws=200)
    assert found.number("impact", "a").estimate == pytest.approx(30 * 0.1 * 0.5)


def test_bad_news_without_an_idea_is_listed_and_with_one_is_not() -> None:
    fall = row(stem="survey", metric="change", question="paid", stage="purchase", touchpoint="pay", wave="2",
               comparison="1", unit="share_points", estimate=-0.2, ci_low=-0.3, ci_high=-0.1,
               p_value=0.001)  # fmt: skip

    def listed(one: Idea) -> list[str]:
        found = opportunities(STUDY, ledger(*FACTS, fall), MapNotes(opportunities=(one,)), draws=200)
        return [s.fact.number.question for s in found.open_findings]

    assert listed(idea(pains=("other",))) == ["paid"]
    assert listed(idea(pains=("paid",))) == []


def test_the_page_speaks_both_languages() -> None:
    notes = MapNotes(opportunities=(idea("a"), idea("b", severity=1), idea("c", risk=None)))
    for lang, words in (("en", "Effort, risk or dependency is missing."), ("ko", "빠진 값이 있습니다")):
        found = opportunities(STUDY.speak(lang), ledger(*FACTS), notes, draws=200)
        assert words in found.show("unranked").inner
        assert all(found.show(kind).inner for kind in ("ranking", "once", "order", "findings"))


def test_nobody_wrote_an_idea_down() -> None:
    with pytest.raises(AbsentError, match="nobody has written an opportunity down"):
        opportunities(STUDY, ledger(*FACTS), MapNotes())


def test_wrong_words_are_refused() -> None:
    with pytest.raises(ParamError, match="Did you mean 'money'"):
        rank(idea(), counted="mony")
    with pytest.raises(ParamError, match="horizon"):
        rank(idea(), horizon="a month")


def test_the_home_page_gets_the_first_ideas_with_what_each_would_bring() -> None:
    ideas = [idea(), idea("b", effort=3, pains=("other",)), idea("c", recoverable=None)]
    html = str(rank(*ideas, first=1).home_fragment("opportunities.ko.html"))
    assert '<a href="opportunities.ko.html">What to do first</a>' in html
    assert "<b>A</b><small>Purchase: +30 (30 to 30); among the first 1 in 100% of draws</small>" in html
    assert "<b>B</b>" not in html  # there is room for one
    assert rank(idea(recoverable=None)).home_fragment("x") == ""


RECEIPT = Experiment(id="receipt", control="current", arms=("current", "new"))
TRIAL = STUDY.model_copy(update={"experiments": (RECEIPT,)})
EFFECT = {"stem": "experiment", "unit": "share_points", "group": "new", "comparison": "current", "n": 900.0}
EFFECTS = (
    row(**EFFECT, metric="secondary_effect", question="purchase", stage="purchase", estimate=0.01,
        std_error=0.01, ci_low=-0.01, ci_high=0.03),
    row(**EFFECT, metric="primary_effect", question="awareness", stage="awareness", estimate=0.09,
        std_error=0.01, ci_low=0.07, ci_high=0.11),
)  # fmt: skip


def weeks(before: float, after: float, count: int = 6) -> list[dict[str, Any]]:
    """Return the weekly shares of a monitor: so many weeks before and after that of 17 March 2025."""
    change = dt.date(2025, 3, 17)
    starts = [change + dt.timedelta(7 * at) for at in range(-count, count + 1)]
    return [
        row(stem="monitor", metric="rate", question="stage:purchase", stage="purchase", n=100.0,
            wave=start.isoformat(), estimate=0.99 if start == change else before if start < change else after)
        for start in starts
    ]  # fmt: skip


CHANGED = {"status": "done", "changed_on": dt.date(2025, 3, 19)}


def came_of(one: Idea, *facts: dict[str, Any], study: Study = STUDY) -> OpportunitiesResult:
    return opportunities(study, ledger(*FACTS, *facts), MapNotes(opportunities=(one,)), draws=200)


def test_an_experiment_says_what_an_idea_did_at_its_own_stage() -> None:
    found = came_of(idea(experiment="receipt", status="running"), *EFFECTS, study=TRIAL)
    (effect,) = found.measured("a")
    assert (effect.metric, effect.question, effect.estimate) == ("effect", "purchase", 0.01)
    page = found.show("measured").inner
    assert "experiment, new against current" in page
    assert "not causal" not in page


def test_another_experiment_says_nothing_about_an_idea() -> None:
    two = STUDY.model_copy(update={"experiments": (RECEIPT, RECEIPT.model_copy(update={"id": "other"}))})
    other = [fact | {"params": '{"experiment": "other"}'} for fact in EFFECTS]
    found = came_of(idea(experiment="receipt"), *other, study=two)
    assert found.measured("a")[0].note == "no_experiment_report"
    named = [fact | {"params": '{"experiment": "receipt"}'} for fact in EFFECTS]
    assert came_of(idea(experiment="receipt"), *named, study=two).measured("a")[0].estimate == 0.01


def test_a_share_before_and_after_is_called_no_cause_and_leaves_out_the_week_of_the_change() -> None:
    found = came_of(idea(**CHANGED), *weeks(0.5, 0.6))
    before, after, gap = found.measured("a")
    assert (before.estimate, after.estimate) == pytest.approx((0.5, 0.6))
    assert (gap.estimate, gap.n) == (pytest.approx(0.1), 600)
    assert gap.ci_low <= gap.estimate <= gap.ci_high
    page = found.show("measured").inner
    assert "before/after, not causal" in page
    assert "done since 19 Mar 2025" in page


def test_answers_before_and_after_skip_the_wave_of_the_change() -> None:
    facts = {"stem": "survey", "metric": "mean", "question": "paid", "weighting": "weighted", "unit": "score"}
    waves = [
        row(**facts, stage="purchase", touchpoint="pay", wave=wave, estimate=mean, std_error=0.03)
        for wave, mean in (("2025-01", 1.0), ("2025-02", 3.0), ("2025-03", 9.0), ("2025-04", 3.5))
    ]
    gap = came_of(idea(metric="paid", **CHANGED), *waves).measured("a")[-1]
    assert (gap.estimate, gap.comparison, gap.wave) == (pytest.approx(0.5), "2025-02", "2025-04")
    assert gap.std_error == pytest.approx(0.03 * 2**0.5)


@pytest.mark.parametrize(
    ("change", "facts", "reason"),
    [
        ({}, (), "no_monitor_report"),
        ({}, weeks(0.5, 0.6, 3), "few_periods"),
        ({"metric": "paid"}, (), "no_survey_report"),
        ({"metric": "luck"}, (), "no_such_metric"),
    ],
)
def test_what_cannot_be_compared_says_why(change: dict[str, Any], facts: Any, reason: str) -> None:
    found = came_of(idea(**CHANGED, **change), *facts)
    (gap,) = found.measured("a")
    assert (math.isnan(gap.estimate), gap.note) == (True, reason)
    assert found.notes[reason].say("en") in found.show("measured").inner


def test_what_is_done_or_dropped_is_no_longer_ranked() -> None:
    found = rank(idea("a", status="done"), idea("b"), idea("c", status="dropped"))
    assert [i.id for i in found.order] == ["b"]
    assert found.unranked == ()
    assert found.show("measured").empty
