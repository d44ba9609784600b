"""Lists without a rule: saved as versions, used like any segment, refused in words when they are broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.controls.headless import HeadlessFilter
from journey_lib.errors import DataError, JourneyError, ParamError, StudyError
from journey_lib.study.context import context_of
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study, within
from journey_lib.study.segments import Cluster, SavedSegment, SavedSegments, saved_segments, segment_of
from journey_lib.study.segments.audience import export_audience

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [f"c{at:02}" for at in range(40)],
        "region": ["KR"] * 20 + ["JP"] * 19 + [None],
        "consent": 1.0,
    }
)
FOUND = Cluster("abc", "kmeans", 3, "clear", "stable", 0.9, ("calls",))
Store = SavedSegments


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Study, Data]:
    study, data = quick_study(customers=CUSTOMERS)
    return study.placed(tmp_path), data


@pytest.fixture
def store(whole: tuple[Study, Data]) -> Store:
    return saved_segments(*whole)


def ids(*numbers: int) -> list[str]:
    return [f"c{at:02}" for at in numbers]


def freeze(store: Store, name: str = "Invited", members: Sequence[str] = (), **more: Any) -> SavedSegment:
    return store.freeze_list(name, members or ids(*range(15)), **{"source": "letters of May", **more})


def test_a_list_is_saved_with_who_when_how_many_and_where_from(store: Store) -> None:
    saved = freeze(store, members=ids(3, 1, 2), author="Kim", description="spring")
    assert (saved.version, saved.n, saved.base_n, saved.level) == (1, 3, 40, "customers")
    assert (saved.is_list, saved.source, saved.author) == (True, "letters of May", "Kim")
    assert saved.frozen == "derived/segment-invited-v1.csv"
    assert (store.folder / saved.frozen).read_text() == "customer_id\nc01\nc02\nc03\n"
    assert saved.reference == f"invited@1#{saved.members_sha256[:12]}"
    assert store.get("Invited") == saved  # also after it was read from the file again


def test_a_list_is_a_segment_wherever_one_is_asked_for(store: Store, whole: tuple[Study, Data]) -> None:
    saved = freeze(store, members=ids(0, 1, 30))
    found = segment_of(*whole, "Invited")
    assert found.customers.tolist() == ids(0, 1, 30)
    assert (found.n, found.base, found.rule) == (3, 40, saved.reference)
    inside = within(*whole, "Invited")
    assert inside.segment is not None
    assert inside.segment.customers.tolist() == ids(0, 1, 30)
    domain = context_of(whole[0], inside).domain
    assert domain is not None
    assert [str(one) for one in domain.chips] == ["List: letters of May"]
    told = {str(term): str(words) for term, words in domain.lines(10)}
    assert told["Its rule today"] == "none: the list came from letters of May"
    assert "Undecided" not in told


def test_versions_grow_with_their_people_only(store: Store) -> None:
    one = freeze(store, cluster=FOUND)
    assert freeze(store, new_version=True, cluster=FOUND) == one
    two = freeze(store, members=ids(5), new_version=True, cluster=FOUND)
    assert (two.id, two.version) == (one.id, 2)
    assert store.segment("Invited@1").n == 15
    assert store.segment("Invited").n == 1
    again = store.get("Invited@1").cluster
    assert again == FOUND


def test_answers_can_be_listed_row_by_row(tmp_path: Path) -> None:
    frame = pd.DataFrame({"respondent_id": ["1", "1", "2"], "wave": ["1", "2", "1"], "q": [9.0, 3.0, 9.0]})
    study, data = quick_study(responses=frame, questions={"q": "nps"})
    store = saved_segments(study.placed(tmp_path), data)
    store.freeze_list("First", np.array([True, False, False]), source="test")
    assert store.segment("First").rows.tolist() == [True, False, False]
    store.freeze_list("Both", ["1"], source="test")  # an id of a respondent means all their answers
    assert store.segment("Both").rows.tolist() == [True, True, False]
    with pytest.raises(ParamError, match="2 truths for 3 answers"):
        store.freeze_list("Short", np.array([True, False]), source="test")


# Frozen against live


def test_the_page_says_of_what_day_a_list_is_and_how_its_rule_differs_now(
    store: Store, whole: tuple[Study, Data]
) -> None:
    store.save("Koreans", "region=KR")
    frozen = store.freeze("Koreans")
    moved = CUSTOMERS.assign(region=["JP"] * 12 + ["KR"] * 28).iloc[1:]  # c00 left the data
    _, later = quick_study(customers=moved)
    found = segment_of(whole[0], later, "Koreans")
    assert found.customers.tolist() == ids(*range(1, 20))
    assert (found.n, found.base) == (19, 39)
    drift = found.drift
    assert drift is not None
    assert (drift.day, drift.listed, drift.gone) == (frozen.snapshot, 20, 1)
    assert (drift.live, drift.entered, drift.left) == (28, 20, 11)
    told = [str(words) for _, words in drift.lines("en", 10)]
    assert told[0].endswith("20 people; fewer than 10 of them left the data")
    assert told[1] == "28 today: 20 are not on the list, 11 of the list are not inside"
    _, without = quick_study(customers=CUSTOMERS.drop(columns="region"))
    kept = segment_of(whole[0], without, "Koreans")  # the rule cannot be asked; the list still can
    assert kept.n == 20
    assert kept.drift is not None
    assert "cannot be asked" in str(kept.drift.lines("en", 10)[1][1])
    same = segment_of(*whole, "Koreans").drift
    assert same is not None
    assert str(same.lines("en", 10)[1][1]) == "picks the same people"


def test_a_live_rule_has_no_drift(store: Store) -> None:
    store.save("Koreans", "region=KR")
    assert store.segment("Koreans").drift is None


# What a list cannot do


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([*ids(1), "zz9", "zz8"], "2 of 3 are not in this study"),
        (ids(1, 1, 2), "1 of 3 stand twice"),
        (np.array([], dtype=object), "the list names nobody"),
    ],
)
def test_lists_that_cannot_be_saved(store: Store, members: object, words: str) -> None:
    with pytest.raises(ParamError, match=words) as caught:
        store.freeze_list("Invited", members, source="x")  # type: ignore[arg-type]
    assert "zz9" not in str(caught.value)  # a message names nobody
    assert store.all() == ()
    assert not (store.folder / "derived").exists()


def test_a_list_needs_a_name_of_its_own_and_a_source(store: Store) -> None:
    store.save("Koreans", "region=KR")
    with pytest.raises(ParamError, match="a segment is called 'Koreans' already"):
        freeze(store, "Koreans")
    with pytest.raises(ParamError, match="no saved segment 'Nobody'"):
        freeze(store, "Nobody", new_version=True)
    with pytest.raises(ParamError, match="source: is empty"):
        freeze(store, source=" ")


def test_a_list_cannot_be_frozen_again_but_copied_and_given_a_rule(store: Store) -> None:
    freeze(store, members=ids(1, 2))
    with pytest.raises(ParamError, match="is a list without a rule, and frozen as it is"):
        store.freeze("Invited")
    copy = store.duplicate("Invited", "Invited too")
    assert (copy.frozen, copy.version) == ("derived/segment-invited-too-v1.csv", 1)
    assert store.segment("Invited too").customers.tolist() == ids(1, 2)
    ruled = store.save("Invited", "region=KR", new_version=True)
    assert (ruled.version, ruled.is_list, ruled.n) == (2, False, 20)


def test_a_filter_says_that_it_cannot_show_a_list(store: Store, whole: tuple[Study, Data]) -> None:
    freeze(store)
    chooser = HeadlessFilter(*whole)
    assert [(one.saved.name, one.now) for one in chooser.kept()] == [("Invited", 15)]
    with pytest.raises(ParamError, match="is a list without a rule: no facet shows it"):
        chooser.load("Invited")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frozen": ""}, "'frozen' and 'members_sha256' belong together"),
        ({"frozen": "", "members_sha256": ""}, "'source' belongs to a list without a rule"),
        ({"frozen": "../secret.csv"}, "'frozen' is no list of members"),
        ({"members_sha256": "abc"}, "'members_sha256' is no hash"),
        ({"cluster": {"method": "kmeans"}}, "'cluster' is no group of a cluster analysis"),
        ({"cluster": {**FOUND.as_json(), "stability": "rock solid"}}, "'cluster' is no group"),
        ({"source": 3}, "'source' is no text"),
    ],
)
def test_a_file_whose_list_was_broken_by_hand(store: Store, change: dict[str, object], words: str) -> None:
    freeze(store, cluster=FOUND)
    file = store.folder / "segments.json"
    entry = json.loads(file.read_text(encoding="utf-8"))[0]
    file.write_text(json.dumps([{**entry, **change}]), encoding="utf-8")
    before = file.read_bytes()
    for attempt in (store.all, lambda: freeze(store, "Other")):
        with pytest.raises(StudyError, match=words):
            attempt()
    assert file.read_bytes() == before


def test_a_list_whose_file_was_changed_or_lost(store: Store) -> None:
    file = store.folder / freeze(store).frozen
    file.write_text(file.read_text() + "c39\n")
    with pytest.raises(StudyError, match="is not the list that was frozen: its hash differs"):
        store.segment("Invited")
    file.unlink()
    with pytest.raises(StudyError, match=r"segment-invited-v1\.csv is not there"):
        store.duplicate("Invited", "Copy")


# Handing it on


def test_a_segment_of_three_people_gives_no_audience(store: Store, tmp_path: Path) -> None:
    freeze(store, "Three", ids(1, 2, 3))
    with pytest.raises(DataError, match="fewer than 10 customers are inside") as caught:
        export_audience(store.study, store.data, "Three", tmp_path / "three.csv")
    assert "3" not in str(caught.value)
    assert not (tmp_path / "three.csv").exists()
    freeze(store, "Ten", ids(*range(10)))
    assert export_audience(store.study, store.data, "Ten", tmp_path / "ten.csv").n == 10


def test_too_few_with_consent_give_no_audience_either(tmp_path: Path) -> None:
    few = CUSTOMERS.assign(consent=[1.0] * 9 + [0.0] * 31)
    study, data = quick_study(customers=few)
    store = saved_segments(study.placed(tmp_path), data)
    freeze(store)
    with pytest.raises(JourneyError, match="fewer than 10 of the customers inside gave their consent"):
        export_audience(study.placed(tmp_path), data, "Invited", tmp_path / "list.csv")
