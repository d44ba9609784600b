"""What the monitor says in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.monitor.count import Alert
    from journey_lib.measures.monitor.result import MonitorResult
    from journey_lib.measures.monitor.series import Series

SHOWN = 3


def headlines(result: MonitorResult) -> tuple[Finding, ...]:
    """Return the alerts of the newest period; of the past the clearest of each series, marked as past."""
    if result.doubted:
        return ()
    chosen = [*result.latest]
    known = {a.series for a in chosen}
    for alert in result.alerts:
        if alert.series not in known and len(chosen) < SHOWN:
            known.add(alert.series)
            own = (a for a in result.alerts if a.series is alert.series)
            chosen.append(max(own, key=lambda a: abs(a.gap)))
    return tuple(_card(result, alert) for alert in chosen[:SHOWN])


def meanings(result: MonitorResult) -> tuple[Message, ...]:
    """Return what to look into now, what to explain of the past, and when to come back."""
    actions: list[Message] = []
    if result.latest:
        first = result.latest[0]
        actions.append(message("**Look into {place} today.** The newest {unit} left what its past expects.",
                               place=place(result, first.series), unit=unit(result)))  # fmt: skip
    past = [a for a in result.alerts if not a.latest]
    if past:
        first = max(past, key=lambda a: abs(a.gap))
        actions.append(message(
            "**Write down what happened at {place} in {period}.** A known cause keeps it out of later "
            "arguments.",
            place=place(result, first.series), period=first.period,
        ))  # fmt: skip
    if result.from_surveys:
        actions.append(
            message("**Read the changes between waves beside this.** What people say moves more slowly.")
        )
    return tuple(actions)


def place(result: MonitorResult, one: Series) -> Message:
    """Return where a series belongs: its touchpoint or stage, and its group."""
    study = result.study
    label = study.touchpoint(one.touchpoint).label if one.touchpoint else study.stage(one.stage).label
    if one.group:
        group = study.level(str(result.settings["by"]), one.group)
        return message("{place}, {group}", place=label, group=group)
    return message("{place}, everybody", place=label)


def measure(result: MonitorResult, one: Series) -> Message:
    """Return what a series is a share of."""
    if one.name.startswith("stage:"):
        return message("Share of those entering who go on in time")
    part, _, whole = one.name.partition("/")
    named = result.study.event_label
    return message("“{part}” for each “{whole}”", part=named(part), whole=named(whole))


def unit(result: MonitorResult) -> Message:
    """Return what a period is called."""
    words = {"day": message("day"), "week": message("week"), "month": message("month")}
    return words[str(result.settings["unit"])]


def series_title(result: MonitorResult, one: Series, own: list[Alert]) -> Message:
    """Return what a series did."""
    where = place(result, one)
    if not own:
        return message("{place}: nothing beyond noise", place=where)
    clearest = max(own, key=lambda a: abs(a.gap))
    values = {"place": where, "gap": Quantity(abs(clearest.gap), "share_points"), "period": clearest.period}
    if clearest.gap < 0:
        return message("{place}: {gap} below its past, {period}", **values)
    return message("{place}: {gap} above its past, {period}", **values)


def _card(result: MonitorResult, alert: Alert) -> Finding:
    values = {"place": place(result, alert.series), "measure": measure(result, alert.series),
              "period": alert.period, "unit": unit(result)}  # fmt: skip
    sentence = message("**{place}**: {measure}, in the newest {unit} ({period}).", **values)
    if not alert.latest:
        sentence = message("**{place}**: {measure}, in the {unit} of {period}.", **values)
    base = message("expected {expected}, n = {n}", expected=Quantity(alert.expected, "share"),
                   n=Quantity(float(alert.series.denominator[alert.at])))  # fmt: skip
    return Finding(
        alert.rate,
        alert.low,
        alert.high,
        "share",
        sentence,
        base,
        (0.0, 1.0),
        alert.expected,
        alert=alert.latest,
    )
