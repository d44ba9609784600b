"""The crosstab report: hand-made tables, planted differences and habits, honest refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.crosstab import crosstab
from journey_lib.measures.crosstab.result import CrosstabResult
from journey_lib.measures.survey import survey
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study
from tests.measures.conftest import Loaded

Planted = tuple[Study, Data, dict[str, Any]]


@pytest.fixture(scope="module")
def by_region(planted: Planted) -> CrosstabResult:
    return crosstab(*planted[:2], banner=["region"], items=["nps", "overall", "tp_ad", "pay_preferred"])


def shops(**options: Any) -> CrosstabResult:
    """Return 100 answers a shop: satisfied 40, 70 and 45, and a shop with 8 answers."""
    good = {"a": (40, 100), "b": (70, 100), "c": (45, 100), "d": (4, 8)}
    rows = [(shop, 5 if at < top else 2) for shop, (top, n) in good.items() for at in range(n)]
    frame = pd.DataFrame(rows, columns=["shop", "q"])
    frame["day"] = ["week", "end"] * (len(frame) // 2)
    study, data = quick_study(responses=frame, questions={"q": "csat"})
    return crosstab(study, data, **{"banner": ["shop"], **options})


def marks(result: CrosstabResult, metric: str = "top2") -> list[str]:
    return result.letters.query("metric == @metric")["letters"].tolist()


def test_shares_and_letters_of_a_hand_made_table() -> None:
    found = shops()
    assert found.wide.loc[("q", "top2", "")].tolist() == pytest.approx([159 / 308, 0.4, 0.7, 0.45, 0.5])
    assert marks(found) == ["", "AC", "", ""]
    assert marks(shops(correction="holm")) == ["", "AC", "", ""]


def test_versus_rest_and_previous() -> None:
    # a: 40 of 100 against 119 of 208 is lower; b: 70 against 89 of 208 is higher.
    assert marks(shops(versus="rest"))[:3] == ["−", "+", ""]
    # b against a, and c against b: b is the larger of both pairs.
    assert marks(shops(versus="previous")) == ["", "AC", "", ""]
    assert marks(shops(versus="previous", correction="bonferroni")) == ["", "AC", "", ""]


def test_a_small_column_has_no_letters_and_is_masked_with_one_that_would_give_it_away() -> None:
    found = shops()
    cells = {v: found.number("top2", "q", "shop", v) for v in "abcd"}
    assert cells["d"].hidden
    assert sum(cell.hidden for cell in cells.values()) == 2
    assert all(found.mark(cell) == "" for cell in cells.values() if cell.hidden)
    html = found.show("items")._repr_html_()
    assert "50.0" not in html
    assert next(c for c in found.checks if c.name == "thin_columns").status == "watch"


def test_nested_columns_hold_every_pair_and_add_up() -> None:
    found = shops(banner=["shop", "day"], nested=True)
    assert found.blocks[0].name == "shop × day"
    assert len(found.blocks[0].values) == 8
    level = found.table.query("metric == 'top2'")
    parts, total = level[level["group"] != ""], level[level["group"] == ""]
    assert parts["n"].sum() == total["n"].iloc[0] == 308
    assert (parts["n"] * parts["estimate"]).sum() == pytest.approx(159)


def test_side_by_side_blocks_never_compare_across() -> None:
    found = shops(banner=["shop", "day"])
    assert [block.name for block in found.blocks] == ["shop", "day"]
    day = found.letters.query("segment == 'day' and metric == 'top2'")["letters"]
    assert set("".join(day).upper()) <= {"A", "B"}


def test_levels_of_a_question_add_up_in_every_column(by_region: CrosstabResult) -> None:
    chosen = by_region.table.query("metric == 'selected' and question == 'pay_preferred'")
    sums = chosen.groupby("group")["estimate"].sum()
    assert sums.to_numpy() == pytest.approx([1.0] * len(sums))


def test_a_habit_of_rating_is_said_beside_the_letters(planted: Planted, by_region: CrosstabResult) -> None:
    check = next(c for c in by_region.checks if c.name == "response_style")
    assert check.status == "watch"
    assert planted[2]["structural"]["region_stretch"]["JP"] < 1
    spread = by_region.table.query("question == 'tp_ad' and metric == 'level'")
    ends = spread[spread["option"].isin(["1", "5"])].groupby("group")["estimate"].sum()
    assert ends["JP"] < ends["KR"] < ends["BR"]


def test_groups_of_an_empty_banner_come_from_the_study(planted: Planted) -> None:
    found = crosstab(*planted[:2], items=["overall"])
    assert found.blocks[0].name == planted[0].weights.rake[0]
    assert found.headlines()[0].estimate < found.wide.loc[("overall", "top2", "")].max()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"banner": ["shopp"]}, "Did you mean 'shop'"),
        ({"banner": ["q"], "items": ["x"]}, "'x' is no question"),
        ({"stage": "nowhere"}, "'nowhere'"),
        ({"versus": "total"}, "columns, rest, previous"),
        ({"test": "exact"}, "effective, linearised"),
        ({"correction": "sidak"}, "none, bonferroni, holm"),
        ({"wave": "3"}, "'3' is not a wave"),
    ],
)
def test_unknown_names_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParamError, match=words):
        shops(**options)


def test_columns_of_one_value_or_too_many_are_refused() -> None:
    frame = pd.DataFrame({"q": [1, 2, 3] * 20, "one": "x", "many": [str(n) for n in range(60)]})
    study, data = quick_study(responses=frame, questions={"q": "csat"})
    for name, count in (("one", 1), ("many", 60)):
        with pytest.raises(ParamError, match=f"'{name}' has {count} values"):
            crosstab(study, data, banner=[name])
    with pytest.raises(ParamError, match="no column to compare"):
        crosstab(study, data)


def test_a_question_nobody_answered_has_its_reason_in_every_column() -> None:
    frame = pd.DataFrame({"q": [None] * 60, "r": [5, 4, 3] * 20, "shop": ["n", "s"] * 30})
    table = crosstab(
        *quick_study(responses=frame, questions={"q": "csat", "r": "csat"}), banner=["shop"]
    ).table
    silent = table[table["question"] == "q"]
    assert silent["estimate"].isna().all()
    assert set(silent["note"]) == {"no_answers", "not_tested"}
    assert table.loc[(table["question"] == "r") & (table["metric"] == "top2"), "estimate"].notna().all()


@pytest.mark.parametrize("report", [survey, crosstab])
def test_a_stratum_with_one_cluster_is_one_error_unless_the_study_has_a_rule(
    shop: Callable[..., Loaded], report: Callable[..., Any]
) -> None:
    answers = {
        "tp_0": [5, 4, 3] * 20, "region": ["n", "s"] * 30,
        "stratum": ["x"] * 30 + ["y"] * 29 + ["z"], "cluster": list(range(60)),
    }  # fmt: skip
    design = '[design]\nstrata = "stratum"\npsu = "cluster"\n'
    with pytest.raises(DataError, match="1 with a single sampling unit") as caught:
        report(*shop(answers, ["Till"], more=design))
    assert len(caught.value.items) == 1
    adjusted = report(*shop(answers, ["Till"], more=design + 'lonely = "adjust"\n'))
    assert adjusted.table.loc[adjusted.table["metric"] == "top2", "ci_low"].notna().all()


def test_a_study_without_answers_is_refused() -> None:
    events = pd.DataFrame({"customer_id": ["a"], "event": ["x"], "time": ["2025-01-01"]})
    with pytest.raises(DataError, match="responses"):
        crosstab(*quick_study(events=events, journey=["x"]))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("kind", ["differences", "items", "answers", "tests"])
def test_every_part_shows_itself_in_both_languages(by_region: CrosstabResult, kind: str, lang: str) -> None:
    spoken = replace(
        by_region, context=replace(by_region.context, language=lang), study=by_region.study.speak(lang)
    )
    html = spoken.show(kind)._repr_html_()
    assert f'lang="{lang}"' in html
    assert not spoken.show(kind).empty
