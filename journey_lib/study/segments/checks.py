"""Whether a rule can be asked of a frame at all: columns and categories that are gone are said at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, Protocol

import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.segments.rule import Condition, Either, Every, Not, conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.segments.rule import Rule, Scalar

_LISTED = 30  # categories a message names; more would be no help
_ORDERED: Final = (">=", "<=", "between")
_WORDS: Final = {"text": "text", "number": "numbers", "date": "days"}


class Columns(Protocol):
    """Anything with columns by name: a frame, or `People`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __getitem__(self, name: str, /) -> pd.Series: ...


def kind_of(values: pd.Series) -> str:
    """Return what a column holds: "date", "number" (flags are 1 and 0) or "text"."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def options_of(frame: Columns, column: str) -> tuple[str, ...]:
    """Return the options of a question with several answers; () for any other column."""
    if column in frame and column not in getattr(frame, "several", ()):
        return ()
    start = f"{column}."
    return tuple(name.removeprefix(start) for name in map(str, frame) if name.startswith(start))


def categories(values: pd.Series) -> list[str]:
    """Return the values a column holds, as text and in order."""
    return sorted(as_words(values).dropna().unique())


def as_words(values: pd.Series) -> pd.Series:
    """Return a column as text, whole numbers without a decimal point; missing stays missing."""
    import numpy as np

    if pd.api.types.is_numeric_dtype(values):
        codes, found = pd.factorize(values)
        words = np.array([*(f"{value:.15g}" for value in found), None], dtype=object)
        return pd.Series(words[codes], index=values.index, dtype="str")
    return values.astype("str")


def settled(rule: Rule, frame: Columns, *, snapshot: date | None = None) -> Rule:
    """Return the rule in the codes of a frame, or raise one error with everything that is gone.

    Parameters
    ----------
    rule : Rule
        Its values may be labels of the study, or words of numbers.
    frame : DataFrame or People
        `People` know the labels of their codes.
    snapshot : date, optional
        Needed by `within_last_days`.

    Raises
    ------
    ParamError
        All columns, categories and comparisons that do not fit, each with the nearest name.

    Examples
    --------
    >>> settled(Condition("age", "=", "30"), pd.DataFrame({"age": [30.0, 41.0]}))
    Condition(column='age', operator='=', value=30.0)
    """
    problems: list[Problem] = []
    fitted = {one: _fitted(one, frame, problems) for one in dict.fromkeys(conditions(rule))}
    if snapshot is None and any(one.operator == "within_last_days" for one in fitted):
        problems.append(Problem("rule", "looks back from no day", action="Give a snapshot"))
    if problems:
        raise ParamError(list(dict.fromkeys(problems)))
    return _replaced(rule, fitted)


def _replaced(rule: Rule, fitted: Mapping[Condition, Condition]) -> Rule:
    if isinstance(rule, Condition):
        return fitted[rule]
    if isinstance(rule, Not):
        return Not(_replaced(rule.part, fitted))
    parts = tuple(_replaced(part, fitted) for part in rule.parts)
    return Either(parts) if isinstance(rule, Either) else Every(parts)


def _fitted(one: Condition, frame: Columns, problems: list[Problem]) -> Condition:
    options = options_of(frame, one.column)
    if options:
        return _fitted_options(one, frame, options, problems)
    if one.column not in frame:
        known = [str(name) for name in frame]
        source = str(getattr(frame, "told", "this table"))
        given = f"no column '{one.column}' in {source}"
        problems.append(Problem("segment", given, nearest=nearest(one.column, known)))
        return one
    values = frame[one.column]
    kind = kind_of(values)
    wrong = _misfit(one, kind)
    if wrong:
        given = f"column '{one.column}' holds {_WORDS[kind]}, '{one.operator}' cannot be asked of it"
        problems.append(Problem("segment", given, wrong))
        return one
    if one.operator in ("=", "in"):
        return _fitted_values(one, values, kind, frame, problems)
    return one


def _misfit(one: Condition, kind: str) -> str:
    """Return what could be asked of such a column, "" where the operator fits."""
    if one.operator == "contains" and kind != "text":
        return "=, in, between, >=, <=, is_missing"
    if one.operator == "within_last_days" and kind != "date":
        return "within_last_days of a column of days"
    if one.operator not in _ORDERED:
        return ""
    ends = one.value if isinstance(one.value, tuple) else (one.value,)
    numbers = all(isinstance(end, float) for end in ends)
    if kind == "text":
        return "=, in, contains, is_missing"
    return "" if numbers == (kind == "number") else f"a comparison with {_WORDS[kind]}"


def _fitted_values(
    one: Condition, values: pd.Series, kind: str, frame: Columns, problems: list[Problem]
) -> Condition:
    given = one.value if isinstance(one.value, tuple) else (one.value,)
    if kind == "date":
        bad = [value for value in given if not _is_day(value)]
        if bad:
            problems.append(Problem("segment", f"column '{one.column}' holds days", "ISO dates"))
        return one
    labels = _labels(frame, one.column)
    codes = (
        _codes_of_numbers(values, given, labels) if kind == "number" else _codes(frame, one, given, labels)
    )
    lost = [_word(value) for value, code in zip(given, codes, strict=True) if code is None]
    if lost:
        problems.extend(_lost(frame, one.column, values, lost, labels))
        return one
    known = tuple(code for code in codes if code is not None)
    return replace(one, value=known if one.operator == "in" else known[0])


def _codes(
    frame: Columns, one: Condition, given: tuple[Scalar | None, ...], labels: Mapping[str, str]
) -> list[Scalar | None]:
    words = [_word(value) for value in given]
    wanted = {*words, *(labels[word] for word in words if word in labels)}
    values = frame[one.column]
    levels = set(values[values.isin(list(wanted))].unique())
    found = [word if word in levels else labels.get(word, "") for word in words]
    return [code if code in levels else None for code in found]


def _codes_of_numbers(
    values: pd.Series, given: tuple[Scalar | None, ...], labels: Mapping[str, str]
) -> list[Scalar | None]:
    """Return numbers that the column holds; one of many numbers may be absent today without being wrong."""
    from journey_lib.study.tables import number_of

    found = [
        value if isinstance(value, float) else number_of(labels.get(str(value), str(value)))
        for value in given
    ]
    present = pd.Series(found, dtype=float).isin(values.dropna()).to_numpy()
    counted = not labels and values.nunique() > _LISTED
    return [v if there or (counted and v == v) else None for v, there in zip(found, present, strict=True)]


def _lost(
    frame: Columns, column: str, values: pd.Series, lost: list[str], labels: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield one problem a category that is gone; answers in open words are never listed."""
    levels = categories(values) if not _open(frame, column) and values.nunique() <= _LISTED else []
    shown = [name for name in (*levels, *(labels if levels else ())) if name]
    for word in lost:
        yield Problem(
            "segment", f"column '{column}' has no value '{word}'", ", ".join(shown), nearest(word, shown)
        )


