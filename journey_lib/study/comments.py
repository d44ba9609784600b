"""Comments on their way into an analysis: masked, cleaned, with their language and who counts once.

Nothing behind this door sees what a person wrote before masking, nor who wrote it: a comment carries a short
pseudonym.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import AbsentError, ParamError, Problem, nearest
from journey_lib.present.personal import counted, mask, unmarked
from journey_lib.stats.text.prepare import clean, first_of_each, language_of_comment

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

    Bools = npt.NDArray[np.bool_]
    Texts = npt.NDArray[np.object_]

PSEUDONYM = 6  # signs of a hash: enough to find a comment again, useless without the file


@dataclass(frozen=True, eq=False)
class Comments:
    """The comments of one source, one row each.

    Attributes
    ----------
    shown : ndarray of str
        Masked, with marks; "" where nothing was written.
    read : ndarray of str
        The same without the marks, for word counts.
    language : ndarray of str
        `en`, `ko`, `mixed`, `other`, or "" where nothing was said.
    author : ndarray of str
        A short pseudonym.
    inside : ndarray of bool
        Rows the analysis speaks about: inside the segment, asked.
    repeated : ndarray of bool
        What its author had written before, word for word.
    passages : dict
        Kind of personal passage → how often it was masked, inside.
    """

    shown: Texts = field(repr=False)
    read: Texts = field(repr=False)
    language: Texts = field(repr=False)
    author: Texts = field(repr=False)
    inside: Bools = field(repr=False)
    repeated: Bools = field(repr=False)
    passages: dict[str, int] = field(default_factory=dict)

    @property
    def said(self) -> Bools:
        """Rows that count: inside, with content, and not a repetition."""
        return np.asarray(self.inside & (self.language != "") & ~self.repeated, dtype=bool)


def text_questions(study: Study, data: Data, question: str = "") -> list[str]:
    """Return the open questions an analysis reads: the named one, or all of them.

    Raises
    ------
    ParamError
        If the named question is not an open one.
    """
    asked = [q.id for q in study.questions if q.kind == "text"]
    if question and question not in asked:
        known = ", ".join(asked) or "none in this study"
        raise ParamError(
            Problem("question", f"'{question}' is no question of kind text", known, nearest(question, asked))
        )
    frame = data.responses
    return [q for q in ([question] if question else asked) if frame is not None and q in frame]


def of_survey(study: Study, data: Data, questions: Sequence[str]) -> Comments:
    """Return what respondents wrote, one row for each row of `responses`; several questions are joined.

    Parameters
    ----------
    study, data : Study, Data
        The study and its answers.
    questions : sequence of str
        Open questions, see `text_questions`.
    """
    frame = data.require("responses", by="comments")
    columns = [frame[name].fillna("").astype(str).tolist() for name in questions]
    texts = ["\n".join(filter(None, dict.fromkeys(row))) for row in zip(*columns, strict=True)]
    asked = np.zeros(len(frame), dtype=bool)
    for name in questions:
        reasons = data.missing[name] if data.missing is not None and name in data.missing else None
        asked |= np.ones(len(frame), bool) if reasons is None else (reasons != "not_asked").to_numpy(bool)
    return _prepared(study, texts, frame["respondent_id"].astype(str), data.mask() & asked)


def of_feedback(study: Study, data: Data) -> Comments:
    """Return reviews, posts, tickets, chats and interview notes, one row for each row of `feedback`."""
    frame = data.require("feedback", by="comments")
    texts = frame["text"].fillna("").astype(str).tolist()
    own = frame["feedback_id"] if "feedback_id" in frame else frame.index.to_series()
    who = frame["customer_id"].fillna(own) if "customer_id" in frame else own
    inside = np.ones(len(frame), dtype=bool)
    if data.segment is not None:
        inside = who.isin(data.segment.customers).to_numpy(bool)
    return _prepared(study, texts, who.astype(str), inside)


def require_comments(study: Study, data: Data) -> None:
    """Say what a study lacks that has neither an open question nor a feedback source.

    Raises
    ------
    DataError
        With what to add.
    """
    if text_questions(study, data) or data.feedback is not None:
        return
    given = "no words of customers: no open question with a column in the responses, and no feedback source"
    action = "Add one of them; reasons coded as numbers are no text, the words behind them are"
    raise AbsentError(
        Problem("comments", given, 'kind = "text" in [[questions]], or [sources.feedback]', "", action)
    )


def pseudonym(study: str, person: str) -> str:
    """Return the short sign a comment carries instead of its author's id.

    Examples
    --------
    >>> len(pseudonym("shop", "R-1")), pseudonym("shop", "R-1") == pseudonym("shop", "R-1")
    (6, True)
    """
    return hashlib.sha256(f"{study}\0{person}".encode()).hexdigest()[:PSEUDONYM]


def _prepared(study: Study, texts: Sequence[str], person: pd.Series, inside: Bools) -> Comments:
    known = {text: mask(clean(text)) for text in dict.fromkeys(texts)}
    shown = [known[text].text for text in texts]
    read = {text: unmarked(one.text) for text, one in known.items()}
    spoken = {text: language_of_comment(read[text]) for text in known}
    passages = counted(known[text] for text, row in zip(texts, inside.tolist(), strict=True) if row)
    language = _column(spoken[text] for text in texts)
    return Comments(
        shown=_column(shown),
        read=_column(read[text] for text in texts),
        language=language,
        author=_column(pseudonym(study.id, who) for who in person),
        inside=inside,
        repeated=_repeated(person, shown, inside & (language != "")),
        passages=passages,
    )


def _repeated(person: pd.Series, shown: Sequence[str], counts: Bools) -> Bools:
    rows = np.flatnonzero(counts)
    again = np.zeros(len(shown), dtype=bool)
    again[rows] = ~first_of_each(person.to_numpy()[rows], [shown[at] for at in rows.tolist()])
    return again


def _column(values: Iterable[str]) -> Texts:
    return np.array(list(values), dtype=object)
