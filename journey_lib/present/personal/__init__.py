"""Masks what could tell who wrote a text, before it is read by anything, shown or stored.

Every text of a study passes here once, on its way into an analysis. What is found leaves a mark such as
`⟦phone⟧`; the mark is said in the reader's language when a text is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from journey_lib.present.personal import names, numbers, places
from journey_lib.present.wording import Message, message

KINDS: Final = ("email", "link", "registration", "card", "phone", "account", "order", "address", "name")
RECALL, FALSE_MASKS = 0.99, 0.005  # what `docs/comments.md` promises, and a test measures
_MARK = re.compile("⟦([a-z]+)⟧")
_PATTERNS: Final = {
    "email": numbers.EMAIL,
    "link": numbers.LINK,
    "registration": numbers.REGISTRATION,
    "card": numbers.CARD,
    "phone": numbers.PHONE,
    "address": (*places.KOREAN, *places.WESTERN),
    "account": numbers.ACCOUNT,
    "order": numbers.ORDER,
}
_SOME = re.compile(r"\d|[@＠]|골뱅이|\bat\b|공일|www|http")  # without any of these only names can stand


@dataclass(frozen=True)
class Masked:
    """A text without what identifies people, and what was taken out.

    Attributes
    ----------
    text : str
        With marks such as `⟦phone⟧`.
    kinds : tuple of str
        What was found, one entry a passage.
    """

    text: str
    kinds: tuple[str, ...] = ()


def mask(text: str) -> Masked:
    """Return a text without telephone numbers, addresses, names and the like.

    Parameters
    ----------
    text : str
        As somebody wrote it.

    Returns
    -------
    Masked
        The order of passages stays; nothing of them is kept.

    Examples
    --------
    >>> mask("Call me at +1 202-555-0143, I am Robin Field.").text
    'Call me at ⟦phone⟧, I am ⟦name⟧.'
    >>> mask("김하늘님이 상담해 주셨어요. 고객님, 감사합니다").text
    '⟦name⟧님이 상담해 주셨어요. 고객님, 감사합니다'
    """
    text = text.replace("⟦", "(").replace("⟧", ")")
    if _SOME.search(text):
        for kind, pattern in _compiled().items():
            text = pattern.sub(f"⟦{kind}⟧", text)
    text = names.hidden(text, "⟦name⟧")
    return Masked(text, tuple(_MARK.findall(text)))


def unmarked(text: str) -> str:
    """Return a masked text without its marks, for an analysis of its words.

    Examples
    --------
    >>> unmarked("write to ⟦email⟧ please")
    'write to   please'
    """
    return _MARK.sub(" ", text)


def said(text: str, lang: str) -> str:
    """Return a masked text as a reader of the language sees it.

    Examples
    --------
    >>> said("Call ⟦phone⟧", "en"), said("⟦name⟧님", "ko")
    ('Call [phone number]', '[이름]님')
    """
    words = kind_words()
    return _MARK.sub(lambda found: f"[{words[found[1]].say(lang)}]", text)


def kind_words() -> dict[str, Message]:
    """Return what each kind of passage is called."""
    return {
        "email": message("e-mail address"),
        "link": message("link"),
        "registration": message("registration number"),
        "card": message("card number"),
        "phone": message("phone number"),
        "account": message("account number"),
        "order": message("order number"),
        "address": message("postal address"),
        "name": message("name"),
    }


def counted(masked: Iterable[Masked]) -> dict[str, int]:
    """Return how many passages of each kind were taken out of many texts.

    Examples
    --------
    >>> counted([mask("me@example.com"), mask("nothing")])
    {'email': 1}
    """
    found = [kind for one in masked for kind in one.kinds]
    return {kind: found.count(kind) for kind in KINDS if kind in found}


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile("|".join(f"(?:{p})" for p in each)) for kind, each in _single().items()}


def _single() -> dict[str, tuple[str, ...]]:
    """Return the patterns with their own groups; a back reference counts groups, so cards stand alone."""
    return dict(_PATTERNS)
