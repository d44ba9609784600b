"""One facet on the screen: values with bars, a long list with a search box, or a range with its slider."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import ipywidgets as widgets
from markupsafe import Markup

from journey_lib.controls.later import Later
from journey_lib.controls.parts import AUTO, on_value, put, showing, words
from journey_lib.present.wording import Quantity, message, number, plural
from journey_lib.study.segments.words import Given

if TYPE_CHECKING:
    from journey_lib.controls.headless import HeadlessFilter

    Act = Callable[[Callable[[], None]], None]

TICKED: Final = 8  # values shown with a tick and a bar each; more become a list with a search box
TYPING: Final = 0.2  # seconds without a further key before a search follows
LONGEST: Final = 100  # values a list holds at once; the search reaches the others


class FacetView(ABC):
    """What all facets have: a name, what is chosen of it, and people without a value.

    Parameters
    ----------
    chooser : HeadlessFilter
        What is drawn and told.
    name : str
        The column.
    act : callable
        Runs a change of the chooser and draws everything anew.
    """

    def __init__(self, chooser: HeadlessFilter, name: str, act: Act) -> None:
        self.chooser, self.name, self.lang = chooser, name, chooser.lang
        self.title = chooser.who.traits[name].label.say(self.lang)
        self._act, self._drawing = act, False
        self._head = words(self.lang, "jl-facet-name")
        self._lost = widgets.Checkbox(
            description=message("missing").say(self.lang), indent=False, layout=AUTO
        )
        self._lost_bar = words(self.lang, "jl-count")
        self._lost_row = widgets.HBox([self._lost, self._lost_bar])
        self._lost_row.add_class("jl-row")
        self.listen(self._lost, lambda on: chooser.missing(name, wanted=on))
        self.box = widgets.VBox([self._head, *self.controls(), self._lost_row])
        self.box.add_class("jl-facet")

    @abstractmethod
    def controls(self) -> list[widgets.Widget]:
        """Return what stands between the name and the people without a value."""

    def listen(self, control: widgets.Widget, change: Callable[..., None]) -> None:
        """Let a control change what is chosen, unless we are just drawing it."""
        on_value(control, lambda new: None if self._drawing else self._act(lambda: change(new)))

    def draw(self) -> None:
        """Show what is chosen and counted now."""
        self._drawing = True
        try:
            choice = self.chooser.asked.choices.get(self.name)
            self._lost.value = choice is not None and choice.missing
            lost = self.chooser.missing_n(self.name)
            put(self._head, self.lang, Markup("<b>{}</b><small>{}</small>").format(self.title, self.told()))
            put(self._lost_bar, self.lang, self.bar(lost, max(self.most(), lost), on=self._lost.value))
            showing(self._lost_row, wanted=self.chooser.facets[self.name].n_missing > 0)
            self.fill()
        finally:
            self._drawing = False

    @abstractmethod
    def fill(self) -> None:
        """Show the values."""

    @abstractmethod
    def most(self) -> int:
        """Return the largest count, which the bars are measured by."""

    def told(self) -> str:
        """Return what is chosen, in few words."""
        choice = self.chooser.asked.choices.get(self.name)
        n = 0 if choice is None else len(choice.values) + choice.missing
        told = plural("{n} chosen", "{n} chosen", n=Quantity(n)) if n else message("any")
        return told.say(self.lang)

    def bar(self, n: int, most: int, *, on: bool) -> Markup:
        """Return a count with its bar; what is chosen is bold too, for who sees no colour."""
        width = 100 * n / most if most else 0
        return Markup(
            '<span class="jl-bar{}" aria-hidden="true"><i style="width:{:.0f}%"></i></span><span>{}</span>'
        ).format(" jl-on" if on else "", width, number(n, self.lang))


class Ticks(FacetView):
    """A facet of few values: each with a tick, a bar and a count."""

    def controls(self) -> list[widgets.Widget]:
        """Return one row a value, below "any" or "all" where people gave several answers."""
        self._values = self.chooser.facets[self.name].values
        self._ticks = [self._tick(value) for value in self._values]
        self._bars = [words(self.lang, "jl-count") for _ in self._values]
        self._rows = [widgets.HBox(list(pair)) for pair in zip(self._ticks, self._bars, strict=True)]
        for row in self._rows:
            row.add_class("jl-row")
        return [*several(self), *self._rows]

    def _tick(self, value: str | float) -> widgets.Checkbox:
        made = widgets.Checkbox(description=self.chooser.label(self.name, value), indent=False, layout=AUTO)
        self.listen(made, lambda on: self._set(value, on=on))
        return made

    def _set(self, value: str | float, *, on: bool) -> None:
        choice = self.chooser.asked.choices.get(self.name)
        if on != (choice is not None and value in choice.values):
            self.chooser.toggle(self.name, value)

    def most(self) -> int:
        """Return the largest count."""
        self._found = self.chooser.rows(self.name)
        return max((row.n for row in self._found), default=0)

    def fill(self) -> None:
        """Show each value's tick, bar and count."""
        most = max([row.n for row in self._found] + [self.chooser.missing_n(self.name)])
        for row, tick, bar, line in zip(self._found, self._ticks, self._bars, self._rows, strict=True):
            tick.value = row.chosen
            put(bar, self.lang, self.bar(row.n, most, on=row.chosen))
            (line.add_class if row.chosen else line.remove_class)("jl-chosen")


