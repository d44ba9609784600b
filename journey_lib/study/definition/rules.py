"""What must hold between the parts of a study file; every rule yields all it finds wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.calendars import calendar_problems
from journey_lib.study.definition.columns import column_problems
from journey_lib.study.definition.experiment_rules import metric_problems, plan_problems
from journey_lib.study.definition.reports import report_problems
from journey_lib.study.definition.scales import (
    name_problems,
    question_problems,
    scale_problems,
    usability_problems,
)
from journey_lib.study.definition.themes import theme_problems
from journey_lib.study.durations import duration_problem
from journey_lib.study.patterns import pattern_problem
from journey_lib.study.presets import PRESETS
from journey_lib.study.sizes import amount_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from journey_lib.study.definition.sources import EventsPart, SourcePart
    from journey_lib.study.definition.study import Study

CANONICAL = (
    "respondent_id", "customer_id", "wave", "date", "mode", "language", "base_weight",
    "strata", "psu", "fpc", "duration_s", "attention",
)  # fmt: skip
_PLAIN = re.compile(r"\w[\w-]*")
_ID_RULE = "letters, digits, '_' and '-', without spaces"


def study_problems(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    """Yield everything wrong with a study whose parts have the right shape.

    Parameters
    ----------
    study : Study
        The study as written, before presets and defaults are filled in.
    declared : dict of set
        Ids written in the file under "stages", "touchpoints", "questions", "metrics" and "sources", also
        of entries left out of `study` because they are broken: pointing at them is no second mistake.
    """
    yield from _plain_facts(study)
    yield from _journey(study, declared)
    yield from _questions(study, declared)
    yield from column_problems(study, declared["questions"])
    yield from _calendars(study)
    yield from theme_problems(study, stage_ids(study, declared), _touchpoints(study, declared))
    yield from _sources(study, declared)
    yield from _weights(study, declared)
    yield from _experiments(study, declared)
    yield from report_problems(study)


def unknown(where: str, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem when `name` is not one of `known`; nothing known is a problem told elsewhere."""
    if known and name not in known:
        yield Problem(where, f"unknown {what} '{name}'", ", ".join(known), nearest(name, known))


def _calendars(study: Study) -> Iterator[Problem]:
    yield from calendar_problems(study)
    for region in study.regions:
        yield from _time_zone(region.time_zone, f"[[regions]] '{region.id}', key 'time_zone'")


def _plain_facts(study: Study) -> Iterator[Problem]:
    yield from _plain_id("key 'id'", study.id)
    yield from _time_zone(study.time_zone)
    if study.currency and not re.fullmatch("[A-Z]{3}", study.currency):
        yield Problem("key 'currency'", f"'{study.currency}'", "three capital letters such as KRW or USD")
    window = study.window
    if window.start and window.end and window.start >= window.end:
        yield Problem("[window]", f"start {window.start} is not before end {window.end}")
    yield from _duration("[window], key 'follow_up'", window.follow_up)
    if not 1 <= study.thresholds.min_cell <= study.thresholds.flag_cell:
        yield Problem("[thresholds]", "min_cell and flag_cell", "1 <= min_cell <= flag_cell")


