"""The one line an owner acts on: which rule fired, in the order that is fixed for all experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SHIP, DO_NOT_SHIP, INVALID = "SHIP", "DO NOT SHIP", "INVALID"
KEEP_RUNNING, UNDERPOWERED = "KEEP RUNNING", "UNDERPOWERED"
WORDS: Final = (SHIP, DO_NOT_SHIP, KEEP_RUNNING, INVALID, UNDERPOWERED)


@dataclass(frozen=True)
class Facts:
    """What a decision on one arm rests on.

    Attributes
    ----------
    valid : bool
        No check of validity failed.
    guardrails : tuple of str
        "safe", "harmed", "undecided" or "not_estimable", one a guardrail.
    primary : tuple of str
        "positive", "negative", "undecided" or "not_estimable", one a primary metric, after correction.
    reached : bool
        The planned number of customers is there.
    capped : bool
        The most that the owner will wait for is there.
    within : bool
        The interval of every primary metric lies within the smallest effect worth having, to both sides.
    early : bool
        The plan has one look, and it is not due yet.
    """

    valid: bool
    guardrails: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    reached: bool = False
    capped: bool = False
    within: bool = False
    early: bool = False


@dataclass(frozen=True)
class Decision:
    """What to do with one arm.

    Attributes
    ----------
    word : str
        One of `WORDS`.
    rule : str
        The rule that fired.
    arm : int
        Place of the arm; −1 for all of them.
    """

    word: str
    rule: str
    arm: int = -1


def decide(facts: Facts, arm: int = -1) -> Decision:
    """Return what to do, by the first rule that holds.

    Parameters
    ----------
    facts : Facts
        What is known.
    arm : int
        Which arm it is about.

    Definition
    ----------
    A failed check of validity beats everything; then a harmed guardrail; then a harmed primary metric; then a
    gain with all guardrails safe; a gain with an undecided guardrail runs on to the planned size, where its
    owner decides; at the planned size an interval within the smallest worthwhile effect ends the test;
    otherwise it runs on, or is underpowered once the most the owner will wait for is there.

    Examples
    --------
    >>> decide(Facts(valid=True, guardrails=("harmed",), primary=("positive",))).word
    'DO NOT SHIP'
    >>> decide(Facts(valid=True, guardrails=("undecided",), primary=("positive",), reached=True)).rule
    'owner_decides'
    """
    word, rule = _rule(facts)
    return Decision(word, rule, arm)


def _rule(facts: Facts) -> tuple[str, str]:
    if not facts.valid:
        return INVALID, "invalid"
    if "harmed" in facts.guardrails:
        return DO_NOT_SHIP, "guardrail_harmed"
    if facts.early:
        return KEEP_RUNNING, "too_early"
    if "negative" in facts.primary:
        return DO_NOT_SHIP, "primary_harmed"
    if "positive" in facts.primary:
        if all(status == "safe" for status in facts.guardrails):
            return SHIP, "gain"
        return KEEP_RUNNING, "owner_decides" if facts.reached else "guardrail_undecided"
    if facts.reached and facts.within:
        return DO_NOT_SHIP, "no_worthwhile_effect"
    return (UNDERPOWERED, "underpowered") if facts.capped else (KEEP_RUNNING, "undecided")


def overall(decisions: Sequence[Decision], gains: Sequence[float]) -> Decision:
    """Return the decision of the experiment from those of its arms.

    Parameters
    ----------
    decisions : sequence of Decision
        One an arm.
    gains : sequence of float
        Effect of each arm on the first primary metric, better is more; the best of several that may ship.

    Examples
    --------
    >>> two = [Decision(SHIP, "gain", 1), Decision(DO_NOT_SHIP, "guardrail_harmed", 2)]
    >>> overall(two, [0.1, 0.2]).arm
    1
    """
    for word in (INVALID, SHIP, KEEP_RUNNING, UNDERPOWERED, DO_NOT_SHIP):
        found = [at for at, one in enumerate(decisions) if one.word == word]
        if found:
            return decisions[max(found, key=lambda at: gains[at] if gains[at] == gains[at] else -1e300)]
    raise ValueError("no arm to decide on")  # a plan has two arms or more
