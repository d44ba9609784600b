"""Numbers and sentences in English and Korean; a sentence repeats a number of the table and computes none."""

from __future__ import annotations

import datetime as dt
import math
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from markupsafe import Markup, escape

Unit: TypeAlias = Literal[
    "share", "share_points", "points", "score", "count", "days", "seconds", "currency", "none"
]  # fmt: skip
LANGUAGES: tuple[str, ...] = ("en", "ko")
DASH, MINUS = "–", "−"
DECIMALS: dict[str, int] = {"share": 0, "share_points": 0, "points": 0, "score": 2, "days": 1, "seconds": 1}

_JOINER = "\u2060"
_HANGUL_FIRST, _HANGUL_LAST, _HANGUL_L = "가", "힣", 8
_PARTICLES = {  # what follows a final consonant, what follows a vowel
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
}
_DIGITS_CLOSED = set("013678")  # 영 일 삼 육 칠 팔
_DIGITS_L = set("178")
# How Latin words are mostly read: 플랜, 메일, 온라인, 쇼핑, 앱, 웹, 북 close; 페이먼트, 링크, 헬프 do not.
_LATIN_CLOSED = re.compile(r"(?:[lmn]e?|ng|[aeiou](?:pp?|b|k))$")
_LATIN_L = re.compile(r"le?$")


@runtime_checkable
class Says(Protocol):
    """Anything that knows its own words in both languages, such as a label of the study."""

    def say(self, lang: str) -> str:
        """Return the words in the language."""


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, written out only when the language is known.

    Parameters
    ----------
    value : float
        Shares are 0–1, NPS is in points, times in days.
    unit : str
        `share`, `share_points` (a difference of two shares), `points`, `score`, `count`, `days`, `currency`
        or `none`.
    decimals : int, optional
        Default by unit, see `DECIMALS`.
    signed : bool
        Write the plus sign too.
    bare : bool
        Leave the unit out, where a header already says it.

    Examples
    --------
    >>> Quantity(0.4123, "share").say("en"), Quantity(-14.2, "points", signed=True).say("ko")
    ('41%', '−14점')
    """

    value: float
    unit: str = "count"
    decimals: int | None = None
    signed: bool = False
    bare: bool = False

    def say(self, lang: str) -> str:
        """Return the number with its unit; a missing number is an en dash."""
        scale = 100 if self.unit in ("share", "share_points") else 1
        places = DECIMALS.get(self.unit, 0) if self.decimals is None else self.decimals
        text = number(self.value * scale, lang, decimals=places, signed=self.signed)
        return text if self.bare or text == DASH else text + unit_suffix(self.unit, lang)


@dataclass(frozen=True)
class Message:
    """One sentence in every language of the product, with its numbers still exact.

    The English text is the key of the gettext catalogue. `{name}` places a value, `{name:은}` adds the Korean
    particle that fits its last sound, and `**…**` marks the words a page sets in bold.

    Parameters
    ----------
    key : str
        English sentence with placeholders.
    values : mapping
        Strings, labels, `Quantity` or further messages.
    plural : str
        English plural form; `values["n"]` then chooses.

    Examples
    --------
    >>> str(message("{n} answers", n=Quantity(1234)))
    '1,234 answers'
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""

    def say(self, lang: str) -> str:
        """Return the sentence as plain text."""
        formatter = _Formatter(lang)
        return "".join(formatter.vformat(p, (), self.values) for p in self._template(lang).split("**"))

    def html(self, lang: str) -> Markup:
        """Return the sentence as HTML: values escaped, `**…**` in bold, names between backticks as code."""
        pieces = (self._coded(piece, _Formatter(lang)) for piece in self._template(lang).split("**"))
        return Markup("").join(
            Markup("<b>{}</b>").format(text) if at % 2 else text for at, text in enumerate(pieces)
        )

    def _coded(self, template: str, formatter: _Formatter) -> Markup:
        """Fill a piece; its backticks are read before values come in, which may hold some of their own."""
        filled = (escape(_unbroken(formatter.vformat(x, (), self.values))) for x in template.split("`"))
        return Markup("").join(
            Markup("<code>{}</code>").format(text) if at % 2 else text for at, text in enumerate(filled)
        )

    def __str__(self) -> str:
        return self.say("en")

    def _template(self, lang: str) -> str:
        if not self.plural:
            return translate(self.key, lang)
        n = self.values["n"]
        count = n.value if isinstance(n, Quantity) else float(str(n))
        return translate(self.key, lang, self.plural, int(count))


