"""Who an analysis speaks about: rules as data, their truth for each person, rules saved under a name."""

from journey_lib.study.segments.checks import as_words, settled
from journey_lib.study.segments.clusters import Cluster
from journey_lib.study.segments.domain import Segment, segment_of
from journey_lib.study.segments.people import People, Trait, answers_of, people, snapshot_of
from journey_lib.study.segments.read import read_rule
from journey_lib.study.segments.rule import (
    EVERYBODY,
    OPERATORS,
    Condition,
    Either,
    Every,
    Not,
    Rule,
    as_json,
    as_parameter,
    canonical,
    columns_of,
    fingerprint,
)
from journey_lib.study.segments.saved import Difference, SavedSegment, SavedSegments, saved_segments
from journey_lib.study.segments.truth import Truth, as_pandas, evaluate
from journey_lib.study.segments.words import chips, describe, kept, sentence, title_of

__all__ = [
    "EVERYBODY",
    "OPERATORS",
    "Cluster",
    "Condition",
    "Difference",
    "Either",
    "Every",
    "Not",
    "People",
    "Rule",
    "SavedSegment",
    "SavedSegments",
    "Segment",
    "Trait",
    "Truth",
    "answers_of",
    "as_json",
    "as_pandas",
    "as_parameter",
    "as_words",
    "canonical",
    "chips",
    "columns_of",
    "describe",
    "evaluate",
    "fingerprint",
    "kept",
    "people",
    "read_rule",
    "saved_segments",
    "segment_of",
    "sentence",
    "settled",
    "snapshot_of",
    "title_of",
]
