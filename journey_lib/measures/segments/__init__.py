"""Whether customers fall into groups, how sure that is, and what sets the groups apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.measures.segments import checks, rows
from journey_lib.measures.segments.moved import check, moved_since
from journey_lib.measures.segments.result import SegmentsResult
from journey_lib.study.clustering.columns import choose
from journey_lib.study.clustering.fit import METHODS, Plan, fitted
from journey_lib.study.context import context_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MOST_K = 20


class SegmentsParams(RunParams):
    """Parameters of the segments report."""

    method: str = Field(
        "kmeans", description="How groups are found; see docs/clusters.md.",
        json_schema_extra={"choices": list(METHODS)},
    )  # fmt: skip
    columns: list[str] = Field(
        [], description="Columns that build the groups; when empty, behaviour fit for the method."
    )
    k: int = Field(
        0, ge=0, le=MOST_K, description="How many groups; 0 lets the criteria speak, who may find none."
    )
    starts: int = Field(
        0, ge=0, le=1000, description="Beginnings of the search; 0 for the method's own number."
    )
    draws: int = Field(100, ge=20, le=2000, description="Resamples behind the stability of each group.")
    threshold: float = Field(
        0.6, ge=0, le=1, description="Probability below which the typing tool leaves a person unclassified."
    )
    ratio_test: bool = Field(
        False,  # noqa: FBT003 - a default, not an argument
        description="Latent classes: test one class more by simulation; takes minutes.",
    )
    earlier: str = Field(
        "",
        description='Day of an earlier look at the same behaviour, to see who moved; "" for none.',
    )
    seed: int = Field(1, ge=0, description="Where all drawing starts.")
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def segments(
    study: Study,
    data: Data,
    *,
    method: str = "kmeans",
    columns: Sequence[str] = (),
    k: int = 0,
    starts: int = 0,
    draws: int = 100,
    threshold: float = 0.6,
    ratio_test: bool = False,
    earlier: str = "",
    seed: int = 1,
    level: float = 0.95,
) -> SegmentsResult:
    """Return groups of customers or respondents, with every doubt about them.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`.
    method : {"kmeans", "mixture", "prototypes", "latent", "nmf", "rfm"}
        Centres or normal clouds of numbers; prototypes of mixed columns with missing values; latent classes
        of answers; profiles of event shares; or four rules on recency and frequency of buying.
    columns : sequence of str
        What builds the groups. When empty: for numbers the columns of the customers table with more than 20
        different values, else shares of touchpoints in the events; for latent classes the ratings.
    k : int
        How many groups, 2 to 20; 0 lets the criteria speak, and they may find none.
    starts : int
        Beginnings of the search; 0 for 10, and 50 for latent classes.
    draws : int
        Resamples behind the stability of each group.
    threshold : float
        Highest probability below which the typing tool leaves a person unclassified.
    ratio_test : bool
        Test one latent class more by simulation (99 data sets).
    earlier : str
        ISO day up to which the same behaviour is looked at again, to see who moved; only where all columns
        come from events.
    seed : int
        Where all drawing starts; every task has a seed of its own.
    level : float
        Confidence level of every interval.

    Returns
    -------
    SegmentsResult
        `.table`, and `.members`, `.profiles`, `.criteria`, `.stability`, `.typing_tool`, `.verdict`.

    Raises
    ------
    DataError
        Nobody to group, a column without a value, infinite numbers, an id twice, all columns constant.
    ParamError
        A column or word that is not known, a column the method cannot use, more groups than different rows.

    Definition
    ----------
    Numbers are scaled to mean 0 and standard deviation 1. The number of groups is the one most criteria ask
    for, the smaller one in a tie. Verdict: "none" where two of gap, BIC, prediction strength and the test of
    one cloud speak for a single group, "unsure" where one does, else "clear". A group whose members come back
    less than 0.6 of the time (mean Jaccard) is vetoed. Segments are numbered by falling size.

    Units and missing data
    ----------------------
    Shares are 0–1; means are in the column's own unit. Prototypes and latent classes take missing values; the
    other methods leave the row out and say how many.

    Source
    ------
    Hennig, C. (2007), CSDA 52. Tibshirani, Walther and Hastie (2001), JRSS B 63. Tibshirani and Walther
    (2005), JCGS 14. Wedel and Kamakura (2000), Market Segmentation.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> rng = np.random.default_rng(1)
    >>> calls = np.repeat([2.0, 9.0], 60) + rng.normal(size=120)
    >>> frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(120)], "calls": calls,
    ...                       "minutes": calls * 2 + rng.normal(size=120)})
    >>> found = segments(*quick_study(customers=frame), draws=20)
    >>> found.verdict, found.k
    ('clear', 2)
    """
    chosen("method", method, METHODS)
    if k == 1 or not 0 <= k <= MOST_K:
        raise ParamError(Problem("k", str(k), f"0 to let the criteria speak, or 2 to {MOST_K}"))
    plan = Plan(method, k, starts, draws, threshold, ratio_test, earlier, seed, level)
    whom = choose(study, data, method, tuple(columns))
    if earlier:
        check(study, data, whom, plan)
    found = fitted(whom, plan)
    moved = moved_since(study, data, whom, plan, found) if earlier else None
    return SegmentsResult(
        rows=rows.table(study, found, moved),
        basis=checks.basis(study, data, found),
        checks=checks.checks(study, found),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "method": method, "columns": list(found.active), "k": k, "starts": starts, "seed": seed,
            "level": level, "earlier": earlier, "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        found=found,
        moved=moved,
        data=data,
    )  # fmt: skip
