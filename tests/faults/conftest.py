"""A small study for every damage, and one way to judge what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journey_lib.__main__ import app
from journey_lib.errors import JourneyError
from journey_lib.study import load
from journey_lib.study.load import Data
from tests.faults import small
from tests.faults.judge import clear


@dataclass(frozen=True)
class Checked:
    """What `journey check` made of a study: its data, or the one message it ended with."""

    data: Data | None
    message: str


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> small.Small:
    return small.make(tmp_path_factory.mktemp("small"))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Checked]:
    """Run `journey check` in this process; whatever is no `JourneyError` comes through as it is."""
    met: list[Data | JourneyError] = []
    true = load.load_study

    def remembered(path: str | Path) -> object:
        try:
            study, data = true(path)
        except JourneyError as error:
            met.append(error)
            raise
        met.append(data)
        return study, data

    monkeypatch.setattr(load, "load_study", remembered)

    def check(folder: Path) -> Checked:
        done = CliRunner().invoke(app, ["check", str(folder)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        found = met.pop()
        assert met == []
        if not isinstance(found, JourneyError):
            assert done.exit_code == 0
            return Checked(found, "")
        assert done.exit_code not in (0, None)
        assert done.stdout == ""
        said = done.stderr.removeprefix("Reading ...\n").removesuffix("\n")
        assert said == str(found)
        clear(found, folder)
        return Checked(None, said)

    return check
