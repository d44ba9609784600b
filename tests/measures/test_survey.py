"""NPS, satisfaction, means and non-response, counted with fingers; and the laws they keep."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.survey import survey
from journey_lib.measures.survey.quality import flags
from journey_lib.study.load import quick_study, within
from journey_lib.study.questions import points
from tests.measures.conftest import Loaded, ask, value

NPS = [10, 9, 9, 8, 7, 6, 3, 10, 9, 8]
STARS = [5, 4, 4, 3, 1, None, 5, 2, 4, 5]
WEIGHTS = [1, 1, 1, 1, 1, 2, 2, 1, 1, 1]
EXACT = {"rel": 1e-12}
LAWS = settings(max_examples=12, deadline=None)


# Counted with fingers


def test_nps_is_promoters_less_detractors() -> None:
    result = ask({"q": NPS}, {"q": "nps"})
    assert value(result, "nps") == pytest.approx(100 * (5 - 2) / 10, **EXACT)
    shares = [value(result, metric) for metric in ("promoters", "passives", "detractors")]
    assert shares == pytest.approx([0.5, 0.3, 0.2], **EXACT)
    assert value(result, "nps", "n") == 10
    # Scores +100 ×5, 0 ×3, −100 ×2 have mean 30 and sum of squares 61,000: sd² / n = 61,000 / 9 / 10.
    assert value(result, "nps", "std_error") == pytest.approx(math.sqrt(61_000 / 90), **EXACT)
    assert points(np.array([9.0, 7.0, 6.0, np.nan])).tolist()[:3] == [100, 0, -100]


def test_satisfied_are_the_top_two_levels_and_every_level_has_its_share() -> None:
    result = ask({"q": STARS}, {"q": "rating"})
    assert value(result, "mean") == pytest.approx(33 / 9, **EXACT)
    assert [value(result, m) for m in ("top2", "bottom2")] == pytest.approx([6 / 9, 2 / 9], **EXACT)
    levels = [value(result, "level", option=str(k)) for k in range(1, 6)]
    assert levels == pytest.approx([1 / 9, 1 / 9, 1 / 9, 3 / 9, 3 / 9], **EXACT)
    assert value(result, "mean", "n") == 9


def test_weights_count_an_answer_more_than_once() -> None:
    result = ask({"q": NPS, "base_weight": WEIGHTS}, {"q": "nps"})
    assert value(result, "nps") == pytest.approx(100 * (5 - 4) / 12, **EXACT)
    assert value(result, "nps", weighting="unweighted") == pytest.approx(30, **EXACT)
    assert value(result, "detractors") == pytest.approx(4 / 12, **EXACT)
    assert value(result, "nps", "n") == 10
    assert value(result, "nps", "n_effective") == pytest.approx(12**2 / 16, **EXACT)


@pytest.mark.parametrize(
    ("question", "good"),
    [
        ({"kind": "ces", "direction": "agree_is_easy"}, 3 / 5),
        ({"kind": "ces", "direction": "effort"}, 1 / 5),
        ({"kind": "likert", "scale": [1, 7], "direction": "effort", "reverse": True}, 3 / 5),
        ({"kind": "likert", "scale": [1, 7], "direction": "higher_is_better", "reverse": True}, 1 / 5),
    ],
)
def test_the_good_end_follows_direction_and_reversal(question: dict[str, object], good: float) -> None:
    result = ask({"q": [7, 6, 6, 4, 2]}, {"q": question})
    assert value(result, "top2") == pytest.approx(good, **EXACT)
    assert value(result, "mean") == pytest.approx(5, **EXACT)  # values stay as answered


def test_each_option_of_several_is_a_share_of_those_asked() -> None:
    answers = {"a": [1, 1, 0, 1], "b": [0, 1, 0, 0], "pay": ["1", "2", "1", ""]}
    questions = {
        "known": {"kind": "multi", "columns": {"us": "a", "them": "b"}},
        "pay": {"kind": "single", "labels": {"1": "Card", "2": "Cash", "3": "Coins"}},
    }
    result = ask(answers, questions)
    assert [value(result, "selected", question="known", option=o) for o in ("us", "them")] == [0.75, 0.25]
    paid = [value(result, "selected", question="pay", option=o) for o in "123"]
    assert paid == pytest.approx([2 / 3, 1 / 3, 0], **EXACT)


def test_who_was_not_asked_leaves_the_base_of_non_response() -> None:
    question = {"kind": "rating", "missing": {"7": "not_asked", "8": "not_used", "9": "dont_know"}}
    result = ask({"q": [5, 4, None, 7, 7, 8, 9, 9, 3, 2]}, {"q": question})
    found = [
        value(result, "item_nonresponse", option=reason, weighting="unweighted")
        for reason in ("", "not_used", "dont_know")
    ]
    assert found == pytest.approx([1 / 8, 1 / 8, 2 / 8], **EXACT)
    assert value(result, "item_nonresponse", "n", weighting="unweighted") == 8
    assert value(result, "mean", "n") == 4


def test_a_change_is_the_difference_of_two_waves() -> None:
    answers = {"q": [5, 4, 2, 1, 5, 5, 4, 1], "wave": ["1"] * 4 + ["2"] * 4}
    result = ask(answers, {"q": "rating"})
    assert value(result, "change", wave="2") == pytest.approx(3 / 4 - 2 / 4, **EXACT)
    # Two independent waves of four: variances of a share p(1−p)/(n−1) add up.
    error = math.sqrt(0.5 * 0.5 / 3 + 0.75 * 0.25 / 3)
    assert value(result, "change", "std_error", wave="2") == pytest.approx(error, rel=0.2)
    row = result.table.query("metric == 'change'").iloc[0]
    assert (row["comparison"], row["unit"]) == ("1", "share_points")
    assert 0 < row["p_value"] < 1


def test_heavy_weights_make_a_change_less_sure() -> None:
    """Parts of two heavy and eighteen light answers: 20 counted units leave about two degrees."""
    rng = np.random.default_rng(5)
    answers = {"q": rng.integers(1, 6, 20).tolist(), "wave": ["1"] * 10 + ["2"] * 10}
    heavy = [50.0, *[1.0] * 9, 50.0, *[1.0] * 9]
    result = ask(answers | {"base_weight": heavy}, {"q": "rating"})
    low, high = (value(result, "change", end, wave="2") for end in ("ci_low", "ci_high"))
    error = value(result, "change", "std_error", wave="2")
    assert (high - low) / 2 > 3 * error > 3 * 0
    even = ask(answers, {"q": "rating"})
    low, high = (value(even, "change", end, wave="2") for end in ("ci_low", "ci_high"))
    assert (high - low) / 2 < 2.2 * value(even, "change", "std_error", wave="2")


def test_people_who_answer_twice_are_one_cluster() -> None:
    answers = {"q": [5, 4, 2, 1, 5, 4, 2, 1], "wave": ["1"] * 4 + ["2"] * 4}
    apart = ask(answers, {"q": "rating"})
    same = ask(answers | {"respondent_id": list("abcdabcd")}, {"q": "rating"})
    assert value(apart, "change", "std_error", wave="2") > 0.2
    assert value(same, "change", "std_error", wave="2") == pytest.approx(0, abs=1e-12)
    assert "answers in several waves are one cluster" in same.who().inner


# Waves, groups, segments


def test_a_wave_without_answers_is_missing_with_its_reason_and_not_dropped() -> None:
    answers = {"q": [5, 4, None, None, 1, 5], "wave": ["1", "1", "2", "2", "3", "3"]}
    result = ask(answers, {"q": {"kind": "rating", "blank": "not_asked"}})
    rows = result.table.query("weighting == 'weighted'")
    silent = rows[rows["wave"] == "2"]
    assert set(silent["metric"]) == {"mean", "top2", "change"}
    assert silent["estimate"].isna().all()
    assert set(silent["note"]) == {"no_answers"}
    compared = rows[(rows["metric"] == "change") & (rows["wave"] == "3")]
    assert compared["comparison"].tolist() == ["1"]  # past the silent wave
    assert compared["estimate"].tolist() == pytest.approx([-0.5])


def test_no_number_stands_in_the_table_twice() -> None:
    answers = {"q": STARS * 2, "wave": ["1"] * 10 + ["2"] * 10, "g": list("ab") * 10}
    for wave in ("", "2"):
        table = ask(answers, {"q": "rating"}, by="g", wave=wave).table
        key = ["metric", "question", "option", "group", "wave", "comparison", "weighting"]
        assert not table.duplicated(key).any()


def test_totals_and_groups_are_about_the_chosen_wave() -> None:
    answers = {"q": [10, 10, 0, 0], "wave": ["1", "1", "2", "2"], "g": list("abab")}
    result = ask(answers, {"q": "nps"}, by="g", wave="2")
    assert value(result, "nps", wave="2") == -100
    assert value(result, "nps", wave="1") == 100
    assert [value(result, "nps", wave="2", group=g) for g in "ab"] == [-100, -100]
    assert "2 answers of other waves" in result.who().inner


def test_a_segment_is_a_domain_and_its_rows_stay_in_the_design() -> None:
    frame = pd.DataFrame({"q": NPS, "g": list("aabbaabbaa"), "base_weight": WEIGHTS})
    study, data = quick_study(responses=frame, questions={"q": "nps"})
    inside = survey(study, within(study, data, "g=a"))
    alone = survey(*quick_study(responses=frame[frame["g"] == "a"], questions={"q": "nps"}))
    assert len(within(study, data, "g=a").responses) == 10
    assert value(inside, "nps") == pytest.approx(value(alone, "nps"), **EXACT)
    assert value(inside, "nps", "n") == 6
    # A domain of six among ten is not a sample of six: its size is chance too.
    assert value(inside, "nps", "std_error") != pytest.approx(value(alone, "nps", "std_error"), rel=1e-6)
    assert "4 answers outside the segment" in inside.who().inner
    assert inside.definition_hash != survey(study, data).definition_hash


def test_counted_and_left_out_make_all_rows_that_were_read(shop: Callable[..., Loaded]) -> None:
    answers = {
        "respondent_id": list("abcdeffg"), "wave": list("11122222"), "tp_0": [5, 4, 3, 2, 1, 5, 5, 4],
        "region": list("xxyxyxxx"),
    }  # fmt: skip
    study, data = shop(answers, ["Payment"], segment="region=x")
    result = survey(study, data, wave="2")
    left_out = {"1 row at loading", "2 answers outside the segment", "2 answers of other waves"}
    assert {words for words in left_out if words in result.who().inner} == left_out
    assert result.basis.n + 1 + 2 + 2 == 8
    assert "Nobody" in survey(*shop(answers | {"respondent_id": list("abcdefgh")}, ["Payment"])).who().inner


# Doubtful numbers


def test_everybody_alike_has_no_standard_error_and_stays_out_of_findings_and_figures() -> None:
    answers = {"nps": [10] * 40, "sat": [5, 4, 3, 2] * 10, "g": ["a", "b"] * 20}
    result = ask(answers, {"nps": "nps", "sat": "rating"}, by="g")
    assert value(result, "nps") == 100
    assert math.isnan(value(result, "nps", "std_error", weighting="weighted"))
    notes = result.table.query("metric == 'nps'")["note"]
    assert set(notes) == {"no_spread"}
    assert result.headlines() == ()
    assert "no interval" in result.show("stages").inner
    assert "<figure" not in result.show("groups").inner
    assert "Everybody gave the same answer" in result._repr_html_()
    with pytest.raises(ParamError, match="holds nothing for the figure 'groups'"):
        result.plot(kind="groups")


def test_a_rating_all_gave_alike_is_in_the_table_and_not_in_the_figures() -> None:
    result = ask({"a": [5] * 40, "b": [5, 4, 3, 2] * 10}, {"a": "rating", "b": "rating"})
    assert value(result, "top2", question="a") == 1
    for kind in ("touchpoints", "stages"):
        assert [row.label for row in result.plot(kind=kind).sketch.rows] == ["B"]
    assert ">100.0<" in result.show("stages").inner


def test_one_person_has_no_uncertainty_and_says_so() -> None:
    result = ask({"q": [9, 9, 3, 4], "g": list("aaab")}, {"q": "nps"}, by="g")
    row = result.table.query("metric == 'nps' and group == 'b' and weighting == 'weighted'").iloc[0]
    assert (row["estimate"], row["note"], row["n"]) == (-100, "too_few", 1)
    assert np.isnan([row["std_error"], row["ci_low"], row["ci_high"]]).all()


def test_a_question_nobody_answered_is_missing_with_its_reason() -> None:
    result = ask({"q": [None] * 12, "r": [5, 4, 3] * 4}, {"q": "rating", "r": "rating"})
    rows = result.table.query("question == 'q' and metric != 'item_nonresponse'")
    assert rows["estimate"].isna().all()
    assert set(rows["note"]) == {"no_answers"}
    assert value(result, "item_nonresponse", question="q", weighting="unweighted") == 1
    assert [row.label for row in result.plot(kind="stages").sketch.rows] == ["R"]
    assert result.explain("long")


def test_a_survey_where_nobody_answered_anything_still_has_a_page() -> None:
    result = ask({"q": [None] * 3}, {"q": "rating"})
    assert "This study holds no answers for this part." in result.show("touchpoints").inner
    assert "No finding passed its checks" in result.opening().inner


def test_one_wave_no_touchpoints_no_options_each_say_why_a_part_is_empty() -> None:
    result = ask({"q": STARS}, {"q": "rating"})
    assert "has one wave" in result.show("trend").inner
    assert "has one wave" in result.show("waves").inner
    assert "does not split" in result.show("groups").inner
    assert "no question with several answers" in result.show("choices").inner
    assert "Second line" in result.show("stages").inner


# Careless answers


def test_flags_are_raised_by_speed_straight_lines_and_the_attention_check() -> None:
    grid = {f"q{at}": [3, 1 + at % 5, 4] for at in range(8)}
    frame = pd.DataFrame({**grid, "duration_s": [300, 99, 300], "attention": ["1", "1", "0"]})
    study, data = quick_study(responses=frame, questions=dict.fromkeys(grid, "rating"))
    found = flags(study, data)
    assert {name: flag.tolist() for name, flag in found.reasons.items()} == {
        "fast": [False, True, False],
        "attention": [False, False, True],
        "straight": [True, False, True],
        "even": [True, False, True],
        "repeated": [False, False, False],
        "blank": [False, False, False],
    }
    assert found.any.tolist() == [True, True, True]


def test_the_check_on_careless_answers_never_tells_of_a_few_people() -> None:
    answers = {"q": [10] * 3 + [2, 5, 9, 8, 7] * 20, "duration_s": [1] * 3 + [300] * 100}
    check = next(c for c in ask(answers, {"q": "nps"}).checks if c.name == "careless")
    assert check.text.say("en").startswith("Fewer than 10 answers are flagged")
    answers = {"q": [10] * 30 + [2, 5, 9, 8, 7] * 20, "duration_s": [1] * 30 + [300] * 100}
    check = next(c for c in ask(answers, {"q": "nps"}).checks if c.name == "careless")
    assert check.status == "watch"
    # 30 + 20 promoters and 40 detractors of 130; without the flagged 20 and 40 of 100.
    assert "30 answers flagged (23.1%)" in check.text.say("en")
    assert "reads −20.0 instead of 7.7" in check.text.say("en")


# Weights


def test_a_failed_check_on_weights_keeps_findings_out() -> None:
    answers = {"q": NPS * 10, "base_weight": [50.0] * 5 + [0.1] * 95}
    result = ask(answers, {"q": "nps"})
    assert {c.name: c.status for c in result.checks}["weights"] == "failed"
    assert (result.headlines(), result.meanings()) == ((), ())
    assert ask({"q": NPS * 10}, {"q": "nps"}).headlines() != ()


# Mistakes of the caller


def test_an_unknown_column_or_wave_is_met_with_the_nearest_both_at_once() -> None:
    answers = {"q": NPS, "region": list("abcabcabca"), "wave": ["2016"] * 5 + ["2017"] * 5}
    with pytest.raises(ParamError) as caught:
        ask(answers, {"q": "nps"}, by="regoin", wave="2071")
    assert [(p.where, p.nearest) for p in caught.value.items] == [("wave", "2017"), ("by", "region")]
    assert "2016, 2017" in str(caught.value)


def test_a_column_with_too_many_values_splits_nothing() -> None:
    answers = {"q": NPS * 4, "postcode": [str(1000 + at) for at in range(40)]}
    with pytest.raises(ParamError, match="at most 30 values") as caught:
        ask(answers, {"q": "nps"}, by="postcode")
    assert "1000" not in str(caught.value)


def test_a_study_without_answers_says_which_table_is_missing() -> None:
    with pytest.raises(DataError, match="needs the table 'responses'"):
        survey(*quick_study(customers=pd.DataFrame({"customer_id": ["1"]})))


@pytest.mark.parametrize(("call", "word"), [("plot", "touchpoint"), ("show", "unansweredd")])
def test_an_unknown_part_is_met_with_the_nearest(call: str, word: str) -> None:
    with pytest.raises(ParamError, match=r"Did you mean '(touchpoints|unanswered)'"):
        getattr(ask({"q": STARS}, {"q": "rating"}), call)(kind=word)


# Laws


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, list[object]]:
    """Return answers of 5 to 40 people in up to three waves and groups, some missing, weighted."""
    rows = draw(st.integers(5, 40))

    def column(values: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    return {
        "nps": column(st.none() | st.integers(0, 10)),
        "sat": column(st.none() | st.integers(1, 5)),
        "wave": column(st.sampled_from(["1", "2", "3"])),
        "g": column(st.sampled_from(["a", "b", "c"])),
        "base_weight": column(st.sampled_from([0.5, 1.0, 2.0, 3.7])),
    }


QUESTIONS = {"nps": "nps", "sat": "rating"}
KEY = ["metric", "question", "option", "group", "wave", "comparison", "weighting"]


@LAWS
@given(surveys())
def test_shares_add_up_groups_make_the_total_and_intervals_hold_their_estimate(
    answers: dict[str, list[object]],
) -> None:
    rows = ask(answers, QUESTIONS, by="g").table
    known = rows[rows["ci_low"].notna()]
    assert (known["ci_low"] <= known["estimate"] + 1e-9).all()
    assert (known["estimate"] <= known["ci_high"] + 1e-9).all()
    shares = rows.loc[rows["unit"] == "share", ["estimate", "ci_low", "ci_high"]]
    assert (shares.isna() | ((shares >= 0) & (shares <= 1))).all(axis=None)
    assert not np.isinf(rows.select_dtypes("number")).any(axis=None)
    parts = rows[rows["metric"].isin(["promoters", "passives", "detractors", "level"]) & (rows["n"] > 0)]
    sums = parts.groupby(["question", "group", "wave", "weighting"])["estimate"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(sums)))
    main = rows[rows["metric"].isin(["nps", "top2"]) & (rows["weighting"] == "weighted")]
    for _, question in main.groupby("question"):
        total = question.loc[(question["group"] == "") & (question["wave"] == ""), "n"].item()
        assert question.loc[question["group"] != "", "n"].sum() == total
        assert question.loc[question["wave"] != "", "n"].sum() in (total, 0)  # 0: there is one wave only


@LAWS
@given(surveys(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_doubled_weights_change_a_number(
    answers: dict[str, list[object]], random: object
) -> None:
    frame = pd.DataFrame(answers).sort_values("wave", kind="stable")  # waves keep their order
    order = list(range(len(frame)))
    random.shuffle(order)
    shuffled = frame.iloc[order].sort_values("wave", kind="stable")
    plain = ask(frame, QUESTIONS, by="g").table.set_index(KEY)
    for other in (shuffled, frame.assign(base_weight=frame["base_weight"] * 2)):
        again = ask(other, QUESTIONS, by="g").table.set_index(KEY).loc[plain.index]
        for column in ("estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "n_effective"):
            assert again[column].to_numpy() == pytest.approx(plain[column].to_numpy(), abs=1e-9, nan_ok=True)
        assert again["note"].tolist() == plain["note"].tolist()
