"""The parts of the monitor's page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.measures.monitor import moved, pictures, words
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.monitor.count import Alert
    from journey_lib.measures.monitor.result import MonitorResult
    from journey_lib.measures.monitor.series import Series
    from journey_lib.present.blocks import Block

PICTURES, PAST = 4, 20


def part(result: MonitorResult, kind: str) -> Block:
    """Return a part of the page."""
    lang = result.context.language
    if kind == "series":
        drawn = (blocks.figure(pictures.series(result, one)) for one in result.told[:PICTURES])
        return blocks.together(drawn, message("Nothing here is thick enough to watch."), lang)
    if kind == "alerts":
        if not result.latest:
            return _said(message("In the newest period nothing moved beyond noise."), lang)
        return _alerts(result, list(result.latest), latest=True)
    if kind == "past":
        past = sorted((a for a in result.alerts if not a.latest), key=lambda a: a.period, reverse=True)
        if not past:
            return _said(message("In the past, too, nothing moved beyond noise."), lang)
        return _alerts(result, past[:PAST], latest=False)
    shown = {"latest": _latest, "surveys": _surveys, "parted": moved.parted, "since": moved.since}
    return shown[kind](result)


def _said(words_: Message, lang: str) -> Block:
    """Return a sentence: that nothing moved is a finding, not a gap."""
    return blocks.Block(Markup('<p class="jl-say">{}</p>').format(words_.say(lang)), lang, words_.say(lang))


def _alerts(result: MonitorResult, alerts: list[Alert], *, latest: bool) -> Block:
    lang = result.context.language
    heads = (message("Where"), message("Period"), message("Share, %"), message("Expected, %"),
             message("Change, points"), message("p"), message("n"), message("New"))  # fmt: skip
    title = (
        message("What moved in the newest period") if latest else message("What moved before, newest first")
    )
    base = message("Against all earlier periods; the smallest change that counts is {least}",
                   least=Quantity(float(str(result.settings["least"])), "share_points"))  # fmt: skip
    note = message("p: after correction for everything watched. New: not among the alerts of the last run.")
    alerts = sorted(alerts, key=lambda a: a.series.name)
    rows = [_alert_row(result, alert, opens=at == 0 or alerts[at - 1].series.name != alert.series.name)
            for at, alert in enumerate(alerts)]  # fmt: skip
    return table(title, base, [h.say(lang) for h in heads], rows, note, lang, result.context.min_cell)


def _alert_row(result: MonitorResult, alert: Alert, *, opens: bool) -> Row:
    lang = result.context.language
    key = (alert.series.name, alert.series.group, alert.period)
    new = message("new") if result.before.as_of and key not in result.before.alerts else message("known")
    if not result.before.as_of:
        new = message("first run")
    heading = words.measure(result, alert.series).say(lang) if opens else ""
    p = "< 0.001" if alert.p_value < 0.001 else f"{alert.p_value:.3f}"
    n = Quantity(float(alert.series.denominator[alert.at])).say(lang)
    return Row(words.place(result, alert.series).say(lang), (
        alert.period, Cell(alert.rate, "share", alert.low, alert.high), Cell(alert.expected, "share"),
        Cell(alert.gap, "share_points", signed=True), p, n, new.say(lang),
    ), heading)  # fmt: skip


def _latest(result: MonitorResult) -> Block:
    """Return every share of the newest period beside what its past expects."""
    lang = result.context.language
    totals = sorted(
        (s for s in result.watched.series if not s.group), key=lambda s: s.name.startswith("stage:")
    )
    rows, last = [], ""
    for one in totals:
        measured = words.measure(result, one).say(lang)
        rows.append(_latest_row(result, one, measured if measured != last else ""))
        last = measured
    heads = (message("Where"), message("Period"), message("Share, %"), message("Expected, %"), message("n"))
    note = message("Expected: from all earlier periods; second line: where 95% of such periods would lie.")
    return table(
        message("Every share of the newest complete period"), message("Everybody, before any grouping"),
        [h.say(lang) for h in heads], rows, note, lang, result.context.min_cell,
    )  # fmt: skip


def _latest_row(result: MonitorResult, one: Series, heading: str) -> Row:
    lang = result.context.language
    found, at = result.judgements[one.name, one.group], len(one.numerator) - 1
    low, high = (float(v[at]) for v in (found.low, found.high))
    n = float(one.denominator[at])
    masked = 0 < n < result.context.min_cell
    return Row(words.place(result, one).say(lang), (
        result.watched.periods[at], Cell(float(found.rate[at]), "share", masked=masked),
        Cell(float(found.expected[at]), "share", low, high, masked=masked),
        DASH if masked else Quantity(n).say(lang),
    ), heading)  # fmt: skip


def _surveys(result: MonitorResult) -> Block:
    lang = result.context.language
    if not result.from_surveys:
        return blocks.together([], message("No survey of this study reported a change between waves."), lang)
    items = Markup("").join(
        Markup('<li>{}: <a href="{}">{}</a></li>').format(
            result.study.stage(s.stage).label.say(lang), quote(s.fact.report), s.words.say(lang)
        )
        for s in result.from_surveys
    )
    return blocks.Block(Markup('<ul class="jl-actions">{}</ul>').format(items), lang)
