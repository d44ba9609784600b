"""The notebook as a researcher meets it: opened in JupyterLab, run from top to bottom, no error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser import jupyterlab


@pytest.mark.slow
def test_the_survey_notebook_runs_in_jupyterlab(project: Path, tmp_path: Path, browser) -> None:
    folder = shutil.copytree(project, tmp_path / "project")  # the server may save what it runs
    with jupyterlab.server(folder, tmp_path / "private") as address:
        ran = jupyterlab.run_all(browser, address, "notebooks/survey.ipynb", tmp_path)
    assert ran.errors == []
    assert ran.complete
