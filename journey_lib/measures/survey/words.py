"""What the survey's numbers say: at most three findings and four actions, each from a row of the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from journey_lib.measures.survey.kinds import questionnaires
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, Says, WaveName, message
from journey_lib.study import naming
from journey_lib.study.questions import higher_is_better, main_metric

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.numbers import Number

_ALPHA = 0.05
_FEWEST_RANKED = 3


def headlines(result: SurveyResult) -> tuple[Finding, ...]:
    """Return what moved most, the recommendation, touchpoints that satisfy fewest and most, and usability."""
    if result.doubted:
        return ()
    weakest, strongest = _ranked(result)
    found = [_changed(result), _recommendation(result), _fewest(result, weakest), _most(result, strongest)]
    found.append(_usable(result))
    return tuple(f for f in found if f is not None)[:3]


def meanings(result: SurveyResult) -> tuple[Message, ...]:
    """Return actions for the fall, the weakest and the strongest touchpoint, and for weights that matter."""
    if result.doubted:
        return ()
    change, (weakest, strongest) = found_change(result), _ranked(result)
    actions = []
    if change and got_worse(result, change):
        actions.append(
            message(
                "**Look into {name} first.** It got worse between {before} and {after}; find out what "
                "changed there before changing anything else.",
                name=_name(result, change),
                before=WaveName(change.comparison),
                after=WaveName(change.wave),
            )
        )
    if weakest and not (change and change.question == weakest.question):
        actions.append(
            message(
                "**Ask what goes wrong at {name}.** It satisfies fewest people among touchpoints with enough "
                "answers; read their comments next.",
                name=_name(result, weakest),
            )
        )
    if strongest:
        actions.append(
            message(
                "**Leave {name} as it is.** It works; protect it when something near it changes.",
                name=_name(result, strongest),
            )
        )
    return (*actions, *_quote_weighted(result))


def found_change(result: SurveyResult) -> Number | None:
    """Return the largest change between neighbouring waves that stands out among all questions, or None.

    Definition
    ----------
    Holm over the waves of a question, times the number of questions compared (Bonferroni), below 5 %.
    """
    tested = [change for change in result.changes if _testable(result, change)]
    questions = len({change.question for change in tested})
    clear = [change for change in tested if change.p_value * questions < _ALPHA]
    return max(clear, key=lambda change: abs(change.estimate) / change.std_error, default=None)


def _testable(result: SurveyResult, change: Number) -> bool:
    """Tell whether a change has a p-value, and both its waves an uncertainty of their own."""
    metric = main_metric(result.study.item(change.question))
    sides = [result.number(change.question, metric, wave=w) for w in (change.comparison, change.wave)]
    return change.known and math.isfinite(change.p_value) and all(side.known for side in sides)


def got_worse(result: SurveyResult, change: Number) -> bool:
    """Tell whether a change went the wrong way; only a mean can have its good end below."""
    question = result.study.item(change.question)
    good = main_metric(question) != "mean" or higher_is_better(question)
    return (change.estimate < 0) == good


def largest_gap(result: SurveyResult) -> tuple[Number, Number] | None:
    """Return the main number that weighting moves most, in standard errors, and the same without weights."""
    pairs = []
    for question in result.study.questions:
        metric = main_metric(question)
        weighted = result.number(question.id, metric)
        raw = result.number(question.id, metric, weighting="unweighted")
        if weighted.known and raw.known and weighted.std_error > 0:
            pairs.append((abs(raw.estimate - weighted.estimate) / weighted.std_error, weighted, raw))
    if not pairs:
        return None
    size, weighted, raw = max(pairs, key=lambda pair: pair[0])
    return (weighted, raw) if size > 0 else None


def _quote_weighted(result: SurveyResult) -> tuple[Message, ...]:
    gap = largest_gap(result)
    if gap is None or abs(gap[1].estimate - gap[0].estimate) <= gap[0].std_error:
        return ()
    weighted, raw = gap
    if weighted.amount.say("en") == raw.amount.say("en"):
        return ()
    words = message(
        "**Quote the weighted numbers.** Raw answers put {name} at {raw} instead of {weighted}, because of "
        "who answers.",
        name=_name(result, weighted),
        raw=raw.amount,
        weighted=weighted.amount,
    )
    return (words,)


def _changed(result: SurveyResult) -> Finding | None:
    change = found_change(result)
    if change is None:
        return None
    metric = main_metric(result.study.item(change.question))
    before = result.number(change.question, metric, wave=change.comparison)
    after = result.number(change.question, metric, wave=change.wave)
    waves = {"first": WaveName(change.comparison), "second": WaveName(change.wave)}
    base = message(
        "n = {before} / {after}, {first} against {second}, weighted",
        before=Quantity(before.n),
        after=Quantity(after.n),
        **waves,
    )
    facts = {"name": _name(result, change), "before": before.amount, "after": after.amount, **waves}
    reach = 1.25 * max(abs(change.ci_low), abs(change.ci_high))
    return result.finding(
        change, _change_words(metric, fell=change.estimate < 0, facts=facts), base, (-reach, reach),
        reference=0.0, alert=got_worse(result, change), signed=True,
    )  # fmt: skip


def _change_words(metric: str, *, fell: bool, facts: dict[str, Any]) -> Message:
    if metric != "top2":
        return message("**{name}** went from {before} in {first} to {after} in {second}.", **facts)
    if fell:
        return message(
            "Fewer people were satisfied with **{name}**: {before} in {first}, {after} in {second}.", **facts
        )
    return message(
        "More people were satisfied with **{name}**: {before} in {first}, {after} in {second}.", **facts
    )


def _recommendation(result: SurveyResult) -> Finding | None:
    asked = [result.number(q.id, "nps") for q in result.study.questions if q.kind == "nps"]
    number = next((a for a in asked if a.known and a.n >= result.context.flag_cell), None)
    if number is None:
        return None
    promoters, detractors = (result.number(number.question, m) for m in ("promoters", "detractors"))
    sentence = message(
        "**Net promoter score**: {promoters} are promoters (9–10), {detractors} detractors (0–6).",
        promoters=promoters.amount,
        detractors=detractors.amount,
    )
    base = message("n = {n}, weighted", n=Quantity(number.n))
    return result.finding(number, sentence, base, (-100, 100), reference=0.0, signed=True)


def _fewest(result: SurveyResult, weakest: Number | None) -> Finding | None:
    if weakest is None:
        return None
    sentence = message(
        "**{name}** satisfied fewer people than any other touchpoint with a full base.",
        name=_name(result, weakest),
    )
    return result.finding(weakest, sentence, _share_base(weakest), (0, 1))


def _most(result: SurveyResult, strongest: Number | None) -> Finding | None:
    if strongest is None:
        return None
    sentence = message(
        "**{name}** satisfied more people than any other touchpoint with a full base.",
        name=_name(result, strongest),
    )
    return result.finding(strongest, sentence, _share_base(strongest), (0, 1))


def _usable(result: SurveyResult) -> Finding | None:
    for question, _ in questionnaires(result.study):
        number = result.number(question.id, question.kind)
        if number.known and number.n >= result.context.flag_cell:
            sentence = message(
                "**{name}**: mean score from 0 to 100, of those who answered every item.", name=question.label
            )
            base = message("n = {n}, weighted", n=Quantity(number.n))
            return result.finding(number, sentence, base, (0, 100), decimals=1)
    return None


def _share_base(number: Number) -> Message:
    return message("n = {n}, share of the top two levels, weighted", n=Quantity(number.n))


def _ranked(result: SurveyResult) -> tuple[Number | None, Number | None]:
    """Return the touchpoints that satisfy fewest and most among those with a full base; none under three."""
    rated = [
        result.number(q.id, "top2") for q in result.study.questions if q.kind == "rating" and q.touchpoint
    ]
    full = [number for number in rated if number.known and number.n >= result.context.flag_cell]
    if len(full) < _FEWEST_RANKED:
        return None, None
    return min(full, key=lambda x: x.estimate), max(full, key=lambda x: x.estimate)


def _name(result: SurveyResult, number: Number) -> Says:
    return naming.name(result.study, result.study.item(number.question))
