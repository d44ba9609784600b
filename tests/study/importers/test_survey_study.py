"""Whatever an export calls its columns and options, the draft is a study file that finds them again."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.study.definition import study_from
from journey_lib.study.importers.draft import Asked, comment, quoted
from journey_lib.study.importers.event_study import Log, event_study
from journey_lib.study.importers.scales import Column
from journey_lib.study.importers.survey_study import Survey, Ticks, option_ids, personal, survey_study

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
ASKED = Asked(Path("export.csv"), "mine")


@given(TEXT)
def test_any_text_survives_as_a_string_and_stays_inside_a_comment(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}
    assert tomllib.loads("\n".join(comment(text)) + "\nb = 1") == {"b": 1}


@given(
    st.lists(TEXT, min_size=1, max_size=4, unique=True), st.lists(st.sampled_from(["", "1", "5", "99", "x"]))
)
def test_any_survey_is_drafted_as_a_sound_study(names: list[str], cells: list[str]) -> None:
    answers = pd.Series(cells, dtype="str")
    items = [Column(name, name, answers) for name in names]
    ticks = Ticks("ticked", "Which?", {f"ticked_{i}": name for i, name in enumerate(names)})
    study = study_from(tomllib.loads(survey_study(ASKED, Survey("table", [*items, ticks]))))
    assert [q.column for q in study.questions[:-1]] == names
    assert list(study.questions[-1].columns.values()) == list(ticks.options)


@given(st.dictionaries(TEXT, st.integers(1, 10**9), min_size=1))
def test_any_log_is_drafted_as_a_sound_study(names: dict[str, int]) -> None:
    study = study_from(tomllib.loads(event_study(ASKED, Log("table", names))))
    entered = {name for stage in study.journey.stages for name in stage.enter}
    assert entered <= set(names)


def test_names_that_differ_in_capitals_only_enter_the_same_stage() -> None:
    study = study_from(tomllib.loads(event_study(ASKED, Log("table", {"Purchase": 1, "purchase": 2}))))
    assert study.stage("purchase").enter == ("Purchase", "purchase")


@given(st.lists(TEXT, max_size=8))
def test_options_get_ids_of_their_own(labels: list[str]) -> None:
    assert len(set(option_ids(labels))) == len(labels)
    assert option_ids(["a", "a 3", "a"]) == ["a", "a_3", "a_3_3"]


def test_what_names_a_person() -> None:
    people = [
        "email",
        "이메일 주소",
        "Phone",
        "연락처",
        "IPAddress",
        "First Name",
        "LocationLatitude",
        "성함",
    ]
    assert [name for name in people if not personal(name)] == []
    others = ["How good was our phone support today?", "brand_name", "region", "Phoned before or not at all?"]
    assert [name for name in others if personal(name)] == []
