"""What `journey segments` answers: the saved segments of a study, who is inside, and where they were used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from journey_lib.errors import JourneyError, ParamError, Problem, chosen
from journey_lib.publish.places import find_study

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from journey_lib.study.segments import SavedSegment, SavedSegments

ACTIONS: Final = {
    "list": (),
    "show": ("NAME",),
    "save": ("NAME", "RULE"),
    "edit": ("NAME", "RULE"),
    "freeze": ("NAME",),
    "duplicate": ("NAME", "NEW NAME"),
    "rename": ("NAME", "NEW NAME"),
    "remove": ("NAME",),
    "diff": ("ONE", "OTHER"),
}
HEADS: Final = ("Name", ">Version", ">n saved", ">n now", ">Undecided", ">Reports", "Rule or list")


@dataclass(frozen=True)
class Answer:
    """What the terminal shows: sentences, and a table where there is one."""

    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def answer(
    study: str | Path, action: str, words: Sequence[str], *, description: str = "", author: str = ""
) -> Answer:
    """Do one thing with the saved segments of a study, and say what came of it.

    Parameters
    ----------
    study : str or Path
        The study.
    action : str
        One of `ACTIONS`.
    words : sequence of str
        What the action is about.
    description, author : str
        Kept with a segment that is saved.

    Raises
    ------
    JourneyError
        If the action, its words or the file are not right.
    """
    from journey_lib.study.load import load_study
    from journey_lib.study.segments import saved_segments

    chosen("action", action, tuple(ACTIONS))
    wanted = ACTIONS[action]
    if len(words) != len(wanted):
        given = f"'{action}' is given {len(words)} words"
        raise ParamError(Problem("segments", given, " ".join(wanted) or "no further word"))
    store = saved_segments(*load_study(find_study(study)))
    if action in ("list", "show"):
        ledger = _ledger(store.study.id)
        return _list(store, ledger) if action == "list" else _show(store, words[0], ledger)
    if action == "diff":
        return _diff(store, *words)
    if action == "remove":
        store.remove(words[0])
        return Answer((f"'{words[0]}' is out of segments.json; published reports keep what they say.",))
    doing: dict[str, Callable[..., SavedSegment]] = {
        "save": lambda name, rule: store.save(name, rule, description=description, author=author),
        "edit": lambda name, rule: store.save(
            name, rule, description=description, author=author, new_version=True
        ),
        "freeze": lambda name: store.freeze(name, author=author),
        "duplicate": lambda name, to: store.duplicate(name, to, author=author),
        "rename": store.rename,
    }
    return Answer((_told(doing[action](*words)),))


def _told(one: SavedSegment) -> str:
    sizes = f"{one.n:,} of {one.base_n:,} {one.level} inside, {one.unknown_n:,} undecided"
    frozen = f", members frozen in {one.frozen}" if one.frozen else ""
    return f"'{one.name}' version {one.version}: {sizes}{frozen}. {one.reference}"


def _list(store: SavedSegments, ledger: pd.DataFrame) -> Answer:
    from journey_lib.study.segments import kept

    rows = []
    for one in store.all():
        now, unknown = _today(store, one)
        used = len(store.used_by(one.id, ledger)["report"].unique())
        words = kept(one, store.study).say(store.study.language)
        counts = (str(one.version), f"{one.n:,}", now, unknown, f"{used:,}")
        rows.append((one.name, *counts, words))
    lines = () if rows else ("No segment is saved yet: journey segments save NAME RULE",)
    return Answer(lines, tuple(rows))


def _today(store: SavedSegments, one: SavedSegment) -> tuple[str, str]:
    try:
        found = store.segment(one.id)
    except JourneyError:
        return "cannot be asked", ""
    return f"{found.n:,}", f"{found.unknown:,}"


def _show(store: SavedSegments, name: str, ledger: pd.DataFrame) -> Answer:
    from journey_lib.study.segments import kept

    one = store.get(name)
    segment = store.segment(name)
    lang = store.study.language
    used = store.used_by(one.id, ledger).drop_duplicates(["version", "report"])
    reports = [f"Used by {row.report}, version {row.version}, {row.as_of}" for row in used.itertuples()]
    drift = segment.drift.lines(lang, 0) if segment.drift else []
    lines = (
        _told(one),
        kept(one, store.study).say(lang),
        f"Now: {segment.n:,} of {segment.base:,} {segment.level} inside, {segment.unknown:,} undecided",
        *(f"{term.say(lang)}: {words.say(lang)}" for term, words in drift),
        *(_cluster(one) if one.is_list else _rule(one)),
        *([f"Description: {one.description}"] if one.description else []),
        *(reports or ["Used by no report yet"]),
    )
    return Answer(lines)


def _rule(one: SavedSegment) -> list[str]:
    import json

    from journey_lib.study.segments import as_json, as_parameter

    return [
        f"Rule: {json.dumps(as_json(one.rule), ensure_ascii=False)}",
        f"Hash: {one.sha256}",
        f"Parameter: -p segment '{as_parameter(one.rule)}'",
    ]


def _cluster(one: SavedSegment) -> list[str]:
    """Return what is kept of a list: its hash, how to name it in a run, and how its people were found."""
    lines = [f"Hash: {one.members_sha256}", f"Parameter: -p segment '{one.name}'"]
    found = one.cluster
    if found is None:
        return lines
    overlap = "" if found.jaccard is None else f", mean overlap {found.jaccard:.2f}"
    return [
        *lines,
        f"Cluster: one of {found.groups} by {found.method}, verdict '{found.verdict}'",
        f"Stability: {found.stability or 'not assessed'}{overlap}",
    ]


def _diff(store: SavedSegments, one: str, other: str) -> Answer:
    found = store.diff(one, other)
    sizes = f"{len(found.entered):,} entered, {len(found.left):,} left, {len(found.stayed):,} in both"
    return Answer((f"From '{one}' to '{other}': {sizes}.", *found.words))


def _ledger(study: str) -> pd.DataFrame:
    """Return what was published; nothing where there is no folder of reports yet."""
    from journey_lib.publish.ledger import COLUMNS, read_ledger
    from journey_lib.publish.places import reports_of

    folder = reports_of(study)
    if folder.is_dir():
        return read_ledger(folder, all_runs=True)
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
