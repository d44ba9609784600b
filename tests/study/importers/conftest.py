"""Exports as the tools write them, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from journey_lib import __main__ as command
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study


@dataclass(frozen=True)
class Drafted:
    """A study folder that `journey init --from` wrote, and what the command said."""

    folder: Path
    said: str

    @property
    def text(self) -> str:
        return (self.folder / "study.toml").read_text(encoding="utf-8")

    def load(self) -> tuple[Study, Data]:
        return load_study(self.folder)

    def check(self) -> Result:
        return run("check", self.folder)

    def corrected(self, old: str, new: str) -> None:
        """Do what a person does: change a line of the draft."""
        assert old in self.text
        (self.folder / "study.toml").write_text(self.text.replace(old, new), encoding="utf-8")

    def block(self, name: str) -> str:
        """Return the lines of one question."""
        return re.search(rf'\[\[questions\]\]\nid = "{name}"\n(.*?)(\n\n|\Z)', self.text, re.DOTALL)[1]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command.app, [str(a) for a in arguments])


@pytest.fixture
def init(tmp_path: Path) -> Callable[..., Drafted]:
    """Draft a study from a file with this name and content; further arguments go to the command."""

    def draft(name: str, content: str | bytes | None, *arguments: object) -> Drafted:
        export, folder = tmp_path / name, tmp_path / "mine"
        if content is not None:
            export.write_bytes(content.encode() if isinstance(content, str) else content)
        done = run("init", folder, "--from", export, *arguments)
        assert done.exit_code == 0, done.output
        return Drafted(folder, done.stdout)

    return draft


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Return the one message about a file that cannot be drafted from; nothing may be left behind."""

    def refuse(name: str, content: str | bytes | None, *arguments: object) -> str:
        export = tmp_path / name
        if content is not None:
            export.write_bytes(content.encode() if isinstance(content, str) else content)
        before = sorted(p.name for p in tmp_path.iterdir())
        done = run("init", tmp_path / "mine", "--from", export, *arguments)
        assert done.exit_code in (1, 2), done.output
        assert isinstance(done.exception, SystemExit)
        assert sorted(p.name for p in tmp_path.iterdir()) == before
        return done.stderr.split(" ...\n", 1)[1]

    return refuse
