"""What was asked for, checked: the kernel to run, the horizons in days, and the groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.stats.kernels.spells import RULES, StageSpells
from journey_lib.study.durations import duration_problem, microseconds
from journey_lib.study.engine.groups import group_names

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

DAY = 86_400_000_000  # microseconds
SECONDS = 86_400  # of a day
CAP = 1_000_000  # spells collected one by one, for errors that know whose they are
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Plan:
    """What was asked for.

    Attributes
    ----------
    rule : str
        "furthest" or "current".
    silence : int
        Microseconds without an event after which a customer is gone; 0 for never.
    horizon : float
        Planned horizon in days; infinite where neither the run nor the study plans one.
    by : str
        Column whose values split the result.
    groups : tuple of str
        Its values, sorted; their places are the codes of the kernel.
    level : float
        Confidence level.
    kernel : StageSpells
        What is asked of the log.
    """

    rule: str
    silence: int
    horizon: float
    by: str
    groups: tuple[str, ...]
    level: float
    kernel: StageSpells

    @property
    def repeats(self) -> bool:
        """Whether a customer can be in a stage more than once."""
        return self.rule == "current"


def plan_of(
    study: Study, observed: Observed, *, rule: str, churn: str, by: str, tau: str, level: float
) -> Plan:
    """Return what was asked for, or everything that is wrong with it.

    Raises
    ------
    ParamError
        An unknown rule, durations nobody can read or of no length, a column that cannot split customers.
    """
    problems = [*_rule(rule), *_length("churn", churn), *_length("tau", tau), *_long(churn, observed)]
    groups = group_names(observed, by, problems)
    if problems:
        raise ParamError(problems)
    follow = tau or study.window.follow_up
    silence = microseconds(churn, "churn") if churn else 0
    kernel = StageSpells(
        stage_of_events(study, observed.names), rule, silence, by, observed.where(by) if by else "",
        CAP if rule == "current" else 0,
    )  # fmt: skip
    horizon = microseconds(follow, "tau") / DAY if follow else math.inf
    return Plan(rule, silence, horizon, by, groups, level, kernel)


def stage_of_events(study: Study, names: Sequence[str]) -> tuple[int, ...]:
    """Return for each event name the place of the stage it enters, −1 for none."""
    entered = {name: place for place, stage in enumerate(study.journey.stages) for name in stage.enter}
    return tuple(entered.get(name, -1) for name in names)


def _rule(rule: str) -> list[Problem]:
    if rule in RULES:
        return []
    return [Problem("rule", f"'{rule}'", ", ".join(RULES), nearest(rule, RULES))]


def _length(where: str, text: str) -> list[Problem]:
    if not text:
        return []
    problem = duration_problem(text, where)
    if problem is not None:
        return [problem]
    return [] if microseconds(text, where) else [Problem(where, f"'{text}'", "a duration above 0")]


def _long(churn: str, observed: Observed) -> list[Problem]:
    """Refuse a silence that would have to last longer than anybody was observed."""
    if not churn or duration_problem(churn, "churn") or microseconds(churn) < observed.end - observed.start:
        return []
    days = (observed.end - observed.start) // DAY
    return [Problem("churn", f"'{churn}'", f"less than the {days:,} days observed")]
