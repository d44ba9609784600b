"""The first thing an owner reads: the decision in a panel, and the validity strip under it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.experiment import checks, terms, words
from journey_lib.present.blocks import Block, sign
from journey_lib.present.wording import Message, Quantity, message, say

if TYPE_CHECKING:
    from journey_lib.measures.experiment.result import ExperimentResult
    from journey_lib.measures.experiment.validity import Fact

_TONES = {"SHIP": "passed", "DO NOT SHIP": "failed", "INVALID": "failed"}
_WASH = {
    "passed": Markup("var(--wash)"),
    "failed": Markup("var(--alert-wash)"),
    "watch": Markup("var(--watch-wash)"),
}
_STRIP = Markup(
    "display:grid;grid-template-columns:repeat(auto-fit,minmax(122px,1fr));gap:12px 16px;margin-top:20px;"
    "border-top:2px solid var(--edge);border-bottom:2px solid var(--edge);padding:14px 0"
)


def panel(result: ExperimentResult, lang: str) -> Block:
    """Return the decision: sign, sentence, numbers, rule, and the validity strip."""
    tone = _TONES.get(result.decision.word, "watch")
    parts = [words.numbers(result), words.rule(result)]
    text = Markup("").join(
        Markup('<p style="font-size:14px;margin-top:4px">{}</p>').format(part.html(lang))
        for part in parts
        if part is not None
    )
    inner = Markup(
        '<div class="jl-verdict" style="display:grid;grid-template-columns:32px minmax(0,1fr);gap:14px;'
        'padding:18px 20px;margin-top:28px;border-radius:3px;background:{}">'
        '<span class="jl-{}" style="width:28px">{}</span><div><p style="font-size:23px;line-height:1.3;'
        'font-weight:700">{}</p>{}</div></div>{}'
    ).format(_WASH[tone], tone, sign(tone), words.line(result).say(lang), text, _strip(result, lang))
    return Block(inner, lang, words.line(result).say(lang))


def strip(result: ExperimentResult, lang: str) -> Block:
    """Return the validity strip alone."""
    return Block(_strip(result, lang), lang)


def _strip(result: ExperimentResult, lang: str) -> Markup:
    items = Markup("").join(
        Markup(
            '<li style="font-size:13px;line-height:1.45"><span class="jl-status jl-{}">{}'
            '<span class="jl-hidden">{}</span>{}</span><br>{}</li>'
        ).format(state, sign(state), _said(state).say(lang), title.say(lang), say(text, lang))
        for title, state, text in _entries(result)
    )
    return Markup('<ul class="jl-validity" aria-label="{}" style="{}">{}</ul>').format(
        message("Validity").say(lang), _STRIP, items
    )


def _said(state: str) -> Message:
    return {
        "passed": message("Passed"), "watch": message("Watch"), "failed": message("Failed"),
    }.get(state, message("Not assessable"))  # fmt: skip


def _entries(result: ExperimentResult) -> list[tuple[Message, str, object]]:
    """Return title, state and one line for each part of the strip."""
    facts = {fact.name: fact for fact in result.facts}
    trial = result.counted.plan.trial
    now, planned = checks.split_of(result.counted)
    size = _worst(facts, "sample_ratio", "ratio_by_day", "ratio_by_segment")
    shown: list[tuple[Message, str, object]] = [
        (message("Allocation"), size, message("{now}, planned {planned}", now=now, planned=planned))
    ]
    if "double_assignment" in facts:
        seen = facts["double_assignment"].numbers
        shown.append((message("Crossed arms"), facts["double_assignment"].state, message(
            "{n} dropped, {share}", n=Quantity(float(str(seen["n"]))),
            share=Quantity(float(str(seen["share"])), "share", 2))))  # fmt: skip
    if "balance" in facts:
        shown.append((message("Balance before"), facts["balance"].state, _balance(facts["balance"])))
    if "immature" in facts:
        share = Quantity(float(str(facts["immature"].numbers["share"])), "share", 1)
        shown.append(
            (message("Full window"), facts["immature"].state, message("{share} not over", share=share))
        )
    if "nulls" in facts:
        n = Quantity(float(str(facts["nulls"].numbers["n"])))
        shown.append((message("Missing values"), facts["nulls"].state, message("{n} out of a count", n=n)))
    shown.append((message("Plan"), facts["plan"].state, message("hash {hash}", hash=result.plan_hash)))
    length = facts["length"]
    sized = message("{n} of {planned} planned, {days} days", n=Quantity(float(str(length.numbers["n"]))),
                    planned=Quantity(trial.planned_n) if trial.planned_n else "–",
                    days=Quantity(float(str(length.numbers["days"]))))  # fmt: skip
    shown.append((message("Size"), length.state, sized))
    return [*shown, *_others(result)]


def _others(result: ExperimentResult) -> list[tuple[Message, str, object]]:
    """Return what else failed, so that nothing red is missing from the strip."""
    named = {
        "sample_ratio", "ratio_by_day", "ratio_by_segment", "double_assignment", "balance", "immature",
        "nulls", "plan", "length",
    }  # fmt: skip
    red = {check.name: check for check in result.checks if check.status == "failed"}
    return [
        (red[fact.name].title, fact.state, "")
        for fact in result.facts
        if fact.state == "failed" and fact.name not in named
    ]


def _worst(facts: dict[str, Fact], *names: str) -> str:
    states = {facts[name].state for name in names if name in facts}
    return next((state for state in ("failed", "watch", "passed") if state in states), "not_assessable")


def _balance(fact: Fact) -> Message:
    if fact.state == "not_assessable":
        return message("nothing known before")
    gap = float(str(fact.numbers["gap"]))
    if math.isfinite(gap):
        return message("{n} compared, largest gap {gap} sd", n=Quantity(float(str(fact.numbers["n"]))),
                       gap=Quantity(gap, "none", 2))  # fmt: skip
    return message("{n} compared, p {p}", n=Quantity(float(str(fact.numbers["n"]))),
                   p=terms.p_value(float(str(fact.numbers["p"]))))  # fmt: skip
