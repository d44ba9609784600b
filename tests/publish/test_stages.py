"""The stages of the index say what the newest funnel of the whole journey found, and nothing else does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from journey_lib.publish.index import rebuild
from journey_lib.publish.ledger import FOLDER, part
from journey_lib.publish.run import run
from journey_lib.publish.stages import headlines
from tests.publish import mini

ROWS = [
    {"metric": "rate_km", "stage": "awareness", "estimate": 0.565, "ci_low": 0.559, "ci_high": 0.572},
    {"metric": "rate_mature", "stage": "awareness", "estimate": 0.9},
    {"metric": "target", "stage": "awareness", "estimate": 0.6},
    {"metric": "rate_km", "stage": "awareness", "group": "KR", "estimate": 0.1},
    {"metric": "rate_km", "stage": "consideration", "estimate": None},
    {"metric": "rate_mature", "stage": "consideration", "estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6},
    {"metric": "entered", "stage": "consideration", "estimate": 900},
    {"metric": "entered", "stage": "purchase", "estimate": 714},
]


def publish(
    folder: Path, run_id: str = "f1", *, rows: list[dict[str, Any]] = ROWS, **more: Any
) -> dict[str, Any]:
    """Write a ledger and return the sidecar of its report."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    job = {"run_id": run_id, "as_of": "", "study": {"id": "s", "fingerprint": "f"}, "stem": "funnel",
           "params": "{}", "file": f"{run_id}.html", "lang": "en", "published": "2026-01-01"}  # fmt: skip
    (folder / FOLDER / f"{run_id}.parquet").write_bytes(part({"findings": rows}, job))
    told = {"stem": "funnel", "lang": "en", "settings": {}, "run_id": run_id, "file": f"{run_id}.html",
            "published": "2026-01-01"}  # fmt: skip
    return told | more


def test_a_stage_says_rate_interval_and_goal(tmp_path: Path) -> None:
    told = headlines(tmp_path, [publish(tmp_path)], "en")
    assert told["awareness"] == {
        "number": "56%", "words": "go on, 56–57", "goal": "goal 60%", "href": "f1.html",
    }  # fmt: skip
    assert told["consideration"]["number"] == "50%"
    assert told["consideration"]["goal"] == ""
    assert (told["purchase"]["number"], told["purchase"]["words"]) == ("714", "customers came here")
    korean = headlines(tmp_path, [publish(tmp_path)], "ko")["awareness"]
    assert (korean["words"], korean["goal"]) == ("다음 단계로, 56–57", "목표 60%")


@pytest.mark.parametrize("name", ["segment", "steps", "period", "entry", "order", "each"])
def test_a_funnel_of_a_part_does_not_speak_for_the_journey(tmp_path: Path, name: str) -> None:
    assert headlines(tmp_path, [publish(tmp_path, settings={name: "x"})], "en") == {}


def test_the_plainest_then_the_language_then_the_newest_leads(tmp_path: Path) -> None:
    split = publish(tmp_path, "split", settings={"by": "region"}, published="2026-05-01")
    old = publish(tmp_path, "old")
    new = publish(tmp_path, "new", published="2026-02-01")
    korean = publish(tmp_path, "korean", lang="ko")
    assert headlines(tmp_path, [new, old, split, korean], "en")["awareness"]["href"] == "new.html"
    assert headlines(tmp_path, [new, old, split, korean], "ko")["awareness"]["href"] == "korean.html"
    assert headlines(tmp_path, [split], "en")["awareness"]["href"] == "split.html"


def test_other_reports_and_broken_ledgers_say_nothing(tmp_path: Path) -> None:
    assert headlines(tmp_path, [publish(tmp_path, stem="survey")], "en") == {}
    one = publish(tmp_path)
    (tmp_path / FOLDER / "f1.parquet").write_bytes(b"broken")
    assert headlines(tmp_path, [one], "en") == {}
    (tmp_path / FOLDER / "f1.parquet").unlink()
    assert headlines(tmp_path, [one], "en") == {}


def test_the_index_shows_them_under_the_stages(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    sidecar = project.sidecar()
    told = publish(project.reports, "funnel-1", file="funnel.html", name="funnel", title="Funnel")
    both = {**sidecar, **told, "identity": '["funnel", {}]'}
    (project.reports / "funnel.json").write_text(json.dumps(both), encoding="utf-8")
    (project.reports / "funnel.html").write_text("<html></html>", encoding="utf-8")
    rebuild(project.reports)
    page = (project.reports / "index.html").read_text(encoding="utf-8")
    stages = re.findall(r'<li style="--stop.*?</li>', page, re.DOTALL)
    assert '<a class="rate" href="funnel.html"><strong>56%</strong> go on, 56–57</a>' in stages[0]
    assert '<span class="goal">goal 60%</span>' in stages[0]
    assert "2 reports" in stages[0]
    assert "<strong>714</strong> customers came here" in stages[2]


def test_the_page_is_made_without_pandas(tmp_path: Path) -> None:
    """Half a second of every run: the process that makes pages does not import it."""
    import subprocess
    import sys

    sidecar = json.dumps(publish(tmp_path))
    code = (
        "import json, pathlib, sys\n"
        "from journey_lib.publish.stages import headlines\n"
        f"told = headlines(pathlib.Path({str(tmp_path)!r}), [json.loads({sidecar!r})], 'en')\n"
        "print(len(told), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["3", "False"]
