"""A rule in words, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journey_lib.present.wording import Message, Says
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.rule import Rule


def describe(rule: Rule, study: Study) -> str:
    """Return a rule as words in the study's language."""
    return sentence(rule, study).say(study.language)


def sentence(rule: Rule, study: Study) -> Message:
    """Return a rule as words of every language."""
    raise NotImplementedError


def chips(rule: Rule, study: Study) -> tuple[tuple[Rule, Message], ...]:
    """Return the parts a reader may take off one by one, each with its words: the top parts of an `Every`."""
    raise NotImplementedError


def title_of(study: Study, column: str) -> Says:
    """Return what a column is called: by its question, as a derived column, else its own name."""
    raise NotImplementedError
