"""What stands out at a stage: findings of other reports that survived their own corrections."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Quantity, Says, WaveName, message
from journey_lib.study.definition import Text
from journey_lib.study.questions import higher_is_better

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.published.evidence import Evidence, Fact

ALPHA = 0.05
PLANNED = ("primary_effect", "secondary_effect", "guardrail_effect")  # what a plan names before it starts


@dataclass(frozen=True)
class Signal:
    """One finding, pinned to its stage.

    Attributes
    ----------
    kind : str
        `change`, `goal`, `group`, `driver`, `after`, `alert`, `effect` or `theme`.
    fact : Fact
        Where it comes from.
    words : Message
        What it says, number included.
    worse : bool
        Whether it is bad news for customers.
    weight : float
        How far it stands above its own noise, in standard errors; the largest comes first.
    """

    kind: str
    fact: Fact
    words: Message
    worse: bool
    weight: float

    @property
    def stage(self) -> str:
        """Id of its stage."""
        return self.fact.number.stage


def signals_of(study: Study, evidence: Evidence) -> list[Signal]:
    """Return everything that stands out, the clearest first, after each report's own correction."""
    finders: tuple[Callable[[Study, Evidence], Iterator[Signal]], ...] = (
        _changes, _groups, _drivers, _effects, _themes, _afterwards, _alerts, _goals,
    )  # fmt: skip
    found = [signal for finder in finders for signal in finder(study, evidence)]
    return sorted(_once(found), key=lambda s: (not s.worse, -s.weight))


def _once(signals: list[Signal]) -> Iterator[Signal]:
    """Keep one signal of each touchpoint and kind, or of each stage where there is none: the clearest."""
    seen = set()
    for signal in sorted(signals, key=lambda s: -s.weight):
        number = signal.fact.number
        key = (signal.kind, number.stage, number.touchpoint, number.group, number.question)
        if key not in seen:
            seen.add(key)
            yield signal


