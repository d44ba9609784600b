"""What the ranking rests on, and what could be wrong with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.opportunities.weigh import shared
from journey_lib.present.result import Basis, Check
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.study.durations import length, microseconds
from journey_lib.study.published.context import named_reports

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.opportunities.weigh import Weighed
    from journey_lib.stats.priority import Ranking
    from journey_lib.study.published.evidence import Evidence

STEADY = 0.02  # by which halves of the draws may differ


def basis(evidence: Evidence, ideas: list[Weighed], horizon: str, counted: str, draws: int) -> Basis:
    """Return whom the gains count, and how they were drawn."""
    entered = [f.number.n for f in evidence.find("funnel", "entered", group="", wave="")]
    n = max((v for v in entered if math.isfinite(v)), default=0)
    ranked = sum(one.ranked for one in ideas)
    unit = (
        message("customers who go on")
        if counted == "customers"
        else message("money, by the value people gave")
    )
    lines = (
        (
            message("Ideas"),
            message("{ranked} of {n} ranked", ranked=Quantity(ranked), n=Quantity(len(ideas))),
        ),
        (message("Gain"), message("{unit}, in {horizon}", unit=unit, horizon=length(microseconds(horizon)))),
        (message("Measured"), message("customers at the stage and the share in pain")),
        (message("Judged by people"), message("severity, recoverable share, value and feasibility")),
        (message("Draws"), message("{n}, of everything that has an interval", n=Quantity(draws))),
        (message("Built from"), message("{reports}", reports=Names(named_reports(evidence), limit=12))),
    )
    return Basis(lines, int(n), math.nan, None, message("All customers"))


def checks(
    known: list[Weighed],
    gains: npt.NDArray[np.float64],
    order: Ranking | None,
    ideas: list[Weighed],
    first: int,
) -> tuple[Check, ...]:
    """Return the checks of the ranking."""
    return (_filled(known, ideas), _enough(known, gains, first), _once(known), _judged(known), _order(order))


def notes() -> dict[str, Message]:
    """Return the sentence of each reason why an idea is not ranked."""
    return {
        "no_pain": message("No report measures a pain it names."),
        "no_customers": message(
            "Nobody has counted the customers at its stage, or the window is not declared."
        ),
        "no_recoverable": message("Nobody has said how many could be won back."),
        "no_severity": message("Nobody has said how severe the pain is."),
        "no_feasibility": message("Effort, risk or dependency is missing."),
        "no_value": message("Nobody has said what a customer is worth."),
        "no_gain": message("It is expected to bring nothing."),
        "no_experiment_report": message("No report of its experiment yet. Run: journey run experiment"),
        "no_monitor_report": message("Nobody watches its stage period by period. Run: journey run monitor"),
        "no_survey_report": message("No survey report has its question by wave. Run: journey run survey"),
        "few_periods": message("Fewer than four whole periods either side of the change."),
        "few_waves": message("No wave before the change, or none after it."),
        "no_such_metric": message("Its metric is neither conversion nor a question of the study."),
    }


def _filled(known: list[Weighed], ideas: list[Weighed]) -> Check:
    title = message("Nothing was filled in")
    if len(known) == len(ideas):
        return Check("inputs", "passed", title, message("Every idea has all its inputs."))
    text = message(
        "{n} of {all} ideas lack an input; they stand apart, without a place.",
        n=Quantity(len(ideas) - len(known)), all=Quantity(len(ideas)),
    )  # fmt: skip
    return Check("inputs", "watch" if known else "failed", title, text)


def _enough(known: list[Weighed], gains: npt.NDArray[np.float64], first: int) -> Check:
    """Compare the probabilities of the two halves of the draws."""
    title = message("Enough draws")
    if len(known) < 2:
        return Check("draws", "not_assessable", title, message("Fewer than two ideas are ranked."))
    ease = np.array([one.feasibility for one in known])
    half = len(gains) // 2
    tops = [_top(part * ease, first) for part in (gains[:half], gains[half:])]
    apart = float(np.abs(tops[0] - tops[1]).max())
    text = message("Between the two halves of the draws a probability differs by {gap} at most.",
                   gap=Quantity(apart, "share_points", 1))  # fmt: skip
    return Check("draws", "passed" if apart <= 2 * STEADY else "watch", title, text)


def _top(scores: npt.NDArray[np.float64], first: int) -> npt.NDArray[np.float64]:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :first]
    return np.array([(order == at).any(axis=1).mean() for at in range(scores.shape[1])])


def _once(known: list[Weighed]) -> Check:
    title = message("Pains that count once")
    names = list(shared(known))
    if names:
        text = plural(
            "{n} pain is named by more than one idea; their gains do not add up, bounds stand below.",
            "{n} pains are named by more than one idea; their gains do not add up, bounds stand below.",
            n=Quantity(len(names)),
        )
        return Check("shared", "watch", title, text)
    return Check("shared", "passed", title, message("No two ranked ideas name the same pain."))


def _judged(known: list[Weighed]) -> Check:
    """Say that the recoverable share is a belief, and which ideas are being tested."""
    title = message("Measured or believed")
    tested = [one.idea.label for one in known if one.idea.experiment]
    if not known:
        return Check("judged", "not_assessable", title, message("No idea is ranked."))
    if tested:
        text = message(
            "How much of a pain can be recovered is believed, not measured. An experiment runs for: {ideas}; "
            "its "
            "result replaces the belief.", ideas=Names(tuple(tested)),
        )  # fmt: skip
    else:
        text = message(
            "How much of a pain can be recovered is believed, not measured: test before you build."
        )
    return Check("judged", "watch", title, text)


def _order(order: Ranking | None) -> Check:
    title = message("An order at all")
    if order is None:
        return Check("order", "failed", title, message("Nothing could be ranked."))
    lead = float(order.top[np.argmin(order.place)])
    text = message("The first idea is among the first in {share} of draws.", share=Quantity(lead, "share"))
    return Check("order", "passed" if lead >= 0.5 else "watch", title, text)
