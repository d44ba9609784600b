"""Who may have answered carelessly: flags that are counted and shown, never acted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

SPEED = 1 / 3  # of the median time of the same wave
RUN_SHARE = 0.8  # of the grid answered with one and the same level
FAILED = ("0", "0.0", "false", "failed")  # as files write a failed attention check
GRID = 8  # answered items below which a long run says nothing


@dataclass(frozen=True)
class Flags:
    """Flags by reason, each one entry a respondent; a reason is absent where the study cannot tell.

    Attributes
    ----------
    reasons : dict of str to ndarray of bool
        `fast`, `straight` and `attention`.
    """

    reasons: dict[str, npt.NDArray[np.bool_]]

    @property
    def any(self) -> npt.NDArray[np.bool_]:
        """True where at least one flag is up."""
        return np.logical_or.reduce(list(self.reasons.values())) if self.reasons else np.zeros(0, bool)


def flags(study: Study, data: Data) -> Flags:
    """Return who was much too fast, gave one answer down the whole grid, or failed an attention check.

    Definition
    ----------
    Fast: shorter than a third of the median time of the same wave. Straight: the longest run of one and the
    same answer covers at least 80 % of the answered rating items, with 8 items or more, in the order of the
    study file and before any reversal. Attention: the check was failed.

    Units and missing data
    ----------------------
    An unanswered item neither ends nor lengthens a run. A missing time or check raises no flag.
    """
    frame = data.require("responses", by="survey")
    found: dict[str, npt.NDArray[np.bool_]] = {}
    if "duration_s" in frame and frame["duration_s"].notna().any():
        seconds = pd.to_numeric(frame["duration_s"], errors="coerce")
        median = seconds.groupby(frame["wave"]).transform("median")
        found["fast"] = (seconds < SPEED * median).to_numpy(bool)
    grid = [q.id for q in study.questions if q.kind == "rating" and q.id in frame]
    if len(grid) >= GRID:
        found["straight"] = straight(frame[grid].to_numpy(float))
    if "attention" in frame and frame["attention"].notna().any():
        found["attention"] = frame["attention"].astype(str).str.lower().isin(FAILED).to_numpy(bool)
    return Flags(found)


def straight(grid: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which rows repeat one answer nearly all the way down.

    Examples
    --------
    >>> rows = np.array([[3.0] * 9, [1, 2, 3, 4, 5, 4, 3, 2, 1], [5, np.nan, 5, 5, 5, 5, 5, 5, 1]])
    >>> straight(rows).tolist()
    [True, False, True]
    """
    longest = np.zeros(len(grid), int)
    run = np.zeros(len(grid), int)
    last = np.full(len(grid), np.nan)
    for column in grid.T:
        known = ~np.isnan(column)
        run = np.where(known, np.where(column == last, run + 1, 1), run)
        last = np.where(known, column, last)
        longest = np.maximum(longest, run)
    answered = (~np.isnan(grid)).sum(axis=1)
    found: npt.NDArray[np.bool_] = (answered >= GRID) & (longest >= RUN_SHARE * answered)
    return found
