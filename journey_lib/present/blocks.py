"""Parts of a page as HTML: everything a person could have written is escaped here, and nothing runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.present import style
from journey_lib.present.result import STATUSES, Finding, Result, ordered
from journey_lib.present.wording import Message, Quantity, interval, message, plural, say

if TYPE_CHECKING:
    from journey_lib.present.charts import Plot

_SIGNS = {
    "passed": '<circle cx="11" cy="11" r="9.5" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M6.5 11.5l3 3 6-7" fill="none" stroke="currentColor" stroke-width="2"/>',
    "watch": '<path d="M11 2.6L20.3 19.4H1.7z" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M11 8v5.2M11 15v2" stroke="currentColor" stroke-width="2"/>',
    "failed": '<path d="M11 1.8L21 20H1z" fill="currentColor"/>'
    '<path d="M11 8v5.5M11 15.6v2" stroke="var(--paper)" stroke-width="2.2"/>',
    "not_assessable": '<circle cx="11" cy="11" r="9.5" fill="none" stroke="currentColor" stroke-width="1.8"'
    ' stroke-dasharray="3 2.4"/><path d="M6.5 11h9" stroke="currentColor" stroke-width="2"/>',
}


def _status_words(status: str) -> Message:
    words = {
        "passed": message("Passed"),
        "watch": message("Watch"),
        "failed": message("Failed"),
        "not_assessable": message("Not assessable"),
    }
    return words[status]


@dataclass(frozen=True)
class Block:
    """A piece of a page in one language; it shows itself in a notebook cell and carries its own style.

    An empty block tells a researcher why there is nothing to see; a published page leaves its section out.
    """

    inner: Markup
    lang: str
    text: str = ""
    empty: bool = False

    def _repr_html_(self) -> str:
        mark = f" {style.EMPTY}" if self.empty else ""
        return style.element() + f'<div class="jl" lang="{self.lang}"{mark}>{self.inner}</div>'

    def __repr__(self) -> str:
        return self.text or "Block (shown as HTML in a notebook)"


def sign(status: str) -> Markup:
    """Return the drawing of a status; the word always stands beside it."""
    return Markup('<svg viewBox="0 0 22 22" aria-hidden="true">' + _SIGNS[status] + "</svg>")  # noqa: S704 - ours


def figure(plot: Plot, *, live: bool = False) -> Block:
    """Return a figure with its words as text around it, and its twin for a phone.

    A `live` one stands on a screen until the next click: it has no twin and is drawn fast rather than small.
    """
    twin = Markup("")
    if not live and plot.given is None:
        twin = Markup('<source media="screen and (max-width:600px)" srcset="{}">').format(
            plot.data_uri(narrow=True)
        )
    width, height = (round(v * 100) for v in plot.figure.get_size_inches())
    image = Markup('<picture>{}<img alt="{}" width="{}" height="{}" src="{}"></picture>').format(
        twin, plot.alternative(), width, height, plot.preview() if live else plot.data_uri()
    )
    head = Markup("<figcaption><h3>{}</h3><p>{}</p></figcaption>").format(
        plot.title.html(plot.lang), plot.subtitle.html(plot.lang)
    )
    note = (
        Markup('<p class="jl-note">{}</p>').format(plot.note.html(plot.lang)) if plot.note.key else Markup("")
    )
    inner = Markup('<figure class="jl-figure">{}<div class="jl-plate">{}</div>{}</figure>').format(
        head, image, note
    )
    return Block(inner, plot.lang, plot.title.say(plot.lang))


def together(blocks: Iterable[Block | None], why_not: Message, lang: str) -> Block:
    """Return blocks one under another, or a sentence why there are none.

    Examples
    --------
    >>> together([None], message("This study has no waves."), "en")
    This study has no waves.
    """
    shown = [block for block in blocks if block]
    if shown:
        return Block(Markup("").join(block.inner for block in shown), lang, shown[0].text)
    words = why_not.say(lang)
    return Block(Markup('<p class="jl-say">{}</p>').format(why_not.html(lang)), lang, words, empty=True)


def opening(result: Result, lang: str, *, between: Block | None = None) -> Block:
    """Return base, journey line and findings: what a reader meets under the title.

    `between` stands before the findings, such as a decision.
    """
    first = between.inner if between else Markup("")
    inner = Markup("{}{}{}{}").format(_meta(result, lang), _route(result, lang), first, _short(result, lang))
    return Block(inner, lang, result.explain("short", lang))


def basis(result: Result, lang: str) -> Block:
    """Return who is counted and how, line by line: first the segment, where there is one."""
    domain = result.context.domain
    told = domain.lines(result.context.min_cell, lang) if domain else []
    facts = _facts([(t.say(lang), d.html(lang)) for t, d in (*told, *result.basis.lines)])
    return Block((domain.html(lang) if domain else Markup("")) + facts, lang)


def checks(result: Result, lang: str) -> Block:
    """Return the checks with their counts, failed first."""
    counts = {s: sum(c.status == s for c in result.checks) for s in STATUSES}
    total = plural(
        "{n} check: {failed} failed, {watch} to watch, {passed} passed, {not_assessable} not assessable.",
        "{n} checks: {failed} failed, {watch} to watch, {passed} passed, {not_assessable} not assessable.",
        n=Quantity(len(result.checks)),
        **counts,
    )
    items = Markup("").join(
        Markup(
            '<li><span class="jl-{0}">{1}</span>'
            '<span><b><span class="jl-{0}">{2}: </span>{3}</b>{4}</span></li>'
        ).format(
            c.status, sign(c.status), _status_words(c.status).say(lang), c.title.html(lang), c.text.html(lang)
        )
        for c in ordered(result.checks)
    )
    inner = Markup('<p class="jl-note">{}</p><ul class="jl-checks">{}</ul>').format(total.say(lang), items)
    return Block(inner, lang, "\n".join(c.text.say(lang) for c in ordered(result.checks)))


def meaning(result: Result, lang: str) -> Block:
    """Return the actions the evidence supports, or that it supports none."""
    actions = result.meanings()[:4]
    if not actions:
        words = message("Nothing here asks for action yet: no finding is clear enough.")
        return Block(Markup('<p class="jl-say">{}</p>').format(words.say(lang)), lang, words.say(lang))
    items = Markup("").join(Markup("<li>{}</li>").format(a.html(lang)) for a in actions)
    return Block(
        Markup('<ol class="jl-actions">{}</ol>').format(items), lang, "\n".join(a.say(lang) for a in actions)
    )


def facts(pairs: Iterable[tuple[object, object]], lang: str, *, code: bool = False) -> Block:
    """Return terms and descriptions, such as the provenance of a page."""
    return Block(_facts([(say(t, lang), say(d, lang)) for t, d in pairs], code=code), lang)


def result(result: Result, lang: str) -> Block:
    """Return what a bare result shows in a notebook: findings, table, base and failed checks."""
    from journey_lib.present.tables import rows_table

    doubts = Markup("").join(
        Markup('<p class="jl-note"><b class="jl-failed">{}: </b>{} {}</p>').format(
            _status_words("failed").say(lang), c.title.html(lang), c.text.html(lang)
        )
        for c in result.checks
        if c.status == "failed"
    )
    base = "; ".join(f"{t.say(lang)}: {d.say(lang)}" for t, d in result.basis.lines)
    masked = result.masked
    reasons = " ".join(
        result.notes[code].say(lang) for code in masked["note"].unique() if code in result.notes
    )
    table = rows_table(masked, lang, result.context.min_cell)
    return Block(
        Markup('{}<p class="jl-note">{}</p><p class="jl-note">{}</p>{}').format(table, reasons, base, doubts),
        lang,
        result.explain("short", lang),
    )


def _facts(pairs: Sequence[tuple[object, object]], *, code: bool = False) -> Markup:
    items = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(t, d) for t, d in pairs)
    return Markup('<dl class="jl-facts{}">{}</dl>').format(" jl-code" if code else "", items)


def _meta(result: Result, lang: str) -> Markup:
    context, base = result.context, result.basis
    everyone = base.whom.say(lang)
    pairs: list[tuple[Message, object]] = [
        (message("Period"), context.period),
        (message("Segment"), context.segment or everyone),
        (message("Base"), "n = " + Quantity(base.n).say(lang)),
    ]
    if math.isfinite(base.n_effective):
        weights = base.weights or message("None")
        pairs.append((message("Effective n"), Quantity(base.n_effective).say(lang)))
        pairs.append((message("Weights"), weights.say(lang)))
    items = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(t.say(lang), d) for t, d in pairs if d
    )
    return Markup('<dl class="jl-meta">{}{}</dl>').format(items, _status(result, lang))


def _status(result: Result, lang: str) -> Markup:
    worst = next((s for s in ("failed", "watch") if any(c.status == s for c in result.checks)), "passed")
    n = sum(c.status in ("failed", "watch") for c in result.checks)
    words = (
        plural("{n} check to look at", "{n} checks to look at", n=Quantity(n))
        if n
        else message("All checks passed")
    )
    return Markup('<div><dt>{}</dt><dd><span class="jl-status jl-{}">{}{}</span></dd></div>').format(
        message("Checks").say(lang), worst, sign(worst), words.say(lang)
    )


def _route(result: Result, lang: str) -> Markup:
    spoken = set(result.stages)
    stops = Markup("").join(
        Markup('<li{} style="--stop:var(--stage-{})"><span>{}</span></li>').format(
            Markup(' class="jl-on"') if s.id in spoken else "", s.place % 7 + 1, s.label.say(lang)
        )
        for s in result.context.stages
    )
    names = ", ".join(s.label.say(lang) for s in result.context.stages if s.id in spoken)
    return Markup('<ol class="jl-route" aria-label="{}">{}</ol><p class="jl-stops">{}: {}</p>').format(
        message("Journey stages").say(lang), stops, message("Stages").say(lang), names
    )


def _short(result: Result, lang: str) -> Markup:
    findings = result.headlines()[:3]
    title = Markup('<h2 id="in-short" style="margin-top:56px">{}</h2>').format(message("In short").say(lang))
    if not findings:
        words = message("No finding passed its checks; the sections below say why.").say(lang)
        return Markup('{}<p class="jl-say">{}</p>').format(title, words)
    return Markup('{}<ol class="jl-short">{}</ol>').format(
        title, Markup("").join(_card(f, lang) for f in findings)
    )


def _card(finding: Finding, lang: str) -> Markup:
    places = finding.decimals
    number = Quantity(finding.estimate, finding.unit, places, signed=finding.signed, bare=True).say(lang)
    unit = Quantity(finding.estimate, finding.unit).say(lang)[
        len(Quantity(finding.estimate, finding.unit, bare=True).say(lang)) :
    ]
    level = message(
        "{level} interval {bounds}",
        level=Quantity(finding.level, "share"),
        bounds=interval(finding.low, finding.high, finding.unit, lang, decimals=places),
    )
    return Markup(
        '<li><span class="jl-number{}">{}<small>{}</small></span><span class="jl-range">{}</span>{}<p>{}</p>'
        '<p class="jl-base">{}</p></li>'
    ).format(
        " jl-alert" if finding.alert else "", number, unit, level.say(lang), _drawn(finding, level.say(lang)),
        finding.sentence.html(lang), finding.base.html(lang),
    )  # fmt: skip


def _drawn(finding: Finding, words: str) -> Markup:
    """Draw the interval on its axis; the same words stand above it, so it is named and not repeated."""
    low, high = finding.axis
    at = [
        round(300 * min(max((v - low) / (high - low), 0), 1), 1)
        for v in (finding.low, finding.estimate, finding.high)
    ]
    tone = "var(--alert)" if finding.alert else "var(--link)"
    mark = Markup("")
    if finding.reference is not None:
        x = round(300 * min(max((finding.reference - low) / (high - low), 0), 1), 1)
        mark = Markup('<path d="M{} 2V24" stroke="var(--ink-2)" stroke-width="1.5"/>').format(x)
    return Markup(
        '<svg viewBox="0 0 300 26" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="M0 13H300" stroke="var(--rule)" stroke-width="2"/>{}'
        '<path d="M{} 13H{}" stroke="{}" stroke-width="4"/>'
        '<path d="M{} 6V20" stroke="{}" stroke-width="7"/></svg>'
    ).format(words, mark, at[0], max(at[2], at[0] + 1), tone, at[1], tone)
