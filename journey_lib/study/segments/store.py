"""`segments.json`: read with everything wrong said at once, changed whole and by one writer at a time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from journey_lib.errors import JourneyError, ParamError, Problem, StudyError, nearest
from journey_lib.study.segments.clusters import Cluster, read_cluster
from journey_lib.study.segments.read import read_rule, shown
from journey_lib.study.segments.rule import EVERYBODY, as_json, columns_of, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.segments.rule import Rule

FILE: Final = "segments.json"
LEVELS: Final = ("customers", "answers")
_LOCK = ".segments.lock"
_LONGEST = 80
_MEND = "Mend it by hand, or take the entry out"
_PATIENCE = 20.0  # seconds: a writer holds the file for milliseconds
_TEXTS: Final = (
    "id", "name", "sha256", "created", "author", "description", "snapshot", "level", "frozen", "source",
)  # fmt: skip
_COUNTS: Final = ("version", "n", "base_n", "unknown_n")
_OPTIONAL: Final = (
    "author", "description", "frozen", "members_sha256", "cuts", "level", "source", "cluster",
)  # fmt: skip


@dataclass(frozen=True)
class SavedSegment:
    """One version of a saved segment.

    Attributes
    ----------
    id : str
        Made of the first name; stays when the name changes.
    name : str
        What people call it.
    version : int
        From 1; editing the rule makes a new one.
    rule : Rule
        The rule, in the codes of the study.
    sha256 : str
        Hash of the canonical rule.
    created, author, description : str
        ISO time in UTC, who, and why.
    snapshot : str
        ISO day the counts were made for.
    n, base_n, unknown_n : int
        People inside, looked at, and undecided when it was saved.
    columns : tuple of str
        What the rule names.
    level : str
        "customers" or "answers": what `n` counts.
    frozen : str
        File of the member ids, seen from the study's folder; "" while the rule is live.
    members_sha256 : str
        Hash of that file.
    cuts : mapping
        Where scores of recency, frequency and money end, when the rule names one: saved with it, so that the
        next wave is judged alike.
    source : str
        Where a list without a rule came from; "" for a rule, frozen or live. The rule of a list is everybody.
    cluster : Cluster or None
        How its members were found, where they are a group of a cluster analysis.
    """

    id: str
    name: str
    version: int
    rule: Rule
    sha256: str
    created: str
    author: str
    description: str
    snapshot: str
    n: int
    base_n: int
    unknown_n: int
    columns: tuple[str, ...]
    level: str = "customers"
    frozen: str = ""
    members_sha256: str = ""
    cuts: Mapping[str, object] | None = None
    source: str = ""
    cluster: Cluster | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is a list of people without a rule."""
        return bool(self.source)

    @property
    def reference(self) -> str:
        """What reports store: id, version and the start of the hash."""
        return f"{self.id}@{self.version}#{(self.members_sha256 or self.sha256)[:12]}"

    def as_json(self) -> dict[str, object]:
        """Return it as it stands in the file."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values |= {"rule": as_json(self.rule), "columns": list(self.columns)}
        values["cluster"] = self.cluster.as_json() if self.cluster else None
        return {name: value for name, value in values.items() if value or name not in _OPTIONAL}


def read(folder: Path) -> tuple[SavedSegment, ...]:
    """Return every version of every saved segment in the file's order; none without a file.

    Raises
    ------
    StudyError
        The file is not JSON, or what stands in it contradicts itself: all problems at once. The file is left
        as it is.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8 text"
        raise StudyError(
            Problem(FILE, f"could not be read: {reason}", action="Mend the file or its rights")
        ) from None
    problems: list[Problem] = []
    found = [
        one
        for at, given in enumerate(_entries(text, problems), start=1)
        if (one := _segment(given, f"{FILE}, entry {at}", problems)) is not None
    ]
    problems += _clashes(found)
    if problems:
        raise StudyError(problems)
    return tuple(found)


