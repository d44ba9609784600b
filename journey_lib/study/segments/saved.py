"""Segments saved under a name: kept, edited as versions, frozen, compared, and found again in reports."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, StudyError
from journey_lib.study.segments import store
from journey_lib.study.segments.domain import Segment, counted, segment_of_rule
from journey_lib.study.segments.people import CUSTOMERS
from journey_lib.study.segments.read import read_rule
from journey_lib.study.segments.rule import Every, canonical, columns_of, fingerprint
from journey_lib.study.segments.store import SavedSegment
from journey_lib.study.segments.traits import score_cuts
from journey_lib.study.segments.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.domain import Counted
    from journey_lib.study.segments.rule import Rule

DERIVED: Final = "derived"
__all__ = ["Difference", "SavedSegment", "SavedSegments", "saved_segments"]


@dataclass(frozen=True, eq=False)
class Difference:
    """What moved between two segments.

    Attributes
    ----------
    entered, left, stayed : Index of str
        Ids in the other only, in the one only, and in both.
    words : tuple of str
        Conditions that only the other ("+") or only the one ("−") has, in the study's language.
    """

    entered: pd.Index
    left: pd.Index
    stayed: pd.Index
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SavedSegments:
    """The saved segments of a study; every change is on disk before it is returned.

    Attributes
    ----------
    study, data : Study, Data
        What rules are counted on.
    folder : Path
        Where `study.toml` and `segments.json` lie.

    Examples
    --------
    >>> import tempfile; from pathlib import Path
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": ["a", "b", "c"], "region": ["KR", "JP", "KR"]})
    >>> study, data = quick_study(customers=frame)
    >>> store = saved_segments(study.placed(Path(tempfile.mkdtemp())), data)
    >>> one = store.save("Korea", "region=KR")
    >>> one.version, one.n, one.base_n, [s.name for s in store.all()]
    (1, 2, 3, ['Korea'])
    """

    study: Study
    data: Data
    folder: Path

    def all(self, *, versions: bool = False) -> tuple[SavedSegment, ...]:
        """Return the newest version of each segment in the file's order, or every version.

        Raises
        ------
        StudyError
            If the file was broken by hand; all problems at once.
        """
        found = store.read(self.folder)
        return found if versions else store.newest(found)

    def get(self, name: str) -> SavedSegment:
        """Return a segment by name or id; "name@version" is an older one.

        Raises
        ------
        ParamError
            If there is none, with the nearest name.
        """
        return store.find(store.read(self.folder), name)

    def segment(self, name: str) -> Segment:
        """Return whom a saved segment means today: its frozen members, or its rule asked anew."""
        saved = self.get(name)
        if not saved.frozen:
            return segment_of_rule(self.study, self.data, saved.rule, saved)
        return self._frozen(saved)

    def save(
        self,
        name: str,
        rule: Rule | str,
        *,
        description: str = "",
        author: str = "",
        new_version: bool = False,
    ) -> SavedSegment:
        """Save a rule under a name.

        Parameters
        ----------
        name : str
            What people will call it. With `new_version`, of a segment that exists.
        rule : Rule or str
            The rule, or its text.
        description, author : str
            Why, and who.
        new_version : bool
            Whether this edits a segment. Its older versions stay, and so do the reports that name them. The
            same rule again is no new version.

        Raises
        ------
        ParamError
            If the name is taken, or there is none to edit; if the rule names what is gone.
        """
        found = counted(self.study, self.data, read_rule(rule))
        made = self._made(name, found, description, author)

        def edit(kept: tuple[SavedSegment, ...]) -> Sequence[SavedSegment]:
            nonlocal made
            if not new_version:
                made = replace(made, id=_free_id(kept, name))
                _refuse_taken(kept, name)
                return [*kept, made]
            old = store.find(kept, name)
            if old.sha256 == made.sha256 and not old.frozen:
                made = old
                return kept
            told = description or old.description
            made = replace(made, id=old.id, name=old.name, version=old.version + 1, description=told)
            return [*kept, made]

        store.change(self.folder, edit)
        return made

    def duplicate(self, name: str, to: str, *, author: str = "") -> SavedSegment:
        """Save the rule of a segment under another name; versions begin anew."""
        old = self.get(name)
        return self.save(to, old.rule, description=old.description, author=author)

    def rename(self, name: str, to: str) -> SavedSegment:
        """Give a segment another name; id, versions and reports stay."""

        def edit(kept: tuple[SavedSegment, ...]) -> Sequence[SavedSegment]:
            old = store.find(kept, name)
            _refuse_taken([one for one in kept if one.id != old.id], to)
            return [replace(one, name=to) if one.id == old.id else one for one in kept]

        store.change(self.folder, edit)
        return self.get(to)

    def remove(self, name: str) -> None:
        """Take a segment with all its versions out of the file; lists of frozen members stay."""

        def edit(kept: tuple[SavedSegment, ...]) -> Sequence[SavedSegment]:
            gone = store.find(kept, name).id
            return [one for one in kept if one.id != gone]

        store.change(self.folder, edit)

    def freeze(self, name: str, *, author: str = "") -> SavedSegment:
        """Write today's members into `derived/`, and save them as a new version that means this list.

        A treatment is given to a list: whoever was treated stays in, whatever the rule says next month.
        """
        old = self.get(name)
        found = counted(self.study, self.data, old.rule, old.cuts)
        made = self._made(old.name, found, old.description, author, old.cuts)
        text = _members(found, self.data)
        digest = hashlib.sha256(text.encode()).hexdigest()

        def edit(kept: tuple[SavedSegment, ...]) -> Sequence[SavedSegment]:
            nonlocal made
            last = store.find(kept, old.id)
            version = last.version + 1
            file = f"{DERIVED}/segment-{old.id}-v{version}.csv"
            (self.folder / DERIVED).mkdir(exist_ok=True)
            _put(self.folder / file, text)
            made = replace(
                made, id=old.id, version=version, frozen=file, members_sha256=digest, name=last.name
            )
            return [*kept, made]

        store.change(self.folder, edit)
        return made

    def diff(self, one: str, other: str) -> Difference:
        """Say who entered and who left from one segment (or version) to another, and how the rules differ."""
        before, after = self.segment(one), self.segment(other)
        ids = [_ids(segment, self.data) for segment in (before, after)]
        words = _rule_words(self.study, self.get(one).rule, self.get(other).rule)
        return Difference(
            ids[1].difference(ids[0]), ids[0].difference(ids[1]), ids[0].intersection(ids[1]), words
        )

    def used_by(self, name: str, ledger: pd.DataFrame) -> pd.DataFrame:
        """Return the published runs that speak about a segment.

        Parameters
        ----------
        name : str
            Name or id.
        ledger : DataFrame
            `read_ledger(folder, all_runs=True)`.

        Returns
        -------
        DataFrame
            `version stem report lang as_of run_id`, the newest first.
        """
        saved = self.get(name)
        told = ledger["segment_version"] if "segment_version" in ledger else pd.Series("", index=ledger.index)
        own = ledger[told.str.startswith(f"{saved.id}@")]
        version = told[own.index].str.extract(r"@(\d+)#", expand=False).astype("int64")
        columns = ["version", "stem", "report", "lang", "as_of", "run_id"]
        found = own.assign(version=version)[columns].drop_duplicates()
        return found.sort_values(["as_of", "run_id"], ascending=False, ignore_index=True)

    def _made(
        self,
        name: str,
        found: Counted,
        description: str,
        author: str,
        cuts: Mapping[str, object] | None = None,
    ) -> SavedSegment:
        fault = store.name_fault(name)
        if fault:
            raise ParamError(Problem("name", f"'{name[:80]}' {fault}", "a short plain name"))
        return SavedSegment(
            id=_slug(name), name=name, version=1, rule=found.rule, sha256=fingerprint(found.rule),
            created=datetime.now(UTC).isoformat(timespec="seconds"), author=author, description=description,
            snapshot=found.who.snapshot.isoformat(), n=found.n, base_n=len(found.who),
            unknown_n=found.unknown, columns=columns_of(found.rule), level=found.who.level,
            cuts=score_cuts(self.study, self.data, found.who, found.rule, cuts),
        )  # fmt: skip

    def _frozen(self, saved: SavedSegment) -> Segment:
        file = self.folder / saved.frozen
        try:
            content = file.read_bytes()
        except OSError:
            given = f"its list of members {saved.frozen} is not there"
            raise StudyError(Problem(f"segment '{saved.name}'", given, action="Put the file back")) from None
        if hashlib.sha256(content).hexdigest() != saved.members_sha256:
            given = f"{saved.frozen} is not the list that was frozen: its hash differs"
            raise StudyError(Problem(f"segment '{saved.name}'", given, action="Put the old file back"))
        listed = pd.read_csv(file, dtype=str, keep_default_na=False)
        rows, customers = _listed_rows(listed, self.data)
        return Segment(
            saved.name, saved.reference, "", "", rows, customers, saved.rule, saved.level,
            len(listed), saved.base_n, saved.unknown_n, saved,
        )  # fmt: skip


def saved_segments(study: Study, data: Data) -> SavedSegments:
    """Open the saved segments of a study: `segments.json` beside its `study.toml`."""
    return SavedSegments(study, data, study.folder)


def _refuse_taken(kept: Sequence[SavedSegment], name: str) -> None:
    fault = store.name_fault(name)
    if fault:
        raise ParamError(Problem("name", f"'{name[:80]}' {fault}", "a short plain name"))
    taken = {word.casefold() for one in store.newest(kept) for word in (one.name, one.id)}
    if name.casefold() in taken:
        action = "Choose another name, or save a new version of it"
        raise ParamError(Problem("name", f"a segment is called '{name}' already", action=action))


def _free_id(kept: Sequence[SavedSegment], name: str) -> str:
    base, taken = _slug(name), {one.id for one in kept}
    return next(one for one in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_") or "segment"


def _put(file: Path, text: str) -> None:
    from journey_lib.study.files import put

    put(file, text)


def _ids(segment: Segment, data: Data) -> pd.Index:
    """Return who is inside, at the level the segment speaks about."""
    if segment.level == CUSTOMERS or data.responses is None:
        return segment.customers
    return _answer_ids(data)[segment.rows]


def _answer_ids(data: Data) -> pd.Index:
    frame = data.require("responses", by="segments")
    waves = frame["wave"] if "wave" in frame else pd.Series("", index=frame.index)
    return pd.Index(frame["respondent_id"].astype("str") + "@" + waves.fillna("").astype("str"), dtype="str")


def _members(found: Counted, data: Data) -> str:
    """Return the list of members as text, sorted, so that the same people give the same hash."""
    if found.who.level == CUSTOMERS:
        listed = pd.DataFrame({"customer_id": found.customers.sort_values()})
    else:
        frame = data.require("responses", by="segments")
        listed = frame.loc[found.rows, [name for name in ("respondent_id", "wave") if name in frame]]
        listed = listed.sort_values(list(listed.columns))
    return str(listed.to_csv(index=False, lineterminator="\n"))


def _listed_rows(listed: pd.DataFrame, data: Data) -> tuple[np.ndarray, pd.Index]:
    """Return the answers and customers that a list of members names."""
    frame = data.responses
    if "customer_id" in listed:
        members = pd.Index(listed["customer_id"], dtype="str")
        rows = np.zeros(0 if frame is None else len(frame), dtype=bool)
        if frame is not None and "customer_id" in frame:
            rows = frame["customer_id"].isin(members).to_numpy(dtype=bool)
        return rows, members
    waves = listed["wave"] if "wave" in listed else pd.Series("", index=listed.index)
    wanted = pd.Index(listed["respondent_id"] + "@" + waves, dtype="str")
    rows = np.asarray(_answer_ids(data).isin(wanted))
    if frame is None or "customer_id" not in frame:
        return rows, pd.Index([], dtype="str")
    return rows, pd.Index(frame.loc[rows, "customer_id"].dropna().unique(), dtype="str")


def _rule_words(study: Study, one: Rule, other: Rule) -> tuple[str, ...]:
    parts = [canonical(rule) for rule in (one, other)]
    before, after = (rule.parts if isinstance(rule, Every) else (rule,) for rule in parts)
    gone = [f"− {sentence(part, study).say(study.language)}" for part in before if part not in after]
    come = [f"+ {sentence(part, study).say(study.language)}" for part in after if part not in before]
    return (*gone, *come)
