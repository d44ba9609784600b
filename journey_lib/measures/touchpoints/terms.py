"""What the touchpoint page calls things: touchpoints, stages, channels, values of a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from journey_lib.measures.touchpoints.plan import UNKNOWN
from journey_lib.present.wording import Message, Quantity, Says, message
from journey_lib.study.definition.parts import Text
from journey_lib.study.durations import length, microseconds

if TYPE_CHECKING:
    from journey_lib.measures.touchpoints.result import TouchpointsResult
    from journey_lib.study.definition.parts import Touchpoint


def point(result: TouchpointsResult, name: str) -> Says:
    """Return what a reader calls a touchpoint."""
    return labelled(result.study.touchpoint(name))


def labelled(one: Touchpoint) -> Says:
    """Return the label of a touchpoint, or its id as words."""
    return one.label or Text(en=one.id.replace("_", " "))


def stage(result: TouchpointsResult, name: str) -> Says:
    """Return what a reader calls a stage."""
    return next(s.label for s in result.context.stages if s.id == name)


def channel(result: TouchpointsResult, name: str) -> str:
    """Return what a reader calls a channel."""
    return result.study.channel_label(name).say(result.context.language)


def level(result: TouchpointsResult, column: str, value: str) -> str:
    """Return what a value of a column is called."""
    if value == UNKNOWN:
        return message("unknown").say(result.context.language)
    return result.study.level(column, value)


def along_the_journey(
    result: TouchpointsResult, points: Iterable[Touchpoint]
) -> Iterator[tuple[Touchpoint, str, int]]:
    """Yield touchpoints stage by stage, each with the heading it opens ("" within a stage) and its stop."""
    stops = {s.id: s.place for s in result.context.stages}
    last = ""
    for one in sorted(points, key=lambda p: stops[p.stage]):
        opens = one.stage != last
        last = one.stage
        words = stage(result, one.stage).say(result.context.language) if opens else ""
        yield one, words, stops[one.stage]


def gap(result: TouchpointsResult) -> Message:
    """Return how far apart two visits may lie."""
    return length(microseconds(result.gap))


def confidence(result: TouchpointsResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.level, "share")