def change(folder: Path, edit: Callable[[tuple[SavedSegment, ...]], Sequence[SavedSegment]]) -> None:
    """Read the file, edit what it holds and replace it in one step, while no one else does.

    Parameters
    ----------
    folder : Path
        The study's folder.
    edit : callable
        Receives every version; returns what the file shall hold.

    Raises
    ------
    StudyError
        The file is broken or cannot be written; it is left as it is.
    RunError
        Another process keeps the file for many seconds.
    """
    from journey_lib.study.files import Lock, put

    try:
        with Lock(folder / _LOCK, FILE, _PATIENCE):
            kept = edit(read(folder))
            lines = [json.dumps(one.as_json(), ensure_ascii=False) for one in kept]
            put(folder / FILE, "[\n" + ",\n".join(lines) + "\n]\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        given = f"could not be written: {reason}"
        raise StudyError(Problem(FILE, given, action="It is as it was; nothing is lost")) from error


def _entries(text: str, problems: list[Problem]) -> list[object]:
    action = "Mend it by hand; nothing is saved over it until then"
    try:
        found = json.loads(text, object_pairs_hook=_pairs)
    except _TwiceError as error:
        problems.append(Problem(FILE, f"the key '{shown(str(error))}' stands twice", action=action))
        return []
    except (ValueError, RecursionError) as error:
        at = _at(error) if isinstance(error, json.JSONDecodeError) else ""
        problems.append(Problem(FILE, f"is not valid JSON{at}", action=action))
        return []
    if not isinstance(found, list):
        problems.append(Problem(FILE, "holds no list", "a list of segments, each an object"))
        return []
    return found


def _at(error: json.JSONDecodeError) -> str:
    return f" at line {error.lineno}, column {error.colno}"


class _TwiceError(Exception):
    """One object has a key twice, and nobody can say which one was meant."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for key, n in Counter(key for key, _ in pairs).items():
        if n > 1:
            raise _TwiceError(key)
    return dict(pairs)


def _segment(given: object, where: str, problems: list[Problem]) -> SavedSegment | None:
    before = len(problems)
    if not isinstance(given, dict):
        problems.append(Problem(where, "is no object", action=_MEND))
        return None
    known = [one.name for one in fields(SavedSegment)]
    where = f"{where} ('{shown(given['name'])}')" if isinstance(given.get("name"), str) else where
    problems += [
        Problem(where, f"unknown key '{shown(key)}'", ", ".join(known), nearest(key[:80], known))
        for key in given
        if key not in known
    ]
    lacking = [name for name in known if name not in given and name not in _OPTIONAL]
    problems += [Problem(where, f"lacks '{name}'", action=_MEND) for name in lacking]
    problems += _wrong_kinds(given, where)
    rule = _rule(given.get("rule"), where, problems) if "rule" in given else None
    if rule is None or len(problems) > before:
        return None
    problems += _hand_edits(given, rule, where)
    return None if len(problems) > before else _made(given, rule)


def _made(given: Mapping[str, Any], rule: Rule) -> SavedSegment:
    values = {**given, "rule": rule, "columns": tuple(given["columns"])}
    values["cluster"] = read_cluster(given.get("cluster"))
    return SavedSegment(**{"author": "", "description": "", **values})


def _wrong_kinds(given: Mapping[str, object], where: str) -> list[Problem]:
    texts = [name for name in _TEXTS if name in given and not isinstance(given[name], str)]
    counts = [
        name
        for name in _COUNTS
        if name in given and (type(given[name]) is not int or given[name] < (name == "version"))  # type: ignore[operator]
    ]
    wrong = [Problem(where, f"'{name}' is no text", action=_MEND) for name in texts]
    wrong += [
        Problem(where, f"'{name}' is no whole number of {int(name == 'version')} or more", action=_MEND)
        for name in counts
    ]
    wrong += _wrong_words(given, where)
    if given.get("cluster") is not None and read_cluster(given["cluster"]) is None:
        wrong.append(Problem(where, "'cluster' is no group of a cluster analysis", action=_MEND))
    columns = given.get("columns", [])
    if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
        wrong.append(Problem(where, "'columns' is no list of texts", action=_MEND))
    if "name" in given and isinstance(given["name"], str) and name_fault(given["name"]):
        wrong.append(Problem(where, f"'name' {name_fault(given['name'])}", "a short plain name"))
    return wrong


def _wrong_words(given: Mapping[str, object], where: str) -> list[Problem]:
    """Return texts that are no day, no level, no id, or a file anywhere else than in `derived/`."""
    wrong = []
    for name, read in (("created", datetime.fromisoformat), ("snapshot", date.fromisoformat)):
        try:
            read(str(given.get(name, "2025-01-01")))
        except ValueError:
            wrong.append(Problem(where, f"'{name}' is no ISO date", "such as 2025-01-31"))
    if given.get("level", LEVELS[0]) not in LEVELS:
        wrong.append(Problem(where, "'level' is neither", ", ".join(LEVELS)))
    if isinstance(given.get("id"), str) and not re.fullmatch(r"[\w-]{1,90}", str(given["id"])):
        wrong.append(Problem(where, "'id' is no id", "letters, digits, _ and -"))
    if isinstance(given.get("frozen"), str) and not re.fullmatch(
        r"(derived/[\w-]+\.csv)?", str(given["frozen"])
    ):
        wrong.append(Problem(where, "'frozen' is no list of members", "a file in derived/"))
    wrong += [
        Problem(where, f"'{name}' is no hash", "64 digits and letters a to f")
        for name in ("sha256", "members_sha256")
        if not re.fullmatch(r"([0-9a-f]{64})?", str(given.get(name, "")))
    ]
    return [*wrong, *_wrong_cuts(given.get("cuts"), where)]


def _wrong_cuts(cuts: object, where: str) -> list[Problem]:
    from journey_lib.stats.rfm import Cuts

    if cuts is None:
        return []
    if not isinstance(cuts, Mapping):
        return [Problem(where, "'cuts' is no object", action=_MEND)]
    try:
        Cuts.saved(cuts)
    except JourneyError as error:
        return [Problem(where, f"{p.where} {p.given}", p.allowed, action=_MEND) for p in error.items]
    return []


def name_fault(name: str) -> str:
    """Say why a text cannot be the name of a segment; "" when it can."""
    if not name.strip() or name != name.strip():
        return "is empty or has spaces at its ends"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    held = [sign for sign in "=@#{}" if sign in name]
    if held:
        return f"holds {', '.join(map(repr, held))}"
    return "" if name.isprintable() else "holds signs that cannot be printed"


def _rule(given: object, where: str, problems: list[Problem]) -> Rule | None:
    if not isinstance(given, Mapping):
        problems.append(Problem(where, "'rule' is no object", action=_MEND))
        return None
    try:
        return read_rule(given)
    except JourneyError as error:
        problems += [
            Problem(f"{where}, {p.where}", p.given, p.allowed, p.nearest, p.action) for p in error.items
        ]
        return None


def _hand_edits(given: Mapping[str, Any], rule: Rule, where: str) -> list[Problem]:
    """Return what a hand changed without the rest that belongs to it."""
    found = []
    if given["sha256"] != fingerprint(rule):
        action = f"Take the edit back, or save the rule as a new version; its hash is {fingerprint(rule)}"
        found.append(
            Problem(where, "the rule is not the one that was saved: its hash differs", action=action)
        )
    if sorted(given["columns"]) != sorted(columns_of(rule)):
        named = ", ".join(map(shown, columns_of(rule)[:10])) or "none"
        found.append(Problem(where, "'columns' are not those the rule names", named))
    if bool(given.get("frozen")) != bool(given.get("members_sha256")):
        found.append(Problem(where, "'frozen' and 'members_sha256' belong together", action=_MEND))
    if given.get("source") and not (given.get("frozen") and rule == EVERYBODY):
        action = "Take 'source' out, or put 'frozen' and the rule of everybody back"
        found.append(Problem(where, "'source' belongs to a list without a rule", action=action))
    return found


def _clashes(found: Sequence[SavedSegment]) -> list[Problem]:
    """Return ids, versions and names that stand for two things."""
    twice = [key for key, n in Counter((one.id, one.version) for one in found).items() if n > 1]
    problems = [
        Problem(FILE, f"version {version} of '{name}' stands twice", action=_MEND) for name, version in twice
    ]
    owners: dict[str, set[str]] = {}
    for one in newest(found):
        owners.setdefault(one.name.casefold(), set()).add(one.id)
        if one.id != one.name:
            owners.setdefault(one.id.casefold(), set()).add(one.id)
    for name, ids in owners.items():
        if len(ids) > 1:
            action = "Give each a name of its own"
            given = f"two segments are called '{shown(name)}': {', '.join(map(shown, sorted(ids)))}"
            problems.append(Problem(FILE, given, action=action))
    return problems


def newest(found: Sequence[SavedSegment]) -> tuple[SavedSegment, ...]:
    """Return the newest version of each segment, in the order in which they first stand."""
    last: dict[str, SavedSegment] = {}
    for one in found:
        if one.id not in last or one.version > last[one.id].version:
            last[one.id] = one
    return tuple(last.values())


def is_name(text: str) -> bool:
    """Tell whether a text names a saved segment; a rule has a sign "=" or is JSON.

    Examples
    --------
    >>> is_name("Loyal"), is_name("Loyal@2"), is_name("region=KR")
    (True, True, False)
    """
    return "=" not in text and not text.lstrip().startswith("{")


def check(folder: Path, text: str) -> None:
    """Refuse a name nobody saved and a rule nobody can read, without any data.

    Raises
    ------
    JourneyError
        If the file is broken, there is no such name, or the rule is none.
    """
    if is_name(text):
        find(read(folder), text)
    else:
        read_rule(text)


def find(kept: Sequence[SavedSegment], name: str) -> SavedSegment:
    """Return a version by name or id: the newest, or the one of "name@version".

    Raises
    ------
    ParamError
        If there is none, with the nearest name.
    """
    wanted, sign, number = name.strip().partition("@")
    wanted, number = wanted.strip(), number.partition("#")[0]
    own = [one for one in kept if wanted in (one.id, one.name)]
    names = [one.name for one in newest(kept)]
    if not own:
        folded = {one.name.casefold(): one.name for one in newest(kept)}
        close = folded.get(wanted.casefold(), "") or nearest(wanted, names)
        given = f"there is no saved segment '{wanted}'"
        allowed = ", ".join(names) or "none is saved yet; column=value and JSON rules need no name"
        raise ParamError(Problem("segment", given, allowed, close))
    ids = {one.id for one in own}
    versions = {one.version: one for one in kept if one.id in ids}
    if not sign:
        return versions[max(versions)]
    if not number.isdigit() or int(number) not in versions:
        allowed = ", ".join(map(str, sorted(versions)))
        raise ParamError(Problem("segment", f"'{wanted}' has no version '{number}'", allowed))
    return versions[int(number)]