def _changes(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield changes between waves: Holm within a question by the survey, times the questions here."""
    facts = [f for f in evidence.find("survey", "change", group="") if math.isfinite(f.number.p_value)]
    questions = len({f.number.question for f in facts})
    for fact in facts:
        number = fact.number
        if number.p_value * questions < ALPHA and number.stage:
            question = study.item(number.question)
            worse = (number.estimate < 0) == higher_is_better(question)
            words = message(
                "**{name}** {change} since {wave}",
                name=label_of(study, fact),
                change=Quantity(number.estimate, number.unit, signed=True),
                wave=WaveName(number.comparison),
            )
            yield Signal("change", fact, words, worse, _weight(fact))


def _groups(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield groups of which fewer or more go on than of the others; adjusted by the funnel."""
    for fact in evidence.every:
        number = fact.number
        if fact.stem == "funnel" and number.metric == "group_gap" and number.p_value < ALPHA:
            gap = Quantity(abs(number.estimate), "share_points")
            group = _group(study, number.group)
            words = message("**{group}**: {gap} fewer go on than of the others", group=group, gap=gap)
            if number.estimate > 0:
                words = message("**{group}**: {gap} more go on than of the others", group=group, gap=gap)
            yield Signal("group", fact, words, number.estimate < 0, _weight(fact))


def _group(study: Study, group: str) -> Text:
    """Return what readers call a group; the ledger knows its value and not the column it belongs to."""
    named = (study.named_values(column.id) for column in study.columns)
    return next((values[group] for values in named if group in values), Text(en=group))


def _drivers(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield the driver that is first also at the far end of its interval of ranks."""
    for rank in evidence.find("drivers", "rank", group=""):
        number = rank.number
        if number.estimate == 1 and number.ci_high == 1 and number.stage:
            keys = {"question": number.question, "comparison": number.comparison}
            fact = evidence.one("drivers", "importance", **keys) or rank
            words = message(
                "**{name}** goes with recommending most: {share} of what is explained",
                name=label_of(study, fact),
                share=Quantity(fact.number.estimate, "share"),
            )
            yield Signal("driver", fact, words, False, _weight(fact))  # noqa: FBT003 - neither good nor bad


def _effects(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield what experiments changed at the stages their plans name; stages looked at beside are left out."""
    del study
    for fact in evidence.every:
        number = fact.number
        if fact.stem != "experiment" or number.metric not in PLANNED or not number.stage:
            continue
        if number.ci_low > 0 or number.ci_high < 0:
            effect = Quantity(number.estimate, number.unit, signed=True)
            words = message("Experiment: {effect} reach this stage", effect=effect)
            yield Signal("effect", fact, words, number.estimate < 0, _weight(fact))


def _themes(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield themes of comments that became more frequent; Holm by the report, times the themes here."""
    facts = [f for f in evidence.find("comments", "change", group="") if math.isfinite(f.number.p_value)]
    themes = len({(f.number.question, f.number.option) for f in facts})
    for fact in facts:
        number = fact.number
        if number.p_value * themes < ALPHA and number.estimate > 0 and number.stage:
            words = message(
                "Comments on **{theme}**: {change} since {wave}",
                theme=study.touchpoint(number.touchpoint).label if number.touchpoint else number.option,
                change=Quantity(number.estimate, "share_points", signed=True),
                wave=WaveName(number.comparison),
            )
            yield Signal("theme", fact, words, True, _weight(fact))  # noqa: FBT003 - a theme of complaints


def _afterwards(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield what went before leaving, as the paths report found it with nothing from afterwards in it."""
    for fact in evidence.every:
        number = fact.number
        if not (fact.stem == "paths" and number.metric == "driver" and number.stage):
            continue
        if number.p_value < ALPHA and number.estimate > 0:
            gap = Quantity(number.estimate, "share_points")
            event = study.event_label(number.option)
            words = message("After **{event}** {gap} more leave", event=event, gap=gap)
            if number.comparison == "twice":
                words = message("After **{event}** twice or more {gap} more leave", event=event, gap=gap)
            yield Signal("after", fact, words, True, _weight(fact))  # noqa: FBT003 - leaving is bad news


def _alerts(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield periods in which a share left its past, group by group; everybody only where no group did."""
    facts = evidence.find("monitor", "alert")
    grouped = {(f.number.question, f.number.wave) for f in facts if f.number.group}
    for fact in facts:
        number = fact.number
        if not number.group and (number.question, number.wave) in grouped:
            continue
        name = label_of(study, fact) if number.touchpoint else study.stage(number.stage).label
        words = message(
            "**{name}**{group}: {gap} off its past in {period}",
            name=name,
            group=f", {_group(study, number.group).say(study.language)}" if number.group else "",
            gap=Quantity(abs(number.estimate), "share_points"),
            period=number.wave,
        )
        yield Signal("alert", fact, words, True, _weight(fact))  # noqa: FBT003 - worth a look either way


def _goals(study: Study, evidence: Evidence) -> Iterator[Signal]:
    """Yield stages whose goal lies above the whole interval of the share that goes on."""
    del study
    for fact in evidence.find("funnel", "target_gap", group="", wave=""):
        number = fact.number
        if number.ci_high < 0:
            gap = Quantity(abs(number.estimate), "share_points")
            yield Signal("goal", fact, message("{gap} below its goal", gap=gap), True, 0.0)  # noqa: FBT003


def label_of(study: Study, fact: Fact) -> Says:
    """Return what a finding is about: its touchpoint, else its question."""
    number = fact.number
    if number.touchpoint:
        return study.touchpoint(number.touchpoint).label
    return study.item(number.question).label


def _weight(fact: Fact) -> float:
    number = fact.number
    if math.isfinite(number.std_error) and number.std_error > 0:
        return abs(number.estimate) / number.std_error
    reach = number.ci_high - number.ci_low
    return 4 * abs(number.estimate) / reach if reach > 0 else 0.0
