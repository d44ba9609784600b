"""Saved segments: names, versions, frozen members, differences, use, and writers who meet."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pandas as pd
import pytest

from journey_lib.errors import JourneyError, ParamError, StudyError
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study
from journey_lib.study.segments import SavedSegments, saved_segments, segment_of

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [f"c{i}" for i in range(6)],
        "region": ["KR", "KR", "KR", "JP", "JP", None],
        "age": [20.0, 30.0, 40.0, 20.0, 30.0, 40.0],
    }
)
Store = SavedSegments


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Study, Data]:
    study, data = quick_study(customers=CUSTOMERS)
    return study.placed(tmp_path), data


@pytest.fixture
def store(whole: tuple[Study, Data]) -> Store:
    return saved_segments(*whole)


def test_what_is_saved_is_what_a_report_needs(store: Store) -> None:
    saved = store.save("Koreans", "region=KR", description="Spring offer", author="Kim")
    assert (saved.id, saved.version, saved.n, saved.base_n, saved.unknown_n) == ("koreans", 1, 3, 6, 1)
    assert (saved.columns, saved.level, saved.description, saved.author) == (
        ("region",), "customers", "Spring offer", "Kim",
    )  # fmt: skip
    assert store.get("Koreans") == store.get("koreans") == store.get("Koreans@1") == saved
    entry = json.loads((store.folder / "segments.json").read_text(encoding="utf-8"))[0]
    assert entry["rule"] == {"column": "region", "operator": "=", "value": "KR"}
    assert entry["sha256"] == saved.sha256
    assert saved.reference == f"koreans@1#{saved.sha256[:12]}"


def test_a_name_stands_for_its_rule_wherever_a_segment_is_asked_for(
    store: Store, whole: tuple[Study, Data]
) -> None:
    saved = store.save("Koreans", "region=KR")
    found = segment_of(*whole, "Koreans")
    assert found.customers.tolist() == ["c0", "c1", "c2"]
    assert (found.name, found.rule, found.saved) == ("Koreans", saved.reference, saved)
    assert (found.n, found.base, found.unknown) == (3, 6, 1)


def test_labels_and_spellings_are_settled_before_they_are_saved(store: Store) -> None:
    saved = store.save("Thirty", "age=30")
    assert saved.rule == store.save("Also thirty", '{"column":"age","operator":"=","value":30}').rule
    assert saved.sha256 == store.get("Also thirty").sha256


def test_editing_makes_a_version_and_keeps_the_old_one(store: Store, whole: tuple[Study, Data]) -> None:
    store.save("Asia", "region=KR", description="first")
    edited = store.save("Asia", "region=JP", new_version=True)
    assert (edited.version, edited.id, edited.description) == (2, "asia", "first")
    assert [one.version for one in store.all(versions=True)] == [1, 2]
    assert [one.version for one in store.all()] == [2]
    assert len(segment_of(*whole, "Asia").customers) == 2
    assert len(segment_of(*whole, "Asia@1").customers) == 3
    assert len(segment_of(*whole, "asia@1").customers) == 3


def test_the_same_rule_again_is_no_new_version(store: Store) -> None:
    one = store.save("Asia", "region=KR")
    same = '{"all": [{"column": "region", "operator": "in", "value": ["KR"]}]}'
    assert store.save("Asia", same, new_version=True) == one
    assert len(store.all(versions=True)) == 1


def test_duplicate_rename_and_remove(store: Store) -> None:
    store.save("Asia", "region=KR")
    copy = store.duplicate("Asia", "Asia too")
    assert (copy.id, copy.version, copy.sha256) == ("asia-too", 1, store.get("Asia").sha256)
    renamed = store.rename("Asia", "Korea")
    assert (renamed.id, renamed.name) == ("asia", "Korea")
    assert store.get("asia") == renamed
    store.remove("Korea")
    assert [one.name for one in store.all()] == ["Asia too"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is empty"),
        (" a", "spaces at its ends"),
        ("a=b", "holds '='"),
        ("a@1", "holds '@'"),
        ("{", "holds '{'"),
        ("x" * 81, "longer than 80"),
        ("ASIA", "a segment is called 'ASIA' already"),
    ],
)
def test_names_that_cannot_be(store: Store, name: str, words: str) -> None:
    store.save("Asia", "region=KR")
    for attempt in (
        lambda: store.save(name, "region=JP"),
        lambda: store.duplicate("Asia", name),
        lambda: store.rename("Asia", name) if name != "ASIA" else store.save(name, "region=JP"),
    ):
        with pytest.raises(ParamError, match=words):
            attempt()
    assert [one.name for one in store.all()] == ["Asia"]


def test_a_name_in_korean_has_an_id_too(store: Store) -> None:
    assert store.save("한국 고객", "region=KR").id == "한국-고객"
    assert store.save("!!!", "region=KR").id == "segment"
    assert store.save("???", "region=KR").id == "segment-2"


def test_unknown_names_and_versions_name_the_nearest(store: Store) -> None:
    with pytest.raises(ParamError, match="none is saved yet"):
        store.get("Asia")
    store.save("Asia", "region=KR")
    with pytest.raises(ParamError, match=r"no saved segment 'Asai'\. Allowed: Asia\. Did you mean 'Asia'"):
        store.get("Asai")
    with pytest.raises(ParamError, match=r"'Asia' has no version '7'\. Allowed: 1"):
        store.get("Asia@7")


def test_frozen_members_stay_whatever_becomes_of_the_rule(store: Store, whole: tuple[Study, Data]) -> None:
    store.save("Koreans", "region=KR")
    frozen = store.freeze("Koreans")
    assert (frozen.version, frozen.frozen, frozen.n) == (2, "derived/segment-koreans-v2.csv", 3)
    listed = (store.folder / frozen.frozen).read_text(encoding="utf-8")
    assert listed == "customer_id\nc0\nc1\nc2\n"
    study, _ = whole
    moved = CUSTOMERS.assign(region=["JP", "KR", "JP", "KR", "JP", None])
    _, later = quick_study(customers=moved)
    assert segment_of(study, later, "Koreans").customers.tolist() == ["c0", "c1", "c2"]
    assert segment_of(study, later, "Koreans@1").customers.tolist() == ["c1", "c3"]


def test_a_frozen_list_that_was_edited_or_lost_is_refused(store: Store) -> None:
    store.save("Koreans", "region=KR")
    file = store.folder / store.freeze("Koreans").frozen
    file.write_text(file.read_text() + "c5\n")
    with pytest.raises(StudyError, match="is not the list that was frozen"):
        store.segment("Koreans")
    file.unlink()
    with pytest.raises(StudyError, match="is not there"):
        store.segment("Koreans")
    assert store.segment("Koreans@1").n == 3


def test_frozen_answers_are_those_of_their_wave(tmp_path: Path) -> None:
    frame = pd.DataFrame({"respondent_id": ["1", "1", "a,b"], "wave": ["1", "2", "1"], "q": [9.0, 3.0, 9.0]})
    study, data = quick_study(responses=frame, questions={"q": "nps"})
    store = saved_segments(study.placed(tmp_path), data)
    store.save("Nines", "q=9")
    store.freeze("Nines")
    assert store.segment("Nines").rows.tolist() == [True, False, True]


def test_who_entered_and_who_left(store: Store) -> None:
    store.save("Asia", '{"column": "age", "operator": "<=", "value": 30}')
    store.save("Asia", '{"column": "age", "operator": ">=", "value": 30}', new_version=True)
    moved = store.diff("Asia@1", "Asia@2")
    assert (moved.entered.tolist(), moved.left.tolist()) == (["c2", "c5"], ["c0", "c3"])
    assert moved.stayed.tolist() == ["c1", "c4"]
    assert moved.words == ("− age: 30 or less", "+ age: 30 or more")


def test_the_ledger_says_where_a_segment_was_used(store: Store) -> None:
    one = store.save("Asia", "region=KR")
    two = store.save("Asia", "region=JP", new_version=True)
    other = store.save("Asia minor", "region=JP")
    row = {"stem": "survey", "lang": "en"}
    ledger = pd.DataFrame(
        [
            {
                **row,
                "segment_version": one.reference,
                "report": "a.html",
                "as_of": "2025-01-01",
                "run_id": "1",
            },
            {
                **row,
                "segment_version": one.reference,
                "report": "a.html",
                "as_of": "2025-01-01",
                "run_id": "1",
            },
            {
                **row,
                "segment_version": two.reference,
                "report": "b.html",
                "as_of": "2025-02-01",
                "run_id": "2",
            },
            {
                **row,
                "segment_version": other.reference,
                "report": "c.html",
                "as_of": "2025-02-01",
                "run_id": "3",
            },
            {**row, "segment_version": "", "report": "d.html", "as_of": "2025-02-01", "run_id": "4"},
        ]
    )
    used = store.used_by("Asia", ledger)
    assert used[["version", "report"]].to_numpy().tolist() == [[2, "b.html"], [1, "a.html"]]


def test_a_rule_on_scores_keeps_the_cuts_of_the_day_it_was_saved(whole: tuple[Study, Data]) -> None:
    """Six customers with 1 to 6 days of purchase; later everybody buys more, and scores must not slide."""
    from dataclasses import replace

    study, data = whole

    def orders(days: list[int]) -> pd.DataFrame:
        rows = [
            (f"c{i}", pd.Timestamp("2025-01-01") + pd.Timedelta(days=d))
            for i, n in enumerate(days)
            for d in range(n)
        ]
        return pd.DataFrame(rows, columns=["customer_id", "time"]).assign(amount=1.0)

    first = replace(data, orders=orders([1, 2, 3, 4, 5, 6]))
    store = saved_segments(study, first)
    saved = store.save("Often", '{"column": "frequency_score", "operator": ">=", "value": 5}')
    assert saved.cuts is not None
    assert saved.cuts["frequency"] == [2.0, 3.0, 4.0, 5.0]
    assert store.segment("Often").customers.tolist() == ["c5"]
    later = saved_segments(study, replace(data, orders=orders([6, 6, 6, 7, 8, 9])))
    assert later.segment("Often").n == 6  # above the old cut of 5
    assert later.save("Often by today", saved.rule).n == 0  # today's cuts are 6, 7, 8: nobody scores 5


def test_a_rule_whose_column_or_category_is_gone_fails_with_the_list(
    store: Store, whole: tuple[Study, Data]
) -> None:
    rule = {
        "all": [
            {"column": "age", "operator": ">=", "value": 30},
            {"column": "region", "operator": "in", "value": ["KR", "JP"]},
        ]
    }
    store.save("Asia", json.dumps(rule))
    _, later = quick_study(customers=CUSTOMERS.drop(columns="age").assign(region="JP").rename(columns={}))
    with pytest.raises(ParamError) as caught:
        segment_of(whole[0], later, "Asia")
    told = [str(one) for one in caught.value.items]
    assert len(told) == 2
    assert "no column 'age'" in told[0]
    assert "column 'region' has no value 'KR'. Allowed: JP" in told[1]


# The file and the people who write it.


def test_without_a_file_there_is_none_and_it_is_not_made_by_looking(store: Store) -> None:
    assert store.all() == ()
    assert list(store.folder.iterdir()) == []


def test_two_writers_at_once_lose_nothing(whole: tuple[Study, Data]) -> None:
    stores = [saved_segments(*whole) for _ in range(4)]
    names = [[f"w{at}-{n}" for n in range(5)] for at in range(4)]

    def write(store: Store, mine: list[str]) -> None:
        for name in mine:
            store.save(name, "region=KR")

    threads = [threading.Thread(target=write, args=pair) for pair in zip(stores, names, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.name for one in stores[0].all()) == sorted(name for mine in names for name in mine)
    assert [file.name for file in stores[0].folder.iterdir()] == ["segments.json"]


def test_a_disk_that_is_full_leaves_the_file_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save("Asia", "region=KR")
    before = (store.folder / "segments.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    from journey_lib.study import files

    monkeypatch.setattr(files.os, "replace", full)
    for attempt in (lambda: store.save("Other", "region=JP"), lambda: store.freeze("Asia")):
        with pytest.raises(StudyError, match="could not be written: No space left on device"):
            attempt()
    assert (store.folder / "segments.json").read_bytes() == before
    assert not [file for file in store.folder.rglob("*") if file.suffix in (".new", ".lock")]


def entry(store: Store, **changes: object) -> dict[str, object]:
    found: dict[str, object] = json.loads((store.folder / "segments.json").read_text(encoding="utf-8"))[0]
    return {**found, **changes}


def written(store: Store, *entries: object) -> str:
    """Write the file by hand and return what every use of it then says."""
    file = store.folder / "segments.json"
    file.write_text(json.dumps(list(entries), ensure_ascii=False), encoding="utf-8")
    before = file.read_bytes()
    messages = set()
    for attempt in (store.all, lambda: store.get("Asia"), lambda: store.save("New", "region=JP")):
        with pytest.raises(JourneyError) as caught:
            attempt()
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert file.read_bytes() == before  # nothing is saved over a broken file
    return messages.pop()


def test_a_rule_changed_by_hand_is_noticed_by_its_hash(store: Store) -> None:
    store.save("Asia", "region=KR")
    told = written(store, entry(store, rule={"column": "region", "operator": "=", "value": "JP"}))
    assert "entry 1 ('Asia'): the rule is not the one that was saved: its hash differs" in told
    assert "Take the edit back, or save the rule as a new version" in told


def test_two_segments_of_one_name(store: Store) -> None:
    store.save("Asia", "region=KR")
    told = written(store, entry(store), entry(store, id="other"))
    assert "two segments are called 'asia': asia, other. Give each a name of its own" in told


def test_one_version_twice(store: Store) -> None:
    store.save("Asia", "region=KR")
    assert "version 1 of 'asia' stands twice" in written(store, entry(store), entry(store))


def test_every_hand_edit_that_breaks_it_is_told_at_once(store: Store) -> None:
    store.save("Asia", "region=KR")
    lacking = entry(store, id="a", name="A")
    del lacking["rule"]
    told = written(
        store,
        "no object",
        entry(store, id="b", name="B", versoin=1),
        entry(store, id="c", name="C", version="1", n=-1),
        entry(store, id="d", name="D", columns=["regoin"]),
        entry(store, id="e", name="E", rule={"column": "region", "operator": "is like", "value": 1}),
        entry(store, id="f", name="F=", rule=[]),
        entry(store, id="g", name="G", frozen="derived/x.csv"),
        lacking,
    )
    for words in (
        "entry 1: is no object",
        "entry 2 ('B'): unknown key 'versoin'.",
        "Did you mean 'version'?",
        "entry 3 ('C'): 'version' is no whole number of 1 or more",
        "entry 3 ('C'): 'n' is no whole number of 0 or more",
        "entry 4 ('D'): 'columns' are not those the rule names. Allowed: region.",
        "entry 5 ('E'), rule: operator 'is like'",
        "entry 6 ('F='): 'name' holds '='",
        "entry 6 ('F='): 'rule' is no object",
        "entry 7 ('G'): 'frozen' and 'members_sha256' belong together",
        "entry 8 ('A'): lacks 'rule'",
    ):
        assert words in told, told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not valid JSON at line 1, column 2"),
        (b"", "is not valid JSON"),
        (b"{}", "holds no list"),
        (b"\xff\xfe[", "it is not UTF-8 text"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'[{"name": "Asia", "name": "Asia"}]', "the key 'name' stands twice"),
    ],
)
def test_a_file_that_is_no_list_of_segments(store: Store, content: bytes, words: str) -> None:
    (store.folder / "segments.json").write_bytes(content)
    with pytest.raises(StudyError, match=words):
        store.all()
    with pytest.raises(StudyError, match=words):
        store.save("New", "region=JP")
    assert (store.folder / "segments.json").read_bytes() == content


def test_keys_that_may_be_left_out_by_hand(store: Store) -> None:
    saved = store.save("Asia", "region=KR")
    bare = {k: v for k, v in entry(store).items() if k not in ("author", "description", "level")}
    (store.folder / "segments.json").write_text(json.dumps([bare]), encoding="utf-8")
    assert store.all() == (saved,)
