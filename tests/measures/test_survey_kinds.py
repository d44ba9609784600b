"""Usability tests, sliders and rankings in the survey report: hand counts, and the page in both languages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.survey import survey
from journey_lib.measures.survey.kinds import questionnaires
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.stats.usability import task_success, time_on_task
from journey_lib.study.definition import ScaleName, Text
from journey_lib.study.load import quick_study
from tests.measures.conftest import ask, value

EXACT = 1e-12
LAWS = settings(max_examples=12, deadline=None)
BROOKE = [5, 4, 2, 1, 2, 3, 2, 4, 5, 2]  # 55 points
SUS = {f"s{i}": "sus" for i in range(1, 11)}
RANKING: dict[str, Any] = {"kind": "ranking", "columns": {"a": "r_a", "b": "r_b", "c": "r_c", "d": "r_d"}}


def columns(rows: list[list[Any]], prefix: str = "s") -> dict[str, list[Any]]:
    """Return answers by respondent as columns: s1, s2 …"""
    return {f"{prefix}{i}": list(column) for i, column in enumerate(zip(*rows, strict=True), start=1)}


def check(result: SurveyResult, name: str) -> Any:
    return next(c for c in result.checks if c.name == name)


# Questionnaires


def test_sus_is_the_mean_of_those_who_answered_every_item() -> None:
    result = ask(columns([BROOKE, [5, 1] * 5, [3] * 10, [None, *BROOKE[1:]], [None] * 10]), SUS)
    assert value(result, "sus", question="sus") == pytest.approx((55 + 100 + 50) / 3, rel=EXACT)
    assert value(result, "sus", "n") == 3
    # Four answered something, three of them everything; the fifth was silent.
    assert value(result, "complete") == pytest.approx(3 / 4, rel=EXACT)
    assert value(result, "complete", "n") == 4


def test_weights_count_in_a_score() -> None:
    answers = columns([BROOKE, [5, 1] * 5, [3] * 10]) | {"base_weight": [2, 1, 1]}
    result = ask(answers, SUS)
    assert value(result, "sus") == pytest.approx((2 * 55 + 100 + 50) / 4, rel=EXACT)
    assert value(result, "sus", weighting="unweighted") == pytest.approx(205 / 3, rel=EXACT)


def test_umux_lite_has_its_score_and_the_sus_it_predicts() -> None:
    result = ask(columns([[6, 5], [7, 7], [4, None]], "u"), {"u1": "umux_lite", "u2": "umux_lite"})
    assert value(result, "umux_lite") == pytest.approx((75 + 100) / 2, rel=EXACT)
    assert value(result, "umux_lite_regressed") == pytest.approx(0.65 * 87.5 + 22.9, rel=EXACT)


def test_two_questionnaires_of_one_study_stay_apart() -> None:
    before, after = columns([BROOKE] * 2, "b"), columns([[5, 1] * 5] * 2, "a")
    kinds = {name: {"kind": "sus", "scale_of": word}
             for word, names in (("before", before), ("after", after)) for name in names}  # fmt: skip
    result = ask(before | after, kinds)
    assert [value(result, "sus", question=name) for name in ("before", "after")] == [55, 100]
    named = result.study.model_copy(update={"scales": (ScaleName(id="after", label=Text(ko="사용 후")),)})
    assert [one.label.say("ko") for one, _ in questionnaires(named)] == ["SUS, before", "SUS, 사용 후"]


# Tasks and times


def test_success_has_the_adjusted_wald_interval() -> None:
    result = ask({"pay": [1, 1, 1, 1, 0]}, {"pay": "task"})
    _, low, high = task_success(4, 5)
    found = [value(result, "success", column) for column in ("estimate", "ci_low", "ci_high")]
    assert found == pytest.approx([0.8, low.item(), high.item()], rel=1e-9)


def test_all_succeeding_still_has_a_lower_limit() -> None:
    result = ask({"pay": ["yes"] * 10}, {"pay": "task"})
    _, low, _ = task_success(10, 10)
    assert value(result, "success") == 1
    assert value(result, "success", "ci_low") == pytest.approx(low.item(), rel=1e-9)


def test_uneven_weights_widen_the_interval_of_a_task() -> None:
    answers = {"pay": [1, 0] * 20, "base_weight": [1] * 30 + [8] * 10}
    result = ask(answers, {"pay": "task"})
    widths = [
        value(result, "success", "ci_high", weighting=w) - value(result, "success", "ci_low", weighting=w)
        for w in ("weighted", "unweighted")
    ]
    assert widths[0] > 1.2 * widths[1]


def test_a_time_is_the_geometric_mean_with_the_interval_of_its_logarithms() -> None:
    seconds = [55, 65, 75, 62, 45, 135]
    result = ask({"seconds": seconds}, {"seconds": "time"})
    found = [value(result, "time", column) for column in ("estimate", "ci_low", "ci_high")]
    assert found == pytest.approx(list(time_on_task(seconds)), rel=1e-9)
    assert result.table.query("metric == 'time'")["unit"].unique().tolist() == ["seconds"]


def test_times_of_failed_and_unknown_attempts_do_not_count() -> None:
    seconds = [55, 65, 75, 62, 45, 135, 900, 3]
    answers: dict[str, list[Any]] = {"pay": [1] * 6 + [0, None], "seconds": seconds}
    result = ask(answers, {"pay": "task", "seconds": {"kind": "time", "task": "pay"}})
    assert value(result, "time") == pytest.approx(time_on_task(seconds[:6])[0], rel=1e-9)
    assert value(result, "time", "n") == 6
    # They stay rows of the design, so the variance has 8 / 7 where six people alone would have 6 / 5.
    low = value(result, "time", "ci_low")
    half, alone = np.log(value(result, "time") / low), np.log(np.divide(*time_on_task(seconds[:6])[:2]))
    assert half / alone == pytest.approx(math.sqrt((8 / 7) / (6 / 5)), rel=1e-9)


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ([1, 0, 5], "task", "1 or 0, true or false, yes or no"),
        ([12.5, 0, -3], "time", "seconds, more than 0"),
    ],
)
def test_answers_that_are_no_success_or_time_are_an_error(answers: list[Any], kind: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        ask({"q": answers}, {"q": kind})


# Rankings


def ranked() -> SurveyResult:
    """Five rank four options: one leaves c and d out, one gives a and b the first place, one says nothing."""
    answers = {
        "r_a": [1, 2, 1, 1, None],
        "r_b": [2, 1, 2, 1, None],
        "r_c": [3, 3, None, 3, None],
        "r_d": [4, 4, None, 4, None],
    }
    return ask(answers, {"rank": RANKING})


def test_ranks_are_of_those_who_ranked_and_shares_of_all_who_ranked_anything() -> None:
    result = ranked()
    means = [value(result, "mean_rank", option=option) for option in "abcd"]
    assert means == pytest.approx([5 / 4, 6 / 4, 3, 4], rel=EXACT)
    assert [value(result, "mean_rank", "n", option=option) for option in "abcd"] == [4, 4, 3, 3]
    # A shared first place is one for each.
    first = [value(result, "ranked_first", option=option) for option in "abcd"]
    assert first == pytest.approx([3 / 4, 2 / 4, 0, 0], rel=EXACT)
    top = [value(result, "ranked_top3", option=option) for option in "abcd"]
    assert top == pytest.approx([1, 1, 3 / 4, 0], rel=EXACT)
    assert value(result, "ranked_top3", "n", option="c") == 4


def test_three_options_have_no_share_of_the_first_three() -> None:
    three = {"kind": "ranking", "columns": {"a": "r_a", "b": "r_b", "c": "r_c"}}
    result = ask({"r_a": [1, 2], "r_b": [2, 1], "r_c": [3, 3]}, {"rank": three})
    assert "ranked_top3" not in set(result.table["metric"])


def test_untidy_rankings_are_told_and_small_numbers_are_not() -> None:
    few = check(ranked(), "rankings")
    assert few.status == "watch"  # two of four
    assert few.text.say("en").startswith("Fewer than 10 rankings")
    order = [[1, 2, 3, 4]] * 80 + [[1, 1, 3, 4]] * 12
    answers = {f"r_{o}": list(c) for o, c in zip("abcd", zip(*order, strict=True), strict=True)}
    many = check(ask(answers, {"rank": RANKING}), "rankings")
    assert many.status == "watch"
    assert many.text.say("en").startswith("12 of 92 rankings")
    assert not [c for c in ask({"q": [9, 10]}, {"q": "nps"}).checks if c.name == "rankings"]


@LAWS
@given(st.lists(st.permutations([1, 2, 3, 4]), min_size=3, max_size=12))
def test_complete_rankings_share_out_places(order: list[list[int]]) -> None:
    answers = {f"r_{o}": [float(r[i]) for r in order] for i, o in enumerate("abcd")}
    result = ask(answers, {"rank": RANKING})
    assert sum(value(result, "mean_rank", option=o) for o in "abcd") == pytest.approx(10)
    assert sum(value(result, "ranked_first", option=o) for o in "abcd") == pytest.approx(1)
    assert sum(value(result, "ranked_top3", option=o) for o in "abcd") == pytest.approx(3)


# Sliders


def test_a_slider_has_its_weighted_median_in_every_cell() -> None:
    """Weights 1 each in a: middle of 20 and 90. In b 40 weighs 5 of 8: half of them lies there."""
    answers = {"q": [10, 20, 90, 100, 0, 40, 100], "g": list("aaaabbb"), "base_weight": [1, 1, 1, 1, 2, 5, 1]}
    found = ask(answers, {"q": "slider"}, by="g")
    assert value(found, "median", group="a") == 55
    assert value(found, "median", group="b") == 40
    assert value(found, "median", "n", group="b") == 3


# The page


def usability(lang: str = "en", n: int = 60) -> SurveyResult:
    """A usability test large enough to be shown."""
    draw = np.random.default_rng(8)
    answers: dict[str, Any] = {name: draw.integers(1, 6, n) for name in SUS}
    answers |= {"sure": draw.integers(0, 101, n), "pay": draw.integers(0, 2, n)}
    answers |= {"seconds": np.exp(draw.normal(4, 0.5, n)).round(1)}
    order = draw.permuted(np.tile([1, 2, 3, 4], (n, 1)), axis=1)
    answers |= {f"r_{o}": order[:, i] for i, o in enumerate("abcd")}
    time = {"kind": "time", "task": "pay"}
    questions: dict[str, Any] = {**SUS, "sure": "slider", "pay": "task", "seconds": time, "rank": RANKING}
    study, data = quick_study(responses=pd.DataFrame(answers), questions=questions)
    return survey(study.speak(lang), data)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Complete, %", "Success, %", "Time, s", "SUS", "of 100"]),
        ("ko", ["모두 답함, %", "성공, %", "시간, 초", "SUS", "100점 만점에"]),
    ],
)
def test_scores_stand_on_the_page(lang: str, words: list[str]) -> None:
    result = usability(lang)
    html = result.show("scores")._repr_html_()
    assert [word for word in words if word not in html] == []
    score = value(result, "sus")
    assert f"{score:.1f}" in html
    assert f"{score:.1f}" in result.plot(kind="scores").alternative()


@pytest.mark.parametrize(("lang", "words"), [("en", "Ranked first, %"), ("ko", "1순위, %")])
def test_rankings_stand_on_the_page_best_first(lang: str, words: str) -> None:
    result = usability(lang)
    html = result.show("rankings")._repr_html_()
    assert words in html
    means = {o: value(result, "mean_rank", option=o) for o in "abcd"}
    order = [html.index(f'<th scope="row">{o.upper()}</th>') for o in sorted(means, key=lambda o: means[o])]
    assert order == sorted(order)


def test_a_usability_test_has_a_headline_only_with_a_full_base() -> None:
    (finding,) = usability().headlines()
    assert finding.estimate == value(usability(), "sus")
    number = f"{finding.estimate:.1f}"
    assert f'<span class="jl-number">{number}<small>' in usability().opening()._repr_html_()
    assert finding.sentence.say("ko").startswith("SUS: 모든 문항")
    assert not usability(n=20).headlines()


def test_what_was_not_asked_is_left_out_and_cannot_be_drawn() -> None:
    result = ask({"q": [9, 10, 3]}, {"q": "nps"})
    for kind in ("scores", "rankings"):
        assert result.show(kind).empty
        with pytest.raises(ParamError, match=kind):
            result.plot(kind=kind)


def test_scores_of_few_people_are_masked() -> None:
    result = usability(n=8)
    html = result.show("scores")._repr_html_()
    assert "n &lt; 10" in html
    assert f"{value(result, 'sus'):.1f}" not in html
    assert math.isfinite(value(result, "sus"))
