"""A result refuses numbers that contradict each other, and shows itself masked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from journey_lib.present.result import Check, Status, ordered, verified
from journey_lib.present.vocabulary import VOCABULARY
from journey_lib.present.wording import Quantity, message
from tests.present.pages import GROUPS, NOTES, Small, context, finding, plain, small

NAN = float("nan")
GOOD = {"estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6, "n": 100.0, "unit": "share"}


class Keyed(Small):
    """The small result, told apart by metric and group."""

    keys = ("metric", "group")


def one(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: [value] for name, value in (GOOD | columns).items()})


def test_a_sound_row_passes_and_gets_the_whole_vocabulary() -> None:
    full = verified(one(), {})
    assert tuple(full.columns) == VOCABULARY
    assert (full["estimate"].item(), full["group"].item()) == (0.5, "")
    assert np.isnan(full["p_value"].item())


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"ci_low": 0.51}, "interval without its estimate"),
        ({"ci_high": 0.49}, "interval without its estimate"),
        ({"estimate": NAN, "note": "no_answers"}, "interval without its estimate"),
        ({"estimate": NAN, "ci_low": NAN, "ci_high": NAN}, "missing estimate without a reason"),
        ({"estimate": NAN, "ci_low": NAN, "ci_high": NAN, "note": "unheard_of"}, "without a reason"),
        ({"estimate": 1.2, "ci_high": 1.3}, "share beyond 0 to 1"),
        ({"estimate": -0.2, "ci_low": -0.3}, "share beyond 0 to 1"),
        ({"ci_high": np.inf}, "infinite number"),
        ({"std_error": np.inf}, "infinite number"),
        ({"p_value": -np.inf}, "infinite number"),
        ({"unit": "percent"}, "unknown unit"),
    ],
)
def test_each_contradiction_is_refused(columns: dict[str, object], rule: str) -> None:
    with pytest.raises(ValueError, match=rf"{rule} in 1 row, first: 1"):
        verified(pd.concat([one(), one(**columns)]), NOTES)


def test_a_column_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown column: metrc"):
        verified(one(metrc="nps"), {})


def test_a_missing_number_with_its_reason_is_sound() -> None:
    gone = {"estimate": NAN, "ci_low": NAN, "ci_high": NAN}
    assert len(verified(one(**gone, note="no_answers"), NOTES)) == 1
    assert len(verified(one(ci_low=NAN, ci_high=NAN), NOTES)) == 1  # an estimate may lack its interval


def test_rounding_is_no_contradiction() -> None:
    assert len(verified(one(estimate=1 + 1e-12, ci_low=1.0, ci_high=1.0), {})) == 1


def test_a_result_checks_itself_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="share beyond 0 to 1 in 4 rows"):
        small(GROUPS.assign(estimate=2.0, ci_low=2.0, ci_high=2.0))


def test_the_table_is_exact_and_a_copy() -> None:
    result = small()
    taken = result.table
    taken["estimate"] = 0.0
    assert result.table["estimate"].tolist() == [0.50, 0.25, 0.61, 0.47]


def test_the_masked_table_hides_the_small_group_and_its_neighbour() -> None:
    masked = small().masked
    assert masked["note"].tolist() == ["", "masked", "withheld", ""]
    numbers = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "n_effective"]
    assert masked.loc[[1, 2], numbers].isna().all(axis=None)
    assert masked.loc[[0, 3], "n"].tolist() == [100, 60]
    assert len(verified(masked, NOTES)) == 4


def test_a_number_is_found_by_the_order_of_keys_or_by_name_and_comes_masked() -> None:
    result = Keyed(**vars(small()))
    assert result.number("top2", "C").estimate == result.number("top2", group="C").estimate == 0.47
    assert result.number("top2").group == ""
    assert result.number("top2", "A").hidden
    assert not result.number("top2", "D").metric
    assert [number.group for number in result.of("top2")] == ["", "A", "B", "C"]


def test_a_number_is_of_the_usual_group_unless_told_otherwise() -> None:
    class OfC(Keyed):
        @property
        def usual(self) -> dict[str, str]:
            return {"group": "C"}

    result = OfC(**vars(small()))
    assert (result.number("top2").group, result.number("top2", group="").group) == ("C", "")


def test_of_rows_alike_the_first_leads() -> None:
    twins = pd.concat([GROUPS, GROUPS.assign(stage="see", estimate=0.5)], ignore_index=True)
    assert Keyed(**vars(small()) | {"rows": twins}).number("top2", "C").estimate == 0.47


@pytest.mark.parametrize("wrong", [{"grup": "B"}, {"wave": "1"}])
def test_a_number_by_a_name_that_is_no_key_is_a_fault(wrong: dict[str, str]) -> None:
    with pytest.raises(KeyError, match=next(iter(wrong))):
        Keyed(**vars(small())).number("top2", **wrong)


def test_a_finding_is_the_number_with_its_interval_at_the_level_of_the_result() -> None:
    result = Keyed(**vars(small()) | {"settings": {"level": 0.9}})
    made = result.finding(result.number("top2", "C"), plain("Some like it."), plain("n = 60"), alert=True)
    assert (made.estimate, made.low, made.high, made.unit) == (0.47, 0.35, 0.59, "share")
    assert (made.level, made.axis, made.alert) == (0.9, (0.0, 1.0), True)


@pytest.mark.parametrize(("status", "doubted"), [("failed", True), ("watch", False)])
def test_only_a_failed_check_puts_a_result_in_doubt(status: Status, doubted: bool) -> None:
    checks = (Check("a", "passed", plain("A"), plain("a")), Check("b", status, plain("B"), plain("b")))
    assert small(checks=checks).doubted is doubted


def test_findings_are_masked_and_carry_the_kind_of_evidence() -> None:
    rows = small().findings()
    assert set(rows["kind"]) == {"satisfaction"}
    assert rows["estimate"].notna().tolist() == [True, False, False, True]


def test_the_definition_hash_follows_the_settings_and_not_their_order() -> None:
    first = small(settings={"by": "region", "wave": ""})
    assert first.definition_hash == small(settings={"wave": "", "by": "region"}).definition_hash
    assert first.definition_hash != small(settings={"by": "plan", "wave": ""}).definition_hash
    assert len(first.definition_hash) == 12


def test_stages_come_in_journey_order() -> None:
    rows = GROUPS.assign(stage=["buy", "see", "buy", ""])
    assert small(rows).stages == ("see", "buy")


def test_explain_is_short_or_long_in_either_language() -> None:
    result = small(
        found=(finding(message("n = {n}, weighted", n=Quantity(100))),), actions=(plain("Do it."),)
    )
    assert result.explain() == "n = 100, weighted"
    assert result.explain("long") == "\n".join(
        ["n = 100, weighted", "n = 100, weighted", "One group has few people.", "Do it."]
    )
    assert result.explain(lang="ko") == "n = 100, 가중치 적용"
    assert replace(result, context=context("ko")).explain() == "n = 100, 가중치 적용"


def test_checks_are_listed_failed_first() -> None:
    given = [Check(s, s, plain(s), plain(s)) for s in ("not_assessable", "passed", "failed", "watch")]
    assert [c.status for c in ordered(given)] == ["failed", "watch", "passed", "not_assessable"]


def test_a_result_without_figures_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Small draws no figure"):
        small().plot()
    assert small().picture() == ""
