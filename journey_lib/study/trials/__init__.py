"""Experiments as data: who was exposed to which arm and when, what each did, and sums of it by cell."""

from journey_lib.study.trials.exposed import Exposed, exposed
from journey_lib.study.trials.lift import lift
from journey_lib.study.trials.outcomes import Outcome, outcomes_of
from journey_lib.study.trials.sums import Sums, sums_of
from journey_lib.study.trials.totals import totals_of

__all__ = ["Exposed", "Outcome", "Sums", "exposed", "lift", "outcomes_of", "sums_of", "totals_of"]
