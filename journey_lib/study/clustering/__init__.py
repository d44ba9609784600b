"""Groups of people found in data: whom to group by what, the fit, its doubts, and groups kept as lists."""

from journey_lib.study.clustering.columns import Whom, choose
from journey_lib.study.clustering.fit import METHODS, Fitted, Plan, fitted
from journey_lib.study.clustering.keeping import Kept, cluster_of, division, keep

__all__ = ["METHODS", "Fitted", "Kept", "Plan", "Whom", "choose", "cluster_of", "division", "fitted", "keep"]
