"""Small pieces every control is made of: words as HTML, plain controls, and our style."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from journey_lib.present import style

AUTO = {"width": "auto"}


@cache
def sheet() -> str:
    """Return the style of pages and of the controls, as one element."""
    own = Path(__file__).with_name("controls.css").read_text(encoding="utf-8")
    return f"{style.element()}<style>{own}</style>"


def frame(kind: str, lang: str, *children: widgets.Widget) -> widgets.VBox:
    """Return a column that carries our style."""
    box = widgets.VBox([widgets.HTML(sheet()), *children])
    dress(box, kind, lang)
    return box


def dress(box: widgets.DOMWidget, kind: str, lang: str) -> None:
    """Give a control our classes, and the fonts of its language."""
    for name in ("jl", kind, f"jl-{lang}"):
        box.add_class(name)


def words(lang: str, kind: str = "", inner: Markup | str = "") -> widgets.HTML:
    """Return a place for words."""
    made = widgets.HTML()
    made.add_class("jl-words")
    if kind:
        made.add_class(kind)
    put(made, lang, inner)
    return made


def put(place: widgets.HTML, lang: str, inner: Markup | str) -> None:
    """Write words into their place, escaped unless they are HTML already."""
    place.value = str(Markup('<div lang="{}">{}</div>').format(lang, inner))


def button(text: str, act: Callable[[], None], *, icon: str = "", kind: str = "") -> widgets.Button:
    """Return a button that does one thing."""
    made = widgets.Button(description=text, icon=icon, layout=AUTO)
    made.add_class("jl-button")
    if kind:
        made.add_class(kind)
    made.on_click(lambda _: act())
    return made


def on_value(control: widgets.Widget, act: Callable[[Any], None]) -> None:
    """Do something with every new value of a control."""
    control.observe(lambda change: act(change["new"]), names="value")


def showing(control: widgets.DOMWidget, *, wanted: bool) -> None:
    """Show a control or take it out of sight, keeping it where it is."""
    control.layout.display = None if wanted else "none"
