"""What each kind of question demands of its scale, codes and direction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.parts import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_lib.study.definition.parts import Question, ScaleName

DEFAULT_SCALE: dict[str, tuple[int, int]] = {
    "nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rating": (1, 5), "slider": (0, 100), "sus": (1, 5),
    "umux_lite": (1, 7),
}  # fmt: skip
DIRECTIONS = {
    "higher_is_better": "higher_is_better",
    "lower_is_better": "lower_is_better",
    "agree_is_easy": "higher_is_better",
    "effort": "lower_is_better",
}
MANY_COLUMNS = ("multi", "ranking")
UNSCALED = ("single", "text", "task", "time", *MANY_COLUMNS)
SCORED = {"sus": 10, "umux_lite": 2}  # questionnaires with one published score, and how many items they have
_CODE = re.compile(r"-?(0|[1-9]\d*)")


def question_problems(question: Question, where: str) -> Iterator[Problem]:
    """Yield everything wrong inside one question."""
    yield from _columns(question, where)
    yield from _scale(question, where)
    yield from _direction(question, where)
    yield from _codes(question, where)


def scale_problems(questions: Sequence[Question]) -> Iterator[Problem]:
    """Yield a problem for each `scale_of` whose items differ in scale or direction."""
    groups: dict[str, list[Question]] = {}
    for question in questions:
        if question.scale_of:
            groups.setdefault(question.scale_of, []).append(question)
    for name, items in groups.items():
        where = f"[[questions]] of scale_of '{name}'"
        if len({DIRECTIONS.get(q.direction, "higher_is_better") for q in items}) > 1:
            yield Problem(
                where, "its items have different directions", "one direction",
                action="Give all one direction; items worded the other way have reverse = true",
            )  # fmt: skip
        if len({q.scale or DEFAULT_SCALE.get(q.kind) for q in items}) > 1:
            yield Problem(where, "its items have different scales", "one scale for all items")
        kinds = dict.fromkeys(q.kind for q in items)
        if len(kinds) > 1 and not kinds.keys().isdisjoint(SCORED):
            given = f"its items are of kinds {', '.join(kinds)}"
            yield Problem(where, given, "one kind for a published questionnaire")


def name_problems(questions: Sequence[Question], named: Sequence[ScaleName]) -> Iterator[Problem]:
    """Yield a problem for each named scale that no question belongs to."""
    known = tuple(dict.fromkeys(q.scale_of for q in questions if q.scale_of))
    for scale in named:
        if scale.id not in known:
            yield Problem(
                f"[[scales]] '{scale.id}'", f"no question has scale_of = \"{scale.id}\"",
                ", ".join(known) or "none declared", nearest(scale.id, known),
            )  # fmt: skip


def scored(questions: Sequence[Question]) -> dict[tuple[str, str], list[Question]]:
    """Return the items of each SUS and UMUX-Lite by kind and `scale_of`, in the order of the study file."""
    found: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        if question.kind in SCORED:
            found.setdefault((question.kind, question.scale_of), []).append(question)
    return found


def usability_problems(questions: Sequence[Question]) -> Iterator[Problem]:
    """Yield a problem for each SUS or UMUX-Lite that is not as published, and each time without its task."""
    for (kind, name), items in scored(questions).items():
        where = f"[[questions]] of kind {kind}" + (f", scale_of '{name}'" if name else "")
        if len(items) != SCORED[kind]:
            yield Problem(
                where, f"{len(items)} items", f"the {SCORED[kind]} items in their published order",
                action="Declare each item; give every questionnaire of a study its own scale_of",
            )  # fmt: skip
        for place, item in enumerate(items, start=1):
            yield from _published(item, kind, place)
    tasks = [q.id for q in questions if q.kind == "task"]
    for question in questions:
        here = f"[[questions]] '{question.id}', key 'task'"
        if question.task and question.kind != "time":
            yield Problem(here, f"a {question.kind} question times no task", action="Only with kind time")
        elif question.task and question.task not in tasks:
            known = ", ".join(tasks) or "none declared"
            yield Problem(here, f"unknown task '{question.task}'", known, nearest(question.task, tasks))


def _published(item: Question, kind: str, place: int) -> Iterator[Problem]:
    """Yield where an item says otherwise than its questionnaire was published."""
    where, scale = f"[[questions]] '{item.id}'", DEFAULT_SCALE[kind]
    if item.scale not in (None, scale):
        yield Problem(f"{where}, key 'scale'", "another scale", f"{list(scale)} for kind {kind}")
    if item.direction:
        given = f"the direction of {kind} is published"
        yield Problem(f"{where}, key 'direction'", given, action="Remove the key")
    if item.reverse and (kind != "sus" or place % 2):
        yield Problem(
            f"{where}, key 'reverse'", f"item {place} of {kind} is worded positively",
            action="Remove the key, or bring the items into their published order",
        )  # fmt: skip


def _columns(question: Question, where: str) -> Iterator[Problem]:
    many = question.kind in MANY_COLUMNS
    if many and not question.columns:
        yield Problem(f"{where}, key 'columns'", "is missing", 'columns = { option = "column in the file" }')
    if many and question.column:
        yield Problem(f"{where}, key 'column'", f"a {question.kind} question has one column for each option",
                      "columns = { … }")  # fmt: skip
    if not many and (question.columns or question.options or question.exclusive):
        yield Problem(where, f"a {question.kind} question has no options",
                      "columns, options and exclusive only with kind multi or ranking")  # fmt: skip
    if many:
        for key, names in (("exclusive", question.exclusive), ("options", tuple(question.options))):
            for name in names:
                if name not in question.columns:
                    known = tuple(question.columns)
                    yield Problem(f"{where}, key '{key}'", f"unknown option '{name}'", ", ".join(known),
                                  nearest(name, known))  # fmt: skip


def _scale(question: Question, where: str) -> Iterator[Problem]:
    here = f"{where}, key 'scale'"
    if question.scale is None:
        if question.kind == "likert":
            yield Problem(here, "is missing", "scale = [lowest, highest], such as [1, 5] or [1, 7]")
        return
    low, high = question.scale
    if question.kind in UNSCALED:
        yield Problem(here, f"a {question.kind} question has no scale", action="Remove the key")
    elif low >= high:
        yield Problem(here, f"[{low}, {high}]", "lowest before highest, such as [1, 5]")
    elif question.kind == "nps" and (low, high) != (0, 10):
        yield Problem(
            here, f"[{low}, {high}]", "[0, 10] for kind nps",
            action="Promoters are 9 and 10 of eleven points, so another scale gives no NPS: "
            "use kind = \"rating\", or bring 0-10 codes into the file by a rule of your own",
        )  # fmt: skip


def _direction(question: Question, where: str) -> Iterator[Problem]:
    here = f"{where}, key 'direction'"
    if question.direction and question.direction not in DIRECTIONS:
        allowed = ", ".join(DIRECTIONS)
        yield Problem(here, f"'{question.direction}'", allowed, nearest(question.direction, DIRECTIONS))
    if question.kind == "ces" and not question.direction:
        yield Problem(here, "is missing for kind ces", "agree_is_easy (7 = easy) or effort (7 = much effort)")
    if question.kind == "nps" and DIRECTIONS.get(question.direction) == "lower_is_better":
        yield Problem(here, "lower_is_better", "higher_is_better for kind nps")


def _codes(question: Question, where: str) -> Iterator[Problem]:
    scale = question.scale or DEFAULT_SCALE.get(question.kind)
    scale = scale if scale and scale[0] < scale[1] else None
    for code, reason in question.missing.items():
        here = f"{where}, key 'missing', code {code}"
        if reason not in REASONS:
            yield Problem(here, f"unknown reason '{reason}'", ", ".join(REASONS), nearest(reason, REASONS))
        if scale and _on_scale(code, scale):
            yield Problem(here, f"lies on the scale {list(scale)}", "codes outside the scale")
    for code in question.labels:
        if code in question.missing:
            yield Problem(
                f"{where}, key 'labels'", f"code {code} is declared missing", action="Keep one of them"
            )
        elif scale and not _on_scale(code, scale):
            yield Problem(
                f"{where}, key 'labels'", f"code {code}", f"whole numbers of the scale {list(scale)}"
            )
    if question.blank not in REASONS:
        yield Problem(f"{where}, key 'blank'", f"unknown reason '{question.blank}'", ", ".join(REASONS),
                      nearest(question.blank, REASONS))  # fmt: skip


def _on_scale(code: str, scale: tuple[int, int]) -> bool:
    return bool(_CODE.fullmatch(code)) and scale[0] <= int(code) <= scale[1]
