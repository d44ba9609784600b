"""Which touches are credited with a conversion, by every common rule, on paths counted once each."""

from journey_lib.stats.attribution.chains import choose_order, markov
from journey_lib.stats.attribution.games import shapley, shapley_rate
from journey_lib.stats.attribution.rules import heuristics

__all__ = ["choose_order", "heuristics", "markov", "shapley", "shapley_rate"]
