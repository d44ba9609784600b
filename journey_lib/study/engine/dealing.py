"""Deals rows into partitions on disk with a bounded number of them in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

PART = "part"
MOST = 900  # partitions: each keeps a file open while rows are dealt


def deal(batches: Iterable[pa.RecordBatch], folder: Path, room: int) -> None:
    """Write rows into one file for each value of their column `part`.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Of one schema.
    folder : Path
        Is made; holds `0.parquet`, `1.parquet` … afterwards, without the column `part`.
    room : int
        How many rows to hold before they are written.
    """
    import pyarrow as pa

    folder.mkdir()
    writers: dict[int, pq.ParquetWriter] = {}
    held: list[pa.Table] = []
    try:
        for batch in batches:
            held.append(pa.table(batch))
            if sum(table.num_rows for table in held) >= room:
                _write(pa.concat_tables(held), folder, writers)
                held = []
        if held:
            _write(pa.concat_tables(held), folder, writers)
    finally:
        for writer in writers.values():
            writer.close()


def _write(rows: pa.Table, folder: Path, writers: dict[int, pq.ParquetWriter]) -> None:
    import pyarrow.parquet as pq

    part = np.asarray(rows[PART].combine_chunks())
    order = np.argsort(part, kind="stable")
    found, starts = np.unique(part[order], return_index=True)
    sorted_rows = rows.drop_columns([PART]).take(order)
    for number, start, stop in zip(found.tolist(), starts, [*starts[1:], len(part)], strict=True):
        if number not in writers:
            path = folder / f"{number}.parquet"
            writers[number] = pq.ParquetWriter(path, sorted_rows.schema, compression="lz4")
        writers[number].write_table(sorted_rows.slice(start, stop - start))


def dealt(folder: Path) -> Iterator[pa.Table]:
    """Yield the rows of each partition, and give its room on the disk back."""
    import pyarrow.parquet as pq

    for path in sorted(folder.iterdir()):
        table = pq.read_table(path)
        path.unlink()
        yield table
