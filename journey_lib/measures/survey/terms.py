"""What the survey page calls its period and its level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Quantity, WaveName, message

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult


def period(result: SurveyResult) -> Message:
    """Return which waves the totals are about."""
    if result.wave:
        return message("wave {wave}", wave=WaveName(result.wave))
    if len(result.waves) > 1:
        return message("all {n} waves pooled", n=Quantity(len(result.waves)))
    return message("one wave")


def confidence(result: SurveyResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.level, "share")
