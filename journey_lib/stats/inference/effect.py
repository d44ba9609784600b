"""What a comparison of two arms returns, and what has to be planned before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.sequential import Spending

Mode = Literal["fixed", "group_sequential", "always_valid", "bayes", "margin"]
Status = Literal["positive", "negative", "undecided", "safe", "harmed", "not_estimable"]
MODES: Final = ("fixed", "group_sequential", "always_valid", "bayes", "margin")


@dataclass(frozen=True)
class Plan:
    """What was fixed before the first look.

    Attributes
    ----------
    planned_n : float
        Planned units of both arms together, the unit of information of every look.
    taken : tuple of float
        Units of both arms at the looks taken before this one, ascending. Looks that were skipped are
        simply not here.
    final : bool
        This look is the last one although fewer than planned were reached: all that is left is spent.
    spending : {"per_side", "two_sided"}
        Whether half of the error rate is spent on each side by its own function, or all of it by one function
        and then halved.
    prior_sd : float
        Bayesian mode: standard deviation of the relative effect expected before, around 0; infinity for a
        flat prior.
    relative_margin : bool
        Margin mode: whether the margin is a part of the control's value or in the unit of the metric.
    harm_level : float
        Margin mode: error rate of the always-valid stop for harm.

    Raises
    ------
    ParamError
        Sizes that are not above 0 or not ascending, a prior that is not above 0.

    Examples
    --------
    >>> Plan(planned_n=1000, taken=(200, 400)).taken
    (200, 400)
    """

    planned_n: float = math.nan
    taken: tuple[float, ...] = ()
    final: bool = False
    spending: Spending = "per_side"
    prior_sd: float = 0.3
    relative_margin: bool = True
    harm_level: float = 0.01

    def __post_init__(self) -> None:
        problems = []
        if not (math.isnan(self.planned_n) or 0 < self.planned_n < math.inf):
            problems.append(Problem("planned_n", f"is {self.planned_n}", "a finite number above 0"))
        steps = (0.0, *self.taken)
        if any(not after > before for before, after in pairwise(steps)):
            problems.append(Problem("taken", f"is {self.taken}", "sizes above 0, ascending"))
        if not self.prior_sd > 0:
            problems.append(Problem("prior_sd", f"is {self.prior_sd}", "a number above 0, infinity for flat"))
        if not 0 < self.harm_level < 1:
            problems.append(Problem("harm_level", f"is {self.harm_level}", "a number between 0 and 1"))
        if problems:
            raise ParamError(problems)


@dataclass(frozen=True)
class Effect:
    """The difference of two arms with its uncertainty, absolute and relative.

    Attributes
    ----------
    estimate : float
        Treatment less control, in the unit of the metric; never turned round.
    std_error : float
        Its standard error.
    df : float
        Degrees of freedom.
    ci_low, ci_high : float
        Interval of the mode. In margin mode two one-sided bounds at the level, so that the two-sided level is
        lower.
    ci_level : float
        Level of the interval; of each bound in margin mode.
    p_value : float
        Of the absolute difference, and the only one; NaN in Bayesian mode. In margin mode of the hypothesis
        that the harm is the margin or more.
    lift, lift_low, lift_high : float
        Relative change, treatment / control − 1, with its interval: Fieller's, which excludes 0 exactly when
        the absolute interval does.
    lift_reason : str
        Why there is no relative change or no interval of it, a key of `REASONS`; "" where there is one.
    control, treatment : float
        Estimates of the arms.
    n_control, n_treatment : float
        Units of the arms.
    mode : str
        The mode.
    method : str
        How it was computed: "welch", "score", "score and boschloo", "delta", …
    status : str
        "positive" or "negative" where the interval excludes 0 for better or worse, else "undecided"; in
        margin mode "safe", "harmed" or "undecided"; "not_estimable" with a reason.
    reason : str
        Why it is not estimable, a key of `REASONS`.
    warnings : tuple of str
        What to say beside it.
    multiplier : float
        How many standard errors the interval reaches to each side; NaN where it is not symmetric.
    information : float
        Part of the planned units reached, in sequential modes.
    bound : float
        Boundary of the z value at this look, in group-sequential mode.
    stop : bool
        Sequential modes: the boundary is crossed. Margin mode: the always-valid stop for harm is reached.
    chance_to_win : float
        Bayesian mode: probability that the treatment is better.
    risk : float
        Bayesian mode: what is lost on average by taking the treatment, in the unit of the metric.
    """

    estimate: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    ci_level: float
    p_value: float
    lift: float
    lift_low: float
    lift_high: float
    lift_reason: str
    control: float
    treatment: float
    n_control: float
    n_treatment: float
    mode: Mode
    method: str
    status: Status
    reason: str = ""
    warnings: tuple[str, ...] = ()
    multiplier: float = math.nan
    information: float = math.nan
    bound: float = math.nan
    stop: bool = False
    chance_to_win: float = math.nan
    risk: float = math.nan

    @property
    def z(self) -> float:
        """Return the difference over its standard error."""
        return self.estimate / self.std_error if self.std_error > 0 else math.nan
