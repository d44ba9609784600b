"""What goes with recommending: how much each rating explains, and where it pays to look first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.measures.drivers import checks, count, groups
from journey_lib.measures.drivers.choose import plans
from journey_lib.measures.drivers.result import DriversResult
from journey_lib.study.context import context_of
from journey_lib.study.data import waves as waves_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

METHODS = ("lmg", "johnson")


class DriversParams(RunParams):
    """Parameters of the drivers report."""

    outcome: str = Field(
        "", description="Question to explain; recommendation, or else overall satisfaction, when left out."
    )
    drivers: list[str] = Field(
        [],
        description="Questions that may explain it; when empty, ratings that enough people gave.",
    )
    by: str = Field(
        "", description='Column whose groups are compared, driver by driver, such as "region"; "" for none.'
    )
    wave: str = Field("", description='Wave the report is about; "" pools all waves.')
    method: str = Field(
        "lmg",
        description="How explained variance is shared out: Shapley shares, or Johnson's weights.",
        json_schema_extra={"choices": list(METHODS)},
    )
    draws: int = Field(500, ge=100, le=10_000, description="Resamples behind each interval.")
    seed: int = Field(1, ge=0, description="Where the resampling starts.")
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def drivers(
    study: Study,
    data: Data,
    *,
    outcome: str = "",
    drivers: Sequence[str] = (),
    by: str = "",
    wave: str = "",
    method: str = "lmg",
    draws: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> DriversResult:
    """Return how much each touchpoint's rating explains of an outcome, such as the wish to recommend.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs a `responses` source.
    outcome : str
        Question to explain; the study's recommendation or overall satisfaction when "".
    drivers : sequence of str
        Questions that may explain it. When empty: ratings of touchpoints that two thirds of those who
        answered the outcome gave; and, beside it, each stage's own satisfaction by its touchpoints.
    by : str
        Column whose groups are compared, driver by driver, such as "region"; "" for none.
    wave : str
        Wave the report is about; "" pools all waves.
    method : {"lmg", "johnson"}
        Shapley shares of R², or Johnson's relative weights (always the latter above 12 drivers).
    draws, seed : int
        Resamples behind the intervals of shares and ranks, and where they start.
    level : float
        Confidence level of every interval.

    Returns
    -------
    DriversResult
        `.table` holds importance, rank, correlation, coefficient, odds ratio and performance by driver.

    Raises
    ------
    DataError
        No responses, no outcome, fewer than two usable drivers, drivers that say the same.
    ParamError
        A question, wave, method or column the study does not have.

    Definition
    ----------
    Importance is the driver's share of what all drivers explain together (LMG: mean gain of R² over all
    orders). Coefficients come from a weighted linear model, odds ratios from a proportional odds model, both
    with errors linearised under the design; intervals of shares and ranks from a bootstrap of the sampling
    units.

    Units and missing data
    ----------------------
    Importance and performance are shares 0–1, coefficients points of the outcome per point of the rating.
    Only people who answered the outcome and every driver are in the models; performance counts everybody
    who rated the touchpoint. Ratings are turned so that more is better.

    Source
    ------
    Grömping, U. (2007), Estimators of relative importance in linear regression, American Statistician 61.
    Johnson, J. (2000), Multivariate Behavioral Research 35. Lumley, T. (2010), Complex Surveys.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> q = rng.integers(1, 6, size=(300, 2))
    >>> nps = np.clip(q[:, 0] * 2 + rng.integers(-1, 2, 300), 0, 10)
    >>> answers = pd.DataFrame({"help": q[:, 0], "price": q[:, 1], "nps": nps})
    >>> kinds = {"help": "csat", "price": "csat", "nps": "nps"}
    >>> study, data = quick_study(responses=answers, questions=kinds)
    >>> drivers(study, data, drivers=["help", "price"], draws=100).wide.index[0]
    'help'
    """
    frame = data.require("responses", by="drivers")
    chosen("method", method, METHODS)
    known = waves_of(data)
    if wave and wave not in known:
        raise ParamError(
            Problem("wave", f"'{wave}' is not a wave of this study", ", ".join(known), nearest(wave, known))
        )
    mask = data.mask() & ((frame["wave"].astype(str) == wave).to_numpy() if wave else True)
    planned = plans(study, data, mask, outcome, drivers)
    used = count.feasible(method, planned)
    how = count.Settings(used, draws, seed, level, replaced=used != method)
    fitted = [count.fit(study, data, plan, mask, how) for plan in planned]
    split = groups.fitted(study, data, fitted[0].plan, mask, by, how)
    return DriversResult(
        rows=count.rows(study, data, fitted, split, mask, how),
        basis=checks.basis(study, data, fitted[0], mask, how),
        checks=checks.checks(study, fitted),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "outcome": fitted[0].plan.outcome.id, "drivers": [q.id for q in fitted[0].plan.drivers],
            "by": by, "wave": wave, "method": used, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        outcome=fitted[0].plan.outcome.id,
        first=tuple(float(share) for share in fitted[0].uncertainty.first),
        by=by,
        groups=tuple(group.name for group in split),
    )  # fmt: skip
