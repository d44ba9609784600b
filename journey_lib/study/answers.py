"""From codes in a file to answers and reasons: a value for each answer, a reason for each missing one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import QUOTED_FROM, Problem
from journey_lib.study.definition import REASONS
from journey_lib.study.tables import counted, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_lib.study.definition import Question

NOT_ASKED = "\x00not asked"
_CODE = re.compile(r"-?\d{1,4}")
# What codebooks use for no answer, from scales of one digit to fields of four: 9, 98, -1, 997 …
NO_ANSWER = re.compile(r"-\d{1,4}|9{0,3}[789]|77|88")
_TICKED, _UNTICKED = ("1", "true", "yes", "x"), ("0", "false", "no")
_YES_OR_NO = ("multi", "task")
_BAD, _WRONG = "cannot be read", -1
REASON_TYPE = pd.CategoricalDtype(["", *REASONS])
_REASON_CODE = {reason: code for code, reason in enumerate(["", *REASONS])}


@dataclass(frozen=True)
class Answers:
    """One question's columns, the reason of each missing value, and the rows nobody can read."""

    columns: dict[str, pd.Series]
    reasons: pd.Series
    problems: tuple[Problem, ...] = ()


def option_names(question: Question) -> dict[str, str]:
    """Return the names of a question's columns in `responses`, and the option each belongs to.

    Examples
    --------
    >>> from journey_lib.study.definition import Question
    >>> option_names(Question(id="seen", kind="multi", columns={"a": "q1_1"}))
    {'seen.a': 'a'}
    """
    if question.columns:
        return {f"{question.id}.{option}": option for option in question.columns}
    return {question.id: ""}


def read_answers(question: Question, cells: pd.DataFrame, files: pd.Series) -> Answers:
    """Read the raw text of one question.

    Parameters
    ----------
    question : Question
        Kind, scale, declared missing codes and labels.
    cells : DataFrame
        Text columns, named as `option_names` says.
    files : Series
        From which file each row comes, for messages.

    Returns
    -------
    Answers
        Undeclared codes and words where numbers belong are problems with counts, never silent gaps.
    """
    columns: dict[str, pd.Series] = {}
    reasons = np.zeros((len(cells), cells.shape[1]), dtype=np.int8)
    problems: list[Problem] = []
    for position, name in enumerate(cells.columns):
        columns[str(name)], why = _read_column(question, cells[name])
        wrong = why == _WRONG
        if wrong.any():
            problems += _complaints(question, name, cells[name][wrong], files[wrong])
        reasons[:, position] = why
    if question.kind == "multi":
        _settle_blank_options(columns, reasons)
    return Answers(columns, _row_reasons(reasons, cells.index), tuple(problems))


