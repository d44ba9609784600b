"""How many people each value of each column would leave, under all other conditions, at once.

Every value becomes one row of bits, so that a count is an "and" and a count of ones; a condition is one
cached row of bits. Nothing here is estimated: these are counts of the people there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.study.segments.bits import count, counts, filled, pack, unpack
from journey_lib.study.segments.checks import kind_of
from journey_lib.study.segments.truth import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_lib.study.segments.bits import Bits
    from journey_lib.study.segments.people import People
    from journey_lib.study.segments.rule import Rule, Scalar

LISTED: Final = 256  # values counted by bits; a facet of more is counted by its codes
FEW: Final = 8  # numbers with so few values are chosen value by value, others as a range
BINS, STEPS = 20, 200


@dataclass(frozen=True)
class Choice:
    """What is asked of one facet; nothing asked is no restriction.

    Attributes
    ----------
    values : tuple of str or float
        Values of which one is enough, or options of a question with several answers.
    low, high : str or float, optional
        Ends of a range, both inside; None is open. Days are ISO dates.
    missing : bool
        Whether people without a value are asked for, too.
    every : bool
        Whether all options of a question with several answers are needed instead of any.
    """

    values: tuple[Scalar, ...] = ()
    low: Scalar | None = None
    high: Scalar | None = None
    missing: bool = False
    every: bool = False

    @property
    def restricts(self) -> bool:
        """Say whether anything is asked at all."""
        return bool(self.values) or self.missing or self.low is not None or self.high is not None


@dataclass(frozen=True, eq=False)
class Facet:
    """One column, ready to be counted.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        "values", "options" (several answers), "numbers" or "days" (ranges).
    values : tuple of str or float
        What can be chosen, most frequent first, numbers in their order; () for a range.
    codes : ndarray of int
        Position of each person's value, or of its bin; -1 where it is missing. Empty for options.
    n_missing : int
        People without a value.
    numbers : ndarray or None
        Values of a range; days since 1970 for dates.
    edges : ndarray
        Ends of the bins of a range, one more than bins.
    start, step, steps : float, float, int
        A slider's first position, the distance of neighbours, and how many follow the first.
    marks : ndarray or None
        One row an option: 1 ticked, 0 not, NaN not known.
    """

    name: str
    kind: str
    values: tuple[Scalar, ...] = ()
    codes: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int8), repr=False)
    n_missing: int = 0
    numbers: np.ndarray | None = field(default=None, repr=False)
    edges: np.ndarray = field(default_factory=lambda: np.zeros(0))
    start: float = 0.0
    step: float = 1.0
    steps: int = 0
    marks: np.ndarray | None = field(default=None, repr=False)

    @property
    def is_range(self) -> bool:
        """Say whether a low and a high end are chosen rather than values."""
        return self.kind in ("numbers", "days")

    @property
    def size(self) -> int:
        """How many counts it has: one a value or bin."""
        return len(self.edges) - 1 if self.is_range else len(self.values)

    @cached_property
    def missing(self) -> Bits:
        """People without a value."""
        if self.marks is not None:
            return pack(np.isnan(self.marks).all(axis=0))
        return pack(self.codes < 0)

    @cached_property
    def bits(self) -> Bits:
        """One row of bits for each value, option or bin; only for facets of at most `LISTED`."""
        if self.marks is not None:
            return np.stack([pack(row == 1) for row in self.marks])
        return np.stack([pack(self.codes == code) for code in range(self.size)])

    @cached_property
    def places(self) -> dict[Scalar, int]:
        """Where each value stands."""
        return {value: at for at, value in enumerate(self.values)}

    def at(self, position: int) -> Scalar:
        """Return the value of a slider's position."""
        value = round(self.start + position * self.step, 9)
        return str(np.datetime64(int(value), "D")) if self.kind == "days" else value

    def position(self, value: Scalar) -> int:
        """Return the position next to a value, within the slider."""
        near = round((self.number(value) - self.start) / self.step)
        return min(max(near, 0), self.steps)

    def number(self, value: Scalar) -> float:
        """Return a value of a range as a number; days since 1970 for a day."""
        if self.kind == "days":
            return float(np.datetime64(str(value), "D").astype(np.int64))
        return float(value)

    def count(self, among: Bits, rows: int) -> np.ndarray:
        """Return how many of some people have each value."""
        if self.size <= LISTED or self.marks is not None:
            return counts(self.bits, among) if self.size else np.zeros(0, dtype=np.int64)
        inside = self.codes[unpack(among, rows)]
        found: np.ndarray = np.bincount(inside + 1, minlength=self.size + 1)[1:]
        return found


