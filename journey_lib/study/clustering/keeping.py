"""Groups kept as saved lists: names belong to people found together again, never to a number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.stats.clusters.matching import matched
from journey_lib.study.segments.clusters import Cluster
from journey_lib.study.segments.people import CUSTOMERS
from journey_lib.study.segments.saved import saved_segments
from journey_lib.study.segments.store import name_fault

if TYPE_CHECKING:
    from journey_lib.stats.clusters.matching import Match
    from journey_lib.study.clustering.fit import Fitted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments import SavedSegment, SavedSegments, Segment

_LONGEST = 80


@dataclass(frozen=True, eq=False)
class Kept:
    """What became of each group and of each name.

    Attributes
    ----------
    saved : tuple of SavedSegment
        The list of each group, in the order of the groups.
    matched, new, dropped : tuple of str
        Names that found their people again, names given now, and names fewer than half of whose people are
        together any more: their lists stay as they were.
    agreement : float
        Adjusted Rand index with the groups saved before; NaN the first time.
    lang : str
        The study's language.
    """

    saved: tuple[SavedSegment, ...]
    matched: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    agreement: float = field(default=np.nan)
    lang: str = "en"

    @property
    def told(self) -> tuple[Message, ...]:
        """What happened, in sentences."""
        said = []
        if self.matched:
            said.append(
                message(
                    "Found again and saved as the next version: {names} (agreement {agreement}).",
                    names=Names(self.matched), agreement=Quantity(self.agreement, "score"),
                )
            )  # fmt: skip
        if self.new:
            said.append(message("Saved under a new name: {names}.", names=Names(self.new)))
        if self.dropped:
            said.append(
                message(
                    "Name dropped, fewer than half of its people are together: {names}. Its list stays.",
                    names=Names(self.dropped),
                )
            )
        return tuple(said)

    def __repr__(self) -> str:
        return "\n".join(one.say(self.lang) for one in self.told)


def division(kept: Sequence[SavedSegment]) -> tuple[SavedSegment, ...]:
    """Return the lists of the newest cluster analysis that was saved, none without one."""
    clusters = [one for one in kept if one.cluster is not None]
    if not clusters:
        return ()
    order = [(one.created, one.version, at) for at, one in enumerate(clusters)]  # seconds alone may be equal
    newest = clusters[max(order)[-1]].cluster
    return tuple(
        one
        for one in clusters
        if one.cluster is not None and newest is not None and one.cluster.division == newest.division
    )


def keep(
    study: Study,
    data: Data,
    found: Fitted,
    names: Sequence[str] = (),
    *,
    proposed: Sequence[str],
    description: str = "",
    author: str = "",
) -> Kept:
    """Save every group as a list of people.

    Parameters
    ----------
    study, data : Study, Data
        Where the lists are kept.
    found : Fitted
        The groups.
    names : sequence of str
        Names of the groups that no earlier name belongs to, the largest first; `proposed` ones without.
    proposed : sequence of str
        A name for each group, made of what sets it apart.
    description, author : str
        Why, and who.

    Raises
    ------
    ParamError
        If there are no groups, or the names are too many, too few, taken or no names.
    """
    if not found.k:
        action = "Believe the verdict; or ask for a number of groups with k"
        raise ParamError(Problem("segments", "no groups were found, so none can be saved", action=action))
    store = saved_segments(study, data)
    before = [one for one in division(store.all()) if one.level == found.whom.level]
    match = _matched([store.segment(one.id) for one in before], found)
    owner = {} if match is None else _owners(before, match)
    given = _names(names, [at for at in range(found.k) if at not in owner], proposed, store)
    made = []
    for at in range(found.k):
        old = owner.get(at)
        made.append(
            store.freeze_list(
                old.name if old else given[at], _members(found, at, data),
                source=_source(study, found), description=description, author=author,
                new_version=old is not None, cluster=cluster_of(found, at),
            )
        )  # fmt: skip
    held = {one.id for one in owner.values()}
    return Kept(
        tuple(made), tuple(owner[at].name for at in sorted(owner)), tuple(given.values()),
        tuple(one.name for one in before if one.id not in held),
        match.agreement if match else np.nan, study.language,
    )  # fmt: skip


def _matched(before: Sequence[Segment], found: Fitted) -> Match | None:
    """Match the new groups to those saved before by the people both have; None without any."""
    if not before:
        return None
    whom = found.whom
    old = np.full(len(found.kept), -1)
    for at, segment in enumerate(before):
        rows = whom.who.ids.isin(segment.customers) if whom.level == CUSTOMERS else segment.rows
        old[np.asarray(rows)[whom.places[found.kept]]] = at
    return matched(old, found.labels)


def _owners(before: Sequence[SavedSegment], match: Match) -> dict[int, SavedSegment]:
    """Return the earlier list whose name each group carries on."""
    places = match.new_of_old.tolist()
    return {place: one for one, place in zip(before, places, strict=False) if place >= 0}


def _names(
    names: Sequence[str], free: Sequence[int], proposed: Sequence[str], store: SavedSegments
) -> dict[int, str]:
    """Return a name for each group that has none yet; nothing is saved before all of them are right."""
    if names and len(names) != len(free):
        numbers = ", ".join(str(at + 1) for at in free) or "none"
        given = f"{len(names)} names for {len(free)} groups without one"
        raise ParamError(Problem("names", given, f"one for each of these, in this order: {numbers}"))
    taken = {word.casefold() for one in store.all() for word in (one.name, one.id)}
    if not names:
        return _free([proposed[at] for at in free], free, taken)
    problems = [
        Problem("names", f"'{name[:_LONGEST]}' {fault}", "a short plain name")
        for at, name in enumerate(names)
        if (fault := name_fault(name) or _clash(name, names[:at], taken))
    ]
    if problems:
        raise ParamError(problems)
    return dict(zip(free, names, strict=True))


def _clash(name: str, before: Sequence[str], taken: set[str]) -> str:
    if name.casefold() in taken:
        return "is the name of another saved segment"
    return "is given twice" if name.casefold() in {one.casefold() for one in before} else ""


def _free(wanted: Sequence[str], free: Sequence[int], taken: set[str]) -> dict[int, str]:
    """Return names made of traits, short and different from all others."""
    found: dict[int, str] = {}
    for at, name in zip(free, wanted, strict=True):
        plain = "".join(sign for sign in name if sign not in "=@#{}")[: _LONGEST - 5].strip() or "-"
        tries = (plain, *(f"{plain} ({n})" for n in range(2, len(taken) + len(free) + 3)))
        found[at] = next(one for one in tries if one.casefold() not in taken)
        taken = taken | {found[at].casefold()}
    return found


def _members(found: Fitted, at: int, data: Data) -> Sequence[str] | np.ndarray:
    rows = found.kept[found.labels == at]
    if found.whom.level == CUSTOMERS:
        return [str(one) for one in found.whom.ids[rows]]
    inside = np.zeros(len(data.require("responses", by="segments")), dtype=bool)
    inside[found.whom.places[rows]] = True
    return inside


def _source(study: Study, found: Fitted) -> str:
    return message("a cluster analysis with {k} groups", k=found.k).say(study.language)


def cluster_of(found: Fitted, at: int) -> Cluster:
    """Return how a group was found, and how far to trust it."""
    told = found.stability
    bare = Cluster(
        _hash(found), found.plan.method, found.k, found.verdict, columns=tuple(found.active)
    )  # fmt: skip
    if told is None:
        return bare
    return replace(bare, stability=told.words[at], jaccard=round(float(told.mean[at]), 4))


def _hash(found: Fitted) -> str:
    """Return what stands for who is grouped with whom."""
    ids = found.whom.ids[found.kept].astype("str")
    text = "\n".join(f"{who}\0{label}" for who, label in zip(ids, found.labels.tolist(), strict=True))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
