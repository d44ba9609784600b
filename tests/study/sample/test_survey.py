"""What is planted in the survey comes back by plain counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.sample import design, scales, truth
from tests.study.sample.conftest import Written, generated

WAVES = list(design.WAVES)


def answers(study: Written) -> pd.DataFrame:
    return study.table("responses").drop_duplicates(["respondent_id", "wave"], ignore_index=True)


def raked(study: Written, rows: pd.DataFrame) -> np.ndarray:
    """Rake each wave by plain proportional fitting."""
    margins = (
        study.table("margins").astype({"target": float}).set_index(["wave", "margin", "category"])["target"]
    )
    weight = np.ones(len(rows))
    for wave in WAVES:
        at = np.flatnonzero(rows["wave"] == wave)
        for _ in range(25):
            for margin in ("age_band", "plan"):
                codes, names = pd.factorize(rows[margin].iloc[at])
                now = np.bincount(codes, weights=weight[at]) / weight[at].sum()
                weight[at] *= (np.array([margins[wave, margin, name] for name in names]) / now)[codes]
        weight[at] /= weight[at].mean()
    return weight


def valid(rows: pd.DataFrame, column: str, highest: int = 5) -> pd.Series:
    return rows[column].where(rows[column] <= highest).astype(float)


def test_tiny_has_what_a_hand_can_count(tiny: Written) -> None:
    rows = tiny.table("responses")
    assert rows["wave"].drop_duplicates().tolist() == WAVES
    assert set(rows["language"]) == {"en", "ko"}
    assert set(rows["tp_guide"].dropna()) <= {1, 2, 3, 4, 5, 8, 9}
    assert set(rows["nps"].dropna()) <= {*range(11), 97, 99}
    assert (rows.loc[rows["plan"] == "none", "nps"] == 97).all()
    assert rows.loc[rows["aware_none"] == 1, [f"aware_{b}" for b in ("saebom", "mealday")]].sum().sum() == 0


def test_margins_add_up_in_every_wave(demo: Written) -> None:
    margins = demo.table("margins").astype({"target": float})
    assert margins.groupby(["wave", "margin"])["target"].sum().to_numpy() == pytest.approx(np.ones(12))


def test_about_two_thousand_answer_each_wave_and_fewer_the_first(demo: Written) -> None:
    sizes = answers(demo)["wave"].value_counts()[WAVES]
    assert sizes.iloc[1:].between(1850, 2150).all()
    assert 1350 < sizes.iloc[0] < 1650


def test_the_raw_mean_is_too_high_and_the_raked_mean_is_not(demo: Written) -> None:
    rows = answers(demo)
    score, weight = valid(rows, "overall"), raked(demo, rows)
    aim = demo.truth["expected"]["survey"]["overall_frame_pooled"]
    known = score.notna()
    assert score.mean() - aim == pytest.approx(0.10, abs=0.03)
    assert np.average(score[known], weights=weight[known]) == pytest.approx(aim, abs=0.03)
    assert (weight**2).mean() == pytest.approx(1.4, abs=0.06)


def test_no_margin_mends_an_answer_that_depends_on_the_opinion(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    study = generated(tmp_path_factory.mktemp("bias"), "demo", variant="survey_bias")
    rows = answers(study)
    score, weight = valid(rows, "overall"), raked(study, rows)
    aim = study.truth["expected"]["survey"]["overall_frame_pooled"]
    known = score.notna()
    assert score.mean() - aim == pytest.approx(0.12, abs=0.03)
    assert np.average(score[known], weights=weight[known]) - aim == pytest.approx(0.04, abs=0.03)


def test_the_guide_falls_from_wave_four_and_nothing_else_does(demo: Written) -> None:
    rows = answers(demo)
    weight = raked(demo, rows)
    falls = {}
    for point in design.TOUCHPOINTS:
        score = valid(rows, f"tp_{point.id}")
        late = rows["wave"].isin(WAVES[design.FALL_WAVE :]) & score.notna()
        early = ~rows["wave"].isin(WAVES[design.FALL_WAVE :]) & score.notna()
        falls[point.id] = np.average(score[early], weights=weight[early]) - np.average(
            score[late], weights=weight[late]
        )
    assert falls.pop("guide") == pytest.approx(demo.truth["expected"]["survey"]["fall"], abs=0.09)
    thick = {k: v for k, v in falls.items() if k not in ("invite", "addons")}
    assert max(map(abs, thick.values())) < 0.12
    raters = valid(rows, "tp_guide").groupby(rows["wave"]).count()
    assert raters.min() >= 500


def test_weighted_means_meet_the_closed_form(demo: Written) -> None:
    rows = answers(demo)
    weight = raked(demo, rows)
    for point in ("guide", "payment", "checkout"):
        for wave, mean in demo.truth["expected"]["survey"]["touchpoint_means"][point].items():
            score = valid(rows, f"tp_{point}").where(rows["wave"] == wave)
            known = score.notna()
            error = 1.1 * np.sqrt(1.5 / known.sum())
            assert np.average(score[known], weights=weight[known]) == pytest.approx(mean, abs=4 * error)


def test_the_noisy_wave_is_thin(demo: Written) -> None:
    counts = valid(answers(demo), "tp_recipe_cards").groupby(answers(demo)["wave"]).count()
    assert counts[WAVES[design.NOISY_WAVE]] < 0.2 * counts.drop(WAVES[design.NOISY_WAVE]).min()


def test_the_drivers_come_back_in_order_and_the_decoy_only_looks_important(demo: Written) -> None:
    rows = answers(demo)
    frame = pd.DataFrame({d: valid(rows, f"tp_{d}") for d in design.DRIVERS})
    frame["nps"] = valid(rows, "nps", 10)
    complete = frame.dropna()
    assert len(complete) >= 2500
    z = (complete - complete.mean()) / complete.std()
    beta, *_ = np.linalg.lstsq(z[list(design.DRIVERS)].to_numpy(), z["nps"].to_numpy())
    assert beta == pytest.approx(np.array(design.DRIVER_BETA), abs=0.05)
    plain = z.corr()["nps"].drop("nps").rank(ascending=False)
    assert plain["help"] == 1
    assert plain["first_box"] == 3
    assert z.corr().loc["help", "first_box"] == pytest.approx(0.6, abs=0.04)
    assert z.corr().loc["payment", "first_box"] == pytest.approx(0.5, abs=0.04)
    assert z.corr().loc["help", "payment"] == pytest.approx(0.3, abs=0.05)
    assert z.corr().loc["support", "search"] == pytest.approx(0.1, abs=0.05)


def test_shapley_puts_the_decoy_fourth() -> None:
    shares = truth.lmg_shares()
    beta = np.array(design.DRIVER_BETA)
    assert sum(shares.values()) == pytest.approx(beta @ np.array(list(truth.simple_correlations().values())))
    assert sorted(shares, key=lambda d: -shares[d])[:4] == ["help", "payment", "support", "first_box"]


def test_effort_has_its_alpha_one_reversed_item_and_one_bad_item(demo: Written) -> None:
    rows = answers(demo)
    items = pd.DataFrame({f"effort_{i}": valid(rows, f"effort_{i}", 7) for i in range(1, 5)}).dropna()
    assert items.corr().loc["effort_1", "effort_3"] < -0.5
    items["effort_3"] = 8 - items["effort_3"]

    def alpha(x: pd.DataFrame) -> float:
        k = x.shape[1]
        return k / (k - 1) * (1 - x.var().sum() / x.sum(axis=1).var())

    assert alpha(items) == pytest.approx(0.82, abs=0.02)
    dropped = {c: alpha(items.drop(columns=c)) for c in items}
    assert max(dropped, key=lambda c: dropped[c]) == "effort_4"
    assert dropped["effort_4"] > 0.87


def test_carelessness_is_as_planted(demo: Written) -> None:
    everything = demo.table("responses")
    rows = answers(demo)
    assert 1 - len(rows) / len(everything) == pytest.approx(0.02, abs=0.003)
    speed = rows["duration_s"] < rows["duration_s"].median() / 3
    assert speed.mean() == pytest.approx(0.03, abs=0.01)
    ratings = rows[[c for c in rows if c.startswith("tp_")]]
    assert ratings.isna().mean().mean() == pytest.approx(0.06, abs=0.006)
    used = ratings.where(ratings <= 5)
    straight = (used.max(axis=1) == used.min(axis=1)) & (used.notna().sum(axis=1) >= 8)
    assert straight.mean() == pytest.approx(0.013, abs=0.007)
    assert rows.loc[speed, "attention"].mean() < 0.6 < 0.97 < rows.loc[~speed, "attention"].mean()


def test_regions_differ_in_style_and_not_in_experience(demo: Written) -> None:
    rows = answers(demo)
    used = rows[[c for c in rows if c.startswith("tp_")]]
    used = used.where(used <= 5).astype(float)
    spread = used.std(axis=1).groupby(rows["region"]).mean()
    assert spread["JP"] < spread["KR"] < spread["BR"]
    raw = used.mean(axis=1).groupby(rows["region"]).mean()
    assert raw["BR"] - raw["JP"] > 0.03
    enough = used.notna().sum(axis=1) >= 8
    within = used.sub(used.mean(axis=1), axis=0).div(used.std(axis=1), axis=0)[enough]
    common = [c for c in within if c not in ("tp_invite", "tp_addons", "tp_delivery")]
    gaps = within[common].groupby(rows["region"]).mean()
    assert (gaps - gaps.mean()).abs().to_numpy().max() < 0.12


def test_the_latent_fall_is_larger_than_the_visible_one() -> None:
    assert design.FALL < scales.latent_fall() < 2 * design.FALL
