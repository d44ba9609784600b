"""The segment filter as a widget: it draws what `HeadlessFilter` knows, and passes on what people do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets
import traitlets

from journey_lib.controls.facet_views import FacetView, facet_view
from journey_lib.controls.headless import FORMATS, HeadlessFilter
from journey_lib.controls.kept_view import KeptView
from journey_lib.controls.later import Later
from journey_lib.controls.parts import button, dress, on_value, put, sheet, showing, words
from journey_lib.controls.rail import count_of, empty_title, lead_of, title_of
from journey_lib.errors import JourneyError
from journey_lib.present.wording import Quantity, message

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

CHIPS: Final = 12
PAUSE, REST = 0.03, 0.25  # seconds without a further click before counts, and before measures, follow


class SegmentFilter(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Whom are we talking about? Choose customers by their traits, and see at once how many are left.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`.
    columns : sequence of str
        The facets to begin with; without them the most useful ones. Others can be added in the widget.
    of : str
        Whom to pick: "customers" or "answers"; "" is customers where the study knows them.
    lang : str
        "en" or "ko"; "" is the study's own language.
    live : bool
        Whether everything follows each choice; else it waits for the button "Apply".
    ledger : DataFrame, str or Path, optional
        Whose runs say which reports used a saved segment, or the folder of those reports; that of the study
        without it.

    Attributes
    ----------
    state : dict
        Everything that is chosen, as plain values; setting it draws it.
    headless : HeadlessFilter
        The same without a screen: all of the logic, with the same arguments.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": list("abc"), "region": ["KR", "JP", "KR"]})
    >>> chosen = SegmentFilter(*quick_study(customers=frame))
    >>> chosen.headless.toggle("region", "KR")
    >>> chosen.selection, chosen.n
    ('region=KR', 2)
    """

    state = traitlets.Dict()

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
        self.headless = HeadlessFilter(
            study, data, columns=columns, of=of, lang=lang, live=live, ledger=ledger
        )
        self.lang = self.headless.lang
        self._drawing, self._problem = True, ""
        self._followers: list[Callable[[], None]] = []
        self._told_of = self._told_now()
        self._soon, self._rested = Later(PAUSE), Later(REST)
        self._views: dict[str, FacetView] = {}
        super().__init__()
        dress(self, "jl-filter", self.lang)
        self.children = (widgets.HTML(sheet()), self._head(), self._chip_row(), self._told(), self._body(),
                         self._saved())  # fmt: skip
        self._kept.read()
        self._draw()

    @property
    def selection(self) -> str:
        """What `segment=` of a run, of `load_study` and of a notebook takes."""
        return self.headless.selection

    @property
    def data(self) -> Data:
        """The data speaking about those who are left: what a measure is given."""
        return self.headless.segment_data

    @property
    def n(self) -> int:
        """How many are left."""
        return self.headless.picked.n

    def __repr__(self) -> str:
        return f"SegmentFilter: {self._say(self.headless.told())}, n = {self.n:,}"

    def follow(self, work: Callable[[], None]) -> None:
        """Do something whenever the selection has changed and the reader pauses."""
        self._followers.append(work)

    @traitlets.observe("state")
    def _set_from_outside(self, change: dict[str, Any]) -> None:
        if not self._drawing:
            self._act(lambda: setattr(self.headless, "state", change["new"]))

    # Parts

    def _say(self, told: Any) -> str:  # noqa: ANN401 - anything with words in both languages
        return str(told.say(self.lang))

    def _button(self, told: object, do: Callable[[], object], **more: str) -> widgets.Button:
        return button(self._say(told), lambda: self._act(do), **more)

    def _head(self) -> widgets.Widget:
        self._name = words(self.lang, "jl-name")
        self._undo = self._button(message("Undo"), self.headless.undo, icon="undo")
        self._redo = self._button(message("Redo"), self.headless.redo, icon="repeat")
        self._invert = self._button(message("Invert"), self.headless.invert)
        self._clear = self._button(message("Clear all"), self.headless.clear)
        head = widgets.HBox([self._name, self._undo, self._redo, self._invert, self._clear])
        head.add_class("jl-head")
        return head

    def _chip_row(self) -> widgets.Widget:
        self._no_chip = words(self.lang, "jl-aside")
        self._chips = [button("", self._chip_off(at), icon="times", kind="jl-chip") for at in range(CHIPS)]
        row = widgets.Box([self._no_chip, *self._chips])
        row.add_class("jl-chips")
        return row

    def _chip_off(self, at: int) -> Callable[[], None]:
        """Take a chip off; the focus stays on its place, or goes on to "Clear all" when it was the last."""

        def off() -> None:
            found = self.headless.chips()
            if at < len(found):
                self._act(lambda: self.headless.remove(found[at].key))
                if at >= len(found) - 1:
                    (self._chips[at - 1] if at else self._undo).focus()

        return off

    def _told(self) -> widgets.Widget:
        self._fault = words(self.lang, "jl-problem")
        return self._fault

    def _body(self) -> widgets.Widget:
        self._none_title = words(self.lang)
        self._none = [(button("", self._chip_off(at)), words(self.lang)) for at in range(CHIPS)]
        self._none_rows = [widgets.HBox(list(pair)) for pair in self._none]
        self._none_box = widgets.VBox([self._none_title, *self._none_rows])
        self._none_box.add_class("jl-none")
        self._grid = widgets.Box()
        self._grid.add_class("jl-facets")
        self._more = widgets.Dropdown(description=self._say(message("Add a facet")))
        self._more.style.description_width = "initial"
        on_value(self._more, self._add)
        body = widgets.Box([widgets.VBox([self._none_box, self._grid, self._more]), self._rail()])
        body.add_class("jl-body")
        return body

    def _add(self, column: str | None) -> None:
        if column and not self._drawing:
            self._act(lambda: self.headless.show(column))

    def _rail(self) -> widgets.Widget:
        self._n, self._reach = words(self.lang, "jl-n"), words(self.lang, "jl-aside")
        self._against = widgets.Dropdown(description=self._say(message("Compare with")))
        self._against_n = words(self.lang, "jl-aside")
        on_value(self._against, lambda word: self._act(lambda: self.headless.compare(word or "")))
        self._live = widgets.Checkbox(description=self._say(message("Update while I choose")), indent=False)
        on_value(self._live, lambda on: self._act(lambda: self.headless.set_live(live=on)))
        self._apply = self._button(message("Apply"), self.headless.apply, kind="jl-go")
        rail = widgets.VBox([
            widgets.VBox([self._n, self._reach]), widgets.VBox([self._against, self._against_n]),
            widgets.VBox([self._live, self._apply]), self._saving(), self._copying(),
        ])  # fmt: skip
        rail.add_class("jl-rail")
        return rail

    def _saving(self) -> widgets.Widget:
        self._new = widgets.Text(description=self._say(message("Save as")), continuous_update=True)
        self._why = widgets.Text(description=self._say(message("Description")), continuous_update=True)
        self._save = self._button(message("Save as new"), self._keep, kind="jl-go")
        self._edit = self._button(message("New version"), lambda: self._keep(new_version=True))
        on_value(self._new, lambda _: self._draw_saving())
        return widgets.VBox([self._new, self._why, widgets.HBox([self._save, self._edit])])

    def _keep(self, *, new_version: bool = False) -> None:
        self.headless.save(
            self._new.value.strip(), description=self._why.value.strip(), new_version=new_version
        )

    def _copying(self) -> widgets.Widget:
        names = [
            message("Parameter of a report"), message("papermill"),
            message("Rule as JSON"), message("pandas query"),
        ]  # fmt: skip
        options = [(self._say(name), how) for name, how in zip(names, FORMATS, strict=True)]
        self._how = widgets.Dropdown(description=self._say(message("Copy as")), options=options)
        self._text = widgets.Textarea(description=self._say(message("Text to copy")))
        self._text.add_class("jl-unnamed")
        on_value(self._how, lambda _: self._draw_copy())
        return widgets.VBox([self._how, self._text])

    def _saved(self) -> widgets.Widget:
        self._kept = KeptView(self.headless, self._act_on_kept)
        return self._kept.box

    # What the reader does

    def _act(self, do: Callable[[], object]) -> None:
        """Let the reader change something; of many changes in a row the last is counted and drawn."""
        if self._drawing:
            return
        self._problem = ""
        before = self.headless.state["from"]
        try:
            do()
        except JourneyError as error:
            self._problem = str(error)
        if self.headless.state["from"] != before:
            self._kept.read()
        self._n.add_class("jl-busy")
        self._soon.do(self._draw)

    def _act_on_kept(self, do: Callable[[], object]) -> None:
        self._act(do)
        self._kept.read()

    # What the reader sees

    def _draw(self) -> None:
        self._drawing = True
        try:
            self._draw_head()
            self._draw_facets()
            self._draw_rail()
            self.state = self.headless.state
        finally:
            self._drawing = False
        self._n.remove_class("jl-busy")
        if self._told_of != self._told_now():
            self._told_of = self._told_now()
            put(self._reach, self.lang, "")
            self._rested.do(self._tell)

    def _told_now(self) -> tuple[object, str]:
        return self.headless.state["applied"], self.headless.compared

    def _tell(self) -> None:
        """Let followers follow, and say whom reports take: both too slow for each click of many."""
        try:
            told = self.headless.reach()
        except JourneyError:  # the followers say what is wrong
            told = None
        put(self._reach, self.lang, "" if told is None else self._say(told))
        for work in self._followers:
            work()

    def _draw_head(self) -> None:
        head, chips = self.headless, self.headless.chips()
        back, forth = head.steps
        for one, n, told in ((self._undo, back, message("Undo")), (self._redo, forth, message("Redo"))):
            one.description, one.disabled = f"{self._say(told)} ({n})" if n else self._say(told), not n
        self._invert.disabled = self._clear.disabled = not chips
        put(self._name, self.lang, title_of(head))
        put(self._fault, self.lang, self._problem)
        lead = lead_of(head, len(chips), CHIPS)
        put(self._no_chip, self.lang, lead)
        showing(self._no_chip, wanted=bool(lead))
        for at, one in enumerate(self._chips):
            showing(one, wanted=at < len(chips))
            one.description = chips[at].words.say(self.lang) if at < len(chips) else ""
        self._draw_none(chips)

    def _draw_none(self, chips: Sequence[Any]) -> None:
        nobody = not self.headless.picked.n and bool(chips)
        showing(self._none_box, wanted=nobody)
        put(self._none_title, self.lang, empty_title(self.headless))
        for at, ((one, left), row) in enumerate(zip(self._none, self._none_rows, strict=True)):
            showing(row, wanted=nobody and at < len(chips))
            if at < len(chips):
                told = chips[at].words
                one.description = self._say(message("Without “{condition}”", condition=told))
                put(left, self.lang, self._say(message("{n} are left", n=Quantity(chips[at].without))))

    def _draw_facets(self) -> None:
        shown = self.headless.shown
        fresh = [name for name in shown if name not in self._views]
        for name in fresh:
            self._views[name] = facet_view(self.headless, name, self._act)
        if fresh:
            self._grid.children = tuple(self._views[name].box for name in self._views)
            traits = self.headless.who.traits
            names = [(traits[one].label.say(self.lang), one) for one in self.headless.choosable]
            self._more.options, self._more.value = [("–", ""), *names], ""
        for name, view in self._views.items():
            showing(view.box, wanted=name in shown)
            view.draw()

    def _draw_rail(self) -> None:
        head = self.headless
        put(self._n, self.lang, count_of(head))
        saved = [(one.saved.name, one.saved.name) for one in self._kept.found if one.now is not None]
        fixed = [(message("Nothing"), ""), (message("Total"), "total"), (message("Everyone else"), "rest")]
        options = [*((self._say(told), word) for told, word in fixed), *saved]
        if list(self._against.options) != options:
            self._against.options = options
        self._against.value = head.compared if head.compared in {word for _, word in options} else ""
        n = head.compared_n
        put(self._against_n, self.lang, "" if n is None else self._say(message("n = {n}", n=Quantity(n))))
        self._live.value = head.live
        showing(self._apply, wanted=not head.live)
        self._apply.disabled = not head.waiting
        self._draw_saving()
        self._draw_copy()

    def _draw_saving(self) -> None:
        named, anybody = bool(self._new.value.strip()), self.headless.picked.n > 0
        known = {one.saved.name for one in self._kept.found}
        self._save.disabled = not (named and anybody) or self._new.value.strip() in known
        self._edit.disabled = not anybody or self._new.value.strip() not in known

    def _draw_copy(self) -> None:
        self._text.value = self.headless.copied(self._how.value)
