"""What was asked for, checked: who enters, what counts as coming back, in which periods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.stats.kernels.cohorts import COHORTS, MODES, Cohorts
from journey_lib.study.calendar import UNITS, Calendar, calendar, elsewhere
from journey_lib.study.engine.groups import group_names

if TYPE_CHECKING:
    from journey_lib.study.definition import Stage, Study
    from journey_lib.study.engine import Observed

DAY = 86_400_000_000  # microseconds
BLOCKS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY}
BRACKETS = {
    "day": ("1-3", "4-7", "8-14", "15-30"),
    "week": ("1", "2-4", "5-8", "9-12"),
    "month": ("1", "2-3", "4-6", "7-12"),
}
STICKY = {"day": 7, "week": 4, "month": 3}
CUSTOMER = ("purchase", "decision")  # stages of the ready-made journeys that make somebody a customer
KEEPING = ("retention", "use")  # stages that keep one
ANY = "any"
MOST_CELLS, MOST_PERIODS = 2_000_000, 60
UNKNOWN = "unknown"
_BRACKET = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


@dataclass(frozen=True)
class Asked:
    """The parameters as they were given."""

    entry: str = ""
    back: tuple[str, ...] = ()
    unit: str = "month"
    cohort: str = "calendar"
    mode: str = "on"
    brackets: tuple[str, ...] = ()
    periods: int = 12
    by: str = ""
    value: str = ""
    level: float = 0.95


@dataclass(frozen=True)
class Choice:
    """Events that were meant, none for every event; the stage they enter, and whether they are all of it."""

    events: tuple[str, ...] = ()
    stage: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Plan:
    """What was asked for.

    Attributes
    ----------
    asked : Asked
        The parameters.
    entry, back : Choice
        Who enters, and what counts as coming back.
    windows : tuple of (int, int)
        First and last period of each window.
    options : tuple of str
        What the table calls them: "1", or "1-3".
    focal : int
        Place of the first window after period 0.
    groups : tuple of str
        Values of `by`; those unknown come after them.
    cohorts : tuple of str
        Names of the calendar units.
    stage : str
        Stage the report speaks about.
    kernel : Cohorts
        What is asked of the log.
    """

    asked: Asked
    entry: Choice
    back: Choice
    windows: tuple[tuple[int, int], ...]
    options: tuple[str, ...]
    focal: int
    groups: tuple[str, ...]
    cohorts: tuple[str, ...]
    stage: str
    kernel: Cohorts = field(repr=False)

    @property
    def shown_groups(self) -> tuple[str, ...]:
        """Values of `by` and the unknown ones, in the order of the counts; "" where nothing splits them."""
        return (*self.groups, UNKNOWN) if self.asked.by else ("",)

    @property
    def entry_returns(self) -> bool:
        """Whether the entry itself counts as coming back, so that everybody is there in period 0."""
        return not self.kernel.back or bool(set(self.kernel.entry) & set(self.kernel.back))

    def alternatives(self) -> dict[str, Cohorts]:
        """Return the kernels of other ways to read the question, for the first window after period 0."""
        near = replace(self.kernel, windows=self.windows[: self.focal + 1], by="", where="", levels=0,
                       value="", sticky=0)  # fmt: skip
        clock = 0 if self.kernel.block else BLOCKS[self.asked.unit]
        ways = {
            "asked": near,
            "any": replace(near, back=()),
            "again": replace(near, back=near.entry),
            "rolling" if clock else "calendar": replace(near, block=clock),
        }
        same = [name for name in ("any", "again") if ways[name].back == near.back]
        return {name: way for name, way in ways.items() if name not in same}


def plan_of(study: Study, observed: Observed, asked: Asked) -> Plan:
    """Return what was asked for, or everything that is wrong with it.

    Raises
    ------
    ParamError
        Unknown words, events, columns; brackets nobody can read; more cells than a table can hold.
    """
    problems = _words(asked)
    entry = _entry(study, observed, asked.entry, problems)
    back = _back(study, observed, asked.back, problems)
    windows = _windows(asked, problems)
    groups, where = _groups(observed, asked.by, problems)
    _value(observed, asked.value, problems)
    if problems:
        raise ParamError(problems)
    days = calendar(observed.start, observed.end, asked.unit, observed.time_zone)
    windows = _reached(windows, asked, observed, days)
    _fits((len(groups) + 1) * len(days.names) * len(windows))
    utc = observed.time_zone == "UTC"
    kernel = Cohorts(
        tuple(observed.code(name) for name in entry.events), tuple(observed.code(n) for n in back.events),
        days.edges, windows, observed.end, len(observed.names),
        BLOCKS[asked.unit] if asked.cohort == "rolling" else 0, asked.mode == "on_or_after", asked.by, where,
        len(groups), asked.value, _sticky(asked, windows),
    )  # fmt: skip
    if not utc:
        kernel = replace(kernel, other=elsewhere(days.names, asked.unit, "UTC"))
    options = tuple(str(a) if a == b else f"{a}-{b}" for a, b in windows)
    focal = next(place for place, (first, _) in enumerate(windows) if first > 0)
    return Plan(asked, entry, back, windows, options, focal, groups, days.names, _stage(study, entry), kernel)


def _words(asked: Asked) -> list[Problem]:
    told = (("unit", asked.unit, UNITS), ("cohort", asked.cohort, COHORTS), ("mode", asked.mode, MODES))
    wrong = [
        Problem(where, f"'{given}'", ", ".join(allowed), nearest(given, allowed))
        for where, given, allowed in told
        if given not in allowed
    ]
    if not 1 <= asked.periods <= MOST_PERIODS:
        wrong.append(Problem("periods", f"{asked.periods}", f"1 to {MOST_PERIODS}"))
    return wrong


def _entry(study: Study, observed: Observed, text: str, problems: list[Problem]) -> Choice:
    """Return who enters: what is named, else the purchase of the journey, else the first event of all."""
    if text == ANY and observed.code(ANY) < 0:
        return Choice()
    if text:
        return _named(study, observed, [text], "entry", problems)
    stages = [stage for stage in study.journey.stages if stage.id in CUSTOMER]
    known = [(stage, _logged(observed, stage)) for stage in stages]
    return next((Choice(events, stage.id, whole=True) for stage, events in known if events), Choice())


def _back(study: Study, observed: Observed, texts: Sequence[str], problems: list[Problem]) -> Choice:
    return _named(study, observed, texts, "back", problems) if texts else Choice()


def _named(
    study: Study, observed: Observed, texts: Sequence[str], where: str, problems: list[Problem]
) -> Choice:
    """Return the events of names; a name is an event, several joined by "|", or a stage."""
    stages = {stage.id: stage for stage in study.journey.stages}
    found: list[str] = []
    names = [
        part.strip() for text in texts for part in ([text] if text in observed.names else text.split("|"))
    ]
    for name in names:
        if name in observed.names:
            found.append(name)
        elif name in stages and (events := _logged(observed, stages[name])):
            found += events
        else:
            given, known = f"the log holds no event '{name}'", [*observed.names, *stages]
            problems.append(Problem(where, given, "events of the log, or stages", nearest(name, known)))
    events = tuple(dict.fromkeys(found))
    entered = [stage for stage in study.journey.stages if set(events) & set(stage.enter)]
    if not entered:
        return Choice(events)
    return Choice(events, entered[0].id, set(events) == set(_logged(observed, entered[0])))


def _logged(observed: Observed, stage: Stage) -> tuple[str, ...]:
    return tuple(event for event in stage.enter if event in observed.names)


def _windows(asked: Asked, problems: list[Problem]) -> tuple[tuple[int, int], ...]:
    if asked.mode != "bracket":
        if asked.brackets:
            problems.append(Problem("brackets", "given without mode = bracket", action="Set mode = bracket"))
        return tuple((k, k) for k in range(asked.periods + 1))
    found = []
    for text in asked.brackets or BRACKETS.get(asked.unit, ("1",)):
        read = _BRACKET.fullmatch(text.strip())
        pair = (int(read[1]), int(read[2] or read[1])) if read else (1, 0)
        if pair[0] > pair[1]:
            problems.append(Problem("brackets", f"'{text}'", 'first and last period, such as "1-3", or one'))
        else:
            found.append(pair)
    if any(one[1] >= other[0] for one, other in pairwise(found)):
        problems.append(Problem("brackets", "some overlap or stand in another order", "rising, each apart"))
    if found and found[-1][0] == 0:
        problems.append(Problem("brackets", "none after period 0", 'at least one, such as "1-3"'))
    return tuple(found)


def _reached(
    windows: tuple[tuple[int, int], ...], asked: Asked, observed: Observed, days: Calendar
) -> tuple[tuple[int, int], ...]:
    """Return the windows that begin before the log ends for somebody, and at least one after period 0."""
    rolling = asked.cohort == "rolling"
    span = (observed.end - observed.start) // BLOCKS[asked.unit] + 1 if rolling else len(days.names)
    first = next(place for place, (begin, _) in enumerate(windows) if begin > 0)
    kept = sum(begin < span for begin, _ in windows)
    return windows[: max(kept, first + 1)]


def _sticky(asked: Asked, windows: tuple[tuple[int, int], ...]) -> int:
    return 0 if asked.mode == "bracket" else min(STICKY[asked.unit], len(windows) - 1)


def _groups(observed: Observed, by: str, problems: list[Problem]) -> tuple[tuple[str, ...], str]:
    """Return the values of a column, and where it lies."""
    names = group_names(observed, by, problems)
    return names, observed.where(by) if names else ""


def _value(observed: Observed, value: str, problems: list[Problem]) -> None:
    if not value:
        return
    numbers = [name for name in observed.log.columns() if observed.log.numeric(name)]
    if value not in numbers:
        given = f"the events hold no numbers '{value}'"
        problems.append(Problem("value", given, ", ".join(numbers) or "none", nearest(value, numbers)))


def _fits(cells: int) -> None:
    if cells > MOST_CELLS:
        given = f"{cells:,} cells of group, cohort and period"
        raise ParamError(
            Problem("unit", given, f"at most {MOST_CELLS:,}", action="Choose a longer unit or fewer groups")
        )


def _stage(study: Study, entry: Choice) -> str:
    """Return the stage that keeps customers, where the journey has one, else the one they entered."""
    known = [stage.id for stage in study.journey.stages]
    return next((name for name in KEEPING if name in known), entry.stage)
