"""Every number of the cards: sizes, what describes and what goes with a segment, journey, satisfaction."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.personas import journey
from journey_lib.measures.personas.typical import Typical, typical
from journey_lib.measures.personas.variables import (
    DEMOGRAPHIC,
    Compared,
    Variable,
    compared_of,
    of_column,
    one_to_one,
)
from journey_lib.measures.personas.voices import Voices, heard
from journey_lib.stats.clusters import profiles
from journey_lib.stats.intervals import wilson
from journey_lib.stats.multiplicity import benjamini_hochberg
from journey_lib.study.data import waves

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Persona, Whom
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

BUILT, GOES = "built", "goes"
FEWEST = 30  # people a line that goes with a segment needs
FALSE = 0.05  # false discovery rate
NAN = math.nan
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How lines are chosen: how many a card, the smallest effect worth a line, and the level."""

    top: int = 8
    effect: float = 0.2
    level: float = 0.95


@dataclass(frozen=True, eq=False)
class Line:
    """One statement about a segment, against everybody."""

    persona: str
    variable: Variable
    kind: str
    value: tuple[float, float, float, float]
    total: float
    index: tuple[float, float, float]
    effect: float
    p_value: float
    n: int
    everybody: int


@dataclass(frozen=True, eq=False)
class Counted:
    """What was counted: tidy rows, lines by card in their order, every comparison that was tested."""

    rows: pd.DataFrame
    lines: dict[str, tuple[Line, ...]] = field(repr=False)
    tested: pd.DataFrame = field(repr=False)
    wave: str = ""
    answered: dict[str, int] = field(default_factory=dict)
    voices: Voices = field(default_factory=Voices, repr=False)
    typical: dict[str, Typical] = field(default_factory=dict, repr=False)


def count(study: Study, data: Data, whom: Whom, plan: Plan) -> Counted:
    """Return every number of the cards."""
    compared = compared_of(study, data, whom.who)
    described = {one.name: _built(study, whom, one, compared, plan) for one in whom.personas}
    tested = {one.name: _tested(whom, one, compared, plan) for one in whom.personas}
    every = [line for lines in tested.values() for line in lines]
    corrected = benjamini_hochberg([line.p_value for line in every])
    p_of = {id(line): float(p) for line, p in zip(every, corrected, strict=True)}
    lines = {
        name: (*described[name], *_chosen(tested[name], p_of, plan, len(described[name]))) for name in tested
    }
    wave = (waves(data) or [""])[-1] if data.responses is not None else ""
    voices = heard(study, data, whom, wave, plan.level)
    rows = [
        *_sizes(whom, plan),
        *(row for found in lines.values() for line in found for row in _rows(line, plan)),
        *journey.rows(study, data, whom, compared, plan.level),
        *voices.rows,
    ]
    answered = {} if data.responses is None else {one.name: _answered(data, one) for one in whom.personas}
    members = {one.name: _typical(whom, one, lines[one.name], compared) for one in whom.personas}
    return Counted(pd.DataFrame(rows), lines, _listed(every, p_of), wave, answered, voices, members)


def _typical(whom: Whom, one: Persona, lines: tuple[Line, ...], compared: Compared) -> Typical:
    """Describe the member in the middle, first by what the card says, then by what everybody has."""
    own = [line.variable for line in lines if line.kind == GOES]
    rest = [v for v in compared.variables if not any(v is known for known in own)]
    rest.sort(key=lambda variable: variable.block != DEMOGRAPHIC)
    return typical(whom, one, (*own, *rest), FEWEST)


def _answered(data: Data, one: Persona) -> int:
    frame = data.require("responses", by="personas")
    inside = frame[one.rows & data.mask()]
    return int(inside["respondent_id"].nunique()) if "respondent_id" in inside else len(inside)


def _listed(every: list[Line], p_of: dict[int, float]) -> pd.DataFrame:
    columns = ["segment", "column", "option", "block", "value", "total", "index", "effect", "p_value", "n"]
    return pd.DataFrame(
        [
            (one.persona, one.variable.column, one.variable.option, one.variable.block, one.value[0],
             one.total, one.index[0], one.effect, p_of[id(one)], one.n)
            for one in every
        ],
        columns=columns,
    )  # fmt: skip


def _weights(whom: Whom) -> np.ndarray | None:
    return whom.who.weights


def compare(variable: Variable, persona: Persona, whom: Whom, plan: Plan, kind: str = GOES) -> Line | None:
    """Return what one variable says of a segment against everybody; None where there is no comparison."""
    kept = whom.base & ~np.isnan(variable.values)
    labels = np.where(persona.inside, 0, 1)[kept]
    if not len(labels) or labels.all() or not labels.any():
        return None
    weights = _weights(whom)
    w = np.ones(len(labels)) if weights is None else weights[kept]
    values = variable.values[kept]
    make = _of_share if variable.share else _of_number
    value, total, index, effect, p_value = make(values, labels, w, plan.level)
    n = int((labels == 0).sum())
    return Line(persona.name, variable, kind, value, total, index, effect, p_value, n, len(labels))


Made = tuple[
    tuple[float, float, float, float], float, tuple[float, float, float], float, float
]  # value with error and bounds, total, index with bounds, effect, p


def _of_share(values: np.ndarray, labels: np.ndarray, w: np.ndarray, level: float) -> Made:
    told = profiles.categorical(values.astype(np.intp), 2, labels, 2, w, level=level)
    own, rest, total = (float(told.share[at, 1]) for at in range(3))
    n = float(profiles.effective(w)[labels == 0].sum())
    spread = math.sqrt(total * (1 - total))
    return (
        (own, math.sqrt(own * (1 - own) / n), float(told.ci_low[0, 1]), float(told.ci_high[0, 1])), total,
        (float(told.index[0, 1]), float(told.index_low[0, 1]), float(told.index_high[0, 1])),
        (own - rest) / spread if spread > 0 else NAN, told.p_value,
    )  # fmt: skip