def _fitted_options(
    one: Condition, frame: Columns, options: tuple[str, ...], problems: list[Problem]
) -> Condition:
    if one.operator not in ("=", "in", "contains", "is_missing"):
        given = f"column '{one.column}' holds several answers, '{one.operator}' cannot be asked of it"
        problems.append(Problem("segment", given, "=, in, contains, is_missing"))
        return one
    if one.operator == "is_missing":
        return one
    labels = _labels(frame, one.column)
    given_values = one.value if isinstance(one.value, tuple) else (one.value,)
    words = [_word(value) for value in given_values]
    codes = [word if word in options else labels.get(word, "") for word in words]
    for word, code in zip(words, codes, strict=True):
        if code not in options:
            text, shown = f"column '{one.column}' has no option '{word}'", [*options, *labels]
            problems.append(Problem("segment", text, ", ".join(shown), nearest(word, shown)))
    return replace(one, value=tuple(codes) if one.operator == "in" else codes[0])


def _open(frame: Columns, column: str) -> bool:
    trait = getattr(frame, "traits", {}).get(column)
    return trait is not None and trait.kind == "open"


def _word(value: Scalar | None) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _labels(frame: Columns, column: str) -> dict[str, str]:
    """Return the codes by their labels in both languages, where the frame knows them."""
    trait = getattr(frame, "traits", {}).get(column)
    known = {} if trait is None else trait.levels
    return {
        text: code for code, label in known.items() for text in (label.say("en"), label.say("ko")) if text
    }


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
