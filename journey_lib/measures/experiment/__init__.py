"""What an experiment changed, whether that can be trusted, and what its owner should do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from journey_lib.measures.experiment import checks, rows
from journey_lib.measures.experiment.count import Counted, contrasts_of, mde_of, paths_of
from journey_lib.measures.experiment.decision import decide, overall
from journey_lib.measures.experiment.parts import fading_of, splits_of
from journey_lib.measures.experiment.plan import Asked, registered
from journey_lib.measures.experiment.result import ExperimentResult
from journey_lib.measures.experiment.ruling import facts_for, gain
from journey_lib.measures.experiment.stages import triggered_of
from journey_lib.measures.experiment.validity import facts_of, valid
from journey_lib.measures.experiment.waiting import waiting_of
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams
from journey_lib.study.trials import exposed, outcomes_of, sums_of, totals_of

if TYPE_CHECKING:
    from journey_lib.measures.experiment.plan import Registered
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

_NONE: tuple[str, ...] = ()


class ExperimentParams(EventParams):
    """Parameters of the experiment report."""

    experiment: str = Field("", description='Id of the experiment; "" where the study has one.')
    control: str = Field("", description='Arm the others are compared with; "" for that of the plan.')
    primary: list[str] = Field([], description="Stages or metrics that decide; [] for those of the plan.")
    window: str = Field(
        "", description='Time from exposure that counts, such as "14 days"; "" for that of the plan.'
    )


def experiment(
    study: Study,
    data: Data,
    *,
    experiment: str = "",
    control: str = "",
    primary: Sequence[str] = _NONE,
    window: str = "",
    visitors: str = "all",
) -> ExperimentResult:
    """Return what an experiment changed, whether that can be trusted, and what its owner should do.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`. The plan stands in `[[experiments]]`; units in the source
        `assignments`, or their daily totals in the source `totals`. What units did comes from the events, the
        answers, and number columns of the assignments and the customers.
    experiment : str
        Id of the experiment; "" where there is one.
    control : str
        Arm the others are compared with; "" for that of the plan.
    primary : sequence of str
        Stages or metrics that decide; () for those of the plan.
    window : str
        Time from exposure that counts; "" for that of the plan. What replaces a part of the plan is said.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count; nobody can be exposed without an id.

    Returns
    -------
    ExperimentResult
        `.decision` is the line to act on, `.table` all numbers, `.aggregate` the cells behind them.

    Raises
    ------
    DataError
        No assignments, an arm without units, a metric without a source, a segment that was known only after
        exposure.
    ParamError
        An unknown experiment, arm or metric, everything at once.

    Definition
    ----------
    A unit counts from its first assignment; units in two arms are dropped and counted. A stage is reached if
    it was entered after exposure, in order, inside its windows; every exposed unit whose window is over is in
    the denominator, so that the effect is the intention to treat. A unit without an event counts as 0, one
    without a number or an answer is out of the count. The decision follows fixed rules in a fixed order:
    invalid, guardrail harmed, primary harmed, gain with all guardrails safe, gain with an undecided one,
    nothing worthwhile at the planned size, else run on or underpowered. Primary metrics are corrected by Holm
    over arms and metrics, secondary ones by Benjamini–Hochberg at 10 %, the other stages by Holm; guardrails
    are not corrected because all must be safe.

    Units and missing data
    ----------------------
    Shares are 0–1, differences points of a share, the net promoter score is in points, amounts in the study's
    currency, times in days.

    Source
    ------
    Kohavi, R., Tang, D. and Xu, Y. (2020), Trustworthy Online Controlled Experiments. Lan and DeMets (1983),
    Biometrika 70. Fieller (1954), Journal of the Royal Statistical Society B 16. Deng et al. (2013), WSDM.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> who = [f"c{k}" for k in range(400)]
    >>> given = pd.DataFrame({"customer_id": who, "experiment": "x", "arm": ["a", "b"] * 200,
    ...                       "assigned_at": "2025-01-01"})
    >>> log = pd.DataFrame({"customer_id": who[::4] + who[1::2], "event": "paid", "time": "2025-01-02"})
    >>> study, data = quick_study(events=log, assignments=given, journey=["paid"])
    >>> result = experiment(study, data)
    >>> result.decision.word, result.number("value", "paid", group=result.named(0)).estimate
    ('SHIP', 0.5)
    """
    asked = Asked(experiment, control, tuple(primary), window)
    plan = registered(study, data, asked)
    observed = observe(study, data, by="experiment", visitors=visitors) if data.events is not None else None
    counted = _counted(study, data, plan, observed)
    facts = facts_of(counted)
    sound = valid(facts)
    decisions = tuple(decide(facts_for(counted, arm, valid=sound), arm) for arm in plan.treatments)
    waits, splits, met = waiting_of(counted), splits_of(counted), triggered_of(counted)
    fading = tuple(
        found
        for name in plan.trial.primary
        for arm in plan.treatments
        if (found := fading_of(counted, counted.sums.outcomes[name].stage, arm)) is not None
    )
    return ExperimentResult(
        rows=rows.table(counted, waits, splits, fading, met),
        basis=checks.basis(study, observed, counted),
        checks=checks.checks(study, observed, counted, facts, fading),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            **vars(asked), "plan": plan.hash, "visitors": visitors,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study, counted=counted, facts=facts, decisions=decisions,
        decision=overall(decisions, [gain(counted, arm) for arm in plan.treatments]),
        waits=waits, splits=splits, fading=fading, met=met, day=_day(data, plan, observed),
    )  # fmt: skip


def _counted(study: Study, data: Data, plan: Registered, observed: Observed | None) -> Counted:
    if plan.aggregate:
        sums, units = totals_of(study, data, plan.trial)
        found = contrasts_of(sums, plan, ())
        entered = _by_day(sums.cells["arm"].to_numpy(), sums.cells["day"].to_numpy(), units, plan)
        sizes = entered.sum(axis=0)
        return Counted(plan, None, None, sums, sizes, entered, found, {}, mde_of(sums, plan))
    who = exposed(study, data, plan.trial)
    outcomes = outcomes_of(study, data, who, observed)
    sums = sums_of(who, outcomes)
    found = contrasts_of(sums, plan, outcomes.stages)
    first = np.arange(len(who)) if who.cluster is None else np.unique(who.cluster, return_index=True)[1]
    entered = _by_day(who.arm[first], who.day[first], np.ones(len(first)), plan)
    return Counted(
        plan, who, outcomes, sums, who.units, entered, found, paths_of(sums, plan, found), mde_of(sums, plan)
    )


def _by_day(arm: np.ndarray, day: np.ndarray, units: np.ndarray, plan: Registered) -> np.ndarray:
    """Return how many units entered each arm on each day on which any did."""
    days, number = np.unique(day, return_inverse=True)
    arms = len(plan.trial.arms)
    sums = np.bincount(number * arms + arm, np.nan_to_num(units), len(days) * arms)
    return np.rint(sums).astype(np.int64).reshape(-1, arms)


def _day(data: Data, plan: Registered, observed: Observed | None) -> str:
    """Return the day up to which was observed."""
    if observed is not None:
        return str(pd.Timestamp(observed.end, unit="us", tz="UTC").tz_convert(observed.time_zone).date())
    frame = data.totals if plan.aggregate else data.assignments
    column = "date" if plan.aggregate else "assigned_at"
    last = frame[column].max() if frame is not None and column in frame else pd.NaT
    return "" if pd.isna(last) else str(pd.Timestamp(last).date())
