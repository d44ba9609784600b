"""What a report of a funnel is about: its options, its steps, and the exact definitions they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journey_lib.present.wording import Says
    from journey_lib.stats.kernels.funnel import By, Funnel


@dataclass(frozen=True)
class Options:
    """The parameters of the measure, as they were given."""

    order: str = "ordered"
    entry: str = "any"
    window: str = "30 days"
    step_windows: tuple[str, ...] = ()
    min_gaps: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    period: tuple[str, ...] = ()
    by: str = ""
    ties: str = "order"


@dataclass(frozen=True)
class Step:
    """One step as pages speak of it.

    Attributes
    ----------
    id : str
        Its stage, or its events as given; a repeated step carries its count.
    name : str
        What parameters call it.
    label : label
        What readers call it.
    events : tuple of str
        The events that make it.
    stage, touchpoint : str
        Where in the journey it belongs; "" for nowhere.
    place : int
        Place of the stage; −1 for none.
    target : float or None
        The share of customers of the step before that should come here.
    optional : bool
        Counted, but neither opens nor holds up the funnel.
    """

    id: str
    name: str
    label: Says | str
    events: tuple[str, ...]
    stage: str = ""
    touchpoint: str = ""
    place: int = -1
    target: float | None = None
    optional: bool = False


@dataclass(frozen=True)
class Plan:
    """The funnels of a report.

    Attributes
    ----------
    steps : tuple of Step
        In order.
    whole : Funnel
        All steps on one clock, which starts at the first.
    pairs : tuple of (int, int)
        Required neighbours: from each step to the next, on a clock of its own.
    by : By
        What splits the counts.
    groups : tuple of str
        The values of `by`; the last stands for customers without one.
    absent : tuple of str
        Events of the steps that the log does not hold.
    """

    steps: tuple[Step, ...]
    whole: Funnel
    pairs: tuple[tuple[int, int], ...]
    by: By
    groups: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def funnels(self) -> tuple[Funnel, ...]:
        """From each step to the next, the last step alone, and the whole."""
        last = self.whole.required[-1]
        return (*(self.whole.only(pair) for pair in self.pairs), self.whole.only((last,)), self.whole)
