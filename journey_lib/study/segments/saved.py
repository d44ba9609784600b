"""Segments saved under a name: `segments.json` of a study, its versions, and the file's safety."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.rule import Rule

FILE = "segments.json"


@dataclass(frozen=True)
class SavedSegment:
    """One version of a saved segment.

    Attributes
    ----------
    id : str
        Made of the first name, stays when the name changes.
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
        File of the member ids beside `segments.json`, "" while the rule is live.
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

    @property
    def reference(self) -> str:
        """What reports store: id, version and the start of the hash."""
        return f"{self.id}@{self.version}#{self.sha256[:12]}"


@dataclass(frozen=True, eq=False)
class Difference:
    """What moved between two segments.

    Attributes
    ----------
    entered, left, stayed : Index of str
        Ids in the other only, in the one only, and in both.
    words : tuple of str
        The rules' difference, condition by condition, in the study's language.
    """

    entered: pd.Index
    left: pd.Index
    stayed: pd.Index
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SavedSegments:
    """The saved segments of a study; every change is written before it is returned.

    Attributes
    ----------
    study, data : Study, Data
        What rules are counted on.
    file : Path
        `segments.json` beside `study.toml`.
    """

    study: Study
    data: Data
    file: Path

    def all(self, *, versions: bool = False) -> tuple[SavedSegment, ...]:
        """Return the newest version of each segment in the file's order, or every version."""
        raise NotImplementedError

    def get(self, name: str) -> SavedSegment:
        """Return a segment by name or id, "name@version" for an older one."""
        raise NotImplementedError

    def save(
        self,
        name: str,
        rule: Rule | str,
        *,
        description: str = "",
        author: str = "",
        new_version: bool = False,
    ) -> SavedSegment:
        """Save a rule under a name; with `new_version` the next version of a name that exists."""
        raise NotImplementedError

    def duplicate(self, name: str, as_: str) -> SavedSegment:
        """Save the same rule under another name."""
        raise NotImplementedError

    def freeze(self, name: str) -> SavedSegment:
        """Write today's members into `derived/`, and return the new version that means them."""
        raise NotImplementedError

    def rename(self, name: str, to: str) -> SavedSegment:
        """Give a segment another name; id and versions stay."""
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Take a segment with all its versions out of the file."""
        raise NotImplementedError

    def diff(self, one: str, other: str) -> Difference:
        """Say who entered and who left from one segment (or version) to another, and how the rules differ."""
        raise NotImplementedError

    def used_by(self, name: str, ledger: pd.DataFrame) -> pd.DataFrame:
        """Return the published runs that speak about a segment: `version stem report run_id as_of`."""
        raise NotImplementedError


def saved_segments(study: Study, data: Data) -> SavedSegments:
    """Open the saved segments of a study."""
    from journey_lib.study.segments.saved import FILE

    return SavedSegments(study, data, study.folder / FILE)