def _journey(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    journey = study.journey
    if journey.preset:
        yield from unknown("[journey], key 'preset'", "preset", journey.preset, PRESETS)
    elif not journey.stages and not declared["stages"]:
        yield Problem(
            "[journey]", "no stages", f"preset = {' | '.join(PRESETS)}, or a list of [[journey.stages]]",
            action="Add a preset or stages",
        )  # fmt: skip
    known = stage_ids(study, declared)
    for stage in journey.stages:
        where = f"[[journey.stages]] '{stage.id}'"
        yield from _plain_id(where, stage.id)
        if journey.preset in PRESETS:
            yield from unknown(where, f"stage of preset {journey.preset}", stage.id, known)
    for point in journey.touchpoints:
        where = f"[[journey.touchpoints]] '{point.id}'"
        yield from _plain_id(where, point.id)
        yield from unknown(f"{where}, key 'stage'", "stage", point.stage, known)
    yield from _repeated("[[journey.stages]]", "id", (s.id for s in journey.stages))
    yield from _repeated("[[journey.touchpoints]]", "id", (t.id for t in journey.touchpoints))
    yield from _repeated(
        "[[journey.stages]], key 'enter'", "event", (e for s in journey.stages for e in s.enter)
    )
    events = (e for t in journey.touchpoints for e in t.events)
    yield from _repeated("[[journey.touchpoints]], key 'events'", "event", events)


def stage_ids(study: Study, declared: dict[str, set[str]]) -> list[str]:
    """Return the ids of all stages, in the journey's order; none when the preset itself is unknown."""
    if study.journey.preset:
        return [name for name, _, _ in PRESETS.get(study.journey.preset, ())]
    return list(dict.fromkeys([*(s.id for s in study.journey.stages), *sorted(declared["stages"])]))


def _touchpoints(study: Study, declared: dict[str, set[str]]) -> list[str]:
    points = [point.id for point in study.journey.touchpoints]
    return [*points, *sorted(declared["touchpoints"] - set(points))]


def _questions(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    stages = stage_ids(study, declared)
    points = {t.id: t.stage for t in study.journey.touchpoints}
    for question in study.questions:
        where = f"[[questions]] '{question.id}'"
        yield from _plain_id(where, question.id)
        if question.id in CANONICAL:
            yield Problem(where, "the id is the name of a fixed column", "any other id")
        if question.stage:
            yield from unknown(f"{where}, key 'stage'", "stage", question.stage, stages)
        if question.touchpoint:
            known = _touchpoints(study, declared) or ["none declared"]
            yield from unknown(f"{where}, key 'touchpoint'", "touchpoint", question.touchpoint, known)
        owner = points.get(question.touchpoint, question.stage)
        if question.stage and owner != question.stage:
            yield Problem(
                where, f"stage '{question.stage}' is not the stage of its touchpoint, '{owner}'",
                action="Leave out the stage: a question follows its touchpoint",
            )  # fmt: skip
        yield from question_problems(question, where)
    yield from scale_problems(study.questions)
    yield from _repeated("[[scales]]", "id", (s.id for s in study.scales))
    if declared["questions"] <= {q.id for q in study.questions}:  # a broken item is no missing one
        yield from usability_problems(study.questions)
        yield from name_problems(study.questions, study.scales)
    yield from _repeated("[[questions]]", "id", (q.id for q in study.questions))
    columns = (c for q in study.questions for c in (q.columns.values() or [q.column or q.id]))
    yield from _repeated("[[questions]], key 'column'", "column", columns)


def _sources(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    options = [f"{q.id}.{option}" for q in study.questions for option in q.columns]
    if study.questions and "responses" not in declared["sources"]:
        yield Problem("[sources]", "there are questions but no responses", "[sources.responses]")
    for name in study.sources.names():
        parts = study.sources[name]
        for number, part in enumerate(parts, start=1):
            where = f"[sources.{name}]" if len(parts) == 1 else f"[[sources.{name}]] number {number}"
            yield from _source_part(where, part, declared["questions"])
            for dotted in (name for name in part.columns if "." in name):
                if dotted not in options:
                    yield Problem(
                        f"{where}, key 'columns'", f"unknown option '{dotted}'", "question.option",
                        nearest(dotted, options),
                    )  # fmt: skip
    yield from _events(study.sources.events)


def _events(parts: Sequence[EventsPart]) -> Iterator[Problem]:
    """Yield what is wrong with how the log is put together."""
    for part in parts:
        if part.time_zone:
            yield from _time_zone(part.time_zone, "[sources.events], key 'time_zone'")
    if parts and parts[0].memory:
        problem = amount_problem(parts[0].memory, "[sources.events], key 'memory'")
        yield from [problem] if problem else []
    for key in ("ties", "priority", "duplicates", "id_map", "runner", "memory"):
        if len({getattr(part, key) for part in parts}) > 1:
            action = "A log has one order: write the same in each part"
            yield Problem("[[sources.events]]", f"the parts differ in '{key}'", action=action)
    if parts and (parts[0].ties == "priority") != bool(parts[0].priority):
        given = "a list 'priority' and ties = \"priority\" need each other"
        yield Problem("[sources.events]", given, 'ties = "priority" beside priority = ["seen", "bought"]')
    yield from _repeated("[sources.events], key 'priority'", "event", parts[0].priority if parts else ())


def _source_part(where: str, part: SourcePart, questions: set[str]) -> Iterator[Problem]:
    for name in part.not_asked:
        yield from unknown(f"{where}, key 'not_asked'", "question", name, sorted(questions))
    for key, pattern in {"id": part.id, **{f"constant.{k}": v for k, v in part.constant.items()}}.items():
        wrong = pattern_problem(pattern)
        if wrong:
            yield Problem(f"{where}, key '{key}'", wrong, "text with {COLUMN}, {COLUMN:02} or {row}")
    twice = set(part.columns) & (set(part.constant) | ({"respondent_id"} if part.id else set()))
    for name in sorted(twice):
        yield Problem(where, f"'{name}' has both a column and a fixed value", action="Keep one of them")
    if part.encoding:
        yield from _encoding(where, part.encoding)
    if part.delimiter and (len(part.delimiter) > 1 or part.delimiter in '"\r\n'):
        given = f"'{part.delimiter[:40]}' cannot part columns".replace("\r", "\\r").replace("\n", "\\n")
        yield Problem(f"{where}, key 'delimiter'", given, "one sign, such as ; or \\t")


def _encoding(where: str, name: str) -> Iterator[Problem]:
    try:
        "".encode(name)
    except LookupError:
        known = ("utf-8", "cp949", "euc-kr", "latin-1", "cp1252", "shift_jis", "gb18030", "utf-16")
        allowed = ", ".join(known)
        yield Problem(f"{where}, key 'encoding'", f"unknown encoding '{name}'", allowed, nearest(name, known))


def _weights(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    plan = study.weights
    if plan.rake and "margins" not in declared["sources"]:
        yield Problem(
            "[weights], key 'rake'", f"{len(plan.rake)} margins to rake to but no margins file",
            "[sources.margins] with columns wave, margin, category, target",
            action="Declare the margins or remove rake",
        )  # fmt: skip
    if plan.trim is not None and plan.trim <= 1:
        yield Problem("[weights], key 'trim'", f"{plan.trim:g}", "a number above 1 (times the mean weight)")
    yield from _repeated("[weights], key 'rake'", "margin", plan.rake)


def _experiments(study: Study, declared: dict[str, set[str]]) -> Iterator[Problem]:
    stages = stage_ids(study, declared)
    outcomes = stages and [*stages, *sorted(declared["metrics"]), *sorted(declared["questions"])]
    yield from _repeated("[[metrics]]", "id", (m.id for m in study.metrics))
    yield from _repeated("[[experiments]]", "id", (e.id for e in study.experiments))
    for metric in study.metrics:
        yield from metric_problems(metric, study, stages)
    for trial in study.experiments:
        yield from _plain_id(f"[[experiments]] '{trial.id}'", trial.id)
        yield from plan_problems(trial, study, stages, outcomes)


def _repeated(where: str, what: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Problem(where, f"{what} '{name}' stands twice", action="Each may stand once")
        seen.add(name)


def _plain_id(where: str, name: str) -> Iterator[Problem]:
    if not _PLAIN.fullmatch(name):
        yield Problem(where, f"'{name}' is no plain id", _ID_RULE)


def _duration(where: str, text: str) -> Iterator[Problem]:
    problem = duration_problem(text, where) if text else None
    if problem:
        yield problem


def _time_zone(name: str, where: str = "key 'time_zone'") -> Iterator[Problem]:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        known = sorted(zoneinfo.available_timezones())
        allowed = "a name such as UTC or Asia/Seoul"
        yield Problem(where, f"unknown time zone '{name}'", allowed, nearest(name, known))
