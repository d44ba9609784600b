"""A study declares SUS, UMUX-Lite, tasks and times item by item; what is not as published is named."""

from __future__ import annotations

from typing import Any

import pytest

from journey_lib.errors import StudyError
from journey_lib.study.definition import study_from

Raw = dict[str, Any]


def study_of(*questions: Raw) -> Raw:
    sources = {"responses": {"file": "raw/answers.csv"}}
    head: Raw = {"id": "test", "title": "A test", "journey": {"preset": "funnel3"}, "sources": sources}
    return {**head, "questions": list(questions)}


def sus(name: str = "", **more: Any) -> list[Raw]:
    scale = {"scale_of": name} if name else {}
    return [{"id": f"{name or 'sus'}_{i}", "kind": "sus", **scale, **more} for i in range(1, 11)]


def lite() -> list[Raw]:
    return [{"id": f"umux_{i}", "kind": "umux_lite"} for i in (1, 2)]


TASK: Raw = {"id": "pay", "kind": "task"}
TIME: Raw = {"id": "pay_time", "kind": "time", "task": "pay"}


def problems(*questions: Raw) -> list[str]:
    with pytest.raises(StudyError) as caught:
        study_from(study_of(*questions))
    return [str(problem) for problem in caught.value.items]


def test_a_usability_test_is_declared_in_few_words() -> None:
    study = study_from(study_of(*sus(), *lite(), TASK, TIME))
    assert [q.reverse for q in study.questions[:10]] == [False, True] * 5
    assert [study.item(name).scale for name in ("sus_1", "umux_1", "pay", "pay_time")] == [
        (1, 5), (1, 7), None, None,
    ]  # fmt: skip
    assert study.item("pay_time").task == "pay"


def test_two_questionnaires_of_one_study_have_names() -> None:
    study = study_from(study_of(*sus("before"), *sus("after")))
    assert study.item("after_2").reverse
    assert not study.item("after_1").reverse
    (one,) = problems(*sus(), *[{**q, "id": f"again_{q['id']}"} for q in sus()])
    assert "kind sus" in one
    assert "20 items" in one
    assert "its own scale_of" in one


def test_marking_the_even_items_by_hand_says_nothing_new() -> None:
    marked = [{**q, "reverse": True} if i % 2 else q for i, q in enumerate(sus())]
    assert study_from(study_of(*marked)).questions == study_from(study_of(*sus())).questions


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        (sus()[:9], "of kind sus: 9 items. Allowed: the 10 items in their published order"),
        (lite()[:1], "of kind umux_lite: 1 items"),
        ([{**q, "scale": [0, 4]} for q in sus()], "'sus_1', key 'scale': another scale. Allowed: [1, 5]"),
        ([{**sus()[0], "reverse": True}, *sus()[1:]], "item 1 of sus is worded positively"),
        ([lite()[0], {**lite()[1], "reverse": True}], "item 2 of umux_lite is worded positively"),
        ([{**lite()[0], "direction": "effort"}, lite()[1]], "the direction of umux_lite is published"),
        ([{**TASK, "scale": [0, 1]}], "a task question has no scale"),
        ([{**TIME, "scale": [0, 900]}, TASK], "a time question has no scale"),
        ([TASK, {**TIME, "task": "pya"}], "unknown task 'pya'. Allowed: pay. Did you mean 'pay'?"),
        ([TIME], "unknown task 'pay'. Allowed: none declared"),
        ([TASK, {"id": "q", "kind": "nps", "task": "pay"}], "a nps question times no task"),
        ([*lite()[:1], {"id": "x", "kind": "umuxlite"}], "'umuxlite'"),
    ],
)
def test_what_is_not_as_published_is_named(questions: list[Raw], words: str) -> None:
    assert words in "\n".join(problems(*questions))


def test_a_kind_nearly_right_is_met_by_its_name() -> None:
    # One problem only: that the other item now stands alone follows from it.
    (one,) = problems(*lite()[:1], {"id": "umux_2", "kind": "umux_light"})
    assert "umux_lite" in one
    assert "Did you mean 'umux_lite'?" in one


def test_a_questionnaire_of_mixed_kinds_is_none() -> None:
    mixed = [*sus("ease"), {"id": "x", "kind": "likert", "scale": [1, 5], "scale_of": "ease"}]
    assert "its items are of kinds sus, likert" in "\n".join(problems(*mixed))
