"""The list of saved segments on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import ipywidgets as widgets
from markupsafe import Markup

from journey_lib.controls.parts import button, put, showing, words
from journey_lib.errors import JourneyError
from journey_lib.present.wording import DASH, Quantity, day, listed, message, number, plural

if TYPE_CHECKING:
    from journey_lib.controls.headless import HeadlessFilter
    from journey_lib.controls.kept import Kept

    Act = Callable[[Callable[[], object]], None]

_CELL = Markup("<span>{}</span>")


class KeptView:
    """Every saved segment as a line: its n then and now, who uses it, and what can be done with it.

    Parameters
    ----------
    chooser : HeadlessFilter
        Whose segments.
    act : callable
        Runs a change of the chooser and draws everything anew.
    """

    def __init__(self, chooser: HeadlessFilter, act: Act) -> None:
        self.chooser, self.lang, self._act = chooser, chooser.lang, act
        self.found: list[Kept] = []
        titles = [
            message("Name"), message("Version"), message("Saved on"),
            message("n at save"), message("n now"), message("Used by"),
        ]  # fmt: skip
        top = words(self.lang, "jl-entry", _line(*(one.say(self.lang) for one in titles)))
        top.add_class("jl-top")
        self._title = words(
            self.lang, "", Markup("<b>{}</b>").format(message("Saved segments").say(self.lang))
        )
        self._problem = words(self.lang, "jl-problem")
        self._lines: list[_Line] = []
        self._list = widgets.VBox()
        gap = widgets.HTML()
        gap.add_class("jl-acts")
        head = widgets.HBox([top, gap])
        head.add_class("jl-kept")
        self.box = widgets.VBox([self._title, self._problem, head, self._list])
        self.box.add_class("jl-saved")

    def read(self) -> None:
        """Read the saved segments anew, and show them."""
        problem = ""
        try:
            self.found = self.chooser.kept()
        except JourneyError as error:
            self.found, problem = [], str(error)
        put(self._problem, self.lang, problem)
        while len(self._lines) < len(self.found):
            self._lines.append(_Line(self, len(self._lines)))
            self._list.children = tuple(line.box for line in self._lines)
        for at, line in enumerate(self._lines):
            showing(line.box, wanted=at < len(self.found))
            if at < len(self.found):
                line.draw(self.found[at])
        showing(self.box, wanted=bool(self.found or problem))

    def act(self, do: Callable[[], object]) -> None:
        """Do something with a saved segment."""
        self._act(do)


class _Line:
    def __init__(self, view: KeptView, at: int) -> None:
        self.view, chooser, lang = view, view.chooser, view.lang
        self._told = words(lang, "jl-entry")
        self._acts = [
            button(message("Load").say(lang), self._with(chooser.load, at), kind="jl-flat"),
            button(message("Duplicate").say(lang), self._with(chooser.duplicate, at), kind="jl-flat"),
            button(message("Freeze").say(lang), self._with(chooser.freeze, at), kind="jl-flat"),
        ]
        acts = widgets.HBox(self._acts)
        acts.add_class("jl-acts")
        self.box = widgets.HBox([self._told, acts])
        self.box.add_class("jl-kept")

    def _with(self, do: Callable[[str], object], at: int) -> Callable[[], None]:
        return lambda: self.view.act(lambda: do(self.view.found[at].saved.name))

    def draw(self, kept: Kept) -> None:
        lang, saved = self.view.lang, kept.saved
        about = message("Frozen list") if saved.frozen else message("Rule")
        note = kept.problem or saved.description or about.say(lang)
        name = Markup("<b>{}</b><small>{}</small>").format(saved.name, note)
        if saved.frozen and note != about.say(lang):
            name = Markup("<b>{}</b><small>{} · {}</small>").format(saved.name, about.say(lang), note)
        used = plural("{n} report", "{n} reports", n=Quantity(kept.reports)).say(lang)
        stems = listed((stem.replace("_", " ") for stem in kept.stems), lang, limit=2)
        reports = Markup("{}<small>{}</small>").format(used, stems)
        put(
            self._told, lang,
            _line(
                name, saved.version, day(date.fromisoformat(saved.created[:10]), lang),
                number(saved.n, lang), self._now(kept),
                reports if kept.reports else message("no report").say(lang),
            ),
        )  # fmt: skip
        self._acts[0].disabled = kept.now is None
        self._acts[2].disabled = kept.now is None or bool(saved.frozen)
        for one in self._acts:
            one.tooltip = saved.name

    def _now(self, kept: Kept) -> Markup:
        lang = self.view.lang
        if kept.now is None:
            return Markup("{}").format(DASH)
        moved = kept.now - kept.saved.n
        told = number(moved, lang, signed=True) if moved else message("the same").say(lang)
        return Markup("<b>{}</b><small>{}</small>").format(number(kept.now, lang), told)


def _line(*cells: object) -> Markup:
    return Markup("").join(_CELL.format(one) for one in cells)
