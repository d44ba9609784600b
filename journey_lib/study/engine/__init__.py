"""Running event kernels over a log, wherever it lies; the only door to databases and clusters."""

from journey_lib.study.engine.observed import Observed, observe

__all__ = ["Observed", "observe"]
