"""What moved, in words: who came or how they behaved, and what is different since the runs before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.measures.monitor import words
from journey_lib.present import blocks
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study.metric_names import metric_label, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_lib.measures.monitor.result import MonitorResult
    from journey_lib.measures.monitor.series import Series
    from journey_lib.present.blocks import Block

SHOWN, ON_HOME, WAVES = 20, 4, 2
_MOST = 2 / 3  # a part that makes up this share of the movement is what moved


def parted(result: MonitorResult) -> Block:
    """Return each alert about everybody parted into who came and how they behaved."""
    lang = result.context.language
    found = list(_parts(result))
    if not found:
        why_not = message(
            "No share of everybody stood out, so there is nothing to part into who came and how they behaved."
        )
        if not result.settings["by"]:
            why_not = message(
                "Without groups nobody can tell who came from how they behaved; choose a column."
            )
        return blocks.together([], why_not, lang)
    heads = (message("Where"), message("Period"), message("Change, points"), message("Who came, points"),
             message("Behaviour, points"))  # fmt: skip
    rows = [
        Row(words.place(result, series).say(lang), (period, *map(_points, (mix + behaviour, mix, behaviour))))
        for series, period, mix, behaviour in found
    ]
    _, _, mix, behaviour = max(found, key=lambda one: abs(one[2] + one[3]))
    column = str(result.settings["by"])
    base = message("Against the mean of all earlier periods, by {column}", column=column)
    note = message(
        "Who came: the change if every group had behaved as before. Behaviour: the change if the same groups "
        "had come. Neither has an interval."
    )
    return table(verdict(mix, behaviour), base, [h.say(lang) for h in heads], rows, note, lang,
                 result.context.min_cell)  # fmt: skip


def _points(value: float) -> Cell:
    return Cell(value, "share_points", signed=True)


def verdict(mix: float, behaviour: float) -> Message:
    """Return which of the two moved, in one sentence.

    Examples
    --------
    >>> print(verdict(0.02, 0.19))
    Behaviour moved, not who came: 19 of 21 points
    >>> print(verdict(0.03, -0.02))
    Both who came and how they behaved moved
    """
    movement = abs(mix) + abs(behaviour)
    values = {"all": Quantity(100 * abs(mix + behaviour))}
    if mix * behaviour < 0 or movement == 0:
        return message("Both who came and how they behaved moved")
    if abs(behaviour) >= _MOST * movement:
        return message(
            "Behaviour moved, not who came: {part} of {all} points",
            part=Quantity(100 * abs(behaviour)),
            **values,
        )
    if abs(mix) >= _MOST * movement:
        return message(
            "Who came moved, not behaviour: {part} of {all} points", part=Quantity(100 * abs(mix)), **values
        )
    return message("Both who came and how they behaved moved")


def since(result: MonitorResult) -> Block:
    """Return what is different since the runs before: alerts, late events, and every number that moved."""
    lang = result.context.language
    moved = not result.changes.rows.empty  # then the table says how many
    sentences = [_alerts(result), *_late(result), *(() if moved else (_compared(result),))]
    said = Markup("").join(
        Markup('<p class="jl-say">{}</p>').format(sentence.html(lang)) for sentence in sentences
    )
    table_ = _moved(result).inner if moved else Markup("")
    return blocks.Block(said + table_, lang, sentences[0].say(lang))


def home_fragment(result: MonitorResult, page: str) -> Markup:
    """Return what moved, for the study's home page: newest alerts, changed numbers, changes between waves."""
    lang = result.context.language
    items = list(_items(result, page))[:ON_HOME]
    listed = Markup("<ul>{}</ul>").format(Markup("").join(items)) if items else Markup("")
    quiet = Markup("")
    if not result.latest:
        quiet = Markup("<p>{}</p>").format(
            message("In the newest period nothing moved beyond noise.").say(lang)
        )
    return Markup('<section><h2><a href="{}">{}</a></h2>{}<p>{}</p>{}</section>').format(
        page, message("What moved").say(lang), quiet, _compared(result).say(lang), listed
    )


