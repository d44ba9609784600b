"""What the comments say before anything is counted: their themes, their tone, and how far to trust both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.text import refining, sentiment, themes, tokens
from journey_lib.study import comments as source
from journey_lib.study.questions import SCALED, higher_is_better

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from journey_lib.stats.text.tokens import Words
    from journey_lib.study.comments import Comments
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study, Text

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

LANGUAGES: Final = ("en", "ko")
FOUND: Final = "found:"  # how the id of a theme begins that no study declared
UPPER, LOWER = 0.75, 0.25  # of a scale: a clear score; recommendation has its own groups


@dataclass(frozen=True, eq=False)
class Theme:
    """Something comments are about.

    Attributes
    ----------
    id : str
        Of the study file, or made of its words for a found one.
    touchpoint, stage : str
        Where it belongs, "" for nowhere.
    label : Text or None
        What the study calls it; a found theme is called by its terms alone.
    terms : dict
        Language → the words that set it apart there.
    survey, feedback : ndarray of bool
        Which comments mention it.
    """

    id: str
    touchpoint: str
    stage: str
    label: Text | None
    terms: dict[str, Words]
    survey: Bools = field(repr=False)
    feedback: Bools = field(repr=False)


@dataclass(frozen=True, eq=False)
class Reading:
    """Comments of both sources with their themes and tones; a source the study lacks is None.

    Attributes
    ----------
    survey, feedback : Comments or None
        The comments.
    themes : tuple of Theme
        Declared ones in the order of the study file, then found ones.
    survey_tone, feedback_tone : ndarray of float
        Log odds of sounding positive; NaN where nothing was said.
    label : ndarray of float
        Of the survey: 1 for a high score, 0 for a low one, NaN between or without.
    tone : Tone
        The model behind both, judged on texts it had not seen.
    agreement : dict
        Language, or "feedback" → score low and high in rows, tone in columns.
    words : list of tuple of str
        Of the survey's comments.
    kiwi : bool
        Whether Korean words are morphemes.
    """

    survey: Comments | None
    feedback: Comments | None
    themes: tuple[Theme, ...]
    survey_tone: Floats = field(repr=False)
    feedback_tone: Floats = field(repr=False)
    label: Floats = field(repr=False)
    tone: refining.Tone
    agreement: dict[str, npt.NDArray[np.int64]]
    words: Sequence[Words] = field(repr=False)
    kiwi: bool

    @property
    def unmapped(self) -> Bools:
        """The survey's comments no theme covers."""
        assert self.survey is not None  # noqa: S101 - only asked where there is a survey
        covered = np.zeros(len(self.survey.said), dtype=bool)
        for theme in self.themes:
            covered |= theme.survey
        return self.survey.said & ~covered


def read(
    study: Study, data: Data, questions: Sequence[str], score: Question | None, *, kiwi: bool, groups: int
) -> Reading:
    """Return comments with their themes and tones.

    Parameters
    ----------
    study, data : Study, Data
        The study and its answers.
    questions : sequence of str
        Open questions; empty for feedback alone.
    score : Question or None
        What stands for a person's score where a comment is about no rated touchpoint.
    kiwi : bool
        Whether Korean words are morphemes.
    groups : int
        How many themes may be found in each language among comments no declared one covers.
    """
    survey = source.of_survey(study, data, questions) if questions else None
    feedback = source.of_feedback(study, data) if data.feedback is not None else None
    words = tokens.words(survey.read.tolist(), kiwi=kiwi) if survey else []
    every = [*_declared(study, survey, feedback, words)]
    if survey and groups:
        every += _found(survey, feedback, words, every, groups, study.thresholds.flag_cell)
    label = _labels(study, data, survey, every, score)
    rated = _rated(data.feedback) if feedback and data.feedback is not None else np.zeros(0)
    tone, split = _tone(survey, feedback, label, rated)
    own, other = tone.log_odds[:split], tone.log_odds[split:]
    agreement = {**_by_language(survey, own, label), **_of_feedback(feedback, other, rated)}
    return Reading(survey, feedback, tuple(every), own, other, label, tone, agreement, words, kiwi)


def clear(question: Question, answers: Floats) -> Floats:
    """Return 1 for a clearly good answer, 0 for a clearly bad one, NaN between and without one."""
    if question.kind == "nps":
        return np.where(answers >= 9, 1.0, np.where(answers <= 6, 0.0, np.nan))
    low, high = question.scale or (1, 5)
    place = (answers - low) / (high - low)
    place = place if higher_is_better(question) else 1 - place
    return np.where(place >= UPPER, 1.0, np.where(place <= LOWER, 0.0, np.nan))


def _declared(
    study: Study, survey: Comments | None, feedback: Comments | None, words: Sequence[Words]
) -> list[Theme]:
    found = []
    terms = [theme.terms.all() for theme in study.themes]
    sides = [_mention(comments, terms) for comments in (survey, feedback)]
    for at, theme in enumerate(study.themes):
        own, other = (side[:, at] for side in sides)
        named = {
            lang: _top(survey, words, own, lang) or tuple(t.rstrip("*") for t in getattr(theme.terms, lang))
            for lang in LANGUAGES
        }
        found.append(Theme(theme.id, theme.touchpoint, theme.stage, theme.label, named, own, other))
    return found


