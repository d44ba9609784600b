"""Laws that hold for any data: what must not matter, and what must always hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats import estimate, weights
from journey_lib.stats.estimate import Estimate

KINDS = {
    "mean": estimate.mean,
    "proportion": estimate.proportion,
    "total": estimate.total,
    "nps": estimate.nps,
}
LAWS = settings(max_examples=60, deadline=None)


@dataclass(frozen=True)
class Drawn:
    """A small survey: answers from 0 to 10 with gaps, weights, two margins, strata of several units."""

    y: np.ndarray
    w: np.ndarray
    groups: dict[str, np.ndarray]
    strata: np.ndarray
    psu: np.ndarray
    domain: np.ndarray

    def answers(self, kind: str) -> np.ndarray:
        if kind != "proportion":
            return self.y
        return np.where(np.isnan(self.y), np.nan, self.y >= 6)

    def raked(self, rows: np.ndarray | None = None) -> weights.Weights:
        order = np.arange(self.y.size) if rows is None else rows
        targets = {"a": {0: 0.3, 1: 0.3, 2: 0.4}, "b": {0: 0.6, 1: 0.4}}
        return weights.rake({name: g[order] for name, g in self.groups.items()}, targets, self.w[order])


@st.composite
def surveys(draw: st.DrawFn) -> Drawn:
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(12, 80))
    levels = draw(st.integers(1, 11))
    rng = np.random.default_rng(seed)
    y = rng.integers(11 - levels, 11, n).astype(float)
    y[rng.random(n) < 0.1] = np.nan
    # The first rows hold each pair of categories, so that every margin can be met.
    groups = {"a": np.arange(n) % 3, "b": np.arange(n) // 3 % 2}
    strata = np.arange(n) % 2
    psu = strata * 1000 + np.arange(n) // 2 % draw(st.integers(2, 6))
    return Drawn(y, rng.uniform(0.5, 2, n), groups, strata, psu, rng.random(n) < 0.6)


def close(one: Estimate, two: Estimate, rel: float = 1e-9) -> None:
    first, second = asdict(one), asdict(two)
    assert first.pop("method") == second.pop("method")
    for name, value in first.items():
        assert value == pytest.approx(second[name], rel=rel, abs=1e-9, nan_ok=True), name


@LAWS
@given(surveys(), st.sampled_from(list(KINDS)))
def test_doubling_the_weights_changes_nothing_but_totals(drawn: Drawn, kind: str) -> None:
    y, design = drawn.answers(kind), {"strata": drawn.strata, "psu": drawn.psu, "domain": drawn.domain}
    one, two = (KINDS[kind](y, drawn.w * factor, **design) for factor in (1, 2))
    if kind == "total":
        assert two.estimate == pytest.approx(2 * one.estimate, nan_ok=True)
        assert two.std_error == pytest.approx(2 * one.std_error, nan_ok=True)
    else:
        close(one, two)


@LAWS
@given(surveys(), st.sampled_from(list(KINDS)), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(drawn: Drawn, kind: str, random) -> None:
    order = np.array(random.sample(range(drawn.y.size), drawn.y.size))
    y = drawn.answers(kind)
    options = {"strata": drawn.strata, "psu": drawn.psu, "domain": drawn.domain}
    turned = {name: values[order] for name, values in options.items()}
    close(KINDS[kind](y, drawn.w, **options), KINDS[kind](y[order], drawn.w[order], **turned))
    raked = KINDS[kind](y, calibration=drawn.raked(), domain=drawn.domain)
    close(raked, KINDS[kind](y[order], calibration=drawn.raked(order), domain=turned["domain"]), rel=1e-6)


@LAWS
@given(surveys())
def test_names_of_strata_and_units_change_nothing(drawn: Drawn) -> None:
    named = estimate.mean(
        drawn.y,
        drawn.w,
        strata=np.array(["north", "south"])[drawn.strata],
        psu=[f"unit {-code}" for code in drawn.psu],
    )
    close(estimate.mean(drawn.y, drawn.w, strata=drawn.strata, psu=drawn.psu), named)


@LAWS
@given(surveys())
def test_answers_outside_the_domain_change_nothing(drawn: Drawn) -> None:
    other = np.where(drawn.domain, drawn.y, 10 - drawn.y)
    made = drawn.raked()
    for call in (estimate.mean, estimate.nps, estimate.total):
        assert_same = call(drawn.y, calibration=made, domain=drawn.domain)
        close(assert_same, call(other, calibration=made, domain=drawn.domain))


@LAWS
@given(
    surveys(),
    st.sampled_from([*KINDS, "ratio", "quantile", "difference"]),
    st.sampled_from([0.5, 0.9, 0.999]),
)
def test_low_estimate_high(drawn: Drawn, kind: str, level: float) -> None:
    options = {"calibration": drawn.raked(), "level": level}
    if kind == "ratio":
        found = estimate.ratio(drawn.y, drawn.w, domain=drawn.domain, **options)
    elif kind == "quantile":
        found = estimate.quantile(drawn.y, 0.4, domain=drawn.domain, **options)
    elif kind == "difference":
        found = estimate.difference(drawn.y, drawn.domain, ~drawn.domain, **options)
    else:
        found = KINDS[kind](drawn.answers(kind), domain=drawn.domain, **options)
    low, high = np.nan_to_num([found.ci_low, found.ci_high], nan=found.estimate)
    assert np.isnan(found.estimate) or low <= found.estimate <= high
    if kind == "proportion" and not np.isnan(found.ci_low):
        assert 0 <= found.ci_low <= found.ci_high <= 1
    assert found.method


@LAWS
@given(surveys())
def test_nps_is_promoters_minus_detractors(drawn: Drawn) -> None:
    gone = np.isnan(drawn.y)
    promoters = estimate.proportion(np.where(gone, np.nan, drawn.y >= 9), drawn.w)
    detractors = estimate.proportion(np.where(gone, np.nan, drawn.y <= 6), drawn.w)
    found = estimate.nps(drawn.y, drawn.w).estimate
    assert found == pytest.approx(100 * (promoters.estimate - detractors.estimate), nan_ok=True, abs=1e-9)


@LAWS
@given(surveys())
def test_raking_meets_its_targets(drawn: Drawn) -> None:
    made = drawn.raked()
    assert made.values.mean() == pytest.approx(1)
    for name, goal in (("a", {0: 0.3, 1: 0.3, 2: 0.4}), ("b", {0: 0.6, 1: 0.4})):
        for label, share in goal.items():
            inside = drawn.groups[name] == label
            assert made.values[inside].sum() / drawn.y.size == pytest.approx(share, rel=1e-8)
            # What the margins fix has no error left.
            assert estimate.mean(inside * 1.0, calibration=made).std_error < 1e-9


@LAWS
@given(surveys(), st.sampled_from(list(KINDS)), st.booleans(), st.integers(1, 7))
def test_many_domains_equal_one_by_one(drawn: Drawn, kind: str, calibrated: bool, n_domains: int) -> None:
    codes = np.random.default_rng(drawn.y.size).integers(-1, n_domains, drawn.y.size)
    y = drawn.answers(kind)
    options = {"strata": drawn.strata, "psu": drawn.psu}
    options |= {"calibration": drawn.raked()} if calibrated else {"weights": drawn.w}
    found = estimate.by_domain(kind, y, codes, n_domains, **options)
    for k in range(n_domains):
        close(found.one(k), KINDS[kind](y, **options, domain=codes == k))


@LAWS
@given(surveys())
def test_difference_of_separate_rows_adds_variances_without_a_design(drawn: Drawn) -> None:
    """Scores of disjoint rows never meet, so only the correction for the mean could couple them; it is 0."""
    one, two = (estimate.mean(drawn.y, drawn.w, domain=side) for side in (drawn.domain, ~drawn.domain))
    joint = estimate.difference(drawn.y, drawn.domain, ~drawn.domain, drawn.w)
    assert joint.estimate == pytest.approx(one.estimate - two.estimate, nan_ok=True)
    if not np.isnan([one.std_error, two.std_error]).any():
        assert joint.std_error == pytest.approx(np.hypot(one.std_error, two.std_error))
