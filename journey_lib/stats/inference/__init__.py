"""Comparisons of arms: one door for means, shares, ratios, quantiles and surveys, in five modes."""

from journey_lib.stats.inference.arms import REASONS, Arm, arm, ratio_arm
from journey_lib.stats.inference.clusters import cluster_totals, clustered
from journey_lib.stats.inference.comparing import compare
from journey_lib.stats.inference.effect import MODES, Effect, Mode, Plan
from journey_lib.stats.inference.families import (
    ROLES,
    Families,
    Heterogeneity,
    Novelty,
    families,
    heterogeneity,
    novelty,
)
from journey_lib.stats.inference.fieller import Lift, fieller
from journey_lib.stats.inference.metrics import Adjusted, cuped, ratio
from journey_lib.stats.inference.p_values import two_sided_p
from journey_lib.stats.inference.validity import SampleRatio, sample_ratio
from journey_lib.stats.inference.values import Capped, cap_of, quantile, quantile_arm, winsorised

__all__ = [
    "MODES",
    "REASONS",
    "ROLES",
    "Adjusted",
    "Arm",
    "Capped",
    "Effect",
    "Families",
    "Heterogeneity",
    "Lift",
    "Mode",
    "Novelty",
    "Plan",
    "SampleRatio",
    "arm",
    "cap_of",
    "cluster_totals",
    "clustered",
    "compare",
    "cuped",
    "families",
    "fieller",
    "heterogeneity",
    "novelty",
    "quantile",
    "quantile_arm",
    "ratio",
    "ratio_arm",
    "sample_ratio",
    "two_sided_p",
    "winsorised",
]
