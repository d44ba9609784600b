"""The top of a study's home page: how far the goals are, the journey at a glance, what moved, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.present.bundle import ITS_PAGE
from journey_lib.present.wording import Quantity, message, plural

if TYPE_CHECKING:
    from journey_lib.publish.index import Row
    from journey_lib.publish.stages import Goal

Record = dict[str, Any]
BESIDE: Final = ("monitor", "opportunities")  # stand beside one another under the map
_NOT_EVERYBODY = ("segment", "each")


def fragment(good: Sequence[Record], stem: str, lang: str) -> Markup:
    """Return what a report gave for the home page: the plainest about everybody, the newest in the language.

    Parameters
    ----------
    good : sequence of dict
        The sidecars of the study's published reports.
    stem : str
        Which report.
    lang : {"en", "ko"}
        Language of the home page; a report that exists in the other one alone says so in its markup.

    Examples
    --------
    >>> told = {"stem": "monitor", "lang": "en", "file": "monitor.html", "published": "2026"}
    >>> fragment([told | {"home": '<a href="{page}">Quiet</a>'}], "monitor", "en")
    Markup('<a href="monitor.html">Quiet</a>')
    """
    fits = [
        one for one in good
        if one["stem"] == stem and one.get("home") and not set(_NOT_EVERYBODY) & set(one.get("settings", {}))
    ]  # fmt: skip
    if not fits:
        return Markup("")
    best = max(fits, key=lambda one: (-len(one.get("settings", {})), one["lang"] == lang, one["published"]))
    # In text of people a quotation mark is escaped, so only our own links can match.
    placed = best["home"].replace(f'href="{ITS_PAGE}', f'href="{quote(best["file"])}')
    inner = Markup(placed)  # noqa: S704 - verified when it was published
    return inner if best["lang"] == lang else Markup('<div lang="{}">{}</div>').format(best["lang"], inner)


def home(good: Sequence[Record], goals: Sequence[Goal], lang: str) -> Record:
    """Return the parts above the list of reports; empty ones where nothing is known, as in a new study."""
    return {
        "map": fragment(good, "journey_map", lang),
        "beside": [part for stem in BESIDE if (part := fragment(good, stem, lang))],
        "goals": list(goals),
        "score": score(goals, lang) if goals else "",
    }


def score(goals: Sequence[Goal], lang: str) -> str:
    """Return how many goals are met, and how many cannot be told yet.

    Examples
    --------
    >>> from journey_lib.publish.stages import Goal
    >>> score([Goal("a", verdict="met"), Goal("b", verdict="unclear")], "en")
    'Goals met: 1 of 2; unclear: 1'
    """
    met, unclear = (sum(goal.verdict == word for goal in goals) for word in ("met", "unclear"))
    values = {"met": Quantity(met), "n": Quantity(len(goals))}
    if not unclear:
        return message("Goals met: {met} of {n}", **values).say(lang)
    return message("Goals met: {met} of {n}; unclear: {unclear}", **values, unclear=Quantity(unclear)).say(
        lang
    )


def speaking(rows: Sequence[Row], stage: str, lang: str) -> Record:
    """Return the reports that speak about a stage, one of each kind: how many, and their links."""
    found: dict[str, Row] = {}
    for row in rows:
        if row.href and any(dot["id"] == stage and dot["on"] for dot in row.dots):
            found.setdefault(row.stem, row)
    words = plural("{n} report", "{n} reports", n=Quantity(len(found))).say(lang)
    return {"words": words, "links": [(row.title, row.href) for row in found.values()]}
