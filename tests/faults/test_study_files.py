"""Damaged study files: one `StudyError` before anything starts, and the last good report as it was."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import StudyError
from journey_lib.publish import plan, run
from journey_lib.study.definition import Study, study_from
from tests.faults.judge import clear
from tests.faults.study_damage import (
    PLACES,
    TEXT_FAULTS,
    WRONG,
    deleted,
    doubled,
    leaves,
    misspelt,
    placed,
    reach,
)
from tests.publish import mini

FILE = (Path(__file__).parents[2] / "data" / "sample" / "study.toml").read_text(encoding="utf-8")
RAW: dict[str, Any] = tomllib.loads(FILE)
LISTS = [place for place in PLACES if isinstance(reach(RAW, place), list)]
KEYS = [place for place in PLACES if isinstance(place[-1], str) and place[-1] != "8"]
CASES = [*PLACES, *LISTS, *KEYS, *TEXT_FAULTS]


def read(raw: dict[str, Any]) -> Study | StudyError:
    """Read a study file's content; anything but a study or a clear `StudyError` comes through."""
    try:
        return study_from(raw, file="sample/study.toml")
    except StudyError as error:
        clear(error, Path("/nowhere/at/all"))
        return error


def where(place: tuple[str | int, ...]) -> str:
    return ".".join(map(str, place))


@pytest.mark.parametrize("place", PLACES, ids=where)
def test_a_wrong_value(place: tuple[str | int, ...]) -> None:
    """Put a quarter of the wrong values at each place: most are refused, and a refusal names the place."""
    refused = 0
    for value in list(WRONG.values())[PLACES.index(place) % 4 :: 4]:
        found = read(placed(RAW, place, value))
        if isinstance(found, StudyError):
            refused += 1
            names = [part.removesuffix("s") for part in place if isinstance(part, str)]  # one of the metrics
            assert any(name in str(found) for name in names), str(found)
    assert refused


@pytest.mark.parametrize("place", PLACES, ids=where)
def test_a_deleted_entry(place: tuple[str | int, ...]) -> None:
    """Take an entry away: what has a default may be missing, and what others point to may not."""
    found = read(deleted(RAW, place))
    if place in (("id",), ("title",), ("questions", 0, "id"), ("questions", 0, "kind")):
        assert isinstance(found, StudyError)


@pytest.mark.parametrize("place", LISTS, ids=where)
def test_doubled_entries(place: tuple[str | int, ...]) -> None:
    """Let every entry of a list stand twice."""
    found = read(doubled(RAW, place))
    if place in (("questions",), ("journey", "stages"), ("journey", "touchpoints"), ("metrics",)):
        assert isinstance(found, StudyError)


@pytest.mark.parametrize("place", KEYS, ids=where)
def test_a_misspelt_key(place: tuple[str | int, ...]) -> None:
    """Write a key with one letter too many: the right one is suggested."""
    found = read(misspelt(RAW, place))
    assert isinstance(found, StudyError)
    assert f"'{place[-1]}'" in str(found) or "is missing" in str(found), str(found)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_damage_at_any_place(data: st.DataObject) -> None:
    """Damage up to three places of the real file at once, in any of the ways above."""
    raw = RAW
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(sorted(leaves(raw), key=str)))
        change = data.draw(st.sampled_from(["value", "delete", "misspell", "double"]))
        if change == "delete":
            raw = deleted(raw, place)
        elif change == "misspell" and isinstance(place[-1], str):
            raw = misspelt(raw, place)
        elif change == "double" and isinstance(reach(raw, place), list):
            raw = doubled(raw, place)
        else:
            raw = placed(raw, place, data.draw(values()))
    read(raw)


def values() -> st.SearchStrategy[object]:
    simple = st.one_of(
        st.sampled_from(list(WRONG.values())), st.integers(), st.floats(), st.text(max_size=20), st.dates()
    )
    return st.one_of(
        simple,
        st.lists(simple, max_size=3),
        st.dictionaries(st.text(max_size=6), simple, max_size=3),
    )


@given(st.integers(0, len(FILE.encode())), st.binary(max_size=3))
@settings(max_examples=25, deadline=None)
def test_a_file_cut_anywhere(tmp_path_factory: pytest.TempPathFactory, at: int, more: bytes) -> None:
    """Cut the file at any byte and append noise."""
    folder = tmp_path_factory.mktemp("cut") / "sample"
    folder.mkdir()
    (folder / "study.toml").write_bytes(FILE.encode()[:at] + more)
    from journey_lib.study.definition import read_study

    try:
        read_study(folder)
    except StudyError as error:
        clear(error, Path("/nowhere/at/all"))


# With a report of yesterday in place


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], StudyError | None]:
    """Publish a study file's bytes without a kernel, and compare what lies in reports/ before and after."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan, "declared", lambda stem: mini.MiniParams)
    monkeypatch.setattr(run, "Worker", mini.SwiftWorker)
    project = mini.make(tmp_path)
    project.notebook("1 + 1")
    file = tmp_path / "data" / "shop" / "study.toml"
    assert run.run("mini", study="data/shop").status == "published"

    def once(content: bytes) -> StudyError | None:
        file.write_bytes(content)
        before = project.contents()
        try:
            run.run("mini", study="data/shop")
        except StudyError as error:
            assert project.contents() == before
            assert list(project.reports.glob(".*")) == []
            clear(error, Path("/nowhere/at/all"))
            return error
        return None

    return once


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_damaged_text_keeps_the_last_report(
    publish: Callable[[bytes], StudyError | None], fault: str
) -> None:
    """Refuse each damaged text: nothing is started and nothing of yesterday is touched."""
    assert publish(TEXT_FAULTS[fault](FILE)) is not None


def test_a_byte_order_mark_is_no_fault(publish: Callable[[bytes], StudyError | None]) -> None:
    assert publish(FILE.encode("utf-8-sig")) is None
    assert publish(FILE.replace("\n", "\r\n").encode()) is None
