"""How many customers and how many weeks an experiment on a stage needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.measures.power import checks
from journey_lib.measures.power.count import count
from journey_lib.measures.power.plan import Asked, plan_of
from journey_lib.measures.power.result import PowerResult
from journey_lib.study.context import context_of
from journey_lib.study.engine import observe
from journey_lib.study.params import EventParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


class PowerParams(EventParams):
    """Parameters of the report on sample sizes."""

    experiment: str = Field(
        "", description='Registered experiment to size; "" for the first one, or none where there is none.'
    )
    exposure: str = Field(
        "", description='Stage at which customers enter the experiment; "" for the one before its metrics.'
    )
    outcome: str = Field(
        "", description='Stage whose share is to change; "" for the first primary metric of the plan.'
    )
    lift: float = Field(
        0.0,
        gt=-1,
        description="Relative change worth finding, such as 0.05; 0 for what the plan says or finds.",
    )
    power: float = Field(0.8, ge=0.5, lt=1, description="Chance to find that change if it is there.")
    mode: str = Field(
        "",
        description='How results are read: one look, planned looks, or any time; "" for the plan\'s.',
        json_schema_extra={"choices": ["", "fixed", "group_sequential", "always_valid"]},
    )
    looks: int = Field(0, ge=0, le=100, description="Planned looks; 0 for the plan's, else 5.")
    split: list[str] = Field(
        [], description="Shares of the arms, the control first, such as 0.5, 0.5; [] for the plan's."
    )
    window: str = Field(
        "",
        description='Time after entering in which the outcome counts, such as "14 days"; "" for the plan\'s.',
        json_schema_extra={"unit": "duration"},
    )
    total: int = Field(0, ge=0, description="Customers of all arms; 0 for the plan's, else as needed.")
    baseline: float = Field(
        0.0, ge=0, lt=1, description="Share without a change; 0 to measure it in the event log."
    )
    per_week: float = Field(
        0.0, ge=0, description="Customers entering a week; 0 to measure them in the event log."
    )
    design_effect: float = Field(
        1.0, ge=1, description="How many times more customers are needed because groups go together."
    )
    correlation: float = Field(
        0.0, ge=0, lt=1, description="Of the outcome with a number known before, which CUPED takes out."
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


_NONE: tuple[str, ...] = ()


def power(
    study: Study,
    data: Data,
    *,
    experiment: str = "",
    exposure: str = "",
    outcome: str = "",
    lift: float = 0.0,
    power: float = 0.8,
    mode: str = "",
    looks: int = 0,
    split: list[str] | tuple[str, ...] = _NONE,
    window: str = "",
    total: int = 0,
    baseline: float = 0.0,
    per_week: float = 0.0,
    design_effect: float = 1.0,
    correlation: float = 0.0,
    visitors: str = "all",
    level: float = 0.95,
) -> PowerResult:
    """Return how many customers and weeks an experiment needs, what it can find, and what costs how much.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study's events measure baseline and traffic unless both are
        given.
    experiment : str
        A registered experiment, whose plan fills in everything left out here.
    exposure, outcome : str
        Stage at which customers enter, and stage whose share is to change.
    lift : float
        Relative change worth finding; below 0 for a fall. 0 takes the plan's `mde`, else what its customers
        find, else 5 %.
    power : float
        Chance to find it.
    mode : {"", "fixed", "group_sequential", "always_valid"}
        How the result is going to be read.
    looks : int
        Planned looks of a group-sequential plan.
    split : sequence of str
        Shares of the arms, the control first.
    window : str
        Time after entering in which the outcome counts.
    total : int
        Customers of all arms together, for what they can find.
    baseline, per_week : float
        Share and traffic, where they are not to be measured.
    design_effect : float
        Factor for assignment by groups, as from `stats.power.design_effect`.
    correlation : float
        Of the outcome with a covariate from before.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count.
    level : float
        Confidence level of every interval.

    Returns
    -------
    PowerResult
        `.table` holds baseline, traffic, sizes and durations by mode, the smallest change found by weeks, the
        power by change, and the price of arms, looks, segments and covariates.

    Raises
    ------
    DataError
        No events where they are needed, nobody at the stage, no outcome or nothing but outcomes.
    ParamError
        Everything wrong with the parameters, at once.

    Definition
    ----------
    N = (drift / (baseline · lift))² (V₁ / w₁ + V₀ / w₀) · design effect · (1 − r²), variances unpooled,
    two-sided error rate of the plan, Bonferroni over treatments (Holm's first step). Drift: z(1 − α/2) +
    z(power) for one look; for planned looks with O'Brien–Fleming-type spending, and for confidence sequences
    with 28 looks, the drift at which the boundary is crossed with this power. Duration: whole weeks of
    entering, at least one, and the window of the last customer. Baseline: share of those who entered the
    stage, and were observed to the end of the window, who reached the outcome in it.

    Units and missing data
    ----------------------
    Customers of all arms; changes relative to the baseline; days. A size no traffic of this study can reach
    is still a size. Intervals of sizes are those of the measured baseline.

    Source
    ------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions. Lan and DeMets (1983),
    Biometrika 70. Waudby-Smith et al. (2024), Annals of Statistics 52. Deng et al. (2013), WSDM.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> study, data = quick_study(journey=["visit", "sign_up"])
    >>> found = power(study, data, exposure="visit", outcome="sign_up", baseline=0.190201, per_week=20_000,
    ...               lift=0.03, window="14 days")
    >>> int(found.number("sample_size", "fixed").estimate)
    150210
    """
    asked = Asked(
        experiment, exposure, outcome, lift, power, mode, looks, tuple(split), window, total, baseline,
        per_week, design_effect, correlation, level,
    )  # fmt: skip
    observed = None if baseline and per_week else observe(study, data, by="power", visitors=visitors)
    plan = plan_of(study, asked, observed)
    counted = count(plan, None if observed is None else observed.run(plan.kernel), observed)
    return PowerResult(
        rows=counted.rows,
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
