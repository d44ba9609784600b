"""Surveys of 400 questions and of 300,000 rows: everything still comes out, and stays readable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.crosstab import crosstab
from journey_lib.measures.drivers import drivers
from journey_lib.measures.survey import survey
from journey_lib.present.tables import MOST_ROWS
from journey_lib.study.load import quick_study
from tests.measures.conftest import Loaded

WIDE, LONG = 400, 300_000


@pytest.fixture(scope="module")
def wide() -> Loaded:
    """Four hundred ratings of sixty people in two shops."""
    rng = np.random.default_rng(1)
    names = [f"q{i}" for i in range(WIDE)]
    frame = pd.DataFrame(rng.integers(1, 6, (60, WIDE)).astype(float), columns=names)
    frame.iloc[0] = np.nan  # one person left everything out
    frame["shop"] = ["a", "b"] * 30
    return quick_study(responses=frame, questions=dict.fromkeys(names, "rating"))


@pytest.fixture(scope="module")
def long() -> Loaded:
    """Two ratings and a recommendation by 300,000 weighted people in two waves and six regions."""
    rng = np.random.default_rng(2)
    mood = rng.normal(size=LONG)
    ratings = {name: np.clip(np.round(3 + mood + rng.normal(size=LONG)), 1, 5) for name in ("help", "price")}
    frame = pd.DataFrame(ratings | {"nps": np.clip(np.round(7 + 2 * mood), 0, 10)})
    frame["region"], frame["wave"] = (
        rng.integers(0, 6, LONG).astype(str),
        rng.integers(1, 3, LONG).astype(str),
    )
    frame["base_weight"] = rng.uniform(0.5, 2, LONG)
    return quick_study(responses=frame, questions={"help": "csat", "price": "csat", "nps": "nps"})


def test_four_hundred_questions_have_their_numbers_and_a_table_that_ends(wide: Loaded) -> None:
    found = survey(*wide)
    top = found.table.query("metric == 'top2' and weighting == 'weighted'")
    assert len(top) == WIDE
    html = found.show("unanswered")._repr_html_()
    assert f"{MOST_ROWS} of {WIDE} rows are shown" in html


def test_a_crosstab_of_four_hundred_questions_ends_too_and_can_be_chosen_from(wide: Loaded) -> None:
    found = crosstab(*wide, banner=["shop"])
    assert found.letters["question"].nunique() == WIDE
    html = found.show("items")._repr_html_()
    assert html.count("<tr") <= MOST_ROWS + 2
    assert f"{MOST_ROWS} of {WIDE} rows are shown" in html
    few = crosstab(*wide, banner=["shop"], items=["q7", "q9"]).show("items")._repr_html_()
    assert "rows are shown" not in few


def test_drivers_of_four_hundred_questions_are_named_or_refused(wide: Loaded) -> None:
    from journey_lib.errors import DataError

    names = [f"q{i}" for i in range(1, WIDE)]
    with pytest.raises(DataError, match="drivers"):
        drivers(*wide, outcome="q0", drivers=names, draws=100)


def test_three_hundred_thousand_rows_come_out_right(long: Loaded) -> None:
    study, data = long
    frame = data.responses
    assert frame is not None
    weight, nps = frame["base_weight"].to_numpy(), frame["nps"].to_numpy()
    score = 100.0 * (nps >= 9) - 100.0 * (nps <= 6)
    table = survey(study, data).table.query("metric == 'nps' and weighting == 'weighted' and wave == ''")
    assert table["estimate"].item() == pytest.approx(np.average(score, weights=weight), rel=1e-9)
    by_region = crosstab(study, data, banner=["region"], items=["help"]).table
    here = (frame["region"] == "3").to_numpy()
    cell = by_region.query("metric == 'top2' and group == '3'")
    assert cell["estimate"].item() == pytest.approx(
        np.average(frame["help"][here] >= 4, weights=weight[here]), rel=1e-9
    )
    found = drivers(study, data, drivers=["help", "price"], draws=100)
    assert sum(n.estimate for n in found.drivers_of()) == pytest.approx(1)
