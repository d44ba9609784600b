"""Whom the cards are about: saved segments, the values of a column, or groups found in the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.present.wording import message
from journey_lib.study.clustering import Plan as Groups
from journey_lib.study.clustering import choose, cluster_of, division, fitted
from journey_lib.study.segments import (
    columns_of,
    kept,
    people,
    saved_segments,
    segment_of,
    sentence,
)
from journey_lib.study.segments.people import CUSTOMERS
from journey_lib.study.segments.words import Plain, level_of

if TYPE_CHECKING:
    from journey_lib.present.domain import Drift
    from journey_lib.present.wording import Message, Says
    from journey_lib.study.clustering import Fitted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments import Cluster, People, SavedSegment, Segment

SAVED, COLUMN, CLUSTERS = "saved", "column", "clusters"
SOURCES = (SAVED, COLUMN, CLUSTERS)
MOST = 12  # cards on a page
_NOT_GROUPS = ("wave", "mode", "attention", "consent", "language", "psu", "strata")


@dataclass(frozen=True, eq=False)
class Persona:
    """One segment as a card shows it.

    Attributes
    ----------
    name : str
        What the table calls it.
    label : Says
        What the page calls it.
    rule : Message
        Its rule in words.
    columns : tuple of str
        Columns of the rule: they describe the card and test nothing.
    inside : ndarray of bool
        Which people are members.
    rows : ndarray of bool
        Which rows of `responses` are inside.
    unknown : int
        People whom a missing value leaves undecided.
    saved : SavedSegment or None
        Where it came from.
    cluster : Cluster or None
        How its people were found, where they are a group of a cluster analysis.
    drift : Drift or None
        How a frozen list stands to today.
    """

    name: str
    label: Says
    rule: Message
    columns: tuple[str, ...]
    inside: np.ndarray = field(repr=False)
    rows: np.ndarray = field(repr=False)
    unknown: int = 0
    saved: SavedSegment | None = None
    cluster: Cluster | None = None
    drift: Drift | None = None

    @property
    def n(self) -> int:
        """How many members there are."""
        return int(self.inside.sum())


@dataclass(frozen=True, eq=False)
class Whom:
    """The people compared, and the segments among them.

    Attributes
    ----------
    who : People
        Everybody.
    base : ndarray of bool
        Who is compared: all of them, or those inside the segment of the run; of these, where a column makes
        the cards, the people whose value is known.
    personas : tuple of Persona
        The largest first.
    source, column : str
        What made them.
    verdict : str
        Of a cluster analysis: "clear", "unsure" or "none"; with "none" there are no cards.
    left_out : int
        People without a value of the column.
    """

    who: People
    base: np.ndarray = field(repr=False)
    personas: tuple[Persona, ...]
    source: str
    column: str = ""
    verdict: str = ""
    left_out: int = 0


def whom_of(study: Study, data: Data, source: str, column: str) -> Whom:
    """Return the people and their segments.

    Raises
    ------
    ParamError
        No saved segment where they were asked for, an unknown column, or one with too many values.
    """
    who = people(study, data)
    saved = saved_segments(study, data)
    if source == CLUSTERS and not column:
        return _clusters(study, data, who)
    if source == SAVED and not column and saved.all():
        segments = [saved.segment(one.name) for one in saved.all()[:MOST]]
        made = [_persona(study, who, one, one.name, Plain(one.name)) for one in segments]
        return Whom(who, _base(data, who), _ordered(made), SAVED)
    chosen = column or _fallback(who)
    if not chosen:
        action = "Save one: journey segments save NAME RULE; or name a column"
        raise ParamError(Problem("source", "this study has no saved segments", action=action))
    made = [_of_value(study, data, who, chosen, value) for value in _values(who, chosen)]
    base = _base(data, who)
    known = base & (who[chosen].notna() & (who[chosen].astype(str) != "")).to_numpy(bool)
    return Whom(who, known, _ordered(made), COLUMN, chosen, left_out=int((base & ~known).sum()))


def _ordered(made: list[Persona]) -> tuple[Persona, ...]:
    return tuple(sorted(made, key=lambda one: (-one.n, one.name)))


def _base(data: Data, who: People) -> np.ndarray:
    if data.segment is None:
        return np.ones(len(who), dtype=bool)
    found: np.ndarray = _members(who, data.segment)
    return found


def _members(who: People, segment: Segment) -> np.ndarray:
    if who.level == CUSTOMERS:
        return np.asarray(who.ids.isin(segment.customers))
    return segment.rows.copy()


def _clusters(study: Study, data: Data, who: People) -> Whom:
    """Return the groups saved last, or those found now; none where the verdict is that there are none."""
    store = saved_segments(study, data)
    lists = division(store.all())
    if lists:
        verdict = lists[0].cluster.verdict if lists[0].cluster else ""
        segments = [store.segment(one.id) for one in lists[:MOST]]
        made = [_persona(study, who, one, one.name, Plain(one.name)) for one in segments]
    else:
        found = fitted(choose(study, data, "kmeans", ()), Groups("kmeans"))
        verdict, made = found.verdict, [_of_group(data, who, found, at) for at in range(found.k)]
    return Whom(who, _base(data, who), _ordered([] if verdict == "none" else made), CLUSTERS, "", verdict)


def _of_group(data: Data, who: People, found: Fitted, at: int) -> Persona:
    """Return a group that nobody has given a name."""
    inside = np.zeros(len(who), dtype=bool)
    inside[found.whom.places[found.kept[found.labels == at]]] = True
    frame = data.responses
    rows = inside if who.level != CUSTOMERS else np.zeros(0 if frame is None else len(frame), dtype=bool)
    if who.level == CUSTOMERS and frame is not None and "customer_id" in frame:
        rows = frame["customer_id"].isin(who.ids[inside]).to_numpy(bool)
    name, cluster = found.names[at], cluster_of(found, at)
    label = message("Segment {name}", name=name)
    return Persona(name, label, _found(cluster), cluster.columns, inside, rows, cluster=cluster)


def _persona(study: Study, who: People, segment: Segment, name: str, label: Says) -> Persona:
    saved = segment.saved
    rule, columns, cluster = sentence(segment.tree, study), columns_of(segment.tree), None
    if saved is not None and saved.is_list:
        rule, cluster = kept(saved, study), saved.cluster
    if cluster is not None:
        rule, columns = _found(cluster), cluster.columns
    return Persona(
        name, label, rule, columns, _members(who, segment), segment.rows, segment.unknown, saved, cluster,
        segment.drift,
    )  # fmt: skip


def _found(cluster: Cluster) -> Message:
    return message("One of {k} groups of a cluster analysis", k=cluster.groups)


def _of_value(study: Study, data: Data, who: People, column: str, value: str) -> Persona:
    label = level_of(study, column, value)
    return _persona(study, who, segment_of(study, data, f"{column}={value}"), value, label)


def _values(who: People, column: str) -> list[str]:
    """Return the values of a column that can be cards."""
    known = [name for name, trait in who.traits.items() if trait.kind in ("text", "number")]
    if column not in known:
        given = f"no column '{column}' of the people of this study"
        raise ParamError(Problem("column", given, ", ".join(known[:12]), nearest(column, known)))
    found = who[column].dropna()
    values = sorted({f"{v:.15g}" if isinstance(v, float) else str(v) for v in found.unique()} - {""})
    if not 2 <= len(values) <= MOST:
        raise ParamError(Problem("column", f"'{column}' has {len(values)} values", f"2 to {MOST} values"))
    return values


def _fallback(who: People) -> str:
    """Return the column of people's own with the fewest values, at least three; "" for none."""
    sizes = {
        name: len(who.levels_of(name))
        for name, trait in who.traits.items()
        if trait.kind == "text" and not trait.derived and name not in _NOT_GROUPS
    }
    fit = {name: size for name, size in sizes.items() if 3 <= size <= MOST}
    return min(fit, key=lambda name: fit[name], default="")
