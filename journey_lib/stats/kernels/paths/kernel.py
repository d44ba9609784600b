"""The kernel of paths: steps once, then every sum that a report about paths is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.paths import moves
from journey_lib.stats.kernels.paths.plan import Plan, Steps, blocks, collapsed, steps_of
from journey_lib.stats.kernels.paths.variants import Variants, variants_of
from journey_lib.stats.kernels.tally import Tally

BLOCK = 1 << 18  # events counted at a time
PARTS = ("moments", "gaps", "shown", "variants")


@dataclass(frozen=True, eq=False)
class Counted:
    """What was counted of paths; two of them add up.

    Attributes
    ----------
    numbers : mapping of str to int
        `events`, `steps` (with repeats), `customers` and `units` (with a step or not), `paths`, `walkers`
        (customers with a path), `open`, and `tied` (neighbouring steps of different nodes at one instant).
    tables : mapping of str to Tally
        `counts`, `moves`, `visits` and `ripe` by group; `gaps`, `flows`, `backwards`, `loops`, `kinds` and
        `win_backs` over all. What their keys mean says the function of the same name in `moves`.
    variants : Variants or None
        The different paths.
    """

    numbers: Mapping[str, int]
    tables: Mapping[str, Tally]
    variants: Variants | None = None

    def __add__(self, other: Counted) -> Counted:
        return Counted.total([self, other])

    @staticmethod
    def total(parts: Sequence[Counted]) -> Counted:
        """Add up many at once."""
        first = parts[0]
        numbers = {name: sum(part.numbers[name] for part in parts) for name in first.numbers}
        tables = {name: Tally.total([part.tables[name] for part in parts]) for name in first.tables}
        told = [part.variants for part in parts if part.variants is not None]
        return Counted(numbers, tables, Variants.total(told) if told else None)


@dataclass(frozen=True)
class Paths:
    """Which ways customers take, how often, and where the ways end.

    Attributes
    ----------
    plan : Plan
        How events become paths.
    by : str
        Attribute of customers, or text column of the events, that splits the counts; "" for none. Of a
        column of the events the value at the customer's first step counts, so each customer is in one group.
    attribute : bool
        Whether `by` describes customers.
    levels : int
        How many values it has; those unknown are one more group at the end.
    parts : tuple of str
        What to count beside the transitions: any of `PARTS`.
    """

    plan: Plan
    by: str = ""
    attribute: bool = True
    levels: int = 0
    parts: tuple[str, ...] = PARTS

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        return (self.by,) if self.by and not self.attribute else ()

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        return (self.by,) if self.by and self.attribute else ()

    @property
    def groups(self) -> int:
        """How many groups there are, the unknown one included; 1 without a split."""
        return self.levels + 1 if self.by else 1

    def measure(self, batch: Batch) -> Counted:
        """Return the answer for the customers of one batch, block by block to keep memory small."""
        return Counted.total([self._measured(block) for block in blocks(batch, BLOCK)])

    def _measured(self, batch: Batch) -> Counted:
        plan = self.plan
        drawn = bool({"shown", "variants"} & set(self.parts))
        steps = steps_of(batch, plan, silences="shown" in self.parts)
        group = self._group(batch, steps)
        single = collapsed(steps) if plan.collapse_counts or (plan.collapse_shown and drawn) else steps
        told = single if plan.collapse_counts else steps
        shown = single if plan.collapse_shown else steps
        tables = {"counts": moves.counts(told, plan, group, self.groups)}
        if "moments" in self.parts:
            tables["moves"], tables["visits"] = moves.moments(told, plan, group, self.groups)
            tables["ripe"] = moves.ripe(told, plan, batch, group, self.groups)
        if "gaps" in self.parts:
            tables["gaps"] = moves.gaps(told, plan)
        if "shown" in self.parts:
            tables |= {name: getattr(moves, name)(shown, plan) for name in ("flows", "backwards", "loops")}
            tables |= {name: getattr(moves, name)(told, plan) for name in ("kinds", "win_backs")}
        variants = variants_of(shown) if "variants" in self.parts else None
        return Counted(_numbers(batch, steps, told), tables, variants)

    def merge(self, one: Counted, other: Counted) -> Counted:
        """Return the answer for both."""
        return one + other

    def _group(self, batch: Batch, steps: Steps) -> np.ndarray:
        """Return the group of each customer of the batch; the last one is unknown."""
        found = np.zeros(batch.n_customers, dtype=np.int64)
        if self.people:
            found[:] = batch.people[self.by]
        elif self.columns:
            found[:] = self.levels
            # Written last to first, so that the first path of a customer stays.
            found[steps.customer[::-1]] = batch.columns[self.by][steps.first[::-1]]
        return np.where(found < 0, self.levels, found)


def _numbers(batch: Batch, steps: Steps, told: Steps) -> dict[str, int]:
    tied = (told.time[1:] == told.time[:-1]) & (told.code[1:] != told.code[:-1])
    tied[told.offsets[1:-1] - 1] = False
    return {
        "events": batch.n_events,
        "steps": len(steps.code),
        "customers": batch.n_customers,
        "units": steps.units,
        "paths": steps.paths,
        "walkers": int((np.diff(steps.customer) != 0).sum()) + int(steps.paths > 0),
        "open": int((~steps.ended).sum()),
        "tied": int(tied.sum()),
    }
