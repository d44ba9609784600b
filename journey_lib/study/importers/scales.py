"""What kind of question a column of answers may be, guessed only from what its words and codes bear out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import QUOTED_FROM
from journey_lib.study.answers import NO_ANSWER
from journey_lib.study.importers.draft import PLEASE, comment, plain, quoted, table
from journey_lib.study.tables import counted, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

MOST_LEVELS = 20
_SCALES = ((1, 5), (1, 7), (0, 10), (1, 10), (0, 100))
_RECOMMEND = re.compile(r"recommend|추천|\bnps\b|net ?pro", re.IGNORECASE)
_EFFORT = re.compile(r"\beffort|노력|수고", re.IGNORECASE)
_EASY = re.compile(r"\beas(y|ily|e)\b|쉽|쉬웠|편리|수월", re.IGNORECASE)
_OVERALL = re.compile(
    r"(overall|general|전반|종합).*(satisf|만족)|(satisf|만족).*(overall|전반)", re.IGNORECASE
)
_RATED = re.compile(r"satisf|rat(e|ing)|quality|score|만족|평가|점수|품질", re.IGNORECASE)
_AGREED = re.compile(r"agree|동의|그렇다", re.IGNORECASE)

# Answers whose words themselves say the whole scale, lowest first.
WORDS = (
    (
        "Very dissatisfied", "Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied",
        "Very satisfied",
    ),
    ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
    ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    ("매우 불만족", "불만족", "보통", "만족", "매우 만족"),
    ("전혀 그렇지 않다", "그렇지 않다", "보통이다", "그렇다", "매우 그렇다"),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of answers.

    Attributes
    ----------
    name : str
        In the raw file of the study.
    text : str
        What was asked.
    cells : Series
        Answers as text.
    labels, missing : mapping
        Code = label and code = reason, where the export itself declares them.
    asked : bool
        Whether it is known to be a question, not a fact about the respondent.
    """

    name: str
    text: str
    cells: pd.Series
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    asked: bool = True


@dataclass(frozen=True)
class Guess:
    """A kind of question, the lines that go with it, and what a person must say."""

    kind: str
    lines: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def guess(column: Column) -> Guess:
    """Return what kind of question a column may be.

    Definition
    ----------
    Whole numbers become a scale only when the words of the question speak of recommending, satisfaction,
    quality, agreement or effort; without such words codes stay names. A code that looks like "no answer"
    and lies outside the scale is never declared: it becomes a question, and `journey check` stops at it.
    """
    counts = Counter(str(cell).strip() for cell in column.cells)
    counts.pop("", None)
    answers = {cell: n for cell, n in counts.items() if _code(cell) not in column.missing}
    declared = _declared(column)
    if not answers:
        return Guess("text", declared, ("no answer stands in this column",))
    codes = {int(number_of(cell)) for cell in answers if _whole(cell)}
    if len(codes) < len({_code(cell) for cell in answers}):
        return _worded(column, answers, declared)
    return _coded(column, codes, _by_code(answers), declared)


def _whole(cell: str) -> bool:
    return number_of(cell).is_integer()


def _code(cell: str) -> str:
    return str(int(number_of(cell))) if _whole(cell) else cell


