"""The calibration in small: fixed seeds, few repeats, and the page that the long run writes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import journey_lib
from bench.calibrate import alarms, answers, behaviour, coverage, groups, letters, monitors, page, record
from journey_lib.measures.survey import survey
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.measures.survey.words import found_change
from journey_lib.study.load import load_study
from journey_lib.study.sample import design, truth, write

DOCS = Path(__file__).resolve().parent.parent / "docs"
REPEATS = 400


def limits(rate: float, repeats: int) -> tuple[float, float]:
    """Where a share lies in all but one of about 400 runs."""
    three = 3 * np.sqrt(rate * (1 - rate) / repeats)
    return rate - three, rate + three


@lru_cache
def report(seed: int) -> SurveyResult:
    drawn = answers.draw(seed)
    return survey(drawn.study, drawn.data)


# Coverage


def mean_coverage(*, forget: bool) -> float:
    rng = np.random.default_rng(5)
    population = coverage.DESIGNS["raked"][1]
    truth_, held = population.truths()["mean"], 0
    for _ in range(REPEATS):
        drawn = coverage.raked(rng, forget=forget)
        found = coverage.Sample(drawn.latent.size, **drawn.options)
        one = found.one("mean", coverage.rating(drawn.latent), np.ones(drawn.latent.size, bool))
        held += coverage.holds(one, truth_)
    return held / REPEATS


def test_intervals_of_raked_means_cover_as_often_as_they_say() -> None:
    low, high = limits(0.95, REPEATS)
    assert low < mean_coverage(forget=False) < high


def test_the_same_test_notices_when_the_calibration_is_forgotten() -> None:
    assert mean_coverage(forget=True) > limits(0.95, REPEATS)[1]


@pytest.mark.parametrize("name", coverage.DESIGNS)
def test_the_truths_of_the_populations_are_true(name: str) -> None:
    """One survey of a design as large as 400 of them: weighted estimates meet the closed forms."""
    draw, population = coverage.DESIGNS[name]
    rng = np.random.default_rng(11)
    sums: dict[str, list[float]] = {}
    for _ in range(40):
        drawn = coverage.replace(draw(rng), domain=None)
        for what, one in coverage.intervals(drawn, rng):
            sums.setdefault(what, []).append(one.estimate)
    for what, expected in population.truths().items():
        error = np.std(sums[what], ddof=1) / np.sqrt(len(sums[what]))
        assert abs(np.mean(sums[what]) - expected) < 4 * error + 1e-3, what


def test_a_missing_interval_holds_nothing_and_an_unbounded_side_does() -> None:
    nan = float("nan")
    bare = coverage.estimate.mean([1.0, 2.0, 3.0])
    assert not coverage.holds(coverage.replace(bare, ci_low=nan, ci_high=nan), 2.0)
    open_ = coverage.replace(bare, ci_low=nan, ci_high=3.0, method="unbounded: it runs off the data")
    assert coverage.holds(open_, -50.0)
    assert not coverage.holds(open_, 3.5)


# False alarms


def test_the_quiet_study_has_the_promised_overlap_and_design_effect() -> None:
    rng = np.random.default_rng(3)
    who, wave = alarms.people(rng, 2, 4_000)
    assert len(np.intersect1d(who[wave == 0], who[wave == 1])) == 800
    _, weight = alarms.opinions(rng, who, 1)
    assert (weight**2).mean() / weight.mean() ** 2 == pytest.approx(2, abs=0.25)


def test_the_rule_of_the_headline_is_the_rule_counted_here() -> None:
    """Among the clear changes is the one the report names, and there is none where it names none."""
    quiet = alarms.quiet_study(np.random.default_rng(1))
    assert (found_change(quiet) is None) == (alarms.clear_changes(quiet) == [])
    loud = report(1)
    assert found_change(loud) in alarms.clear_changes(loud)


def test_two_quiet_waves_differ_about_as_often_as_five_in_a_hundred() -> None:
    found = np.array(alarms.two_waves((0, 300)))
    low, high = limits(0.05, 300)
    assert (low < found.mean(axis=0)).all()
    assert (found.mean(axis=0) < high).all()


def test_columns_that_do_not_differ_get_few_letters_and_signs() -> None:
    """With degrees of freedom that count people, Holm against the rest alarms in 12 of 100 tables."""
    rng, repeats = np.random.default_rng(6), 300
    pairs, tables = [], []
    for _ in range(repeats):
        latent, codes, weight = letters.survey(rng, 0.0)
        level = np.clip(np.floor(2 + latent), 0, 3)
        made = letters.tables.crosstab(level, codes, sample=letters.Sample(codes.size, weight))
        pairs.append(np.mean(letters._told(letters.tables.letters(made), "none")))
        against = letters.tables.versus_rest(made)[2]
        tables.append((letters.holm(against.ravel()) < 0.05).any())
    low, high = limits(0.05, repeats)
    assert low < np.mean(pairs) < high
    assert np.mean(tables) < limits(0.065, repeats)[1]


# The sample study


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fall_is_found_where_it_is_and_the_decoy_is_not(seed: int) -> None:
    found = answers.changes(report(seed))
    assert found["fall"]
    assert not found["decoy"]


def test_the_fall_is_not_found_where_none_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the touchpoint looked for at another wave the same study says no."""
    monkeypatch.setattr(answers, "AFTER", design.WAVES[1])
    assert not answers.changes(report(1))["fall"]


