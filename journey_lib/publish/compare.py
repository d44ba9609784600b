"""What moved between two published runs: the same numbers side by side, and those only one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.present.vocabulary import KEYS

if TYPE_CHECKING:
    import pandas as pd

_SAME = (*KEYS, "unit", "definition_hash")


def compare(ledger: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the numbers of two runs side by side.

    Parameters
    ----------
    ledger : DataFrame
        `read_ledger(folder, all_runs=True)`.
    first, second : str
        Run ids, the earlier one first.

    Returns
    -------
    DataFrame
        The keys of a number, `before`, `after`, `difference`, `noise` and `status`: "same", "moved", "gone",
        "new". Numbers of another definition are gone and new, never moved.

    Raises
    ------
    ParamError
        If a run is not in the ledger, with the nearest one.

    Definition
    ----------
    `noise` is the difference in standard errors of two independent estimates. Runs that share respondents
    move less than that, so it errs towards silence.

    Units and missing data
    ----------------------
    In the unit of the number. A number that is missing in both runs is "same".

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({name: ["", ""] for name in (*KEYS, "unit", "definition_hash")})
    >>> rows = rows.assign(run_id=["a", "b"], estimate=[0.5, 0.7], std_error=[0.06, 0.08])
    >>> compare(rows, "a", "b")[["difference", "noise", "status"]].round(2).to_numpy().tolist()
    [[0.2, 2.0, 'moved']]
    """
    _known(ledger, first, second)
    numbers = ["estimate", "std_error"]
    sides = [ledger.loc[ledger["run_id"] == run, [*_SAME, *numbers]] for run in (first, second)]
    both = sides[0].merge(
        sides[1], on=list(_SAME), how="outer", suffixes=("_before", "_after"), indicator="side"
    )
    both["difference"] = both["estimate_after"] - both["estimate_before"]
    error = np.hypot(both["std_error_before"], both["std_error_after"])
    both["noise"] = np.where(error > 0, both["difference"].abs() / error, np.nan)
    missing = both["estimate_before"].isna() & both["estimate_after"].isna()
    same = (both["difference"].abs() <= 1e-12) | missing
    found = np.where(same, "same", "moved")
    both["status"] = np.select(
        [both["side"] == "left_only", both["side"] == "right_only"], ["gone", "new"], found
    )
    named = both.rename(columns={"estimate_before": "before", "estimate_after": "after"})
    return named[[*_SAME, "before", "after", "difference", "noise", "status"]]


def _known(ledger: pd.DataFrame, *runs: str) -> None:
    ids = sorted(set(ledger["run_id"]))
    problems = [
        Problem("run", f"'{run}' is not in the ledger", ", ".join(ids[-5:]) or "none", nearest(run, ids))
        for run in runs
        if run not in ids
    ]
    if problems:
        raise ParamError(problems)
