"""What each idea could bring: its inputs from the reports, the draws behind its gain, and what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.priority import FEASIBLE, Ranking, ranking, reach_draws, share_draws
from journey_lib.study.durations import microseconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes import Idea
    from journey_lib.study.published.evidence import Evidence, Fact

_DAY = 86_400e6  # microseconds
GAP = "gap"  # the pain of a group of which fewer go on than of the others
_MOST = 5.0  # severity that stops everybody


@dataclass(frozen=True, eq=False)
class Weighed:
    """One idea with everything its gain rests on.

    Attributes
    ----------
    idea : Idea
        As people wrote it.
    pains : tuple of Fact
        The dissatisfied shares it would take away, as the reports measured them.
    customers : float
        Customers at its stage in one horizon.
    feasibility : float
        1 (hard) to 5 (easy): six less the mean of effort, risk and dependency.
    missing : tuple of str
        What keeps it from being ranked, as reason codes; empty for a ranked one.
    """

    idea: Idea
    pains: tuple[Fact, ...]
    customers: float
    feasibility: float
    missing: tuple[str, ...]

    @property
    def ranked(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def weighed(study: Study, evidence: Evidence, idea: Idea, horizon: str, count: str) -> Weighed:
    """Return an idea with its inputs; what is not known is named and never filled in."""
    pains = tuple(fact for name in idea.pains for fact in _pain(evidence, idea, name))
    customers = _customers(study, evidence, idea, horizon)
    judged = [v for v in (idea.effort, idea.risk, idea.dependency) if v is not None]
    feasibility = FEASIBLE + 1 - sum(judged) / 3 if len(judged) == 3 else math.nan
    lacking = {
        "no_pain": len(pains) < max(1, len(idea.pains)),
        "no_customers": not math.isfinite(customers),
        "no_recoverable": idea.recoverable is None,
        "no_severity": idea.severity is None,
        "no_feasibility": not math.isfinite(feasibility),
        "no_value": count == "money" and idea.value is None,
    }
    return Weighed(
        idea, pains, customers, feasibility, tuple(name for name, lacks in lacking.items() if lacks)
    )


def draws_of(one: Weighed, count: str, draws: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return draws of what a ranked idea brings in one horizon.

    Definition
    ----------
    Customers at the stage × share in pain × severity / 5 × recoverable share × value. The share in pain is
    drawn around its estimate, overlapping pains between their bounds, the recoverable share evenly between
    the two ends people gave.
    """
    shares = [share_draws(abs(f.number.estimate), f.number.std_error, draws, rng) for f in one.pains]
    least, most = one.idea.recoverable or (math.nan, math.nan)
    recovered = least + (most - least) * rng.random(draws)
    worth = (one.idea.value or 0.0) if count == "money" else 1.0
    return one.customers * reach_draws(shares, rng) * (one.idea.severity or 0) / _MOST * recovered * worth


def ranked(
    ideas: list[Weighed], count: str, draws: int, seed: int, first: int
) -> tuple[list[Weighed], npt.NDArray[np.float64], Ranking | None]:
    """Return the ranked ideas, their draws, and their order; ties go to more confidence, then to the id.

    Each idea draws from a stream of its own, so that a new idea changes no other's numbers.
    """
    known = sorted((i for i in ideas if i.ranked), key=lambda i: (-(i.idea.confidence or 0), i.idea.id))
    if not known:
        return [], np.zeros((draws, 0)), None
    gains = np.column_stack([draws_of(i, count, draws, _stream(i.idea.id, seed)) for i in known])
    feasibility = np.array([i.feasibility for i in known])
    if not gains.mean(axis=0).max() > 0:
        return [], np.zeros((draws, 0)), None
    return known, gains, ranking(gains, feasibility, first=first)


def variants(ideas: list[Weighed], gains: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.int64]]:
    """Return the places under other assumptions, to see what the order hangs on."""
    feasibility = np.array([i.feasibility for i in ideas])
    severity = np.array([float(i.idea.severity or 0) for i in ideas])
    spans = np.array([i.idea.recoverable or (0.0, 0.0) for i in ideas])
    middle = spans.mean(axis=1)

    def scaled(end: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        ratio = np.divide(end, middle, out=np.zeros_like(end), where=middle > 0)
        return np.asarray(plain * ratio)

    plain: npt.NDArray[np.float64] = gains.mean(axis=0)
    scores = {
        "published": plain * feasibility,
        "feasibility_aside": plain,
        "severity_aside": plain / severity * feasibility,
        "least_recovered": scaled(spans[:, 0]) * feasibility,
        "most_recovered": scaled(spans[:, 1]) * feasibility,
    }
    return {name: _places(score) for name, score in scores.items()}


def shared(ideas: list[Weighed]) -> dict[str, list[int]]:
    """Return pains that several ranked ideas would take away, with the places of those ideas in the list."""
    found: dict[str, list[int]] = {}
    for at, one in enumerate(ideas):
        for name in one.idea.pains:
            found.setdefault(name, []).append(at)
    return {name: places for name, places in found.items() if len(places) > 1}


def _places(score: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    place = np.empty(len(score), dtype=np.int64)
    place[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    return place


def _stream(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, *name.encode()])


def _pain(evidence: Evidence, idea: Idea, name: str) -> list[Fact]:
    """Return the share in pain: of a question its dissatisfied, of a theme of comments those who name it."""
    if name == GAP:
        gaps = _of_group(evidence, "group_gap", idea)
        return [f for f in gaps if f.number.estimate < 0][:1]
    keys = {"question": name, "weighting": "weighted", "group": "", "wave": ""}
    asked = evidence.one("survey", "bottom2", **keys)
    themed = asked or evidence.one("comments", "share", option=name, group="", wave="", weighting="weighted")
    return [themed] if themed and math.isfinite(themed.number.estimate) else []


def _of_group(evidence: Evidence, metric: str, idea: Idea) -> list[Fact]:
    """Return what a funnel by groups says of the idea's group at its stage."""
    return [
        f for f in evidence.every
        if f.stem == "funnel" and f.number.metric == metric and f.number.stage == idea.stage
        and f.number.group == idea.among and not f.number.wave and math.isfinite(f.number.estimate)
    ]  # fmt: skip


def _customers(study: Study, evidence: Evidence, idea: Idea, horizon: str) -> float:
    """Return how many customers come to a stage in one horizon, by the average of the observed window."""
    counted = evidence.find("funnel", "entered", stage=idea.stage, group="", wave="")
    entered = next(iter(_of_group(evidence, "entered", idea) if idea.among else counted), None)
    window = study.window
    if entered is None or window.start is None or window.end is None:
        return math.nan
    days = (window.end - window.start).days + 1
    return entered.number.estimate / days * microseconds(horizon, "horizon") / _DAY
