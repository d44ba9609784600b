"""Writes the study file that somebody exploring a few frames did not want to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.definition import Study, study_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def quick_definition(
    frames: Mapping[str, pd.DataFrame],
    journey: str | Sequence[str],
    questions: Mapping[str, str | Mapping[str, object]],
) -> Study:
    """Return the study that fits these frames.

    Parameters
    ----------
    frames : mapping of DataFrame
        Canonical table names and the tables at hand.
    journey : str or sequence of str
        A preset, or the names of the stages in order.
    questions : mapping
        Column = kind, or column = table as in a study file.

    Examples
    --------
    >>> study = quick_definition({}, ["catalog", "Add to cart"], {})
    >>> [(stage.id, stage.enter) for stage in study.journey.stages]
    [('catalog', ('catalog',)), ('Add_to_cart', ('Add to cart',))]
    """
    sources = {name: _source(name, frame) for name, frame in frames.items()}
    weighted = "base_weight" in frames.get("responses", pd.DataFrame())
    raw = {
        "id": "quick",
        "title": {"en": "Quick study", "ko": "빠른 탐색"},
        "journey": {"preset": journey} if isinstance(journey, str) else {"stages": _stages(journey)},
        "sources": sources,
        "weights": {"base": "base_weight"} if weighted else {},
        "questions": [_question(column, kind) for column, kind in questions.items()],
    }
    return study_from(raw, file="quick study")


def _stages(names: Sequence[str]) -> list[dict[str, object]]:
    return [{"id": _slug(name), "label": _title(name), "enter": [name]} for name in names]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _slug(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name).strip("_")


def _question(column: str, kind: str | Mapping[str, object]) -> dict[str, object]:
    given = {"kind": kind} if isinstance(kind, str) else dict(kind)
    source = {} if given.get("columns") else {"column": column}
    return {"id": _slug(column), "label": _title(column), **source, **given}


def _source(name: str, frame: pd.DataFrame) -> dict[str, object]:
    """Declare the frame's own types, so that further numbers and dates stay what they are."""
    source: dict[str, object] = {
        "file": f"(the frame {name})",
        "numbers": [str(c) for c in frame if _is_number(frame[c])],
        "dates": [str(c) for c in frame if pd.api.types.is_datetime64_any_dtype(frame[c])],
    }
    if name == "responses" and "respondent_id" not in frame:
        source["id"] = "{row}"
    return source


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))
