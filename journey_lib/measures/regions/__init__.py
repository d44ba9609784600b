"""How regions differ in preferences, conversion and satisfaction, and which differences are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from journey_lib.errors import AbsentError, ParamError, Problem, chosen
from journey_lib.measures.regions import checks
from journey_lib.measures.regions.conversion import conversion
from journey_lib.measures.regions.plan import ADJUSTMENTS, Plan, whom_of
from journey_lib.measures.regions.preferences import preferences
from journey_lib.measures.regions.result import Counted, RegionsResult
from journey_lib.measures.regions.rhythm import rhythm
from journey_lib.measures.regions.satisfaction import asked, families
from journey_lib.study.context import context_of
from journey_lib.study.durations import microseconds
from journey_lib.study.params import EventParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


class RegionsParams(EventParams):
    """Parameters of the regions report."""

    region: str = Field("region", description="Column that holds the region of a customer or an answer.")
    effect: float = Field(
        0.03, ge=0, le=1, description="Smallest difference between shares worth telling; 0.03 is 3 points."
    )
    effect_sd: float = Field(
        0.15, ge=0, le=3, description="Smallest difference between ratings, in standard deviations."
    )
    least: int = Field(
        30, ge=2, description="Fewest people of a region, and of all others, for a comparison."
    )
    adjust: str = Field(
        "style",
        description='"style": ratings must also differ without rating habits; "none" takes them as given.',
        json_schema_extra={"choices": list(ADJUSTMENTS)},
    )
    window: str = Field("30 days", description="How long a customer has to move on from a stage.")
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Level at which all intervals of a part hold together."
    )


def regions(
    study: Study,
    data: Data,
    *,
    region: str = "region",
    effect: float = 0.03,
    effect_sd: float = 0.15,
    least: int = 30,
    adjust: str = "style",
    window: str = "30 days",
    visitors: str = "all",
    level: float = 0.95,
) -> RegionsResult:
    """Return how regions differ in preferences, conversion, satisfaction and rhythm, one part at a time.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`. Each part needs its own table: answers, orders or events; a part
        without one is left out and the page says so.
    region : str
        Column of the customers, the responses or the events that holds the region, with 2 to 30 values.
    effect : float
        Smallest difference between shares worth telling.
    effect_sd : float
        The same for ratings, in standard deviations.
    least : int
        Fewest people of a region, and of all others together, for a comparison.
    adjust : {"style", "none"}
        Whether a difference in ratings counts only where it also holds without rating habits.
    window : str
        Time to move on from a stage, inclusive.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count; they have no region.
    level : float
        Level at which all intervals of a part hold together.

    Returns
    -------
    RegionsResult
        `.table`; `.real` with the differences that hold, `.habit` with those that are rating habits.

    Raises
    ------
    DataError
        A study without customers, answers and events, or nothing that can be compared.
    ParamError
        An unknown column, one value, too many values, or another argument it cannot take.

    Definition
    ----------
    Each region is compared with all others whose region is known. The comparisons of a part are a family:
    ways to prefer, ways to pay, channels, stages, ratings, ratings without habits, habits. Intervals are
    Šidák's, so that all of a family hold together; p-values agree with them. A difference is real when its
    interval misses 0 and it is at least the smallest worth telling.
    Ratings without habits: each answer less the person's mean, over the person's spread, with 8 answers or
    more; for all ratings together the person's mean less the midpoint, over the spread, and only in regions
    whose spread is not clearly unlike. Shrunken values are empirical Bayes (Paule and Mandel), ranks joint.

    Units and missing data
    ----------------------
    Shares 0–1, ratings in the units of their scale, adjusted ones in the person's standard deviations. Orders
    of one customer are one draw. A region below `least` has no comparison, a cell with fewer people than the
    study's `min_cell` is masked, with others that would give it away.

    Source
    ------
    Šidák (1967), Journal of the American Statistical Association 62. Klein, Wright and Wieczorek (2020),
    Journal of the Royal Statistical Society C 69. Paule and Mandel (1982), Journal of Research of the
    National Bureau of Standards 87. Fischer (2004), Journal of Cross-Cultural Psychology 35.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> towns = ["north"] * 200 + ["south"] * 200
    >>> answers = pd.DataFrame({"region": towns, "pay": ["card"] * 150 + ["cash"] * 50 + ["cash"] * 200})
    >>> found = regions(*quick_study(responses=answers, questions={"pay": "single"}))
    >>> found.real[["metric", "option", "group", "estimate"]].values.tolist()[0]
    ['preferred_gap', 'card', 'north', 0.75]
    """
    chosen("adjust", adjust, ADJUSTMENTS)
    microseconds(window, "window")
    _positive(effect, effect_sd, least)
    plan = Plan(region, effect, effect_sd, least, adjust, window, level)
    whom = whom_of(study, data, plan, visitors)
    rated = asked(study, data, whom)
    moved = conversion(study, whom, plan)
    counted = Counted(
        ratings=() if rated is None else tuple(families(study, data, whom, plan, rated)),
        conversion=moved,
        preferences=preferences(study, data, whom, plan),
        rhythm=rhythm(study, whom, plan),
        asked=rated,
    )
    rows = counted.rows
    if not rows:
        given = "answers, orders and events hold nothing that can be compared by region"
        action = "Declare questions, orders with a payment method, or stages with events"
        raise AbsentError(Problem("regions", given, action=action))
    return RegionsResult(
        rows=pd.DataFrame(rows),
        basis=checks.basis(study, data, whom, counted, plan),
        checks=checks.checks(study, whom, counted, plan),
        notes=checks.notes(plan),
        context=context_of(study, data),
        settings={
            "region": region, "effect": effect, "effect_sd": effect_sd, "least": least, "adjust": adjust,
            "window": window, "visitors": visitors, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        plan=plan,
        whom=whom,
        counted=counted,
    )  # fmt: skip


def _positive(effect: float, effect_sd: float, least: int) -> None:
    problems = [
        Problem(name, f"{value:g}", allowed)
        for name, value, allowed, wrong in (
            ("effect", effect, "0 to 1", not 0 <= effect <= 1),
            ("effect_sd", effect_sd, "0 or more", effect_sd < 0),
            ("least", least, "2 or more", least < 2),
        )
        if wrong
    ]
    if problems:
        raise ParamError(problems)
