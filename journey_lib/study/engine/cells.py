"""Sizes, means and covariances by cell, straight from a file of units that need not fit into memory."""

# ruff: noqa: S608 - statements are put together from quoted names and a bound path

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.stats.moments import Comoments, Moments
from journey_lib.study.engine.duck import workshop

if TYPE_CHECKING:
    import pandas as pd

MEMORY = 400_000_000  # bytes
_LOOKED_AT = 20_000  # rows from which the metrics are centred, so that squares of large numbers stay exact


@dataclass(frozen=True, eq=False)
class Cells:
    """What a file of units is by cell.

    Attributes
    ----------
    keys : DataFrame
        One row a cell: its segment, arm, day, or whatever was asked for.
    metrics : tuple of str
        In the order of the moments.
    moments : Moments
        Of shape (cells, metrics).
    pairs : mapping of (str, str) to Comoments
        Two metrics together, for ratios and covariates.
    """

    keys: pd.DataFrame
    metrics: tuple[str, ...]
    moments: Moments
    pairs: dict[tuple[str, str], Comoments]

    def totals(self, experiment: str) -> pd.DataFrame:
        """Return the cells as the source `totals` takes them: sums and sums of squares beside the units.

        Parameters
        ----------
        experiment : str
            Id of the experiment.
        """
        size, found = self.moments.n[:, 0], self.keys.copy()
        found.insert(0, "experiment", experiment)
        found["units"] = size
        for at, name in enumerate(self.metrics):
            total = size * self.moments.mean[:, at]
            found[name] = total
            found[f"{name}_squares"] = self.moments.squares[:, at] + total * self.moments.mean[:, at]
        return found


def cells_of(
    file: Path | str,
    keys: Sequence[str],
    metrics: Sequence[str],
    *,
    pairs: Sequence[tuple[str, str]] = (),
    memory: int = MEMORY,
) -> Cells:
    """Return sizes, means and variances of units by cell, read once from a Parquet file.

    Parameters
    ----------
    file : Path or str
        One row a unit; `*` matches several files.
    keys : sequence of str
        Columns that make a cell, such as segment, arm and day.
    metrics : sequence of str
        Number columns. Every unit needs every value: a unit without an event is 0 in the file.
    pairs : sequence of (str, str)
        Metrics whose covariance is wanted, such as numerator and denominator.
    memory : int
        Bytes to work in.

    Returns
    -------
    Cells

    Raises
    ------
    DataError
        A file that is not there, columns it does not have, missing values.

    Definition
    ----------
    Each metric is centred at its mean over the first rows; sums and sums of squares of what is left give
    moments that are exact to the last digits whatever the size of the numbers.
    """
    with tempfile.TemporaryDirectory() as folder, workshop(Path(folder), memory) as database:
        path = [str(file)]
        if not list(Path(file).parent.glob(Path(file).name)):
            raise DataError(Problem(str(file), "there is no such file", "a Parquet file with one row a unit"))
        known = [
            row[0] for row in database.execute("DESCRIBE SELECT * FROM read_parquet(?)", path).fetchall()
        ]
        _columns(known, [*keys, *metrics, *(name for pair in pairs for name in pair)])
        centre = _centre(database.execute(
            f"SELECT {', '.join(f'avg({_q(m)})' for m in metrics)} "
            f"FROM (SELECT * FROM read_parquet(?) LIMIT {_LOOKED_AT})", path,
        ).fetchone())  # fmt: skip
        found = database.execute(_statement(keys, metrics, pairs, centre), path).df()
    return _cells(found, keys, metrics, pairs, np.array(centre))


def _columns(known: Sequence[str], wanted: Sequence[str]) -> None:
    problems = [
        Problem("units", f"no column '{name}'", nearest=nearest(name, known))
        for name in dict.fromkeys(wanted)
        if name not in known
    ]
    if problems:
        raise DataError(problems)


def _centre(row: tuple[float | None, ...] | None) -> list[float]:
    return [float(value) if value is not None and np.isfinite(value) else 0.0 for value in row or ()]


def _statement(
    keys: Sequence[str], metrics: Sequence[str], pairs: Sequence[tuple[str, str]], centre: Sequence[float]
) -> str:
    less = {name: f"({_q(name)} - {value!r})" for name, value in zip(metrics, centre, strict=True)}
    sums = [f"count({_q(m)}), sum({less[m]}), sum({less[m]} * {less[m]})" for m in metrics]
    sums += [f"sum({less[one]} * {less[other]})" for one, other in pairs]
    names = ", ".join(_q(key) for key in keys)
    return (
        f"SELECT {names}, count(*), {', '.join(sums)} FROM read_parquet(?) GROUP BY {names} ORDER BY {names}"
    )


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cells(
    found: pd.DataFrame,
    keys: Sequence[str],
    metrics: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    centre: np.ndarray,
) -> Cells:
    table = found.iloc[:, len(keys) :].to_numpy(float)
    n, k = table[:, 0], len(metrics)
    known, first, second = (table[:, 1 + at : 1 + 3 * k : 3] for at in range(3))
    missing = {name: int((n - known[:, at]).sum()) for at, name in enumerate(metrics)}
    problems = [
        Problem(f"units, column '{name}'", f"{gone:,} values are missing", "a value for every unit",
                action="Write 0 for a unit without an event, or leave it out of every arm")
        for name, gone in missing.items()
        if gone
    ]  # fmt: skip
    if problems:
        raise DataError(problems)
    size = n[:, None]
    mean, about = first / size, second - first * first / size
    var = np.divide(about, size - 1, out=np.full_like(about, np.nan), where=size > 1)
    moments = Moments(np.repeat(size, k, axis=1), centre + mean, np.maximum(var, 0.0))
    place = {name: at for at, name in enumerate(metrics)}
    both = {
        (one, other): _pair(moments, place[one], place[other], table[:, 1 + 3 * k + at] / n
                            - mean[:, place[one]] * mean[:, place[other]])
        for at, (one, other) in enumerate(pairs)
    }  # fmt: skip
    return Cells(found[list(keys)], tuple(metrics), moments, both)


def _pair(moments: Moments, one: int, other: int, product: np.ndarray) -> Comoments:
    n = moments.n[:, one]
    both = np.divide(product * n, n - 1, out=np.full_like(n, np.nan), where=n > 1)
    cov = np.stack([
        np.stack([moments.var[:, one], both], axis=-1), np.stack([both, moments.var[:, other]], axis=-1),
    ], axis=-2)  # fmt: skip
    return Comoments(n, np.stack([moments.mean[:, one], moments.mean[:, other]], axis=-1), cov)
