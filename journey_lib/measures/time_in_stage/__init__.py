"""How long customers stay in each stage before they move on, and where those go who do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.measures.time_in_stage import checks
from journey_lib.measures.time_in_stage.count import count
from journey_lib.measures.time_in_stage.plan import plan_of
from journey_lib.measures.time_in_stage.result import TimeInStageResult
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


class TimeInStageParams(EventParams):
    """Parameters of the report on time in stages."""

    rule: str = Field(
        "furthest",
        description='Stage a customer is in: the "furthest" so far, or the "current" one, which can return.',
        json_schema_extra={"choices": ["furthest", "current"]},
    )
    churn: str = Field(
        "",
        description='Silence after which a customer is gone, such as "60 days"; "" for never.',
        json_schema_extra={"unit": "duration"},
    )
    by: str = Field(
        "", description='Column of customers or events whose values split the result; "" for none.'
    )
    tau: str = Field(
        "",
        description='Horizon of mean days and exits, such as "30 days"; "" for the follow-up of the study.',
        json_schema_extra={"unit": "duration"},
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def time_in_stage(
    study: Study,
    data: Data,
    *,
    rule: str = "furthest",
    churn: str = "",
    by: str = "",
    visitors: str = "all",
    tau: str = "",
    level: float = 0.95,
) -> TimeInStageResult:
    """Return how long customers stay in each stage, allowing for those who are still in it.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source.
    rule : {"furthest", "current"}
        Whether a customer is in the furthest stage reached so far, or in the stage of the last event that
        enters one; in the second case stages can be left backwards and entered again.
    churn : str
        Silence after which a customer is gone, such as "60 days"; "" counts nobody as gone.
    by : str
        Column of the customers, or of the events (then its value at the event that enters the stage), that
        splits the result; "" for none.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count.
    tau : str
        Horizon of mean days and of the shares by exit; "" takes the study's follow-up, else as far as at
        least 10 were followed in every group.
    level : float
        Confidence level of every interval.

    Returns
    -------
    TimeInStageResult
        `.table` holds shares that moved on by 1, 7, 30 and 90 days, days by which a quarter, half and three
        quarters of all had moved on, days of half of the movers, mean days up to the horizon, exits, who is
        in the stage now and for how long, and comparisons of groups. `.curves` and `.exits` are frames.

    Raises
    ------
    DataError
        If the study has no events.
    ParamError
        If a parameter is not one of its choices, no duration, or no column that can split customers.

    Definition
    ----------
    A spell runs from the event that enters a stage to the first event that enters another one. It ends by
    moving to the next stage, to any other stage (skipping one, or back), by silence (dated at the last
    event), or is still open at the end of the window. With `churn` = D everything is observed only until D
    before the end, for all exits alike. Shares moved on are Aalen–Johansen's: exits rule one another out.
    Without other exits they are one minus Kaplan–Meier. `mover_days` is the time by which half of those
    who moved on while at least 10 were followed had done so. Groups are compared by the log-rank test and
    Cox's ratios of moving on, Holm-corrected over stages. Under `current` errors allow for customers with
    several spells.

    Units and missing data
    ----------------------
    Days of 24 hours, counted in whole seconds; shares are 0–1. A median that is never reached is missing
    with a note, never replaced by a mean. Spells that began before the study's window are left out and
    counted, and the stages reached in them stay reached. Where the log itself begins late, a spell begins
    with the first event of its stage that was seen.

    Source
    ------
    Kaplan and Meier (1958), Journal of the American Statistical Association 53. Aalen and Johansen (1978),
    Scandinavian Journal of Statistics 5. Andersen, Borgan, Gill and Keiding (1993), Statistical Models Based
    on Counting Processes. Holm, S. (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": ["a", "a", "b", "b"], "event": ["cart", "paid"] * 2,
    ...                       "time": ["2025-01-01", "2025-01-03", "2025-01-01", "2025-01-05"]})
    >>> study, data = quick_study(events=frame, journey=["cart", "paid"])
    >>> table = time_in_stage(study, data).table
    >>> float(table.query("metric == 'median_days'")["estimate"].iloc[0])
    3.0
    """
    check_call(TimeInStageParams, level=level)
    observed = observe(study, data, by="time_in_stage", visitors=visitors)
    plan = plan_of(study, observed, rule=rule, churn=churn, by=by, tau=tau, level=level)
    stages = tuple(stage.id for stage in study.journey.stages)
    counted = count(observed.run(plan.kernel), stages, plan)
    return TimeInStageResult(
        rows=counted.rows,
        basis=checks.basis(study, observed, counted),
        checks=checks.checks(study, observed, counted),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "rule": rule,
            "churn": churn,
            "by": by,
            "visitors": visitors,
            "tau": tau or study.window.follow_up,
            "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        counted=counted,
    )
