"""Themes of a study file: where they belong, what they are called, and every mistake at once."""

from __future__ import annotations

from typing import Any

import pytest

from journey_lib.errors import StudyError
from journey_lib.study.definition import Study, study_from


def shop(*themes: dict[str, Any]) -> Study:
    points = [{"id": "box", "stage": "purchase", "label": {"en": "The box", "ko": "상자"}}]
    journey = {"preset": "funnel3", "touchpoints": points}
    return study_from({"id": "shop", "title": "A shop", "journey": journey, "themes": list(themes)})


def test_a_theme_takes_stage_and_name_from_its_touchpoint() -> None:
    (theme,) = shop({"id": "late", "touchpoint": "box", "terms": {"en": ["late"], "ko": ["늦어"]}}).themes
    assert (theme.stage, theme.label.say("ko"), theme.terms.all()) == ("purchase", "상자", ("late", "늦어"))


def test_a_theme_needs_no_touchpoint_and_has_a_name() -> None:
    (theme,) = shop({"id": "late_box", "terms": {"en": ["late*", "cold box"]}}).themes
    assert (theme.stage, theme.label.say("en")) == ("", "Late box")


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        ({"id": "a", "terms": {}}, ["no words to look for"]),
        ({"id": "a"}, ["no words to look for"]),
        ({"id": "a", "touchpoint": "bx", "terms": {"en": ["late"]}}, ["unknown touchpoint 'bx'", "'box'"]),
        ({"id": "a", "stage": "purchas", "terms": {"en": ["late"]}}, ["unknown stage", "'purchase'"]),
        (
            {"id": "a", "touchpoint": "box", "stage": "awareness", "terms": {"en": ["late"]}},
            ["its touchpoint"],
        ),
        ({"id": "a", "terms": {"en": ["*late"]}}, ["'*late'"]),
        ({"id": "a", "terms": {"en": ["a"]}}, ["nearly everywhere"]),
        ({"id": "a", "terms": {"ko": ["배송*"]}}, ["nearly everywhere", "needs no *"]),
        ({"id": "a", "term": {"en": ["late"]}}, ["unknown key", "terms"]),
        ({"id": "a b", "terms": {"en": ["late"]}}, ["no plain id"]),
    ],
)
def test_mistakes_are_told(theme: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(StudyError) as error:
        shop(theme)
    for word in words:
        assert word in str(error.value)


def test_two_themes_of_one_name_are_told_beside_other_mistakes() -> None:
    with pytest.raises(StudyError) as error:
        shop({"id": "a", "terms": {"en": ["late"]}}, {"id": "a", "terms": {}})
    assert "stands twice" in str(error.value)
    assert "no words" in str(error.value)


def test_themes_are_part_of_the_fingerprint() -> None:
    theme = {"id": "late", "terms": {"en": ["late"]}}
    assert shop().fingerprint != shop(theme).fingerprint
