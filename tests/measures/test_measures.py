"""Measures are found by their name, and their parameters are checked before anything runs."""

from __future__ import annotations

import pytest

from journey_lib import measures
from journey_lib.errors import ParamError
from journey_lib.measures.survey import SurveyParams


def test_a_measure_is_found_by_its_stem() -> None:
    assert "survey" in measures.stems() == sorted(measures.stems())
    assert measures.find("survey").survey is not None
    assert measures.params_class("survey") is SurveyParams


def test_an_unknown_stem_is_met_with_the_nearest() -> None:
    with pytest.raises(ParamError, match=r"there is no measure 'surwey'.*Did you mean 'survey'\?"):
        measures.find("surwey")


def test_a_notebooks_names_become_parameters_and_others_are_left_alone() -> None:
    params = measures.parameters("survey", {"by": "region", "level": 0.9, "jl": object(), "In": []})
    assert (params.by, params.level, params.wave) == ("region", 0.9, "")
    assert params.options() == {"by": "region", "wave": "", "level": 0.9}


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(ParamError, match="2 problems") as caught:
        measures.parameters("survey", {"by": 3, "level": 1.5})
    assert sorted(problem.where for problem in caught.value.items) == ["parameter 'by'", "parameter 'level'"]
