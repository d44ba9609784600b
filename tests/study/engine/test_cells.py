"""Moments by cell from a file: equal to those of the units in memory, and never of missing values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError
from journey_lib.stats.moments import comoments, moments
from journey_lib.study.engine.cells import cells_of


@pytest.fixture
def units(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({
        "arm": rng.choice(["a", "b"], 5_000), "day": rng.integers(0, 3, 5_000),
        "spend": 1e9 + rng.normal(size=5_000), "orders": rng.poisson(2, 5_000).astype(float),
    })  # fmt: skip
    path = tmp_path / "units.parquet"
    frame.to_parquet(path)
    return path, frame


def test_a_file_gives_what_its_rows_give(units: tuple[Path, pd.DataFrame]) -> None:
    path, frame = units
    found = cells_of(path, ["arm", "day"], ["spend", "orders"], pairs=[("spend", "orders")])
    code = frame.groupby(["arm", "day"]).ngroup().to_numpy()
    wanted = moments(frame[["spend", "orders"]], code)
    assert found.keys.to_numpy().tolist() == [[arm, day] for arm in "ab" for day in range(3)]
    np.testing.assert_allclose(found.moments.n, wanted.n)
    np.testing.assert_allclose(found.moments.mean, wanted.mean, rtol=1e-14)
    np.testing.assert_allclose(found.moments.var, wanted.var, rtol=1e-6)  # of a billion and one
    both = comoments(frame[["spend", "orders"]], code)
    np.testing.assert_allclose(found.pairs["spend", "orders"].cov, both.cov, rtol=1e-5, atol=1e-6)


def test_cells_by_arm_and_day_are_the_totals_of_an_experiment(units: tuple[Path, pd.DataFrame]) -> None:
    path, frame = units
    totals = cells_of(path, ["arm", "day"], ["orders"]).totals("x")
    mine = frame.query("arm == 'b' and day == 2")["orders"]
    row = totals.query("arm == 'b' and day == 2").iloc[0]
    assert (row["experiment"], row["units"]) == ("x", len(mine))
    assert [row["orders"], row["orders_squares"]] == pytest.approx([mine.sum(), (mine**2).sum()])


def test_a_missing_value_is_no_smaller_n(units: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    frame = units[1].copy()
    frame.loc[:2, "orders"] = None
    frame.to_parquet(tmp_path / "holes.parquet")
    with pytest.raises(DataError, match="3 values are missing"):
        cells_of(tmp_path / "holes.parquet", ["arm"], ["spend", "orders"])


def test_what_is_not_there_is_said(units: tuple[Path, pd.DataFrame]) -> None:
    with pytest.raises(DataError, match="Did you mean 'spend'"):
        cells_of(units[0], ["arm"], ["spent"])
    with pytest.raises(DataError, match="no such file"):
        cells_of(units[0].with_name("none.parquet"), ["arm"], ["spend"])