def test_a_survey_in_memory_is_the_survey_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "tiny", 4)
    _, data = load_study(tmp_path)
    drawn = answers.draw(4, "tiny")
    pd.testing.assert_frame_equal(drawn.answers, data.require("responses", by="test"))
    # The folder's margins are written with ten digits.
    assert drawn.data.weights.values == pytest.approx(data.weights.values, rel=1e-8)


def test_shapley_shares_agree_with_the_closed_form_of_the_design() -> None:
    expected = truth.lmg_shares()
    between = truth.ratings.driver_correlation()
    found = answers.shapley(between, between @ np.asarray(design.DRIVER_BETA))
    assert found == pytest.approx(list(expected.values()), rel=1e-9)


def test_the_rate_ratio_can_be_counted_by_hand() -> None:
    """One band: 4 of 10 days exposed against 2 of 20, so 0.4 / 0.1; log error is the root of 1/4 + 1/2."""
    ratio, error = behaviour._rate_ratio(np.array([[2.0], [4.0]]), np.array([[20.0], [10.0]]))
    assert ratio == pytest.approx(4)
    assert error == pytest.approx(np.sqrt(1 / 4 + 1 / 2))


def test_the_planted_behaviour_is_found() -> None:
    found = behaviour.facts(1)
    assert {name: bool(found[name]) for name in ("fault", "method", "gain", "tickets")} == {
        "fault": True, "method": True, "gain": True, "tickets": True,
    }  # fmt: skip
    assert not found["fault elsewhere"]


# Segments and the monitor


def test_one_cloud_is_not_parted_though_the_silhouette_would() -> None:
    unparted, unsure, silhouette_says_one = groups.nothing(1, "one normal cloud")
    assert (unparted, unsure, silhouette_says_one) == (True, True, False)


def test_planted_groups_that_are_not_refused_are_the_true_ones() -> None:
    """A seed whose verdict is not none: among 200 people four in five are refused, as the page says."""
    right, alike, dealt = groups.something(1)
    assert right
    assert alike >= groups.ALIKE[0]
    assert abs(dealt) < 0.1


def test_weeks_in_which_nothing_moves_raise_few_alerts_and_many_small_p_values() -> None:
    newest, _, naive = np.mean(monitors.silent((0, 12), 0.0), axis=0)
    assert newest < 0.1  # one of 12 at most
    assert naive > 0.15


# The page


def line(value: float, low: float, high: float) -> record.Line:
    return record.Line("coverage", "raked", "mean", "rate", "share", 2000, value, low, high, 0.93, 0.97)


def test_verdicts() -> None:
    assert line(0.95, 0.94, 0.96).verdict == "held"
    assert line(0.92, 0.91, 0.935).verdict == "open"
    assert line(0.90, 0.89, 0.91).verdict == "missed"
    assert record.average("answers", "", "x", [1.0, 3.0]).verdict == "no bar"


def test_a_rate_carries_wilsons_interval() -> None:
    """20 of 1,000: statsmodels 0.14, proportion_confint(20, 1000, method="wilson")."""
    found = record.rate("coverage", "", "", np.arange(1000) < 20)
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.02, 0.0129836829164, 0.0306900052297), rel=1e-9
    )


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    runs = {"coverage": record.Run("coverage", "2026-01-31", "0.0.9", "", 0, 12.0)}
    record.write(tmp_path / "a.csv", [line(0.95, 0.94, 0.96)], runs)
    assert record.read(tmp_path / "a.csv") == ([line(0.95, 0.94, 0.96)], runs)


def test_what_is_missed_is_named_in_words() -> None:
    assert "Missed: mean (raked): 90.0 %." in page.verdict([line(0.9, 0.89, 0.91)])


def test_the_page_says_what_the_file_says() -> None:
    lines, runs = record.read(DOCS / "calibration.csv")
    assert (DOCS / "calibration.md").read_text("utf-8") == page.page(lines, runs)


def test_every_claim_has_rate_interval_and_bar_at_the_version_of_the_package() -> None:
    lines, runs = record.read(DOCS / "calibration.csv")
    assert set(runs) == set(page.WORDS) == {one.claim for one in lines}
    assert {run.version for run in runs.values()} == {journey_lib.__version__}
    for one in lines:
        assert one.low <= one.value <= one.high
    for claim in runs:
        assert any(one.claim == claim and one.verdict != "no bar" for one in lines)


def test_the_long_run_was_long_enough() -> None:
    lines, runs = record.read(DOCS / "calibration.csv")
    assert min(one.trials for one in lines if one.claim in ("coverage", "alarms", "letters")) >= 2_000
    assert min(run.seeds for run in runs.values() if run.size) >= 200
