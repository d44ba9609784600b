"""The walkthroughs do what they say: their files are written, their commands run, their changes made."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import journey_lib as jl
from journey_lib import __main__ as command
from journey_lib.measures import stems
from journey_lib.publish.ledger import FOLDER, part

EVERY = sorted((Path(__file__).resolve().parent.parent / "docs" / "walkthroughs").glob("*.md"))
WALKS = [path for path in EVERY if not path.name.endswith(".ko.md")]
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def changed(text: str, diff: str) -> str:
    """Return a text with the lines marked - replaced by those marked +."""
    old, new = ("".join(f"{x[1:]}\n" for x in diff.splitlines() if x[0] == sign) for sign in "-+")
    assert text.count(old) == 1, f"stands {text.count(old)} times: {old}"
    return text.replace(old, new)


def said(line: str) -> str:
    """Run one command and return all it printed; `journey run` publishes numbers without a page."""
    program, *arguments = shlex.split(line)
    if program == "python":
        runpy.run_path(arguments[0])
        return ""
    if program == "cp":
        shutil.copy(*arguments)
        return ""
    assert program == "journey"
    if arguments[0] == "run":
        publish(*arguments[1:])
        return ""
    return CliRunner().invoke(command.app, arguments).output


def publish(stem: str, option: str = "--study", folder: str = "mine") -> None:
    """Put into the ledger what a report of this stem finds; other tests run notebooks."""
    assert (stem in stems(), option) == (True, "--study")
    if stem == "journey_map":
        study = jl.open_study(folder)
        result: Any = jl.journey_map(study, jl.read_ledger(study), jl.read_map(study))
    else:
        study, data = jl.load_study(folder)
        result = getattr(jl, stem)(study, data)
    about = {"id": study.id, "fingerprint": study.fingerprint}
    job = {"run_id": stem, "as_of": "2025-06-01", "study": about, "stem": stem,
           "params": "{}", "file": f"{stem}.html", "lang": "en", "published": "2025"}  # fmt: skip
    place = Path("reports") / study.id / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    rows = result.findings().astype(object)
    findings = rows.where(rows.notna(), None).to_dict("records")
    (place / f"{stem}.parquet").write_bytes(part({"findings": findings}, job))


def executed(source: str, names: dict[str, Any]) -> str:
    """Run lines of Python as a reader would type them one after another, and return what they print."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, names)  # noqa: S102 - our own text
    return printed.getvalue()


def walked(walk: Path) -> set[str]:
    """Do everything a walk says in the working directory, and return the kinds of steps there were."""
    study, output, kinds, names = Path("mine/study.toml"), "", set(), {"__name__": "walk"}
    for kind, name, body in BLOCK.findall(walk.read_text(encoding="utf-8")):
        kinds.add("file" if name else kind)
        if name:
            Path(name).write_text(body, encoding="utf-8")
        elif kind == "bash":
            output = "".join(said(line) for line in body.splitlines())
        elif kind == "python":
            output = executed(body, names)
        elif kind == "text":
            assert [line for line in body.splitlines() if line not in output] == [], output
        elif kind == "diff":
            study.write_text(changed(study.read_text("utf-8"), body), encoding="utf-8")
    return kinds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project to walk in."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: path.stem)
def test_a_walk_can_be_walked(walk: Path, folder: Path) -> None:
    assert walked(walk) >= {"file", "bash", "text", "diff"}


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: path.stem)
def test_a_walk_exists_in_korean_with_the_same_steps(walk: Path) -> None:
    korean = walk.with_suffix(".ko.md").read_text(encoding="utf-8")
    assert BLOCK.findall(korean) == BLOCK.findall(walk.read_text(encoding="utf-8"))
    prose = BLOCK.sub("", korean)
    lines = [line for line in prose.splitlines() if line.strip()]
    assert [line for line in lines if not re.search("[가-힣]", line)] == []
    headings = [
        re.findall("^#+", text, re.MULTILINE) for text in (prose, BLOCK.sub("", walk.read_text("utf-8")))
    ]
    assert headings[0] == headings[1]


def test_no_walk_is_in_korean_alone() -> None:
    assert {path.with_name(path.name.replace(".ko.md", ".md")) for path in EVERY} == set(WALKS)


def test_a_plan_written_after_looking_blocks_as_the_walk_says(folder: Path) -> None:
    walked(next(w for w in WALKS if "experiment" in w.stem))
    study = folder / "mine" / "study.toml"
    study.write_text(
        study.read_text("utf-8").replace("planned_n = 800", "planned_n = 2000"), encoding="utf-8"
    )
    page = jl.experiment(*jl.load_study(folder / "mine")).opening().inner
    assert "Blocked" in page
    assert "Ship:" not in page


def test_the_event_walk_ends_where_it_says(folder: Path) -> None:
    walked(next(w for w in WALKS if "event" in w.stem))
    study, data = jl.load_study(folder / "mine")
    found = jl.funnel(study, data).table
    reached = found[(found["metric"] == "reached") & (found["group"] == "")]
    assert dict(zip(reached["stage"], reached["estimate"], strict=True)) == {
        "looked": 3,
        "chose": 2,
        "bought": 1,
    }
