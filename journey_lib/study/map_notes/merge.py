"""What a table adds to the notes people have, and what it would change: nothing is replaced unasked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.study.definition.parts import Text
from journey_lib.study.map_notes.lane_words import OF_STAGES
from journey_lib.study.map_notes.parts import StageNotes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from journey_lib.study.definition.parts import Part
    from journey_lib.study.map_notes.parts import Idea, MapNotes, Note
    from journey_lib.study.map_notes.table import Drafted

_TEXTS = frozenset({"goal", "question", "motive", "text", "label", "hypothesis"})


@dataclass(frozen=True)
class Change:
    """One value that a table would write into `map.toml`.

    Attributes
    ----------
    part : {"stages", "notes", "opportunities"}
        Which list of the file.
    at : int
        Place in that list.
    key : str
        What would change.
    was, becomes : object
        The value there, None for an empty one, and the value of the table.
    name : str
        What people call the entry.
    """

    part: str
    at: int
    key: str
    was: object
    becomes: object
    name: str

    @property
    def fills(self) -> bool:
        """Whether nothing stood there, so that nothing is lost."""
        return self.was is None


@dataclass(frozen=True)
class Merge:
    """A table laid over the notes people have.

    Attributes
    ----------
    new : mapping of str to tuple
        Entries that are not known yet, by the list they belong to.
    changes : tuple of Change
        Values of known entries that differ or are empty.
    same, absent : int
        Items that are known already, and entries of the file that the table does not have; they stay.
    """

    new: dict[str, tuple[Any, ...]]
    changes: tuple[Change, ...]
    same: int
    absent: int


def merge(notes: MapNotes, table: Drafted) -> Merge:
    """Return what a table adds to the notes, what it would change, and what it does not speak of."""
    found = [
        _stages(notes, table.notes.stages, told_apart=bool(table.told)),
        _listed("notes", notes.notes, table.notes.notes, table.told, _same_note),
        _listed("opportunities", notes.opportunities, table.notes.opportunities, table.told, _same_idea),
    ]
    return Merge(
        {name: new for (new, *_), name in zip(found, ("stages", "notes", "opportunities"), strict=True)},
        tuple(change for _, changes, _, _ in found for change in changes),
        sum(same for *_, same, _ in found),
        sum(absent for *_, absent in found),
    )


def _stages(
    notes: MapNotes, drafts: Iterable[StageNotes], *, told_apart: bool
) -> tuple[tuple[Any, ...], list[Change], int, int]:
    known = {one.stage: at for at, one in enumerate(notes.stages)}
    new, changes, same = [], [], 0
    told = set()
    for draft in drafts:
        lanes = [lane for lane in OF_STAGES if getattr(draft, lane)]
        told |= {(draft.stage, lane) for lane in lanes}
        if draft.stage not in known:
            new.append(draft)
            continue
        at = known[draft.stage]
        unlike = [lane for lane in lanes if told_apart or not _known_words(notes.stages[at], draft, lane)]
        differing = list(_differing("stages", at, notes.stages[at], draft, unlike, draft.stage))
        changes += differing
        same += len(lanes) - len(differing)
    have = {(one.stage, lane) for one in notes.stages for lane in OF_STAGES if getattr(one, lane)}
    return tuple(new), changes, same, len(have - told)


def _known_words(known: StageNotes, draft: StageNotes, lane: str) -> bool:
    return lane != "owner" and _said(getattr(draft, lane)) <= _said(getattr(known, lane))


def _listed(
    part: str,
    known: tuple[Any, ...],
    drafts: tuple[Any, ...],
    told: frozenset[str],
    alike: Callable[[Any, Any], bool],
) -> tuple[tuple[Any, ...], list[Change], int, int]:
    """Lay drafts of notes or ideas over the known ones, each known one at most once."""
    left = list(range(len(known)))
    new, changes, same = [], [], 0
    for draft in drafts:
        at = next((at for at in left if alike(known[at], draft)), None)
        if at is None:
            new.append(draft)
            continue
        left.remove(at)
        name = str(getattr(draft, "id", "") or f"{draft.stage}, {draft.lane}")
        keys = [key for key in _told_keys(draft, told) if key != "id"]
        differing = list(_differing(part, at, known[at], draft, keys, name))
        changes += differing
        same += not differing
    return tuple(_apart(part, known, new)), changes, same, len(left)


def _apart(part: str, known: tuple[Any, ...], new: list[Any]) -> Iterator[Any]:
    """Give ideas whose name is taken another one."""
    taken = {getattr(one, "id", None) for one in known}
    for one in new:
        if part != "opportunities":
            yield one
            continue
        name, number = one.id, 2
        while name in taken:
            name, number = f"{one.id}_{number}", number + 1
        taken.add(name)
        yield one.model_copy(update={"id": name})


def _told_keys(draft: Note | Idea, told: frozenset[str]) -> list[str]:
    """Return the fields of a draft that its table has a column for; words are always told."""
    columns = {column.removesuffix("_en").removesuffix("_ko") for column in told}
    columns = {"recoverable" if c.startswith("recoverable") else c for c in columns}
    if "text" in columns:
        columns.add("label")
    return [key for key in type(draft).model_fields if key in columns and key not in ("stage", "lane")]


def _same_note(known: Note, draft: Note) -> bool:
    return (known.stage, known.lane) == (draft.stage, draft.lane) and _same_words(known.text, draft.text)


def _same_idea(known: Idea, draft: Idea) -> bool:
    return known.id == draft.id or (known.stage == draft.stage and _same_words(known.label, draft.label))


def _same_words(known: Text, draft: Text) -> bool:
    """Return whether two texts share words; a wide table does not say which language its words are in."""
    return bool(_said(known) & _said(draft))


def _said(text: Text) -> set[str]:
    return {_plain(words) for words in (text.en, text.ko) if words.strip()}


def _plain(words: str) -> str:
    return " ".join(words.split())


def _differing(
    part: str, at: int, known: Part, draft: Part, keys: Iterable[str], name: str
) -> Iterator[Change]:
    for key in keys:
        was, given = getattr(known, key), getattr(draft, key)
        becomes = _filled(was, given) if key in _TEXTS else given
        empty = type(known).model_fields[key].get_default()
        if becomes in (empty, was) or (key in _TEXTS and _alike(was, becomes)):
            continue
        lost = key in _TEXTS and any(_lost(was, becomes))
        yield Change(
            part, at, key, was if lost or (key not in _TEXTS and was != empty) else None, becomes, name
        )


def _filled(was: Text, given: Text) -> Text:
    """Return a text with the words of the table, and those it has in the other language alone."""
    return Text(en=given.en or was.en, ko=given.ko or was.ko)


def _alike(one: Text, other: Text) -> bool:
    return (_plain(one.en), _plain(one.ko)) == (_plain(other.en), _plain(other.ko))


def _lost(was: Text, becomes: Text) -> Iterator[bool]:
    """Yield for each language whether words that stood there would go."""
    for before, after in ((was.en, becomes.en), (was.ko, becomes.ko)):
        yield bool(before.strip()) and _plain(before) != _plain(after)
