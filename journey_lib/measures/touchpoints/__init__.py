"""What customers meet along the journey: touchpoints and channels by stage, and the effort between stages."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from journey_lib.errors import chosen
from journey_lib.measures.touchpoints import checks
from journey_lib.measures.touchpoints.asked import Asked
from journey_lib.measures.touchpoints.count import Counted
from journey_lib.measures.touchpoints.plan import Plan, splittable
from journey_lib.measures.touchpoints.result import TouchpointsResult
from journey_lib.measures.touchpoints.rows import stacked
from journey_lib.study.context import context_of
from journey_lib.study.durations import microseconds
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

SOURCES = ("logged", "declared")


class TouchpointsParams(EventParams):
    """Parameters of the touchpoint report."""

    by: str = Field("", description='Column whose values split the result, such as "region"; "" for none.')
    gap: str = Field("30 days", description='Longest time from one visit to the next, such as "30 days".')
    channels: str = Field(
        "logged",
        description='Where a channel comes from: "logged" with the event, or "declared" for its touchpoint.',
        json_schema_extra={"choices": list(SOURCES)},
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def touchpoints(
    study: Study,
    data: Data,
    *,
    by: str = "",
    gap: str = "30 days",
    channels: str = "logged",
    visitors: str = "all",
    level: float = 0.95,
) -> TouchpointsResult:
    """Return who meets which touchpoint and channel, how often, and what it takes to get through each stage.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source.
    by : str
        Column of the customers, or text column of the events (its value at a customer's first event), whose
        values split the result; "" for none.
    gap : str
        Longest time from the end of a visit to the start of the next for the two to count as a move.
        "30 minutes" leaves moves within one sitting.
    channels : {"logged", "declared"}
        Take the channel logged with each event, or the one the study declares for its touchpoint. A log
        without channels always takes the declared ones.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count.
    level : float
        Confidence level of every interval.

    Returns
    -------
    TouchpointsResult
        `.table`, and wide: `.inventory`, `.channels`, `.switching(kind)`, `.effort`.

    Raises
    ------
    DataError
        If the study has no events.
    ParamError
        If `by` cannot split the customers, or another argument is not a word or duration it may be.

    Definition
    ----------
    A contact is an event of a touchpoint. A customer stands at the furthest stage entered so far; a step
    repeats when the same event happened at that stage before, and a loop returns to a touchpoint after
    another one. Reach is the share of customers with a contact; first and last share are among customers who
    moved on from the touchpoint's stage, of contacts with its touchpoints before that moment. Steps and days
    of a stage run from entering it to entering a further one, for those who did. A visit is a run of events
    of one channel with no pause over 30 minutes.

    Units and missing data
    ----------------------
    Shares are 0–1, times are days, contacts are counts per customer. A touchpoint without events, or whose
    events the log does not hold, is not measured: NaN with a note, never 0. Satisfaction is the survey's
    weighted share of the top two levels.

    Source
    ------
    Cochran (1977), Sampling Techniques, for ratios. Wilson (1927) and Newcombe (1998) for shares. Conover
    (1999) for medians.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "event": ["see", "buy", "see"],
    ...                     "time": ["2025-01-01", "2025-01-03", "2025-01-02"]})
    >>> study, data = quick_study(events=log, journey=["see", "buy"])
    >>> touchpoints(study, data).effort["days_to_move_on"].tolist()
    [2.0, nan]
    """
    microseconds(gap, "gap")
    chosen("channels", channels, SOURCES)
    check_call(TouchpointsParams, level=level)
    observed = observe(study, data, by="touchpoints", visitors=visitors)
    splittable(observed, by)
    plan = Plan(study, observed, by, gap, channels)
    counted = Counted(plan, observed.run(plan.contacts), observed.run(plan.visits), level)
    asked = Asked(plan, data, level)
    return TouchpointsResult(
        rows=pd.DataFrame(stacked(chain(counted.blocks(), asked.blocks()))),
        basis=checks.basis(counted, asked),
        checks=checks.checks(counted, asked),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "by": by, "gap": gap, "channels": channels, "visitors": visitors, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        groups=plan.groups,
        channel_names=plan.channels,
        mixes={name: plan.levels(name) for name in plan.mixes},
        by=by,
        gap=gap,
        unmapped=checks.unmapped(counted),
    )  # fmt: skip
