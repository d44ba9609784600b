"""Writes a generated study to a folder: everything first into a folder beside it, then moved at once."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.sample import design

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

DEFAULT_SEED: Final = 20_250_101


@dataclass(frozen=True)
class SampleReport:
    """What was written.

    Attributes
    ----------
    folder : Path
        The study's folder.
    size, variant : str
        As asked for.
    seed : int
        As asked for.
    rows : dict
        Table → rows.
    seconds : float
        How long it took.
    """

    folder: Path
    size: str
    variant: str
    seed: int
    rows: dict[str, int]
    seconds: float


def write(
    folder: Path | str, size: str = "demo", seed: int = DEFAULT_SEED, *, variant: str = ""
) -> SampleReport:
    """Generate the sample study into a folder.

    Writes `study.toml`, `truth.json` and the tables under `raw/`. Other files of the folder, such as saved
    segments, are left alone. Nothing changes in the folder before everything has been generated.

    Parameters
    ----------
    folder : Path or str
        Where the study shall lie; made if missing.
    size : str
        "tiny" (1,000 customers), "demo" (20,000), "large" (50,000) or "huge" (5,000,000).
    seed : int
        The same seed and version give the same bytes.
    variant : str
        "" for the study itself, or one of the switches: null, survey_bias, aa, ratio_mismatch, three_arms,
        heavy_tails, novelty, clustered, daily_looks, double_assigned.

    Returns
    -------
    SampleReport
        Rows of each table and the time it took.

    Raises
    ------
    ParamError
        Unknown size or variant, or a seed below zero.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(folder, "tiny", 1)
    ...     sorted(p.name for p in Path(folder).iterdir())
    ['raw', 'study.toml', 'truth.json']
    """
    from journey_lib.study.sample.assemble import assemble

    _check(size, seed, variant)
    begun = time.perf_counter()
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".sample-", dir=target))
    try:
        rows = assemble(staging, size, seed, design.VARIANTS[variant])
        _move(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return SampleReport(target, size, variant, seed, rows, time.perf_counter() - begun)


def _check(size: str, seed: int, variant: str) -> None:
    problems = []
    for name, given, known in (("size", size, design.SIZES), ("variant", variant, design.VARIANTS)):
        if given not in known:
            allowed = ", ".join(repr(k) for k in known)
            problems.append(Problem(name, f"unknown {name} '{given}'", allowed, nearest(given, known)))
    if seed < 0:
        problems.append(Problem("seed", f"{seed}", "a whole number from 0"))
    if problems:
        raise ParamError(problems)


def _move(staging: Path, target: Path) -> None:
    """Swap the new files in; the old `raw` folder is set aside first, so that a rename can replace it."""
    for item in sorted(p for p in staging.iterdir() if p.name != "old"):
        place = target / item.name
        if item.is_dir() and place.exists():
            (staging / "old").mkdir(exist_ok=True)
            place.replace(staging / "old" / item.name)
        os.replace(item, place)  # noqa: PTH105 - the atomic replacement is the point


class ParquetTable:
    """A Parquet file written block by block, so that memory holds one block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: pq.ParquetWriter | None = None

    def append(self, columns: Mapping[str, object] | pa.Table) -> None:
        """Write one block; the first one settles the types."""
        import pyarrow.parquet as pq

        block = arrow(columns)
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, block.schema, compression="zstd")
        self._writer.write_table(block.cast(self._writer.schema))
        self.rows += block.num_rows

    def close(self) -> int:
        """Finish the file and return its rows."""
        if self._writer is not None:
            self._writer.close()
        return self.rows


class CsvTable:
    """A CSV file written block by block; quotes stand only where the text needs them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: csv.CSVWriter | None = None
        self._schema: pa.Schema | None = None

    def append(self, columns: Mapping[str, object]) -> None:
        """Write one block; the first one settles the types."""
        from pyarrow import csv

        block = arrow(columns)
        if self._writer is None:
            options = csv.WriteOptions(quoting_style="needed")
            self._schema = block.schema
            self._writer = csv.CSVWriter(self.path, block.schema, write_options=options)
        self._writer.write_table(block.cast(self._schema))
        self.rows += block.num_rows

    def close(self) -> int:
        """Finish the file and return its rows."""
        if self._writer is not None:
            self._writer.close()
        return self.rows


def arrow(columns: Mapping[str, object] | pa.Table) -> pa.Table:
    """Return columns as an Arrow table without any mention of the library that made them.

    NaN in a column of numbers becomes an empty cell, and whole numbers stay whole.
    """
    import pyarrow as pa

    if isinstance(columns, pa.Table):
        return columns
    return pa.table({name: _column(values) for name, values in columns.items()})


def _column(values: object) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if not isinstance(values, np.ndarray):
        return values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values)
    if values.dtype.kind != "f":
        return pa.array(values)
    found = np.isfinite(values)
    if np.all(values[found] == np.floor(values[found])):
        return pa.array(np.where(found, values, 0).astype(np.int64), mask=~found)
    return pa.array(values, from_pandas=True)


def write_csv(path: Path, names: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    """Write a small table as CSV and return its rows."""
    import csv

    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(list(names))
        for row in rows:
            writer.writerow([f"{cell:.10g}" if isinstance(cell, float) else cell for cell in row])
            count += 1
    return count


def blocks(customers: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, first customer and size of each block.

    Examples
    --------
    >>> [size for _, _, size in blocks(120_000)]
    [50000, 50000, 20000]
    """
    for part, first in enumerate(range(0, customers, design.BLOCK)):
        yield part, first, min(design.BLOCK, customers - first)
