"""Columns read on demand are those that reading everything would have given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError
from journey_lib.study.events import EventLog
from journey_lib.study.events import log as logs
from journey_lib.study.load import load_study

N = 400


def frame_of(seed: int, *, plan: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    hours = pd.Timestamp("2025-03-01") + pd.to_timedelta(rng.integers(0, 60, N), unit="h")
    frame = pd.DataFrame(
        {
            "customer_id": pd.Series([f"C{i}" for i in rng.integers(0, 25, N)], dtype="str"),
            "size": rng.integers(0, 3, N),
            "event": pd.Series(np.array(["see", "buy"])[rng.integers(0, 2, N)], dtype="str"),
            "time": hours,
            "anonymous_id": pd.Series([f"a{i}" for i in rng.integers(0, 90, N)], dtype="str").where(
                rng.random(N) < 0.4
            ),
            "value": rng.normal(size=N).round(1),
            "region": pd.Series(np.array(["east", "west"])[rng.integers(0, 2, N)], dtype="str"),
        }
    )
    frame.loc[rng.random(N) < 0.2, "customer_id"] = None
    frame["customer_id"] = frame["customer_id"].where(
        frame["customer_id"].notna() | frame["anonymous_id"].notna(), "C0"
    )
    return frame.assign(plan=np.where(rng.random(N) < 0.5, "free", None)) if plan else frame


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    both = frame_of(1), frame_of(2, plan=False).assign(note="x")
    both = both[0], pd.concat([both[1], both[1].head(40)], ignore_index=True)  # exact repeats
    for number, frame in enumerate(both):
        frame.to_parquet(tmp_path / f"part-{number}.parquet", index=False, row_group_size=150)
    return tmp_path, pd.concat(both, ignore_index=True)


def test_a_log_of_files_equals_one_of_the_frame(parts: tuple[Path, pd.DataFrame]) -> None:
    folder, frame = parts
    log, whole = EventLog.from_file(f"{folder}/*.parquet"), EventLog.from_frame(frame)
    assert log.report.repeats == whole.report.repeats >= 40
    assert sorted(log.columns()) == sorted(whole.columns())
    for name in whole.columns():
        pd.testing.assert_series_equal(log.column(name), whole.column(name), check_dtype=False)
    assert log.fingerprint == whole.fingerprint
    assert log.row.tolist() == whole.row.tolist()


def test_seq_and_other_names(tmp_path: Path) -> None:
    frame = frame_of(4).rename(
        columns={"customer_id": "who", "event": "what", "time": "at", "region": "medium"}
    )
    frame.to_parquet(tmp_path / "a.parquet")
    given = {"customer": "who", "event": "what", "time": "at", "channel": "medium", "seq": "size"}
    log, whole = EventLog.from_file(tmp_path / "a.parquet", **given), EventLog.from_frame(frame, **given)
    assert log.report == replace(whole.report, files=("a.parquet",))
    assert log.report.unsettled > 0
    assert log.fingerprint == whole.fingerprint
    assert log.column("size").tolist() == whole.column("size").tolist()


def test_only_what_is_asked_for_is_read(
    parts: tuple[Path, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    read: list[str] = []
    plain = pq.ParquetFile.iter_batches

    def noted(self: pq.ParquetFile, *, columns: list[str], **how: object) -> object:
        read.extend(columns)
        return plain(self, columns=columns, **how)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)
    EventLog.from_file(f"{parts[0]}/part-0.parquet")
    assert set(read) == {"customer_id", "event", "time", "anonymous_id"}


def test_numbers_written_as_text_are_checked_at_once(tmp_path: Path) -> None:
    frame_of(3).assign(value="much").to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="column 'value': no number in 400 cells"):
        EventLog.from_file(tmp_path / "a.parquet")


def test_a_customer_of_left_out_rows_only_is_nobody(tmp_path: Path) -> None:
    frame = frame_of(6).dropna(subset=["customer_id"]).drop(columns=["anonymous_id"])
    frame["customer_id"] = frame["customer_id"] + frame["region"].str[0]
    frame.to_parquet(tmp_path / "a.parquet")
    text = 'id = "s"\ntitle = "t"\nquestion = "q"\nsuccess = "s"\nsynthetic = true\n'
    text += '[journey]\npreset = "lifecycle7"\n[sources.events]\nfile = "*.parquet"\n'
    text += 'where = { region = ["east"] }\n'
    Path(tmp_path, "study.toml").write_text(text)
    log = load_study(tmp_path)[1].events
    assert {str(name)[-1] for name in log.customers} == {"e"}
    assert np.diff(log.offsets).all()


@pytest.mark.parametrize("how", ["changed", "removed"])
def test_a_file_that_is_another_one_now_is_refused(parts: tuple[Path, pd.DataFrame], how: str) -> None:
    path = parts[0] / "part-0.parquet"
    log = EventLog.from_file(path)
    path.unlink()
    if how == "changed":
        frame_of(5).head(300).to_parquet(path)
    with pytest.raises(DataError, match=r"part-0.parquet: was changed or removed .* Load the study again"):
        log.column("region")


def test_a_study_that_filters_renames_and_keeps(parts: tuple[Path, pd.DataFrame]) -> None:
    folder, frame = parts
    text = """
    id = "s"
    title = "t"
    question = "q"
    success = "s"
    synthetic = true
    [journey]
    preset = "lifecycle7"
    [sources.events]
    file = "*.parquet"
    keep = ["size"]
    where = { region = ["east"] }
    columns = { amount = "value" }
    """
    Path(folder, "study.toml").write_text("\n".join(line.strip() for line in text.splitlines()))
    _, data = load_study(folder)
    kept = frame[frame["region"] == "east"].rename(columns={"value": "amount"})
    whole = EventLog.from_frame(kept[["customer_id", "event", "time", "anonymous_id", "size", "amount"]])
    log = data.events
    assert log.report.outside == len(frame) - len(kept)
    assert log.column("size").tolist() == whole.column("size").tolist()
    assert log.column("amount").astype(float).tolist() == whole.column("amount").tolist()
    assert log.column("anonymous_id").tolist() == whole.column("anonymous_id").tolist()


def test_a_log_in_pieces_is_the_same_log(
    parts: tuple[Path, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, frame = parts
    log, whole = EventLog.from_file(f"{folder}/*.parquet"), EventLog.from_frame(frame)
    monkeypatch.setattr(logs, "AT_ONCE", 50)
    pieces = list(log.chunks())
    assert len(pieces) > 5
    assert max(len(piece) for piece in pieces) <= max(50, int(np.diff(log.offsets).max()))
    together = pd.concat([piece.frame() for piece in pieces], ignore_index=True)
    monkeypatch.setattr(logs, "AT_ONCE", 10**9)
    pd.testing.assert_frame_equal(together, log.frame(), check_dtype=False)
    assert log.fingerprint == whole.fingerprint
