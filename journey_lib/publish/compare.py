"""What moved between two published runs: the same numbers side by side, and those only one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.published.changes import beyond_noise, side_by_side

if TYPE_CHECKING:
    import pandas as pd


COMPARED = (
    "stage",
    "metric",
    "question",
    "option",
    "wave",
    "group",
    "comparison",
    "weighting",
)  # names a number


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
    >>> from journey_lib.present.vocabulary import KEYS
    >>> rows = pd.DataFrame({name: ["", ""] for name in (*KEYS, "unit", "definition_hash")})
    >>> rows = rows.assign(run_id=["a", "b"], estimate=[0.5, 0.7], std_error=[0.06, 0.08])
    >>> compare(rows, "a", "b")[["difference", "noise", "status"]].round(2).to_numpy().tolist()
    [[0.2, 2.0, 'moved']]
    """
    _known(ledger, first, second)
    return side_by_side(ledger, first, second)


def told(found: pd.DataFrame) -> str:
    """Return in two sentences what `compare` found: how much is the same, what moved, what is alone.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"status": ["same", "moved", "moved", "new"], "noise": [0.0, 1.2, 6.0, float("nan")]}
    >>> print(told(pd.DataFrame(rows)))
    Of 3 numbers in both runs 1 is the same and 2 moved, 1 of them beyond noise.
    1 is new, 0 are gone.
    >>> print(told(pd.DataFrame({"status": ["new", "gone"], "noise": [float("nan")] * 2})))
    No number is in both runs: their definition changed, or they are of different reports.
    1 is new, 1 is gone.
    """
    n = {status: int((found["status"] == status).sum()) for status in ("same", "moved", "new", "gone")}
    alone = f"{_are(n['new'])} new, {_are(n['gone'])} gone."
    if not n["same"] + n["moved"]:
        return (
            f"No number is in both runs: their definition changed, or they are of different reports.\n{alone}"
        )
    both = f"Of {n['same'] + n['moved']:,} numbers in both runs {_are(n['same'])} the same"
    beyond = len(beyond_noise(found)) if n["moved"] else 0
    return f"{both} and {n['moved']:,} moved, {beyond:,} of them beyond noise.\n{alone}"


def _are(n: int) -> str:
    return f"{n:,} {'is' if n == 1 else 'are'}"


def _known(ledger: pd.DataFrame, *runs: str) -> None:
    ids = sorted(set(ledger["run_id"]))
    problems = [
        Problem("run", f"'{run}' is not in the ledger", ", ".join(ids[-5:]) or "none", nearest(run, ids))
        for run in runs
        if run not in ids
    ]
    if problems:
        raise ParamError(problems)
