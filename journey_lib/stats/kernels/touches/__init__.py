"""Paths of touches before conversions, counted batch by batch."""

from journey_lib.stats.kernels.touches.carriers import Carriers
from journey_lib.stats.kernels.touches.kernel import TouchPaths
from journey_lib.stats.kernels.touches.partial import Draws, Touched
from journey_lib.stats.kernels.touches.weighing import span

__all__ = ["Carriers", "Draws", "TouchPaths", "Touched", "span"]
