"""What a measure says of some people, on the screen: findings above a figure, or why there are none."""

from __future__ import annotations

import ipywidgets as widgets

from journey_lib.controls.live import Answer, LiveMeasure
from journey_lib.controls.parts import put, showing, words


class AnswerView:
    """A place for one answer, to stand alone or beside another.

    Parameters
    ----------
    lang : str
        "en" or "ko".
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.title, self._problem, self._findings, self._figure, self._no_figure = (
            words(lang, kind) for kind in ("jl-waiting", "jl-problem", "jl-result", "jl-result", "jl-note")
        )
        for one in (self._findings, self._figure):
            one.remove_class("jl-words")
        self.box = widgets.VBox([self.title, self._problem, self._findings, self._figure, self._no_figure])
        self.box.add_class("jl-side")

    def wait(self) -> None:
        """Let what stands here pale: it speaks of people chosen before."""
        for one in (self._findings, self._figure):
            one.add_class("jl-old")

    def draw(self, answer: Answer) -> None:
        """Show an answer; the findings stand there before the figure is drawn."""
        result = answer.result
        put(self._problem, self.lang, answer.problem)
        for one in (self._findings, self._figure, self._no_figure):
            showing(one, wanted=result is not None)
        if result is not None:
            self._findings.value = str(result.opening(self.lang)._repr_html_())
            self._findings.remove_class("jl-old")
            self._figure.value, why = LiveMeasure.figure(result)
            put(self._no_figure, self.lang, why)
            self._figure.remove_class("jl-old")
