"""What the segments page calls things: columns, values, segments and criteria."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Names, Quantity, Says, message
from journey_lib.study.behaviour import CHANNEL, PART, SHARE
from journey_lib.study.definition.parts import Text
from journey_lib.study.segments.words import level_of, title_of

if TYPE_CHECKING:
    from journey_lib.measures.segments.result import SegmentsResult
    from journey_lib.study.definition import Study


def bare(study: Study, name: str) -> Text:
    """Return a column's name without the unit that stands behind it in the heads of tables."""
    label = column(study, name)
    return Text(**{lang: label.say(lang).removesuffix(", %") for lang in ("en", "ko")})


def column(study: Study, name: str) -> Says:
    """Return what a reader calls a column."""
    if name.startswith(SHARE):
        point = study.touchpoint(name.removeprefix(SHARE))
        return message("share of {point}", point=point.label or Text(en=plain(point.id)))
    if name.startswith(CHANNEL):
        return message("share of {point}", point=study.channel_label(name.removeprefix(CHANNEL)))
    made = {
        f"{PART}night": message("share at night"),
        f"{PART}morning": message("share in the morning"),
        f"{PART}afternoon": message("share in the afternoon"),
        f"{PART}evening": message("share in the evening"),
        "visits": message("visits"),
        "active_days": message("active days"),
        "events_per_visit": message("events per visit"),
    }
    if name in made:
        return made[name]
    return title_of(study, name)


def value(study: Study, name: str, word: str) -> str:
    """Return what a value of a column is called."""
    return plain(level_of(study, name, word).say(study.language))


def plain(name: str) -> str:
    """Return an id with spaces for underscores.

    Examples
    --------
    >>> plain("help_minutes")
    'help minutes'
    """
    return name.replace("_", " ")


def segment(name: str) -> Message:
    """Return what a segment is called before anybody gives it a name."""
    return message("Segment {name}", name=name)


def criterion(name: str) -> Message:
    """Return what a criterion is called."""
    return {
        "silhouette": message("Silhouette"),
        "gap": message("Gap statistic"),
        "bic": message("BIC, smaller is better"),
        "icl": message("ICL, smaller is better"),
        "strength": message("Prediction strength"),
        "agreement": message("Agreement of halves"),
        "smallest": message("Smallest segment"),
    }[name]


def names(criteria: Iterable[str]) -> Names:
    """Return the names of criteria in a sentence."""
    return Names(tuple(map(short, criteria)))


def short(name: str) -> Message:
    """Return the name of a criterion for a sentence."""
    return {
        "silhouette": message("silhouette"),
        "gap": message("gap"),
        "bic": message("BIC"),
        "icl": message("ICL"),
        "strength": message("prediction strength"),
        "one_cloud": message("the test of one cloud"),
    }[name]


def method(name: str) -> Message:
    """Return what a method is called."""
    return {
        "kmeans": message("k-means: groups around means of scaled numbers"),
        "mixture": message("Gaussian mixture: groups as normal clouds"),
        "prototypes": message("k-prototypes: means of numbers and modes of categories"),
        "latent": message("Latent classes of answers, fitted by EM"),
        "nmf": message("Profiles of behaviour by non-negative factors"),
        "rfm": message("Four rules on recency and frequency of buying"),
    }[name]


def badge(word: str) -> Message:
    """Return what a stability is called."""
    return {
        "stable": message("stable"),
        "valid": message("valid"),
        "pattern": message("a pattern"),
        "doubtful": message("doubtful"),
        "dissolved": message("dissolves"),
    }[word]


def confidence(result: SegmentsResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.level, "share")
