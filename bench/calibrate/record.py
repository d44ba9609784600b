"""One measured number with its Monte Carlo interval and its bar, and the CSV file that holds them all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np

from journey_lib.stats.intervals import wilson

LEVEL = 0.95
Kind = Literal["rate", "average"]
Unit = Literal["share", "number"]


@dataclass(frozen=True)
class Line:
    """One number of one claim.

    Attributes
    ----------
    claim : str
        Name of the claim.
    setting, what : str
        Under which conditions, and what was counted.
    kind : {"rate", "average"}
        Hits over trials, or an average over surveys or seeds.
    unit : {"share", "number"}
        How the value is written.
    trials : int
        Surveys, comparisons or seeds.
    value, low, high : float
        The number and its 95 % Monte Carlo interval: Wilson's for a rate, normal for a mean.
    bar_low, bar_high : float
        Where the number has to lie; NaN for no bar at all.
    """

    claim: str
    setting: str
    what: str
    kind: Kind
    unit: Unit
    trials: int
    value: float
    low: float
    high: float
    bar_low: float = np.nan
    bar_high: float = np.nan

    @property
    def verdict(self) -> str:
        """ "held" inside the bar, "open" when only the interval reaches it, "missed" otherwise."""
        if np.isnan(self.bar_low):
            return "no bar"
        if self.bar_low <= self.value <= self.bar_high:
            return "held"
        return "open" if self.low <= self.bar_high and self.high >= self.bar_low else "missed"


@dataclass(frozen=True)
class Run:
    """When and how one claim was measured."""

    claim: str
    date: str
    version: str
    size: str
    seeds: int
    seconds: float


Bar = tuple[float, float]
NO_BAR: Bar = (np.nan, np.nan)


def rate(claim: str, setting: str, what: str, hits: Sequence[bool] | np.ndarray, bar: Bar = NO_BAR) -> Line:
    """Count hits."""
    found = np.asarray(hits, bool)
    n, share = found.size, float(found.mean())
    low, high = (float(end[0]) for end in wilson(np.array([share]), np.array([float(n)]), LEVEL))
    return Line(claim, setting, what, "rate", "share", n, share, low, high, *bar)


def average(
    claim: str,
    setting: str,
    what: str,
    values: Sequence[float] | np.ndarray,
    bar: Bar = NO_BAR,
    *,
    unit: Unit = "number",
) -> Line:
    """Average over seeds."""
    found = np.asarray(values, float)
    middle = float(found.mean())
    half = 1.96 * float(found.std(ddof=1)) / found.size**0.5
    return Line(claim, setting, what, "average", unit, found.size, middle, middle - half, middle + half, *bar)


_RUN = [f.name for f in fields(Run)]
_LINE = [f.name for f in fields(Line)]
_COLUMNS = _LINE + [name for name in _RUN if name != "claim"]
_NUMBERS = ("value", "low", "high", "bar_low", "bar_high")


def read(path: Path) -> tuple[list[Line], dict[str, Run]]:
    """Read what was measured before; nothing where there is no file."""
    if not path.exists():
        return [], {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [Line(**{n: _parsed(n, row[n]) for n in _LINE}) for row in rows]
    runs = {row["claim"]: Run(**{n: _parsed(n, row[n]) for n in _RUN}) for row in rows}
    return lines, runs


def write(path: Path, lines: Iterable[Line], runs: dict[str, Run]) -> None:
    """Write everything measured, six significant digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for line in lines:
            row = asdict(runs[line.claim]) | asdict(line)
            writer.writerow({n: _shown(row[n]) for n in _COLUMNS})


def _parsed(name: str, cell: str) -> object:
    if name in _NUMBERS or name == "seconds":
        return float(cell) if cell else np.nan
    return int(cell) if name in ("trials", "seeds") else cell


def _shown(value: object) -> object:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return value
