"""What customers say in their own words, along the journey: themes, tone, scores and change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.measures.comments import checks, count, quotes
from journey_lib.measures.comments.reading import read
from journey_lib.measures.comments.result import CommentsResult
from journey_lib.stats.text import tokens
from journey_lib.study.comments import require_comments, text_questions
from journey_lib.study.context import context_of
from journey_lib.study.data import waves as waves_of
from journey_lib.study.params import RunParams
from journey_lib.study.questions import SCALED, overall

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

WORDS = ("auto", "kiwi", "characters")


class CommentsParams(RunParams):
    """Parameters of the comments report."""

    question: str = Field(
        "", description="Open question to read; all of them, joined by person, when left out."
    )
    score: str = Field(
        "",
        description="Score beside the comments; recommendation, or else overall satisfaction, when left out.",
    )
    wave: str = Field("", description='Wave the totals are about; "" pools all waves.')
    words: str = Field(
        "auto",
        description="How Korean is cut into words: by Kiwi, by characters, or by Kiwi where it is installed.",
        json_schema_extra={"choices": list(WORDS)},
    )
    groups: int = Field(
        4, ge=0, le=12, description="Themes to find in each language among comments no declared theme covers."
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def comments(
    study: Study,
    data: Data,
    *,
    question: str = "",
    score: str = "",
    wave: str = "",
    words: str = "auto",
    groups: int = 4,
    level: float = 0.95,
) -> CommentsResult:
    """Return what comments are about, how they sound, and what goes with mentioning it.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs a question of kind text, or feedback.
    question : str
        Open question to read; all of them, joined by person, when "".
    score : str
        Question with a scale whose answers stand beside the comments; the study's recommendation or overall
        satisfaction when "".
    wave : str
        Wave the totals are about; "" pools all waves. Every wave has its own shares either way.
    words : {"auto", "kiwi", "characters"}
        How Korean is cut into words. It changes the words themes are named by and the themes found, never
        the share of a declared theme.
    groups : int
        Themes to find, in each language, among comments that no declared theme covers.
    level : float
        Confidence level of every interval.

    Returns
    -------
    CommentsResult
        `.table` holds shares of commenters, tone, scores of those who mention a theme against the others,
        changes by wave, and the shares of feedback by channel.

    Raises
    ------
    DataError
        The study has no words of its customers.
    ParamError
        A question, score, wave or way of cutting words the study or the machine does not have.

    Definition
    ----------
    A comment mentions a declared theme when it holds one of its words; themes nobody declared are components
    of a non-negative factorisation of the rest. Shares are of people who said something. Tone is the sign of
    a logistic model: small shipped models refined on the study's own comments with a score, each comment
    judged by a model that had not seen it. Differences are linearised under the design; Holm over the themes,
    and over themes and waves.

    Units and missing data
    ----------------------
    Shares are 0–1, scores in the units of their question. Comments under two letters say nothing and leave
    the base; the same words by the same person count once. Feedback is unweighted and stands by channel.

    Source
    ------
    Lee, D. and Seung, S. (1999), Nature 401. Hutto, C. and Gilbert, E. (2014), ICWSM 8. Holm, S. (1979),
    Scandinavian Journal of Statistics 6. Särndal, Swensson and Wretman (1992), Model Assisted Survey
    Sampling.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> answers = pd.DataFrame({"why": ["Late again", "Late box", "Lovely", "."], "nps": [3, 5, 9, 8]})
    >>> study, data = quick_study(responses=answers, questions={"why": "text", "nps": "nps"})
    >>> table = comments(study, data).table
    >>> float(table.query("metric == 'commented' and weighting == 'weighted'")["estimate"].iloc[0])
    0.75
    """
    require_comments(study, data)
    asked = text_questions(study, data, question)
    kiwi = _kiwi(chosen("words", words, WORDS))
    order = waves_of(data) if asked else []
    if wave and wave not in order:
        raise ParamError(
            Problem("wave", f"'{wave}' is not a wave of this study", ", ".join(order), nearest(wave, order))
        )
    beside = _score(study, data, score) if asked else None
    found = read(study, data, asked, beside, kiwi=kiwi, groups=groups)
    plan = count.plan_of(study, data, found, beside, order, wave, level)
    return CommentsResult(
        rows=count.rows(plan),
        basis=checks.basis(plan, asked),
        checks=checks.checks(plan),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "question": question, "score": beside.id if beside else "", "wave": wave, "words": words,
            "groups": groups, "level": level, "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        reading=found,
        waves=tuple(order),
        channels=tuple(name for name, _ in count.channels(plan)),
        mentions=count.counts(plan),
        quotes=quotes.of_themes(plan),
        contradictions=quotes.contradictions(plan),
    )  # fmt: skip


def _kiwi(words: str) -> bool:
    if words == "kiwi" and not tokens.available():
        action = 'Install it with the extra "korean", or leave words at auto'
        raise ParamError(Problem("words", "'kiwi' is not installed here", "auto, characters", action=action))
    return words == "kiwi" or (words == "auto" and tokens.available())


def _score(study: Study, data: Data, score: str) -> Question | None:
    """Return the question whose answers stand beside the comments, None where the study asks none."""
    frame = data.require("responses", by="comments")
    known = [q.id for q in study.questions if q.kind in (*SCALED, "nps") and q.id in frame]
    if score and score not in known:
        raise ParamError(
            Problem(
                "score", f"'{score}' is no question with a scale", ", ".join(known), nearest(score, known)
            )
        )
    found = study.item(score) if score else overall(study)
    return found if found is not None and found.id in frame else None
