"""The survey report finds what was planted in the sample study, and the published numbers of a real one."""

from __future__ import annotations

from typing import Any

import pytest

from journey_lib.measures.survey.result import SurveyResult
from journey_lib.measures.survey.words import found_change
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from tests.measures.conftest import value

Planted = tuple[Study, Data, dict[str, Any]]


def test_raw_answers_are_too_kind_and_raked_ones_are_not(
    planted: Planted, planted_survey: SurveyResult
) -> None:
    aim = planted[2]["expected"]["survey"]["overall_frame_pooled"]
    raw = value(planted_survey, "mean", question="overall", weighting="unweighted")
    raked = value(planted_survey, "mean", question="overall")
    assert raw - aim == pytest.approx(0.10, abs=0.03)
    assert raked == pytest.approx(aim, abs=0.03)
    low, high = (value(planted_survey, "mean", end, question="overall") for end in ("ci_low", "ci_high"))
    assert low <= aim <= high


def test_the_planted_fall_is_the_first_finding(planted: Planted, planted_survey: SurveyResult) -> None:
    fall = planted[2]["structural"]["survey"]["fall"]
    change = found_change(planted_survey)
    assert change is not None
    assert (change.question, change.wave) == (f"tp_{fall['touchpoint']}", fall["from_wave"])
    first = planted_survey.headlines()[0]
    assert first.alert
    assert first.estimate == change.estimate < 0
    waves = (change.comparison, change.wave)
    means = [value(planted_survey, "mean", question=change.question, wave=wave) for wave in waves]
    assert means[0] - means[1] == pytest.approx(planted[2]["expected"]["survey"]["fall"], abs=0.12)


def test_the_noisy_wave_of_a_flat_touchpoint_is_no_finding(
    planted: Planted, planted_survey: SurveyResult
) -> None:
    decoy = planted[2]["structural"]["survey"]["noisy_decoy"]
    tested = [c for c in planted_survey.changes if c.known]
    questions = len({c.question for c in tested})
    own = [c for c in tested if c.question == f"tp_{decoy['touchpoint']}"]
    assert len(own) == 5
    assert min(c.p_value for c in own) * questions > 0.05
    assert all(decoy["touchpoint"] not in f.sentence.say("en") for f in planted_survey.headlines())


def test_weighted_touchpoint_means_meet_the_closed_form(
    planted: Planted, planted_survey: SurveyResult
) -> None:
    for point, by_wave in planted[2]["expected"]["survey"]["touchpoint_means"].items():
        for wave, mean in by_wave.items():
            found = planted_survey.number(f"tp_{point}", "mean", wave=wave)
            # Four standard errors for 66 comparisons, and the 1.5 % who answer in a straight line.
            assert found.estimate == pytest.approx(mean, abs=4 * found.std_error + 0.02), (point, wave)


def test_failed_attention_checks_and_speeders_are_counted(
    planted: Planted, planted_survey: SurveyResult
) -> None:
    _, data, truth = planted
    check = next(c for c in planted_survey.checks if c.name == "careless")
    share = check.text.values["share"].value
    assert share == pytest.approx(truth["structural"]["survey"]["careless"], abs=0.03)
    assert share > (data.responses["attention"] == 0).mean()


# The airport's numbers were counted from its raw files with pandas 3.1: the codes 0, 6 and "Blank" left out,
# np.average with and without WEIGHT; recommendation 0–10, 11 left out.


def test_the_airports_satisfaction_and_recommendation(airport_survey: SurveyResult) -> None:
    found = [
        round(value(airport_survey, "mean", question="ALL", wave="2017", weighting=w), 4)
        for w in ("unweighted", "weighted")
    ]
    assert found == [4.0644, 4.0712]
    nps = [
        round(value(airport_survey, "nps", wave="2017", weighting=w), 2) for w in ("unweighted", "weighted")
    ]
    assert nps == [39.84, 40.40]
    assert value(airport_survey, "nps", "n", wave="2017") == 2746


def test_the_airports_waves(airport_survey: SurveyResult) -> None:
    years = [str(year) for year in range(2010, 2018)]
    assert airport_survey.waves == tuple(years)
    means = [
        round(value(airport_survey, "mean", question="ALL", wave=year, weighting="unweighted"), 3)
        for year in years
    ]
    assert means == [3.925, 3.946, 3.998, 3.982, 3.996, 4.048, 4.038, 4.064]


def test_what_the_airport_did_not_ask_is_missing_and_not_a_change(airport_survey: SurveyResult) -> None:
    rows = airport_survey.table.query("question == 'WIFI' and weighting == 'weighted'")
    means = rows[rows["metric"] == "mean"].set_index("wave")
    assert means.loc[["2010", "2011", "2012"], "estimate"].isna().all()
    assert set(means.loc[["2010", "2011", "2012"], "note"]) == {"no_answers"}
    changes = rows[rows["metric"] == "change"].set_index("wave")["estimate"]
    assert changes.isna().to_dict() == {"2011": True, "2012": True, "2013": True} | {
        str(year): False for year in range(2014, 2018)
    }
    assert "En dash: not asked in that wave" in airport_survey.show("waves").inner
