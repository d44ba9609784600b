import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import ParamError
from journey_lib.present.vocabulary import KEYS
from journey_lib.publish.compare import compare


def ledger(*rows):
    blank = {**dict.fromkeys((*KEYS, "unit", "definition_hash"), ""), "std_error": np.nan}
    return pd.DataFrame([{**blank, **row} for row in rows])


def test_each_number_is_same_moved_new_or_gone():
    rows = ledger(
        {"run_id": "a", "metric": "nps", "estimate": 10.0, "std_error": 3.0},
        {"run_id": "b", "metric": "nps", "estimate": 20.0, "std_error": 4.0},
        {"run_id": "a", "metric": "mean", "estimate": 4.0},
        {"run_id": "b", "metric": "mean", "estimate": 4.0},
        {"run_id": "a", "metric": "old", "estimate": 1.0},
        {"run_id": "b", "metric": "young", "estimate": 1.0},
    )
    found = compare(rows, "a", "b").set_index("metric")
    assert found["status"].to_dict() == {"nps": "moved", "mean": "same", "old": "gone", "young": "new"}
    assert found.loc["nps", "difference"] == 10
    assert found.loc["nps", "noise"] == 2  # 10 / sqrt(3² + 4²)


def test_another_definition_is_never_a_move():
    rows = ledger(
        {"run_id": "a", "metric": "nps", "estimate": 10.0, "definition_hash": "x"},
        {"run_id": "b", "metric": "nps", "estimate": 20.0, "definition_hash": "y"},
    )
    assert sorted(compare(rows, "a", "b")["status"]) == ["gone", "new"]


def test_numbers_missing_in_both_runs_are_the_same():
    rows = ledger(
        {"run_id": "a", "metric": "nps", "estimate": np.nan},
        {"run_id": "b", "metric": "nps", "estimate": np.nan},
    )
    assert compare(rows, "a", "b")["status"].tolist() == ["same"]


def test_an_unknown_run_is_named_with_the_nearest():
    rows = ledger({"run_id": "survey-2026", "metric": "nps", "estimate": 1.0})
    with pytest.raises(ParamError, match="Did you mean 'survey-2026'"):
        compare(rows, "survey-2026", "survey-2025")


def test_the_command_tells_noise_from_movement(tmp_path, monkeypatch):
    """Two runs of one report: 40 against 10 with errors 4 and 3 is beyond noise, 4.1 against 4.0 is not."""
    from typer.testing import CliRunner

    from journey_lib import __main__ as command
    from journey_lib.publish.ledger import FOLDER, part
    from tests.publish import mini

    project = mini.make(tmp_path)
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    (project.reports / FOLDER).mkdir(parents=True)
    for run, nps, error, mean in (("mini-1", 10.0, 3.0, 4.0), ("mini-2", 40.0, 4.0, 4.1)):
        job = {"run_id": run, "as_of": "", "study": {"id": "shop", "fingerprint": "f"}, "stem": "mini",
               "params": "{}", "file": "mini.html", "lang": "en", "published": run}  # fmt: skip
        rows = [{"metric": "nps", "estimate": nps, "std_error": error, "unit": "points"},
                {"metric": "mean", "estimate": mean, "std_error": 1.0, "unit": "score"}]  # fmt: skip
        (project.reports / FOLDER / f"{run}.parquet").write_bytes(part({"findings": rows}, job))
    said = CliRunner().invoke(
        command.app, ["compare", "mini-1", "mini-2", "--study", str(tmp_path / "data/shop")]
    )
    assert "Of 2 numbers in both runs 0 are the same and 2 moved, 1 of them beyond noise." in said.output
    assert "0 are new, 0 are gone." in said.output
    assert said.output.index("nps") < said.output.index("mean")
    assert "Question" not in said.output
