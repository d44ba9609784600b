"""What the attribution page calls things: channels, models, conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.attribution.plan import NO_CHANNEL, UNKNOWN
from journey_lib.present.wording import Message, Quantity, Says, message

if TYPE_CHECKING:
    from journey_lib.measures.attribution.result import AttributionResult
    from journey_lib.study.definition import Study

NOT_INCREMENTAL = message("Observational, not incremental.")


def channel(study: Study, name: str) -> Says:
    """Return what a reader calls a channel."""
    return message("No channel recorded") if name == NO_CHANNEL else study.channel_label(name)


def model(name: str) -> Message:
    """Return what a reader calls a model."""
    words = {
        "first": message("First touch"),
        "last": message("Last touch"),
        "last_non_direct": message("Last non-direct"),
        "linear": message("Linear"),
        "u_shape": message("U-shape"),
        "time_decay": message("Time decay"),
        "markov": message("Removal effect"),
        "shapley": message("Shapley"),
        "shapley_rate": message("Rate game"),
    }
    return words[name]


def short(name: str) -> Message:
    """Return a model in one word, for the head of a column."""
    words = {
        "first": message("First"),
        "last": message("Last"),
        "last_non_direct": message("Non-direct"),
        "time_decay": message("Decay"),
        "markov": message("Removal"),
    }
    return words.get(name) or model(name)


def conversions(result: AttributionResult) -> Message:
    """Return how many conversions there are, as a base."""
    total = result.number("conversions")
    return message("n = {n} conversions with a touch", n=Quantity(total.estimate))


def level(result: AttributionResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.level, "share")


def group(result: AttributionResult, name: str) -> str:
    """Return what a group is called."""
    if name == UNKNOWN:
        return message("unknown").say(result.context.language)
    return result.study.level(result.by, name)
