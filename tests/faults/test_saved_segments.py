"""A damaged `segments.json`: read as it was meant, or one clear error, and never written over."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import JourneyError, StudyError
from journey_lib.study.load import quick_study
from journey_lib.study.segments import SavedSegment, SavedSegments, saved_segments
from tests.faults.judge import clear
from tests.faults.study_damage import TEXT_FAULTS, WRONG

CUSTOMERS = pd.DataFrame(
    {"customer_id": ["a", "b", "c"], "town": ["East", "East", "West"], "age": [1.0, 2.0, 3.0]}
)
RULE = {"all": [{"column": "town", "operator": "in", "value": ["East", "West"]},
                {"not": {"column": "age", "operator": "between", "value": [1, 2]}}]}  # fmt: skip
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SavedSegments:
    """Two segments, the second with a frozen version."""
    study, data = quick_study(customers=CUSTOMERS)
    store = saved_segments(study.placed(tmp_path_factory.mktemp("study")), data)
    store.save("East", "town=East", description="why", author="me")
    store.save("Old", json.dumps(RULE))
    store.freeze("Old")
    return store


@pytest.fixture(scope="module")
def sound(store: SavedSegments) -> tuple[list[dict[str, Any]], tuple[SavedSegment, ...]]:
    text = (store.folder / "segments.json").read_text(encoding="utf-8")
    return json.loads(text), store.all(versions=True)


def read(store: SavedSegments, content: bytes) -> tuple[SavedSegment, ...] | JourneyError:
    """Read a file with this content; a refused one stays as it is when somebody saves."""
    file = store.folder / "segments.json"
    file.write_bytes(content)
    try:
        return store.all(versions=True)
    except StudyError as error:
        clear(error, Path("/nowhere/at/all"))
        with pytest.raises(StudyError):
            store.save("New", "town=West")
        assert file.read_bytes() == content
        return error


def places(tree: object, at: Place = ()) -> Iterator[Place]:
    """Yield every place of a tree of plain values."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield (*at, key)
        yield from places(value, (*at, key))


def edited(tree: list[dict[str, Any]], place: Place, value: object) -> bytes:
    damaged: Any = copy.deepcopy(tree)
    inner = damaged
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return json.dumps(damaged, default=str).encode()


def test_a_wrong_value_anywhere(
    store: SavedSegments, sound: tuple[list[dict[str, Any]], tuple[SavedSegment, ...]]
) -> None:
    """Every place of the file holds every wrong value once: rules that are read are those that were saved."""
    tree, rules = sound[0], [one.rule for one in sound[1]]
    refused = accepted = 0
    for place in places(tree):
        for value in WRONG.values():
            found = read(store, edited(tree, place, value))
            if isinstance(found, JourneyError):
                refused += 1
            else:  # words of people, counts and days, and true for 1
                accepted += 1
                assert [one.rule for one in found] == rules, (place, value)
    assert refused > 10 * accepted


def test_a_key_that_is_gone_or_misspelt(
    store: SavedSegments, sound: tuple[list[dict[str, Any]], object]
) -> None:
    tree, _ = sound
    optional = {"author", "description", "frozen", "members_sha256", "cuts", "level"}
    for at, entry in enumerate(tree):
        for key in entry:
            damaged = copy.deepcopy(tree)
            damaged[at][key + "x"] = damaged[at].pop(key)
            found = read(store, json.dumps(damaged).encode())
            assert isinstance(found, StudyError)
            assert f"unknown key '{key}x'" in str(found)
            assert f"'{key}'?" in str(found) or len(key) < 3
            del damaged[at][key + "x"]
            found = read(store, json.dumps(damaged).encode())
            assert isinstance(found, StudyError) == (
                key not in optional - {"members_sha256"} or (key == "frozen" and "frozen" in entry)
            )


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_text_that_is_none(
    store: SavedSegments, sound: tuple[list[dict[str, Any]], tuple[SavedSegment, ...]], fault: str
) -> None:
    """The damages of study files, done to this one where their place is in it."""
    text = json.dumps(sound[0], ensure_ascii=False).replace(
        "why", "Saebom Table, a weekly 새봄 preset [thresholds]"
    )
    found = read(store, TEXT_FAULTS[fault](text))
    if not isinstance(found, JourneyError):  # the damage fell into a description
        assert [one.rule for one in found] == [one.rule for one in sound[1]]


def test_one_key_twice(store: SavedSegments, sound: tuple[list[dict[str, Any]], object]) -> None:
    text = json.dumps(sound[0]).replace('"name": "East"', '"name": "East", "name": "Easter"')
    found = read(store, text.encode())
    assert "the key 'name' stands twice" in str(found)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_bytes_that_change_on_the_way(
    store: SavedSegments, sound: tuple[list[dict[str, Any]], tuple[SavedSegment, ...]], data: st.DataObject
) -> None:
    content = bytearray(json.dumps(sound[0], ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["other", "gone", "more"]))
        if kind == "gone":
            del content[at]
        elif kind == "more":
            content.insert(at, data.draw(st.integers(0, 255)))
        else:
            content[at] = data.draw(st.integers(0, 255))
    found = read(store, bytes(content))
    if not isinstance(found, JourneyError):  # it hit a word or a count; the rules are those that were saved
        assert {one.sha256 for one in found} <= {one.sha256 for one in sound[1]}
