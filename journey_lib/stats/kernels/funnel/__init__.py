"""Funnels: who goes from step to step within a window, exactly and without a loop over customers."""

from journey_lib.stats.kernels.funnel.count import STATUSES, By, Counted, FunnelKernel, FunnelMembers
from journey_lib.stats.kernels.funnel.detours import DetourKernel, Detours
from journey_lib.stats.kernels.funnel.plan import ENTRIES, ORDERS, TIES, Exclusion, Funnel

__all__ = [
    "ENTRIES",
    "ORDERS",
    "STATUSES",
    "TIES",
    "By",
    "Counted",
    "DetourKernel",
    "Detours",
    "Exclusion",
    "Funnel",
    "FunnelKernel",
    "FunnelMembers",
]
