"""Whom a page speaks about when it is not everybody: the rule as chips, how many, which version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.present.wording import Message, Quantity, day, message, say

if TYPE_CHECKING:
    from journey_lib.present.wording import Says


@dataclass(frozen=True)
class Drift:
    """How a frozen list of members stands to today.

    Attributes
    ----------
    day : str
        When it was frozen, as an ISO date.
    listed, gone : int
        People on the list, and those of them who are not in the data any more.
    source : str
        Where a list without a rule came from; "" where a rule made it.
    live : int or None
        Whom the rule would pick today; None where there is no rule, or its columns are gone.
    entered, left : int
        People the rule would pick today who are not on the list, and the other way round.

    Examples
    --------
    >>> [str(words) for _, words in Drift("2026-05-03", 80, 0, "", 84, 20, 16).lines("en", 10)]
    ['members of 3 May 2026, 80 people', '84 today: 20 are not on the list, 16 of the list are not inside']
    """

    day: str
    listed: int
    gone: int
    source: str = ""
    live: int | None = None
    entered: int = 0
    left: int = 0

    def lines(self, lang: str, min_cell: int) -> list[tuple[Message, Message]]:
        """Return of what day the list is, and how the live rule differs now; small numbers are not told."""
        told = {"day": day(date.fromisoformat(self.day), lang), "n": _told(self.listed, min_cell)}
        frozen = message("members of {day}, {n} people", **told)
        if self.gone:
            gone = _told(self.gone, min_cell)
            frozen = message("members of {day}, {n} people; {gone} of them left the data", gone=gone, **told)
        return [(message("Frozen list"), frozen), (message("Its rule today"), self._now(min_cell))]

    def _now(self, min_cell: int) -> Message:
        if self.source:
            return message("none: the list came from {source}", source=self.source)
        if self.live is None:
            return message("cannot be asked: a column or a value of it is gone")
        if not self.entered and not self.left:
            return message("picks the same people")
        counts = {name: _told(getattr(self, name), min_cell) for name in ("live", "entered", "left")}
        return message(
            "{live} today: {entered} are not on the list, {left} of the list are not inside", **counts
        )


@dataclass(frozen=True)
class Domain:
    """A segment as pages show it.

    Attributes
    ----------
    chips : tuple of Says
        Its conditions in words; all of them hold.
    n, base, unknown : int
        People inside, looked at, and undecided because a value is missing.
    answers : int
        Answers inside; 0 where the study has none.
    level : {"customers", "answers"}
        What `n` counts.
    reference : str
        Id, version and hash of a saved segment, or the hash of a rule.
    version : int
        0 for a rule that is not saved.
    frozen : bool
        A list of members rather than a rule.
    snapshot : str
        The day it looks back from, or was frozen, as an ISO date.
    drift : Drift or None
        How a frozen list stands to today.

    Examples
    --------
    >>> domain = Domain(("region: KR",), 12, 40, 1)
    >>> [f"{term}: {words}" for term, words in domain.lines(10)][0]
    'Inside the segment: 12 of 40 customers'
    """

    chips: tuple[Says | str, ...]
    n: int
    base: int
    unknown: int
    answers: int = 0
    level: str = "customers"
    reference: str = ""
    version: int = 0
    frozen: bool = False
    snapshot: str = ""
    drift: Drift | None = None

    def lines(self, min_cell: int, lang: str = "en") -> list[tuple[Message, Message]]:
        """Return how many and which version, as terms and descriptions; small numbers are not told."""
        lines = [(message("Inside the segment"), self._inside(min_cell))]
        if self.answers and self.level != "answers":
            lines.append((message("Answers inside"), message("{n}", n=_told(self.answers, min_cell))))
        undecided = message("{n}, because a value is missing; not inside", n=_told(self.unknown, min_cell))
        nobody = message("nobody: no value that decides is missing")
        if self.drift is None:
            lines.append((message("Undecided"), undecided if self.unknown else nobody))
        else:
            lines += self.drift.lines(lang, min_cell)
        if self.n < min_cell:
            words = message(
                "Fewer than {n} are inside, so every number here is hidden.", n=Quantity(min_cell)
            )
            lines.append((message("Too few"), words))
        return [*lines, *self._versions()]

    def _inside(self, min_cell: int) -> Message:
        few = 0 < self.n < min_cell
        told = {"n": Quantity(min_cell if few else self.n), "base": Quantity(self.base)}
        if self.level == "answers":
            small = message("fewer than {n} of {base} answers", **told)
            return small if few else message("{n} of {base} answers", **told)
        small = message("fewer than {n} of {base} customers", **told)
        return small if few else message("{n} of {base} customers", **told)

    def _versions(self) -> list[tuple[Message, Message]]:
        if not self.reference:
            return []
        told = {"version": self.version, "reference": self.reference}
        words = message("rule of this run, {reference}", **told)
        if self.version:
            words = message("version {version}, {reference}", **told)
        if self.frozen:
            words = message("version {version}, list of members frozen, {reference}", **told)
        return [(message("Segment version"), words)]

    def html(self, lang: str) -> Markup:
        """Return the chips."""
        items = Markup("").join(Markup("<li>{}</li>").format(say(chip, lang)) for chip in self.chips)
        return Markup('<ul class="jl-chips" aria-label="{}">{}</ul>').format(
            message("Conditions of the segment").say(lang), items
        )


def _told(n: int, min_cell: int) -> Message | Quantity:
    """Return a count, or that it is too small to be told."""
    return message("fewer than {n}", n=Quantity(min_cell)) if 0 < n < min_cell else Quantity(n)
