"""How long until something happens when some are still waiting: curves, competing exits, comparisons."""

from journey_lib.stats.survival.clusters import Clustered, clustered_area_error, clustered_error
from journey_lib.stats.survival.comparison import LogRank, RestrictedMean, logrank, rmst
from journey_lib.stats.survival.cox import Cox, cox
from journey_lib.stats.survival.curves import AalenJohansen, KaplanMeier, aalen_johansen, kaplan_meier
from journey_lib.stats.survival.incidence import Incidence
from journey_lib.stats.survival.risk import RiskTable, risk_table

__all__ = [
    "AalenJohansen",
    "Clustered",
    "Cox",
    "Incidence",
    "KaplanMeier",
    "LogRank",
    "RestrictedMean",
    "RiskTable",
    "aalen_johansen",
    "clustered_area_error",
    "clustered_error",
    "cox",
    "kaplan_meier",
    "logrank",
    "risk_table",
    "rmst",
]
