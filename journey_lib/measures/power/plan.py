"""What is to be sized: the registered plan, with whatever the parameters say instead."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.stats.kernels.arrivals import WEEK, Arrivals
from journey_lib.stats.power import Design, Looking
from journey_lib.study.durations import microseconds

if TYPE_CHECKING:
    from journey_lib.study.definition import Experiment, Study
    from journey_lib.study.engine import Observed

MODES: tuple[Looking, ...] = get_args(Looking)
LIFT, LOOKS, ANY_TIME = 0.05, 5, 28  # change worth finding, planned looks, looks "at any time" is sized with
DAY = WEEK / 7


@dataclass(frozen=True)
class Asked:
    """The parameters as they were given."""

    experiment: str = ""
    exposure: str = ""
    outcome: str = ""
    lift: float = 0.0
    power: float = 0.8
    mode: str = ""
    looks: int = 0
    split: tuple[str, ...] = ()
    window: str = ""
    total: int = 0
    baseline: float = 0.0
    per_week: float = 0.0
    design_effect: float = 1.0
    correlation: float = 0.0
    level: float = 0.95


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that a size depends on, but for what the log says.

    Attributes
    ----------
    asked : Asked
        The parameters.
    trial : Experiment or None
        The registered plan.
    exposure, outcome : str
        Stages.
    guardrails : tuple of (str, float)
        Stages and margins.
    lift : float
        Relative change worth finding; 0 where nobody said it.
    mode : str
        How the result is going to be read.
    looks : int
        Planned looks.
    split : tuple of float
        Shares of the arms, the control first.
    alpha : float
        Two-sided error rate.
    window : int
        Microseconds.
    total : int
        Customers the plan names; 0 for none.
    entry : tuple of int
        Event codes that enter the exposure stage.
    outcomes : tuple of tuple of int
        Event codes of outcome and guardrails.
    names, weeks : int
        Event names of the log, and weeks observed.
    """

    asked: Asked
    trial: Experiment | None
    exposure: str
    outcome: str
    guardrails: tuple[tuple[str, float], ...]
    lift: float
    mode: Looking
    looks: int
    split: tuple[float, ...]
    alpha: float
    window: int
    total: int
    entry: tuple[int, ...] = field(default=(), repr=False)
    outcomes: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    names: int = 0
    weeks: int = 0

    @property
    def kernel(self) -> Arrivals:
        """What is asked of the log."""
        return Arrivals(self.entry, self.outcomes, self.window, self.names, self.weeks)

    @cached_property
    def designs(self) -> dict[Looking, Design]:
        """The design under each mode."""
        return {mode: self.design(mode) for mode in MODES}

    def design(self, mode: Looking, *, split: tuple[float, ...] = (), looks: int = 0) -> Design:
        """Return the design under one mode, perhaps with other arms or looks."""
        asked = self.asked
        return Design(
            split=split or self.split, alpha=self.alpha, mode=mode,
            looks=looks or {"always_valid": ANY_TIME}.get(mode, self.looks),
            design_effect=asked.design_effect, correlation=asked.correlation,
        )  # fmt: skip

    @property
    def change_given(self) -> bool:
        """Whether somebody said which change is worth finding."""
        return self.lift != 0

    @property
    def window_days(self) -> float:
        """Length of the window."""
        return self.window / DAY


