"""Which channels are credited with conversions, by every common model side by side; none of it causal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.measures.attribution import checks, holdouts
from journey_lib.measures.attribution.count import count
from journey_lib.measures.attribution.plan import Asked, planned
from journey_lib.measures.attribution.result import AttributionResult
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


class AttributionParams(EventParams):
    """Parameters of the attribution report."""

    touches: list[str] = Field(
        [], description="Events that are touches; [] for arrivals: they carry a channel and begin a visit."
    )
    conversion: str = Field(
        "", description='Event, or stage whose entry counts; "" for the purchase stage, else the last one.'
    )
    lookback: str = Field(
        "30 days", description='Time before a conversion in which a touch counts, such as "30 days".'
    )
    order: int = Field(1, ge=1, le=4, description="How many touches the Markov chain remembers, 1 to 4.")
    half_life: str = Field("7 days", description="Time after which a touch counts half under time decay.")
    direct: list[str] = Field(
        ["direct"], description="Channels that last non-direct touch passes over where another is left."
    )
    value: str = Field(
        "", description='Number column with the worth of a conversion; "" for value, where the log has it.'
    )
    by: str = Field("", description='Column whose values split the result, such as "region"; "" for none.')
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )
    draws: int = Field(200, ge=200, le=2000, description="Bootstrap draws of customers, 200 to 2,000.")
    seed: int = Field(0, ge=0, description="Seed of the bootstrap; the same seed gives the same intervals.")


def attribution(
    study: Study,
    data: Data,
    *,
    touches: Sequence[str] = (),
    conversion: str = "",
    lookback: str = "30 days",
    order: int = 1,
    half_life: str = "7 days",
    direct: Sequence[str] = ("direct",),
    value: str = "",
    by: str = "",
    visitors: str = "all",
    level: float = 0.95,
    draws: int = 200,
    seed: int = 0,
) -> AttributionResult:
    """Return which channels each model credits with the conversions, and how far the models part.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source with channels.
    touches : sequence of str
        Events that are touches. Left out: arrivals, such as `visit`: events that always carry a channel,
        mostly begin a visit (no event of the same channel in the half hour before), belong to no touchpoint
        and enter no stage. Where there are none, all that always carry one; the basis names them.
    conversion : str
        Event, or stage whose entry events count. Left out: the stage purchase (or decision), else the last.
    lookback : str
        Time before a conversion in which a touch counts, both ends included.
    order : int
        How many touches the Markov chain remembers.
    half_life : str
        Time after which a touch counts half under time decay.
    direct : sequence of str
        Channels that last non-direct touch passes over; names the log does not hold do no harm.
    value : str
        Number column of the events with the worth of a conversion. Left out: `value`, where the log has it.
    by : str
        Column of the customers, or text column of the events (its value at the path's first touch), whose
        values split the result; "" for none.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count.
    level : float
        Confidence level of every interval.
    draws, seed : int
        Bootstrap draws of customers, and their seed.

    Returns
    -------
    AttributionResult
        `.table`, and wide: `.wide` (channel × model), `.costs`.

    Raises
    ------
    DataError
        If the study has no events, or no event carries a channel.
    ParamError
        For names the log does not hold, a touch that is also the conversion, a duration without a unit, a
        value that is no number, or a column that cannot split.

    Definition
    ----------
    A path is the touches within the lookback before a conversion, cut at the conversion before. A customer
    with touches and no conversion has one path to nothing, the touches within the lookback of the last one,
    once that lookback has passed unused; until then the path is open and left out. Rules of thumb share each
    conversion out over its path. Markov: 1 − p without the channel / p, solved exactly, scaled to sum to 1.
    Shapley: each conversion split equally among its distinct channels. The rate game: Shapley value of the
    conversion rate among customers with exactly a set of channels; it can be negative. Intervals are
    percentiles of a Poisson bootstrap of customers, widened to hold the estimate.

    Units and missing data
    ----------------------
    Shares are 0–1 and sum to 1 over channels; credits are conversions, values and costs are in the study's
    currency; a gap or a contribution is in share points. A touch without a channel is a channel of its own,
    `no_channel`. A conversion without a touch is credited to nobody and counted.

    Source
    ------
    Anderl et al. (2016), International Journal of Research in Marketing 33. Shao and Li (2011), KDD. Zhao et
    al. (2018), arXiv 1804.05327. Dalessandro et al. (2012), ADKDD. Chamandy et al. (2012) for the bootstrap.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "a"], "event": ["visit", "visit", "paid"],
    ...     "channel": ["ad", "mail", None], "time": ["2025-01-01", "2025-01-02", "2025-01-03"]})
    >>> study, data = quick_study(events=log, journey=["paid"])
    >>> attribution(study, data).wide["last"].to_dict()
    {'ad': 0.0, 'mail': 1.0}
    """
    check_call(AttributionParams, touches=touches, direct=direct, order=order, level=level)
    asked = Asked(
        tuple(touches), conversion, lookback, order, half_life, tuple(direct), value, by, draws, seed
    )
    observed = observe(study, data, by="attribution", visitors=visitors)
    plan = planned(study, observed, asked)
    counted, found = count(plan, data, level), holdouts.held(study, data)
    return AttributionResult(
        rows=holdouts.beside(counted.rows, found, plan.stage),
        basis=checks.basis(counted),
        checks=checks.checks(counted, found),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "touches": list(plan.touches), "conversion": list(plan.conversions), "lookback": lookback,
            "order": order, "half_life": half_life, "direct": list(direct), "value": plan.value, "by": by,
            "visitors": visitors, "level": level, "draws": draws, "seed": seed,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        channels=counted.channels,
        groups=counted.groups,
        stage=plan.stage,
        by=by,
    )  # fmt: skip
