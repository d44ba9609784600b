"""What the models say together: at most three findings and four actions, none of them causal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.attribution import terms
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.attribution.result import AttributionResult
    from journey_lib.present.numbers import Number

_ALPHA = 0.05


def headlines(result: AttributionResult) -> tuple[Finding, ...]:
    """Return what last touch overrates and underrates most, and where a conversion costs most."""
    if result.doubted:
        return ()
    found = [_gap(result, overrated(result)), _gap(result, underrated(result)), _dearest(result)]
    return tuple(finding for finding in found if finding)


def meanings(result: AttributionResult) -> tuple[Message, ...]:
    """Return what to do with models that part: no budget on one of them, and tests that can tell."""
    if result.doubted:
        return ()
    over, under = overrated(result), underrated(result)
    actions = []
    if over:
        name = terms.channel(result.study, over.option)
        actions.append(
            message(
                "**Hold {name} back from a random part of customers.** It closes many paths; only people who "
                "do not get it can show what it adds, and that may be nothing.",
                name=name,
            )
        )
        actions.append(
            message(
                "**Do not move budget by last touch alone.** For {name} it says {last}, the removal effect "
                "{markov}; neither is what the channel causes.",
                name=name, **_shares(result, over),
            )
        )  # fmt: skip
    if under and _opens(result, under):
        actions.append(
            message(
                "**Ask what {name} does early on.** Last touch gives it {last}, the removal effect {markov}: "
                "it stands at the beginning of paths that others close.",
                name=terms.channel(result.study, under.option), **_shares(result, under),
            )
        )  # fmt: skip
    shaky = next((c for c in result.checks if c.name == "lookback" and c.status == "watch"), None)
    if shaky:
        actions.append(message("**Quote the lookback with every share.** Another one gives other shares."))
    return tuple(actions)


def overrated(result: AttributionResult) -> Number | None:
    """Return the largest gap by which last touch exceeds the removal effect beyond chance, or None.

    Definition
    ----------
    Beyond chance: p below 5 % after multiplying by the number of channels (Bonferroni).
    """
    return max(
        (gap for gap in _clear(result) if gap.estimate > 0), key=lambda gap: gap.estimate, default=None
    )


def underrated(result: AttributionResult) -> Number | None:
    """Return the largest gap by which last touch falls short of the removal effect beyond chance, or None."""
    return min(
        (gap for gap in _clear(result) if gap.estimate < 0), key=lambda gap: gap.estimate, default=None
    )


def _opens(result: AttributionResult, gap: Number) -> bool:
    """Tell whether a channel stands first more often than last."""
    first, last = (result.number("credit_share", gap.option, model) for model in ("first", "last"))
    return first.estimate > last.estimate


def _clear(result: AttributionResult) -> list[Number]:
    gaps = [result.number("gap", name, "last") for name in result.real]
    known = [gap for gap in gaps if gap.known and gap.n >= result.context.flag_cell]
    return [gap for gap in known if gap.p_value * len(gaps) < _ALPHA]


def _shares(result: AttributionResult, gap: Number) -> dict[str, Quantity]:
    return {model: result.number("credit_share", gap.option, model).amount for model in ("last", "markov")}


def _gap(result: AttributionResult, gap: Number | None) -> Finding | None:
    if gap is None:
        return None
    facts = {"name": terms.channel(result.study, gap.option), **_shares(result, gap)}
    sentence = (
        message(
            "Last touch overrates **{name}**: {last} of conversions, against {markov} by removal effect.",
            **facts,
        )
        if gap.estimate > 0
        else message(
            "Last touch underrates **{name}**: {last} of conversions, against {markov} by removal effect.",
            **facts,
        )
    )
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    base = message("{base}; observational, not incremental", base=terms.conversions(result))
    return result.finding(
        gap, sentence, base, (-reach, reach), reference=0.0, alert=gap.estimate > 0, signed=True
    )


def _dearest(result: AttributionResult) -> Finding | None:
    """Return the channel with the highest cost per conversion by removal effect."""
    found = [result.number("cost_per_conversion", name, "markov") for name in result.real]
    known = [x for x in found if _bounded(x) and x.n >= result.context.flag_cell]
    if len(known) < 2:
        return None
    dearest = max(known, key=lambda x: x.estimate)
    last = result.number("cost_per_conversion", dearest.option, "last")
    facts = {"name": terms.channel(result.study, dearest.option), "currency": result.study.currency}
    sentence = (
        message(
            "A conversion credited to **{name}** costs most, in {currency}: this by removal effect, {last} "
            "by last touch.",
            last=last.amount, **facts,
        )
        if _bounded(last)
        else message(
            "A conversion credited to **{name}** costs most by removal effect, in {currency}.", **facts
        )
    )  # fmt: skip
    base = message("All cost of the channel in the window; observational, not incremental")
    return result.finding(dearest, sentence, base, (0.0, 1.25 * dearest.ci_high))


def _bounded(number: Number) -> bool:
    return number.estimate > 0 and math.isfinite(number.ci_low)
