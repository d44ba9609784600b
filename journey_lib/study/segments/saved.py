"""Segments saved under a name: kept, edited as versions, frozen, compared, and found again in reports."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem
from journey_lib.study.segments import lists, store
from journey_lib.study.segments.domain import Segment, counted, segment_of_rule
from journey_lib.study.segments.people import CUSTOMERS
from journey_lib.study.segments.read import read_rule
from journey_lib.study.segments.rule import EVERYBODY, Every, canonical, columns_of, fingerprint
from journey_lib.study.segments.store import SavedSegment
from journey_lib.study.segments.traits import score_cuts
from journey_lib.study.segments.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.clusters import Cluster
    from journey_lib.study.segments.domain import Counted
    from journey_lib.study.segments.rule import Rule

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
        return lists.segment_of_list(self.study, self.data, self.folder, saved)

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
        """Save the rule of a segment, or its list, under another name; versions begin anew."""
        old = self.get(name)
        if old.is_list:
            text = str(lists.read(self.folder, old).to_csv(index=False, lineterminator="\n"))
            return self._listed(replace(old, name=to, author=author, version=1), text)
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
        if old.is_list:
            given = f"'{old.name}' is a list without a rule, and frozen as it is"
            raise ParamError(Problem("name", given, action="Save a new list under its name"))
        found = counted(self.study, self.data, old.rule, old.cuts)
        made = self._made(old.name, found, old.description, author, old.cuts)
        return self._listed(made, lists.as_text(found.who, found.truth.yes, self.data), old.id)

    def freeze_list(
        self,
        name: str,
        ids: Sequence[str] | np.ndarray,
        *,
        source: str,
        description: str = "",
        author: str = "",
        new_version: bool = False,
        cluster: Cluster | None = None,
    ) -> SavedSegment:
        """Save a list of people as a segment: no rule, only who is on it.

        Parameters
        ----------
        name : str
            What people will call it. With `new_version`, of a segment that exists.
        ids : sequence of str, or ndarray of bool
            Customer ids, of respondents in a study of answers alone; or one truth a row of `responses`.
        source : str
            Where the list came from, in words a page may print.
        description, author : str
            Why, and who.
        new_version : bool
            Whether this is the next version of a segment. The same people again are no new version.
        cluster : Cluster, optional
            How they were found, where they are a group of a cluster analysis.

        Raises
        ------
        ParamError
            An empty list, ids that stand twice or are not in the study, a name that is taken or that there is
            none of.

        Examples
        --------
        >>> import tempfile; from pathlib import Path
        >>> from journey_lib.study.load import quick_study
        >>> study, data = quick_study(customers=pd.DataFrame({"customer_id": ["a", "b", "c"]}))
        >>> store = saved_segments(study.placed(Path(tempfile.mkdtemp())), data)
        >>> one = store.freeze_list("Invited", ["c", "a"], source="letters of 3 May")
        >>> one.n, one.is_list, store.segment("Invited").customers.tolist()
        (2, True, ['a', 'c'])
        """
        if not source.strip():
            raise ParamError(Problem("source", "is empty", "where the list came from, in a few words"))
        who, inside = lists.listed(self.study, self.data, ids)
        n, seen = int(inside.sum()), len(who)
        made = replace(
            self._named(name), description=description, author=author, source=source, cluster=cluster, n=n,
            base_n=seen, snapshot=who.snapshot.isoformat(), level=who.level,
        )  # fmt: skip
        text = lists.as_text(who, inside, self.data)
        if new_version:
            return self._listed(made, text, self.get(name).id)
        _refuse_taken(self.all(), name)
        return self._listed(made, text)

    def _listed(self, made: SavedSegment, text: str, of: str = "") -> SavedSegment:
        """Write members beside the study and their segment into the file: the first version, or the next."""
        done = made

        def edit(kept: tuple[SavedSegment, ...]) -> Sequence[SavedSegment]:
            nonlocal done
            if of:
                last = store.find(kept, of)
                told = made.description or last.description
                done = replace(made, id=last.id, version=last.version + 1, name=last.name, description=told)
                if done.is_list and _same(last, done, lists.digest(text)):
                    done = last
                    return kept
            else:
                _refuse_taken(kept, made.name)
                done = replace(made, id=_free_id(kept, made.name))
            file = f"{lists.DERIVED}/segment-{done.id}-v{done.version}.csv"
            lists.write(self.folder, file, text)
            done = replace(done, frozen=file, members_sha256=lists.digest(text))
            return [*kept, done]

        store.change(self.folder, edit)
        return done

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
        return replace(
            self._named(name), rule=found.rule, sha256=fingerprint(found.rule), author=author,
            description=description, snapshot=found.who.snapshot.isoformat(), n=found.n,
            base_n=len(found.who), unknown_n=found.unknown, columns=columns_of(found.rule),
            level=found.who.level, cuts=score_cuts(self.study, self.data, found.who, found.rule, cuts),
        )  # fmt: skip

    def _named(self, name: str) -> SavedSegment:
        """Return a segment of which only the name and the hour are known."""
        _refuse_name(name)
        now = datetime.now(UTC)
        return SavedSegment(
            id=_slug(name), name=name, version=1, rule=EVERYBODY, sha256=fingerprint(EVERYBODY),
            created=now.isoformat(timespec="seconds"), author="", description="",
            snapshot=now.date().isoformat(), n=0, base_n=0, unknown_n=0, columns=(),
        )  # fmt: skip


def saved_segments(study: Study, data: Data) -> SavedSegments:
    """Open the saved segments of a study: `segments.json` beside its `study.toml`."""
    return SavedSegments(study, data, study.folder)


def _refuse_name(name: str) -> None:
    fault = store.name_fault(name)
    if fault:
        raise ParamError(Problem("name", f"'{name[:80]}' {fault}", "a short plain name"))


def _same(last: SavedSegment, made: SavedSegment, members: str) -> bool:
    """Tell whether a version would say nothing new: the same people, found alike."""
    return last.is_list and last.members_sha256 == members and last.cluster == made.cluster


def _refuse_taken(kept: Sequence[SavedSegment], name: str) -> None:
    _refuse_name(name)
    taken = {word.casefold() for one in store.newest(kept) for word in (one.name, one.id)}
    if name.casefold() in taken:
        action = "Choose another name, or save a new version of it"
        raise ParamError(Problem("name", f"a segment is called '{name}' already", action=action))


def _free_id(kept: Sequence[SavedSegment], name: str) -> str:
    base, taken = _slug(name), {one.id for one in kept}
    return next(one for one in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_") or "segment"


def _ids(segment: Segment, data: Data) -> pd.Index:
    """Return who is inside, at the level the segment speaks about."""
    if segment.level == CUSTOMERS or data.responses is None:
        return segment.customers
    return lists.answer_ids(data)[segment.rows]


def _rule_words(study: Study, one: Rule, other: Rule) -> tuple[str, ...]:
    parts = [canonical(rule) for rule in (one, other)]
    before, after = (rule.parts if isinstance(rule, Every) else (rule,) for rule in parts)
    gone = [f"− {sentence(part, study).say(study.language)}" for part in before if part not in after]
    come = [f"+ {sentence(part, study).say(study.language)}" for part in after if part not in before]
    return (*gone, *come)
