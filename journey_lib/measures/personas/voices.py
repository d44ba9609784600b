"""What members say: satisfaction in the newest wave, themes of their own words, and who is quoted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.text import tokens
from journey_lib.stats.text.themes import mentions, typical
from journey_lib.study.comments import of_survey, text_questions
from journey_lib.study.questions import REPORTED, items, main_metric, overall
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.personas.groups import Whom
    from journey_lib.stats.estimate import Sample
    from journey_lib.stats.estimate.cells import Estimate
    from journey_lib.study.comments import Comments
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.questions import Item

    Bools = npt.NDArray[np.bool_]

THEMES, QUOTES = 3, 2  # on a card
LONGEST, SHORTEST = 160, 12  # letters of a quote: a card has no room for more, and less says little
Row = dict[str, Any]


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, word for word, with a pseudonym for who it was and the theme it is about."""

    text: str
    author: str
    language: str
    theme: str


@dataclass(frozen=True, eq=False)
class Voices:
    """What was said.

    Attributes
    ----------
    rows : list
        Tidy rows: satisfaction, themes and the scores of those who mention them.
    themes : dict
        Segment → its most frequent themes.
    quotes : dict
        Segment → verbatim quotes.
    """

    rows: list[Row] = field(default_factory=list, repr=False)
    themes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quotes: dict[str, tuple[Quote, ...]] = field(default_factory=dict, repr=False)


def heard(study: Study, data: Data, whom: Whom, wave: str, level: float) -> Voices:
    """Return what members of each segment and everybody said."""
    if data.responses is None:
        return Voices()
    sample = sample_of(study, data, level)
    satisfied = list(_satisfied(study, data, whom, sample, wave, level))
    asked = text_questions(study, data)
    if not asked or not study.themes:
        return Voices(satisfied)
    comments = of_survey(study, data, asked)
    found = mentions(comments.read.tolist(), [theme.terms.all() for theme in study.themes])
    about = {theme.id: found[:, at] & comments.said for at, theme in enumerate(study.themes)}
    rows, themes = _themes(study, data, whom, sample, comments, about, level)
    least = study.thresholds.min_cell
    quotes = {
        one.name: _quotes(study, comments, {name: about[name] & one.rows for name in themes[one.name]}, least)
        for one in whom.personas
    }
    return Voices([*satisfied, *rows], themes, quotes)


def _satisfied(
    study: Study, data: Data, whom: Whom, sample: Sample, wave: str, level: float
) -> Iterator[Row]:
    """Yield what members and everybody said in the newest wave: the whole journey, then its stages."""
    frame = data.require("responses", by="personas")
    here = data.mask() & ((frame["wave"].astype(str) == wave).to_numpy() if wave else True)
    whole = overall(study)
    for item in items(study, data):
        question = item.question
        about = question is whole or (
            question.kind in REPORTED and question.stage and not question.touchpoint
        )
        if not about or item.metric != main_metric(question) or item.option:
            continue
        keys = {"question": question.id, "stage": question.stage, "wave": wave}
        for name, rows in [*((p.name, p.rows) for p in whom.personas), ("", here)]:
            yield _row(sample, item.metric, item, rows & here, level, segment=name, **keys)


def _themes(
    study: Study,
    data: Data,
    whom: Whom,
    sample: Sample,
    comments: Comments,
    about: dict[str, Bools],
    level: float,
) -> tuple[list[Row], dict[str, tuple[str, ...]]]:
    """Return how often themes come up in each segment, and the score of those who mention one."""
    score, rows = _score(study, data), []
    most: dict[str, tuple[str, ...]] = {}
    for name, own in [*((p.name, p.rows) for p in whom.personas), ("", np.ones(len(comments.said), bool))]:
        said = comments.said & own
        shares = {}
        for theme, mentioned in about.items():
            row = _theme(sample, mentioned, said, level, option=theme, segment=name)
            shares[theme] = row
            rows.append(row)
        ranked = sorted(shares, key=lambda theme: (-np.nan_to_num(shares[theme]["estimate"]), theme))
        most[name] = tuple(theme for theme in ranked if shares[theme]["estimate"] > 0)[:THEMES]
        if score is not None:
            keys = {"segment": name, "question": score.question.id}
            rows += [
                _row(sample, f"theme_{score.metric}", score, said & about[theme], level, option=theme, **keys)
                for theme in most[name]
            ]
    return rows, most


def _score(study: Study, data: Data) -> Item | None:
    whole = overall(study)
    return next(
        (i for i in items(study, data)
         if whole is not None and i.question.id == whole.id and i.metric == main_metric(whole)),
        None,
    )  # fmt: skip


def _theme(sample: Sample, mentioned: Bools, said: Bools, level: float, **keys: str) -> Row:
    found = sample.one("proportion", mentioned.astype(float), said)
    return _told(found, {"metric": "mentioned", "unit": "share", "ci_level": level, **keys})


def _row(sample: Sample, metric: str, item: Item, rows: Bools, level: float, **keys: str) -> Row:
    found = sample.one(item.kind, item.scores, rows)
    return _told(found, {"metric": metric, "unit": item.unit, "ci_level": level, **keys})


def _told(found: Estimate, row: Row) -> Row:
    row |= {"n": found.n, "n_effective": found.n_effective, "estimate": found.estimate, "note": ""}
    if not math.isfinite(found.estimate):
        return row | {"note": "nobody"}
    if not math.isfinite(found.std_error):
        return row
    return row | {"std_error": found.std_error, "ci_low": found.ci_low, "ci_high": found.ci_high}


def _quotes(study: Study, comments: Comments, about: dict[str, Bools], least: int) -> tuple[Quote, ...]:
    """Return typical comments word for word, one a theme, where enough people mention it.

    A comment something was masked in is not verbatim any more, so it is passed over.
    """
    found: list[Quote] = []
    for theme, own in about.items():
        if len(set(comments.author[own])) < least or len(found) == QUOTES:
            continue
        taken = {quote.text for quote in found}
        rows = np.flatnonzero(own)
        ranked = typical(tokens.words(comments.read[rows].tolist(), kiwi=False), np.ones(len(rows), bool))
        order = sorted(rows[ranked].tolist(), key=lambda at: _later(comments, at, study.language))
        at = next((at for at in order if _fits(comments.shown[at]) and comments.shown[at] not in taken), None)
        if at is not None:
            found.append(Quote(comments.shown[at], comments.author[at], comments.language[at], theme))
    return tuple(found)


def _later(comments: Comments, at: int, lang: str) -> tuple[bool, bool]:
    """Put what the page's reader can read first, and signs that not every font has last."""
    return comments.language[at] != lang, any(sign > "\uffff" for sign in comments.shown[at])


def _fits(text: str) -> bool:
    return "⟦" not in text and SHORTEST <= len(text) <= LONGEST
