"""What came of an idea: the effect its experiment measured, or its number before and after the change."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.stats.before_after import FEWEST, shift
from journey_lib.study.published.signals import PLANNED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes import Idea
    from journey_lib.study.published.evidence import Evidence

LEVEL = 0.95  # of every report the ledger holds
SPAN = 12  # periods either side of a change
_MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?")


@dataclass(frozen=True)
class Outcome:
    """What is known about an idea that is tested or done.

    Attributes
    ----------
    idea : Idea
        As people wrote it.
    kind : {"experiment", "before_after"}
        Measured at random, or only compared in time.
    rows : tuple of dict
        Its numbers as tidy rows; of a missing one the reason.
    report : str
        Where they come from; "" for nowhere.
    """

    idea: Idea
    kind: str
    rows: tuple[dict[str, Any], ...]
    report: str = ""


def outcomes(study: Study, evidence: Evidence, ideas: Sequence[Idea]) -> Iterator[Outcome]:
    """Yield what came of every idea that has an experiment or a day of change."""
    for idea in ideas:
        if idea.experiment:
            yield _tested(study, evidence, idea)
        elif idea.changed_on:
            yield _compared(study, evidence, idea, idea.changed_on)


def _keys(idea: Idea) -> dict[str, Any]:
    return {"option": idea.id, "stage": idea.stage}


def _missing(idea: Idea, kind: str, note: str) -> Outcome:
    metric = "effect" if kind == "experiment" else "shift"
    return Outcome(idea, kind, ({**_keys(idea), "metric": metric, "unit": "share_points", "note": note},))


def _tested(study: Study, evidence: Evidence, idea: Idea) -> Outcome:
    """Return the effect on the idea's own stage where its experiment planned one, else what it was for."""
    facts = [f for f in evidence.of_experiment(study, idea.experiment) if f.number.metric in PLANNED]
    known = [f for f in facts if math.isfinite(f.number.estimate)]
    if not known:
        return _missing(idea, "experiment", "no_experiment_report")
    fact = min(known, key=lambda f: (f.number.stage != idea.stage, PLANNED.index(f.number.metric)))
    number = fact.number
    row = {
        **_keys(idea), "metric": "effect", "question": number.question, "group": number.group,
        "comparison": number.comparison, "estimate": number.estimate, "std_error": number.std_error,
        "ci_low": number.ci_low, "ci_high": number.ci_high, "ci_level": LEVEL, "n": number.n,
        "unit": number.unit,
    }  # fmt: skip
    return Outcome(idea, "experiment", (row,), fact.report)


def _compared(study: Study, evidence: Evidence, idea: Idea, day: dt.date) -> Outcome:
    if idea.metric == "conversion":
        return _share(evidence, idea, day)
    if idea.metric in {q.id for q in study.questions}:
        return _answers(evidence, idea, day)
    return _missing(idea, "before_after", "no_such_metric")


def _share(evidence: Evidence, idea: Idea, day: dt.date) -> Outcome:
    """Compare the share that goes on in whole periods either side; the period of the change is left out."""
    facts = evidence.find("monitor", "rate", question=f"stage:{idea.stage}", group="")
    dated = {dt.date.fromisoformat(f.number.wave): f for f in facts if _MONTH.fullmatch(f.number.wave)}
    starts = sorted(dated)
    known = [s for s in starts if math.isfinite(dated[s].number.estimate) and dated[s].number.n > 0]
    after = [s for s in known if s >= day][:SPAN]
    around = max((s for s in starts if s < day), default=day)  # the change fell into this one
    before = [s for s in known if s < around][::-1][:SPAN]
    if min(len(before), len(after)) < FEWEST:
        return _missing(idea, "before_after", "few_periods" if facts else "no_monitor_report")
    sides = [[dated[s].number for s in side] for side in (before, after)]
    found = shift(*(values for side in sides for values in ([n.estimate for n in side], [n.n for n in side])))
    base = {**_keys(idea), "question": f"stage:{idea.stage}", "ci_level": LEVEL}
    rows = (
        {**base, "metric": "before", "unit": "share", "estimate": found.before, "n": found.n_before},
        {**base, "metric": "after", "unit": "share", "estimate": found.after, "n": found.n_after},
        {**base, "metric": "shift", "unit": "share_points", "estimate": found.difference,
         "std_error": found.std_error, "ci_low": found.ci_low, "ci_high": found.ci_high,
         "n": min(found.n_before, found.n_after), "comparison": f"{found.periods}"},
    )  # fmt: skip
    return Outcome(idea, "before_after", rows, facts[0].report)


def _answers(evidence: Evidence, idea: Idea, day: dt.date) -> Outcome:
    """Compare the last wave before with the first one after; the wave of the change itself is left out."""
    facts = evidence.find("survey", "mean", question=idea.metric, weighting="weighted", group="")
    waves = {f.number.wave: f for f in facts
             if _MONTH.fullmatch(f.number.wave) and math.isfinite(f.number.std_error)}  # fmt: skip
    before = max((w for w in waves if w < day.isoformat()[: len(w)]), default="")
    after = min((w for w in waves if w > day.isoformat()[: len(w)]), default="")
    if not before or not after:
        return _missing(idea, "before_after", "few_waves" if facts else "no_survey_report")
    one, other = waves[before].number, waves[after].number
    gap, error = other.estimate - one.estimate, math.hypot(one.std_error, other.std_error)
    base = {**_keys(idea), "question": idea.metric, "unit": "score", "ci_level": LEVEL}
    rows = (
        {**base, "metric": "before", "estimate": one.estimate, "n": one.n, "wave": before},
        {**base, "metric": "after", "estimate": other.estimate, "n": other.n, "wave": after},
        {**base, "metric": "shift", "estimate": gap, "std_error": error, "ci_low": gap - 1.96 * error,
         "ci_high": gap + 1.96 * error, "n": min(one.n, other.n), "wave": after, "comparison": before},
    )  # fmt: skip
    return Outcome(idea, "before_after", rows, waves[after].report)
