"""What pages call a theme: the touchpoint the study names, and always the words that set it apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Quantity, Says, WaveName, message

if TYPE_CHECKING:
    from journey_lib.measures.comments.reading import Theme
    from journey_lib.measures.comments.result import CommentsResult
    from journey_lib.present.numbers import Number

SHOWN = 3  # words of a theme in a sentence


@dataclass(frozen=True)
class Terms:
    """The words of a theme, those of the reader's language first.

    Examples
    --------
    >>> Terms({"en": ("guide", "step"), "ko": ("가이드",)}).say("ko")
    '가이드'
    """

    by_language: dict[str, tuple[str, ...]]
    most: int = SHOWN

    def say(self, lang: str) -> str:
        """Return the words in the language, or in the other one where it has none."""
        own = self.by_language.get(lang) or next(filter(None, self.by_language.values()), ())
        return ", ".join(own[: self.most])


def name(theme: Theme) -> Says:
    """Return what a reader calls a theme: the study's own label, or its words where it was found."""
    return theme.label if theme.label else Terms(theme.terms)


def full(theme: Theme) -> Message:
    """Return the name of a theme with its words."""
    if theme.label is None:
        return message("{terms}", terms=Terms(theme.terms))
    return message("{name} ({terms})", name=theme.label, terms=Terms(theme.terms))


def share(number: Number) -> Quantity:
    """Return a share as words take it; one under a per cent with a decimal, so that nobody reads none."""
    return Quantity(number.estimate, number.unit, decimals(number))


def decimals(number: Number) -> int:
    """Return how many decimals a share is written with."""
    return 1 if number.estimate < 0.01 else 0


def level(result: CommentsResult) -> Quantity:
    """Return the confidence level of the report."""
    return Quantity(result.level, "share")


def period(result: CommentsResult) -> Message | WaveName:
    """Return which waves the totals are about."""
    wave = str(result.settings["wave"])
    return WaveName(wave) if wave else message("all waves")
