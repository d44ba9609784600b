"""What counts as going through a funnel, in codes and microseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

EARLIEST: Final = -(2**62)
LATEST: Final = 2**62
ORDERS = ("ordered", "strict", "any")
ENTRIES = ("any", "first", "all")
TIES = ("order", "strict_time", "either")


@dataclass(frozen=True)
class Exclusion:
    """Events that void a match when one of them lies strictly between two of its steps.

    Attributes
    ----------
    events : tuple of int
        Codes; none of them may be a step.
    after, before : int
        Places of the two steps, counted from 0.
    """

    events: tuple[int, ...]
    after: int
    before: int


@dataclass(frozen=True)
class Funnel:
    """One definition of a funnel; nothing else decides who went through.

    Attributes
    ----------
    steps : tuple of tuple of int
        For each step the codes of the events that make it; a code nobody has never happens.
    window : int
        Microseconds from the entry to the last step, inclusive.
    order : {"ordered", "strict", "any"}
        Other events may come between; none may, once `ignored` ones are out; or the order is free.
    entry : {"any", "first", "all"}
        Every entry may be the one that leads on; only the first; or every attempt counts for itself.
    ties : {"order", "strict_time", "either"}
        Among events of one moment: the log's order; none follows another; or the order that suits the funnel.
    step_windows, min_gaps : tuple of int
        For each step after the first, the longest and the shortest time since the step before it; empty for
        no limit.
    optional : tuple of int
        Places of steps that are counted but neither open nor hold up the funnel; never the first.
    exclude : tuple of Exclusion
        Events that void a match.
    ignored : tuple of int
        Events that `strict` looks through.
    banned : tuple of int
        Customers with one of these events are left out altogether.
    first, last : int
        Instants between which an entry must fall; completion may come later.

    Raises
    ------
    ValueError
        When the parts contradict each other; a measure says so in the words of its user.

    Examples
    --------
    >>> Funnel(steps=((0,), (1,), (2,)), window=10, optional=(1,)).before(2)
    0
    """

    steps: tuple[tuple[int, ...], ...]
    window: int
    order: str = "ordered"
    entry: str = "any"
    ties: str = "order"
    step_windows: tuple[int, ...] = ()
    min_gaps: tuple[int, ...] = ()
    optional: tuple[int, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    ignored: tuple[int, ...] = ()
    banned: tuple[int, ...] = ()
    first: int = EARLIEST
    last: int = LATEST

    def __post_init__(self) -> None:
        wrong = [rule for rule, broken in self._rules() if broken]
        if wrong:
            raise ValueError("; ".join(wrong))

    def _rules(self) -> tuple[tuple[str, bool], ...]:
        steps, known = range(len(self.steps)), {code for step in self.steps for code in step}
        apart = {code for one in self.exclude for code in one.events} | {*self.ignored, *self.banned}
        limits, free, strict = (self.step_windows, self.min_gaps), self.order == "any", self.order == "strict"
        return (
            ("a funnel needs a step", not self.steps),
            ("unknown order", self.order not in ORDERS),
            ("unknown entry", self.entry not in ENTRIES),
            ("unknown tie rule", self.ties not in TIES),
            ("window below 0", self.window < 0),
            ("one limit for each step but the first", any(len(x) not in (0, len(steps) - 1) for x in limits)),
            ("a limit below 0", min([0, *self.step_windows, *self.min_gaps]) < 0),
            ("the first step cannot be optional", 0 in self.optional),
            ("no such optional step", not set(self.optional) <= set(steps)),
            ("a step cannot be excluded or ignored", bool(known & apart)),
            ("exclusion between no two steps", any(not self._spans(x) for x in self.exclude)),
            ("either cannot tell repeated steps apart", self.ties == "either" and self._repeats),
            ("strict compares neighbours in the log's order", strict and self.ties == "either"),
            ("strict has no optional steps", strict and bool(self.optional)),
            ("attempts need an order", free and self.entry == "all"),
            ("any order has no steps to be between", free and bool(self.exclude)),
            ("any order has no time between steps", free and any(limits)),
            ("in any order two steps are alike or share no event", free and self._overlap),
        )

    @property
    def size(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @cached_property
    def required(self) -> tuple[int, ...]:
        """Places of the steps that are not optional."""
        return tuple(k for k in range(self.size) if k not in self.optional)

    def before(self, step: int) -> int:
        """Return the last step a customer must have passed before this one; -1 before the first."""
        return max((k for k in self.required if k < step), default=-1)

    def limit(self, step: int) -> int:
        """Return the longest time since the step before."""
        return min(self.step_windows[step - 1], self.window) if self.step_windows else self.window

    def gap(self, step: int) -> int:
        """Return the shortest time since the step before."""
        return self.min_gaps[step - 1] if self.min_gaps else 0

    def voids(self, step: int) -> tuple[int, ...]:
        """Return which exclusions part this step from the one before it."""
        came = self.before(step)
        return tuple(at for at, x in enumerate(self.exclude) if x.after <= came and step <= x.before)

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """Every event this funnel must see, in rising order."""
        seen = {code for step in self.steps for code in step} | {*self.banned}
        return tuple(sorted(seen | {code for one in self.exclude for code in one.events}))

    def only(self, places: tuple[int, ...]) -> Funnel:
        """Return the funnel of some of its steps alone, all of them required, with their limits.

        Examples
        --------
        >>> whole = Funnel(((0,), (1,), (2,)), window=10, step_windows=(3, 4))
        >>> whole.only((1, 2)).step_windows
        (4,)
        """
        windows, gaps = (tuple(x[old - 1] for old in places[1:]) if x else () for x in self._limits)
        return replace(
            self, steps=tuple(self.steps[old] for old in places), optional=(), step_windows=windows,
            min_gaps=gaps, exclude=tuple(filter(None, (_moved(x, places) for x in self.exclude))),
        )  # fmt: skip

    def backwards(self) -> Funnel:
        """Return the required steps mirrored in time: from the last step back to the first."""
        forward = self.only(self.required)
        last = forward.size - 1
        return replace(
            forward, steps=forward.steps[::-1], step_windows=forward.step_windows[::-1],
            exclude=tuple(Exclusion(x.events, last - x.before, last - x.after) for x in forward.exclude),
            min_gaps=forward.min_gaps[::-1], entry="any",
        )  # fmt: skip

    @property
    def _limits(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.step_windows, self.min_gaps

    def _spans(self, x: Exclusion) -> bool:
        return x.after < x.before and {x.after, x.before} <= set(self.required)

    @property
    def _repeats(self) -> bool:
        every = [code for step in self.steps for code in step]
        return len(every) != len(set(every))

    @property
    def _overlap(self) -> bool:
        sets = {frozenset(step) for step in self.steps}
        return sum(map(len, sets)) != len(frozenset().union(*sets))


def _moved(x: Exclusion, places: tuple[int, ...]) -> Exclusion | None:
    """Return an exclusion as it stands among some of the steps; None where it parts none of them."""
    if {x.after, x.before} <= set(places):
        return Exclusion(x.events, places.index(x.after), places.index(x.before))
    if x.after <= places[0] and places[-1] <= x.before and len(places) > 1:
        return Exclusion(x.events, 0, len(places) - 1)
    return None
