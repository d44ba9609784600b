"""What is asked of the log: touches, conversions, channels and groups as codes for the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import AbsentError, DataError, ParamError, Problem, nearest
from journey_lib.stats.kernels.touches import Carriers, TouchPaths
from journey_lib.study.durations import duration_problem, microseconds
from journey_lib.study.engine.groups import too_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.stats.attribution.paths import Ints
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

MOST_STATES = 2**40  # codes of steps leave room for the groups
BUYING = ("purchase", "decision")  # ids of the stage that conversions belong to, in all presets
VALUE = "value"
UNKNOWN = "unknown"
NO_CHANNEL = "no_channel"
NO_TEXT = ("customer_id", "time", "seq", "received_at")


@dataclass(frozen=True)
class Asked:
    """The parameters as given; see `attribution`."""

    touches: tuple[str, ...] = ()
    conversion: str = ""
    lookback: str = "30 days"
    order: int = 1
    half_life: str = "7 days"
    direct: tuple[str, ...] = ("direct",)
    value: str = ""
    by: str = ""
    draws: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Plan:
    """A study's question laid over the names of a log.

    Attributes
    ----------
    study, observed : Study, Observed
        Stages, and whose events count.
    asked : Asked
        Parameters.
    touches, conversions : tuple of str
        Event names.
    stage : str
        The stage that a conversion enters; "" when none.
    value : str
        Column of the worth of a conversion; "" for none.
    chosen : bool
        Whether the touches were named, not taken by rule.
    """

    study: Study
    observed: Observed
    asked: Asked
    touches: tuple[str, ...]
    conversions: tuple[str, ...]
    stage: str
    value: str
    chosen: bool = field(default=False)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels of the log; one more stands for touches without a channel."""
        return (*self.observed.levels("channel"), NO_CHANNEL)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Values of the splitting column, and the unknown; none without a column."""
        return (*self.observed.levels(self.asked.by), UNKNOWN) if self.asked.by else ()

    @property
    def kernel(self) -> TouchPaths:
        """The kernel that counts."""
        asked, names = self.asked, self.channels[:-1]
        return TouchPaths(
            touches=tuple(self.observed.code(name) for name in self.touches),
            conversions=tuple(self.observed.code(name) for name in self.conversions),
            n_channels=len(names),
            lookback=microseconds(asked.lookback, "lookback"),
            half_life=microseconds(asked.half_life, "half_life"),
            order=asked.order,
            direct=tuple(at for at, name in enumerate(names) if name in asked.direct),
            value=self.value,
            by=asked.by,
            of_people=not asked.by or self.observed.where(asked.by) == "people",
            n_groups=max(len(self.groups) - 1, 0),
            draws=asked.draws,
            seed=asked.seed,
        )

    def plain(self, lookback: int) -> TouchPaths:
        """Return the kernel for another lookback, without groups and draws."""
        return replace(self.kernel, lookback=lookback, by="", n_groups=0, draws=0)


def planned(study: Study, observed: Observed, asked: Asked) -> Plan:
    """Read the parameters against study and log; everything that is wrong is said at once.

    Raises
    ------
    DataError
        If no event carries a channel.
    ParamError
        As in `attribution`.
    """
    if "channel" not in observed.log.columns():
        raise AbsentError(_no_channel())
    problems = [p for p in (duration_problem(asked.lookback, "lookback"), _half_life(asked)) if p]
    column = _column(observed, asked, problems)
    carried = observed.run(Carriers(len(observed.names)))
    conversions, stage = _conversion(study, observed, asked, problems)
    touches = asked.touches or _carriers(study, observed, carried, conversions)
    problems += _wrong_touches(observed, touches, conversions)
    numeric = bool(column) and observed.log.numeric(column)
    if column and asked.value and not numeric:
        problems.append(Problem("value", f"'{column}' holds no numbers", "a column of numbers"))
    problems += _splits(observed, asked.by)
    problems += _too_many_states(observed, asked)
    if problems:
        raise ParamError(problems)
    value = column if numeric else ""
    return Plan(study, observed, asked, tuple(touches), conversions, stage, value, bool(asked.touches))


def _no_channel() -> Problem:
    return Problem(
        "events", "no event carries a channel", "a column of channels",
        action="Name the column in study.toml under [sources.events], key 'columns', as channel",
    )  # fmt: skip


def _half_life(asked: Asked) -> Problem | None:
    wrong = duration_problem(asked.half_life, "half_life")
    if wrong is None and microseconds(asked.half_life) == 0:
        return Problem("half_life", f"'{asked.half_life}'", "longer than nothing")
    return wrong


def _column(observed: Observed, asked: Asked, problems: list[Problem]) -> str:
    """Return the column of values to look into; "" for none."""
    known = observed.log.columns()
    if asked.value and asked.value not in known:
        given = f"the events have no column '{asked.value}'"
        problems.append(Problem("value", given, ", ".join(known), nearest(asked.value, known)))
        return ""
    return asked.value or (VALUE if VALUE in known else "")


def _conversion(
    study: Study, observed: Observed, asked: Asked, problems: list[Problem]
) -> tuple[tuple[str, ...], str]:
    """Return the events that are conversions, and the stage they enter."""
    stages = study.journey.stages
    entered = {event: stage.id for stage in stages for event in stage.enter}
    name = asked.conversion
    if name and name in observed.names:
        return (name,), entered.get(name, "")
    known = [stage.id for stage in stages]
    if name and name not in known:
        allowed = [*known, *observed.names]
        given = f"'{name}' is neither an event of the log nor a stage"
        problems.append(Problem("conversion", given, ", ".join(allowed), nearest(name, allowed)))
        return (), ""
    at = name or next((stage for stage in BUYING if stage in known), known[-1])
    events = tuple(event for event in study.stage(at).enter if event in observed.names)
    if not events:
        given = f"no event of the log enters the stage '{at}'"
        problems.append(Problem("conversion", given, action="Name an event of the log"))
    return events, at


def _carriers(study: Study, observed: Observed, carried: Ints, conversions: Sequence[str]) -> tuple[str, ...]:
    """Return the events that are arrivals: they always carry a channel and mostly begin a visit.

    Events of touchpoints and stages are left out where others are left: what a customer does here is no
    touch that brought the customer here.

    Raises
    ------
    DataError
        If no event carries a channel.
    ParamError
        If none always does.
    """
    events, with_channel, begins = carried.T
    always = (events > 0) & (with_channel == events)
    used = {event for stage in study.journey.stages for event in stage.enter}
    used |= {event for point in study.journey.touchpoints for event in point.events}
    free = np.array([name not in conversions for name in observed.names])
    spare = np.array([name not in used for name in observed.names])
    for narrower in (always & free & spare & (2 * begins >= events), always & free & spare, always & free):
        if narrower.any():
            return tuple(name for name, yes in zip(observed.names, narrower, strict=True) if yes)
    if not carried[:, 1].any():
        raise DataError(_no_channel())
    raise ParamError(
        Problem(
            "touches", "no event always carries a channel", ", ".join(observed.names),
            action="Name the events that are touches",
        )
    )  # fmt: skip


def _wrong_touches(observed: Observed, touches: Sequence[str], conversions: Sequence[str]) -> list[Problem]:
    known = ", ".join(observed.names)
    wrong = [
        Problem("touches", f"the log has no event '{name}'", known, nearest(name, observed.names))
        for name in touches
        if name not in observed.names
    ]
    both = [name for name in touches if name in conversions]
    return wrong + [
        Problem("touches", f"'{name}' is the conversion", "other events than the conversion") for name in both
    ]


def _splits(observed: Observed, by: str) -> list[Problem]:
    """Say what is wrong with a column that makes no groups."""
    if not by:
        return []
    if observed.where(by) == "columns" and (by in NO_TEXT or observed.numeric(by)):
        allowed = "a column of text, or an attribute of the customers"
        return [Problem("by", f"'{by}' holds no text", allowed)]
    return too_many(by, len(observed.levels(by)))


def _too_many_states(observed: Observed, asked: Asked) -> list[Problem]:
    channels = len(observed.levels("channel"))
    if (channels + 2) ** asked.order * (channels + 4) <= MOST_STATES:
        return []
    return [Problem("order", f"{asked.order} with {channels} channels", "a lower order for so many channels")]
