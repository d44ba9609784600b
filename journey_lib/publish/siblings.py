"""The switch at the top of a report: the same analysis of other people, each a report computed before."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.present.wording import Quantity, message
from journey_lib.publish.files import put

Record = Mapping[str, Any]
OPENS, CLOSES = "<!--segments-->", "<!--/segments-->"
PLACE: Final = Markup(OPENS + CLOSES)  # noqa: S704 - constants
_HELD = re.compile(f"{OPENS}.*?{CLOSES}", re.DOTALL)
_OPEN_UP_TO = 8  # segments shown at once; more are folded
_ASIDE = ("segment", "as_of")


@cache
def script() -> str:
    """Return the few lines that keep the reader's place when another segment is chosen."""
    text = (Path(__file__).parent / "templates" / "segments.js").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip())


@cache
def script_hash() -> str:
    """Return what the page's security policy admits: this script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()


def link_segments(folder: Path, good: Sequence[Record]) -> None:
    """Give each published report links to the same report of other segments, and take dead ones away.

    Parameters
    ----------
    folder : Path
        The study's reports.
    good : sequence of mapping
        The sidecars of its published reports.
    """
    families: dict[str, list[Record]] = {}
    for one in good:
        families.setdefault(_family(one), []).append(one)
    for family in families.values():
        ordered = sorted(family, key=lambda one: (bool(_asked(one)), _name(one, one["lang"])))
        for one in ordered:
            _place(folder / one["file"], switch(one, ordered))


def switch(here: Record, family: Sequence[Record]) -> Markup:
    """Return the links of one report to its family; nothing where it stands alone.

    Examples
    --------
    >>> everybody = {"file": "survey.html", "lang": "en", "settings": {}, "n": 900}
    >>> korea = {**everybody, "file": "kr.html", "settings": {"segment": "Korea"}, "segment": "Korea"}
    >>> 'href="kr.html" aria-current="page">Korea' in switch(korea, [everybody, korea])
    True
    """
    if len(family) < 2:
        return Markup("")
    lang = here["lang"]
    current = Markup(' aria-current="page"')
    link = Markup('<li><a href="{}"{}>{}{}</a></li>')
    items = Markup("").join(
        link.format(quote(one["file"]), current if one is here else "", _name(one, lang), _size(one, lang))
        for one in family
    )
    unfolded = Markup(" open") if len(family) <= _OPEN_UP_TO else ""
    return Markup(
        '<nav class="segments" aria-label="{0}"><details{1}><summary>{0}: <b>{2}</b></summary><ul>{3}</ul>'
        "</details></nav><script>{4}</script>"
    ).format(message("Segment").say(lang), unfolded, _name(here, lang), items, Markup(script()))  # noqa: S704 - ours


def _place(page: Path, links: Markup) -> None:
    text = page.read_text(encoding="utf-8")
    held = _HELD.search(text)
    wanted = f"{OPENS}{links}{CLOSES}"
    if held and held[0] != wanted:
        put(page, text[: held.start()] + wanted + text[held.end() :])


def _family(one: Record) -> str:
    """Return one text that the same analysis of other people shares."""
    own = {name: value for name, value in one.get("settings", {}).items() if name not in _ASIDE}
    return json.dumps([one["stem"], one["lang"], dict(sorted(own.items()))], ensure_ascii=False)


def _asked(one: Record) -> str:
    return str(one.get("settings", {}).get("segment", ""))


def _name(one: Record, lang: str) -> str:
    """Return what a segment is called; an older version of a saved one says so."""
    asked = _asked(one)
    if not asked:
        return message("Everybody").say(lang)
    name, sign, version = asked.partition("@")
    shown = str(one.get("segment") or name)
    return f"{shown} · v{version}" if sign and not asked.startswith("{") else shown


def _size(one: Record, lang: str) -> Markup:
    n = one.get("n")
    if not isinstance(n, int | float) or isinstance(n, bool):
        return Markup("")
    least = int(one.get("min_cell", 0))
    words = f"n < {least}" if 0 < n < least else f"n = {Quantity(n).say(lang)}"
    return Markup("<small>{}</small>").format(words.replace(" ", "\u00a0"))
