"""Who is chosen and how many are left, as words and one bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.present.wording import Quantity, message, number, plural
from journey_lib.study.segments.people import CUSTOMERS

if TYPE_CHECKING:
    from journey_lib.controls.headless import HeadlessFilter
    from journey_lib.present.wording import Message


def unit(chooser: HeadlessFilter, n: int) -> Message:
    """Return what is counted: customers or answers."""
    if chooser.who.level == CUSTOMERS:
        return plural("customer", "customers", n=Quantity(n))
    return plural("answer", "answers", n=Quantity(n))


def count_of(chooser: HeadlessFilter) -> Markup:
    """Return n with its share of the base, weighted and effective, and what it is too few for."""
    picked, lang = chooser.picked, chooser.lang
    few = picked.n < chooser.study.thresholds.min_cell
    kind = "jl-few" if few else "jl-scarce" if chooser.warning() else ""
    share = Quantity(picked.share, "share", decimals=1).say(lang)
    big = Markup('<span class="jl-big {}">{} <small>{}</small></span>').format(
        kind, number(picked.n, lang), unit(chooser, picked.n).say(lang)
    )
    bar = Markup('<div class="jl-share" aria-hidden="true"><i style="width:{:.1f}%"></i></div>').format(
        100 * picked.share if picked.rows else 0
    )
    effect = message("design effect {value}", value=Quantity(_effect(chooser), "score", decimals=2)).say(lang)
    facts = [
        (message("Share of all"), share, message("of {n}", n=Quantity(picked.rows)).say(lang)),
        (message("Weighted n"), number(picked.weighted_n, lang), ""),
        (
            message("Effective n"),
            number(picked.effective_n, lang),
            effect if picked.weights is not None else "",
        ),
        (message("Undecided"), number(picked.unknown, lang), message("not in").say(lang)),
    ]
    listed = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd><dd>{}</dd>").format(told.say(lang), value, more)
        for told, value, more in facts
    )
    return Markup('<div role="status">{}{}</div>{}<dl class="jl-numbers">{}</dl>').format(
        big, _warned(chooser, kind), bar, listed
    )


def empty_title(chooser: HeadlessFilter) -> Markup:
    """Return what stands where nobody is left."""
    lang = chooser.lang
    told = message("Nobody meets all of these conditions")
    how = message("Take one off; beside it stands how many are left then.")
    return Markup("<b>{}</b>{}").format(told.say(lang), how.say(lang))


def title_of(chooser: HeadlessFilter) -> Markup:
    """Return what is chosen by name, and whether it is saved."""
    saved, lang = chooser.origin, chooser.lang
    name = message("Who is this about?").say(lang)
    told = message("Not saved") if chooser.chips() else message("Everybody")
    if saved is not None and chooser.unchanged:
        name, told = saved.name, message("Saved, version {version}", version=saved.version)
    elif saved is not None and chooser.chips():
        told = message("Not saved; from “{name}” version {version}", name=saved.name, version=saved.version)
    return Markup("<b>{}</b><small>{}</small>").format(name, told.say(lang))


def lead_of(chooser: HeadlessFilter, n: int, most: int) -> str:
    """Return what stands before `n` chips, of which `most` have room."""
    if not n:
        return message("No condition yet: everybody is in. Choose values to narrow down.").say(chooser.lang)
    if chooser.asked.inverted:
        return message("Everybody except those with:").say(chooser.lang)
    return message("{n} more conditions", n=n - most).say(chooser.lang) if n > most else ""


def _warned(chooser: HeadlessFilter, kind: str) -> Markup:
    told = chooser.warning()
    if told is None:
        return Markup("")
    return Markup('<p class="{}">{}</p>').format(kind, told.say(chooser.lang))


def _effect(chooser: HeadlessFilter) -> float:
    picked = chooser.picked
    return picked.n / picked.effective_n if picked.n else float("nan")