def _parts(result: MonitorResult) -> Iterator[tuple[Series, str, float, float]]:
    """Yield series, period, part of who came and part of behaviour, the newest first."""
    known = {series.name: series for series in result.watched.series if not series.group}
    halves: dict[tuple[str, str], dict[str, Number]] = {}
    for number in numbers(result.masked):
        if number.metric in ("from_mix", "from_behaviour"):
            halves.setdefault((number.question, number.wave), {})[number.metric] = number
    for (name, period), both in sorted(halves.items(), key=lambda pair: pair[0][1], reverse=True):
        mix, behaviour = (both[half].estimate for half in ("from_mix", "from_behaviour"))
        if math.isfinite(mix) and math.isfinite(behaviour):
            yield known[name], period, mix, behaviour


def _alerts(result: MonitorResult) -> Message:
    if not result.before.as_of:
        return message(
            "This is the first run of the monitor with these settings: nothing before it to compare with."
        )
    now = {(a.series.name, a.series.group, a.period) for a in result.alerts}
    return message(
        "Since the run of {day}: new alerts: {new}; no longer there: {gone}.",
        day=result.before.as_of, new=Quantity(len(now - result.before.alerts)),
        gone=Quantity(len(result.before.alerts - now)),
    )  # fmt: skip


def _late(result: MonitorResult) -> list[Message]:
    """Repeat here what the check says: a reader of changes must know which periods were opened again."""
    return [check.text for check in result.checks if check.name == "late" and check.status == "watch"]


def _compared(result: MonitorResult) -> Message:
    found = result.changes
    if not found.reports:
        return message("No report has an earlier run to compare with.")
    values = {"all": Quantity(found.compared), "day": found.since}
    if found.rows.empty:
        return message("None of {all} numbers moved beyond noise since {day}.", **values)
    return message(
        "{n} of {all} numbers moved beyond noise since {day}.", n=Quantity(len(found.rows)), **values
    )


def _moved(result: MonitorResult) -> Block:
    lang = result.context.language
    heads = (
        message("What"),
        message("Before"),
        message("After"),
        message("Change"),
        message("Noise"),
        message("Report"),
    )
    rows = []
    for row in _clearest(result)[:SHOWN]:
        sides = (Quantity(row[side], str(row["unit"])).say(lang) for side in ("before", "after"))
        noise = Quantity(row["noise"], "score", 1).say(lang)
        report = Markup('<a href="{}">{}</a>').format(quote(str(row["report"])), row["stem"])
        cells = (*sides, _change(row).say(lang), noise, report)
        rows.append(Row(about(result, row), cells))
    note = message(
        "Noise: the change in standard errors, as if the runs shared nobody; runs that share customers move "
        "less. Corrected for everything compared. Of numbers about the same thing the clearest."
    )
    return table(
        _compared(result), message("Each report against its own run before, the clearest first"),
        [h.say(lang) for h in heads], rows, note, lang, result.context.min_cell,
    )  # fmt: skip


def _clearest(result: MonitorResult) -> list[dict[Any, Any]]:
    """Return of the numbers about one thing the one that moved most: models and splits say it many times."""
    same = ["stem", "stage", "touchpoint", "question", "metric"]
    return result.changes.rows.drop_duplicates(same).to_dict("records")


def _change(row: Mapping[Any, Any]) -> Quantity:
    unit = "share_points" if row["unit"] == "share" else str(row["unit"])
    return Quantity(row["difference"], unit, signed=True)


def about(result: MonitorResult, row: Mapping[Any, Any]) -> str:
    """Return what a number is about: where, whose and which one."""
    lang = result.context.language
    place = where(result.study, row)
    words = [str(row[name]) for name in ("group", "option", "wave")]
    parts = [place.say(lang) if place else "", *words, metric_label(str(row["metric"])).say(lang)]
    return " · ".join(part for part in parts if part)


def _items(result: MonitorResult, page: str) -> Iterator[Markup]:
    lang = result.context.language
    item = Markup('<li><a href="{}">{}</a><small>{}</small></li>')
    for alert in result.latest:
        title = words.series_title(result, alert.series, [alert])
        yield item.format(page, title.say(lang), words.measure(result, alert.series).say(lang))
    for signal in result.from_surveys[:WAVES]:
        stage = result.study.stage(signal.stage).label
        yield item.format(quote(signal.fact.report), signal.words.say(lang), stage.say(lang))
    for row in _clearest(result):
        said = message("{change} since {day}", change=_change(row), day=row["since"])
        yield item.format(quote(str(row["report"])), about(result, row), said.say(lang))
