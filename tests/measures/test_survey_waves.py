"""Waves compared: by hand, across broken series, beside masked waves, and what was planted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import ParamError
from journey_lib.measures.survey.result import SurveyResult
from tests.measures.conftest import ask

CES = {"kind": "ces", "direction": "agree_is_easy"}


def series(
    waves: dict[str, list[int]], questions: dict[str, Any] | None = None, **options: Any
) -> SurveyResult:
    """Return the survey of one question whose answers are typed wave by wave."""
    answers = {
        "wave": [w for w, given in waves.items() for _ in given],
        "q": [x for given in waves.values() for x in given],
    }
    return ask(answers, questions or {"q": CES}, **options)


def rows(result: SurveyResult, metric: str) -> pd.DataFrame:
    return result.table[result.table["metric"] == metric].set_index("wave")


def test_the_first_wave_and_the_mean_by_hand() -> None:
    """Means 2, 3 and 7: since the first +1 and +5, from their mean of 4 −2, −1 and +3, slope 2.5."""
    found = series({"1": [1, 2, 3] * 4, "2": [2, 3, 4] * 4, "3": [7, 7, 7] * 3 + [7, 6, 7]})
    last = 7 - 1 / 12
    assert rows(found, "since_first")["estimate"].tolist() == pytest.approx([1, last - 2])
    mean = (2 + 3 + last) / 3
    assert rows(found, "from_mean")["estimate"].tolist() == pytest.approx([2 - mean, 3 - mean, last - mean])
    assert rows(found, "since_first").loc["2", "std_error"] == pytest.approx(
        rows(found, "change").loc["2", "std_error"]
    )


def test_people_who_stayed_are_compared_with_themselves() -> None:
    """a fell by 2, b by 1, c rose by 3; d left and e came: mean change 0 of three people."""
    answers = {
        "respondent_id": list("abcd") + list("abce"),
        "wave": ["1"] * 4 + ["2"] * 4,
        "q": [5, 4, 2, 7, 3, 3, 5, 1],
    }
    found = ask(answers, {"q": CES})
    paired = rows(found, "paired_change").loc["2"]
    assert (paired["estimate"], paired["n"]) == (0, 3)
    assert rows(found, "change").loc["2", "estimate"] == pytest.approx(12 / 4 - 18 / 4)


def test_pairs_make_a_change_surer_where_people_keep_their_level() -> None:
    rng = np.random.default_rng(2)
    level = rng.integers(1, 6, 150)
    answers = {"wave": ["1"] * 150 + ["2"] * 150, "q": [*level, *(level + rng.integers(0, 2, 150))]}
    found = ask(answers | {"respondent_id": [*range(150)] * 2}, {"q": CES})
    change, paired = (rows(found, m).loc["2"] for m in ("change", "paired_change"))
    assert paired["estimate"] == pytest.approx(change["estimate"])  # the same people in both waves
    assert paired["std_error"] == pytest.approx(change["std_error"], rel=0.02)
    strangers = ask(answers, {"q": CES})
    assert rows(strangers, "change").loc["2", "std_error"] > 3 * change["std_error"]
    assert rows(strangers, "paired_change").empty


def test_nothing_is_compared_across_a_change_of_wording() -> None:
    waves = {str(w): [w % 3 + 1, 4, 5, 3] * 5 for w in range(1, 7)}
    found = series(waves, {"q": CES | {"changed": ["4"]}})
    change = rows(found, "change")
    assert change["note"].to_dict() == {"2": "", "3": "", "4": "broken_series", "5": "", "6": ""}
    assert np.isnan(change.loc["4", "estimate"])
    assert rows(found, "trend")["comparison"].to_dict() == {"3": "1", "6": "4"}
    assert rows(found, "since_first")["comparison"].to_dict() == {"2": "1", "3": "1", "5": "4", "6": "4"}
    assert "broken_series" in found.notes
    whole = series(waves)
    assert rows(whole, "trend")["comparison"].to_dict() == {"6": "1"}


def test_the_line_of_a_broken_series_is_drawn_in_pieces() -> None:
    waves = {str(w): [w % 3 + 1, 4, 5, 3] * 5 for w in range(1, 7)}
    pieces = series(waves, {"q": CES | {"changed": ["4"]}}).plot(kind="trend").sketch.lines
    assert [sum(map(np.isfinite, line.estimate)) for line in pieces] == [3, 3]
    assert pieces[0].label == ""


def test_a_change_of_wording_in_an_unknown_wave_is_refused() -> None:
    with pytest.raises(ParamError, match=r"'q', key 'changed': '2O25' is not a wave.*Did you mean '2025'"):
        series({"2024": [1, 2], "2025": [1, 2]}, {"q": CES | {"changed": ["2O25"]}})


def test_a_masked_wave_cannot_be_had_from_the_mean_or_the_trend() -> None:
    waves = {"1": [3, 4, 5] * 10, "2": [1, 2, 5], "3": [3, 4, 5] * 10, "4": [2, 4, 5] * 10}
    found = series(waves)
    for metric in ("from_mean", "trend"):
        assert set(rows(found, metric)["note"]) == {"small_wave"}
        assert rows(found, metric)["estimate"].isna().all()
    shown = found.masked
    since = shown[(shown["metric"] == "since_first") & (shown["wave"] == "2")]
    assert since["estimate"].isna().all()


def test_two_waves_have_a_change_and_nothing_more() -> None:
    found = series({"1": [3, 4, 5] * 10, "2": [3, 4, 4] * 10})
    assert set(found.table["metric"]) & {"since_first", "from_mean", "trend"} == set()
    assert "Trend a wave" not in found.show("changes")._repr_html_()


def test_a_drift_is_told_as_one_and_a_jump_is_not() -> None:
    rng = np.random.default_rng(5)

    def drawn(levels: list[float]) -> SurveyResult:
        waves = {
            str(w): np.clip(np.round(rng.normal(m, 1, 300)), 1, 7).astype(int).tolist()
            for w, m in enumerate(levels, 1)
        }
        return series(waves)

    steady = drawn([3, 3.15, 3.3, 3.45, 3.6, 3.75])
    assert rows(steady, "trend")["p_value"].item() < 0.05
    jump = drawn([4, 4, 4, 3, 3, 3])
    assert rows(jump, "trend_fit")["estimate"].item() < 0.001
    assert rows(jump, "trend")["p_value"].item() > 0.005  # the error knows that the waves jump
    html = jump.show("changes")._repr_html_()
    assert "~</sup>" in html
    assert "~</sup>" not in steady.show("changes")._repr_html_()


def test_the_planted_fall_stands_out_from_the_mean_and_flat_touchpoints_do_not(
    planted_survey: SurveyResult,
) -> None:
    table = planted_survey.table
    trend = table[table["metric"] == "trend"].set_index("question")
    fit = table[table["metric"] == "trend_fit"].set_index("question")["estimate"]
    assert fit["tp_guide"] < 1e-4
    flat = [q for q in trend.index if q.startswith("tp_") and q != "tp_guide"]
    assert (trend.loc[flat, "p_value"] > 0.05).all()
    mean = table[(table["metric"] == "from_mean") & (table["question"] == "tp_guide")].set_index("wave")
    assert (mean["estimate"] < 0).tolist() == [False, False, False, True, True, True]
    assert (mean["p_value"] < 0.001).all()
    stayed = table[(table["metric"] == "paired_change") & (table["question"] == "tp_guide")].set_index("wave")
    assert stayed["p_value"].idxmin() == "2026-01"


@pytest.mark.parametrize(("lang", "words"), [("en", "The latest wave against"), ("ko", "가장 최근 차수와")])
def test_the_table_of_moves_speaks_both_languages(lang: str, words: str) -> None:
    waves = {str(w): [w % 3 + 1, 4, 5, 3] * 5 for w in range(1, 5)}
    found = series(waves)
    spoken = replace(found, study=found.study.speak(lang), context=replace(found.context, language=lang))
    assert words in spoken.show("changes")._repr_html_()
