"""Puts a drafted study into its folder: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import Problem, StudyError
from journey_lib.study.definition import read_study

if TYPE_CHECKING:
    import pyarrow as pa

    from journey_lib.study.importers.draft import Draft


def check_free(folder: Path) -> None:
    """Raise when something lies where the study is to be; nothing is ever overwritten."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(Problem(str(folder), "is not empty", action="Name a folder that does not exist yet"))


def write_draft(draft: Draft, folder: Path) -> None:
    """Write a drafted study.

    Parameters
    ----------
    draft : Draft
        Study file and raw files.
    folder : Path
        It must be empty or not exist yet. All is written beside it first and moved there at the end.

    Raises
    ------
    StudyError
        Something lies there already, or the folder cannot be written.
    """
    check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".journey-", dir=folder.parent) as staging:
            study = Path(staging) / "study"
            _fill(study, draft)
            read_study(study)  # a draft that is no study file is a fault of ours and must not be left behind
            if folder.exists():
                folder.rmdir()
            study.rename(folder)
    except OSError as error:
        given = f"cannot be written ({error.strerror or 'the disk refused'})"
        raise StudyError(Problem(str(folder), given, action="Name a folder you may write to")) from None


def _fill(study: Path, draft: Draft) -> None:
    for name, content in draft.files.items():
        file = study / name
        file.parent.mkdir(parents=True, exist_ok=True)
        _put(content, file)
    (study / "study.toml").write_text(draft.study, encoding="utf-8")


def _put(content: pa.Table | pd.DataFrame | Path, file: Path) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, file)
    elif isinstance(content, pd.DataFrame):
        content.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    else:
        import pyarrow.parquet as pq

        pq.write_table(content, file, compression="zstd")
