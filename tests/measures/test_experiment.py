"""Experiments: the decision, by its rules."""

from __future__ import annotations

import pytest

from journey_lib.measures.experiment.decision import Facts, decide

CASES = [
    (Facts(valid=False, guardrails=("harmed",), primary=("positive",)), "INVALID", "invalid"),
    (Facts(valid=True, guardrails=("safe", "harmed"), primary=("positive",)), "DO NOT SHIP",
     "guardrail_harmed"),
    (Facts(valid=True, guardrails=("safe",), primary=("negative",)), "DO NOT SHIP", "primary_harmed"),
    (Facts(valid=True, guardrails=("safe",), primary=("positive",)), "SHIP", "gain"),
    (Facts(valid=True, guardrails=("undecided",), primary=("positive",)), "KEEP RUNNING",
     "guardrail_undecided"),
    (Facts(valid=True, guardrails=("undecided",), primary=("positive",), reached=True), "KEEP RUNNING",
     "owner_decides"),
    (Facts(valid=True, primary=("undecided",), reached=True, capped=True, within=True), "DO NOT SHIP",
     "no_worthwhile_effect"),
    (Facts(valid=True, primary=("undecided",), reached=True, capped=True), "UNDERPOWERED", "underpowered"),
    (Facts(valid=True, primary=("undecided",)), "KEEP RUNNING", "undecided"),
    (Facts(valid=True, primary=("negative",), early=True), "KEEP RUNNING", "too_early"),
    (Facts(valid=True, guardrails=("harmed",), early=True), "DO NOT SHIP", "guardrail_harmed"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "word", "rule"), CASES)
def test_the_first_rule_that_holds_decides(facts: Facts, word: str, rule: str) -> None:
    found = decide(facts, 1)
    assert (found.word, found.rule, found.arm) == (word, rule, 1)