def facet_of(who: People, name: str) -> Facet:
    """Return a column of people as a facet.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> from journey_lib.study.segments.people import people
    >>> frame = pd.DataFrame({"customer_id": ["a", "b", "c"], "region": ["KR", "JP", "KR"]})
    >>> facet_of(people(*quick_study(customers=frame)), "region").values
    ('KR', 'JP')
    """
    trait = who.traits[name]
    if trait.kind == "multi":
        options = tuple(trait.levels)
        marks = np.stack([who[f"{name}.{one}"].to_numpy(dtype=float) for one in options])
        lost = int(np.isnan(marks).all(axis=0).sum())
        return Facet(name, "options", options, n_missing=lost, marks=marks)
    return facet_of_column(name, who[name], tuple(trait.levels))


def facet_of_column(name: str, column: pd.Series, order: Sequence[str] = ()) -> Facet:
    """Return a column as a facet; `order` is that of its codes where the study has one."""
    kind = kind_of(column)
    if kind == "date":
        return _range(name, "days", _days(column))
    if kind == "number":
        numbers = column.to_numpy(dtype=float)
        codes, found = pd.factorize(numbers, sort=True)
        if len(found) > FEW and not order:
            return _range(name, "numbers", numbers)
        return _listed(name, codes, tuple(float(one) for one in found))
    return _words(name, column, order)


def _words(name: str, column: pd.Series, order: Sequence[str]) -> Facet:
    """Return a column of text, its values as the study orders them, else the most frequent first."""
    codes, found = pd.factorize(column, sort=True)
    words = np.asarray(found, dtype=object)
    sizes = np.bincount(codes[codes >= 0], minlength=len(words))
    places = {word: at for at, word in enumerate(order)}
    rank = np.array([places.get(str(word), len(order)) for word in words]) if order else 0 * sizes
    turned = np.lexsort((-sizes, rank))
    place = np.full(len(words) + 1, -1)
    place[turned] = np.arange(len(words))
    return _listed(name, place[codes], tuple(str(words[at]) for at in turned))


def _listed(name: str, codes: np.ndarray, values: tuple[Scalar, ...]) -> Facet:
    kind = np.min_scalar_type(-max(len(values), 1) - 1)
    return Facet(name, "values", values, codes.astype(kind), int((codes < 0).sum()))


def _range(name: str, kind: str, numbers: np.ndarray) -> Facet:
    """Return a column as a range, cut into bins of equal width on round numbers."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return Facet(name, "values", (), np.full(len(numbers), -1, dtype=np.int8), len(numbers))
    low, high = float(known.min()), float(known.max())
    whole = kind == "days" or bool((known == np.round(known)).all())
    step = _round_step((high - low) / STEPS, whole=whole)
    start = np.floor(low / step) * step
    steps = max(int(np.ceil((high - start) / step - 1e-9)), 1)
    each = -(-steps // BINS)  # positions in a bin
    edges = start + each * step * np.arange(-(-steps // each) + 1)
    lost = np.isnan(numbers)
    codes = np.clip(
        np.searchsorted(edges, np.where(lost, start, numbers), side="right") - 1, 0, len(edges) - 2
    )
    codes = np.where(lost, -1, codes).astype(np.int8)
    return Facet(name, kind, (), codes, int(lost.sum()), numbers, edges, float(start), step, steps)


def _round_step(least: float, *, whole: bool) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not smaller."""
    if least <= 0 or (whole and least <= 1):
        return 1.0
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * one for one in (1, 2, 5, 10) if power * one >= least * (1 - 1e-9)))


