"""What moved beyond noise from one run of a report to the next, over everything the reports found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.present.vocabulary import KEYS
from journey_lib.stats.multiplicity import benjamini_hochberg
from journey_lib.study.published.evidence import SYNTHESIS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition import Study

SAME_NUMBER: Final = (*KEYS, "unit", "definition_hash")
ALPHA: Final = 0.05
_REPEAT = (*SYNTHESIS, "monitor")  # they repeat what others found
_TOTALS = ("count", "currency")  # they grow with every day of data, which is no news
_TINY = 1e-12  # a sum may differ by that much when rows come in another order


@dataclass(frozen=True, eq=False)
class Changes:
    """What the newest runs say otherwise than the runs before them.

    Attributes
    ----------
    rows : DataFrame
        Numbers that moved beyond noise, the clearest first: their keys, `before`, `after`, `difference`,
        `noise`, `p_value`, and `stem`, `report`, `since` of the report.
    compared, reports : int
        Numbers that both runs have, and reports with an earlier run.
    since : str
        Earliest day that any of them is compared with; "" without an earlier run.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    compared: int = 0
    reports: int = 0
    since: str = ""


def changes(study: Study, history: pd.DataFrame | None, as_of: str = "") -> Changes:
    """Return what moved from each report's run before to its newest one.

    Parameters
    ----------
    study : Study
        Whose reports.
    history : DataFrame, optional
        `read_ledger(study, all_runs=True)`; without it nothing is known.
    as_of : str
        Only runs that speak for a day up to this one; "" for all.

    Definition
    ----------
    A run is compared with the one before it in the same language, so that a report and its twin of the same
    day do not hide a change. `noise` is the difference in standard errors of two independent estimates; the
    two-sided p-values of all numbers compared are corrected by Benjamini and Hochberg, and those below 5 %
    moved. Runs that share customers move less than independent ones, so this errs towards silence.

    Units and missing data
    ----------------------
    In the unit of the number. Numbers without a standard error, numbers whose definition changed, and totals
    (counts and money, which grow with every day) are not compared.

    Source
    ------
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57.
    """
    if history is None or history.empty:
        return Changes()
    own = history[(history["study"] == study.id) & ~history["stem"].isin(_REPEAT)]
    if as_of:
        own = own[own["as_of"] <= as_of]
    pairs = list(_pairs(own))
    if not pairs:
        return Changes()
    frames = [_of_pair(own, before, newest) for before, newest in pairs]
    every = pd.concat(frames, ignore_index=True)
    first = min(str(before["as_of"]) for before, _ in pairs)
    return Changes(beyond_noise(every), len(every), len(pairs), first)


def side_by_side(ledger: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the numbers of two runs in one row each: before, after, difference, noise and status.

    Parameters
    ----------
    ledger : DataFrame
        Rows of both runs.
    first, second : str
        Run ids, the earlier one first.

    Returns
    -------
    DataFrame
        `status` is "same", "moved", "gone" or "new".
    """
    numbers = ["estimate", "std_error"]
    sides = [ledger.loc[ledger["run_id"] == run, [*SAME_NUMBER, *numbers]] for run in (first, second)]
    both = sides[0].merge(
        sides[1], on=list(SAME_NUMBER), how="outer", suffixes=("_before", "_after"), indicator="side"
    )
    both["difference"] = both["estimate_after"] - both["estimate_before"]
    error = np.hypot(both["std_error_before"], both["std_error_after"])
    both["noise"] = np.where(error > 0, both["difference"].abs() / error, np.nan)
    missing = both["estimate_before"].isna() & both["estimate_after"].isna()
    same = (both["difference"].abs() <= _TINY) | missing
    both["status"] = np.select(
        [both["side"] == "left_only", both["side"] == "right_only"],
        ["gone", "new"],
        np.where(same, "same", "moved"),
    )
    named: pd.DataFrame = both.rename(columns={"estimate_before": "before", "estimate_after": "after"})
    return named[[*SAME_NUMBER, "before", "after", "difference", "noise", "status"]]


def _pairs(own: pd.DataFrame) -> Iterator[tuple[pd.Series, pd.Series]]:
    """Yield the run before and the newest one of each report; a run's id begins with stem and time."""
    runs = own.drop_duplicates("run_id").sort_values("run_id")
    for _, group in runs.groupby(["stem", "params"], sort=True):
        newest = group.iloc[-1]
        earlier = group[(group["lang"] == newest["lang"]) & (group["run_id"] < newest["run_id"])]
        if len(earlier):
            yield earlier.iloc[-1], newest


def _of_pair(own: pd.DataFrame, before: pd.Series, newest: pd.Series) -> pd.DataFrame:
    both = side_by_side(own, str(before["run_id"]), str(newest["run_id"]))
    known: pd.DataFrame = both[np.isfinite(both["noise"]) & ~both["unit"].isin(_TOTALS)]
    named: pd.DataFrame = known.assign(stem=newest["stem"], report=newest["report"], since=before["as_of"])
    return named


def beyond_noise(every: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `side_by_side` that moved by more than noise, corrected for all with a noise."""
    from scipy.special import ndtr

    every = every[np.isfinite(every["noise"])]
    if every.empty:
        return every
    p_values = benjamini_hochberg(2 * ndtr(-every["noise"].to_numpy(float)))
    told: pd.DataFrame = every.assign(p_value=p_values)
    moved: pd.DataFrame = told[(told["p_value"] < ALPHA) & (told["status"] == "moved")]
    clearest: pd.DataFrame = moved.sort_values("noise", ascending=False, ignore_index=True)
    return clearest
