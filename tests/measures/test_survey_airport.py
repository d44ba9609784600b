"""The airport's survey through every survey report, each against an independent computation.

Each is worked out anew from the answers and their weights with numpy; the survey report itself stands in
test_survey_truth.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from journey_lib.measures.crosstab import crosstab
from journey_lib.measures.drivers import drivers
from journey_lib.measures.reliability import reliability
from journey_lib.study.load import load_study
from tests.measures.conftest import Loaded


@pytest.fixture(scope="module")
def loaded(airport: Path) -> Loaded:
    return load_study(airport)


def answers(loaded: Loaded, *names: str, wave: str = "2017") -> tuple[np.ndarray, np.ndarray]:
    """Return the answers of a wave and their weights, straight from the frame."""
    _, data = loaded
    assert data.responses is not None
    assert data.weights is not None
    here = (data.responses["wave"] == wave).to_numpy()
    return data.responses.loc[here, list(names)].to_numpy(float), data.weights.values[here]


def test_a_crosstab_by_wave_is_the_share_of_weights(loaded: Loaded) -> None:
    found = crosstab(*loaded, banner=["wave"], items=["FOOD", "ALL"])
    for wave in ("2011", "2017"):
        for question in ("FOOD", "ALL"):
            (y,), w = answers(loaded, question, wave=wave)[0].T, answers(loaded, question, wave=wave)[1]
            known = ~np.isnan(y)
            cell = found.number("top2", question, "wave", wave)
            share = np.average(y[known] >= 4, weights=w[known])
            assert cell.estimate == pytest.approx(share, rel=1e-9)
            assert cell.n == known.sum()
            z = np.where(known, w * (np.nan_to_num(y >= 4) - share), 0) / w[known].sum()
            n = len(loaded[1].responses)  # type: ignore[arg-type]
            variance = n / (n - 1) * ((z**2).sum() - z.sum() ** 2 / n)
            assert cell.std_error == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_the_drivers_of_satisfaction_share_out_what_regressions_explain(loaded: Loaded) -> None:
    """LMG of three drivers by hand: mean gain of R² over all six orders, by least squares."""
    from itertools import permutations

    names = ["FOOD", "SCREENS", "WALKWAYS"]
    found = drivers(*loaded, outcome="ALL", drivers=names, wave="2017", draws=100)
    table, w = answers(loaded, *names, "ALL")
    complete = ~np.isnan(table).any(axis=1)
    X, y, w = table[complete, :3], table[complete, 3], w[complete]

    def r_squared(used: tuple[int, ...]) -> float:
        design = np.column_stack([np.ones(len(y)), X[:, list(used)]]) * np.sqrt(w)[:, None]
        fitted = design @ np.linalg.lstsq(design, y * np.sqrt(w), rcond=None)[0]
        centred = (y - np.average(y, weights=w)) * np.sqrt(w)
        return 1 - float(((y * np.sqrt(w) - fitted) ** 2).sum() / (centred**2).sum())

    gains = np.zeros(3)
    for order in permutations(range(3)):
        for place, driver in enumerate(order):
            gains[driver] += (r_squared(order[: place + 1]) - r_squared(order[:place])) / 6
    assert found.number("explained", "ALL").estimate == pytest.approx(gains.sum(), rel=1e-8)
    for name, gain in zip(names, gains, strict=True):
        assert found.number("importance", name).estimate == pytest.approx(gain / gains.sum(), rel=1e-8)


def test_sixteen_drivers_are_told_apart_by_johnsons_weights(loaded: Loaded) -> None:
    """Too many for exact shares. Johnson's weights by eigenvectors of the correlations, as published."""
    found = drivers(*loaded, draws=100)
    names = found.settings["drivers"]
    assert len(names) > 12
    assert found.settings["method"] == "johnson"
    assert "up to {most}" in str(found.basis.lines)
    _, data = loaded
    assert data.responses is not None
    assert data.weights is not None
    table = data.responses[[*names, found.outcome]].to_numpy(float)
    complete = ~np.isnan(table).any(axis=1)
    correlations = np.cov(table[complete].T, aweights=data.weights.values[complete])
    spread = np.sqrt(np.diag(correlations))
    correlations /= np.outer(spread, spread)
    values, vectors = np.linalg.eigh(correlations[:-1, :-1])
    root = vectors * np.sqrt(values) @ vectors.T
    weights = root**2 @ np.linalg.solve(root, correlations[:-1, -1]) ** 2
    for name, weight in zip(names, weights, strict=True):
        assert found.number("importance", name).estimate == pytest.approx(weight / weights.sum(), rel=1e-6)


def test_alpha_of_three_ratings_is_cronbachs_formula(loaded: Loaded) -> None:
    study, data = loaded
    names = ["FOOD", "SCREENS", "WALKWAYS"]
    questions = tuple(
        q.model_copy(update={"scale_of": "building"}) if q.id in names else q for q in study.questions
    )
    found = reliability(study.model_copy(update={"questions": questions}), data, wave="2017")
    table, w = answers(loaded, *names)
    complete = ~np.isnan(table).any(axis=1)
    covariance = np.cov(table[complete].T, aweights=w[complete])
    alpha = 3 / 2 * (1 - np.trace(covariance) / covariance.sum())
    assert found.number("alpha", "building").estimate == pytest.approx(alpha, rel=1e-8)
    assert found.number("alpha", "building").n == complete.sum()