def _of_number(values: np.ndarray, labels: np.ndarray, w: np.ndarray, level: float) -> Made:
    from scipy.special import ndtri

    told = profiles.numeric(values, labels, 2, w)
    own, rest, total = (float(mean) for mean in told.mean)
    error = float(told.std_error[0])
    half = float(ndtri(0.5 + level / 2)) * error
    spread = float(told.std_error[-1]) * math.sqrt(float(profiles.effective(w).sum()))
    part = float(w[labels == 0].sum() / w.sum())
    index = profiles.mean_index(told, part, level=level)
    effect = (own - rest) / spread if spread > 0 else NAN
    return (own, error, own - half, own + half), total, index, effect, told.p_value


def _built(study: Study, whom: Whom, persona: Persona, compared: Compared, plan: Plan) -> tuple[Line, ...]:
    """Describe the columns a segment was made from, the farthest from everybody first; nothing is tested."""
    found = []
    for column in persona.columns:
        own = of_column(study, whom.who, column) or [v for v in compared.variables if v.column == column]
        made = [compare(one, persona, whom, plan, BUILT) for one in own]
        known = [line for line in made if line is not None and line.value[0] > 0]
        found += sorted(known, key=lambda line: -line.value[0])[:2]
    if persona.cluster is not None:  # groups are built from many columns: a card holds those that matter
        found = [line for line in found if abs(line.effect) >= plan.effect and line.n >= FEWEST]
        found.sort(key=lambda line: -abs(line.effect))
    return tuple(found[: max(1, plan.top // 2)])


def _tested(whom: Whom, persona: Persona, compared: Compared, plan: Plan) -> list[Line]:
    """Compare a segment with everybody else on all that has no part in its rule."""
    if persona.n < FEWEST:
        return []
    twins = _twins(whom, persona, compared)
    found = [
        compare(one, persona, whom, plan)
        for one in compared.variables
        if one.column not in persona.columns and one.column not in twins
    ]
    return [line for line in found if line and line.n >= FEWEST and math.isfinite(line.p_value)]


def _twins(whom: Whom, persona: Persona, compared: Compared) -> set[str]:
    """Return columns that divide people as a column of the rule does, under another name."""
    built = [whom.who[name] for name in persona.columns if name in whom.who.traits and name in whom.who]
    other = {one.column for one in compared.variables if one.column in whom.who.traits}
    return {
        name for name in other - set(persona.columns) if any(one_to_one(whom.who[name], b) for b in built)
    }


def _chosen(lines: list[Line], p_of: dict[int, float], plan: Plan, taken: int) -> Iterator[Line]:
    """Yield the largest differences that survive the correction: the first of each block, then the rest."""
    kept = [one for one in lines if p_of[id(one)] < FALSE and abs(one.effect) >= plan.effect]
    ranked = sorted(kept, key=lambda one: -abs(one.effect))
    firsts = [next(line for line in ranked if line.variable.block == block)
              for block in dict.fromkeys(line.variable.block for line in ranked)]  # fmt: skip
    order = [*firsts, *(line for line in ranked if line not in firsts)][: max(plan.top - taken, 0)]
    for line in sorted(order, key=lambda one: -abs(one.effect)):
        yield replace(line, p_value=p_of[id(line)])


def _sizes(whom: Whom, plan: Plan) -> Iterator[Row]:
    weights = _weights(whom)
    w = profiles.effective((np.ones(len(whom.base)) if weights is None else weights)[whom.base])
    n = float(w.sum())
    for one in whom.personas:
        inside = one.inside[whom.base]
        share = float(w[inside].sum() / n) if n else NAN
        low, high = wilson(np.array([share]), np.array([n]), plan.level)
        yield {
            "metric": "size", "segment": one.name, "estimate": share, "ci_low": float(low[0]),
            "ci_high": float(high[0]), "std_error": math.sqrt(share * (1 - share) / n), "unit": "share",
            "ci_level": plan.level, "n": int(inside.sum()), "n_effective": n,
        }  # fmt: skip


def _rows(line: Line, plan: Plan) -> Iterator[Row]:
    variable = line.variable
    unit = "share" if variable.share else "score"
    keys: Row = {
        "segment": line.persona, "question": variable.column, "option": variable.option,
        "group": variable.block, "comparison": line.kind, "n": line.n, "ci_level": plan.level,
    }  # fmt: skip
    estimate, error, low, high = line.value
    yield keys | {"metric": "value", "unit": unit, **_interval(estimate, error, low, high)}
    yield keys | {"metric": "total", "unit": unit, "estimate": line.total}
    index, low, high = line.index
    known = math.isfinite(index) and math.isfinite(low)
    yield (
        keys
        | {"metric": "index", "unit": "score", "note": "" if known else "no_index"}
        | (
            {"estimate": index, "ci_low": low, "ci_high": high, "std_error": (high - low) / 4}
            if known
            else {}
        )
    )
    if line.kind == GOES:
        yield keys | {"metric": "effect", "unit": "score", "estimate": line.effect, "p_value": line.p_value}


def _interval(estimate: float, error: float, low: float, high: float) -> Row:
    if not math.isfinite(error):
        return {"estimate": estimate}
    return {"estimate": estimate, "std_error": error, "ci_low": low, "ci_high": high}
