"""Which experiment is read, by which plan, and whether that plan is the one of the first look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.study.definition import Experiment
from journey_lib.study.definition.experiments import plan_hash
from journey_lib.study.durations import duration_problem
from journey_lib.study.trials.first_look import FirstLook, first_look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

CONTROLS = ("control", "current", "a", "off", "0")


@dataclass(frozen=True)
class Asked:
    """The parameters as they were given."""

    experiment: str = ""
    control: str = ""
    primary: tuple[str, ...] = ()
    window: str = ""


@dataclass(frozen=True)
class Registered:
    """The plan an experiment is read by.

    Attributes
    ----------
    trial : Experiment
        The plan.
    hash : str
        Twelve characters that stand for it.
    declared : bool
        Whether the study file holds it; otherwise it was made up from the data and the parameters.
    overridden : tuple of str
        Parts of the plan that parameters of this run replaced.
    first : FirstLook
        The plan of the first look.
    aggregate : bool
        Whether only daily totals are known.
    """

    trial: Experiment
    hash: str
    declared: bool
    overridden: tuple[str, ...]
    first: FirstLook
    aggregate: bool

    @property
    def changed(self) -> bool:
        """Whether the plan is not that of the first look."""
        return self.first.plan != self.hash

    @property
    def control(self) -> int:
        """Place of the control among the arms."""
        return self.trial.arms.index(self.trial.control)

    @property
    def treatments(self) -> tuple[int, ...]:
        """Places of the other arms."""
        return tuple(at for at in range(len(self.trial.arms)) if at != self.control)


def registered(study: Study, data: Data, asked: Asked) -> Registered:
    """Return the plan of the experiment that was asked for.

    Raises
    ------
    ParamError
        An unknown experiment, arm, stage or metric; several experiments and none chosen.
    DataError
        A study with neither assignments nor totals, an experiment with one arm only.
    """
    if data.assignments is None and data.totals is None:
        data.require("assignments", by="experiment")
    name = _chosen(study, data, asked.experiment)
    declared = next((trial for trial in study.experiments if trial.id == name), None)
    table, aggregate = _table(data, name)
    trial, overridden = _overridden(study, declared or _made_up(study, table, name, asked), asked)
    begun = str(pd.to_datetime(table["date" if aggregate else "assigned_at"]).min()) if len(table) else ""
    code = plan_hash(study, trial)
    kept = declared is not None and not overridden
    first = first_look(study, name, code, begun) if kept else FirstLook(code, kept=False)
    return Registered(trial, code, declared is not None, overridden if declared else (), first, aggregate)


def _chosen(study: Study, data: Data, name: str) -> str:
    frames = [frame for frame in (data.assignments, data.totals) if frame is not None]
    logged = [str(one) for frame in frames for one in frame["experiment"].unique()]
    known = list(dict.fromkeys([*(trial.id for trial in study.experiments), *logged]))
    if name and name not in known:
        given = f"no experiment '{name}' in the study or its assignments"
        raise ParamError(Problem("experiment", given, ", ".join(known), nearest(name, known)))
    mine = [trial.id for trial in study.experiments] or known
    if not name and len(mine) > 1:
        given = f"the study has {len(mine)} experiments"
        raise ParamError(Problem("experiment", given, ", ".join(mine), action="Name one of them"))
    return name or mine[0]


def _table(data: Data, name: str) -> tuple[pd.DataFrame, bool]:
    """Return the rows of the experiment, and whether they are daily totals."""
    if data.totals is not None and (data.totals["experiment"] == name).any():
        totals = data.totals[data.totals["experiment"] == name]
        return totals if "date" in totals else totals.assign(date=pd.Timestamp(0)), True
    every = data.require("assignments", by="experiment")
    return every[every["experiment"] == name], False


def _made_up(study: Study, table: pd.DataFrame, name: str, asked: Asked) -> Experiment:
    """Return a plan for an experiment that has none: arms as found, the last stage as its metric."""
    arms = tuple(sorted(str(arm) for arm in table["arm"].unique()))
    if len(arms) < 2:
        given = f"only the arm '{arms[0]}'" if arms else "no arm"
        raise DataError(Problem(f"experiment '{name}'", given, "two arms or more"))
    usual = [arm for arm in arms if arm.lower() in CONTROLS]
    control = asked.control if asked.control in arms else (usual or arms)[0]
    order = tuple(arm for arm in arms if arm == control) + tuple(arm for arm in arms if arm != control)
    stages = [stage.id for stage in study.journey.stages if stage.enter]
    primary = asked.primary or tuple(metric.id for metric in study.metrics if metric.defined)[:1]
    return Experiment(id=name, control=control, arms=order, primary=primary or tuple(stages[-1:]))


def _overridden(study: Study, trial: Experiment, asked: Asked) -> tuple[Experiment, tuple[str, ...]]:
    """Return the plan with the parameters of this run in it, and which of them changed it."""
    problems: list[Problem] = []
    outcomes = [*(s.id for s in study.journey.stages), *(m.id for m in study.metrics)]
    outcomes += [question.id for question in study.questions]
    if asked.control:
        problems += _unknown("control", (asked.control,), trial.arms)
    problems += _unknown("primary", asked.primary, outcomes)
    wrong = duration_problem(asked.window, "window") if asked.window else None
    problems += [wrong] if wrong else []
    if problems:
        raise ParamError(problems)
    given = {"control": asked.control, "primary": asked.primary, "window": asked.window}
    update: dict[str, object] = {k: v for k, v in given.items() if v and v != getattr(trial, k)}
    if "primary" in update:
        others = [g for g in trial.guardrails if g.metric not in asked.primary]
        update |= {"guardrails": tuple(others)}
        update |= {"secondary": tuple(n for n in trial.secondary if n not in asked.primary)}
    named = tuple(name for name in given if name in update)
    return trial.model_copy(update=update), named


def _unknown(where: str, names: Sequence[str], known: Sequence[str]) -> list[Problem]:
    return [
        Problem(where, f"'{name}'", ", ".join(known), nearest(name, known))
        for name in names
        if name not in known
    ]
