"""The personas report: cards that can be counted by hand, planted truth, masking, and impossible requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journey_lib.errors import ParamError
from journey_lib.measures.personas import PersonasResult, personas
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write
from journey_lib.study.segments import saved_segments
from journey_lib.study.segments.store import read

Loaded = tuple[Study, Data]
HEAVY = '{"column": "contacts_before", "operator": ">=", "value": 2}'


def shop(free: int = 60, paid: int = 40, **columns: Any) -> Loaded:
    """Customers on two plans; half of the free and a tenth of the paid ones live in the north."""
    plan = ["free"] * free + ["paid"] * paid
    north = [at % 2 == 0 for at in range(free)] + [at % 10 == 0 for at in range(paid)]
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{at:03d}" for at in range(free + paid)],
            "plan": plan,
            "region": ["north" if one else "south" for one in north],
            "calls": [float(at % 5) for at in range(free)] + [float(10 + at % 5) for at in range(paid)],
            **columns,
        }
    )
    return quick_study(customers=frame)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> PersonasResult:
    """The sample study with the rule that its experiment splits by, and one on what people value."""
    folder = tmp_path_factory.mktemp("planted")
    write(folder, "tiny")
    study, data = load_study(folder)
    store = saved_segments(study, data)
    store.save("Support-heavy", HEAVY)
    store.save("Price-minded", '{"column": "values_price", "operator": ">=", "value": 6}')
    return personas(study, data)


def number(result: PersonasResult, metric: str, segment: str, column: str = "", option: str = "") -> float:
    rows = result.table.query("metric == @metric and segment == @segment")
    if column:
        rows = rows.query("question == @column and option == @option")
    assert len(rows) == 1
    return float(rows["estimate"].iloc[0])


def check(result: PersonasResult, name: str) -> Any:
    return next(one for one in result.checks if one.name == name)


# Counted by hand


def test_a_card_counts_as_fingers_do() -> None:
    found = personas(*shop(), column="plan")
    assert [one.name for one in found.personas] == ["free", "paid"]
    assert number(found, "size", "free") == pytest.approx(0.6)
    # 30 of 60 free and 4 of 40 paid ones live in the north: 0.50 and 0.10 against 0.34 of all.
    assert number(found, "value", "paid", "region", "north") == pytest.approx(0.10)
    assert number(found, "total", "paid", "region", "north") == pytest.approx(0.34)
    assert number(found, "index", "free", "region", "north") == pytest.approx(100 * 0.5 / 0.34)
    # Means of calls: 2 among the free, 12 among the paid, 6 of all.
    assert number(found, "index", "paid", "calls") == pytest.approx(200)
    assert number(found, "value", "free", "calls") == pytest.approx(2)


def test_people_without_a_value_of_the_column_are_in_no_share() -> None:
    """A question asked of half of the people says nothing about the other half."""
    asked = [None] * 60 + ["cash"] * 40 + ["card"] * 100
    found = personas(*shop(120, 80, pays=asked), column="pays")
    assert number(found, "size", "cash") == pytest.approx(40 / 140)
    # 20 of the 40 live in the north; of the 100 with a card 10 of 20 free and 8 of 80 paid ones.
    assert number(found, "total", "cash", "region", "north") == pytest.approx(38 / 140)
    assert "60" in next(text.say("en") for title, text in found.basis.lines if title.say("en") == "Left out")
    assert "Left out" not in [title.say("en") for title, _ in personas(*shop(), column="plan").basis.lines]


def test_the_column_of_the_rule_describes_and_is_never_tested() -> None:
    study, data = shop(tariff=["f"] * 60 + ["p"] * 40)
    found = personas(study, data, column="plan")
    lines = found.table.query("metric == 'value'")
    assert set(lines.query("comparison == 'built'")["question"]) == {"plan"}
    assert set(found.tested["column"]) == {"region", "calls"}  # tariff is plan under another name
    assert set(found.table.query("question == 'plan'")["metric"]) == {"value", "total", "index"}


def test_tested_lines_equal_pandas_and_scipy() -> None:
    from scipy import stats

    study, data = shop()
    told = personas(study, data, column="plan").tested
    frame = data.require("customers", by="test")
    for name in ("free", "paid"):
        inside = frame["plan"] == name
        own = told.query("segment == @name and column == 'calls'").iloc[0]
        rest, mine = frame.loc[~inside, "calls"], frame.loc[inside, "calls"]
        assert own["effect"] == pytest.approx((mine.mean() - rest.mean()) / frame["calls"].std())
        assert own["index"] == pytest.approx(100 * mine.mean() / frame["calls"].mean())
    north = pd.crosstab(frame["plan"], frame["region"])
    p = stats.chi2_contingency(north, correction=False).pvalue
    calls = stats.ttest_ind(
        frame.loc[frame["plan"] == "free", "calls"],
        frame.loc[frame["plan"] == "paid", "calls"],
        equal_var=False,
    ).pvalue
    expected = stats.false_discovery_control([p, calls, p, calls])
    got = told.sort_values(["segment", "column"], ascending=[True, False])["p_value"].to_numpy()
    assert got == pytest.approx(expected)


def test_lines_keep_their_threshold_and_their_number() -> None:
    study, data = shop(**{f"more{at}": [0.0] * 50 + [1.0 + at] * 50 for at in range(12)})
    assert (
        personas(study, data, column="plan", effect=0.2)
        .table.query("metric == 'effect'")["estimate"]
        .abs()
        .min()
        >= 0.2
    )
    few = personas(study, data, column="plan", top=3).table.query("metric == 'value'")
    assert few.groupby("segment").size().max() == 3
    none = personas(*shop(), column="plan", effect=2.0).table.query("metric == 'effect'")
    assert none["estimate"].abs().min() >= 2.0 if len(none) else True


def test_the_order_of_customers_changes_nothing() -> None:
    study, data = shop()
    frame = data.require("customers", by="test")
    again = quick_study(customers=frame.sample(frac=1, random_state=3).reset_index(drop=True))
    one, other = (personas(*loaded, column="plan").tested for loaded in ((study, data), again))
    keys = ["segment", "column", "option"]
    pd.testing.assert_frame_equal(
        one.sort_values(keys, ignore_index=True), other.sort_values(keys, ignore_index=True)
    )


# Planted truth


def test_who_asked_for_help_before_asks_for_help_again(planted: PersonasResult) -> None:
    told = planted.tested.query("segment == 'Support-heavy'").set_index(["column", "option"])
    assert told.loc[("share_support", "used"), "index"] > 115
    assert told.loc[("help_minutes_per_month", ""), "index"] > 120
    assert told.loc[("help_minutes_per_month", ""), "p_value"] < 0.001


def test_price_minded_people_buy_with_discounts(planted: PersonasResult) -> None:
    told = planted.tested.query("segment == 'Price-minded'").set_index(["column", "option"])
    assert told.loc[("discount_share_pct", ""), "index"] > 110


def test_saved_segments_say_their_rule_and_age(planted: PersonasResult) -> None:
    html = planted.show("cards").inner
    assert "Contacts before the first advert: 2 or more" in html
    assert "version 1" in html
    assert check(planted, "age").status == "passed"
    assert check(planted, "overlap").status in ("watch", "passed")
    assert check(planted, "circular").status == "not_assessable"
    assert planted.stages == tuple(stage.id for stage in planted.study.journey.stages)


def test_the_page_names_no_customer(planted: PersonasResult) -> None:
    html = "".join(str(planted.show(kind).inner) for kind in ("cards", "satisfaction"))
    ids = planted.whom.who.ids
    assert [one for one in ids[:300] if one in html] == []


# Small groups


def test_a_segment_of_three_people_is_hidden_and_fails() -> None:
    found = personas(*shop(97, 3), column="plan")
    assert check(found, "size").status == "failed"
    assert found.headlines() == ()
    masked = found.masked.query("segment == 'paid'")
    assert len(masked)
    assert masked["estimate"].isna().all()
    assert "n &lt; 10" in found.show("cards").inner
    assert set(found.tested["segment"]) <= {"free"}


# What cannot be done


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"column": "regoin"}, "no column 'regoin' of the people of this study"),
        ({"column": "customer_no"}, "'customer_no' has 100 values"),
        ({"source": "cluster"}, "Did you mean .clusters"),
        ({"top": 2}, "3 to 10 lines"),
    ],
)
def test_the_impossible_is_refused_in_words(options: dict[str, Any], words: str) -> None:
    study, data = shop(customer_no=[f"no{at}" for at in range(100)])
    with pytest.raises(ParamError, match=words):
        personas(study, data, **options)


def test_a_study_without_segments_or_columns_says_so() -> None:
    study, data = quick_study(customers=pd.DataFrame({"customer_id": ["a", "b"], "calls": [1.0, 2.0]}))
    with pytest.raises(ParamError, match="no saved segments"):
        personas(study, data)


def test_without_saved_segments_a_column_stands_in() -> None:
    study, data = shop(band=["a", "b", "c", "d"] * 25)
    assert personas(study, data).whom.column == "band"


def test_the_figure_needs_events(planted: PersonasResult) -> None:
    with pytest.raises(ParamError, match="nothing to draw"):
        personas(*shop(), column="plan").plot()
    assert "stages" in planted.plot().alternative()


def test_the_sample_study_brings_three_saved_rules(root: Path) -> None:
    kept = read(root / "data" / "sample")  # refuses a rule whose hash does not fit
    assert [one.name for one in kept] == ["Support-heavy", "Price-minded", "Explorers"]
    assert {one.base_n for one in kept} == {20_000}