def _by_code(answers: Mapping[str, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for cell, n in answers.items():
        found[int(number_of(cell))] = found.get(int(number_of(cell)), 0) + n
    return found


def _declared(column: Column) -> tuple[str, ...]:
    labels = {code: label for code, label in column.labels.items() if code not in column.missing}
    lines = [f"missing = {table(column.missing)}  {PLEASE} the reasons"] if column.missing else []
    return (*lines, *([f"labels = {table(labels)}"] if labels else []))


def _worded(column: Column, answers: Mapping[str, int], declared: tuple[str, ...]) -> Guess:
    """Judge answers that are words, or numbers that are not whole."""
    if all(number_of(cell) == number_of(cell) for cell in answers):
        return Guess("number", declared)
    few = len(answers) <= MOST_LEVELS and 2 * len(answers) <= sum(answers.values())
    if not few and not column.labels:
        return Guess("text", declared)
    return Guess("single", declared, tuple(_levels(answers)))


def _levels(answers: Mapping[str, int]) -> list[str]:
    """List the levels that enough people share to be no one's own answer."""
    shared = {cell: n for cell, n in answers.items() if n >= QUOTED_FROM}
    lines = [f"{n:,} {plain(cell)}" for cell, n in sorted(shared.items(), key=lambda p: (-p[1], p[0]))]
    rest = len(answers) - len(shared)
    return [
        *lines,
        *([f"{counted(rest, 'level')} with fewer than {QUOTED_FROM} answers each"] if rest else []),
    ]


def _coded(column: Column, codes: set[int], counts: Mapping[int, int], declared: tuple[str, ...]) -> Guess:
    kind, lines, scales = _kind(column)
    if not kind:
        return _plain(column, codes, declared)
    fitting = [s for s in scales if _fits(codes, s) and not _declared_on(s, column.missing)]
    if not fitting:
        return _plain(column, codes, declared)
    scale = fitting[0]
    labels = {c: label for c, label in column.labels.items() if c not in column.missing}
    strange = [code for code in labels if not _whole(code) or not scale[0] <= int(code) <= scale[1]]
    if strange:
        declared = tuple(line for line in declared if not line.startswith("labels"))
    outside = sorted(code for code in codes if not scale[0] <= code <= scale[1])
    asked = [_open_code(code, counts[code], labels.get(str(code), "")) for code in outside]
    own = () if kind == "nps" else (f"scale = [{scale[0]}, {scale[1]}]  {PLEASE} the ends that were offered",)
    return Guess(kind, (*own, *lines, *declared), tuple(asked))


def _open_code(code: int, n: int, label: str) -> str:
    named = f" ({label})" if label else ""
    return (
        f"code {code}{named} in {counted(n, 'row')} lies outside the scale: is it no answer? "
        f'Then add missing = {{ {quoted(str(code))} = "dont_know" }}, or refused, not_used, not_asked, '
        "no_answer"
    )


def _kind(column: Column) -> tuple[str, tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Return the kind its words speak of, further lines, and the scales that kind may have."""
    text = f"{column.text} {column.name}"
    if _RECOMMEND.search(text):
        return "nps", (), ((0, 10),)
    if _EFFORT.search(text):
        return (
            "ces",
            (f'direction = "effort"  {PLEASE} does a high code mean much effort?',),
            ((1, 7), (1, 5)),
        )
    if _EASY.search(text):
        ask = f'direction = "agree_is_easy"  {PLEASE} does a high code mean easy?'
        return "ces", (ask,), ((1, 7), (1, 5))
    if _OVERALL.search(text):
        return "csat", (), _SCALES[:4]
    if _RATED.search(text):
        return "rating", (), _SCALES
    return ("likert", (), _SCALES[:2]) if _AGREED.search(text) else ("", (), ())


def _fits(codes: set[int], scale: tuple[int, int]) -> bool:
    # 0 and 6 beside 1 to 5 are "blank" and "never used" as often as ends of another scale: a person says.
    beside = {0, 6} if scale == (1, 5) and not codes & {7, 8, 10} else set()
    outside = [code for code in codes if not scale[0] <= code <= scale[1] and code not in beside]
    return len(outside) < len(codes) and all(NO_ANSWER.fullmatch(str(code)) for code in outside)


def _declared_on(scale: tuple[int, int], missing: Mapping[str, str]) -> bool:
    """Say whether a code declared missing lies on the scale, which then cannot be the one offered."""
    return any(_whole(code) and scale[0] <= int(code) <= scale[1] for code in missing)


def _plain(column: Column, codes: set[int], declared: tuple[str, ...]) -> Guess:
    if len(codes) <= MOST_LEVELS or column.labels:
        low, high = min(codes), max(codes)
        ask = f'codes {low} to {high}: if they rate something, write kind = "rating" and its scale'
        missing = [c for c in sorted(codes) if NO_ANSWER.fullmatch(str(c)) and (c < 0 or c > 10)]
        asked = [f"code {code} looks like no answer: declare it under missing" for code in missing]
        partly = bool(column.labels) and any(str(c) not in column.labels for c in codes)
        if partly:
            declared = tuple(line for line in declared if not line.startswith("labels"))
            asked.append("labels left out: some codes have none")
        return Guess("single", declared, (ask, *asked) if not column.labels else tuple(asked))
    return Guess("number", tuple(line for line in declared if not line.startswith("labels")))


def in_words(cells: pd.Series) -> tuple[str, ...]:
    """Return the scale whose words these answers are, lowest first; () for any other answers."""
    found = {str(cell).strip().casefold() for cell in cells} - {""}
    for words in WORDS:
        if len(found) > 1 and found <= {word.casefold() for word in words}:
            return words
    return ()


def coded(cells: pd.Series, words: tuple[str, ...]) -> pd.Series:
    """Return worded answers as codes from 1, lowest first."""
    codes = {word.casefold(): str(code) for code, word in enumerate(words, start=1)}
    return cells.map(lambda cell: codes.get(str(cell).strip().casefold(), ""))


def asked_lines(given: Guess) -> list[str]:
    """Write what a person must say about a question."""
    return [f"{PLEASE} {line}" if place == 0 else comment(f"  {line}")[0]
            for place, line in enumerate(map(plain, given.questions))]  # fmt: skip
