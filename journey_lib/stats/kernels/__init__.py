"""Event kernels: what can be counted from whole customers, batch by batch, and added up afterwards."""

from journey_lib.stats.kernels.batch import Batch, Kernel

__all__ = ["Batch", "Kernel"]