def _read_column(question: Question, column: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Read each distinct cell once and spread the result over the rows."""
    codes, words = pd.factorize(column)
    read = [_read_cell(question, str(word).strip()) for word in words]
    textual = question.kind in ("text", "single")
    values = pd.Series([value for value, _ in read], dtype="str" if textual else "float64").array.take(codes)
    why = np.array([_REASON_CODE.get(reason, _WRONG) for _, reason in read], dtype=np.int8)
    return pd.Series(values, index=column.index), why[codes]


def _read_cell(question: Question, cell: str) -> tuple[object, str]:
    empty: object = None if question.kind in ("text", "single") else np.nan
    if cell == "":
        return empty, question.blank
    if cell == NOT_ASKED:
        return empty, "not_asked"
    number = number_of(cell)
    code = str(int(number)) if number.is_integer() else cell
    for key in (cell, code):
        if key in question.missing:
            return empty, question.missing[key]
    if question.kind == "text":
        return cell, ""
    if question.kind == "single":
        return _single(question, cell, code)
    value = _ticked(cell) if question.kind in _YES_OR_NO else _on_scale(question, number)
    return value, _BAD if np.isnan(value) else ""


def _single(question: Question, cell: str, code: str) -> tuple[object, str]:
    for key in (cell, code):
        if not question.labels or key in question.labels:
            return key, ""
    return None, _BAD


def _ticked(cell: str) -> float:
    word = cell.lower()
    return 1.0 if word in _TICKED else 0.0 if word in _UNTICKED else float("nan")


def _on_scale(question: Question, number: float) -> float:
    if question.kind == "ranking":
        inside = number.is_integer() and 1 <= number <= len(question.columns)
    elif question.scale is None:
        inside = bool(np.isfinite(number)) and (question.kind != "time" or number > 0)
    else:
        whole = question.kind in ("slider", "number") or number.is_integer()
        inside = whole and question.scale[0] <= number <= question.scale[1]
    return number if inside else float("nan")


def _settle_blank_options(columns: dict[str, pd.Series], reasons: np.ndarray) -> None:
    """Read an empty option beside answered ones as not ticked; a wholly empty row stays unanswered."""
    answered = (reasons == 0).any(axis=1)
    for position, name in enumerate(columns):
        blank = answered & columns[name].isna().to_numpy() & (reasons[:, position] != _WRONG)
        columns[name] = columns[name].mask(blank, 0.0)
        reasons[blank, position] = 0


def _row_reasons(reasons: np.ndarray, index: pd.Index) -> pd.Series:
    """Give each row one reason: none when any of its columns has a value."""
    first = np.where((reasons == 0).any(axis=1), 0, reasons[:, 0]).clip(0)
    return pd.Series(pd.Categorical.from_codes(first, dtype=REASON_TYPE), index=index)


def _complaints(question: Question, name: str, cells: pd.Series, files: pd.Series) -> Iterator[Problem]:
    allowed = _allowed(question)
    for file in files.unique():
        counts = Counter(str(cell).strip() for cell in cells[files == file])
        codes = {cell: n for cell, n in counts.items() if _CODE.fullmatch(cell)}
        other = sum(counts.values()) - sum(codes.values())
        given = list(_undeclared(codes))
        given += [f"no {_noun(question)} in {counted(other, 'row')}"] if other else []
        for words in given:
            yield Problem(f"{file}, question '{name}'", words, allowed, action=_MEND)


def _undeclared(codes: dict[str, int]) -> Iterator[str]:
    """Name the codes that cannot be one person's answer, and count the others.

    A code no codebook declares may be a year of birth in the wrong column. It is named when it is written
    like a code for no answer, or when as many rows share it as a table cell needs to be shown.
    """
    named = {c: n for c, n in codes.items() if n >= QUOTED_FROM or NO_ANSWER.fullmatch(c)}
    for code, n in sorted(named.items(), key=lambda pair: int(pair[0])):
        yield f"undeclared code {code} in {counted(n, 'row')}"
    if rest := [n for code, n in codes.items() if code not in named]:
        yield f"{counted(len(rest), 'undeclared code')} in {counted(sum(rest), 'row')}"


_MEND = 'Declare the code under missing with its reason, such as { 99 = "dont_know" }, or mend the file'


def _noun(question: Question) -> str:
    return {"single": "known code", "multi": "tick mark", "task": "tick mark", "time": "time"}.get(
        question.kind, "number of the scale"
    )


def _allowed(question: Question) -> str:
    missing: Sequence[str] = tuple(question.missing)
    extra = f", and {', '.join(missing)} as missing" if missing else ""
    if question.kind == "single":
        return f"the codes {', '.join(question.labels)}{extra}"
    if question.kind == "time":
        return f"seconds, more than 0{extra}"
    if question.kind in _YES_OR_NO:
        return f"1 or 0, true or false, yes or no{extra}"
    if question.kind == "ranking":
        return f"ranks 1 to {len(question.columns)}{extra}"
    if question.scale is None:
        return f"numbers{extra}"
    return f"{question.scale[0]} to {question.scale[1]}{extra}"
