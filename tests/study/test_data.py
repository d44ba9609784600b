"""Data remember which tables somebody has read, so that others need not be looked at again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import journey_lib as jl
from journey_lib.study import sample
from journey_lib.study.context import context_of
from journey_lib.study.data import Data, LoadReport, TableReport
from journey_lib.study.load import load_study

ANSWERS = pd.DataFrame({"respondent_id": ["1"], "wave": [""]})
EVERY = {
    "responses",
    "customers",
    "orders",
    "margins",
    "events",
    "feedback",
    "costs",
    "actions",
    "assignments",
    "totals",
}


def test_what_is_read_is_remembered() -> None:
    data = Data(responses=ANSWERS, report=LoadReport((TableReport("responses"), TableReport("orders"))))
    assert data.read == set()
    assert data.sources() == ()
    assert data.require("responses", by="survey") is ANSWERS
    assert data.read == {"responses"}
    assert [line.say("en").split(":")[0] for line in data.sources()] == ["responses"]
    assert data.weights is None
    assert data.read == {"responses", "margins"}
    assert data.unread().read == set()


@pytest.mark.parametrize(
    ("look", "read"),
    [
        (lambda data: data.mask(), {"responses"}),
        (lambda data: data.missing, {"responses"}),
        (lambda data: data.columns(), {"responses", "customers"}),
        (lambda data: data.events, {"events"}),
        (lambda data: data.report.lines(), EVERY),
        (lambda data: replace(data, segment=None), EVERY),
    ],
)
def test_every_way_in_is_seen(look: object, read: set[str]) -> None:
    data = Data(responses=ANSWERS.assign(customer_id="a"))
    look(data)
    assert data.read == read


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    sample.write(folder, "tiny")
    return folder


def test_a_study_comes_unread_and_a_segment_may_have_asked_for_anything(tiny: Path) -> None:
    assert load_study(tiny)[1].read == set()
    assert load_study(tiny, segment="region=KR")[1].read == EVERY


@pytest.mark.parametrize("stem", ["crosstab", "reliability", "drivers", "funnel", "retention"])
def test_a_table_that_was_not_read_changes_nothing(tiny: Path, stem: str) -> None:
    """Without the tables a result says it has not read, it comes out the same, provenance included."""
    study, data = load_study(tiny)
    measure = getattr(jl, stem)
    whole = measure(study, data)
    read = set(data.read)
    assert read < EVERY
    without = Data(**{k: v for k, v in vars(data).items() if k in read | {"missing", "weights", "report"}})
    again = measure(study, without.unread())
    pd.testing.assert_frame_equal(again.table, whole.table)
    assert again.context == whole.context
    assert {line.split(":")[0] for line in map(str, whole.context.sources)} <= read
    assert context_of(study, without).read is without.read
