"""Weights that make a sample stand for its population, and what they cost in precision."""

from journey_lib.stats.weights.fitting import calibrate, combine, post_stratify, rake
from journey_lib.stats.weights.value import Diagnostics, Weights, design_effect, effective_n, of

__all__ = [
    "Diagnostics",
    "Weights",
    "calibrate",
    "combine",
    "design_effect",
    "effective_n",
    "of",
    "post_stratify",
    "rake",
]