def plan_of(study: Study, asked: Asked, observed: Observed | None) -> Plan:
    """Return what is to be sized.

    Parameters
    ----------
    study : Study
        Stages and registered experiments.
    asked : Asked
        The parameters.
    observed : Observed or None
        The log, where it is needed.

    Raises
    ------
    ParamError
        Everything wrong with the parameters, at once.
    DataError
        A stage of which the log holds no event.
    """
    problems: list[Problem] = []
    trial = _trial(study, asked.experiment, problems)
    outcome = asked.outcome or (trial.primary[0] if trial and trial.primary else "")
    guards = tuple((g.metric, g.margin) for g in trial.guardrails) if trial else ()
    stages = [stage.id for stage in study.journey.stages]
    guards = tuple((name, margin) for name, margin in guards if name in stages and margin > 0)
    exposure = asked.exposure or _before(stages, [outcome, *(name for name, _ in guards)])
    _known(stages, "outcome", outcome, problems)
    _known(stages, "exposure", exposure, problems)
    if exposure == outcome and outcome in stages:
        problems.append(Problem("exposure", f"'{exposure}' is the outcome, too", "an earlier stage"))
    lift = asked.lift or (trial.mde if trial else 0.0)
    split = _split(asked, trial, problems)
    window = _window(study, asked, trial, outcome, problems)
    if problems:
        raise ParamError(problems)
    registered = trial.mode if trial and trial.mode in MODES else "fixed"
    wanted = asked.mode or registered
    made = Plan(
        asked, trial, exposure, outcome, guards, lift, next(mode for mode in MODES if mode == wanted),
        asked.looks or (trial.looks if trial and trial.looks > 1 else LOOKS), split,
        trial.alpha if trial else 0.05, window, asked.total or (trial.planned_n if trial else 0),
    )  # fmt: skip
    return made if observed is None else _with_codes(study, made, observed)


def _trial(study: Study, name: str, problems: list[Problem]) -> Experiment | None:
    known = {trial.id: trial for trial in study.experiments}
    if not name:
        return next(iter(known.values()), None)
    if name not in known:
        given = f"'{name}' is not registered in this study"
        problems.append(Problem("experiment", given, ", ".join(known) or "none", nearest(name, known)))
    return known.get(name)


def _before(stages: list[str], names: list[str]) -> str:
    """Return the stage before the first one that is measured."""
    places = [stages.index(name) for name in names if name in stages]
    return stages[max(min(places) - 1, 0)] if places else ""


def _known(stages: list[str], where: str, name: str, problems: list[Problem]) -> None:
    if name in stages:
        return
    action = "" if name else "Name a stage, or register an experiment in study.toml"
    given = f"'{name}' is no stage of this journey" if name else "is not given"
    problems.append(Problem(where, given, ", ".join(stages), nearest(name, stages), action))


def _split(asked: Asked, trial: Experiment | None, problems: list[Problem]) -> tuple[float, ...]:
    if not asked.split:
        if trial is None:
            return (0.5, 0.5)
        at = trial.arms.index(trial.control)
        return (trial.shares[at], *(share for arm, share in enumerate(trial.shares) if arm != at))
    try:
        shares = tuple(float(share) for share in asked.split)
    except ValueError:
        shares = ()
    if len(shares) < 2 or not all(0 < share < math.inf for share in shares):
        problems.append(Problem("split", f"is {', '.join(asked.split)}", "two shares above 0 or more"))
        return (0.5, 0.5)
    return shares


def _window(
    study: Study, asked: Asked, trial: Experiment | None, outcome: str, problems: list[Problem]
) -> int:
    own = (trial.windows.get(outcome) or trial.window) if trial else ""
    words = asked.window or own or study.window.follow_up
    if words:
        return microseconds(words, "window")
    problems.append(Problem("window", "is not given", 'a duration such as "14 days"'))
    return 0


def _with_codes(study: Study, made: Plan, observed: Observed) -> Plan:
    codes: dict[str, tuple[int, ...]] = {}
    for name in (made.exposure, made.outcome, *(name for name, _ in made.guardrails)):
        found = (observed.code(event) for event in study.stage(name).enter)
        codes[name] = tuple(code for code in found if code >= 0)
    empty = [name for name in codes if not codes[name]]
    if empty:
        raise DataError([Problem("events", f"hold none that enters the stage '{name}'") for name in empty])
    outcomes = tuple(codes[name] for name in (made.outcome, *(name for name, _ in made.guardrails)))
    weeks = int((observed.end - observed.start) // WEEK) + 1
    return replace(
        made, entry=codes[made.exposure], outcomes=outcomes, names=len(observed.names), weeks=weeks
    )
