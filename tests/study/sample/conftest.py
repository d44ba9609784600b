"""Generated studies shared by the tests of the sample study."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journey_lib.study.sample import write


@dataclass(frozen=True)
class Written:
    """One generated study, read back without the loader."""

    folder: Path
    truth: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        path = self.folder / "raw" / f"{name}.parquet"
        if path.exists():
            return pd.read_parquet(path)
        if (self.folder / "raw" / name).is_dir():
            return pd.concat([pd.read_parquet(p) for p in sorted((self.folder / "raw" / name).iterdir())])
        return pd.read_csv(self.folder / "raw" / f"{name}.csv", keep_default_na=False)


def generated(folder: Path, size: str, seed: int = 20250101, variant: str = "") -> Written:
    write(folder, size, seed, variant=variant)
    return Written(folder, json.loads((folder / "truth.json").read_text("utf-8")))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return generated(tmp_path_factory.mktemp("demo"), "demo")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return generated(tmp_path_factory.mktemp("tiny"), "tiny")
