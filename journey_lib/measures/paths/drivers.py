"""What customers had done before a landmark, and whether the outcome came after it: no causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.association import Associations, associations
from journey_lib.stats.kernels.landmark import OFTEN, Landmark, Marked

if TYPE_CHECKING:
    from journey_lib.study.engine import Observed

TIMES = ("once", "twice")  # marks of an event: happened at least so often


@dataclass(frozen=True, eq=False)
class Drivers:
    """Marks and the outcome of those at risk at the landmark.

    Attributes
    ----------
    entry, outcome : str
        What starts the clock and what counts, as given; "" for the first event, and for silence.
    wait, window : int
        Microseconds from entry to landmark, and from landmark to the end of the window.
    marked : Marked
        The answer of the kernel.
    marks : tuple of (str, str)
        What each mark is: an event and "once" or "twice", or a column and its value.
    n, cases : ndarray of int
        For each mark the people who have it, and those of them with the outcome.
    found : Associations
        How the outcome differs with and without each mark.
    stage : str
        The stage the entry belongs to, "" for none.
    level : float
        Confidence level.
    """

    entry: str
    outcome: str
    wait: int
    window: int
    marked: Marked = field(repr=False)
    marks: tuple[tuple[str, str], ...]
    n: np.ndarray
    cases: np.ndarray
    found: Associations = field(repr=False)
    stage: str
    level: float

    @property
    def at_risk(self) -> int:
        """People at risk at the landmark who were observed to the end of the window."""
        return self.marked.numbers["at_risk"]

    def blocks(self) -> Iterator[dict[str, Any]]:
        """Yield rows for the table: risk difference, odds ratio, and both risks of each mark tested."""
        kept = np.flatnonzero(self.found.tested)
        keys = {
            "stage": self.stage,
            "option": [self.marks[at][0] for at in kept],
            "comparison": [self.marks[at][1] for at in kept],
        }
        gap, odds, fewer = self.found.difference, self.found.odds_ratio, self.at_risk - self.n
        yield {
            **keys, "metric": "driver", "unit": "share_points", "estimate": gap.estimate[kept],
            "std_error": gap.std_error[kept], "ci_low": gap.ci_low[kept], "ci_high": gap.ci_high[kept],
            "p_value": self.found.p_value[kept], "n": self.at_risk,
        }  # fmt: skip
        yield {
            **keys, "metric": "driver_odds", "unit": "", "estimate": odds.estimate[kept],
            "ci_low": odds.ci_low[kept], "ci_high": odds.ci_high[kept], "n": self.at_risk,
            "note": np.where(np.isnan(odds.estimate[kept]), "empty_corner", ""),
        }  # fmt: skip
        yield {
            **keys, "metric": "driver_with", "unit": "share", "estimate": self.found.risk[kept],
            "n": self.n[kept],
        }  # fmt: skip
        yield {
            **keys, "metric": "driver_without", "unit": "share", "estimate": self.found.other_risk[kept],
            "n": fewer[kept],
        }  # fmt: skip


def drive(
    observed: Observed, kernel: Landmark, *, entry: str, outcome: str, stage: str, names: Sequence[str],
    level: float, least: int,
) -> Drivers:  # fmt: skip
    """Run the landmark kernel and compare those with and without each mark.

    Parameters
    ----------
    observed : Observed
        Whose events count.
    kernel : Landmark
        The question.
    entry, outcome, stage : str
        Names for the table.
    names : sequence of str
        The values of the kernel's `by`.
    level : float
        Confidence level.
    least : int
        People either side of a test needs.
    """
    marked = observed.run(kernel)
    event, often = np.divmod(marked.marks.keys, len(OFTEN))
    own = np.isin(event, kernel.outcome)
    marks = [(observed.names[e], TIMES[o]) for e, o in zip(event[~own], often[~own], strict=True)]
    counts = marked.marks.sums[~own]
    if kernel.by:
        # Visitors without a name have no attributes, and vanish as soon as they say who they are: no mark.
        known = marked.groups.keys < len(names)
        marks += [(kernel.by, names[at]) for at in marked.groups.keys[known].tolist()]
        counts = np.concatenate([counts, marked.groups.sums[known]])
    n, cases = counts.reshape(-1, 2).T
    people, happened = marked.numbers["at_risk"], marked.numbers["cases"]
    found = associations(n, cases, people, happened, level, least=least)
    return Drivers(
        entry, outcome, kernel.wait, kernel.window, marked, tuple(marks), n, cases, found, stage, level
    )
