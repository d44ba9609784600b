"""From the sums of the kernels to rows: touchpoints, channels, stages and moves between channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.measures.touchpoints.plan import UNKNOWN, Plan
from journey_lib.measures.touchpoints.rows import (
    DAY,
    Block,
    View,
    block,
    medians,
    only,
    plain,
    views,
)
from journey_lib.stats.sums import Columns, difference, means, ratios, shares

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels.touchpoints import Sums

AFTER = ("stayed", "switched")


@dataclass(frozen=True, eq=False)
class Counted:
    """The sums of a log, and what makes rows of them.

    Attributes
    ----------
    plan : Plan
        What was asked.
    contacts, visits : Sums
        What the two kernels found.
    level : float
        Confidence level.
    """

    plan: Plan
    contacts: Sums = field(repr=False)
    visits: Sums = field(repr=False)
    level: float = 0.95

    @cached_property
    def names(self) -> npt.NDArray[Any]:
        """Ids of the touchpoints."""
        return np.array([point.id for point in self.plan.points], object)

    @cached_property
    def home(self) -> npt.NDArray[np.int64]:
        """Stage of each touchpoint, as its place."""
        return np.array([self.plan.stages.index(point.stage) for point in self.plan.points], np.int64)

    @cached_property
    def stages(self) -> npt.NDArray[Any]:
        """Ids of the stages."""
        return np.array(self.plan.stages, object)

    @cached_property
    def channels(self) -> npt.NDArray[Any]:
        """Names of the channels."""
        return np.array(self.plan.channels, object)

    @cached_property
    def gone(self) -> npt.NDArray[Any]:
        """Why a touchpoint is not measured; "" where it is: nobody in a segment meeting it is a zero."""
        seen = np.isin(np.arange(len(self.names)), self.plan.place)
        named = np.array([bool(point.events) for point in self.plan.points], bool)
        found: npt.NDArray[Any] = np.where(seen, "", np.where(named, "not_in_log", "not_measured"))
        return found

    @cached_property
    def entered(self) -> npt.NDArray[np.bool_]:
        """Whether any event of the log enters each stage."""
        place = np.array(self.plan.entered, np.int64)
        return np.isin(np.arange(len(self.stages)), place[place >= 0])

    def blocks(self) -> Iterator[Block]:
        """Yield every number that comes from the log."""
        for view in views(self.plan.groups, self.contacts, UNKNOWN):
            yield from touchpoints(self, view)
            yield from channels(self, view)
            yield from effort(self, view)
        for mix in self.plan.mixes:
            yield from mixed(self, mix)
        yield from by_stage(self)
        yield from moves(self)
        yield from after(self)


def touchpoints(counted: Counted, view: View) -> Iterator[Block]:
    """Yield reach, frequency, order and repeats at each touchpoint."""
    sums, level = counted.contacts, counted.level
    found = {
        name: view.of(sums, name) for name in sums.arrays if name.startswith(("contacts", "repeats", "loops"))
    }
    customers = np.full(len(counted.names), view.of(sums, "customers"))
    visited, touched = (view.of(sums, name)[counted.home] for name in ("visited", "touched"))
    n, kept = found["contacts_n"], counted.gone == ""
    keys = {
        "stage": counted.stages[counted.home], "touchpoint": counted.names, "group": view.group,
    }  # fmt: skip
    why = np.where(kept, "nobody", counted.gone)
    last = counted.home == len(counted.stages) - 1
    home_why = np.where(kept & ~counted.entered[counted.home], "no_entry", why)
    order_why = np.where(kept & last, "last_stage", home_why)
    reach = only(shares(n, customers, level), kept)
    yield block("reach", "share", reach, _n(customers, kept), level, reason=why, **keys)
    yield plain("customers_reached", _n(n, kept), _n(n, kept), reason=why, **keys)
    yield plain("contacts", _n(found["contacts_sum"], kept), _n(n, kept), reason=why, **keys)
    share = only(shares(view.of(sums, "met"), visited, level), kept)
    yield block("share_of_stage", "share", share, _n(visited, kept), level, reason=home_why, **keys)
    for metric, name in (("contacts_per_customer", "contacts"), ("loops_per_customer", "loops")):
        each = means(found[f"{name}_n"], found[f"{name}_sum"], found[f"{name}_squares"], level)
        yield block(metric, "count", only(each, kept), _n(n, kept), level, reason=why, **keys)
    middle = medians(sums.tables["contacts"], view, len(n), n, level)
    yield block("median_contacts", "count", only(middle, kept), _n(n, kept), level, reason=why, **keys)
    again = ratios(
        found["repeats_sum"], found["contacts_sum"], found["repeats_squares"], found["contacts_squares"],
        view.of(sums, "repeats_contacts"), n, level,
    )  # fmt: skip
    again = only(again, kept)
    yield block("repeat_share", "share", again, _n(n, kept), level, reason=why, **keys)
    for metric in ("first", "last"):
        part = only(shares(view.of(sums, metric), touched, level), kept & ~last)
        yield block(
            f"{metric}_share", "share", part, _n(touched, kept & ~last), level, reason=order_why, **keys
        )


def channels(counted: Counted, view: View) -> Iterator[Block]:
    """Yield reach and frequency of each channel, and how many customers use several."""
    sums, level = counted.visits, counted.level
    customers = view.of(counted.contacts, "customers")
    n = view.of(sums, "visits_n")
    keys = {"option": counted.channels, "group": view.group}
    every = np.full(len(n), customers)
    yield block("channel_reach", "share", shares(n, every, level), every, level, **keys)
    yield plain("channel_visits", view.of(sums, "visits_sum"), n, **keys)
    each = means(n, view.of(sums, "visits_sum"), view.of(sums, "visits_squares"), level)
    yield block("visits_per_customer", "count", each, n, level, **keys)
    middle = medians(sums.tables["visits"], view, len(n), n, level)
    yield block("median_visits", "count", middle, n, level, **keys)
    users, used = view.of(sums, "users"), sums.tables["used"]
    inside = np.isin(used.cell, view.cells(0)) & (used.value > 1)
    several = shares([used.n[inside].sum()], [users], level)
    yield block("several_channels", "share", several, [users], level, reason="no_channel", group=view.group)


def effort(counted: Counted, view: View) -> Iterator[Block]:
    """Yield what those who moved on from a stage did and how long it took them."""
    sums, level, keys = counted.contacts, counted.level, {"stage": counted.stages, "group": view.group}
    n, entered = view.of(sums, "moved"), view.of(sums, "entered")
    last = np.arange(len(n)) == len(n) - 1
    why = np.where(last, "last_stage", np.where(counted.entered, "nobody", "no_entry"))
    yield plain("entered", np.where(counted.entered, entered, np.nan), entered, reason="no_entry", **keys)
    moved = only(shares(n, entered, level), ~last)
    yield block("moved_on", "share", moved, _n(entered, ~last), level, reason=why, **keys)
    days = medians(sums.tables["seconds"], view, len(n), n, level, scale=DAY)
    yield block("days_to_move_on", "days", days, n, level, reason=why, **keys)
    steps = medians(sums.tables["steps"], view, len(n), n, level)
    mapped = np.full(len(n), bool(len(counted.names)))
    yield block("median_steps", "count", only(steps, mapped), n, level, reason=why, **keys)
    found = {name: view.of(sums, name) for name in sums.arrays if name.startswith(("steps", "again", "back"))}
    for metric, name in (("steps", "steps"), ("repeated_steps", "again"), ("loops", "back")):
        each = means(found[f"{name}_n"], found[f"{name}_sum"], found[f"{name}_squares"], level)
        yield block(metric, "count", only(each, mapped), n, level, reason=why, **keys)
    part = ratios(
        found["again_sum"], found["steps_sum"], found["again_squares"], found["steps_squares"],
        found["again_steps"], n, level,
    )  # fmt: skip
    yield block("repeated_share", "share", only(part, mapped), n, level, reason=why, **keys)


def mixed(counted: Counted, mix: str) -> Iterator[Block]:
    """Yield the mix of a column at each touchpoint and in each channel: of contacts, or of customers."""
    levels = [*counted.plan.levels(mix), UNKNOWN]
    tables = ((counted.contacts, "contacts", "touchpoint"), (counted.visits, "visits", "channel"))
    for sums, whole, what in tables:
        n, total, squares = (sums[f"{whole}_{end}"].sum(axis=-1) for end in ("n", "sum", "squares"))
        part = sums[f"mix_{mix}"]
        for at, level in enumerate(levels):
            if level == UNKNOWN and not part[:, at].any():
                continue
            if f"mix_{mix}_squares" in sums.arrays:
                square, product = (sums[f"mix_{mix}_{end}"][:, at] for end in ("squares", "contacts"))
                found = ratios(part[:, at], total, square, squares, product, n, counted.level)
            else:
                found = shares(part[:, at], n, counted.level)
            yield _mix_block(counted, f"{mix}_share", what, level, found, n)


def _mix_block(
    counted: Counted, metric: str, what: str, level: str, found: Columns, n: npt.NDArray[Any]
) -> Block:
    if what == "channel":
        keys: Block = {"option": counted.channels, "comparison": level}
        return block(f"channel_{metric}", "share", found, n, counted.level, **keys)
    kept = counted.gone == ""
    keys = {"stage": counted.stages[counted.home], "touchpoint": counted.names, "option": level}
    why = np.where(kept, "nobody", counted.gone)
    return block(metric, "share", only(found, kept), _n(n, kept), counted.level, reason=why, **keys)


def by_stage(counted: Counted) -> Iterator[Block]:
    """Yield, stage by stage, who came through each channel, and through which one first and last."""
    sums, level = counted.visits, counted.level
    entered = counted.contacts["entered"].sum(axis=-1)
    bases = {"channel_reach": ("reached", entered), "channel_first": ("first", sums["present_moved"]),
             "channel_last": ("last", sums["present_moved"])}  # fmt: skip
    last = len(counted.stages) - 1
    for at, stage in enumerate(counted.stages):
        if not counted.entered[at]:
            continue
        for metric, (name, base) in bases.items():
            n = np.full(len(counted.channels), base[at])
            reason = "last_stage" if at == last and name != "reached" else "nobody"
            found = shares(sums[name][at], n, level)
            yield block(metric, "share", found, n, level, reason=reason, stage=stage, option=counted.channels)


def moves(counted: Counted) -> Iterator[Block]:
    """Yield how often a visit through one channel was followed by one through each other, where it was."""
    sums = counted.visits
    origin, target = np.nonzero(sums["moves"])
    if not len(origin):
        return
    at = (origin, target)
    keys = {"option": counted.channels[origin], "comparison": counted.channels[target]}
    movers = sums["row_movers"][origin]
    found = ratios(
        sums["moves"][at], sums["rows"][origin], sums["moves_squares"][at], sums["rows_squares"][origin],
        sums["moves_rows"][at], movers, counted.level,
    )  # fmt: skip
    yield block("next_channel", "share", found, movers, counted.level, **keys)
    yield plain("moves", sums["moves"][at], sums["movers"][at], **keys)
    yield plain("movers", sums["movers"][at], sums["movers"][at], **keys)
    every, changed = sums["followers"]
    yield block("changed_channel", "share", shares([changed], [every], counted.level), [every], counted.level)


def after(counted: Counted) -> Iterator[Block]:
    """Yield how many moved on from a stage after a second visit through the same or another channel."""
    cells, last = counted.visits["after"], np.arange(len(counted.stages)) == len(counted.stages) - 1
    n, moved = cells.sum(axis=2), cells[:, :, 1]
    why = np.where(last, "last_stage", np.where(counted.entered, "nobody", "no_entry"))
    for at, option in enumerate(AFTER):
        found = only(shares(moved[:, at], n[:, at], counted.level), ~last)
        yield block("moved_on_after", "share", found, _n(n[:, at], ~last), counted.level, reason=why,
                    stage=counted.stages, option=option)  # fmt: skip
    gap = only(difference(moved.T, n.T, counted.level), ~last)
    yield block("moved_on_difference", "share_points", gap, _n(n.min(axis=1), ~last), counted.level,
                reason=why, stage=counted.stages, option="switched", comparison="stayed")  # fmt: skip


def _n(count: npt.ArrayLike, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return a base; none where nothing is measured."""
    found: npt.NDArray[np.float64] = np.where(kept, np.asarray(count, float), np.nan)
    return found
