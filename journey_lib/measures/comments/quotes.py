"""What may be quoted: masked, without its author, and only where several people say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.text.prepare import normal
from journey_lib.stats.text.themes import typical

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from journey_lib.measures.comments.count import Plan
    from journey_lib.study.comments import Comments

    Bools = npt.NDArray[np.bool_]

QUOTES: Final = 3
PEOPLE: Final = 5  # who must share a theme before anybody is quoted on it
LISTED: Final = 10
HAPPY: Final = float(np.log(4))  # a chance of four in five that the text sounds positive
LONGEST: Final = 280
ALIKE: Final = 12  # letters two comments may begin with alike


@dataclass(frozen=True)
class Quote:
    """A masked comment with the pseudonym of its author."""

    text: str
    author: str
    language: str


def of_themes(plan: Plan) -> dict[str, tuple[Quote, ...]]:
    """Return the most typical comments of each theme that at least five people share.

    Comments without any masked passage come first: what was never written cannot be guessed back.
    """
    survey = plan.reading.survey
    if survey is None:
        return {}
    found = {}
    for theme in plan.reading.themes:
        own = theme.survey & plan.said
        if len(set(survey.author[own])) >= PEOPLE:
            found[theme.id] = _first(survey, _order(plan, survey, own), QUOTES)
    return found


def _order(plan: Plan, survey: Comments, own: Bools) -> list[int]:
    """Return the comments of a theme: typical ones of each language in turn, unmasked ones before masked."""
    ranked = typical(plan.reading.words, own).tolist()
    turn: dict[str, int] = {}
    place = {}
    for at in ranked:
        language = survey.language[at]
        turn[language] = turn.get(language, 0) + 1
        place[at] = ("⟦" in survey.shown[at], language not in ("en", "ko"), turn[language])
    return sorted(ranked, key=lambda at: place[at])


def contradictions(plan: Plan) -> tuple[Quote, ...]:
    """Return comments that sound positive beside a low score; none if under five people wrote any.

    They are where irony, politeness or a slip of the pointer hide; each was judged by a model that had not
    seen its score.
    """
    survey = plan.reading.survey
    if survey is None:
        return ()
    own = plan.said & (plan.reading.label == 0) & (np.nan_to_num(plan.reading.survey_tone) >= HAPPY)
    if len(set(survey.author[own])) < PEOPLE:
        return ()
    rows = np.flatnonzero(own)
    order = rows[np.argsort(-plan.reading.survey_tone[rows], kind="stable")].tolist()
    return _first(survey, order, LISTED)


def _first(survey: Comments, order: Iterable[int], most: int) -> tuple[Quote, ...]:
    """Return the first comments that do not begin alike."""
    kept: dict[str, Quote] = {}
    for at in order:
        key = "".join(sign for sign in normal(survey.read[at]) if sign.isalnum())[:ALIKE]
        if key not in kept and len(kept) < most:
            text = survey.shown[at]
            short = text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
            kept[key] = Quote(short, survey.author[at], survey.language[at])
    return tuple(kept.values())
