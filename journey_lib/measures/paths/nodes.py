"""What a path is made of: stages, touchpoints or events, with their words and their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.present.wording import Says, message
from journey_lib.stats.kernels.paths import NOTHING, UNPLACED

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

KINDS = ("stages", "touchpoints", "events")
START, END, OPEN = "START", "END", "OPEN"


@dataclass(frozen=True)
class Nodes:
    """The nodes of all paths.

    Attributes
    ----------
    of : str
        "stages", "touchpoints" or "events".
    ids : tuple of str
        Their ids in journey order; events without a place come last, by name.
    labels : tuple of label or str
        Their words.
    stages : tuple of str
        The stage of each node, "" where it has none.
    places : tuple of int
        The place of that stage, -1 where there is none.
    node : tuple of int
        The node of each event code of the log, -1 where the event is no step.
    """

    of: str
    ids: tuple[str, ...]
    labels: tuple[Says | str, ...]
    stages: tuple[str, ...]
    places: tuple[int, ...]
    node: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows of a matrix of transitions: the nodes and START."""
        return (*self.ids, START)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns: the nodes, END and OPEN."""
        return (*self.ids, END, OPEN)

    def label(self, name: str) -> Says | str:
        """Return the words of a node, START, END or OPEN."""
        fixed = {START: message("Start"), END: message("Ended"), OPEN: message("Open")}
        return fixed[name] if name in fixed else self.labels[self.ids.index(name)]

    def keys(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return the columns of the table that say which node a row is about."""
        place = {name: at for at, name in enumerate(self.ids)}
        stage = [self.stages[place[name]] if name in place else name for name in names]
        if self.of == "stages":
            return {"stage": stage}
        own = {"touchpoints": "touchpoint", "events": "option"}[self.of]
        known = [self.stages[place[name]] if name in place else "" for name in names]
        return {"stage": known, own: list(names)}


def nodes_of(study: Study, observed: Observed, of: str, ignore: Sequence[str]) -> Nodes:
    """Return the nodes of the paths, without those to be ignored.

    Parameters
    ----------
    study : Study
        Stages, touchpoints, and which events belong to them.
    observed : Observed
        The names the log holds.
    of : {"stages", "touchpoints", "events"}
        What a step is.
    ignore : sequence of str
        Nodes or events to take out before paths are formed.

    Raises
    ------
    DataError
        If no event of the log is a step.
    ParamError
        If something to ignore is neither a node nor an event.
    """
    made = {"stages": _stages, "touchpoints": _touchpoints, "events": _events}[of](study, observed)
    _known(made, observed, ignore)
    left = [at for at, name in enumerate(made.ids) if name not in ignore]
    moved = {old: new for new, old in enumerate(left)}
    node = tuple(
        NOTHING if name in ignore else moved.get(old, NOTHING)
        for name, old in zip(observed.names, made.node, strict=True)
    )
    if not any(code != NOTHING for code in node):
        action = 'Name events under the stages or touchpoints of study.toml, or set of = "events"'
        raise DataError(
            Problem("paths", f"no event of the log belongs to the {of} of the journey", action=action)
        )
    return Nodes(
        of,
        tuple(made.ids[at] for at in left),
        tuple(made.labels[at] for at in left),
        tuple(made.stages[at] for at in left),
        tuple(made.places[at] for at in left),
        node,
    )


def events_of(study: Study, observed: Observed, name: str, where: str) -> tuple[int, ...]:
    """Return the codes of the events that a stage, a touchpoint or an event name stands for.

    Raises
    ------
    ParamError
        If the name is none of them.
    """
    if not name:
        return ()
    named = {stage.id: stage.enter for stage in study.journey.stages}
    named |= {point.id: point.events for point in study.journey.touchpoints if point.id not in named}
    known = [*observed.names, *named]
    found = [observed.code(one) for one in named.get(name, (name,))]
    codes = tuple(code for code in found if code >= 0)
    if not codes:
        given = f"'{name}' is no stage, touchpoint or event of this log"
        raise ParamError(Problem(where, given, ", ".join(known[:40]), nearest(name, known)))
    return codes


def _known(made: Nodes, observed: Observed, ignore: Sequence[str]) -> None:
    known = [*made.ids, *observed.names]
    problems = [
        Problem("ignore", f"'{name}' is no step and no event", ", ".join(known[:40]), nearest(name, known))
        for name in ignore
        if name not in known
    ]
    problems += [
        Problem(
            "events", f"an event is called '{name}', as the ends of a path are", action="Ignore or rename it"
        )
        for name in (START, END, OPEN)
        if name in made.ids and name not in ignore
    ]
    if problems:
        raise ParamError(problems)


def _stages(study: Study, observed: Observed) -> Nodes:
    stages = study.journey.stages
    entered = {name: at for at, stage in enumerate(stages) for name in stage.enter}
    ids = tuple(stage.id for stage in stages)
    node = tuple(entered.get(name, NOTHING) for name in observed.names)
    return Nodes("stages", ids, tuple(stage.label for stage in stages), ids, tuple(range(len(ids))), node)


def _touchpoints(study: Study, observed: Observed) -> Nodes:
    place = {stage.id: at for at, stage in enumerate(study.journey.stages)}
    points = sorted(study.journey.touchpoints, key=lambda point: place[point.stage])
    met = {name: at for at, point in enumerate(points) for name in point.events}
    return Nodes(
        "touchpoints",
        tuple(point.id for point in points),
        tuple(point.label for point in points),
        tuple(point.stage for point in points),
        tuple(place[point.stage] for point in points),
        tuple(met.get(name, NOTHING) for name in observed.names),
    )


def _events(study: Study, observed: Observed) -> Nodes:
    place = {stage.id: at for at, stage in enumerate(study.journey.stages)}
    stage_of = {name: point.stage for point in study.journey.touchpoints for name in point.events}
    stage_of |= {name: stage.id for stage in study.journey.stages for name in stage.enter}
    last = len(place)
    names = sorted(observed.names, key=lambda name: (place.get(stage_of.get(name, ""), last), name))
    stages = tuple(stage_of.get(name, "") for name in names)
    places = tuple(place.get(stage, UNPLACED) for stage in stages)
    order = {name: at for at, name in enumerate(names)}
    node = tuple(order[name] for name in observed.names)
    return Nodes("events", tuple(names), tuple(names), stages, places, node)