def _mention(comments: Comments | None, terms: Sequence[Sequence[str]]) -> Bools:
    if comments is None:
        return np.zeros((0, len(terms)), dtype=bool)
    return themes.mentions(comments.read.tolist(), terms) & comments.said[:, None]


def _top(survey: Comments | None, words: Sequence[Words], members: Bools, lang: str) -> Words:
    """Return the words that set a theme's comments of one language apart from the others of it."""
    if survey is None:
        return ()
    rows = np.flatnonzero(survey.said & (survey.language == lang)).tolist()
    return themes.top_terms([words[at] for at in rows], members[rows])


def _found(
    survey: Comments,
    feedback: Comments | None,
    words: Sequence[Words],
    declared: Sequence[Theme],
    most: int,
    least: int,
) -> list[Theme]:
    """Return groups of words among comments that no declared theme covers, language by language."""
    covered = np.zeros(len(survey.said), dtype=bool)
    for theme in declared:
        covered |= theme.survey
    elsewhere = np.zeros(len(feedback.said) if feedback else 0, dtype=bool)
    found = []
    for lang in LANGUAGES:
        rows = np.flatnonzero(survey.said & ~covered & (survey.language == lang))
        for group in themes.groups([words[at] for at in rows.tolist()], most=most):
            members = np.zeros(len(covered), dtype=bool)
            members[rows[group.members]] = True
            if members.sum() >= least:
                name = FOUND + "-".join(group.terms)
                found.append(Theme(name, "", "", None, {lang: group.terms}, members, elsewhere))
    return found


def _labels(
    study: Study, data: Data, survey: Comments | None, every: Sequence[Theme], score: Question | None
) -> Floats:
    """Return each commenter's clear score.

    That of the touchpoint the comment is about; the score of the whole only where it is about none that
    people rate. Two touchpoints with opposite scores say nothing about one tone.
    """
    if survey is None or data.responses is None:
        return np.zeros(0)
    label = np.full(len(survey.said), np.nan)
    sums, n, rated = np.zeros(len(label)), np.zeros(len(label)), np.zeros(len(label), dtype=bool)
    for theme in every:
        question = rating_of(study, data, theme.touchpoint)
        if question:
            own = clear(question, data.responses[question.id].to_numpy(float))
            rated |= theme.survey
            use = theme.survey & ~np.isnan(own)
            sums[use] += own[use]
            n[use] += 1
    agree = (n > 0) & ((sums == 0) | (sums == n))
    label[agree] = (sums[agree] > 0).astype(float)
    if score is not None:
        rest = survey.said & ~rated
        label[rest] = clear(score, data.responses[score.id].to_numpy(float))[rest]
    return np.where(survey.said, label, np.nan)


def rating_of(study: Study, data: Data, touchpoint: str) -> Question | None:
    """Return the question that rates a touchpoint, None where there is none."""
    frame = data.responses
    asked = (q for q in study.questions if q.touchpoint == touchpoint and q.kind in SCALED)
    return next((q for q in asked if touchpoint and frame is not None and q.id in frame), None)


def _rated(frame: pd.DataFrame) -> Floats:
    """Return clear ratings of reviews; their scale is 1–5, 1–10 or 1–100, by the highest one given."""
    if "rating" not in frame or not frame["rating"].notna().any():
        return np.full(len(frame), np.nan)
    rating = frame["rating"].to_numpy(float)
    top = next((end for end in (5, 10) if np.nanmax(rating) <= end), 100)
    place = (rating - 1) / (top - 1)
    return np.where(place >= UPPER, 1.0, np.where(place <= LOWER, 0.0, np.nan))


def _tone(
    survey: Comments | None, feedback: Comments | None, label: Floats, rated: Floats
) -> tuple[refining.Tone, int]:
    """Return the tone of all comments that say something, from one model, and where feedback begins."""
    parts = [part for part in (survey, feedback) if part is not None]
    said = np.concatenate([part.said for part in parts])
    rows = np.flatnonzero(said)
    texts = [text for part in parts for text in part.read.tolist()]
    own = [texts[at] for at in rows.tolist()]
    good = np.concatenate([label, np.where(feedback.said, rated, np.nan)]) if feedback else label
    tone = refining.refined(own, _prior(own), good[rows])
    log_odds = np.full(len(said), np.nan)
    log_odds[rows] = tone.log_odds
    return refining.Tone(log_odds, tone.agreement, tone.refined), len(survey.said) if survey else 0


def _prior(texts: Sequence[str]) -> Floats:
    """Return the shipped models' log odds; equal texts are read once."""
    distinct = list(dict.fromkeys(texts))
    place = {text: at for at, text in enumerate(distinct)}
    return sentiment.prior(distinct)[[place[text] for text in texts]] if distinct else np.zeros(0)


def _by_language(survey: Comments | None, tone: Floats, label: Floats) -> dict[str, npt.NDArray[np.int64]]:
    if survey is None:
        return {}
    spoken = {lang: survey.said & (survey.language == lang) for lang in (*LANGUAGES, "mixed")}
    return {
        lang: refining.confusion(tone[own], label[own])
        for lang, own in spoken.items()
        if (~np.isnan(label[own])).any()
    }


def _of_feedback(feedback: Comments | None, tone: Floats, rated: Floats) -> dict[str, npt.NDArray[np.int64]]:
    if feedback is None:
        return {}
    table = refining.confusion(tone, np.where(feedback.said, rated, np.nan))
    return {"feedback": table} if table.sum() else {}
