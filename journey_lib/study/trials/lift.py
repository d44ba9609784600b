"""What an experiment found on one metric, for whoever wants to put it beside another number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.study.engine import observe
from journey_lib.study.trials.contrasts import Ask, contrast, planned
from journey_lib.study.trials.exposed import exposed
from journey_lib.study.trials.outcomes import outcomes_of
from journey_lib.study.trials.sums import sums_of

if TYPE_CHECKING:
    from journey_lib.stats.inference import Effect
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Experiment, Study


def lift(study: Study, data: Data, trial: Experiment) -> dict[str, Effect]:
    """Say what each arm of an experiment changed of its first primary metric, against the control.

    Parameters
    ----------
    study, data : Study, Data
        With assignments and, for stages, events.
    trial : Experiment
        The plan; its first primary metric is read.

    Returns
    -------
    dict of Effect
        By arm; in the mode of the plan, without the looks taken before.

    Raises
    ------
    DataError
        As `exposed` and `outcomes_of`.
    """
    who = exposed(study, data, trial)
    observed = observe(study, data, by="experiment") if data.events is not None else None
    sums = sums_of(who, outcomes_of(study, data, who, observed))
    name = trial.primary[0] if trial.primary else next(iter(sums.parts))
    control = trial.arms.index(trial.control)
    places = {arm: trial.arms.index(arm) for arm in trial.treatments}
    return {
        arm: contrast(sums, name, at, control, Ask(trial.mode, 1 - trial.alpha, plan=planned(trial, at)))
        for arm, at in places.items()
    }
