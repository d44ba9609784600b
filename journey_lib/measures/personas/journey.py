"""How far each segment gets: stages it reached, who went on from each, and how long that took."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.measures.personas.variables import SEEN
from journey_lib.stats.intervals import wilson
from journey_lib.stats.kernels.spells import NEXT, StageSpells
from journey_lib.stats.survival import Incidence, risk_table
from journey_lib.stats.survival.incidence import crossing, log_log
from journey_lib.study.behaviour import CHANNEL
from journey_lib.study.engine import observe

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Whom
    from journey_lib.measures.personas.variables import Compared
    from journey_lib.stats.kernels.spells import SpellRows
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

DAY = 86_400  # seconds
COLLECTED = 2_000_000  # stays that are read one by one; beyond that no days are told
Row = dict[str, Any]


def rows(study: Study, data: Data, whom: Whom, compared: Compared, level: float) -> Iterator[Row]:
    """Yield stages reached, shares that went on, days until then, and channels; nothing without events."""
    if compared.entered is None:
        return
    yield from _reached(study, whom, compared.entered, level)
    yield from _channels(whom, compared, level)
    yield from _days(study, data, whom, level)


def _groups(whom: Whom) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each segment and everybody, as members among those compared."""
    for one in whom.personas:
        yield one.name, one.inside & whom.base
    yield "", whom.base


def _reached(study: Study, whom: Whom, entered: np.ndarray, level: float) -> Iterator[Row]:
    told = [at for at, stage in enumerate(study.journey.stages) if stage.enter]
    stages = study.journey.stages
    for name, inside in _groups(whom):
        for at in told:
            yield _share("reached", entered[inside, at], level, segment=name, stage=stages[at].id)
        for at, after in pairwise(told):
            here = entered[inside & entered[:, at], after]
            yield _share("went_on", here, level, segment=name, stage=stages[at].id)


def _channels(whom: Whom, compared: Compared, level: float) -> Iterator[Row]:
    for variable in compared.variables:
        if variable.option != SEEN:
            continue
        known = ~np.isnan(variable.values)
        for name, inside in _groups(whom):
            own = variable.values[inside & known]
            channel = variable.column.removeprefix(CHANNEL)
            yield _share("seen", own, level, segment=name, option=channel)


def _share(metric: str, own: np.ndarray, level: float, **keys: str) -> Row:
    n = len(own)
    row: Row = {"metric": metric, "unit": "share", "n": n, "ci_level": level, **keys}
    if not n:
        return row | {"estimate": math.nan, "note": "nobody"}
    share = float(own.mean())
    low, high = wilson(np.array([share]), np.array([float(n)]), level)
    error = math.sqrt(share * (1 - share) / n)
    return row | {"estimate": share, "std_error": error, "ci_low": low[0], "ci_high": high[0], "note": ""}


def _days(study: Study, data: Data, whom: Whom, level: float) -> Iterator[Row]:
    """Yield the days after which half of those who entered a stage had gone on to the next."""
    stays = _stays(study, data)
    if stays is None:
        return
    place = whom.who.ids.get_indexer(stays.ids)[stays.customer]
    for name, inside in _groups(whom):
        own = (place >= 0) & inside[place]
        for at, stage in enumerate(study.journey.stages[:-1]):
            here = own & (stays.stage == at)
            if stage.enter and here.any():
                found = _median(stays.seconds[here] / DAY, stays.cause[here], level)
                keys = {"metric": "median_days", "unit": "days", "segment": name, "stage": stage.id}
                yield keys | {"n": int(here.sum()), "ci_level": level} | found


def _stays(study: Study, data: Data) -> SpellRows | None:
    observed = observe(study, replace(data, segment=None), by="personas")
    place = {name: at for at, stage in enumerate(study.journey.stages) for name in stage.enter}
    kernel = StageSpells(tuple(place.get(name, -1) for name in observed.names), cap=COLLECTED)
    found = observed.run(kernel).rows
    return None if found is None else found.settled()


def _median(days: np.ndarray, cause: np.ndarray, level: float) -> Row:
    """Return the median stay, allowing for those who are still in the stage."""
    found = Incidence(risk_table(days, cause, causes=3))
    time, waiting = found.table.time, 1 - np.asarray(found.shares[:, NEXT - 1])
    half = crossing(time, waiting, 0.5)
    if math.isnan(half):
        return {"estimate": math.nan, "note": "not_reached"}
    low, high = log_log(waiting, found.error(NEXT), level)
    early, late = crossing(time, low, 0.5), crossing(time, high, 0.5)
    if math.isnan(early) or math.isnan(late):
        return {"estimate": half, "note": ""}
    from scipy.special import ndtri

    error = (late - early) / (2 * float(ndtri(0.5 + level / 2)))
    return {"estimate": half, "std_error": error, "ci_low": early, "ci_high": late, "note": ""}
