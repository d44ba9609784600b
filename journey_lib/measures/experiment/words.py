"""What an experiment says: the decision in words, at most three findings, at most four actions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from journey_lib.measures.experiment import terms
from journey_lib.present.result import Finding
from journey_lib.present.wording import Inside, Message, Names, Quantity, Says, day, interval, message

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Contrast
    from journey_lib.measures.experiment.parts import Split
    from journey_lib.measures.experiment.result import ExperimentResult
    from journey_lib.present.numbers import Number


def word(result: ExperimentResult) -> Message:
    """Return the word of the decision as a page says it."""
    return {
        "SHIP": message("Ship"), "DO NOT SHIP": message("Do not ship"), "INVALID": message("Blocked"),
    }.get(result.decision.word, message("Not decided"))  # fmt: skip


def line(result: ExperimentResult) -> Message:
    """Return the decision in one line: word, and the reason."""
    return message("{word}: {reason}", word=word(result), reason=_reason(result))


def _reason(result: ExperimentResult) -> Message:
    facts = {"metric": Inside(_decisive(result)), "guard": Inside(_guards(result))}
    rule = result.decision.rule
    if rule == "invalid":
        red = next(check for check in result.checks if check.status == "failed")
        return message("the test is not valid. {check}", check=red.title)
    reasons = {
        "guardrail_harmed": message("{guard} is harmed beyond its margin", **facts),
        "primary_harmed": message("{metric} gets worse", **facts),
        "gain": message("{metric} improves, and no guardrail is harmed", **facts),
        "guardrail_undecided": message("{metric} improves, but {guard} is not shown to be safe yet", **facts),
        "owner_decides": message(
            "{metric} improves, but {guard} is not shown to be safe at the planned size; its owner decides",
            **facts,
        ),
        "no_worthwhile_effect": message("no worthwhile effect on {metric}", **facts),
        "too_early": message("the planned size is not there yet, and this plan allows one look"),
        "underpowered": message("the test ends too small to tell an effect on {metric}", **facts),
        "undecided": message("no clear effect on {metric} yet; keep running", **facts),
    }
    return reasons[rule]


def rule(result: ExperimentResult) -> Message:
    """Return the rule that fired, the look, the mode and the day."""
    told = {
        "invalid": message("a failed check of validity comes before everything"),
        "guardrail_harmed": message("a harmed guardrail comes before any gain"),
        "primary_harmed": message("the interval of a primary metric lies on the side of harm"),
        "gain": message("a gain on the primary metric, and all guardrails safe"),
        "guardrail_undecided": message("a gain with an undecided guardrail runs on to the planned size"),
        "owner_decides": message(
            "a gain with an undecided guardrail at the planned size is its owner's call"
        ),
        "no_worthwhile_effect": message(
            "at the planned size the interval lies within the smallest worthwhile effect"
        ),
        "too_early": message("one look, at the planned size"),
        "underpowered": message("the most that was to be waited for is there, and nothing is clear"),
        "undecided": message("no boundary is crossed and the planned size is not there"),
    }[result.decision.rule]
    when = dt.date.fromisoformat(result.day) if result.day else None
    return message(
        "Rule: {rule}; {look}, {mode}, data to {day}.",
        rule=told, look=terms.look(result), mode=terms.mode(result.counted.plan.trial.mode),
        day=_Day(when),
    )  # fmt: skip


class _Day:
    """A day, written only when the language is known."""

    def __init__(self, when: object) -> None:
        self.when = when

    def say(self, lang: str) -> str:
        """Return the day, or a dash."""
        return day(self.when, lang) or "–"


def numbers(result: ExperimentResult) -> Message | None:
    """Return the effect on the decisive metric with its arms, as a sentence under the decision."""
    one = primary(result)
    if one is None or not result.valid:
        return None
    effect = result.number("primary_effect", one.name)
    if not effect.known:
        return message("{metric}: {note}", metric=terms.metric(result.counted, one.name),
                       note=result.notes.get(effect.note, message("nothing can be said")))  # fmt: skip
    control = result.number("value", one.name, group=result.named(result.counted.plan.control))
    treated = result.number("value", one.name, group=result.named(one.arm))
    return message(
        "{metric}: {before} with {control}, {after} with {arm}; difference {effect} ({level} interval "
        "{bounds}), n = {n}.",
        metric=terms.metric(result.counted, one.name), before=terms.amount(control),
        control=terms.arm(result.counted.plan.trial.control), after=terms.amount(treated),
        arm=terms.arm(result.counted.plan.trial.arms[one.arm]), effect=terms.amount(effect, signed=True),
        level=Quantity(one.effect.ci_level, "share"), bounds=Bounds(effect), n=Quantity(effect.n),
    )  # fmt: skip


class Bounds:
    """An interval, written only when the language is known."""

    def __init__(self, number: Number) -> None:
        self.number = number

    def say(self, lang: str) -> str:
        """Return the interval without its unit."""
        n = self.number
        return interval(n.ci_low, n.ci_high, n.unit or "none", lang, decimals=terms.DECIMALS.get(n.unit, 2))


def primary_title(result: ExperimentResult) -> Message:
    """Return what happened to the primary metric, as a title."""
    one = primary(result)
    if one is None:
        return message("The plan names no primary metric")
    metric, arm = terms.metric(result.counted, one.name), terms.arm(result.counted.plan.trial.arms[one.arm])
    return {
        "positive": message("{metric} improved with {arm}", metric=metric, arm=arm),
        "negative": message("{metric} got worse with {arm}", metric=metric, arm=arm),
    }.get(one.status, message("{metric}: no evidence of a difference", metric=metric))


def primary(result: ExperimentResult) -> Contrast | None:
    """Return the primary contrast that the decision speaks about: the first clear one, else the first."""
    found = result.counted.of("primary", result.arm)
    clear = [one for one in found if one.status in ("positive", "negative")]
    return next(iter(clear or found), None)


def guard(result: ExperimentResult) -> Contrast | None:
    """Return the guardrail that stands most against shipping."""
    found = result.counted.of("guardrail", result.arm)
    order = {"harmed": 0, "undecided": 1, "not_estimable": 2, "safe": 3}
    return min(found, key=lambda one: order[one.status], default=None)


def flagged(result: ExperimentResult) -> Split | None:
    """Return the split of a primary metric whose heterogeneity outlives the correction; the clearest one."""
    names = result.counted.plan.trial.primary
    found = [s for s in result.splits if s.flagged and s.name in names and s.arm == result.arm]
    return min(found, key=lambda split: split.q_value, default=None)


def headlines(result: ExperimentResult) -> tuple[Finding, ...]:
    """Return at most three findings; none from a test that is not valid."""
    if not result.valid:
        return ()
    found = [_primary(result), _guard(result) or _secondary(result), _segment(result)]
    return tuple(one for one in found if one is not None)


def _primary(result: ExperimentResult) -> Finding | None:
    one = primary(result)
    if one is None:
        return None
    effect = result.number("primary_effect", one.name)
    if not effect.known:
        return None
    sentence = message("**{line}.** {change}", line=line(result), change=_change(result, one, effect))
    return _card(result, effect, sentence, one.effect.ci_level, alert=one.status == "negative")


def _change(result: ExperimentResult, one: Contrast, effect: Number) -> Message:
    facts = {
        "metric": terms.inside(result.counted, one.name),
        "arm": terms.arm(result.counted.plan.trial.arms[one.arm]),
        "effect": terms.amount(effect, signed=True),
    }  # fmt: skip
    if one.status in ("positive", "negative"):
        if effect.estimate > 0:
            return message("{arm} raises {metric}, by {effect}.", **facts)
        return message("{arm} lowers {metric}, by {effect}.", **facts)
    return message("No evidence of a difference in {metric} under {arm}.", **facts)


def _guard(result: ExperimentResult) -> Finding | None:
    one = guard(result)
    if one is None:
        return None
    effect = result.number("guardrail_effect", one.name)
    if not effect.known:
        return None
    facts = {
        "metric": terms.metric(result.counted, one.name), "margin": terms.percent(one.margin, signed=False),
        "effect": terms.amount(effect, signed=True),
    }  # fmt: skip
    sentence = {
        "harmed": message("**{metric} is harmed**: {effect}, beyond the margin of {margin}.", **facts),
        "safe": message("**{metric} is safe**: a loss of {margin} or more is ruled out.", **facts),
    }.get(
        one.status,
        message("**{metric} is undecided**: a loss of {margin} or more is not ruled out.", **facts),
    )
    return _card(result, effect, sentence, 0.9, alert=one.status == "harmed")


def _secondary(result: ExperimentResult) -> Finding | None:
    found = [one for one in result.counted.of("secondary", result.arm) if one.rejected]
    one = min(found, key=lambda x: x.p_adjusted, default=None)
    if one is None:
        return None
    effect = result.number("secondary_effect", one.name)
    change = message("**Beside the question:** {change}", change=_change(result, one, effect))
    return _card(result, effect, change, one.effect.ci_level) if effect.known else None


def _segment(result: ExperimentResult) -> Finding | None:
    split = flagged(result)
    if split is None:
        return None
    cells = [
        (level, result.number("segment_effect", split.name, segment=split.rule, option=level))
        for level in split.levels
    ]
    known = [(level, number) for level, number in cells if number.known]
    if not known:
        return None
    level, most = max(known, key=lambda pair: abs(pair[1].estimate))
    rest = [number.estimate for name, number in known if name != level]
    if not rest:
        return None
    sentence = message(
        "**The effect on {metric} is largest for {level}**, {effect}; elsewhere at most {rest}. Exploratory.",
        metric=terms.inside(result.counted, split.name),
        level=terms.level_of(result.study, split.rule, level), effect=terms.amount(most, signed=True),
        rest=terms.quantity(max(rest, key=abs), most.unit, signed=True),
    )  # fmt: skip
    return _card(result, most, sentence, most_level(result))


def most_level(result: ExperimentResult) -> float:
    """Return the level of segment intervals."""
    return 1 - result.counted.plan.trial.alpha


def _card(
    result: ExperimentResult, effect: Number, sentence: Message, level: float, *, alert: bool = False
) -> Finding:
    base = message(
        "{arm} less {control}, n = {n}",
        arm=terms.arm(effect.group), control=terms.arm(result.counted.plan.trial.control),
        n=Quantity(effect.n),
    )  # fmt: skip
    reach = 1.25 * max(abs(effect.ci_low), abs(effect.ci_high), 1e-9)
    return Finding(
        effect.estimate, effect.ci_low, effect.ci_high, effect.unit, sentence, base, (-reach, reach),
        reference=0.0, alert=alert, level=level, signed=True, decimals=terms.DECIMALS.get(effect.unit, 2),
    )  # fmt: skip


def meanings(result: ExperimentResult) -> tuple[Message, ...]:
    """Return what to do now: by the decision, then about guardrails, segments and the next test."""
    found = [_now(result), _guard_action(result), _segment_action(result), _next(result)]
    return tuple(action for action in found if action is not None)


def _now(result: ExperimentResult) -> Message:
    arm = terms.arm(result.counted.plan.trial.arms[result.arm])
    metric = Inside(_decisive(result))
    red = [check.title for check in result.checks if check.status == "failed"]
    return {
        "invalid": message(
            "**Find the fault, then start again.** {checks}. Effects of this run say nothing, also not those "
            "that look good.",
            checks=Names(tuple(red)),
        ),
        "guardrail_harmed": message(
            "**Do not roll {arm} out as it is.** What it wins on {metric} does not undo the harm.",
            arm=arm, metric=metric,
        ),
        "primary_harmed": message("**Stop {arm}.** It makes {metric} worse.", arm=arm, metric=metric),
        "gain": message(
            "**Roll {arm} out, and keep a small holdout.** It shows whether the gain on {metric} lasts.",
            arm=arm, metric=metric,
        ),
        "guardrail_undecided": message(
            "**Keep the test running to its planned size.** Do not roll out before the guardrail is safe."
        ),
        "owner_decides": message(
            "**Let the owner of the guardrail decide**, with its interval at hand. The margin must not "
            "follow the data."
        ),
        "no_worthwhile_effect": message(
            "**Leave it.** An effect on {metric} that would be worth it is ruled out.", metric=metric
        ),
        "too_early": message(
            "**Wait for the planned size.** Reading this plan earlier breaks its error rate."
        ),
        "underpowered": message(
            "**Plan a larger test, or a bolder change.** This one cannot tell; running on by the result "
            "would."
        ),
        "undecided": message("**Keep running to the planned size.** Nothing here asks for a change yet."),
    }[result.decision.rule]  # fmt: skip


def _guard_action(result: ExperimentResult) -> Message | None:
    one = guard(result)
    if one is None or not result.valid or one.status not in ("harmed", "undecided"):
        return None
    metric = terms.inside(result.counted, one.name)
    if one.status == "harmed":
        return message(
            "**Look for what {arm} does before {metric}.** A change that shows only after it cannot harm it: "
            "show it later, and test again.",
            arm=terms.arm(result.counted.plan.trial.arms[one.arm]), metric=metric,
        )  # fmt: skip
    n = _safe_size(result, one)
    if n is None:
        return None
    return message(
        "**Plan {n} customers to call {metric} safe.** If nothing changes at all, so many show it at this "
        "margin with 80% power.",
        n=Quantity(n), metric=metric,
    )  # fmt: skip


def _safe_size(result: ExperimentResult, one: Contrast) -> float | None:
    """Return how many customers of both arms show a guardrail safe if nothing changes."""
    from journey_lib.stats import power

    outcome, base = result.counted.sums.outcomes[one.name], one.effect.control
    if not (outcome.binary and 0 < base < 1 and one.margin > 0) or result.counted.sums.clustered:
        return None
    return round(power.margin_size(base, one.margin).total, -3)


def _segment_action(result: ExperimentResult) -> Message | None:
    split = flagged(result) if result.valid else None
    if split is None:
        return None
    return message(
        "**Test it again where the effect was largest** ({segment}). Segments are explored here, not proved.",
        segment=terms.segment(result.study, split.rule),
    )


def _next(result: ExperimentResult) -> Message | None:
    """Say what the stages after the first could not show."""
    later = [one for one in result.counted.of("stage", result.arm) if one.status == "undecided"]
    if not later or not result.valid:
        return None
    return message(
        "**Follow the later stages.** {stages}: no evidence of a difference yet, which is not proof of none.",
        stages=Names(tuple(terms.metric(result.counted, one.name) for one in later)),
    )


def _decisive(result: ExperimentResult) -> Says:
    one = primary(result)
    return terms.metric(result.counted, one.name) if one else message("the primary metric")


def _guards(result: ExperimentResult) -> Says:
    one = guard(result)
    return terms.metric(result.counted, one.name) if one else message("the guardrail")
