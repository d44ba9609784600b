"""Tables of events: names told or given, encodings, epochs, and dates that could be read two ways."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

CSV = "uid,action,ts,page\n007,see,2025-01-01T09:00:00+09:00,a\nNA,buy,2025-01-02,b\n007,buy,2025-01-03,c\n"


def test_columns_are_told_by_name_and_the_file_is_kept_as_it_is(init) -> None:
    drafted = init("log.csv", CSV)
    assert "read as events: its columns 'uid', 'action', 'ts' are customer, event and time." in drafted.said
    assert (drafted.folder / "raw/events/log.csv").read_text() == CSV
    assert "# please check: customer_id, event, time told by the names of columns" in drafted.text
    assert drafted.check().exit_code == 0
    frame = drafted.load()[1].events.frame()
    assert frame["customer_id"].tolist() == ["007", "007", "NA"]
    assert frame["time"][0].isoformat() == "2025-01-01T00:00:00+00:00"


def test_a_person_names_the_columns(init) -> None:
    text = CSV.replace("uid,action,ts", "x,y,z")
    drafted = init("log.csv", text, "--as", "events", "--map", "customer=x, event=y, time=z")
    assert drafted.load()[1].events.names == ("buy", "see")
    assert "told by the names of columns" not in drafted.text


def test_columns_nobody_can_tell_are_asked_for(refused) -> None:
    text = CSV.replace("action", "y")
    assert refused("log.csv", text, "--as", "events") == (
        "log.csv: no column was recognised as event. Allowed: uid, y, ts, page. "
        "Name them: --map event=COLUMN.\n"
    )
    said = refused("log.csv", CSV, "--as", "events", "--map", "customr=uid,event=acton")
    assert "--map: unknown name 'customr'." in said
    assert "--map: the file has no column 'acton'." in said
    assert "Did you mean 'action'?" in said
    assert "'event=': " not in refused("log.csv", CSV, "--map", "event=")


@pytest.mark.parametrize(("factor", "unit"), [(1, "s"), (10**3, "ms"), (10**6, "us"), (10**9, "ns")])
def test_numbers_become_moments_and_the_unit_is_said(init, factor: int, unit: str) -> None:
    seconds = 1_735_689_600
    rows = "".join(f"u,see,{(seconds + i) * factor}\n" for i in (0, 1))
    drafted = init("log.csv", "uid,action,ts\n" + rows)
    assert f"# please check: times were numbers; they were read as {unit} since 1970 in UTC" in drafted.text
    frame = drafted.load()[1].events.frame()
    assert [t.isoformat() for t in frame["time"]] == [
        "2025-01-01T00:00:00+00:00",
        "2025-01-01T00:00:01+00:00",
    ]
    assert frame["customer_id"].tolist() == ["u", "u"]


def test_milliseconds_keep_every_digit(init) -> None:
    frame = init("log.jsonl", '{"uid": "a", "action": "see", "ts": 1735689600123}\n').load()[1].events.frame()
    assert frame["time"][0].isoformat() == "2025-01-01T00:00:00.123000+00:00"


def test_the_one_date_format_that_fits_is_taken(init) -> None:
    drafted = init("log.csv", "uid;action;ts\na;see;31.01.2025 10:00\n")
    assert 'date_format = "%d.%m.%Y %H:%M"  # please check' in drafted.text
    assert 'delimiter = ";"' in drafted.text
    assert drafted.load()[1].events.frame()["time"][0].isoformat() == "2025-01-31T10:00:00+00:00"


def test_two_readings_of_a_date_are_left_to_a_person(init) -> None:
    drafted = init("log.csv", "uid,action,ts\na,see,01/02/2025\n")
    assert "# please check: how times are written (%m/%d/%Y or %d/%m/%Y), then uncomment:" in drafted.text
    checked = drafted.check()
    assert checked.exit_code == 1
    assert "no time in 1 cell" in checked.stderr
    drafted.corrected('# date_format = ""', 'date_format = "%d/%m/%Y"')
    assert drafted.load()[1].events.frame()["time"][0].isoformat() == "2025-02-01T00:00:00+00:00"


def test_another_encoding_is_found_and_said(init) -> None:
    drafted = init("log.csv", "고객번호,이벤트,일시\n가,구매,2025-01-01\n".encode("cp949"))
    assert 'encoding = "cp949"  # please check' in drafted.text
    assert drafted.load()[1].events.names == ("구매",)


def test_nested_values_are_left_out_and_said(init) -> None:
    rows = '{"uid": "a", "action": "see", "ts": "2025-01-01", "page": "x", "cart": {"n": 1}}\n'
    drafted = init("log.jsonl", rows)
    assert 'keep = ["page"]  # please check: columns with nested values are left out' in drafted.text
    assert drafted.load()[1].events.columns()[-1] == "page"


def test_parquet_of_typed_moments(init, tmp_path: Path) -> None:
    moments = pd.to_datetime(["2025-01-01", "2025-01-02"]).tz_localize("Asia/Seoul")
    frame = pd.DataFrame({"user_id": [7, 8], "event": ["a", "b"], "timestamp": moments})
    frame.to_parquet(tmp_path / "log.parquet")
    events = init("log.parquet", None).load()[1].events
    assert (events.customers.tolist(), events.names) == (["7", "8"], ("a", "b"))


def test_a_name_of_an_event_cannot_break_out_of_its_comment(init) -> None:
    drafted = init("log.csv", 'uid,action,ts\na,"see\n[weights]\ntrim = 2",2025-01-01\n')
    assert "#            1  see [weights] trim = 2" in drafted.text
    assert drafted.load()[0].weights.trim is None


def test_a_folder_of_parts_is_one_log(init, tmp_path: Path) -> None:
    """Parts of several days may share a name."""
    for day in ("01", "02"):
        folder = tmp_path / "parts" / f"day={day}"
        folder.mkdir(parents=True)
        (folder / "part.csv").write_text(f"uid,action,ts\na,see,2025-01-{day}\n")
    drafted = init("parts", None)
    assert drafted.check().exit_code == 0
    assert drafted.load()[1].events.n_events == 2


def test_a_folder_of_several_kinds_is_refused(refused, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("log.csv", "notes.tsv"):
        (tmp_path / "parts" / name).write_text(CSV)
    assert refused("parts", None).startswith(
        "parts: holds files of several kinds: .csv, .tsv. Name one file,"
    )


def test_a_log_without_a_known_time_is_asked_about_and_no_survey(refused) -> None:
    said = refused("log.csv", "user_id,event_name,moment\na,see,2025-01-01\n")
    assert said == (
        "log.csv: no column was recognised as time. Allowed: user_id, event_name, moment. "
        "Name them: --map time=COLUMN.\n"
    )


def test_events_are_offered_as_stages_in_their_usual_order(init) -> None:
    rows = (
        "a,Paid now,2025-01-03\na,Cart,2025-01-02\na,Look,2025-01-01\nb,Look,2025-01-05\nb,Cart,2025-01-06\n"
    )
    drafted = init("log.csv", "uid,action,ts\n" + rows)
    assert "no stage of the journey says which events enter it" in drafted.check().stdout
    preset = next(line for line in drafted.text.splitlines() if line.startswith("preset"))
    drafted.corrected(preset, "")
    for line in drafted.text.partition("In place of the preset:\n")[2].splitlines()[:5]:
        drafted.corrected(line, line.removeprefix("# "))
    assert [(s.id, s.enter) for s in drafted.load()[0].journey.stages] == [
        ("look", ("Look",)), ("cart", ("Cart",)), ("paid_now", ("Paid now",)),
    ]  # fmt: skip
    assert "no stage" not in drafted.check().stdout


def test_names_reserved_by_tools_are_known_in_their_spelling(init) -> None:
    text = init("log.csv", "uid,action,ts\na,Order Completed,2025-01-01\n").text
    assert 'id = "purchase"\nenter = ["Order Completed"]  # please check: guessed' in text
    assert "In place of the preset" not in text
