"""Who goes on from stage to stage, within which time, and where customers are lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from journey_lib.measures.funnel import checks, definitions
from journey_lib.measures.funnel.count import count, table
from journey_lib.measures.funnel.plan import Options
from journey_lib.measures.funnel.reading import planned
from journey_lib.measures.funnel.result import FunnelResult
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

_NONE: tuple[str, ...] = ()


class FunnelParams(EventParams):
    """Parameters of the funnel report."""

    order: str = Field(
        "ordered",
        description='"ordered" lets other events come between, "strict" none; "any" order is free.',
        json_schema_extra={"choices": ["ordered", "strict", "any"]},
    )
    entry: str = Field(
        "any",
        description='Which entry counts: "any" that leads on, the "first" only, or "all" as attempts.',
        json_schema_extra={"choices": ["any", "first", "all"]},
    )
    window: str = Field("30 days", description="How long a customer has, from entry.")
    step_windows: list[str] = Field(
        [], description='Longest time between steps, one for each step after the first; "" for none.'
    )
    min_gaps: list[str] = Field(
        [], description='Shortest time between steps, one for each step after the first; "" for none.'
    )
    steps: list[str] = Field(
        [], description='Events in order, "a|b" for either; [] for the stages of the journey.'
    )
    optional: list[str] = Field([], description="Steps that are counted but hold nobody up.")
    exclude: list[str] = Field(
        [], description='Events that void a match: "x", "x between a and b"; "x ever" leaves customers out.'
    )
    ignore: list[str] = Field([], description="Events that strict order looks through.")
    period: list[str] = Field([], description="First and last day of entry; [] for the study's window.")
    by: str = Field(
        "", description='Column that splits the result, or "day", "week", "month" of entry; "" for none.'
    )
    ties: str = Field(
        "order",
        description='Events of one moment: "order" of the log, "strict_time" none follows, "either" way.',
        json_schema_extra={"choices": ["order", "strict_time", "either"]},
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def funnel(
    study: Study,
    data: Data,
    *,
    order: str = "ordered",
    entry: str = "any",
    window: str = "30 days",
    step_windows: Sequence[str] = _NONE,
    min_gaps: Sequence[str] = _NONE,
    steps: Sequence[str] = _NONE,
    optional: Sequence[str] = _NONE,
    exclude: Sequence[str] = _NONE,
    ignore: Sequence[str] = _NONE,
    period: Sequence[str] = _NONE,
    by: str = "",
    ties: str = "order",
    visitors: str = "all",
    level: float = 0.95,
) -> FunnelResult:
    """Return how many customers go on from each step to the next, how many are lost, and after how long.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source.
    order : {"ordered", "strict", "any"}
        Whether other events may come between two steps, none may, or the order is free.
    entry : {"any", "first", "all"}
        "any" asks whether one of a customer's entries leads on, "first" whether the first does; "all" counts
        attempts instead of customers, each beginning after the one before is over.
    window : str
        Time from entry, inclusive, such as "30 days". From step to step the clock starts anew at each step;
        for the whole way it starts at the first.
    step_windows, min_gaps : sequence of str
        Longest and shortest time from each step to the next; empty, or one for each step after the first.
    steps : sequence of str
        Events in order; "a|b" is a step that either event makes. Without it the stages of the journey.
    optional : sequence of str
        Steps that are counted where they happen, and neither open the funnel nor hold anybody up.
    exclude : sequence of str
        "x" voids a match with x between the first step and the last, "x between a and b" between two steps;
        "x ever" leaves out customers who have x at all.
    ignore : sequence of str
        Events that `strict` looks through.
    period : sequence of str
        First and last day of entry, as ISO dates in the study's zone; steps may be completed later.
    by : str
        Column of the customers, or of the events (the value at the first entry), or "day", "week", "month" of
        the first entry.
    ties : {"order", "strict_time", "either"}
        Which of two events of one moment comes first: as in the log, neither, or whichever suits the funnel.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count, each as one customer.
    level : float
        Confidence level of every interval.

    Returns
    -------
    FunnelResult
        `.table`; `.wide` with one row a step on the clock of the entry, `.onward` from each step to the next;
        `.customers(step, status)` for audiences.

    Raises
    ------
    DataError
        If the study has no events.
    ParamError
        Everything wrong with the parameters, at once.

    Definition
    ----------
    A customer reaches step k when there are events i1 < … < ik in the log's order that make steps 1 to k,
    with time(ik) − time(i1) ≤ window. Who has not is still open while the latest entry that may lead there is
    younger than the window at the end of observation, and timed out after that.
    Three rates: as counted; mature (entries without a whole observed window dropped first, Wilson's
    interval); and 1 − S(window) of Kaplan and Meier from the first entry (Greenwood, log-log interval), which
    leads because it uses everybody. In any order no clock is common to all steps, so the mature rate leads.

    Units and missing data
    ----------------------
    Shares are 0–1 of the customers who entered the step, times are days from the first entry of those who
    went on. Customers without a value of `by` form a group of their own; groups add up to the total.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22. Kaplan and Meier (1958), Journal of
    the American Statistical Association 53. Kalbfleisch and Prentice (2002), The Statistical Analysis of
    Failure Time Data, section 1.4.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "event": ["cart", "paid", "cart"],
    ...                     "time": ["2025-01-01", "2025-01-03", "2025-01-05"]})
    >>> study, data = quick_study(events=log, journey=["cart", "paid"])
    >>> funnel(study, data, window="2 days").wide[["step", "reached", "still_open"]].values.tolist()
    [['cart', 2, 0], ['paid', 1, 1]]
    """
    check_call(FunnelParams, step_windows=step_windows, min_gaps=min_gaps, steps=steps, optional=optional,
               exclude=exclude, ignore=ignore, period=period, level=level)  # fmt: skip
    observed = observe(study, data, by="funnel", visitors=visitors)
    texts = (step_windows, min_gaps, steps, optional, exclude, ignore, period)
    limits, gaps, names, extra, without, through, days = (tuple(text) for text in texts)
    options = Options(order, entry, window, limits, gaps, names, extra, without, through, days, by, ties)
    plan = planned(study, observed, options)
    numbers = count(observed, plan)
    varied = definitions.rows(plan, observed, days, level)
    rows = pd.concat([table(numbers, plan, level), pd.DataFrame(varied)], ignore_index=True)
    return FunnelResult(
        rows=rows,
        basis=checks.basis(study, observed, plan, options, level),
        checks=checks.checks(study, observed, plan, numbers, rows),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            **vars(options), "visitors": visitors, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        plan=plan,
        observed=observed,
        numbers=numbers,
    )  # fmt: skip
