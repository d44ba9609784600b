"""Who comes back after a first time, cohort by cohort and period by period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.measures.retention import checks
from journey_lib.measures.retention.count import Counted, table
from journey_lib.measures.retention.plan import Asked, plan_of
from journey_lib.measures.retention.result import RetentionResult
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.measures.retention.plan import Plan
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

_NONE: tuple[str, ...] = ()


class RetentionParams(EventParams):
    """Parameters of the retention report."""

    entry: str = Field(
        "",
        description='What makes somebody a member: an event, "a|b", a stage; "any" event; "" for purchase.',
    )
    back: list[str] = Field([], description="Events or stages that count as coming back; [] for any event.")
    unit: str = Field(
        "month",
        description="Length of a cohort and of a period.",
        json_schema_extra={"choices": ["day", "week", "month"]},
    )
    cohort: str = Field(
        "calendar",
        description='Periods of the "calendar", or "rolling" from each customer\'s own entry.',
        json_schema_extra={"choices": ["calendar", "rolling"]},
    )
    mode: str = Field(
        "on",
        description='Came back "on" the period, "on_or_after" it, or within each "bracket" of periods.',
        json_schema_extra={"choices": ["on", "on_or_after", "bracket"]},
    )
    brackets: list[str] = Field(
        [], description="Periods of each bracket, such as 1-3, 4-7; [] for the usual ones of the unit."
    )
    periods: int = Field(12, ge=1, le=60, description="How many periods after the first one to follow.")
    by: str = Field(
        "", description='Column of customers or events whose values split the result; "" for none.'
    )
    value: str = Field(
        "", description='Number of the events to add up per member, such as revenue; "" for none.'
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def retention(
    study: Study,
    data: Data,
    *,
    entry: str = "",
    back: Sequence[str] = _NONE,
    unit: str = "month",
    cohort: str = "calendar",
    mode: str = "on",
    brackets: Sequence[str] = _NONE,
    periods: int = 12,
    by: str = "",
    value: str = "",
    visitors: str = "all",
    level: float = 0.95,
) -> RetentionResult:
    """Return how many of those who came a first time come back, cohort by cohort and period by period.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source.
    entry : str
        What makes somebody a member: an event, several joined by "|", or a stage of the study; "any" is the
        first event of all. "" takes the stage `purchase` or `decision`, where somebody becomes a customer;
        a journey without one takes the first event of all.
    back : sequence of str
        Events or stages that count as coming back; () for every event.
    unit : {"day", "week", "month"}
        Cohorts are calendar units of the study's zone, weeks from Monday. Periods have the same unit.
    cohort : {"calendar", "rolling"}
        Period k is the k-th calendar unit after that of the entry, or the k-th block of 24 hours, 7 or 30
        days since the customer's own entry.
    mode : {"on", "on_or_after", "bracket"}
        Whether a customer must come back in the period itself, in it or at any time later, or in one of the
        periods of a bracket.
    brackets : sequence of str
        First and last period of each bracket, such as "1-3"; rising and apart.
    periods : int
        How many periods after period 0 are followed; fewer where the log is shorter.
    by : str
        Column of the customers, or of the events (then its value at the entry), that splits the means.
    value : str
        Column of numbers of the events, added up over the events that come back and the entry.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count, each as one customer.
    level : float
        Confidence level of every interval.

    Returns
    -------
    RetentionResult
        `.table` with the cohort in `wave` and the period in `option`; `.triangle` is wide, `.counts` holds
        numerators and denominators.

    Raises
    ------
    DataError
        If the study has no events.
    ParamError
        Everything wrong with the parameters, at once.

    Definition
    ----------
    A customer belongs to one cohort for good: the unit of the first entry in the window. Retained in period k
    is who came back in it, over the members who were observed to its end. A cell counts only if the whole
    period was over for every member of the cohort; otherwise it is incomplete, and in no mean. A mean is the
    sum of numerators over the sum of denominators of complete cells, so large cohorts weigh more. The entry
    counts as period 0; a different returning event may occur in period 0 after it.
    `retained` is the share; `members` its base; `cohort_difference` a cohort less all others in the first
    period after 0 (p-values Holm-adjusted); `cohort_trend` its change from the first to the last cohort on a
    straight line; `other_reading` the same mean under another definition; `active_periods` in how many of the
    first periods customers came.
    Product tools differ: some let a customer enter again and again, round times to hours, count "on or
    after" or own clocks by default, or average cohorts without weights. Here none of this happens unasked.

    Units and missing data
    ----------------------
    Shares are 0–1, differences points of a share, values in the study's currency per member. Nobody coming
    back is 0; a period that is not over is missing with the note `incomplete`. Customers without a value of
    `by` are a group of their own; a missing value of an event adds nothing.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22. Newcombe (1998), Statistics in Medicine
    17. Holm (1979), Scandinavian Journal of Statistics 6. Armitage (1955), Biometrics 11.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b", "c"], "event": "order",
    ...                     "time": ["2025-01-05", "2025-02-07", "2025-01-09", "2025-03-30"]})
    >>> study, data = quick_study(events=log, journey=["order"])
    >>> retention(study, data).triangle.loc["2025-01"].tolist()
    [2.0, 1.0, 0.5, nan]
    """
    check_call(RetentionParams, back=back, brackets=brackets, level=level)
    observed = observe(study, data, by="retention", visitors=visitors)
    asked = Asked(entry, tuple(back), unit, cohort, mode, tuple(brackets), periods, by, value, level)
    plan = plan_of(study, observed, asked)
    counted = Counted(
        plan, observed.run(plan.kernel), _alternatives(observed, plan), study.thresholds.flag_cell
    )
    rows = table(counted, plan.stage)
    return RetentionResult(
        rows=rows,
        basis=checks.basis(study, observed, counted),
        checks=checks.checks(study, observed, counted),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            **vars(asked), "visitors": visitors, "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        counted=counted,
    )  # fmt: skip


def _alternatives(observed: Observed, plan: Plan) -> dict[str, tuple[int, int]]:
    """Return who came back, and of how many, under each reading of the question."""
    found = {}
    for name, kernel in plan.alternatives().items():
        counts = observed.run(kernel)
        whole = counts.ended[0, :, plan.focal] == counts.members[0]
        came, n = (int(x[0, :, plan.focal][whole].sum()) for x in (counts.retained, counts.followed))
        found[name] = (came, n)
    return found
