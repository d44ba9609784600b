"""Experiments small enough to count with fingers, and copies of the sample study with one switch thrown."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from journey_lib.measures.experiment import experiment
from journey_lib.measures.experiment.result import ExperimentResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Experiment, Metric, Study, Window
from journey_lib.study.load import quick_study
from journey_lib.study.sample import assemble, commerce, design, draws, trial
from journey_lib.study.sample.journey import walk
from journey_lib.study.sample.people import draw_people

Loaded = tuple[Study, Data]
Events = Sequence[tuple[str, str, str]]


def people(arms: dict[str, str], at: str = "2025-01-01 00:00", **columns: Sequence[Any]) -> pd.DataFrame:
    """Return an assignment table: customer = arm, everybody at one moment."""
    frame = pd.DataFrame({"customer_id": list(arms), "arm": list(arms.values())})
    return frame.assign(experiment="x", assigned_at=at, **columns)


def crowd(control: int, treated: int, **columns: Sequence[Any]) -> pd.DataFrame:
    """Return an assignment table of so many customers in the arms "a" and "b"."""
    arms = {f"a{k}": "a" for k in range(control)} | {f"b{k}": "b" for k in range(treated)}
    return people(arms, **columns)


def plan(**parts: Any) -> Experiment:
    """Return a plan of the arms "a" and "b"."""
    given: dict[str, Any] = {"id": "x", "control": "a", "arms": ("a", "b")} | parts
    return Experiment.model_validate(given)


def loaded(
    assigned: pd.DataFrame,
    events: Events = (),
    *,
    trial: Experiment | None = None,
    metrics: Sequence[Metric] = (),
    stages: Sequence[str] = ("seen", "bought"),
    customers: pd.DataFrame | None = None,
) -> Loaded:
    """Return a study of these frames with a plan in it."""
    log = pd.DataFrame(list(events), columns=["customer_id", "event", "time"]) if events else None
    study, data = quick_study(events=log, assignments=assigned, customers=customers, journey=list(stages))
    trials = (trial,) if trial else ()
    return study.model_copy(update={"experiments": trials, "metrics": tuple(metrics)}), data


def asked(*given: Any, **options: Any) -> ExperimentResult:
    """Return the report of `loaded`."""
    return experiment(*loaded(*given, **options))


def number(
    result: ExperimentResult, metric: str, question: str, column: str = "estimate", **where: str
) -> float:
    """Return one exact number of the table; of the last arm unless it says otherwise."""
    wanted = {"metric": metric, "question": question, "group": "b", "segment": "", "option": "", "wave": ""}
    rows = result.table
    for name, word in (wanted | where).items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {wanted | where}"
    return float(rows[column].iloc[0])


def fact(result: ExperimentResult, name: str) -> str:
    """Return the state of one check of validity."""
    return {one.name: one.state for one in result.facts}[name]


def drawn(switch: str = "", seed: int = 20_250_101, customers: int = 0) -> Loaded:
    """Return the sample's experiment with one switch thrown: its true journeys, without sessions and survey.

    Everything about the experiment is as in the whole study; what is left out (visits, bots, skewed clocks,
    comments) is tested with the study itself, and takes ten times as long.
    """
    variant = design.VARIANTS[switch]
    people_ = draw_people(seed, customers or assemble.customers("demo", variant), variant)
    journey = walk(seed, people_, variant)
    table = trial.assignments_table(draws.stream(seed, "trial"), people_, journey, variant)
    given = pd.DataFrame({name: list(column) for name, column in table.items()})
    stays = journey.stage < len(design.STAGES)
    who, stage, entry = journey.customer[stays], journey.stage[stays], journey.entry[stays]
    paid = journey.attempts.paid
    amounts = commerce.order_amounts(
        draws.stream(seed, "orders"), people_.plan[journey.attempts.customer[paid]],
        journey.attempts.time[paid], variant,
    )  # fmt: skip
    raw = tomllib.loads(assemble.study_file(variant).decode())
    enter = {one["id"]: one["enter"][0] for one in raw["journey"]["stages"]}
    log = pd.DataFrame({
        "customer_id": draws.numbered("C", people_.number[who], 7),
        "event": np.array([enter[name] for name in design.STAGES], dtype=object)[stage],
        "time": draws.instants(np.floor(entry * 86_400).astype(np.int64)),
    })  # fmt: skip
    spent = pd.DataFrame({
        "customer_id": draws.numbered("C", people_.number[journey.attempts.customer[paid]], 7),
        "event": "spent", "value": amounts,
        "time": draws.instants(np.floor(journey.attempts.time[paid] * 86_400).astype(np.int64)),
    })  # fmt: skip
    known = pd.DataFrame({
        "customer_id": draws.numbered("C", people_.number, 7),
        "contacts_before": people_.contacts, "region": np.array(design.REGIONS)[people_.region],
    })  # fmt: skip
    study, data = quick_study(events=pd.concat([log, spent]), assignments=given, customers=known)
    plan_ = raw["experiments"][0] | {"secondary": ["retention", "spend_60"]}
    money = {"id": "spend_60", "kind": "money", "events": ["spent"], "value": "value"}
    stages = [stage.model_copy(update={"enter": (enter[stage.id],)}) for stage in study.journey.stages]
    return study.model_copy(update={
        "experiments": (Experiment.model_validate(plan_),), "metrics": (Metric.model_validate(money),),
        "journey": study.journey.model_copy(update={"stages": tuple(stages)}),
        "window": Window(start=raw["window"]["start"], end=raw["window"]["end"]),
    }), data  # fmt: skip
