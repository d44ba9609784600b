"""A rule in words, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from journey_lib.present.wording import Message, Quantity, day, message, number, plural, say
from journey_lib.study.definition.parts import Text
from journey_lib.study.segments.rule import Condition, Either, Every, Not

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_lib.present.wording import Says
    from journey_lib.study.definition import Question, Study
    from journey_lib.study.segments.domain import Segment
    from journey_lib.study.segments.rule import Rule, Scalar
    from journey_lib.study.segments.store import SavedSegment

NO_STAGE: Final = "none"
ARM, NEWEST = "arm_", "newest_"
TITLES: Final[Mapping[str, Message]] = {
    "furthest_stage": message("Furthest stage"),
    "first_event_day": message("First event"),
    "last_event_day": message("Last event"),
    "events": message("Events"),
    "sessions": message("Sessions"),
    "orders": message("Orders"),
    "spend": message("Spend, net of refunds"),
    "first_purchase_day": message("First purchase"),
    "last_purchase_day": message("Last purchase"),
    "recency_days": message("Days since the last purchase"),
    "frequency": message("Days with a purchase"),
    "monetary": message("Monetary value"),
    "recency_score": message("Recency score"),
    "frequency_score": message("Frequency score"),
    "monetary_score": message("Monetary score"),
    "answers": message("Times answered"),
    "newest_answer_day": message("Newest answer on"),
    "contacts": message("Comments and contacts"),
}


@dataclass(frozen=True)
class Plain:
    """A name that is the same in every language."""

    text: str

    def say(self, lang: str) -> str:
        """Return the name."""
        del lang
        return self.text


@dataclass(frozen=True)
class Joined:
    """Words with "and" or "or" between them, in the language once it is known."""

    parts: tuple[object, ...]
    word: Message

    def say(self, lang: str) -> str:
        """Return the words as one text."""
        return f" {self.word.say(lang)} ".join(say(part, lang) for part in self.parts)


@dataclass(frozen=True)
class Given:
    """A number or a day of a rule, written as the language does."""

    value: Scalar

    def say(self, lang: str) -> str:
        """Return it in words."""
        if isinstance(self.value, float):
            decimals = len(f"{self.value:.15g}".partition(".")[2])
            return number(self.value, lang, decimals=decimals if "e" not in f"{self.value:.15g}" else 2)
        try:
            return day(date.fromisoformat(self.value), lang)
        except ValueError:
            return self.value


def describe(rule: Rule, study: Study) -> str:
    """Return a rule as words in the study's language.

    Examples
    --------
    >>> from journey_lib.study.load import load_study
    >>> study, _ = load_study("data/sample")
    >>> describe(Every((Condition("furthest_stage", "=", "purchase"), Condition("orders", ">=", 3.0))), study)
    'Furthest stage: Purchase and Orders: 3 or more'
    """
    return sentence(rule, study).say(study.language)


def sentence(rule: Rule, study: Study) -> Message:
    """Return a rule as words of every language."""
    if isinstance(rule, Condition):
        return _condition(rule, study)
    if isinstance(rule, Not):
        return message("not {rule}", rule=_inside(rule.part, study))
    if not rule.parts:
        return message("Everybody")
    joined = Joined(tuple(_inside(part, study) for part in rule.parts), _between(rule))
    return message("{rule}", rule=joined)


def chips(rule: Rule, study: Study) -> tuple[tuple[Rule, Message], ...]:
    """Return the parts a reader may take off one by one, each with its words: the top parts of an `Every`."""
    parts = rule.parts if isinstance(rule, Every) else (rule,)
    return tuple((part, sentence(part, study)) for part in parts)


def kept(saved: SavedSegment, study: Study) -> Message:
    """Return what a saved segment means as words: its rule, or where its list came from."""
    if saved.is_list:
        return message("List: {source}", source=saved.source)
    return sentence(saved.rule, study)


def chips_of(segment: Segment, study: Study) -> tuple[Message, ...]:
    """Return the conditions of a segment in words; a list without a rule has one, where it came from."""
    if segment.saved is not None and segment.saved.is_list:
        return (kept(segment.saved, study),)
    return tuple(words for _, words in chips(segment.tree, study))


def title_of(study: Study, column: str) -> Says:
    """Return what a column is called: by the study, as a derived column, else its id as words.

    Examples
    --------
    >>> from journey_lib.study.load import load_study
    >>> study, _ = load_study("data/sample")
    >>> title_of(study, "last_purchase_day").say("ko"), title_of(study, "region").say("en")
    ('마지막 구매일', 'Region')
    """
    declared = _question(study, column) or next((one for one in study.columns if one.id == column), None)
    if column in TITLES and not (declared and declared.label):
        return TITLES[column]
    if column.startswith(ARM):
        return message("Arm of {experiment}", experiment=column.removeprefix(ARM))
    asked = _question(study, column.removeprefix(NEWEST))
    if asked is not None and column.startswith(NEWEST):
        return message("Newest answer: {question}", question=asked.label or Plain(asked.id))
    return study.column_label(column)


def level_of(study: Study, column: str, value: Scalar) -> Says:
    """Return what a value of a column is called."""
    code = f"{value:.15g}" if isinstance(value, float) else value
    if column == "furthest_stage":
        labels: dict[str, Says] = {one.id: one.label or Plain(one.id) for one in study.journey.stages}
        return {NO_STAGE: message("No stage yet"), **labels}.get(code, Plain(code))
    asked = column if _question(study, column) else column.removeprefix(NEWEST)
    named = study.value_label(asked, value)
    return Given(value) if named == Text(en=code) else named


def _question(study: Study, name: str) -> Question | None:
    return next((q for q in study.questions if q.id == name), None)


def _between(rule: Every | Either) -> Message:
    return message("and") if isinstance(rule, Every) else message("or")


def _inside(rule: Rule, study: Study) -> Message:
    """Return a part of a group; a group within a group stands in brackets."""
    words = sentence(rule, study)
    group = isinstance(rule, Every | Either) and len(rule.parts) > 1
    return message("({rule})", rule=words) if group else words


def _condition(one: Condition, study: Study) -> Message:
    column, value = title_of(study, one.column), one.value
    if one.operator == "is_missing":
        return message("{column}: missing", column=column)
    if isinstance(value, tuple) and one.operator == "between":
        return message("{column}: {low} to {high}", column=column, low=Given(value[0]), high=Given(value[1]))
    if isinstance(value, tuple):
        names = Joined(tuple(level_of(study, one.column, v) for v in value), message("or"))
        return message("{column}: {value}", column=column, value=names)
    if one.operator == "within_last_days" and isinstance(value, float):
        return plural(
            "{column}: at most {n} day ago",
            "{column}: at most {n} days ago",
            column=column,
            n=Quantity(value),
        )
    return _single(one, study, column, "" if value is None else value)


def _single(one: Condition, study: Study, column: Says, value: Scalar) -> Message:
    if one.operator == "contains" and _question_of_options(study, one.column) is None:
        return message("{column} contains “{value}”", column=column, value=value)
    told = {"column": column, "value": Given(value)}
    if one.operator == ">=":
        since, more = message("{column}: since {value}", **told), message("{column}: {value} or more", **told)
        return since if isinstance(value, str) else more
    if one.operator == "<=":
        until, less = message("{column}: until {value}", **told), message("{column}: {value} or less", **told)
        return until if isinstance(value, str) else less
    return message("{column}: {value}", column=column, value=level_of(study, one.column, value))


def _question_of_options(study: Study, column: str) -> Question | None:
    question = _question(study, column)
    return question if question is not None and question.kind == "multi" else None