class Listed(FacetView):
    """A facet of many values: a search box over a list, the most frequent first."""

    def controls(self) -> list[widgets.Widget]:
        """Return search box and list."""
        n = len(self.chooser.facets[self.name].values)
        told = message("Search {n} values", n=Quantity(n)).say(self.lang)
        self._search = widgets.Text(
            placeholder=told, description=f"{self.title}: {told}", continuous_update=True
        )
        self._list = widgets.SelectMultiple(description=self.title, rows=6)
        for one in (self._search, self._list):
            one.layout.width = "100%"
            one.add_class("jl-unnamed")
        pause = Later(TYPING)
        on_value(self._search, lambda _: pause.do(self.draw))
        self.listen(self._list, lambda values: self.chooser.choose(self.name, values))
        return [*several(self), self._search, self._list]

    def most(self) -> int:
        """Return the largest count."""
        self._found = self.chooser.rows(self.name, self._search.value, LONGEST)
        return max((row.n for row in self._found), default=0)

    def fill(self) -> None:
        """Show the values that fit the search, the chosen ones always."""
        options = [(f"{row.label} · {number(row.n, self.lang)}", row.value) for row in self._found]
        if tuple(options) != tuple(self._list.options):
            self._list.options = options
        self._list.value = [row.value for row in self._found if row.chosen]


class Range(FacetView):
    """A facet of numbers or days: a small histogram, a slider that sends on release, and two boxes."""

    def controls(self) -> list[widgets.Widget]:
        """Return histogram, slider and boxes."""
        self._facet = self.chooser.facets[self.name]
        self._picture = words(self.lang, "jl-histogram")
        self._slider = widgets.IntRangeSlider(
            value=(0, self._facet.steps), min=0, max=self._facet.steps, continuous_update=False,
            readout=False, description=self.title, layout={"width": "100%"},
        )  # fmt: skip
        self._slider.add_class("jl-unnamed")
        self._ends = [self._box(message("from")), self._box(message("to"))]
        self.listen(self._slider, self._slid)
        for at, box in enumerate(self._ends):
            self.listen(box, lambda text, at=at: self._typed(at, text))
        return [self._picture, self._slider, widgets.HBox(self._ends)]

    def _box(self, told: object) -> widgets.Text:
        named = f"{self.title} {told.say(self.lang)}"  # type: ignore[attr-defined]
        made = widgets.Text(description=named, continuous_update=False, layout={"width": "112px"})
        made.add_class("jl-unnamed")
        return made

    def _slid(self, positions: tuple[int, int]) -> None:
        first, last = positions
        low = None if first <= 0 else self._facet.at(first)
        high = None if last >= self._facet.steps else self._facet.at(last)
        self.chooser.between(self.name, low, high)

    def _typed(self, end: int, text: str) -> None:
        choice = self.chooser.asked.choices.get(self.name)
        ends: list[str | float | None] = [None, None] if choice is None else [choice.low, choice.high]
        ends[end] = text.strip() or None
        if self._facet.kind == "numbers" and ends[end] is not None:
            ends[end] = self._number(str(ends[end]))
        self.chooser.between(self.name, *ends)

    @staticmethod
    def _number(text: str) -> str | float:
        try:
            return float(text.replace(",", ""))
        except ValueError:
            return text

    def most(self) -> int:
        """Return the count of people without a value: a histogram has a scale of its own."""
        return self.chooser.missing_n(self.name)

    def told(self) -> str:
        """Return the range."""
        choice = self.chooser.asked.choices.get(self.name)
        if choice is None or (choice.low is None and choice.high is None):
            return super().told()
        low, high = self._shown(choice.low, choice.high)
        return message("{low} to {high}", low=Given(low), high=Given(high)).say(self.lang)

    def _shown(self, low: str | float | None, high: str | float | None) -> tuple[str | float, str | float]:
        first = self._facet.at(0) if low is None else low
        return first, self._facet.at(self._facet.steps) if high is None else high

    def fill(self) -> None:
        """Show histogram, slider and boxes."""
        choice = self.chooser.asked.choices.get(self.name)
        low, high = (None, None) if choice is None else (choice.low, choice.high)
        first, last = self._shown(low, high)
        idle = low is None and high is None
        (self._slider.add_class if idle else self._slider.remove_class)("jl-idle")
        self._slider.value = self._facet.position(first), self._facet.position(last)
        for box, end in zip(self._ends, (first, last), strict=True):
            box.value = f"{end:.9g}" if isinstance(end, float) else end
        put(self._picture, self.lang, self._histogram(self._facet.number(first), self._facet.number(last)))

    def _histogram(self, low: float, high: float) -> Markup:
        """Return bars on a root scale: rare values stay visible."""
        counts, edges = self.chooser.bins(self.name), self._facet.edges
        most = max(counts, default=0) or 1
        restricted = self.name in self.chooser.asked.choices
        bars = Markup("").join(
            Markup('<i class="{}" style="height:{:.0f}%"></i>').format(
                "jl-on" if restricted and edges[at + 1] > low and edges[at] <= high else "",
                100 * (n / most) ** 0.5,
            )
            for at, n in enumerate(counts)
        )
        return Markup('<div class="jl-bins" aria-hidden="true">{}</div>').format(bars)


def several(view: FacetView) -> list[widgets.Widget]:
    """Return the switch between any and all, for a question with several answers."""
    if view.chooser.facets[view.name].kind != "options":
        return []
    options = [(message("any of them").say(view.lang), False), (message("all of them").say(view.lang), True)]
    switch = widgets.ToggleButtons(options=options, description=view.title, layout=AUTO)
    switch.add_class("jl-unnamed")
    view.listen(switch, lambda every: view.chooser.every(view.name, wanted=every))
    return [switch]


def facet_view(chooser: HeadlessFilter, name: str, act: Act) -> FacetView:
    """Return a column as the facet that fits it."""
    facet = chooser.facets[name]
    if facet.is_range:
        return Range(chooser, name, act)
    return (Ticks if facet.size <= TICKED else Listed)(chooser, name, act)
