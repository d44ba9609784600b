"""What is a comment, where its sentences end, and in which language each is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

LANGUAGES: Final = ("en", "ko")
MIXED, OTHER, NONE = "mixed", "other", ""
FEWEST_SIGNS = 2  # below, nothing was said
_SAYS_NOTHING = re.compile(
    r"(?:n/?a|none|nothing|no|nil|없음|없어요|없습니다|ㅇㅇ|ㄴㄴ|x)[.!]?", re.IGNORECASE
)
_END = re.compile(r"(?<=[.!?…。])\s+|\n+")
_HANGUL, _JAMO = re.compile("[가-힣]"), re.compile("[ㄱ-ㅎㅏ-ㅣ]")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_SIGNS = re.compile(r"[^\W_]")
_RUN, _LETTERS = 3, 9  # words, or Korean syllables without spaces, that make a sentence of their own
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_BLANK = re.compile(r"\s+")


class Sentence(NamedTuple):
    """A sentence and its language: `en`, `ko` or `other`."""

    text: str
    language: str


def clean(text: str) -> str:
    """Return a text in composed form (NFC) with plain spaces, as everything here reads it.

    Examples
    --------
    >>> clean("  배송   빨라요  ")
    '배송 빨라요'
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(filter(None, (_BLANK.sub(" ", line).strip() for line in lines)))


def has_content(text: str) -> bool:
    """Tell whether somebody said something: at least two letters, figures or jamo, and not just "none".

    Examples
    --------
    >>> [has_content(t) for t in ("맛있다", "👍", ".", "없음", "n/a", "ok")]
    [True, False, False, False, False, True]
    """
    return len(_SIGNS.findall(text)) >= FEWEST_SIGNS and not _SAYS_NOTHING.fullmatch(text.strip())


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a comment, each with its language.

    A sentence ends at a full stop, a line or where three words of the other script follow one another:
    people who change the language often leave the full stop out.

    Examples
    --------
    >>> [s.language for s in sentences("메뉴가 맨날 똑같아요 The menu repeats itself. 앱 UI는 좋음")]
    ['ko', 'en', 'ko']
    """
    pieces = [piece for part in _END.split(text) if part.strip() for piece in _by_script(part.split())]
    return [Sentence(piece, language_of(piece)) for piece in pieces]


def language_of(text: str) -> str:
    """Return the language of a sentence by its letters; a Korean sentence may hold a few Latin words.

    Examples
    --------
    >>> language_of("UI가 좋아요"), language_of("great ㅋㅋ"), language_of("12345")
    ('ko', 'en', 'other')
    """
    korean, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    if not korean and not latin:
        return "ko" if _JAMO.search(text) else OTHER
    return "ko" if 3 * korean >= latin else "en"


def language_of_comment(text: str) -> str:
    """Return `en`, `ko`, `mixed` where both stand in it, `other`, or "" where nothing was said.

    Examples
    --------
    >>> language_of_comment("배송이 늦어요. It was late again."), language_of_comment(".")
    ('mixed', '')
    """
    if not has_content(text):
        return NONE
    found = {sentence.language for sentence in sentences(text)} - {OTHER}
    return MIXED if len(found) > 1 else next(iter(found), OTHER)


def normal(text: str) -> str:
    """Return a text as word counts read it: small letters, no run of more than two equal signs.

    Examples
    --------
    >>> normal("ㅋㅋㅋㅋㅋ  Sooo GOOD!!!!")
    'ㅋㅋ soo good!!'
    """
    return _BLANK.sub(" ", _REPEATED.sub(r"\1\1", text.lower())).strip()


def first_of_each(person: npt.ArrayLike, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which texts count when a person who says the very same twice counts once.

    Parameters
    ----------
    person : array-like
        Who wrote each text.
    texts : sequence of str
        What was written.

    Returns
    -------
    ndarray of bool
        False for a text its author had written before.

    Examples
    --------
    >>> first_of_each(["a", "a", "b"], ["late!", "Late!", "late!"]).tolist()
    [True, False, True]
    """
    seen: set[tuple[object, str]] = set()
    kept = np.ones(len(texts), dtype=bool)
    for at, (who, text) in enumerate(zip(np.asarray(person).tolist(), texts, strict=True)):
        key = (who, normal(text))
        kept[at] = key not in seen
        seen.add(key)
    return kept


def _by_script(words: Sequence[str]) -> list[str]:
    """Cut a sentence where it goes on in the other script for several words."""
    runs: list[tuple[str, list[str]]] = []
    for word in words:
        script = _script(word)
        if runs and (script == OTHER or script == runs[-1][0]):
            runs[-1][1].append(word)
        else:
            runs.append((script, [word]))
    cut: list[tuple[str, list[str]]] = []
    for script, run in runs:
        own = [word for word in run if _script(word) == script]
        short = len(own) < _RUN and len(_HANGUL.findall("".join(own))) < _LETTERS
        if cut and (short or cut[-1][0] in (script, OTHER)):
            cut[-1] = (cut[-1][0] if short else script, [*cut[-1][1], *run])
        else:
            cut.append((OTHER if short else script, run))
    return [" ".join(run) for _, run in cut]


@lru_cache(maxsize=1 << 14)
def _script(word: str) -> str:
    """Return the language of a word; comments share most of theirs, and each is asked for several times."""
    return language_of(word)
