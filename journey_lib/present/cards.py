"""Evidence cards: what is known of a group, line by line against everybody, and what is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from journey_lib.present.blocks import Block, sign
from journey_lib.present.wording import DASH

LOW, HIGH = 25.0, 400.0  # ends of the index axis, on a log scale around 100
_WIDTH, _HEIGHT = 76.0, 18.0


@dataclass(frozen=True)
class CardLine:
    """One statement: the group's value, everybody's, and their ratio as an index with its interval."""

    statement: str
    value: str
    total: str
    index: float
    low: float
    high: float
    base: str
    hidden: str = ""


@dataclass(frozen=True)
class CardFact:
    """One fact of a card's head: its name, its value, a smaller line, and the sign of a status."""

    name: str
    value: str
    small: str = ""
    status: str = ""


@dataclass(frozen=True)
class CardBar:
    """A share as a bar with its interval, and everybody's as a tick."""

    share: float
    low: float
    high: float
    total: float


@dataclass(frozen=True)
class CardRow:
    """A row of a small table; its first cell may carry a bar."""

    name: str
    cells: Sequence[str]
    bar: CardBar | None = None


@dataclass(frozen=True)
class CardTable:
    """A small table: its heads, its rows, and how to read it."""

    header: Sequence[str]
    rows: Sequence[CardRow]
    key: str = ""


@dataclass(frozen=True)
class CardQuote:
    """Somebody's own words, the pseudonym of who it was, their language, and what they are about."""

    text: str
    author: str
    language: str
    about: str


@dataclass(frozen=True)
class Card:
    """A group on one card.

    Attributes
    ----------
    title, rule, unlike : str
        Its name, its rule in words, what it is most unlike everybody in.
    facts : sequence of CardFact
        Size first.
    header : (str, str, str, str)
        Heads of statement, value, total and index.
    groups : sequence of (str, sequence of CardLine)
        Lines under their headings.
    tables : sequence of CardTable
        Further small tables.
    asides : sequence of (str, str, str)
        A heading, what it says, and how that came about.
    quotes : sequence of CardQuote
        In people's own words.
    notes_title, notes : str, sequence of str
        What is not known.
    foot : str
        Date and thresholds.
    """

    title: str
    rule: str
    facts: Sequence[CardFact]
    header: tuple[str, str, str, str]
    groups: Sequence[tuple[str, Sequence[CardLine]]]
    tables: Sequence[CardTable] = ()
    asides: Sequence[tuple[str, str, str]] = ()
    quotes: Sequence[CardQuote] = ()
    notes_title: str = ""
    notes: Sequence[str] = ()
    foot: str = ""
    unlike: str = ""


def without_base(line: CardLine) -> CardLine:
    """Return a line that does not repeat the base its heading tells."""
    return replace(line, base="")


def cards(made: Sequence[Card], lang: str) -> Block:
    """Return cards, one below another; each has two halves where there is room.

    Examples
    --------
    >>> line = CardLine("Calls", "4.0", "2.0", 200.0, 150.0, 260.0, "n = 40")
    >>> head = ("Line", "Here", "All", "Index")
    >>> card = Card("Callers", "calls: 3 or more", (), head, [("Goes with", [line])])
    >>> "Callers" in cards([card], "en").inner
    True
    """
    inner = Markup('<div class="jl-cards-frame"><div class="jl-cards">{}</div></div>').format(
        Markup("").join(_card(one) for one in made)
    )
    return Block(inner, lang, "\n".join(f"{one.title}: {one.rule}" for one in made))


def _card(one: Card) -> Markup:
    unlike = Markup('<p class="jl-unlike">{}</p>').format(one.unlike) if one.unlike else Markup("")
    asides = Markup("").join(_aside(*aside) for aside in one.asides)
    right = Markup("").join(_small(table) for table in one.tables) + _quotes(one.quotes)
    frame = Markup(
        '<article class="jl-card"><header><h3>{}</h3><p class="jl-rule">{}</p>{}</header>{}'
        '<div class="jl-halves"><div>{}{}</div><div>{}</div></div>{}<p class="jl-note">{}</p></article>'
    )
    return frame.format(
        one.title, one.rule, unlike, _facts(one.facts), _lines(one), asides, right, _notes(one), one.foot
    )


def _aside(name: str, text: str, small: str) -> Markup:
    return Markup('<div class="jl-aside"><h4>{}</h4><p>{}<small>{}</small></p></div>').format(
        name, text, small
    )


