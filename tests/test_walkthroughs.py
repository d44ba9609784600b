"""The walkthroughs do what they say: their files are written, their commands run, their changes made."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import journey_lib as jl
from journey_lib import __main__ as command
from journey_lib.measures import stems

WALKS = sorted((Path(__file__).resolve().parent.parent / "docs" / "walkthroughs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def changed(text: str, diff: str) -> str:
    """Return a text with the lines marked - replaced by those marked +."""
    old, new = ("".join(f"{x[1:]}\n" for x in diff.splitlines() if x[0] == sign) for sign in "-+")
    assert text.count(old) == 1, f"stands {text.count(old)} times: {old}"
    return text.replace(old, new)


def said(line: str) -> str:
    """Run one command and return all it printed; `journey run` is only looked at, other tests publish."""
    program, *arguments = shlex.split(line)
    assert program == "journey"
    if arguments[0] == "run":
        assert arguments[1] in stems()
        return ""
    return CliRunner().invoke(command.app, arguments).output


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: path.stem)
def test_a_walk_can_be_walked(walk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study, output, steps = tmp_path / "mine" / "study.toml", "", []
    for kind, name, body in BLOCK.findall(walk.read_text(encoding="utf-8")):
        steps.append(kind)
        if kind == "csv":
            (tmp_path / name).write_text(body, encoding="utf-8")
        elif kind == "bash":
            output = "".join(said(line) for line in body.splitlines())
        elif kind == "text":
            assert [line for line in body.splitlines() if line not in output] == [], output
        elif kind == "diff":
            study.write_text(changed(study.read_text("utf-8"), body), encoding="utf-8")
    assert {"csv", "bash", "text", "diff"} == set(steps)


def test_the_event_walk_ends_where_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_a_walk_can_be_walked(next(w for w in WALKS if "event" in w.stem), tmp_path, monkeypatch)
    study, data = jl.load_study(tmp_path / "mine")
    found = jl.funnel(study, data).table
    reached = found[(found["metric"] == "reached") & (found["group"] == "")]
    assert dict(zip(reached["stage"], reached["estimate"], strict=True)) == {
        "looked": 3,
        "chose": 2,
        "bought": 1,
    }
