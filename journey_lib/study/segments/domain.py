"""Which rows an analysis speaks about: a rule such as "region=KR", later also rules saved under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


@dataclass(frozen=True, eq=False)
class Segment:
    """A named domain of the responses.

    Attributes
    ----------
    name : str
        What pages call it, in the study's language.
    rule : str
        The rule it was made of.
    column, value : str
        The two sides of the rule.
    rows : ndarray of bool
        Which rows of `responses` are inside.
    customers : Index of str
        Ids of the customers inside: by the customers table where it has the column, else those with an answer
        inside.
    """

    name: str
    rule: str
    column: str
    value: str
    rows: np.ndarray
    customers: pd.Index


def segment_of(study: Study, data: Data, rule: str) -> Segment:
    """Say which respondents a rule "column=value" means.

    Parameters
    ----------
    study : Study
        Its labels may be used in place of codes.
    data : Data
        `column` is looked for in responses, then in customers; for customers the other way round.
    rule : str
        "column=value".

    Raises
    ------
    ParamError
        When there is no such column or value, with the nearest one.
    """
    column, sign, value = (part.strip() for part in rule.partition("="))
    if not sign or not column or not value:
        raise ParamError(Problem("segment", f"'{rule}' is no rule", "column=value, for example region=KR"))
    words = as_words(_column(data, column))
    wanted = _value(study, words, column, value)
    label = f"{_title(study, column)}: {study.level(column, wanted)}"
    rows = np.asarray(words == wanted, dtype=bool) if data.responses is not None else np.zeros(0, dtype=bool)
    members = _members(data, column, wanted, rows)
    return Segment(label, f"{column}={wanted}", column, wanted, rows, members)


def _members(data: Data, column: str, wanted: str, rows: np.ndarray) -> pd.Index:
    if data.customers is not None and column in data.customers:
        inside = np.asarray(as_words(data.customers[column]) == wanted, dtype=bool)
        ids = data.customers["customer_id"].to_numpy()[inside]
    elif data.responses is not None and "customer_id" in data.responses:
        ids = data.responses.loc[rows, "customer_id"].dropna().unique()
    else:
        ids = np.zeros(0, dtype=object)
    members: pd.Index = pd.Index(ids, dtype="str")
    return members


def as_words(values: pd.Series) -> pd.Series:
    """Return a column as text, whole numbers without a decimal point; missing stays missing."""
    if pd.api.types.is_numeric_dtype(values):
        codes, found = pd.factorize(values)
        words = np.array([*(f"{value:.15g}" for value in found), None], dtype=object)
        return pd.Series(words[codes], index=values.index, dtype="str")
    return values.astype("str")


def _column(data: Data, name: str) -> pd.Series:
    if data.responses is None and data.customers is not None and name in data.customers:
        return data.customers[name]
    known = data.columns() or ([] if data.customers is None else [str(column) for column in data.customers])
    if name not in known:
        raise ParamError(
            Problem("segment", f"no column '{name}' in responses or customers", nearest=nearest(name, known))
        )
    return data.column(name)


def _value(study: Study, words: pd.Series, column: str, value: str) -> str:
    levels = [str(word) for word in words.dropna().unique()]
    if value in levels:
        return value
    labels = {
        text: code
        for question in study.questions
        if question.id == column
        for code, label in question.labels.items()
        for text in (label.en, label.ko)
    }
    if labels.get(value) in levels:
        return labels[value]
    shown = _shown([*levels, *labels]) if len(levels) <= 30 else []
    close = nearest(value, shown)
    raise ParamError(Problem("segment", f"column '{column}' has no value '{value}'", ", ".join(shown), close))


def _shown(names: list[str]) -> list[str]:
    return [name for name in names if name]


def _title(study: Study, column: str) -> str:
    label = next((q.label for q in study.questions if q.id == column), None)
    return label.say(study.language) if label else column
