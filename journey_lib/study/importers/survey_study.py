"""From the columns of a survey export to the study file that names them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from journey_lib.study.definition.rules import CANONICAL
from journey_lib.study.importers.draft import (
    PLEASE,
    Asked,
    comment,
    head,
    key,
    listed,
    naming_example,
    plain,
    quoted,
    table,
)
from journey_lib.study.importers.scales import Column, asked_lines, guess

PRESET = "lifecycle7"
FILE = "raw/responses.csv"
_PERSONAL = re.compile(
    r"e-?mail|이메일|메일 주소|phone|전화|연락처|휴대폰|(first|last|full|recipient) ?name|^name$|"
    r"성명|성함|^이름|\bip ?address|ipaddress|latitude|longitude|(home|postal|street) address|^주소",
    re.IGNORECASE,
)
_HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Ticks:
    """One question of which several options could be chosen, with a column for each.

    Attributes
    ----------
    name, text : str
        Where the question stands, and what was asked.
    options : mapping
        Column = label of its option.
    """

    name: str
    text: str
    options: Mapping[str, str]


@dataclass(frozen=True)
class Survey:
    """What a study file says of a survey.

    Attributes
    ----------
    what : str
        What kind of export it is.
    items : sequence of Column and Ticks
        Its columns, in the order of the file.
    columns : mapping
        Canonical name = column; without `respondent_id` rows are numbered.
    file : str
        Where the answers lie in the study's folder.
    lines : tuple of str
        Further lines of the source, and comments on guesses.
    time_zone, zone_why : str
        As the export names it.
    """

    what: str
    items: Sequence[Column | Ticks]
    columns: Mapping[str, str] = field(default_factory=dict)
    file: str = FILE
    lines: tuple[str, ...] = ()
    time_zone: str = ""
    zone_why: str = ""


def personal(name: str) -> bool:
    """Say whether a column names, reaches or places a person.

    Examples
    --------
    >>> personal("RecipientEmail"), personal("이메일 주소"), personal("How was the email support?")
    (True, True, False)
    """
    return len(name.split()) <= 3 and bool(_PERSONAL.search(name))


def survey_study(asked: Asked, survey: Survey) -> str:
    """Return the text of a study file for a survey; kinds are guesses, and each says so."""
    taken = _taken(survey)
    questions: list[str] = []
    kept: list[str] = []
    place = 0
    for item in survey.items:
        if isinstance(item, Column) and not item.asked:
            kept.append(item.name)
            continue
        place += 1
        questions += ["", *_question(item, _plain_id(item.name, place, taken))]
    return "\n".join(
        [
            *head(asked, survey.what, survey.time_zone, survey.zone_why),
            "[journey]",
            f"preset = {quoted(PRESET)}  {PLEASE} or write your own [[journey.stages]] in order",
            *comment('Give each question the stage it is about: stage = "purchase", or a touchpoint.'),
            *_source(survey, kept),
            *questions,
            "",
        ]
    )


def _source(survey: Survey, kept: list[str]) -> Iterator[str]:
    yield from ("", "[sources.responses]", f"file = {quoted(survey.file)}")
    if "respondent_id" not in survey.columns:
        yield f'id = "{{row}}"  {PLEASE} no column names each respondent once; rows are numbered'
    own = {name: column for name, column in survey.columns.items() if name != column}
    if own:
        yield f"columns = {table(own)}"
    yield from survey.lines
    if kept:
        yield from comment(f"Columns taken for no question; they can split results: {', '.join(kept)}")
        yield from comment("To make one a question, write a block [[questions]] with its id and kind.")
        yield from naming_example(kept[0])


def _taken(survey: Survey) -> set[str]:
    """Return every name a question's id may not have: fixed columns, and columns of the file."""
    columns = {item.name for item in survey.items if isinstance(item, Column)}
    return {*CANONICAL, *columns, *survey.columns.values()}


def _plain_id(name: str, place: int, taken: set[str]) -> str:
    """Return the column's own name where it is a plain id, else a number."""
    own = re.sub(r"[^\w-]+", "_", name).strip("_-")
    short = own if own == name and len(name) <= 40 and name not in CANONICAL else f"q{place}"
    while short != name and short in taken:
        short += "_"
    taken.add(short)
    return short


def _question(item: Column | Ticks, name: str) -> list[str]:
    label = {"ko" if _HANGUL.search(item.text) else "en": plain(item.text)[:300]}
    lines = ["[[questions]]", f"id = {quoted(name)}"]
    if isinstance(item, Ticks):
        return [*lines, *_ticks(item), f"label = {table(label)}"]
    column = [f"column = {quoted(item.name)}"] if item.name != name else []
    found = guess(item)
    kind = f"kind = {quoted(found.kind)}  {PLEASE} guessed from its words and codes"
    return [*lines, *column, kind, f"label = {table(label)}", *found.lines, *asked_lines(found)]


def _ticks(item: Ticks) -> list[str]:
    names = option_ids(item.options.values())
    columns = dict(zip(names, item.options, strict=True))
    labels = dict(zip(names, item.options.values(), strict=True))
    spoken = {
        name: f"{{ {'ko' if _HANGUL.search(label) else 'en'} = {quoted(label)} }}"
        for name, label in labels.items()
    }
    options = ", ".join(f"{key(name)} = {label}" for name, label in spoken.items())
    return [
        f'kind = "multi"  {PLEASE} an empty option beside a chosen one counts as not chosen',
        f"columns = {table(columns)}",
        f"options = {{ {options} }}",
    ]


def option_ids(labels: Iterable[str]) -> list[str]:
    """Return a short plain id for each option.

    Examples
    --------
    >>> option_ids(["Web site", "App, on a phone", "Web site!"])
    ['web_site', 'app_on_a_phone', 'web_site_3']
    """
    found: list[str] = []
    for place, label in enumerate(labels, start=1):
        own = re.sub(r"\W+", "_", label.lower()).strip("_")[:30].rstrip("_") or f"option_{place}"
        while own in found:
            own = f"{own}_{place}"
        found.append(own)
    return found


def keep_line(names: Sequence[str], people: Collection[str]) -> list[str]:
    """Return the line that keeps columns about persons out of the study; none where there are none."""
    if not people:
        return []
    kept = [name for name in names if name not in people]
    why = f"left out, because they name people: {', '.join(map(plain, people))}"
    return [f"keep = {listed(kept)}  {PLEASE} {why}"]
