"""What is asked of the log: touchpoints, channels and groups of a study as codes for the kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.kernels.touchpoints import Channels, Contacts, Split
from journey_lib.study.durations import microseconds
from journey_lib.study.engine.groups import MOST_GROUPS, too_many

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.definition.parts import Touchpoint
    from journey_lib.study.engine import Observed

PAUSE = "30 minutes"
MIXES = ("device", "region")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Plan:
    """A study's map of touchpoints laid over the names of a log.

    Attributes
    ----------
    study : Study
        Stages and touchpoints.
    observed : Observed
        Names, columns and attributes of the log.
    by, gap, source : str
        As asked for; `source` is "logged" or "declared".
    """

    study: Study
    observed: Observed
    by: str
    gap: str
    source: str

    @property
    def points(self) -> tuple[Touchpoint, ...]:
        """All touchpoints of the study, in its order."""
        return self.study.journey.touchpoints

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Ids of the stages in order."""
        return tuple(stage.id for stage in self.study.journey.stages)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Values of the splitting column."""
        return self._split(self.by).names

    @cached_property
    def mixes(self) -> tuple[str, ...]:
        """Columns whose mix is shown, where the log or the customers have them."""
        columns = self.observed.log.columns()
        people = self.observed.people
        own = [] if people is None else [str(name) for name in people]
        known = [n for n in MIXES if n in own or (n in columns and not self.observed.numeric(n))]
        return tuple(name for name in known if 0 < len(self.levels(name)) <= MOST_GROUPS)

    def levels(self, column: str) -> tuple[str, ...]:
        """Return the values of a column, read once: coding a column of text costs more than counting."""
        if column not in self._known:
            self._known[column] = self.observed.levels(column)
        return self._known[column]

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def logged(self) -> bool:
        """Whether channels are those logged with the events."""
        return self.source == "logged" and "channel" in self.observed.log.columns()

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        if self.logged:
            return self.levels("channel")
        return tuple(sorted({point.channel for point in self.points if point.channel}))

    @cached_property
    def place(self) -> tuple[int, ...]:
        """Touchpoint of each event name, -1 for none."""
        met = {name: at for at, point in enumerate(self.points) for name in point.events}
        return self._coded(met)

    @cached_property
    def entered(self) -> tuple[int, ...]:
        """Stage that each event name enters, -1 for none."""
        return self._coded({name: at for at, s in enumerate(self.study.journey.stages) for name in s.enter})

    @property
    def contacts(self) -> Contacts:
        """The kernel that counts contacts, steps and time."""
        home = tuple(self.stages.index(point.stage) for point in self.points)
        return Contacts(self.place, home, self.entered, len(self.stages), self._group, self._mixed)

    @property
    def visits(self) -> Channels:
        """The kernel that counts visits and moves between channels."""
        number = {name: at for at, name in enumerate(self.channels)}
        declared = {name: number.get(point.channel, -1) for point in self.points for name in point.events}
        return Channels(
            self.entered, len(self.stages), len(self.channels), "channel" if self.logged else "",
            () if self.logged else self._coded(declared), microseconds(PAUSE), microseconds(self.gap, "gap"),
            self._group, self._mixed,
        )  # fmt: skip

    @property
    def _group(self) -> Split:
        return self._split(self.by).split

    @property
    def _mixed(self) -> tuple[Split, ...]:
        return tuple(self._split(name).split for name in self.mixes)

    def _coded(self, places: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(places.get(name, -1) for name in self.observed.names)

    def _split(self, column: str) -> _Cut:
        if not column:
            return _Cut(Split(), ())
        names = self.levels(column)
        return _Cut(Split(column, self.observed.where(column), len(names)), names)


@dataclass(frozen=True)
class _Cut:
    split: Split
    names: tuple[str, ...]


def splittable(observed: Observed, by: str) -> None:
    """Refuse a column that makes no groups.

    Raises
    ------
    ParamError
        A column nobody has, a number of the events, or more than 30 values.
    """
    if not by:
        return
    if observed.numeric(by):
        allowed = "a column of text, or an attribute of the customers"
        raise ParamError(Problem("by", f"'{by}' holds no text", allowed))
    if problems := too_many(by, len(observed.levels(by))):
        raise ParamError(problems)