def message(key: str, **values: object) -> Message:
    """Return the sentence of this key with its values.

    Examples
    --------
    >>> message("Weights are mild").say("en")
    'Weights are mild'
    """
    return Message(key, values)


def plural(one: str, many: str, **values: object) -> Message:
    """Return a sentence whose form follows `n`.

    Examples
    --------
    >>> str(plural("{n} touchpoint is thin", "{n} touchpoints are thin", n=Quantity(2)))
    '2 touchpoints are thin'
    """
    return Message(one, values, many)


def say(words: object, lang: str) -> str:
    """Return anything as words of the language: a label, a message, a quantity or plain text.

    Examples
    --------
    >>> say(Quantity(3), "en"), say("as it is", "ko")
    ('3', 'as it is')
    """
    return words.say(lang) if isinstance(words, Says) else str(words)


def number(value: float, lang: str, *, decimals: int = 0, signed: bool = False) -> str:
    """Return a number as this language writes it: grouped, U+2212 for minus, an en dash when missing.

    Examples
    --------
    >>> number(-1234.5, "en", decimals=1), number(float("nan"), "ko"), number(-0.04, "en", decimals=1)
    ('−1,234.5', '–', '0.0')
    """
    if not math.isfinite(value):
        return DASH
    from babel.numbers import format_decimal

    rounded = round(value, decimals) + 0.0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text: str = format_decimal(abs(rounded), format=pattern, locale=lang)
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def interval(
    low: float, high: float, unit: str, lang: str, *, decimals: int | None = None, compact: bool = False
) -> str:
    """Return an interval without its unit, in the notation of the language.

    `compact` joins the ends with an en dash where no minus sign can be mistaken for it (figures, tables).

    Examples
    --------
    >>> interval(0.38, 0.44, "share", "en"), interval(-20, -8, "points", "ko")
    ('38 to 44', '−20 ~ −8')
    >>> interval(0.38, 0.44, "share", "ko", compact=True)
    '38–44'
    """
    joiner = DASH if compact and min(low, high) >= 0 else " ~ " if lang == "ko" else " to "
    return joiner.join(Quantity(v, unit, decimals, bare=True).say(lang) for v in (low, high))


def unit_suffix(unit: str, lang: str) -> str:
    """Return what stands behind a number of this unit, with its space where one belongs.

    Examples
    --------
    >>> unit_suffix("share", "en"), unit_suffix("share_points", "ko"), unit_suffix("points", "en")
    ('%', '%p', ' points')
    """
    suffixes = {
        "share": {"en": "%", "ko": "%"},
        "share_points": {"en": " points", "ko": "%p"},
        "points": {"en": " points", "ko": "점"},
        "days": {"en": " days", "ko": "일"},
        "seconds": {"en": " s", "ko": "초"},
    }
    return suffixes.get(unit, {}).get(lang, "")


def day(value: object, lang: str) -> str:
    """Return a date as a reader of the language writes it; empty when there is none.

    Examples
    --------
    >>> import datetime as dt
    >>> day(dt.date(2026, 9, 30), "en"), day(dt.date(2026, 9, 30), "ko")
    ('30 Sep 2026', '2026년 9월 30일')
    """
    if not isinstance(value, dt.date) or value != value:  # NaT is not equal to itself
        return ""
    from babel.dates import format_date

    pattern = "y년 M월 d일" if lang == "ko" else "d MMM y"
    return str(format_date(value, format=pattern, locale=lang))


def wave_name(wave: str, lang: str) -> str:
    """Return a wave as a reader calls it: months and quarters in words, anything else as it is.

    Examples
    --------
    >>> wave_name("2025-11", "en"), wave_name("2026-Q1", "ko"), wave_name("2017", "en")
    ('Nov 2025', '2026년 1분기', '2017')
    """
    month = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", wave)
    if month:
        from babel.dates import format_date

        first = dt.date(int(month[1]), int(month[2]), 1)
        return str(format_date(first, format="y년 M월" if lang == "ko" else "MMM y", locale=lang))
    quarter = re.fullmatch(r"(\d{4})-?Q([1-4])", wave)
    if quarter:
        return f"{quarter[1]}년 {quarter[2]}분기" if lang == "ko" else f"Q{quarter[2]} {quarter[1]}"
    return wave


