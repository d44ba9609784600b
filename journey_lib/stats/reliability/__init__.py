"""Whether items measure one thing: alpha, ordinal alpha, omega total, item-rest correlations, loadings."""

from journey_lib.stats.reliability.consistency import Alpha, alpha
from journey_lib.stats.reliability.factor import Omega, omega
from journey_lib.stats.reliability.polychoric import ordinal_alpha, polychoric

__all__ = ["Alpha", "Omega", "alpha", "omega", "ordinal_alpha", "polychoric"]
