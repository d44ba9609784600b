"""The columns of a banner and the questions of its rows, as the caller or the study names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.data import waves
from journey_lib.study.definition.parts import LANGUAGES, Text
from journey_lib.study.questions import code_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

MOST_COLUMNS = 30
TABLED = ("nps", "csat", "ces", "rating", "likert", "slider", "single", "multi")
_NEVER = ("respondent_id", "customer_id", "date", "base_weight", "duration_s", "psu", "strata", "fpc")
_JOINED = " · "  # between the values of a nested column


@dataclass(frozen=True, eq=False)
class Block:
    """The columns of one banner question.

    Attributes
    ----------
    name : str
        Column, or columns joined by " × " when nested.
    title : Text
        What a reader calls the banner question.
    values : tuple of str
        Categories in their order.
    labels : tuple of str
        What a reader calls them.
    codes : ndarray of int
        Category of each respondent, −1 outside.
    """

    name: str
    title: Text
    values: tuple[str, ...]
    labels: tuple[str, ...]
    codes: npt.NDArray[np.intp]


def blocks(
    study: Study, data: Data, mask: npt.NDArray[np.bool_], banner: Sequence[str], *, nested: bool
) -> tuple[Block, ...]:
    """Return the banner's blocks.

    Raises
    ------
    ParamError
        A column nobody has, with the nearest; one with a single value or too many.
    """
    names = list(dict.fromkeys(banner)) or _usual(study, data)
    single = [_block(study, data, mask, name) for name in names]
    if nested and len(single) > 1:
        return (_limited(reduce(_crossed, single)),)
    return tuple(_limited(block) for block in single)


def asked(study: Study, items: Sequence[str], stage: str) -> list[Question]:
    """Return the questions that make the rows.

    Raises
    ------
    ParamError
        A question that cannot be tabled, a stage the study does not have, or nothing left.
    """
    usable = [q for q in study.questions if q.kind in TABLED]
    known = [q.id for q in usable]
    problems = [
        Problem(
            "items", f"'{name}' is no question that can be tabled", ", ".join(known), nearest(name, known)
        )
        for name in items
        if name not in known
    ]
    stages = [s.id for s in study.journey.stages]
    if stage and stage not in stages:
        problems.append(Problem("stage", f"'{stage}'", ", ".join(stages), nearest(stage, stages)))
    if problems:
        raise ParamError(problems)
    found = [q for q in usable if (not items or q.id in items) and (not stage or q.stage == stage)]
    if not found:
        raise ParamError(Problem("items", f"no question of stage '{stage}' can be tabled"))
    return found


def _usual(study: Study, data: Data) -> list[str]:
    """Return the banner of a study that names none: its first weighting column, else its first column."""
    columns = data.columns()
    for name in (*study.weights.rake, "region", "country", "plan", "age_band", "wave"):
        if name in columns and 1 < data.column(name).nunique() <= MOST_COLUMNS:
            return [name]
    raise ParamError(
        Problem(
            "banner", "the study names no column to compare", ", ".join(_splitting(data)), action="Name one"
        )
    )


def _splitting(data: Data) -> list[str]:
    names = [name for name in data.columns() if name not in _NEVER]
    return [name for name in names if 1 < data.column(name).nunique() <= MOST_COLUMNS][:12]


def _block(study: Study, data: Data, mask: npt.NDArray[np.bool_], name: str) -> Block:
    if name not in data.columns():
        known = _splitting(data)
        given = f"no column '{name}' in responses or customers"
        raise ParamError(Problem("banner", given, ", ".join(known), nearest(name, data.columns())))
    text = np.asarray([code_of(value) for value in data.column(name)], dtype=object)
    present = set(text[mask]) - {""}
    order = waves(data) if name == "wave" else list(study.named_values(name))
    values = [v for v in order if v in present] + sorted(present - set(order))
    codes = pd.Index(values, dtype=object).get_indexer(pd.Index(text, dtype=object))
    labels = tuple(study.level(name, value) for value in values)
    return Block(
        name, study.column_label(name), tuple(values), labels, np.where(mask, codes, -1).astype(np.intp)
    )


def _crossed(one: Block, other: Block) -> Block:
    inside = (one.codes >= 0) & (other.codes >= 0)
    codes = np.where(inside, one.codes * len(other.values) + other.codes, -1)
    pairs = [(a, b) for a in range(len(one.values)) for b in range(len(other.values))]
    return Block(
        f"{one.name} × {other.name}",
        Text(**{lang: f"{one.title.say(lang)} × {other.title.say(lang)}" for lang in LANGUAGES}),
        tuple(f"{one.values[a]}{_JOINED}{other.values[b]}" for a, b in pairs),
        tuple(f"{one.labels[a]}{_JOINED}{other.labels[b]}" for a, b in pairs),
        codes.astype(np.intp),
    )


def _limited(block: Block) -> Block:
    if not 1 < len(block.values) <= MOST_COLUMNS:
        given = f"'{block.name}' has {len(block.values)} values"
        raise ParamError(Problem("banner", given, f"2 to {MOST_COLUMNS}", action="Name another column"))
    return block
