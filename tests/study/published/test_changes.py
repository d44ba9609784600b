"""What moved beyond noise: against each report's own run before, corrected for everything compared."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from journey_lib.study.published.changes import changes
from tests.measures.test_journey_map import EMPTY, STUDY


def history(*rows: dict[str, Any]) -> pd.DataFrame:
    about = {"study": STUDY.id, "params": "{}", "lang": "en", "stem": "survey", "report": "survey.html"}
    return pd.DataFrame([{**EMPTY, **about, "as_of": row["run_id"][-2:], **row} for row in rows])


def number(run: str, metric: str, estimate: float, std_error: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"run_id": run, "metric": metric, "estimate": estimate, "std_error": std_error, **more}


TWO = history(
    number("survey-01", "nps", 10.0, 3.0), number("survey-02", "nps", 40.0, 4.0),
    number("survey-01", "mean", 4.0), number("survey-02", "mean", 4.5),
    number("survey-01", "share", 0.3, 0.0), number("survey-02", "share", 0.9, 0.0),
)  # fmt: skip


def test_a_number_far_beyond_its_noise_moved_and_one_within_did_not() -> None:
    found = changes(STUDY, TWO)
    assert found.rows["metric"].tolist() == ["nps"]
    row = found.rows.iloc[0]
    assert (row["difference"], row["noise"], row["report"], row["since"]) == (30.0, 6.0, "survey.html", "01")
    # two numbers have a standard error; 2 * (1 - pnorm(6)) = 1.973e-09 in R 4.2, times 2 for two looked at
    assert row["p_value"] == pytest.approx(2 * 1.973175e-09, rel=1e-5)
    assert (found.compared, found.reports, found.since) == (2, 1, "01")


def test_everything_compared_is_corrected_for() -> None:
    """A change of 2.2 standard errors counts alone, and not among a hundred quiet numbers."""
    one = [number("survey-01", "nps", 0.0), number("survey-02", "nps", 2.2 * 2**0.5)]
    assert len(changes(STUDY, history(*one)).rows) == 1
    quiet = [number(run, f"m{n}", 1.0) for n in range(100) for run in ("survey-01", "survey-02")]
    assert len(changes(STUDY, history(*one, *quiet)).rows) == 0


def test_a_twin_of_the_same_day_hides_no_change() -> None:
    rows = [number(f"survey-{day}-{at}", "nps", value, lang=lang, as_of=day)
            for day, value in (("01", 0), ("02", 50)) for at, lang in enumerate(("en", "ko"))]  # fmt: skip
    found = changes(STUDY, history(*rows))
    assert found.rows["difference"].tolist() == [50.0]
    assert found.rows["since"].tolist() == ["01"]


def test_other_parameters_studies_definitions_and_syntheses_are_not_compared() -> None:
    for name in ("params", "study", "definition_hash"):
        assert changes(STUDY, TWO.assign(**{name: TWO["run_id"]})).rows.empty
    assert changes(STUDY, TWO.assign(stem="journey_map")).reports == 0


def test_a_day_in_the_past_knows_no_later_run() -> None:
    assert changes(STUDY, TWO, "01").reports == 0
    assert changes(STUDY, TWO, "02").reports == 1


def test_without_an_earlier_run_nothing_moved() -> None:
    for nothing in (None, TWO.iloc[:0], TWO[TWO["run_id"] == "survey-01"]):
        found = changes(STUDY, nothing)
        assert (len(found.rows), found.compared, found.since) == (0, 0, "")


def test_totals_grow_with_every_day_and_are_no_news() -> None:
    for unit, moved in (("count", 0), ("currency", 0), ("share", 1)):
        assert len(changes(STUDY, TWO.assign(unit=unit)).rows) == moved
