"""The answer of the report on sample sizes: its table, and the way to figures, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from journey_lib.measures.power.count import Counted
    from journey_lib.measures.power.plan import Plan
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("curve", "weeks")
PARTS = (*FIGURES, "sizes", "prices")


@dataclass(frozen=True, eq=False, kw_only=True)
class PowerResult(Result):
    """How many customers and weeks an experiment needs; what `power` returns.

    Attributes
    ----------
    study : Study
        Words of the stages.
    counted : Counted
        Plan, baseline and traffic.
    """

    study: Study
    counted: Counted

    stem = "power"
    evidence = "plan"
    keys = ("metric", "group", "option", "stage")

    @property
    def plan(self) -> Plan:
        """What was sized."""
        return self.counted.plan

    @property
    def usual(self) -> Mapping[str, str]:
        """The stage of the outcome."""
        return {"stage": self.plan.outcome}

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "curve") -> Plot:  # noqa: FBT001, FBT002 - promised signature
        """Return the power by change, or the smallest change found by weeks.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"curve", "weeks"}
            Which one.

        Raises
        ------
        ParamError
            If the kind is unknown.
        """
        from journey_lib.measures.power import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return (
            pictures.curve(self, ax) if chosen("kind", kind, FIGURES) == "curve" else pictures.weeks(self, ax)
        )

    def picture(self) -> str:
        """Return the power curve, small."""
        return self.plot().thumbnail()

    def show(self, kind: str = "curve") -> Block:
        """Return a part of the page.

        Parameters
        ----------
        kind : {"curve", "weeks", "sizes", "prices"}
            Power by change, smallest change by weeks, sizes by way of reading, and what else costs how much.
        """
        from journey_lib.measures.power import show

        return show.part(self, chosen("kind", kind, PARTS))
