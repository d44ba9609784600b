"""Maps as tables: read in the shapes of other tools, laid over notes that stay, written to be read back."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from journey_lib.__main__ import app
from journey_lib.errors import DataError, ParamError, StudyError
from journey_lib.publish.map_table import export_table, import_table
from journey_lib.study.definition import Study, Text
from journey_lib.study.load import open_study, quick_study
from journey_lib.study.map_notes import (
    Head,
    Idea,
    MapNotes,
    Note,
    StageNotes,
    draft_from,
    read_map,
    read_map_table,
    write_map,
)
from journey_lib.study.map_notes.layout import wide_rows
from journey_lib.study.map_notes.merge import merge

PLAIN, _ = quick_study(journey="funnel3")
# As tools write it: a title, a row of dates, other words for the rows, one thought a line, numbered stages.
GENERIC = [
    ["Journey of Kim, 34", "", "", ""],
    ["", "1. Awareness", "2. Consideration", "3. Purchase"],
    ["Customer goal", "Learn that it exists", "", "Pay without doubt"],
    ["Actions", "Sees an advert\nAsks a friend", "Compares plans", "• Fills in the order\n• Pays\n  by card"],
    ["Pain points", "", "Prices are hidden", ""],
    ["Emotions", "curious", "unsure", "relieved"],
    ["Touchpoints", "Poster", "", "Checkout"],
    ["Opportunities", "", "Show the price first", ""],
    ["Owner", "marketing", "", "payments team"],
]


def written(folder: Path, rows: list[list[str]], name: str = "map.csv") -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return folder / name


def told(notes: MapNotes) -> list[tuple[str, str, str]]:
    return [(n.stage, n.lane, n.text.say("en")) for n in notes.notes]


@pytest.fixture
def sample(tmp_path: Path, root: Path) -> Study:
    """The sample study's own notes, in a folder that may be written to."""
    for name in ("study.toml", "map.toml"):
        shutil.copy(root / "data" / "sample" / name, tmp_path / name)
    return open_study(tmp_path)


def test_a_table_of_another_tool_is_read_by_what_people_call_its_rows(tmp_path: Path) -> None:
    notes = read_map_table(written(tmp_path, GENERIC), PLAIN)
    assert told(notes) == [
        ("awareness", "action", "Sees an advert"), ("awareness", "action", "Asks a friend"),
        ("consideration", "action", "Compares plans"), ("purchase", "action", "Fills in the order"),
        ("purchase", "action", "Pays\n  by card"), ("consideration", "pain", "Prices are hidden"),
        ("awareness", "emotion", "curious"), ("consideration", "emotion", "unsure"),
        ("purchase", "emotion", "relieved"), ("awareness", "touchpoint", "Poster"),
        ("purchase", "touchpoint", "Checkout"),
    ]  # fmt: skip
    assert notes.at("awareness").goal.en == "Learn that it exists"
    assert notes.at("purchase").owner == "payments team"
    assert [(i.id, i.stage) for i in notes.opportunities] == [("show_the_price_first", "consideration")]
    assert {n.evidence for n in notes.notes} == {"assumed"}
    assert {n.source for n in notes.notes} == {"table map.csv"}


def test_stages_may_also_stand_below_one_another(tmp_path: Path) -> None:
    turned = [list(column) for column in zip(*GENERIC[1:], strict=True)]
    one = read_map_table(written(tmp_path, GENERIC), PLAIN)
    other = read_map_table(written(tmp_path, turned), PLAIN)
    assert sorted(told(one)) == sorted(told(other))


def test_a_korean_table_is_read_into_korean_words(tmp_path: Path) -> None:
    rows = [["단계", "인지", "구매"], ["고객 목표", "알게 된다", ""], ["불편", "", "영수증이 없다"]]
    notes = read_map_table(written(tmp_path, rows), PLAIN)
    assert (notes.at("awareness").goal.ko, notes.notes[0].text.ko) == ("알게 된다", "영수증이 없다")


def test_unknown_stages_and_lanes_are_all_named_with_the_nearest(tmp_path: Path) -> None:
    rows = [["", "Awareness", "Purchse", ""], ["Actoins", "Looks", "Pays", ""], ["Weather", "rain", "", ""]]
    with pytest.raises(DataError) as caught:
        read_map_table(written(tmp_path, rows), PLAIN)
    problems = [(p.where, p.given, p.nearest) for p in caught.value.items]
    assert problems == [
        ("map.csv, column 3", "unknown stage 'Purchse'", "purchase"),
        ("map.csv, row 2", "unknown lane 'Actoins'", "action"),
        ("map.csv, row 3", "unknown lane 'Weather'", ""),
    ]


