"""The stored expected values are what the design derives today."""

from __future__ import annotations

from typing import Any

import pytest

from journey_lib.study.sample import behaviour, channels, commerce, design, trial


def test_every_variant_has_expected_values() -> None:
    for variant in design.VARIANTS.values():
        told = behaviour.expected(variant)
        assert set(told) == {
            "journey",
            "attribution",
            "payment",
            "experiment",
            "regions",
            "leaving",
            "actions",
        }


def test_closed_forms_are_stored_as_the_design_gives_them() -> None:
    for variant in design.VARIANTS.values():
        told = behaviour.expected(variant)
        assert told["attribution"]["removal_effect"] == pytest.approx(
            channels.removal_effects(told["attribution"]["orders"]), abs=1e-8
        )
        assert told["actions"] == behaviour.rounded(commerce.policy_values())
        if not variant.novelty_days:
            closed: Any = behaviour.rounded(trial.effects(variant))
            assert {k: told["experiment"][k] for k in closed} == closed


def test_a_smaller_draw_agrees_with_the_stored_one() -> None:
    told = behaviour.expected(design.VARIANTS[""])
    again = behaviour.derive(design.VARIANTS[""], 2)
    for stage, share in told["journey"]["visited"].items():
        assert again["journey"]["visited"][stage] == pytest.approx(share, abs=0.0065)
    for stage, share in told["journey"]["moved_on"].items():
        assert again["journey"]["moved_on"][stage] == pytest.approx(share, abs=0.02)


def test_the_draw_agrees_with_the_closed_form_of_the_effects() -> None:
    for name in ("", "aa", "three_arms", "clustered"):
        told = behaviour.expected(design.VARIANTS[name])["experiment"]
        slack = 4 * told["drawn_error_at_most"]
        for outcome, effect in told["effect"].items():
            assert told["drawn_effect"][outcome] == pytest.approx(effect, abs=slack), (name, outcome)


def test_the_drivers_of_leaving_lower_later_moves_only() -> None:
    moved = behaviour.expected(design.VARIANTS["aa"])["journey"]["moved_on"]
    assert moved["awareness"] == pytest.approx(design.FORWARD[0], abs=0.004)
    assert moved["retention"] < design.FORWARD[4]