def _quotes(quotes: Sequence[CardQuote]) -> Markup:
    if not quotes:
        return Markup("")
    items = Markup("").join(
        Markup('<li><span lang="{}">{}</span> <small>{} · {}</small></li>').format(
            quote.language, quote.text, quote.about, quote.author
        )
        for quote in quotes
    )
    return Markup('<ul class="jl-quotes">{}</ul>').format(items)


def _facts(facts: Sequence[CardFact]) -> Markup:
    items = Markup("").join(
        Markup('<div><dt>{}</dt><dd{}>{}{}<small>{}</small></dd></div>').format(
            fact.name, Markup(' class="jl-{}"').format(fact.status) if fact.status else "",
            sign(fact.status) if fact.status else "", fact.value, fact.small,
        )
        for fact in facts
    )  # fmt: skip
    return Markup('<dl class="jl-card-facts">{}</dl>').format(items)


def _lines(one: Card) -> Markup:
    if not any(lines for _, lines in one.groups):
        return Markup("")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(word) for word in one.header)
    body = Markup("").join(
        Markup('<tr class="jl-block"><th scope="colgroup" colspan="4">{}</th></tr>{}').format(
            heading, Markup("").join(_line(line) for line in lines)
        )
        for heading, lines in one.groups
        if lines
    )
    return Markup('<table class="jl-lines"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        head, body
    )


def _line(line: CardLine) -> Markup:
    base = Markup("<small>{}</small>").format(line.base) if line.base else Markup("")
    name = Markup('<th scope="row">{}{}</th>').format(line.statement, base)
    if line.hidden:
        return Markup('<tr>{}<td colspan="3" class="jl-masked"><span>{}</span></td></tr>').format(
            name, line.hidden
        )
    index = f"{line.index:.0f}" if math.isfinite(line.index) else DASH
    return Markup('<tr>{}<td><b>{}</b></td><td>{}</td><td class="jl-index">{}<b>{}</b></td></tr>').format(
        name, line.value, line.total, _dot(line), index
    )


def _dot(line: CardLine) -> Markup:
    """Draw the index with its interval around 100; the number beside it says the same."""
    if not math.isfinite(line.index):
        return Markup("")
    low, at, high = (_place(v) for v in (line.low, line.index, line.high))
    return Markup(
        '<svg viewBox="0 0 {0:.0f} {1:.0f}" aria-hidden="true"><path d="M0 9H{0:.0f}" stroke="var(--rule)"/>'
        '<path d="M{2:.1f} 2V16" stroke="var(--ink-2)"/><path d="M{3:.1f} 9H{4:.1f}" stroke="var(--link)" '
        'stroke-width="2"/><circle cx="{5:.1f}" cy="9" r="3.6" fill="var(--link)"/></svg>'
    ).format(_WIDTH, _HEIGHT, _place(100.0), low, max(high, low + 1), at)


def _place(value: float) -> float:
    """Return where an index lies on the drawing; what lies beyond its ends lies on them."""
    if not math.isfinite(value):
        return 4.0
    inside = min(max(value, LOW), HIGH)
    return 4 + (_WIDTH - 8) * math.log(inside / LOW) / math.log(HIGH / LOW)


def _small(table: CardTable) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(word) for word in table.header)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}{}</th>{}</tr>').format(
            row.name, _bar(row.bar) if row.bar else Markup(""),
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row.cells),
        )
        for row in table.rows
    )  # fmt: skip
    key = Markup('<p class="jl-key">{}</p>').format(table.key) if table.key else Markup("")
    return Markup(
        '<table class="jl-lines jl-small"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}'
    ).format(heads, body, key)


def _bar(bar: CardBar) -> Markup:
    """Draw a share with everybody's as a tick; the numbers in its row say the same."""
    share, total = (min(max(100 * value, 0.0), 100.0) for value in (bar.share, bar.total))
    return Markup(
        '<svg class="jl-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 3H100" stroke="var(--rule)" stroke-width="4"/>'
        '<path d="M0 3H{:.1f}" stroke="var(--link)" stroke-width="4"/>'
        '<path d="M{:.1f} 0V6" stroke="var(--ink)" stroke-width="2" '
        'vector-effect="non-scaling-stroke"/></svg>'
    ).format(share, total)


def _notes(one: Card) -> Markup:
    if not one.notes:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(note) for note in one.notes)
    return Markup('<div class="jl-unknown"><h4>{}</h4><ul>{}</ul></div>').format(one.notes_title, items)
