"""Weighted tables of two questions: shares with intervals, column letters, and tests of a whole table."""

from journey_lib.stats.tables.association import Association, rao_scott
from journey_lib.stats.tables.crosstab import Crosstab, crosstab
from journey_lib.stats.tables.lettering import Letters, letters, means, versus_rest

__all__ = ["Association", "Crosstab", "Letters", "crosstab", "letters", "means", "rao_scott", "versus_rest"]
