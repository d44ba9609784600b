"""A segment from the moment it is saved to the page: the same rule, version and n in all of them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from journey_lib import __main__ as command
from journey_lib.publish import run as running
from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.run import run
from journey_lib.study.load import load_study
from journey_lib.study.segments import saved_segments

ROOT = Path(__file__).parents[2]
STUDY = """
id = "pool"
title = { en = "A swimming pool", ko = "수영장" }
synthetic = true
[journey]
preset = "funnel3"
[sources.customers]
file = "raw/customers.csv"
numbers = ["visits"]
[sources.responses]
file = "raw/responses.csv"
[[questions]]
id = "nps"
kind = "nps"
label = { en = "Recommendation", ko = "추천 의향" }
"""
RULE = json.dumps(
    {
        "all": [
            {"column": "town", "operator": "=", "value": "East"},
            {"column": "visits", "operator": ">=", "value": 3},
        ]
    }
)


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 swimmers, each asked once: 3 in ten live in the east, some with an unknown number of visits."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "data/pool/raw"
    raw.mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    shutil.copy(ROOT / "notebooks/survey.ipynb", tmp_path / "notebooks")
    ids = np.arange(120)
    town = np.select([ids % 10 < 3, ids % 40 == 39], ["East", "Far"], "West")
    visits = [("" if i % 20 == 0 else str(i % 7)) for i in ids]
    customers = pd.DataFrame({"customer_id": [f"c{i}" for i in ids], "town": town, "visits": visits})
    customers.to_csv(raw / "customers.csv", index=False)
    answers = pd.DataFrame({"respondent_id": ids, "customer_id": customers["customer_id"], "nps": ids % 11})
    answers.to_csv(raw / "responses.csv", index=False)
    (tmp_path / "data/pool/study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def journey(*arguments: str) -> str:
    done = CliRunner().invoke(command.app, [*arguments, "--study", "data/pool"])
    assert done.exit_code == 0, done.output
    return done.output


def basis(page: str) -> dict[str, str]:
    """Return the terms of the page's basis and what stands beside them."""
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    return {re.sub("<.*?>", "", term): re.sub("<.*?>", "", words) for term, words in reversed(facts)}


def by_hand(root: Path) -> tuple[int, int]:
    """Count the rule's members and the undecided without the package."""
    table = pd.read_csv(root / "data/pool/raw/customers.csv")
    east = table["town"] == "East"
    return int((east & (table["visits"] >= 3)).sum()), int((east & table["visits"].isna()).sum())


def test_what_was_saved_is_what_the_page_counts(pool: Path) -> None:
    n, unknown = by_hand(pool)
    assert (n, unknown) == (16, 6)
    said = journey("segments", "save", "East siders", RULE)
    assert f"{n} of 120 customers inside, {unknown} undecided" in said
    outcome = run("survey", study="data/pool", segment="East siders")
    page = outcome.report.read_text(encoding="utf-8")
    saved = saved_segments(*load_study("data/pool")).get("East siders")
    told = basis(page)
    assert outcome.report.name == "survey--east-siders.html"
    assert told["Inside the segment"] == f"{n} of 120 customers"
    assert told["Undecided"] == "fewer than 10, because a value is missing; not inside"
    assert told["Segment version"] in (saved.reference, f"version 1, {saved.reference}")
    assert told["Base"] == f"n = {n}"
    chips = re.search(r'<ul aria-label="Conditions of the segment".*?</ul>', page)
    assert chips is not None
    assert re.findall("<li>(.*?)</li>", chips[0]) == ["town: East", "visits: 3 or more"]
    ledger = read_ledger(outcome.report.parent)
    assert set(ledger["segment_version"]) == {saved.reference}
    assert set(ledger["params"]) == {'{"segment": "East siders"}'}
    assert "Used by survey--east-siders.html, version 1" in journey("segments", "show", "East siders")


def test_three_people_are_hidden_and_the_page_says_why(pool: Path) -> None:
    journey("segments", "save", "Three", "town=Far")
    page = run("survey", study="data/pool", segment="Three", lang="ko").report.read_text(encoding="utf-8")
    told = basis(page)
    assert told["대상 안"] == "고객 120명 중 10명 미만"
    assert told["수가 너무 적음"] == "대상이 10 미만이므로 이 페이지의 모든 수치를 가립니다."
    findings = read_ledger(pool / "reports/pool")
    of_answers = findings[findings["metric"] != "flagged"]  # counts of quality flags speak of no answer
    assert len(of_answers) > 5
    assert of_answers["estimate"].isna().all()


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("East sider", "Did you mean 'East siders'"),
        ('{"colum": 1}', "unknown key 'colum'"),
        ("a=", "is no rule"),
    ],
)
def test_a_wrong_segment_is_refused_before_a_kernel_starts(
    pool: Path, monkeypatch: pytest.MonkeyPatch, segment: str, words: str
) -> None:
    journey("segments", "save", "East siders", RULE)

    class Worker:
        def __init__(self, *_: object) -> None: ...
        def send(self, *_: object) -> None:
            raise AssertionError("a kernel was asked")

        def close(self) -> None: ...

    monkeypatch.setattr(running, "Worker", Worker)
    with pytest.raises(ValueError, match=words):
        run("survey", study="data/pool", segment=segment)
    assert not (pool / "reports").exists()
