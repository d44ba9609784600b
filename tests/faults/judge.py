"""What a message must and must not say, and when two loads are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.errors import JourneyError
from journey_lib.study.load import Data
from tests.faults.small import PLANTED, PLANTED_NUMBER

HIDDEN = (PLANTED.lower(), PLANTED_NUMBER.split(".")[0], "traceback", "errno")
LONGEST = 1500  # signs of one problem


def clear(error: JourneyError, folder: Path) -> None:
    """Assert that an error names where, what, and what would be right, and gives nobody away."""
    text = str(error)
    for word in HIDDEN:
        assert word not in text.lower(), text
    assert str(folder.parent) not in text, text
    assert error.items, text
    for problem in error.items:
        assert problem.where.strip(), text
        assert problem.given.strip(), text
        assert problem.allowed or problem.action or problem.nearest, f"nothing to do: {text}"
        assert len(str(problem)) < LONGEST, text
        assert "\n" not in str(problem), text
        assert str(problem).isprintable(), text
    assert len(set(error.items)) == len(error.items), text


def same(found: Data, wanted: Data, table: str) -> None:
    """Assert that a table holds the same rows under the same names, whatever their order."""
    if table == "events":
        found_frame, wanted_frame = found.events.frame(), wanted.events.frame()
    else:
        found_frame, wanted_frame = getattr(found, table), getattr(wanted, table)
    pd.testing.assert_frame_equal(ordered(found_frame), ordered(wanted_frame[list(found_frame.columns)]))
    assert set(found_frame.columns) == set(wanted_frame.columns)
    if table in ("responses", "margins"):
        names = ["respondent_id", "wave"]
        for one, two in zip(weights(found, names), weights(wanted, names), strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-9)
        assert counts(found) == counts(wanted)


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by all their cells."""
    order = frame.astype("str").sort_values(sorted(frame.columns)).index
    return frame.loc[order].reset_index(drop=True)


def weights(data: Data, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    order = data.responses.sort_values(names).index.to_numpy()
    return data.weights.values[order], data.weights.start[order]


def counts(data: Data) -> list[tuple]:
    return sorted(map(tuple, data.report.missing.to_numpy().tolist()))
