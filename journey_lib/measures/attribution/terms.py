"""What the attribution page calls things: channels, models, conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.attribution.plan import NO_CHANNEL, UNKNOWN
from journey_lib.present.wording import Message, Quantity, Says, message
from journey_lib.study.definition.parts import Text

if TYPE_CHECKING:
    from journey_lib.measures.attribution.result import AttributionResult

NOT_INCREMENTAL = message("Observational, not incremental.")


def channel(name: str) -> Says:
    """Return what a reader calls a channel: common ones in both languages, others as the log writes them.

    Examples
    --------
    >>> channel("call_centre").say("ko"), channel("kiosk_2").say("ko")
    ('콜센터', 'kiosk 2')
    """
    common = {
        "search": message("Search"),
        "paid_search": message("Paid search"),
        "organic_search": message("Organic search"),
        "social": message("Social media"),
        "display": message("Display adverts"),
        "email": message("E-mail"),
        "referral": message("Referral"),
        "messenger": message("Messenger"),
        "push": message("App push"),
        "store": message("Store"),
        "call_centre": message("Call centre"),
        "direct": message("Direct"),
        "web": message("Website"),
        "app": message("App"),
        NO_CHANNEL: message("No channel recorded"),
    }
    return common.get(name, Text(en=name.replace("_", " ")))


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
    return Quantity(float(str(result.settings.get("level", 0.95))), "share")


def group(result: AttributionResult, name: str) -> str:
    """Return what a group is called."""
    if name == UNKNOWN:
        return message("unknown").say(result.context.language)
    return result.study.level(result.by, name)
