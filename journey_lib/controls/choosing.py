"""What is chosen in a segment filter, step by step and back again; nothing is counted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from journey_lib.controls.history import History
from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.study.segments import as_json, people, read_rule, saved_segments, settled
from journey_lib.study.segments.asking import Asked, asked_of
from journey_lib.study.segments.facets import Choice, Facets
from journey_lib.study.segments.people import ANSWERS, CUSTOMERS, answers_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments import People, SavedSegment, SavedSegments
    from journey_lib.study.segments.facets import Facet
    from journey_lib.study.segments.rule import Scalar

COMPARED: Final = ("", "total", "rest")
LISTED, TEXTS = (2, 40), 5  # values a facet of the first view may have, and how many columns of text it shows
USEFUL: Final = ("furthest_stage", "orders", "recency_days")


class Choosing:
    """The state of a segment filter and every way to change it.

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
    """

    def __init__(
        self,
        study: Study,
        data: Data,
        *,
        columns: Sequence[str] = (),
        of: str = "",
        lang: str = "",
        live: bool = True,
        ledger: pd.DataFrame | str | Path | None = None,
    ) -> None:
        chosen("of", of, ("", CUSTOMERS, ANSWERS))
        chosen("lang", lang, ("", "en", "ko"))
        self.study, self.data, self.lang = study, data, lang or study.language
        self.who: People = answers_of(study, data) if of == ANSWERS else people(study, data)
        self.facets = Facets(self.who)
        self._history = History({"asked": _plain(Asked()), "from": ""})
        self._applied = self._history.now
        self._compare, self._live, self.ledger = "", live, ledger
        self._shown = tuple(columns) or self._useful()
        self._refuse_columns(self._shown)

    # What is chosen

    @property
    def state(self) -> dict[str, Any]:
        """Everything that is chosen, as plain values."""
        asked, origin = self._history.now["asked"], self._history.now["from"]
        return {
            "asked": asked,
            "from": origin,
            "applied": self._applied["asked"],
            "shown": list(self._shown),
            "compare": self._compare,
            "live": self._live,
        }

    @state.setter
    def state(self, given: Mapping[str, Any]) -> None:
        """Choose all of this at once; what is not named stays."""
        known = self.state
        unknown = [name for name in given if name not in known]
        if unknown:
            allowed = ", ".join(known)
            raise ParamError(
                [
                    Problem("state", f"'{one}' is no part of it", allowed, nearest(one, known))
                    for one in unknown
                ]
            )
        wanted = {**known, **given}
        asked = self._read(wanted["asked"])
        self._refuse_columns(wanted["shown"])
        self._shown, self._compare = tuple(wanted["shown"]), str(wanted["compare"])
        self._live = bool(wanted["live"])
        if not self._live and "applied" in given:
            self._applied = {"asked": _plain(self._read(wanted["applied"])), "from": ""}
        self._change(asked, str(wanted["from"]))

    @property
    def asked(self) -> Asked:
        """What is chosen in the controls."""
        return self._read(self._history.now["asked"])

    @property
    def applied(self) -> Asked:
        """What is in force: the same, unless it waits for `apply`."""
        return self._read(self._applied["asked"])

    @property
    def live(self) -> bool:
        """Whether everything follows each choice."""
        return self._live

    @property
    def waiting(self) -> bool:
        """Whether choices wait for `apply`."""
        return bool(self._applied["asked"] != self._history.now["asked"])

    @property
    def shown(self) -> tuple[str, ...]:
        """Columns shown as facets."""
        return self._shown

    @property
    def choosable(self) -> tuple[str, ...]:
        """Columns that can be facets and are not shown."""
        return tuple(
            n for n, trait in self.who.traits.items() if trait.kind != "open" and n not in self._shown
        )

    # Choosing

    def toggle(self, column: str, value: Scalar) -> None:
        """Choose a value of a facet, or no longer."""
        values = self._choice(column).values
        rest = tuple(one for one in values if one != value)
        self.choose(column, rest if value in values else (*values, value))

    def choose(self, column: str, values: Sequence[Scalar]) -> None:
        """Choose these values of a facet and no others; none is no restriction."""
        facet = self._of_kind(column, is_range=False)
        gone = [value for value in values if value not in facet.places]
        if gone:
            raise ParamError(Problem(column, f"has no value '{gone[0]}'", action="Choose one it has"))
        ordered = sorted(dict.fromkeys(values), key=facet.places.__getitem__)
        self._set(column, replace(self._choice(column), values=tuple(ordered)))

    def between(self, column: str, low: Scalar | None = None, high: Scalar | None = None) -> None:
        """Choose a range of a facet, both ends inside; None is open."""
        facet = self._of_kind(column, is_range=True)
        try:
            ends = [None if one is None else facet.number(one) for one in (low, high)]
        except ValueError as error:
            wanted = "a day such as 2025-01-31" if facet.kind == "days" else "a number"
            raise ParamError(Problem(column, "is given an end it cannot have", wanted)) from error
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            raise ParamError(Problem(column, "ends before it starts", "a low end, then a high one"))
        self._set(column, replace(self._choice(column), low=low, high=high))

    def missing(self, column: str, *, wanted: bool) -> None:
        """Choose people without a value, or no longer."""
        self._set(column, replace(self._choice(column), missing=wanted))

    def every(self, column: str, *, wanted: bool) -> None:
        """Ask for all chosen options of a question with several answers, or for any of them."""
        self._set(column, replace(self._choice(column), every=wanted))

    def remove(self, key: str) -> None:
        """Take one condition off, by the key of its chip."""
        asked = self.asked
        kind, _, name = key.partition(":")
        if kind == "facet":
            self._change(replace(asked, choices={n: c for n, c in asked.choices.items() if n != name}))
        else:
            others = tuple(rule for at, rule in enumerate(asked.others) if str(at) != name)
            self._change(replace(asked, others=others))

    def clear(self) -> None:
        """Take every condition off."""
        self._change(Asked(), "")

    def invert(self) -> None:
        """Choose those outside instead; undecided people stay undecided."""
        if self.asked.choices or self.asked.others:
            self._change(replace(self.asked, inverted=not self.asked.inverted))

    def undo(self) -> None:
        """Go back one step."""
        self._history.back()
        self._follow()

    def redo(self) -> None:
        """Take back a step back."""
        self._history.forward()
        self._follow()

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps can be undone and redone."""
        return self._history.steps

    def apply(self) -> None:
        """Put in force what is chosen."""
        self._applied = self._history.now

    def set_live(self, *, live: bool) -> None:
        """Follow each choice at once, or wait for `apply`."""
        self._live = live
        self._follow()

    def compare(self, word: str) -> None:
        """Compare with nothing (""), the "total", the "rest", or a saved segment by its name."""
        if word not in COMPARED:
            self.store.get(word)
        self._compare = word

    @property
    def compared(self) -> str:
        """What it is compared with."""
        return self._compare

    def show(self, column: str) -> None:
        """Show a further column as a facet."""
        self._refuse_columns([column])
        self._shown = tuple(dict.fromkeys((*self._shown, column)))

    # Saved segments

    @property
    def store(self) -> SavedSegments:
        """The saved segments of the study."""
        return saved_segments(self.study, self.data)

    @property
    def origin(self) -> SavedSegment | None:
        """The saved segment that was loaded or saved last; None where there was none or it is gone."""
        name = self._history.now["from"]
        try:
            return self.store.get(name) if name else None
        except ParamError:
            return None

    def load(self, name: str) -> None:
        """Choose what a saved segment's rule says, in place of everything chosen before."""
        saved = self.store.get(name)
        if saved.is_list:
            given, action = "is a list without a rule: no facet shows it", f'Run it: segment="{saved.name}"'
            raise ParamError(Problem(f"segment '{saved.name}'", given, action=action))
        asked = asked_of(self.facets, settled(saved.rule, self.who, snapshot=self.who.snapshot))
        self._shown = tuple(dict.fromkeys((*self._shown, *asked.choices)))
        self._change(asked, f"{saved.id}@{saved.version}")

    # Inside

    def _choice(self, column: str) -> Choice:
        return self.asked.choices.get(column, Choice())

    def _of_kind(self, column: str, *, is_range: bool) -> Facet:
        """Return a facet, which has values or is a range."""
        self._refuse_columns([column])
        facet = self.facets[column]
        if facet.is_range != is_range:
            given, wanted = ("values", "values of it") if is_range else ("a range", "a low and a high end")
            raise ParamError(Problem(column, f"is chosen by {given}", wanted))
        return facet

    def _set(self, column: str, choice: Choice) -> None:
        asked = self.asked
        choices = {**asked.choices, column: choice}
        kept = {name: one for name, one in choices.items() if one.restricts or one.every}
        self._change(replace(asked, choices=kept))

    def _change(self, asked: Asked, origin: str | None = None) -> None:
        now = self._history.now
        self._history.add({"asked": _plain(asked), "from": now["from"] if origin is None else origin})
        self._follow()

    def _name_origin(self, saved: SavedSegment) -> None:
        """Remember where what is chosen is kept; that is no step."""
        following = self._applied == self._history.now
        self._history.now = {**self._history.now, "from": f"{saved.id}@{saved.version}"}
        if following:
            self._applied = self._history.now

    def _follow(self) -> None:
        if self._live:
            self._applied = self._history.now

    def _read(self, plain: Mapping[str, Any]) -> Asked:
        """Return plain values as conditions, each of a column that exists."""
        choices = {str(name): _choice_of(given) for name, given in plain["choices"].items()}
        self._refuse_columns(choices)
        for name, one in choices.items():
            if one.values or one.low is not None or one.high is not None:
                self._of_kind(name, is_range=not one.values)
        others = tuple(read_rule(rule) for rule in plain["others"])
        return Asked(choices, others, bool(plain["inverted"]))

    def _refuse_columns(self, names: Sequence[str] | Mapping[str, Choice]) -> None:
        known = [name for name, trait in self.who.traits.items() if trait.kind != "open"]
        problems = [
            Problem("columns", f"no column '{name}' to choose by", ", ".join(known), nearest(name, known))
            for name in names
            if name not in known
        ]
        if problems:
            raise ParamError(problems)

    def _useful(self) -> tuple[str, ...]:
        """Return the columns to begin with: short lists of text, and how far and how often people came."""
        traits = self.who.traits.values()
        own = [one for one in traits if one.kind in ("text", "multi") and not one.derived]
        short = [one.name for one in own if LISTED[0] <= self.facets[one.name].size <= LISTED[1]]
        derived = [name for name in USEFUL if name in self.who.traits]
        return (*short[:TEXTS], *derived) or tuple(self.who.traits)[:TEXTS]


def _plain(asked: Asked) -> dict[str, Any]:
    """Return conditions as values that JSON can hold."""
    choices = {name: {**asdict(one), "values": list(one.values)} for name, one in asked.choices.items()}
    return {
        "choices": choices,
        "others": [as_json(rule) for rule in asked.others],
        "inverted": asked.inverted,
    }


def _choice_of(given: Mapping[str, Any]) -> Choice:
    return Choice(**{**given, "values": tuple(given.get("values", ()))})
