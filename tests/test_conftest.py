"""The rule that nothing skips in CI holds for tests, whole modules and doctests, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULE = Path(__file__).parents[1] / "conftest.py"
CASES = {
    "skips in the test": "import pytest\ndef test_it():\n    pytest.skip('no browser')\n",
    "skips by mark": "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_it(): pass\n",
    "skips its example": 'def f():\n    """>>> 1 # doctest: +SKIP"""\n',
    "skips the module": "import pytest\npytest.skip('no browser', allow_module_level=True)\n",
}


def closing_line(folder: Path, source: str, ci: str) -> str:
    (folder / "test_case.py").write_text(source, encoding="utf-8")
    (folder / "conftest.py").write_text(RULE.read_text("utf-8"), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    examples = ["--doctest-modules"] if ">>>" in source else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *examples, str(folder)],
        env={**os.environ, "CI": ci, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("source", CASES.values(), ids=CASES.keys())
def test_a_skip_is_a_failure_in_ci_only(tmp_path: Path, source: str) -> None:
    assert "1 skipped" in closing_line(tmp_path, source, ci="")
    strict = closing_line(tmp_path, source, ci="true")
    assert "skipped" not in strict
    assert "1 failed" in strict or "1 error" in strict


def test_an_expected_failure_stays_one(tmp_path: Path) -> None:
    source = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it(): assert False\n"
    assert "1 xfailed" in closing_line(tmp_path, source, ci="true")