def _days(column: pd.Series) -> np.ndarray:
    days = column.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))


@dataclass(frozen=True, eq=False)
class Picked:
    """Who is left by the conditions of a filter.

    Attributes
    ----------
    bits, undecided_bits : ndarray
        Inside, and undecided because a value is missing, as bits.
    rows : int
        People looked at.
    weights : ndarray or None
        Their weights.
    """

    bits: Bits = field(repr=False)
    undecided_bits: Bits = field(repr=False)
    rows: int
    weights: np.ndarray | None = field(default=None, repr=False)

    @cached_property
    def n(self) -> int:
        """People inside."""
        return count(self.bits)

    @cached_property
    def unknown(self) -> int:
        """People undecided: they are not inside."""
        return count(self.undecided_bits)

    @property
    def outside(self) -> int:
        """People who are outside for sure."""
        return self.rows - self.n - self.unknown

    @property
    def share(self) -> float:
        """Share of the base inside; NaN where there is nobody."""
        return self.n / self.rows if self.rows else float("nan")

    @cached_property
    def mask(self) -> np.ndarray:
        """Who is inside, one truth a person."""
        return unpack(self.bits, self.rows)

    @cached_property
    def weighted_n(self) -> float:
        """Sum of the weights inside; n without weights."""
        return float(self.n) if self.weights is None else float(self.weights[self.mask].sum())

    @cached_property
    def effective_n(self) -> float:
        """Kish's effective size; NaN where nobody is inside."""
        from journey_lib.stats.weights import effective_n

        if not self.n:
            return float("nan")
        return float(self.n) if self.weights is None else effective_n(self.weights[self.mask])


