"""How much memory a log may take, whether it fits, and into how many partitions it goes otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.study.events.read import ending
from journey_lib.study.sizes import amount, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SMALLEST = 100_000_000
EVENT = 100  # bytes an event takes while it is put in order, beside the text of its row
_TEXT = 4  # bytes in memory for a byte of a text file, read and in order
_PACKED = 8  # the same of one that is compressed


def budget_of(memory: str) -> int:
    """Return a memory budget in bytes; "" is half of what the machine has free.

    Parameters
    ----------
    memory : str
        Such as "2 GB": what reading and measuring a log may take beside the program itself.

    Raises
    ------
    ParamError
        When it is no amount, or too small to read anything.
    """
    if not memory:
        import psutil

        return max(int(psutil.virtual_memory().available // 2), SMALLEST)
    given = amount(memory, "memory")
    if given < SMALLEST:
        raise ParamError(Problem("memory", f"'{memory}' is too little", f"{spoken(SMALLEST)} or more"))
    return given


def fits(paths: Iterable[Path], memory: str) -> bool:
    """Say whether a log of these files is expected to fit into a budget, whole."""
    return sum(map(_expected, paths)) <= budget_of(memory)


def _expected(path: Path) -> int:
    """Return how many bytes a file is expected to need in memory."""
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    if ending(path) == ".parquet":
        return _expected_parquet(path)
    return size * (_PACKED if path.suffix.lower() in (".gz", ".duckdb", ".xlsx", ".sav") else _TEXT)


def _expected_parquet(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):
        return 0  # reading it says what is wrong
    text = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    return int(about.num_rows * EVENT + 2 * text)
