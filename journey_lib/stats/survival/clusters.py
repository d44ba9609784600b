"""Standard errors of curves when the same customer waits several times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import FloatArray, IntArray

if TYPE_CHECKING:
    from journey_lib.stats.survival.incidence import Incidence


def clustered_error(
    found: Incidence,
    duration: FloatArray,
    cause: IntArray,
    cluster: IntArray,
    times: FloatArray,
    *,
    which: int = 1,
    entry: FloatArray | None = None,
    part: float = 0.0,
    end: float = 0.0,
) -> FloatArray:
    """Return the standard error of the share gone by one cause, when spells of one customer go together.

    Parameters
    ----------
    found : Incidence
        The estimate from these very spells.
    duration, cause : ndarray
        The spells: how long, and why they ended (0 for still waiting).
    cluster : ndarray of int
        The customer of each, as a number from 0.
    times : ndarray of float
        When the error is wanted.
    which : int
        The cause, from 1; 0 for leaving at all, whose error is that of the share still waiting.
    entry : ndarray of float, optional
        When each spell came under observation.
    part, end : float
        With these the error of F(t) − part · F(end), as for the time by which half of the movers moved.

    Returns
    -------
    ndarray of float

    Definition
    ----------
    Infinitesimal jackknife: the square root of the sum over customers of their squared influence, the
    influence of a customer being the sum over the spells. With one spell a customer it is Greenwood's.

    Units and missing data
    ----------------------
    Shares; 0 before the first exit.

    Source
    ------
    Therneau, T. M. and Grambsch, P. M. (2000), Modeling Survival Data: Extending the Cox Model, chapter 8;
    R package survival, `survfit(cluster =)`.

    Examples
    --------
    >>> from journey_lib.stats.survival import Incidence, risk_table
    >>> duration, cause = np.array([1.0, 2.0, 3.0]), np.array([1, 1, 0])
    >>> found = Incidence(risk_table(duration, cause))
    >>> error = clustered_error(found, duration, cause, np.arange(3), np.array([2.0]))
    >>> round(error.item() - found.error(1)[1].item(), 12)
    0.0
    """
    return Clustered(found, duration, cause, cluster, which=which, entry=entry).error(times, part, end)


def clustered_area_error(
    found: Incidence, duration: FloatArray, cause: IntArray, cluster: IntArray, tau: float
) -> float:
    """Return the error of the mean time spent waiting up to tau, when spells of one customer go together.

    Parameters
    ----------
    found : Incidence
        The estimate from these very spells.
    duration, cause : ndarray
        The spells: how long, and why they ended (0 for still waiting).
    cluster : ndarray of int
        The customer of each, as a number from 0.
    tau : float
        The horizon.

    Returns
    -------
    float
    """
    return Clustered(found, duration, cause, cluster, which=0).area_error(tau)


class Clustered:
    """Errors that know whose the spells are, for many questions to the same spells.

    Parameters
    ----------
    found, duration, cause, cluster, which, entry
        As for `clustered_error`.
    """

    def __init__(
        self,
        found: Incidence,
        duration: FloatArray,
        cause: IntArray,
        cluster: IntArray,
        *,
        which: int = 1,
        entry: FloatArray | None = None,
    ) -> None:
        self.found, self.duration, self.cluster = found, duration, cluster
        table = found.table
        waiting = np.maximum(table.at_risk, 1).astype(float)
        kept = waiting - table.left
        self.share = found.shares[:, which - 1] if which else 1 - found.survival
        rate = found.rates[:, which - 1] if which else found.rate
        draw = found.before / waiting
        step = np.divide(1.0, kept, out=np.zeros(len(kept)), where=kept > 0)
        hazard = found.rate * step
        self.hazard = hazard
        self.sums = [np.append(0.0, np.cumsum(v)) for v in (draw * rate, hazard, hazard * self.share)]
        row = np.searchsorted(table.time, duration)
        happened = cause == which if which else cause > 0
        self.own = np.where(happened, draw[row], 0.0)
        self.step = np.where(cause > 0, step[row], 0.0)
        self.at = self.share[row]
        self.end = row + 1
        late = None if entry is None else entry > 0
        self.begin = (
            np.zeros(len(row), dtype=np.int64)
            if entry is None or late is None
            else np.where(late, np.searchsorted(table.time, entry, side="right"), 0)
        )

    def error(self, times: FloatArray, part: float = 0.0, end: float = 0.0) -> FloatArray:
        """Return the standard errors of F(t) − part · F(end) at some times."""
        last = part * self.influence(end) if part else 0.0
        return np.asarray([self._summed(self.influence(at) - last) for at in times], dtype=float)

    def area_error(self, tau: float) -> float:
        """Return the standard error of the mean time spent waiting up to a horizon (cause 0 only)."""
        return self._summed(self.area_influence(tau))

    def _summed(self, influence: FloatArray) -> float:
        return float(np.sqrt(np.square(np.bincount(self.cluster, influence)).sum()))

    def influence(self, time: float) -> FloatArray:
        """Return how much each spell moves the share gone by a time."""
        until = self.found.row(time) + 1
        share = self.share[until - 1] if until else 0.0
        seen = self.duration <= time
        end, begin = np.minimum(self.end, until), np.minimum(self.begin, until)
        drawn, hazard, weighted = (total[end] - total[begin] for total in self.sums)
        jump = np.where(seen, self.own - (share - self.at) * self.step, 0.0)
        influence: FloatArray = jump - drawn + share * hazard - weighted
        return influence

    def area_influence(self, tau: float) -> FloatArray:
        """Return how much each spell moves the mean time spent waiting up to a horizon."""
        found = self.found
        rows = found.row(tau) + 1
        marks = np.append(found.table.time[:rows], tau)
        pieces = found.survival[:rows] * np.diff(marks)
        rest = np.cumsum(pieces[::-1])[::-1]  # area still to come from each time on
        weighted = np.append(0.0, np.cumsum(rest * self.hazard[:rows]))
        seen = self.duration <= tau
        jump = np.where(seen, np.append(rest, 0.0)[np.minimum(self.end - 1, rows)] * self.step, 0.0)
        influence: FloatArray = weighted[np.minimum(self.end, rows)] - jump
        return influence
