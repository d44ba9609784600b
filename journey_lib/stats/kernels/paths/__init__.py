"""Paths: the ways customers take through the journey, counted batch by batch."""

from journey_lib.stats.kernels.paths.kernel import PARTS, Counted, Paths
from journey_lib.stats.kernels.paths.plan import NOTHING, UNPLACED, Plan, Steps, collapsed, steps_of
from journey_lib.stats.kernels.paths.variants import Variants
from journey_lib.stats.kernels.tally import Tally

__all__ = [
    "NOTHING", "PARTS", "UNPLACED", "Counted", "Paths", "Plan", "Steps", "Tally", "Variants", "collapsed",
    "steps_of",
]  # fmt: skip
