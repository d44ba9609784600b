"""The answer of the experiment report: its decision, its table, and the way to figures and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import chosen
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from journey_lib.measures.experiment.count import Counted
    from journey_lib.measures.experiment.decision import Decision
    from journey_lib.measures.experiment.parts import Fading, Split
    from journey_lib.measures.experiment.stages import Triggered
    from journey_lib.measures.experiment.validity import Fact
    from journey_lib.measures.experiment.waiting import Waiting
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("looks", "novelty", "segments", "waiting")
PARTS = (
    "validity", "primary", "guardrails", "stages", "waiting", "secondary", "segments", "looks", "novelty",
    "appendix",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class ExperimentResult(Result):
    """What an experiment changed and what to do; what `experiment` returns.

    Attributes
    ----------
    study : Study
        Words of stages and levels.
    counted : Counted
        Effects behind the table.
    facts : tuple of Fact
        Everything that could make the test invalid.
    decisions : tuple of Decision
        One an arm.
    decision : Decision
        The line an owner acts on.
    waits, splits, fading, met
        Waiting times, segments, days since exposure, units that met the change.
    day : str
        ISO day up to which was observed.
    """

    study: Study
    counted: Counted = field(repr=False)
    facts: tuple[Fact, ...] = field(repr=False)
    decisions: tuple[Decision, ...]
    decision: Decision
    waits: tuple[Waiting, ...] = field(repr=False)
    splits: tuple[Split, ...] = field(repr=False)
    fading: tuple[Fading, ...] = field(repr=False)
    met: tuple[Triggered, ...] = field(repr=False)
    day: str = ""

    stem = "experiment"
    evidence = "effect"
    keys = ("metric", "question", "group", "segment", "option", "wave")

    @property
    def valid(self) -> bool:
        """Whether no check of validity failed."""
        return self.decision.word != "INVALID"

    @property
    def arm(self) -> int:
        """Place of the arm the decision speaks about; the first treatment where it speaks about all."""
        return self.decision.arm if self.decision.arm >= 0 else self.counted.plan.treatments[0]

    @property
    def plan_hash(self) -> str:
        """Twelve characters that stand for the registered plan."""
        return self.counted.plan.hash

    @property
    def aggregate(self) -> pd.DataFrame:
        """Size, mean and variance of every metric by segment, arm and day of exposure, to recompute all.

        Exact, for its owner.
        """
        return self.counted.sums.table()

    def named(self, arm: int) -> str:
        """Return the name of an arm; of the one decided on for -1."""
        return self.counted.plan.trial.arms[self.arm if arm < 0 else arm]

    @property
    def usual(self) -> Mapping[str, str]:
        """The arm decided on."""
        return {"group": self.named(-1)}

    def opening(self, lang: str = "") -> Block:
        """Return the head of the page: base, journey line, the decision and the findings."""
        from journey_lib.measures.experiment import verdict
        from journey_lib.present import blocks

        lang = lang or self.context.language
        return blocks.opening(self, lang, between=verdict.panel(self, lang))

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "looks") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"looks", "novelty", "segments", "waiting"}
            Estimate and boundary by look; effect by day since exposure; the primary metric by segment; the
            share that reached a stage over time, by arm.

        Raises
        ------
        ParamError
            If the kind is unknown, or this experiment holds nothing for it.
        """
        from journey_lib.measures.experiment import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the main figure, small."""
        from journey_lib.measures.experiment import pictures

        made = pictures.segments(self) or pictures.looks(self) or pictures.waiting(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "primary") -> Block:
        """Return a part of the page: figures and tables of this kind, or a sentence why there are none.

        Parameters
        ----------
        kind : {"validity", "primary", "guardrails", "stages", "waiting", "secondary", "segments", "looks", \
"novelty", "appendix"}
            The nine parts of the decision report after its first line.
        """
        from journey_lib.measures.experiment import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
