"""A form for any measure: change a parameter or the selection, and read what it says now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets
from markupsafe import Markup

from journey_lib.controls.answer_view import AnswerView
from journey_lib.controls.comparing import difference
from journey_lib.controls.later import Later
from journey_lib.controls.live import Answer, Field, LiveMeasure, answering
from journey_lib.controls.parts import button, dress, on_value, put, sheet, showing, words
from journey_lib.errors import JourneyError
from journey_lib.present.wording import Quantity, message, plural

if TYPE_CHECKING:
    from journey_lib.controls.segment_filter import SegmentFilter
    from journey_lib.present.wording import Message
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

REST = 0.25  # seconds without a further change before the measure runs


class MeasureForm(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """The parameters of a measure as controls, above its findings and its figure.

    Parameters
    ----------
    stem : str
        The measure to begin with.
    study, data : Study, Data
        From `load_study` or `quick_study`.
    segment : SegmentFilter, optional
        Whose selection the measure speaks about.
    lang : str
        "en" or "ko"; "" is the study's own language.
    """

    def __init__(
        self, stem: str, study: Study, data: Data, *, segment: SegmentFilter | None = None, lang: str = ""
    ) -> None:
        self.lang = lang or (segment.lang if segment is not None else study.language)
        self.live = LiveMeasure(stem, study.speak(self.lang), data)
        self.segment, self.answer, self.other = segment, Answer(), Answer()
        self._soon = Later(REST)
        super().__init__()
        dress(self, "jl-form", self.lang)
        self._measure = widgets.Dropdown(
            description=self._say(message("Measure")), options=answering(), value=stem
        )
        on_value(self._measure, self._choose)
        self._fields = widgets.Box()
        self._fields.add_class("jl-fields")
        top = widgets.HBox([self._measure])
        top.add_class("jl-top")
        self._open_fields = button("", self._fold, kind="jl-flat")
        self._here, self._there = AnswerView(self.lang), AnswerView(self.lang)
        self._gap = words(self.lang, "jl-gap")
        self._pair = widgets.Box([self._here.box, self._there.box])
        self._pair.add_class("jl-pair")
        self._text = widgets.Text(
            description=self._say(message("Publish this with")), layout={"width": "100%"}
        )
        self._text.style.description_width = "initial"
        self._more = button(self._say(message("Show all of it")), self._open, kind="jl-flat")
        self._whole = words(self.lang, "jl-result")
        self.children = (
            widgets.HTML(sheet()), top, self._open_fields, self._fields, self._gap, self._pair, self._more,
            self._whole, self._text,
        )  # fmt: skip
        showing(self._fields, wanted=False)
        self._ask()
        self.run()
        if segment is not None:
            segment.follow(self.run)

    def __repr__(self) -> str:
        return f"{self.live.stem}: {self.answer.problem or self._whom()}"

    def run(self) -> None:
        """Run the measure on whoever is selected now and on whom they are compared with, and show both."""
        self.add_class("jl-busy")
        self._here.wait()
        self._there.wait()
        put(self._here.title, self.lang, self._whom())
        try:
            self.answer = self._answer(lambda: None if self.segment is None else self.segment.data)
            self._show()
            self._compare()
        finally:
            self.remove_class("jl-busy")

    def _answer(self, data: Callable[[], Data | None]) -> Answer:
        try:
            return self.live.answer(data())
        except JourneyError as error:
            return Answer(problem=str(error), stem=self.live.stem)

    def _compare(self) -> None:
        """Show what the measure says of those it is compared with, where somebody is."""
        filter_ = self.segment
        compared = filter_ is not None and bool(filter_.headless.compared)
        showing(self._there.box, wanted=compared)
        (self._pair.add_class if compared else self._pair.remove_class)("jl-two")
        self.other, gap = Answer(), None
        if filter_ is not None and compared:
            head = filter_.headless
            told = message("Compared with: {whom}", whom=head.told_compared())
            put(self._there.title, self.lang, self._say(told))
            self.other = self._answer(lambda: head.compared_data)
            self._there.draw(self.other)
            here, there = self.answer.result, self.other.result
            if here is not None and there is not None:
                gap = difference(here, there, apart=head.compared == "rest")
        put(self._gap, self.lang, "" if gap is None else gap.html(self.lang))

    def _whom(self) -> str:
        told = message("No condition") if self.segment is None else self.segment.headless.told()
        return self._say(message("About: {whom}", whom=told))

    def _say(self, told: Message) -> str:
        return told.say(self.lang)

    def _choose(self, stem: str) -> None:
        self.live.choose(stem)
        self._ask()
        self._soon.do(self.run)

    def _ask(self) -> None:
        """Show one control a parameter of this measure."""
        asked = []
        for one in self.live.fields:
            control = control_of(one)
            on_value(control, self._setter(one.name))
            asked.append(_named(control, one.description))
        self._fields.children = asked
        self._name_fold()

    def _fold(self) -> None:
        """Show the parameters, or take them out of sight."""
        showing(self._fields, wanted=self._fields.layout.display == "none")
        self._name_fold()

    def _name_fold(self) -> None:
        n, closed = Quantity(len(self.live.fields)), self._fields.layout.display == "none"
        show = plural("Show {n} parameter", "Show {n} parameters", n=n)
        hide = plural("Hide {n} parameter", "Hide {n} parameters", n=n)
        self._open_fields.description = self._say(show if closed else hide)

    def _setter(self, name: str) -> Callable[[object], None]:
        def change(value: object) -> None:
            self.live.set(name, value)
            self._soon.do(self.run)

        return change

    def _show(self) -> None:
        self._here.draw(self.answer)
        for one in (self._more, self._text):
            showing(one, wanted=self.answer.result is not None)
        self._whole.value = ""
        if self.answer.result is not None:
            self._text.value = self.live.called("" if self.segment is None else self.segment.selection)

    def _open(self) -> None:
        """Show the whole result, with its table and its checks."""
        if self.answer.result is not None:
            result = self.answer.result
            self._whole.value = result.doubts(self.lang)._repr_html_() + str(result._repr_html_())


def form(
    stem: str, study: Study, data: Data, *, segment: SegmentFilter | None = None, lang: str = ""
) -> MeasureForm:
    """Return what a measure says about them: a form with its parameters, above findings and figure.

    Parameters
    ----------
    stem : str
        The measure to begin with, such as "funnel"; the form offers the others.
    study, data : Study, Data
        From `load_study` or `quick_study`.
    segment : SegmentFilter, optional
        Whose selection the measure speaks about; it runs again when that changes.
    lang : str
        "en" or "ko"; "" is the study's own language.

    Returns
    -------
    MeasureForm
        A widget. Its `answer` holds the result, or the message why there is none.

    Raises
    ------
    ParamError
        If there is no such measure.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"respondent_id": list("abc"), "q1": [9, 10, 3]})
    >>> study, data = quick_study(responses=frame, questions={"q1": "nps"})
    >>> form("survey", study, data).answer.result.stem
    'survey'
    """
    return MeasureForm(stem, study, data, segment=segment, lang=lang)


def control_of(one: Field) -> widgets.Widget:
    """Return the control that fits a parameter."""
    if one.kind is bool:
        return widgets.Checkbox(value=bool(one.default), description=one.name, indent=False)
    if one.choices and isinstance(one.default, str):
        options = [(str(choice) or "–", choice) for choice in one.choices]
        return widgets.Dropdown(description=one.name, options=options, value=one.default)
    text = ", ".join(map(str, one.default)) if isinstance(one.default, list) else str(one.default)
    if one.suggested:
        return widgets.Combobox(
            description=one.name, options=one.suggested, value=text, continuous_update=False
        )
    return widgets.Text(description=one.name, value=text, continuous_update=False)


def _named(control: widgets.Widget, told: str) -> widgets.Widget:
    """Return a control with its one line of meaning below."""
    note = words("en", "", Markup("<small>{}</small>").format(told))
    box = widgets.VBox([control, note])
    box.add_class("jl-field")
    return box
