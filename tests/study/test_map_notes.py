"""Notes of people beside what is measured: read whole, refused with every problem, kept byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import StudyError
from journey_lib.study.definition import Text
from journey_lib.study.load import open_study, quick_study
from journey_lib.study.map_notes import Head, Idea, MapNotes, Note, StageNotes, read_map, write_map
from journey_lib.study.map_notes.file import as_toml, notes_from

STUDY, _ = quick_study(journey="funnel3")


def test_the_notes_of_the_sample_fit_its_study(root: Path) -> None:
    notes = read_map(open_study(root / "data" / "sample"))
    assert notes.map.version == 2
    assert {n.lane for n in notes.notes} == {"action", "hypothesis"}
    assert [i.id for i in notes.opportunities if i.effort is None] == ["addon_timing"]


def test_a_study_without_the_file_has_no_notes(tmp_path: Path) -> None:
    assert read_map(STUDY.placed(tmp_path)) == MapNotes()


def test_unchanged_notes_are_written_byte_for_byte(root: Path, tmp_path: Path) -> None:
    source = (root / "data" / "sample" / "map.toml").read_bytes()
    write_map(read_map(open_study(root / "data" / "sample")), tmp_path / "map.toml")
    assert (tmp_path / "map.toml").read_bytes() == source


texts = st.builds(Text, en=st.text(max_size=20), ko=st.text(max_size=20))
notes = st.builds(
    MapNotes,
    map=st.builds(Head, title=texts, version=st.integers(1, 9)),
    stages=st.lists(st.builds(StageNotes, stage=st.just("awareness"), goal=texts), max_size=1),
    notes=st.lists(
        st.builds(
            Note, stage=st.sampled_from(["awareness", "purchase"]), lane=st.sampled_from(["action", "pain"]),
            text=texts, source=st.text(min_size=1, max_size=9).filter(str.strip),
        ), max_size=3,
    ),
    opportunities=st.lists(
        st.builds(
            Idea, id=st.just("one"), label=texts, stage=st.just("purchase"), pains=st.just(("q1",)),
            recoverable=st.sampled_from([None, (0.0, 0.25), (0.5, 1.0)]),
            effort=st.sampled_from([None, 1, 5]),
        ), max_size=1,
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(notes)
def test_notes_made_in_code_come_back_as_they_were(made: MapNotes) -> None:
    assert notes_from(as_toml(made).encode(), STUDY).model_dump() == made.model_dump()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[map", "is not valid TOML"),
        ('[map]\nid = "a"\n[map]\nid = "a"', "is not valid TOML: Cannot declare ('map',) twice"),
        ("[mpa]", "unknown key 'mpa'. Allowed: map, stages, notes, opportunities. Did you mean 'map'"),
        ("[map]\nid = 3", "[map]: key 'id' does not fit"),
        ('[[notes]]\nstage = "purchase"\nlane = "acton"\ntext = "x"\nsource = "y"', "Did you mean 'action'"),
        ('[[notes]]\nstage = "purchase"\nlane = "action"\ntext = "x"', "key 'source' is missing"),
        (
            '[[notes]]\nstage = "purchase"\nlane = "action"\ntext = "x"\nsource = " "',
            "is empty. Say who noticed",
        ),
        (
            '[[notes]]\nstage = "purchse"\nlane = "action"\ntext = "x"\nsource = "y"',
            "Did you mean 'purchase'",
        ),
        ('[[stages]]\nstage = "purchase"\n[[stages]]\nstage = "purchase"', "stands there 2 times"),
        (
            '[[opportunities]]\nid = "a"\nlabel = "x"\nstage = "purchase"\neffort = 6',
            "[[opportunities]] 'a', key 'effort': 6. Allowed: a whole number from 1 to 5",
        ),
        (
            '[[opportunities]]\nid = "a"\nlabel = "x"\nstage = "purchase"\nrecoverable = [0.5, 0.2]',
            "key 'recoverable': [0.5, 0.2]. Allowed: 0 <= lowest <= highest <= 1",
        ),
        (
            '[[opportunities]]\nid = "a"\nlabel = "x"\nstage = "purchase"\nexperiment = "b"',
            "unknown experiment 'b'",
        ),
    ],
)
def test_a_wrong_file_says_what_is_wrong_where(toml: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        notes_from(toml.encode(), STUDY)
    assert words in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    toml = '[[stages]]\nstage = "a"\n[[opportunities]]\nid = "b"\nlabel = "x"\nstage = "c"\nvalue = -1.0'
    with pytest.raises(StudyError) as caught:
        notes_from(toml.encode(), STUDY)
    assert len(caught.value.items) == 3


def test_text_that_is_not_utf8_names_its_line() -> None:
    with pytest.raises(StudyError, match=r"map\.toml, line 2: is not UTF-8"):
        notes_from(b"[map]\n\xff", STUDY)