@dataclass(frozen=True, eq=False)
class Facets:
    """The columns of a filter: who is left, and what each value would leave.

    Attributes
    ----------
    who : People
        Whom the filter picks from.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> from journey_lib.study.segments.people import people
    >>> frame = pd.DataFrame({"customer_id": ["a", "b"], "region": ["KR", "JP"], "plan": ["x", "y"]})
    >>> facets = Facets(people(*quick_study(customers=frame)))
    >>> asked = {"region": Choice(("KR",))}
    >>> facets.picked(asked).n, facets.count(asked, "plan").tolist(), facets.count(asked, "region").tolist()
    (1, [1, 0], [1, 1])
    """

    who: People
    _made: dict[str, Facet] = field(default_factory=dict, repr=False)
    _cached: dict[str, tuple[object, tuple[Bits, Bits]]] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Facet:
        """Return a facet, made when it is first asked for."""
        if name not in self._made:
            self._made[name] = facet_of(self.who, name)
        return self._made[name]

    @property
    def rows(self) -> int:
        """People looked at."""
        return len(self.who)

    @cached_property
    def everybody(self) -> Bits:
        """Bits of all people."""
        return filled(self.rows)

    def picked(
        self, asked: Mapping[str, Choice], others: Sequence[Rule] = (), *, inverted: bool = False
    ) -> Picked:
        """Return who is left.

        Parameters
        ----------
        asked : mapping of str to Choice
            What is asked of each facet; all of it must hold.
        others : sequence of Rule
            Further conditions that no facet can show.
        inverted : bool
            Whether those outside are wanted. Undecided people stay undecided.
        """
        yes, possible = self._all(asked, others)
        if inverted:
            yes, possible = self.everybody & ~possible, self.everybody & ~yes
        return Picked(yes, possible & ~yes, self.rows, self.who.weights)

    def count(
        self, asked: Mapping[str, Choice], name: str, others: Sequence[Rule] = (), *, inverted: bool = False
    ) -> np.ndarray:
        """Return how many people each value of a facet has under all other conditions.

        Of an inverted filter the people inside are counted: what "all other conditions" leave is then no
        longer what choosing a value would add.
        """
        return self[name].count(self._among(asked, name, others, inverted=inverted), self.rows)

    def count_missing(
        self, asked: Mapping[str, Choice], name: str, others: Sequence[Rule] = (), *, inverted: bool = False
    ) -> int:
        """Return how many people have no value, under all other conditions."""
        return count(self[name].missing & self._among(asked, name, others, inverted=inverted))

    def _among(
        self, asked: Mapping[str, Choice], name: str, others: Sequence[Rule], *, inverted: bool
    ) -> Bits:
        if inverted:
            return self.picked(asked, others, inverted=True).bits
        return self._all({one: choice for one, choice in asked.items() if one != name}, others)[0]

    def _all(self, asked: Mapping[str, Choice], others: Sequence[Rule]) -> tuple[Bits, Bits]:
        """Return who is inside, and who is or may be."""
        yes = possible = self.everybody
        for name, choice in asked.items():
            if choice.restricts:
                one = self._known(name, choice, partial(self._of_facet, name, choice))
                yes, possible = yes & one[0], possible & one[1]
        for at, rule in enumerate(others):
            one = self._known(f"\0{at}", rule, partial(self._of_rule, rule))
            yes, possible = yes & one[0], possible & one[1]
        return yes, possible

    def _known(self, key: str, asked: object, make: Callable[[], tuple[Bits, Bits]]) -> tuple[Bits, Bits]:
        """Return the bits of a condition, computed once until it changes."""
        if key not in self._cached or self._cached[key][0] != asked:
            self._cached[key] = (asked, make())
        return self._cached[key][1]

    def _of_rule(self, rule: Rule) -> tuple[Bits, Bits]:
        truth = evaluate(rule, self.who, snapshot=self.who.snapshot)
        return pack(truth.yes), pack(truth.yes | truth.unknown)

    def _of_facet(self, name: str, choice: Choice) -> tuple[Bits, Bits]:
        facet = self[name]
        if facet.kind == "options" and choice.values:
            yes, possible = _of_options(facet, choice)
        else:
            yes = _of_values(facet, choice, self.rows)
            possible = yes | facet.missing
        if choice.missing:
            yes, possible = yes | facet.missing, yes | facet.missing
        return yes, possible


def _of_values(facet: Facet, choice: Choice, rows: int) -> Bits:
    """Return who has one of the chosen values, or lies in the chosen range."""
    if facet.is_range and facet.numbers is not None and (choice.low is not None or choice.high is not None):
        inside = ~np.isnan(facet.numbers)
        if choice.low is not None:
            inside &= facet.numbers >= facet.number(choice.low)
        if choice.high is not None:
            inside &= facet.numbers <= facet.number(choice.high)
        return pack(inside)
    chosen = [facet.places[value] for value in choice.values if value in facet.places]
    if not chosen:
        return pack(np.zeros(rows, dtype=bool))
    if facet.size <= LISTED:
        found: Bits = np.bitwise_or.reduce(facet.bits[chosen], axis=0)
        return found
    wanted = np.zeros(facet.size + 1, dtype=bool)
    wanted[chosen] = True  # the last place stays False: it is read by the code -1 of a missing value
    return pack(wanted[facet.codes])


def _of_options(facet: Facet, choice: Choice) -> tuple[Bits, Bits]:
    """Return who ticked any or all of the chosen options, and who did or may have."""
    marks = np.zeros((0, 0)) if facet.marks is None else facet.marks
    rows = marks[[facet.places[value] for value in choice.values if value in facet.places]]
    join = np.logical_and if choice.every else np.logical_or
    return pack(join.reduce(rows == 1, axis=0)), pack(join.reduce((rows == 1) | np.isnan(rows), axis=0))
