"""A form for any measure: its controls, its runs, and one message where it cannot run."""

from __future__ import annotations

import ipywidgets as widgets
import pandas as pd
import pytest

from journey_lib.controls.form import control_of, form
from journey_lib.controls.live import LiveMeasure, answering
from journey_lib.controls.segment_filter import SegmentFilter
from journey_lib.errors import ParamError
from journey_lib.study.load import quick_study

LOG = pd.DataFrame(
    [
        (who, event, f"2025-01-{day:02d}")
        for who, events in {"a": "xyz", "b": "xy", "c": "x", "d": "xy", "e": "x", "f": "xyz"}.items()
        for day, event in enumerate(events, start=1)
    ],
    columns=["customer_id", "event", "time"],
)
CUSTOMERS = pd.DataFrame({"customer_id": list("abcdef"), "region": ["KR", "KR", "KR", "JP", "JP", "JP"]})


@pytest.fixture
def shop() -> tuple:
    return quick_study(events=LOG, customers=CUSTOMERS, journey=["x", "y", "z"])


def test_a_form_has_one_control_a_parameter_and_no_parameter_of_every_run(shop: tuple) -> None:
    names = [one.name for one in LiveMeasure("funnel", *shop).fields]
    assert {"window", "by", "order"} <= set(names)
    assert not {"study", "lang", "segment", "as_of"} & set(names)


def test_controls_fit_what_is_asked(shop: tuple) -> None:
    fields = {one.name: one for one in LiveMeasure("funnel", *shop).fields}
    assert isinstance(control_of(fields["order"]), widgets.Dropdown)
    assert control_of(fields["by"]).options == ("region",)
    assert control_of(fields["steps"]).value == ""
    assert isinstance(control_of(fields["window"]), widgets.Text)


def test_a_measure_runs_with_what_was_set(shop: tuple) -> None:
    live = LiveMeasure("funnel", *shop)
    live.set("window", "1 day")
    live.set("level", "0.9")
    live.set("steps", "x, y")
    answer = live.answer()
    assert answer.problem == ""
    assert answer.result.settings["window"] == "1 day"
    assert live.called("region=KR") == (
        "jl.run('funnel', study='.', "
        "set={'segment': 'region=KR', 'window': '1 day', 'steps': ['x', 'y'], 'level': 0.9})"
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("window", "7 dyas", "7 dyas"),
        ("level", "much", "a number"),
        ("order", "orderd", "Did you mean 'ordered'"),
    ],
)
def test_what_is_wrong_is_one_message(shop: tuple, name: str, value: str, told: str) -> None:
    live = LiveMeasure("funnel", *shop)
    live.set(name, value)
    answer = live.answer()
    assert answer.result is None
    assert told in answer.problem
    assert "Traceback" not in answer.problem


def test_a_fault_of_a_measure_is_one_message_too(shop: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(study: object, data: object, **_: object) -> None:
        raise ZeroDivisionError("at the core")

    live = LiveMeasure("funnel", *shop)
    monkeypatch.setattr("journey_lib.measures.funnel.funnel", broken)
    assert live.answer().problem == "funnel: ZeroDivisionError: at the core"


def test_only_measures_of_data_are_offered(shop: tuple) -> None:
    assert "journey_map" not in answering()
    with pytest.raises(ParamError, match="does not run on the data"):
        form("journey_map", *shop)
    with pytest.raises(ParamError, match="Did you mean 'funnel'"):
        form("funel", *shop)


def test_the_form_follows_the_filter_and_names_whom_it_is_about(shop: tuple) -> None:
    chosen = SegmentFilter(*shop, columns=["region"])
    shown = form("funnel", *shop, segment=chosen)
    assert shown.answer.result.context.domain is None
    chosen.state = {"asked": {"choices": {"region": {"values": ["KR"]}}, "others": [], "inverted": False}}
    assert chosen.n == 3
    assert shown.answer.result.context.domain is not None
    assert "region: KR" in repr(shown)
    first = shown.answer.result.table
    assert first["n"].max() == 3


def test_the_widget_is_a_view_of_its_state(shop: tuple) -> None:
    chosen = SegmentFilter(*shop, columns=["region"])
    (view,) = chosen._views.values()
    assert [tick.description for tick in view._ticks] == ["JP", "KR"]
    view._ticks[1].value = True
    assert chosen.state["asked"]["choices"]["region"]["values"] == ["KR"]
    assert chosen.selection == "region=KR"
    assert chosen._undo.description == "Undo (1)"
    chosen._undo.click()
    assert view._ticks[1].value is False
    assert chosen.state["asked"]["choices"] == {}
    assert repr(chosen) == "SegmentFilter: No condition, n = 6"


def test_what_cannot_be_chosen_is_told_in_place(shop: tuple) -> None:
    chosen = SegmentFilter(*shop, columns=["region"])
    before = chosen.state
    chosen.state = {**before, "shown": ["regoin"]}
    assert "Did you mean" in chosen._fault.value
    assert chosen.state == before


def texts(box: widgets.Widget) -> list[str]:
    """Return the HTML of all words in a control."""
    inside = [text for one in getattr(box, "children", ()) for text in texts(one)]
    return [box.value, *inside] if isinstance(box, widgets.HTML) else inside


def test_names_of_data_are_escaped() -> None:
    frame = CUSTOMERS.assign(**{"<img src=x>": "<script>alert(1)</script>", "age": range(6)})
    chosen = SegmentFilter(*quick_study(customers=frame), columns=["<img src=x>"])
    chosen.headless.toggle("<img src=x>", "<script>alert(1)</script>")
    chosen.state = {**chosen.headless.state, "shown": ["<img src=y>"]}
    found = " ".join(texts(chosen))
    assert "&lt;img src=x&gt;" in found
    assert "&lt;img src=y&gt;" in found
    assert "<script>" not in found
    assert "<img" not in found


def test_an_old_answer_is_pale_until_the_new_one_stands_there(
    shop: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = form("funnel", *shop)
    parts, seen, answer = (made._here._findings, made._here._figure), [], made.live.answer
    monkeypatch.setattr(made.live, "answer", lambda data: (seen.extend(map(old, parts)), answer(data))[1])
    made.run()
    assert (seen, [old(one) for one in parts]) == ([True, True], [False, False])


def old(part: widgets.HTML) -> bool:
    return "jl-old" in part._dom_classes
