"""Which ways customers take through the journey, where they turn back or loop, and where the ways end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.paths import checks, count
from journey_lib.measures.paths.drivers import Drivers, drive
from journey_lib.measures.paths.nodes import KINDS, Nodes, events_of, nodes_of
from journey_lib.measures.paths.result import PathsResult
from journey_lib.stats.kernels.landmark import Landmark
from journey_lib.stats.kernels.paths import Plan
from journey_lib.study.context import context_of
from journey_lib.study.durations import duration_problem, microseconds
from journey_lib.study.engine import observe
from journey_lib.study.engine.groups import too_many
from journey_lib.study.params import EventParams, check_call

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

UNITS, COLLAPSE = ("customer", "session"), ("", "all", "none")
LEAST = 30


class PathsParams(EventParams):
    """Parameters of the report on paths."""

    unit: str = Field(
        "customer",
        description='What one path belongs to: a "customer", or a "session".',
        json_schema_extra={"choices": list(UNITS)},
    )
    of: str = Field(
        "stages",
        description="What one step is: entering a stage, meeting a touchpoint, or any event.",
        json_schema_extra={"choices": list(KINDS)},
    )
    gap: str = Field("30 minutes", description="A longer pause starts a new session.")
    horizon: str = Field(
        "30 days", description="A customer silent for longer has ended; until then the path is open."
    )
    collapse: str = Field(
        "",
        description='Repeats count as one step: "" in figures only, "all" everywhere, "none" nowhere.',
        json_schema_extra={"choices": list(COLLAPSE)},
    )
    ignore: list[str] = Field([], description="Steps or events to take out before paths are formed.")
    top: int = Field(7, ge=4, le=7, description="How many nodes a step of the figure shows at most.")
    steps: int = Field(8, ge=2, le=50, description="How many steps of a path are followed one by one.")
    by: str = Field("", description='Column whose values split the result, such as "region"; "" for none.')
    entry: str = Field(
        "", description='What starts the clock of the drivers; "" for the first event of a customer.'
    )
    landmark: str = Field("24 hours", description="How long after the entry drivers are read.")
    outcome: str = Field(
        "", description='What drivers are compared on, and where backward paths end; "" for falling silent.'
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def paths(
    study: Study,
    data: Data,
    *,
    unit: str = "customer",
    of: str = "stages",
    gap: str = "30 minutes",
    horizon: str = "30 days",
    collapse: str = "",
    ignore: Sequence[str] = (),
    top: int = 7,
    steps: int = 8,
    by: str = "",
    entry: str = "",
    landmark: str = "24 hours",
    outcome: str = "",
    visitors: str = "all",
    level: float = 0.95,
) -> PathsResult:
    """Return which ways customers take, how often, how fast, and where the ways end.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs an `events` source.
    unit : {"customer", "session"}
        What one path belongs to. A pause longer than `gap` starts a new session; a pause of exactly `gap`
        does not, nor does midnight.
    of : {"stages", "touchpoints", "events"}
        What one step is. Events that belong to no stage or touchpoint are no step, but they show that a
        customer is still there.
    gap, horizon : str
        A path has ended when its last event of any kind is older than the horizon (a session: than the gap)
        at the end of the window; else it is open and never counts as drop-off.
    collapse : {"", "all", "none"}
        Repeats of a step that follow each other are one step in figures and whole paths, everywhere, or
        nowhere. Stages and touchpoints are grouped before repeats are.
    ignore : sequence of str
        Steps or events to take out before paths are formed.
    top : int
        Most nodes a step of the figure shows, Other, Ended and Open included.
    steps : int
        How many steps are followed one by one; what lies beyond counts in everything but these.
    by : str
        Column of the customers, or text column of the events (its value at the customer's first step); ""
        for none. At most 30 values.
    entry, landmark, outcome : str
        Drivers: what customers had done `landmark` after their first `entry` ("" for their first event), and
        whether the `outcome` came within `horizon` after it ("" for silence). Stages, touchpoints and events
        can be named. Backward paths end at the outcome too.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count, each as one customer.
    level : float
        Confidence level of every interval.

    Returns
    -------
    PathsResult
        `.table` holds shares and counts of transitions, median days, drop-off, steps, whole ways, drivers
        and differences between groups; `.transitions(kind)`, `.step_matrix()`, `.variants` and `.loops` are
        the same as wide tables.

    Raises
    ------
    DataError
        If the study has no events, or none of them is a step.
    ParamError
        If a parameter is not allowed or names something the study does not have; all problems at once.

    Definition
    ----------
    N[a, b] counts neighbouring steps; START, END and OPEN stand at the ends of each path, so that the row and
    the column of a node both sum to its visits. Shares are N[a, b] over the visits to a, with linearised
    errors over customers. Drop-off at a node is the share of visits older than the horizon that were followed
    by END. A driver is a difference in the outcome between those with and without a mark, among those still
    at risk at the landmark; an association, no effect. Groups are compared with everybody else, cell by cell,
    with Benjamini–Hochberg.

    Units and missing data
    ----------------------
    Shares are 0–1, times are days (1 s resolution), n is customers. A median of times takes the moves of one
    customer for one in its interval. Cells with fewer than 30 customers on either side are not tested.

    Source
    ------
    Cochran (1977), Sampling Techniques, 3rd ed., section 6.3. Anderson, Cain and Gelber (1983), Analysis of
    survival by tumor response, Journal of Clinical Oncology 1 (landmark). Benjamini and Hochberg (1995),
    Controlling the false discovery rate, JRSS B 57.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "event": ["see", "buy", "see"],
    ...                     "time": ["2025-01-01", "2025-01-03", "2025-03-20"]})
    >>> result = paths(*quick_study(events=log, journey=["see", "buy"]))
    >>> result.transitions("count").loc["see"].tolist()
    [0, 1, 0, 1]
    """
    _allowed(unit, of, gap, horizon, collapse, landmark, top, steps)
    check_call(PathsParams, ignore=ignore, level=level)
    observed = observe(study, data, by="paths", visitors=visitors)
    nodes = nodes_of(study, observed, of, ignore)
    names = _levels(observed, by) if by else ()
    plan = Plan(
        nodes.node, nodes.places, microseconds(horizon, "horizon"),
        gap=microseconds(gap, "gap") if unit == "session" else 0,
        collapse_counts=collapse == "all", collapse_shown=collapse != "none", steps=steps,
        target=_target(study, observed, nodes, outcome),
    )  # fmt: skip
    least = max(LEAST, study.thresholds.flag_cell)
    walked = count.walk(observed, plan, nodes, by=by, names=names, level=level, least=least)
    drivers = _drivers(study, observed, plan, names, entry, landmark, outcome, by, level, least)
    settings = {
        "unit": unit, "of": of, "gap": gap if unit == "session" else "", "horizon": horizon,
        "collapse": collapse, "ignore": sorted(ignore), "steps": steps, "by": by, "entry": entry,
        "landmark": landmark, "outcome": outcome, "visitors": visitors, "level": level,
        "segment": data.segment.rule if data.segment else "",
    }  # fmt: skip
    return PathsResult(
        rows=count.rows(walked, drivers), basis=checks.basis(study, observed, walked, settings),
        checks=checks.checks(study, observed, walked, drivers), notes=checks.notes(),
        context=context_of(study, data), settings=settings, study=study, walked=walked, drivers=drivers,
        by=by, top=top,
    )  # fmt: skip


def _allowed(
    unit: str, of: str, gap: str, horizon: str, collapse: str, landmark: str, top: int, steps: int
) -> None:
    """Refuse every word and number outside its list, all at once."""
    words = (("unit", unit, UNITS), ("of", of, KINDS), ("collapse", collapse, COLLAPSE))
    problems: list[Problem | None] = [
        Problem(name, f"'{given}'", ", ".join(f"'{one}'" for one in allowed), nearest(given, allowed))
        for name, given, allowed in words
        if given not in allowed
    ]
    durations = (("gap", gap), ("horizon", horizon), ("landmark", landmark))
    problems += [duration_problem(text, name) for name, text in durations]
    problems += [
        Problem(name, f"{given}", f"{low} to {high}")
        for name, given, low, high in (("top", top, 4, 7), ("steps", steps, 2, 50))
        if not low <= given <= high
    ]
    found = [problem for problem in problems if problem]
    found += [
        Problem(name, f"'{text}'", "longer than nothing")
        for name, text in durations
        if not duration_problem(text, name) and not microseconds(text, name)
    ]
    if found:
        raise ParamError(found)


def _levels(observed: Observed, by: str) -> tuple[str, ...]:
    """Return the values of the splitting column, if they can be groups."""
    if observed.numeric(by):
        raise ParamError(
            Problem("by", f"'{by}' holds numbers", "a text column, or an attribute of customers")
        )
    names = observed.levels(by)
    if problems := too_many(by, len(names)):
        raise ParamError(problems)
    return names


def _target(study: Study, observed: Observed, nodes: Nodes, outcome: str) -> int:
    """Return the node backward paths end at, -1 for the end of a path."""
    if outcome in nodes.ids:
        return nodes.ids.index(outcome)
    found = {nodes.node[code] for code in events_of(study, observed, outcome, "outcome")} - {-1}
    return min(found, default=-1)


def _drivers(
    study: Study, observed: Observed, plan: Plan, names: Sequence[str], entry: str, landmark: str,
    outcome: str, by: str, level: float, least: int,
) -> Drivers:  # fmt: skip
    attribute = by if by and observed.where(by) == "people" else ""
    kernel = Landmark(
        events_of(study, observed, entry, "entry"), events_of(study, observed, outcome, "outcome"),
        microseconds(landmark, "landmark"), plan.horizon, len(observed.names), attribute,
        len(names) if attribute else 0,
    )  # fmt: skip
    stage = _stage_of(study, entry)
    return drive(
        observed, kernel, entry=entry, outcome=outcome, stage=stage, names=names, level=level, least=least
    )


def _stage_of(study: Study, name: str) -> str:
    """Return the stage that a stage, touchpoint or event belongs to, "" for none."""
    for stage in study.journey.stages:
        if name == stage.id or name in stage.enter:
            return stage.id
    points = (point for point in study.journey.touchpoints if name == point.id or name in point.events)
    return next((point.stage for point in points), "")
