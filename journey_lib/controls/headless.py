"""The segment filter without a screen: what is chosen, whom it leaves, and how to keep and copy it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.controls.choosing import Choosing
from journey_lib.controls.kept import Kept, kept_list
from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.present.wording import Quantity, message
from journey_lib.study.segments import (
    as_json,
    as_pandas,
    as_parameter,
    fingerprint,
    sentence,
)
from journey_lib.study.segments.asking import Asked, rule_of, rule_of_choice
from journey_lib.study.segments.words import Plain, level_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.present.wording import Message, Says
    from journey_lib.study.data import Data
    from journey_lib.study.segments import Rule, SavedSegment
    from journey_lib.study.segments.facets import Picked
    from journey_lib.study.segments.rule import Scalar

FORMATS: Final = ("parameter", "papermill", "rule", "query")
LABELLED = 5000  # values whose labels are searched; of longer lists their codes are


@dataclass(frozen=True)
class Row:
    """One value of a facet: what it is called, how many choosing it leaves, and whether it is chosen."""

    value: Scalar
    label: str
    n: int
    chosen: bool


@dataclass(frozen=True)
class Chip:
    """One condition in words, the name by which it is taken off, and how many are left without it."""

    key: str
    words: Message
    without: int


class HeadlessFilter(Choosing):
    """Whom an analysis is about, chosen step by step; the widget draws this and nothing more.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`.
    columns : sequence of str
        The facets to begin with; without them the most useful ones.
    of : str
        Whom to pick: "customers" or "answers"; "" is customers where the study knows them.
    lang : str
        "en" or "ko"; "" is the study's own language.
    live : bool
        Whether everything follows each choice; else it waits for `apply`.
    ledger : DataFrame, str or Path, optional
        Whose runs say which reports used a saved segment, or the folder of those reports; that of the study
        without it.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": list("abc"), "region": ["KR", "JP", "KR"]})
    >>> chooser = HeadlessFilter(*quick_study(customers=frame))
    >>> chooser.toggle("region", "KR")
    >>> chooser.picked.n, chooser.selection
    (2, 'region=KR')
    >>> chooser.undo()
    >>> chooser.picked.n, chooser.selection
    (3, '')
    """

    # Whom it leaves

    @property
    def picked(self) -> Picked:
        """Who is left."""
        return self._picked(self.applied)

    @property
    def rule(self) -> Rule:
        """What is in force, as a rule."""
        return rule_of(self.facets, self.applied)

    @property
    def segment_data(self) -> Data:
        """The data speaking about those who are left: what a measure is given."""
        from journey_lib.study.load import within

        return within(self.study, self.data, self.selection)

    @property
    def selection(self) -> str:
        """What `segment=` of a run, of `load_study` and of a notebook takes: a saved name, else the rule."""
        if self.applied == Asked():
            return ""
        saved = self.origin
        if saved is None or not self.unchanged or saved.frozen or saved.cuts is not None:
            return as_parameter(self.rule)
        newest = self.store.get(saved.id).version == saved.version
        return saved.name if newest else f"{saved.id}@{saved.version}"

    @property
    def unchanged(self) -> bool:
        """Whether what is in force is a saved segment as it was saved."""
        saved = self.origin
        return saved is not None and fingerprint(self.rule) == saved.sha256

    @property
    def comparison(self) -> str:
        """The selection it is compared with; "" for everybody."""
        if self.compared != "rest":
            return "" if self.compared == "total" else self.compared
        opposite = replace(self.applied, inverted=not self.applied.inverted)
        return as_parameter(rule_of(self.facets, opposite))

    @property
    def compared_data(self) -> Data:
        """The data speaking about whom it is compared with."""
        from journey_lib.study.load import within

        if self.compared == "rest" and self.applied == Asked():
            given = "everybody is in, so nobody else is left"
            raise ParamError(Problem("compare", given, action="Choose a condition first"))
        return within(self.study, self.data, self.comparison)

    def told_compared(self) -> Says:
        """Return whom it is compared with, in words."""
        words = {"total": message("Total"), "rest": message("Everyone else")}
        return words.get(self.compared) or Plain(self.compared)

    @property
    def compared_n(self) -> int | None:
        """How many it is compared with; None where that is nothing, or cannot be counted."""
        if self.compared in ("total", "rest"):
            return self.picked.rows if self.compared == "total" else self.picked.outside
        return next((one.now for one in self.kept() if self.compared == one.saved.name), None)

    def reach(self) -> Message | None:
        """Return whom reports take by the copied parameter; None where that is everybody, or one kind alone.

        A rule may pick customers who never answered, and an answer belongs to a customer: each kind of report
        counts its own.
        """
        taken = self.segment_data.segment
        if taken is None or self.data.responses is None or not len(taken.customers):
            return None
        return message(
            "Reports on answers count {answers} answers, reports on events {customers} customers.",
            answers=Quantity(int(taken.rows.sum())), customers=Quantity(len(taken.customers)),
        )  # fmt: skip

    def rows(self, column: str, search: str = "", limit: int = 0) -> list[Row]:
        """Return the values of a facet, each with what it leaves under all other conditions.

        Parameters
        ----------
        column : str
            The facet; a range has none.
        search : str
            Only values with this text; chosen ones always.
        limit : int
            At most so many, the most frequent first; 0 for all in the facet's order.
        """
        facet, asked, taken = self.facets[column], self.applied, self._choice(column).values
        if facet.is_range:
            return []
        counts = self.facets.count(asked.choices, column, asked.others, inverted=asked.inverted)
        places = self._searched(column, search)
        if limit:
            own = np.isin(places, [facet.places[value] for value in taken])
            first, rest = places[own], places[~own]
            places = np.concatenate(
                [first[_largest(counts[first], limit)], rest[_largest(counts[rest], limit)]]
            )
        values = [(int(at), facet.values[at]) for at in places[: limit or None]]
        return [Row(v, self.label(column, v), int(counts[at]), v in taken) for at, v in values]

    def missing_n(self, column: str) -> int:
        """Return how many people without a value all other conditions leave."""
        asked = self.applied
        return self.facets.count_missing(asked.choices, column, asked.others, inverted=asked.inverted)

    def bins(self, column: str) -> list[int]:
        """Return how many are in each bin of a range under all other conditions."""
        asked = self.applied
        counts = self.facets.count(asked.choices, column, asked.others, inverted=asked.inverted)
        return [int(n) for n in counts]

    def label(self, column: str, value: Scalar) -> str:
        """Return what a value is called."""
        trait = self.who.traits[column]
        known = trait.levels.get(str(value)) if trait.kind == "multi" else None
        return (known or level_of(self.study, column, value)).say(self.lang)

    def chips(self) -> list[Chip]:
        """Return every condition in words, with how many are left without it."""
        asked = self.asked
        found = []
        for name, one in asked.choices.items():
            if one.restricts:
                rest = replace(asked, choices={n: c for n, c in asked.choices.items() if n != name})
                words = sentence(rule_of_choice(self.facets[name], one), self.study)
                found.append(Chip(f"facet:{name}", words, self._picked(rest).n))
        for at, rule in enumerate(asked.others):
            rest = replace(asked, others=asked.others[:at] + asked.others[at + 1 :])
            found.append(Chip(f"other:{at}", sentence(rule, self.study), self._picked(rest).n))
        return found

    def warning(self) -> Message | None:
        """Say whether those who are left are too few to speak about."""
        n, limits = self.picked.n, self.study.thresholds
        if n < limits.min_cell:
            return message("Fewer than {least}: no report shows this.", least=limits.min_cell)
        if n < limits.flag_cell:
            return message("Fewer than {least}: reports mark every number.", least=limits.flag_cell)
        return None

    def told(self) -> Message:
        """Return what is in force, as one sentence."""
        return sentence(self.rule, self.study) if self.applied != Asked() else message("No condition")

    # Keeping and copying

    def save(self, name: str, *, description: str = "", new_version: bool = False) -> SavedSegment:
        """Save what is in force under a name, or as a new version of the segment of that name."""
        if not self.picked.n:
            raise ParamError(Problem("segment", "nobody is inside", action="Take a condition off first"))
        made = self.store.save(name, self.rule, description=description, new_version=new_version)
        self._name_origin(made)
        return made

    def duplicate(self, name: str, to: str = "") -> SavedSegment:
        """Save the rule of a saved segment under another name; "" makes one up."""
        taken = {one.name for one in self.store.all()}
        tries = [to] if to else [f"{name} ({at})" for at in range(2, len(taken) + 3)]
        return self.store.duplicate(name, next((one for one in tries if one not in taken), tries[0]))

    def freeze(self, name: str) -> SavedSegment:
        """Write down who is inside a saved segment today, as a new version that never moves."""
        return self.store.freeze(name)

    def kept(self) -> list[Kept]:
        """Return the saved segments with n now beside n at save; a broken file is an error."""
        return kept_list(self)

    def copied(self, how: str) -> str:
        """Return what is in force as text to take along.

        Parameters
        ----------
        how : str
            "parameter" for `segment=`; "papermill" for a command line; "rule" as JSON; "query" for pandas.
        """
        chosen("how", how, FORMATS)
        if how == "rule":
            return json.dumps(as_json(self.rule), ensure_ascii=False, indent=1)
        if how == "query":
            return as_pandas(self.rule, self.who, snapshot=self.who.snapshot)
        return self.selection if how == "parameter" else f"-p segment {shlex.quote(self.selection)}"

    # Inside

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        """Return the values of each column that was searched, as the search compares them."""
        return {}

    def _picked(self, asked: Asked) -> Picked:
        return self.facets.picked(asked.choices, asked.others, inverted=asked.inverted)

    def _searched(self, column: str, search: str) -> npt.NDArray[np.intp]:
        """Return where values with a text stand, chosen ones always."""
        facet, word = self.facets[column], search.casefold().strip()
        if not word:
            return np.arange(facet.size)
        taken = {facet.places[value] for value in self._choice(column).values}
        if column not in self._words:
            named = facet.size <= LABELLED
            self._words[column] = [
                (self.label(column, v) if named else str(v)).casefold() for v in facet.values
            ]
        return np.array(
            [at for at, text in enumerate(self._words[column]) if word in text or at in taken], dtype=np.intp
        )


def _largest(counts: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.intp]:
    """Return where the largest counts stand, largest first and equal ones in their order."""
    if len(counts) <= most:
        return np.argsort(-counts, kind="stable")
    least = np.partition(counts, len(counts) - most)[len(counts) - most]
    above = np.flatnonzero(counts > least)
    found = np.concatenate([above, np.flatnonzero(counts == least)[: most - len(above)]])
    return found[np.argsort(-counts[found], kind="stable")]
