"""One reading of the survey's design for every measure that joins answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journey_lib.study.load import quick_study
from journey_lib.study.surveyed import panel, sample_of


def test_answers_of_one_person_are_one_cluster() -> None:
    frame = {"q": [5, 4, 2, 1], "wave": ["1", "1", "2", "2"]}
    once = quick_study(responses=pd.DataFrame(frame), questions={"q": "rating"})
    twice = quick_study(
        responses=pd.DataFrame(frame | {"respondent_id": list("abab")}), questions={"q": "rating"}
    )
    assert (panel(*once), panel(*twice)) == (False, True)
    everybody = np.ones(4, bool)
    found = [sample_of(*made, 0.95).one("mean", frame["q"], everybody) for made in (once, twice)]
    assert [one.df for one in found] == [3, 1]
    assert found[0].estimate == found[1].estimate == 3.0


def test_weights_count_only_where_they_are_asked_for() -> None:
    frame = pd.DataFrame({"q": [5, 1], "base_weight": [3.0, 1.0]})
    made = quick_study(responses=frame, questions={"q": "rating"})
    both = np.ones(2, bool)
    means = [sample_of(*made, 0.95, weighted=use).one("mean", [5, 1], both).estimate for use in (True, False)]
    assert means == [4.0, 3.0]
