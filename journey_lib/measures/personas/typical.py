"""The typical member, told by statements that many members share: never the row of one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Persona, Whom
    from journey_lib.measures.personas.variables import Variable

STATEMENTS = 4
LOWER, UPPER = "lower", "upper"  # thirds of everybody, of a number


@dataclass(frozen=True)
class Trait:
    """One thing that is true of the typical member: a column with its value, or the third it lies in."""

    column: str
    option: str
    third: str = ""


@dataclass(frozen=True)
class Typical:
    """Traits of the member nearest to the middle that many members share, and how many share them all."""

    traits: tuple[Trait, ...] = ()
    sharing: int = 0


def typical(whom: Whom, persona: Persona, variables: tuple[Variable, ...], least: int) -> Typical:
    """Return what is true of the member nearest to the middle of a segment, and of many others.

    Parameters
    ----------
    whom, persona : Whom, Persona
        The people and the segment.
    variables : tuple of Variable
        What people can be told apart by, the most telling first.
    least : int
        Members who must share all traits together: a trait that would leave fewer is passed over.

    Definition
    ----------
    The medoid under squared Euclidean distance of scaled columns: the member nearest to the mean of the
    members. A missing value counts as the mean. Of equally near members the first id is taken.
    """
    members = np.flatnonzero(persona.inside & whom.base)
    if len(members) < least or not variables:
        return Typical()
    members = members[np.argsort(whom.who.ids[members].astype("str").to_numpy(), kind="stable")]
    scaled = np.stack([_scaled(one.values, whom.base)[members] for one in variables], axis=1)
    away = np.square(scaled - scaled.mean(axis=0)).sum(axis=1)
    middle = members[int(away.round(9).argmin())]
    sharing = np.ones(len(members), dtype=bool)
    traits: list[Trait] = []
    told: set[str] = set()
    for one in variables:
        found = _trait(one, whom.base, middle)
        if found is None or one.column in told or len(traits) == STATEMENTS:
            continue
        trait, holds = found
        both = sharing & holds[members]
        if both.sum() >= least:
            sharing = both
            traits.append(trait)
            told.add(one.column)
    return Typical(tuple(traits), int(sharing.sum())) if traits else Typical()


def _scaled(values: np.ndarray, base: np.ndarray) -> np.ndarray:
    known = values[base & ~np.isnan(values)]
    spread = float(known.std()) if len(known) else 0.0
    if not spread:
        return np.zeros(len(values))
    return np.asarray(np.nan_to_num((values - known.mean()) / spread))


def _trait(one: Variable, base: np.ndarray, at: int) -> tuple[Trait, np.ndarray] | None:
    """Return what a variable says of a person, and of whom it says the same; None where it says little."""
    if np.isnan(one.values[at]):
        return None
    if one.share:
        return (Trait(one.column, one.option), one.values == 1) if one.values[at] == 1 else None
    low, high = np.nanquantile(one.values[base], [1 / 3, 2 / 3])
    if low < high and one.values[at] > high:
        return Trait(one.column, one.option, UPPER), one.values > high
    if low < high and one.values[at] <= low:
        return Trait(one.column, one.option, LOWER), one.values <= low
    return None
