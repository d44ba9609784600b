"""Words of a comment: morphemes by Kiwi where it is installed, runs of Korean characters otherwise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final

from journey_lib.stats.text.prepare import normal

Words = tuple[str, ...]
_LATIN = re.compile(r"[a-zà-ɏ][a-zà-ɏ'’-]*[a-zà-ɏ]|[a-z]")
_HANGUL = re.compile("[가-힣]+")
_FEELING = re.compile("[ㅋㅎㅠㅜㅡ]{2,}|[\U0001f300-\U0001faff\u2600-\u27bf]")
_ENDINGS = ("이에요", "입니다", "습니다", "에서", "으로", "에게", "이랑", "까지", "부터")
_STOP = tomllib.loads(files("journey_lib.stats.text").joinpath("stopwords.toml").read_text("utf-8"))
_STOP_ENGLISH: Final = frozenset(_STOP["en"].split())
_STOP_KOREAN: Final = frozenset(_STOP["ko"].split())
_KIWI_TAGS: Final = ("NNG", "NNP", "XR", "VV", "VA")


def available() -> bool:
    """Tell whether Kiwi is installed (the extra `korean`)."""
    return find_spec("kiwipiepy") is not None


def words(texts: Sequence[str], *, kiwi: bool | None = None) -> list[Words]:
    """Return the words of each text that can carry a meaning.

    Parameters
    ----------
    texts : sequence of str
        Korean, English or both.
    kiwi : bool, optional
        Whether Korean goes through Kiwi; when left out, where it is installed.

    Returns
    -------
    list of tuple of str
        English words without the commonest, Korean nouns, verbs and adjectives (runs of two and three
        syllables without Kiwi), laughter, tears and emoji. In the order of the text.

    Examples
    --------
    >>> words(["The box was late again ㅠㅠㅠ"], kiwi=False)
    [('box', 'late', 'ㅠㅠ')]
    >>> words(["배송이 늦어요"], kiwi=False)
    [('배송', '늦어', '배송이', '늦어요')]
    """
    split = _kiwi() if (available() if kiwi is None else kiwi) else _syllables
    korean = split([" ".join(_HANGUL.findall(text)) for text in texts])
    return [(*_english(text), *own, *_feelings(text)) for text, own in zip(texts, korean, strict=True)]


def _english(text: str) -> Words:
    found = (_singular(word) for word in _LATIN.findall(normal(text).replace("’", "'")))
    return tuple(word for word in found if word not in _STOP_ENGLISH and len(word) > 1)


def _singular(word: str) -> str:
    """Return a word without the s of a plural, so that box and boxes are one."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _feelings(text: str) -> Words:
    return tuple(sign if len(sign) == 1 else sign[:2] for sign in _FEELING.findall(text))


def _syllables(texts: Sequence[str]) -> list[Words]:
    """Return how Korean words begin and the runs of three syllables: what is left when no parser is there."""
    return [_runs(text) for text in texts]


def _runs(text: str) -> Words:
    found: list[str] = []
    for size in (2, 3):
        for run in text.split():
            starts = range(len(run) - size + 1) if len(run) > 8 else range(min(1, len(run) - size + 1))
            found += [run[at : at + size] for at in starts]
    return tuple(piece for piece in found if piece not in _STOP_KOREAN and piece not in _ENDINGS)


def _kiwi() -> Callable[[Sequence[str]], list[Words]]:
    """Return Kiwi as a function; each distinct text is read once."""
    parser = _parser()

    def split(texts: Sequence[str]) -> list[Words]:
        distinct = sorted({text for text in texts if text})
        read = {
            text: _meaning(tokens) for text, tokens in zip(distinct, parser.tokenize(distinct), strict=True)
        }
        return [read.get(text, ()) for text in texts]

    return split


def _meaning(tokens: Sequence[Any]) -> Words:
    found = []
    for token in tokens:
        tag = token.tag.split("-")[0]
        if tag in _KIWI_TAGS:
            form = token.form + "다" if tag in ("VV", "VA") else token.form
            if form not in _STOP_KOREAN:
                found.append(form)
    return tuple(found)


@cache
def _parser() -> Any:  # noqa: ANN401 - an extra: types must not depend on whether it is installed
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)
