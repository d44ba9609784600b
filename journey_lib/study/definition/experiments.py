"""What an experiment promised before it was read: arms, metrics, margins, windows, how often one looks.

A metric of an experiment is a stage of the journey (reached after exposure), an entry of `[[metrics]]`, or a
question of the survey. `plan_hash` stands on every result: another plan, another hash.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from journey_lib.study.definition.parts import Day, Number, Part, Text, Whole, YesNo

if TYPE_CHECKING:
    from journey_lib.study.definition.study import Study

HASH_LENGTH = 12
_WORDS = {"label", "language"}  # what may be said in other words without being another plan


class Metric(Part):
    """A metric that experiments and targets refer to by name, and where its value for each unit comes from.

    One of: `stage` (reached, 1 or 0), `events` (how many; with kind `share` whether any; with `value` the sum
    of that number over them), `column` (a number of the assignments, the customers or the daily totals),
    `question` (an answer of the survey), or `numerator` and `denominator` (ids of two such metrics: kind
    `ratio`). `quantile` is the share of units below it (kind `quantile`); `cap` the quantile of the amounts
    above 0 at which single ones are cut, 0 for never (kind `money`: 0.999 unless it says otherwise).
    """

    id: str
    kind: Literal["share", "mean", "nps", "count", "time", "money", "ratio", "quantile"] = "share"
    label: Text = Text()
    higher_is_better: YesNo = True
    stage: str = ""
    events: tuple[str, ...] = ()
    value: str = ""
    column: str = ""
    question: str = ""
    numerator: str = ""
    denominator: str = ""
    quantile: Number = 0.5
    cap: Number | None = None

    @property
    def defined(self) -> bool:
        """Whether it says where its value comes from; a target may leave that to its report."""
        return bool(self.stage or self.events or self.column or self.question or self.numerator)


class Guardrail(Part):
    """A metric that must not get worse by more than `margin`, a share of the control's value."""

    metric: str
    margin: Number = 0.02


class Experiment(Part):
    """The plan of one experiment, as fixed before it was read.

    `unit` is what was put into an arm: a customer, or another word such as household, whose ids stand in the
    column `household_id` or `household` of the assignments or the customers; customers of one unit then
    count as one cluster. `stages` are passed in order, those in `optional` need not be; left out, they run
    from the first stage the plan names to the last of the journey. `window` counts from exposure; `windows`
    gives a metric its own, and a stage how long after the stage before it.

    `alpha` is two-sided. `looks` are spread over `planned_n` customers; `cap` is the most the owner will wait
    for. `mde` is the smallest relative effect worth having. `trigger` lists events that must have happened
    for a customer to have met the change; `covariates` are numbers known before. `aa` says that the arms are
    the same on purpose, `channel` that all arms but the control get this channel: a holdout. `prior` is the
    standard deviation of the relative effect in the mode `bayes`, 0 for a flat one.
    """

    id: str
    label: Text = Text()
    control: str
    arms: tuple[str, ...]
    split: tuple[Number, ...] = ()
    start: Day | None = None
    end: Day | None = None
    unit: str = "customer"
    primary: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    stages: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    window: str = ""
    windows: dict[str, str] = Field(default_factory=dict)
    mode: Literal["fixed", "group_sequential", "always_valid", "bayes"] = "fixed"
    alpha: Number = 0.05
    looks: Whole = 1
    planned_n: Whole = 0
    cap: Whole = 0
    mde: Number = 0.0
    trigger: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    aa: YesNo = False
    channel: str = ""
    prior: Number = 0.3

    @property
    def shares(self) -> tuple[float, ...]:
        """Planned share of each arm; equal where the plan gives none."""
        return self.split or (1 / len(self.arms),) * len(self.arms)

    @property
    def treatments(self) -> tuple[str, ...]:
        """All arms but the control."""
        return tuple(arm for arm in self.arms if arm != self.control)

    @property
    def named(self) -> tuple[str, ...]:
        """Metrics of every role, each once: primary, guardrails, secondary."""
        every = (*self.primary, *(guard.metric for guard in self.guardrails), *self.secondary)
        return tuple(dict.fromkeys(every))


def plan_hash(study: Study, trial: Experiment) -> str:
    """Return twelve characters that change when, and only when, the plan of an experiment changes.

    The metrics, stages and the observation window it points at belong to it; labels do not.

    Parameters
    ----------
    study : Study
        Whose metrics and stages the plan names.
    trial : Experiment
        The plan.
    """
    stages = {stage.id: list(stage.enter) for stage in study.journey.stages}
    metrics = {m.id: m.model_dump(mode="json", exclude=_WORDS, exclude_defaults=True) for m in study.metrics}
    wanted, known = set(trial.named), set[str]()
    while wanted - known:  # a ratio leads to its two parts
        known |= wanted
        parts = [(m.numerator, m.denominator) for m in study.metrics if m.id in known]
        wanted |= {name for pair in parts for name in pair if name}
    content = {
        "plan": trial.model_dump(mode="json", exclude=_WORDS, exclude_defaults=True),
        "metrics": {name: metrics[name] for name in sorted(wanted & set(metrics))},
        "stages": stages,
        "unit": study.unit,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_LENGTH]
