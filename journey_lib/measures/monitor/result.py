"""The monitor's answer: alerts, the shares behind them, and what is new since the last run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.measures.monitor.since import LastRun
from journey_lib.present.result import Result
from journey_lib.study.published.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup
    from matplotlib.axes import Axes

    from journey_lib.measures.monitor.count import Alert
    from journey_lib.measures.monitor.series import Series, Watched
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.stats.monitoring import Judged
    from journey_lib.study.definition import Study
    from journey_lib.study.published.signals import Signal

FIGURES = ("series",)
PARTS = ("alerts", *FIGURES, "past", "latest", "surveys", "parted", "since")


@dataclass(frozen=True, eq=False, kw_only=True)
class MonitorResult(Result):
    """What moved beyond noise; what `monitor` returns.

    Attributes
    ----------
    study : Study
        Names of stages and touchpoints.
    watched : Watched
        All series with their periods.
    judgements : mapping
        Every series period by period, by name and group.
    alerts : tuple of Alert
        The newest period first.
    before : LastRun
        What the last run with the same settings had found.
    from_surveys : tuple of Signal
        Changes between waves from other reports.
    changes : Changes
        What other reports say otherwise than their own runs before.
    """

    study: Study
    watched: Watched
    judgements: Mapping[tuple[str, str], Judged]
    alerts: tuple[Alert, ...] = ()
    before: LastRun = field(default_factory=LastRun)
    from_surveys: tuple[Signal, ...] = ()
    changes: Changes = field(default_factory=Changes)

    stem = "monitor"
    evidence = "monitor"

    @property
    def latest(self) -> tuple[Alert, ...]:
        """Alerts of the newest complete period."""
        return tuple(a for a in self.alerts if a.latest)

    @property
    def told(self) -> tuple[Series, ...]:
        """Series with an alert, each once, the clearest first; without any, the totals."""
        named = dict.fromkeys((a.series.name, a.series.group) for a in self.alerts)
        if not named:
            return tuple(s for s in self.watched.series if not s.group)
        known = {(s.name, s.group): s for s in self.watched.series}
        return tuple(known[key] for key in named)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "series") -> Plot:  # noqa: FBT001, FBT002
        """Return the clearest series with the band its past expects.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"series"}
            The only one.
        """
        from journey_lib.measures.monitor import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        chosen("kind", kind, FIGURES)
        return pictures.series(self, self.told[0], ax)

    def picture(self) -> str:
        """Return the clearest series, small; "" where nothing is watched."""
        return self.plot().thumbnail() if self.told else ""

    def show(self, kind: str = "alerts") -> Block:
        """Return a part of the page.

        Parameters
        ----------
        kind : {"alerts", "series", "past", "latest", "surveys", "parted", "since"}
            Alerts of the newest period, figures of the clearest series, alerts of the past, every share of
            the newest period, changes between waves, alerts parted into who came and how they behaved, what
            is different since the runs before.
        """
        from journey_lib.measures.monitor import show

        return show.part(self, chosen("kind", kind, PARTS))

    def home_fragment(self, page: str) -> Markup:
        """Return what moved as HTML, for the study's home page.

        Parameters
        ----------
        page : str
            Address of this report as it is written into links.
        """
        from journey_lib.measures.monitor import moved

        return moved.home_fragment(self, page)
