"""What comments may be about: the words a study looks for, one theme at a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.parts import Part, Text

if TYPE_CHECKING:
    from journey_lib.study.definition.study import Study

_TERM = re.compile(r"[^\W_][\w'’ .&+-]*\*?")
_HANGUL = re.compile("[가-힣]")
_TERM_RULE = "a word or phrase; `advert*` also finds what begins so"


class Terms(Part):
    """Words of a theme by language; a Latin word also counts in its plural, a Korean one anywhere."""

    en: tuple[str, ...] = ()
    ko: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        """Return the words of both languages."""
        return (*self.en, *self.ko)


class Theme(Part):
    """Something comments may be about: a touchpoint, a stage, or neither, and the words that say so."""

    id: str
    touchpoint: str = ""
    stage: str = ""
    label: Text = Text()
    terms: Terms = Terms()


def theme_problems(study: Study, stages: Collection[str], touchpoints: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the themes: where they belong, and words nothing could be found by.

    Parameters
    ----------
    study : Study
        The study as written.
    stages, touchpoints : collection of str
        Ids the file declares, also those of entries that are broken themselves.
    """
    owner = {point.id: point.stage for point in study.journey.touchpoints}
    seen: set[str] = set()
    for theme in study.themes:
        where = f"[[themes]] '{theme.id}'"
        if theme.id in seen:
            yield Problem("[[themes]]", f"id '{theme.id}' stands twice", action="Each may stand once")
        seen.add(theme.id)
        yield from _place(theme, where, stages, touchpoints, owner)
        yield from _words(theme, where)


def _place(
    theme: Theme,
    where: str,
    stages: Collection[str],
    touchpoints: Collection[str],
    owner: Mapping[str, str],
) -> Iterator[Problem]:
    if not re.fullmatch(r"\w[\w-]*", theme.id):
        yield Problem(where, f"'{theme.id}' is no plain id", "letters, digits, '_' and '-', without spaces")
    for key, given, known in (("touchpoint", theme.touchpoint, touchpoints), ("stage", theme.stage, stages)):
        if given and given not in known:
            allowed = ", ".join(known) or "none declared"
            yield Problem(f"{where}, key '{key}'", f"unknown {key} '{given}'", allowed, nearest(given, known))
    stage = owner.get(theme.touchpoint, theme.stage)
    if theme.stage and stage != theme.stage:
        given = f"stage '{theme.stage}' is not the stage of its touchpoint, '{stage}'"
        yield Problem(where, given, action="Leave out the stage: a theme follows its touchpoint")


def _words(theme: Theme, where: str) -> Iterator[Problem]:
    if not theme.terms.all():
        action = 'Add words, such as terms = { en = ["pay*"], ko = ["결제"] }'
        yield Problem(f"{where}, key 'terms'", "no words to look for", action=action)
    for lang in ("en", "ko"):
        for term in getattr(theme.terms, lang):
            at = f"{where}, key 'terms.{lang}'"
            if not _TERM.fullmatch(term.strip()):
                yield Problem(at, f"'{term[:40]}'", _TERM_RULE)
            elif len(term.strip("* ")) < 2 or (term.endswith("*") and _HANGUL.search(term)):
                action = "Write a longer word; a Korean one is found anywhere and needs no *"
                yield Problem(at, f"'{term}' would be found nearly everywhere", _TERM_RULE, action=action)
