"""Estimates with honest uncertainty: means, shares, totals, ratios, quantiles, differences and NPS."""

from journey_lib.stats.estimate.cells import Estimate, Estimates
from journey_lib.stats.estimate.comparisons import difference, quantile, ratio
from journey_lib.stats.estimate.joint import Joint, Trend, joint
from journey_lib.stats.estimate.means import by_domain, mean, nps, proportion, total
from journey_lib.stats.estimate.sample import Sample

__all__ = [
    "Estimate",
    "Estimates",
    "Joint",
    "Sample",
    "Trend",
    "by_domain",
    "difference",
    "joint",
    "mean",
    "nps",
    "proportion",
    "quantile",
    "ratio",
    "total",
]