@dataclass(frozen=True)
class WaveName:
    """A wave of a survey, named only when the language is known.

    Examples
    --------
    >>> message("It fell in {wave}.", wave=WaveName("2025-11")).say("en")
    'It fell in Nov 2025.'
    """

    wave: str

    def say(self, lang: str) -> str:
        """Return the wave as a reader calls it."""
        return wave_name(self.wave, lang)


@dataclass(frozen=True)
class Inside:
    """A label inside an English sentence, where it begins with a small letter unless it is an abbreviation.

    Examples
    --------
    >>> Inside(message("Adoption")).say("en"), Inside(message("NPS")).say("en")
    ('adoption', 'NPS')
    """

    label: Says

    def say(self, lang: str) -> str:
        """Return the label."""
        words = self.label.say(lang)
        return words if words[1:2].isupper() else words[:1].lower() + words[1:]


@dataclass(frozen=True)
class Names:
    """A few names in a sentence, listed only when the language is known.

    Examples
    --------
    >>> Names(("a", "b", "c"), limit=2).say("ko")
    'a, b 외 1개'
    """

    names: tuple[object, ...]
    limit: int = 4

    def say(self, lang: str) -> str:
        """Return the names as a list, the rest as a count."""
        return listed(self.names, lang, self.limit)


def listed(items: Iterable[object], lang: str, limit: int = 4) -> str:
    """Return names as a list, the rest as a count.

    Examples
    --------
    >>> listed(["a", "b", "c"], "en", limit=2)
    'a, b and 1 more'
    """
    names = [say(item, lang) for item in items]
    shown, rest = ", ".join(names[:limit]), len(names) - limit
    return shown if rest <= 0 else message("{shown} and {n} more", shown=shown, n=Quantity(rest)).say(lang)


def translate(key: str, lang: str, many: str = "", n: int = 1) -> str:
    """Return the sentence of a key from the language's catalogue; English is the key itself.

    Examples
    --------
    >>> translate("In short", "ko")
    '핵심 결과'
    """
    if lang == "en":
        return many if many and n != 1 else key
    return _catalogue(lang).get(key, key)


@cache
def _catalogue(lang: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / "locale" / lang / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as source:
            entries = [entry for entry in read_po(source, locale=lang) if entry.id]
        found |= {_first(entry.id): _first(entry.string) or _first(entry.id) for entry in entries}
    return found


def _first(words: str | tuple[str, ...] | list[str] | None) -> str:
    """Return the singular of an entry; Korean has one form for every number."""
    return words if isinstance(words, str) else (words or ("",))[0]


def _unbroken(text: str) -> str:
    """Keep a range of numbers, a base, and a sign with its particle on one line."""
    ranges = re.sub(r"(?<=[\d%])–(?=\d)", f"{_JOINER}–{_JOINER}", text)
    return re.sub(r"(?<=[%)])(?=[가-힣])", _JOINER, ranges).replace("n = ", "n\u00a0=\u00a0")


class _Formatter(string.Formatter):
    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: object, format_spec: str) -> str:
        text = say(value, self.lang)
        if self.lang != "ko" or format_spec not in _PARTICLES:
            return text
        closed, opened = _PARTICLES[format_spec]
        return text + (closed if _ends_closed(text, format_spec) else opened)


def _ends_closed(text: str, particle: str) -> bool:
    """Tell whether the word, as it is read aloud in Korean, ends in a consonant that this particle follows.

    What stands in brackets is not read. "으로" follows ㄹ as it follows a vowel.
    """
    word = (text.split("(")[0] or text).rstrip(" '\"”’).")
    if word.endswith("%p"):  # 퍼센트포인트
        return False
    last = word[-1:]
    if _HANGUL_FIRST <= last <= _HANGUL_LAST:
        final = (ord(last) - ord(_HANGUL_FIRST)) % 28
        closed, on_l = final != 0, final == _HANGUL_L
    elif last.isdigit():
        closed, on_l = last in _DIGITS_CLOSED, last in _DIGITS_L
    else:
        closed, on_l = _latin_end(re.findall("[A-Za-z]*$", word)[0])
    return closed and not (particle == "으로" and on_l)


def _latin_end(word: str) -> tuple[bool, bool]:
    """Tell whether a Latin word ends closed, and whether in ㄹ; capitals are read letter by letter."""
    if word.isupper():
        return word[-1] in "LMNR", word[-1] in "LR"
    return bool(_LATIN_CLOSED.search(word.lower())), bool(_LATIN_L.search(word.lower()))