def test_a_table_without_stages_says_what_it_has_instead(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no row or column names stages of this study \(Budget, Actual\)"):
        read_map_table(written(tmp_path, [["Month", "Budget", "Actual"], ["May", "3", "4"]]), PLAIN)


def test_a_tidy_table_names_the_row_that_does_not_fit(tmp_path: Path) -> None:
    rows = [["stage", "lane", "text_en", "severity"], ["purchase", "opportunity", "Receipt", "very"],
            ["later", "pain", "x", ""]]  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_map_table(written(tmp_path, rows), PLAIN)
    assert [p.where for p in caught.value.items] == ["map.csv, row 2", "map.csv, row 3"]
    assert "numbers where numbers belong" in str(caught.value)


@pytest.mark.parametrize("name", ["map.csv", "map.xlsx"])
@pytest.mark.parametrize("tidy", [False, True])
def test_an_export_read_back_changes_no_byte(sample: Study, tmp_path: Path, name: str, tidy: bool) -> None:
    before = (sample.folder / "map.toml").read_bytes()
    for lang in ("en", "ko"):
        file = export_table(sample.speak(lang), tmp_path / name, tidy=tidy)
        said = import_table(sample, file, replace=True)
        assert said[0].startswith("map.toml: 0 new, ")
        assert "change" not in said[0]
        assert (sample.folder / "map.toml").read_bytes() == before


def test_what_people_wrote_stays_unless_they_say_so(sample: Study, tmp_path: Path) -> None:
    before = (sample.folder / "map.toml").read_text(encoding="utf-8")
    rows = [["", "Adoption", "Expansion"], ["Goal", "Cook at once", ""], ["Pain", "", "Add-ons are hidden"]]
    lines = import_table(sample, written(tmp_path, rows), source="workshop, 3 May 2026")
    after = (sample.folder / "map.toml").read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert "1 would change and stay" in lines[0]
    assert "'Get the first dinner on the table' in map.toml, 'Cook at once' in the table" in lines[1]
    added = read_map(sample).notes[-1]
    assert (added.stage, added.text.en, added.source) == (
        "expansion",
        "Add-ons are hidden",
        "workshop, 3 May 2026",
    )
    import_table(sample, tmp_path / "map.csv", replace=True)
    goal = read_map(sample).at("adoption").goal
    assert (goal.en, goal.ko) == ("Cook at once", "첫 저녁을 차려 낸다")
    assert (sample.folder / "map.toml").read_text(encoding="utf-8").startswith(before.partition("\n[map]")[0])


def test_an_empty_place_is_filled_and_comments_stay(sample: Study, tmp_path: Path) -> None:
    rows = [["", "Expansion"], ["Question", "What else is there?"]]
    assert "1 filled in" in import_table(sample, written(tmp_path, rows))[0]
    text = (sample.folder / "map.toml").read_text(encoding="utf-8")
    assert '더 넓게 쓴다" }\nquestion = { en = "What else is there?" }\n' in text
    assert text.startswith("# What people at Saebom Table")


def test_a_dry_run_writes_nothing(sample: Study, tmp_path: Path) -> None:
    before = (sample.folder / "map.toml").read_bytes()
    lines = import_table(sample, written(tmp_path, [["", "Adoption"], ["Pain", "Slow"]]), write=False)
    assert lines[0].startswith("map.toml: would be 1 new")
    assert (sample.folder / "map.toml").read_bytes() == before


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    (tmp_path / "map.toml").write_bytes(b'[map]\r\nid = "a"\r\n# mine\r\n')
    import_table(study, written(tmp_path, [["", "Purchase"], ["Pain", "Slow"]]))
    source = (tmp_path / "map.toml").read_bytes()
    assert source.count(b"\n") == source.count(b"\r\n") > 5
    assert b"# mine\r\n" in source


def test_a_file_that_lines_cannot_change_is_left_alone(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    toml = b'stages = [\n  { stage = "purchase", goal = "x" },\n]\n'
    (tmp_path / "map.toml").write_bytes(toml)
    with pytest.raises(StudyError):
        import_table(study, written(tmp_path, [["", "Purchase"], ["Goal", "Pay"]]), replace=True)
    assert (tmp_path / "map.toml").read_bytes() == toml


def test_words_that_look_like_a_heading_are_not_written_into(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    toml = (
        b'[[notes]]\nstage = "purchase"\nlane = "pain"\nsource = "Kim"\n'
        b'text = """\n[[stages]]\ngoal = 1\n"""\n'
        b'[[stages]]\nstage = "purchase"\n'
    )
    (tmp_path / "map.toml").write_bytes(toml)
    with pytest.raises(StudyError, match="cannot be changed line by line"):
        import_table(study, written(tmp_path, [["", "Purchase"], ["Goal", "Pay"]]))
    assert (tmp_path / "map.toml").read_bytes() == toml


def test_a_study_without_notes_gets_its_first(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    import_table(study, written(tmp_path, GENERIC))
    assert len(read_map(study).notes) == 11


def test_what_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    texts = ["=1+1", "+82 10", "-x", "@sum", "'quoted"]
    write_map(MapNotes(notes=tuple(
        Note(stage="purchase", lane="thought", text=Text(en=text), source="=cmd()") for text in texts
    )), tmp_path / "map.toml")  # fmt: skip
    file = export_table(study, tmp_path / "out.csv", tidy=True)
    cells = [cell for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert [n.text.en for n in read_map_table(file, study).notes] == texts
    book = export_table(study, tmp_path / "out.xlsx", tidy=True)
    from openpyxl import load_workbook

    typed = {cell.data_type for row in load_workbook(book).active.iter_rows() for cell in row if cell.value}
    assert typed == {"s"}
    assert [n.text.en for n in read_map_table(book, study).notes] == texts


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match=r"'map\.pdf'\. Allowed: \.xlsx or \.csv"):
        export_table(PLAIN.placed(tmp_path), tmp_path / "map.pdf")


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")), max_size=12)
said = words.filter(str.strip)
texts = st.one_of(st.builds(Text, en=said, ko=words), st.builds(Text, en=words, ko=said))
stage_ids = st.sampled_from([s.id for s in PLAIN.journey.stages])
lane_names = st.sampled_from(["action", "thought", "emotion", "quote", "touchpoint", "pain", "hypothesis"])
made_notes = st.lists(
    st.builds(Note, stage=stage_ids, lane=lane_names, text=texts, source=said,
              theme=words, owner=words, evidence=st.sampled_from(["inferred", "assumed"])),
    max_size=4, unique_by=lambda n: (n.stage, n.lane, n.text.en, n.text.ko),
)  # fmt: skip
judged = st.one_of(st.none(), st.integers(1, 5))
made_ideas = st.lists(
    st.builds(
        Idea, id=st.from_regex(r"[a-z]{1,8}", fullmatch=True), label=texts, stage=stage_ids, hypothesis=texts,
        pains=st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), max_size=2).map(tuple),
        recoverable=st.one_of(st.none(), st.tuples(st.floats(0, 0.5), st.floats(0.5, 1))),
        value=st.one_of(st.none(), st.floats(0, 1e9)), effort=judged, severity=judged,
        changed_on=st.one_of(st.none(), st.dates()), owner=words,
    ),
    max_size=2, unique_by=lambda i: i.id,
)  # fmt: skip
maps = st.builds(
    MapNotes,
    stages=st.lists(st.builds(StageNotes, stage=stage_ids, goal=texts, owner=words), max_size=3,
                    unique_by=lambda s: s.stage).map(tuple),
    notes=made_notes.map(tuple), opportunities=made_ideas.map(tuple),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(maps, st.sampled_from(["map.csv", "map.xlsx"]))
def test_the_tidy_shape_comes_back_by_value(
    tmp_path_factory: pytest.TempPathFactory, made: MapNotes, name: str
) -> None:
    study = PLAIN.placed(tmp_path_factory.mktemp("tidy"))
    write_map(made, study.folder / "map.toml")
    file = export_table(study, study.folder / name, tidy=True)
    if made == MapNotes():
        return
    assert read_map_table(file, study).model_dump() == made.model_dump()


@settings(max_examples=25, deadline=None)
@given(maps)
def test_the_wide_shape_says_nothing_new_to_the_notes_it_came_from(
    tmp_path_factory: pytest.TempPathFactory, made: MapNotes
) -> None:
    rows = wide_rows(made, PLAIN, "en")
    if len(rows) < 2:
        return
    file = written(tmp_path_factory.mktemp("wide"), rows)
    found = merge(made, draft_from(file, PLAIN, "x"))
    assert [*found.new.values()] == [(), (), ()]
    assert found.changes == ()


def test_the_head_of_a_map_is_not_part_of_a_table(tmp_path: Path) -> None:
    study = PLAIN.placed(tmp_path)
    write_map(MapNotes(map=Head(id="a", version=7), stages=(StageNotes(stage="purchase", owner="b"),)),
              tmp_path / "map.toml")  # fmt: skip
    file = export_table(study, tmp_path / "out.csv", tidy=True)
    assert read_map_table(file, study).map == Head()
    import_table(study, file, replace=True)
    assert read_map(study).map.version == 7


def test_the_command_reads_and_writes(sample: Study, tmp_path: Path) -> None:
    runner, table = CliRunner(), str(tmp_path / "out.xlsx")
    given = ["--study", str(sample.folder)]
    assert runner.invoke(app, ["map", "export", table, *given]).exit_code == 0
    done = runner.invoke(app, ["map", "import", table, "--dry-run", *given])
    assert done.exit_code == 0
    assert done.output.startswith("map.toml: would be 0 new")
    broken = runner.invoke(
        app, ["map", "import", str(written(tmp_path, [["", "Adopton"], ["Pain", "x"]])), *given]
    )
    assert broken.exit_code == 1
    assert "no row or column names stages" in broken.output
