"""The reliability report: the planted scale and its bad item, hand-made scales, honest refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.reliability import reliability
from journey_lib.measures.reliability.result import ReliabilityResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study

Planted = tuple[Study, Data, dict[str, Any]]


@pytest.fixture(scope="module")
def planted_scale(planted: Planted) -> ReliabilityResult:
    return reliability(*planted[:2])


def scale(answers: np.ndarray, **options: Any) -> ReliabilityResult:
    """Return the reliability of typed answers, the items called a, b, c …"""
    names = [chr(ord("a") + at) for at in range(answers.shape[1])]
    asked = {"kind": "likert", "scale": [1, 5], "scale_of": "ease"}
    frame = pd.DataFrame(answers, columns=names)
    return reliability(*quick_study(responses=frame, questions=dict.fromkeys(names, asked)), **options)


def steady(rows: int = 200, items: int = 4, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (
        np.digitize(rng.normal(size=(rows, 1)) + rng.normal(size=(rows, items)), [-1.5, -0.5, 0.5, 1.5]) + 1
    )


def test_the_planted_alpha_is_found_and_its_interval_holds_it(
    planted: Planted, planted_scale: ReliabilityResult
) -> None:
    aim = planted[2]["structural"]["survey"]["effort_alpha"]
    alpha = planted_scale.number("alpha", "effort")
    assert alpha.estimate == pytest.approx(aim, abs=0.02)
    assert alpha.ci_low <= aim <= alpha.ci_high
    assert alpha.n > 5_000


def test_the_planted_bad_item_is_named_and_the_reversed_one_is_not(
    planted: Planted, planted_scale: ReliabilityResult
) -> None:
    truth = planted[2]["structural"]["survey"]
    checks = {check.name: check for check in planted_scale.checks}
    bad = planted[0].item(truth["effort_bad_item"]).label.say("en")
    assert checks["weak_items"].status == "watch"
    assert bad in checks["weak_items"].text.say("en")
    assert checks["keying"].status == "passed"
    assert any(bad in finding.sentence.say("en") for finding in planted_scale.headlines())
    turned = planted[0].item(truth["effort_reversed"])
    assert turned.reverse
    assert planted_scale.number("item_rest", "effort", turned.id).estimate > 0.5


def test_an_item_the_codebook_forgot_to_turn_fails_the_keying_check() -> None:
    answers = steady()
    answers[:, 3] = 6 - answers[:, 3]
    found = scale(answers)
    check = next(c for c in found.checks if c.name == "keying")
    assert check.status == "failed"
    assert "reverse" in check.text.say("en")
    assert found.number("item_rest", "ease", "d").estimate < 0


def test_two_items_have_spearman_brown_and_no_omega() -> None:
    found = scale(steady(items=2))
    assert found.number("spearman_brown", "ease").estimate == pytest.approx(
        found.number("alpha_standardised", "ease").estimate
    )
    assert found.number("omega", "ease").note == "two_items"
    assert found.number("alpha_without", "ease", "a").note == "two_items"


def test_a_constant_item_is_left_out_and_said() -> None:
    answers = steady()
    answers[:, 1] = 3
    found = scale(answers)
    assert found.items("ease") == ["a", "c", "d"]
    assert next(c for c in found.checks if c.name == "constant_items").status == "watch"


def test_missing_answers_count_by_the_rule() -> None:
    answers = steady().astype(float)
    answers[:50, 0] = np.nan
    assert scale(answers).number("alpha", "ease").n == 150
    assert scale(answers, missing="pairwise").number("alpha", "ease").n == 200


def test_what_nobody_can_measure_is_refused() -> None:
    frame = pd.DataFrame({"q": [1, 2, 3]})
    with pytest.raises(DataError, match="scale_of"):
        reliability(*quick_study(responses=frame, questions={"q": "csat"}))
    with pytest.raises(ParamError, match="Did you mean 'ease'"):
        scale(steady(), scale="eas")
    with pytest.raises(ParamError, match="listwise, pairwise"):
        scale(steady(), missing="none")
    with pytest.raises(ParamError, match="'9' is not a wave"):
        scale(steady(), wave="9")
    with pytest.raises(DataError, match="at least 3"):
        scale(steady(rows=2))
    silent = steady().astype(float)
    silent[:, 2] = np.nan
    for missing in ("listwise", "pairwise"):
        with pytest.raises(DataError, match="scale 'ease': nobody who is counted answered 'c'"):
            scale(silent, missing=missing)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("kind", ["items", "scales"])
def test_every_part_shows_itself_in_both_languages(
    planted_scale: ReliabilityResult, kind: str, lang: str
) -> None:
    spoken = replace(planted_scale, context=replace(planted_scale.context, language=lang))
    html = spoken.show(kind)._repr_html_()
    assert f'lang="{lang}"' in html
    assert ("배송" if lang == "ko" else "deliveries") in html


@pytest.mark.parametrize(("lang", "words"), [("en", "Effort to get started"), ("ko", "시작에 든 수고")])
def test_readers_see_the_name_of_a_scale_and_never_its_id(
    planted_scale: ReliabilityResult, lang: str, words: str
) -> None:
    sentences = [finding.sentence for finding in planted_scale.headlines()]
    actions = list(planted_scale.meanings())[:1]
    checked = [check.text for check in planted_scale.checks if check.name in ("keying", "weak_items")][:1]
    said = [one.say(lang) for one in (*sentences, *actions, *checked)]
    spoken = replace(planted_scale, context=replace(planted_scale.context, language=lang))
    said += [spoken.show("items")._repr_html_(), spoken.show("scales")._repr_html_()]
    assert all(words in one for one in said[:4])
    assert words in said[-1]
    others = [one.replace("a lot of effort", "") for one in said]  # an item says the word too
    assert not any("effort" in one for one in others), "the id stands nowhere"
