"""What goes with an outcome: shares of explained variance, their uncertainty, and regression models."""

from journey_lib.stats.drivers.importance import MOST_EXACT, Importance, johnson, lmg
from journey_lib.stats.drivers.models import Model, linear, ordinal
from journey_lib.stats.drivers.resampling import Uncertainty, bootstrap

__all__ = [
    "MOST_EXACT",
    "Importance",
    "Model",
    "Uncertainty",
    "bootstrap",
    "johnson",
    "linear",
    "lmg",
    "ordinal",
]
