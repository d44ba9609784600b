"""Windows, gaps, exclusions and periods of a funnel, read from texts; all that is wrong is said at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.funnel import calendar
from journey_lib.stats.kernels.funnel import ENTRIES, ORDERS, TIES, Exclusion, Funnel
from journey_lib.study.durations import duration_problem, microseconds

if TYPE_CHECKING:
    from journey_lib.measures.funnel.plan import Options, Step
    from journey_lib.study.engine import Observed

_BETWEEN = re.compile(r"(?P<event>.+?) between (?P<after>.+) and (?P<before>.+)")
_EVER = re.compile(r"(?P<event>.+) ever")


class Reader:
    """Reads texts of the parameters, collects what is wrong, and raises once."""

    def __init__(self, observed: Observed, steps: tuple[Step, ...], options: Options) -> None:
        self.observed, self.steps, self.options = observed, steps, options
        self.problems: list[Problem] = []
        self.absent: dict[str, int] = {}

    def funnel(self) -> Funnel:
        """Return the whole funnel."""
        options = self.options
        for name, allowed in (("order", ORDERS), ("entry", ENTRIES), ("ties", TIES)):
            given = getattr(options, name)
            if given not in allowed:
                self._wrong(name, f"'{given}'", ", ".join(allowed), nearest(given, allowed))
        window = self._length(options.window, "window")
        windows, gaps = self._lengths("step_windows", window), self._lengths("min_gaps", 0)
        between, banned = self._exclusions()
        ignored = tuple(self._code(text, "ignore", known=True) for text in options.ignore)
        first, last = self._period()
        self._names("optional", options.optional)
        self._together(between)
        if self.problems:
            raise ParamError(self.problems)
        return Funnel(
            steps=tuple(tuple(self._code(e, "steps") for e in step.events) for step in self.steps),
            window=window, order=options.order, entry=options.entry, ties=options.ties,
            step_windows=windows, min_gaps=gaps,
            optional=tuple(at for at, step in enumerate(self.steps) if step.optional), exclude=between,
            ignored=ignored, banned=banned, first=first, last=last,
        )  # fmt: skip

    def _wrong(self, where: str, given: str, allowed: str = "", near: str = "", action: str = "") -> None:
        self.problems.append(Problem(where, given, allowed, near, action))

    def _length(self, text: str, where: str) -> int:
        problem = duration_problem(text, where)
        if problem is None:
            return microseconds(text, where)
        self.problems.append(problem)
        return 0

    def _lengths(self, name: str, none: int) -> tuple[int, ...]:
        given, wanted = getattr(self.options, name), len(self.steps) - 1
        if given and len(given) != wanted:
            self._wrong(name, f"{len(given)} values for {len(self.steps)} steps",
                        f'{wanted} durations, one for each step after the first; "" for none')  # fmt: skip
        return tuple(self._length(text, f"{name}, place {at + 1}") if text else none
                     for at, text in enumerate(given))  # fmt: skip

    def _code(self, event: str, where: str, *, known: bool = False) -> int:
        """Return the code of an event; one the log does not hold gets a code nobody has."""
        code = self.observed.code(event)
        if code < 0 and known:
            self._wrong(where, f"the log holds no event '{event}'", near=nearest(event, self.observed.names))
        return code if code >= 0 else self.absent.setdefault(event, -2 - len(self.absent))

    def _exclusions(self) -> tuple[tuple[Exclusion, ...], tuple[int, ...]]:
        between: list[Exclusion] = []
        banned: list[int] = []
        for text in self.options.exclude:
            if found := _EVER.fullmatch(text):
                banned.append(self._code(found["event"], "exclude", known=True))
                continue
            found = _BETWEEN.fullmatch(text)
            event = self._code(found["event"] if found else text, "exclude", known=True)
            required = [at for at, step in enumerate(self.steps) if not step.optional]
            ends = (
                [self._step(found[end]) for end in ("after", "before")]
                if found
                else [required[0], required[-1]]
            )
            if ends[0] >= ends[1] >= 0:
                action = "Name the earlier step first, or leave customers out with 'EVENT ever'"
                self._wrong("exclude", f"'{text}' names no earlier and later step", action=action)
            elif min(ends) >= 0:
                between.append(Exclusion((event,), *ends))
        return tuple(between), tuple(banned)

    def _step(self, name: str) -> int:
        required = [step.id for step in self.steps if not step.optional]
        if name in required:
            return [step.id for step in self.steps].index(name)
        self._wrong(
            "exclude", f"no step '{name}' that must be passed", ", ".join(required), nearest(name, required)
        )
        return -1

    def _period(self) -> tuple[int, int]:
        period = self.options.period
        if not period:
            return self.observed.start, self.observed.end
        if len(period) != 2:
            self._wrong(
                "period", f"{len(period)} values", "first and last day, such as 2025-09-08, 2025-09-21"
            )
            return 0, 0
        days = [calendar.iso_day(text) for text in period]
        for text, at in zip(period, days, strict=True):
            if at is None:
                self._wrong("period", f"'{text}'", "an ISO date such as 2025-01-31")
        if days[0] is None or days[1] is None:
            return 0, 0
        if days[0] > days[1]:
            self._wrong("period", "ends before it begins", "the first day, then the last")
        return calendar.span(self.observed, days[0], days[1])

    def _names(self, where: str, given: Sequence[str]) -> None:
        known = [step.name for step in self.steps]
        for name in given:
            if name not in known:
                self._wrong(where, f"'{name}' is not a step", ", ".join(known), nearest(name, known))
        if self.steps[0].optional:
            self._wrong(where, f"'{self.steps[0].name}' opens the funnel", "a later step")

    def _together(self, between: tuple[Exclusion, ...]) -> None:
        """Refuse options that contradict each other."""
        options, given = self.options, [event for step in self.steps for event in step.events]
        repeated = len(given) != len(set(given))
        sets = {frozenset(step.events) for step in self.steps}
        free, strict = options.order == "any", options.order == "strict"
        used = [t for t in (*options.ignore, *map(_event_of, options.exclude)) if t in given]
        told = [
            ("ties", options.ties == "either" and repeated, "'either' with an event in two steps",
             "order or strict_time: the log's order must tell them apart"),
            ("ties", options.ties == "either" and strict, "'either' with order = strict",
             "order or strict_time: strict compares neighbours"),
            ("optional", strict and bool(options.optional), "stands beside order = strict",
             "order = ordered; or ignore = those events"),
            ("entry", free and options.entry == "all", "'all' with order = any", "any or first"),
            ("exclude", free and bool(between), "between steps without order", "'EVENT ever'"),
            ("step_windows", free and bool(options.step_windows), "in any order", "order = ordered"),
            ("min_gaps", free and bool(options.min_gaps), "in any order", "order = ordered"),
            ("steps", free and sum(map(len, sets)) != len(frozenset().union(*sets)),
             "different steps share an event", "steps that are alike or share none"),
            ("ignore", bool(options.ignore) and not strict, "without order = strict", "order = strict"),
            ("exclude", bool(used), f"'{''.join(used[:1])}' is a step", "other events"),
        ]  # fmt: skip
        for where, broken, given_, allowed in told:
            if broken:
                self._wrong(where, given_, allowed)


def _event_of(text: str) -> str:
    found = _EVER.fullmatch(text) or _BETWEEN.fullmatch(text)
    return found["event"] if found else text
