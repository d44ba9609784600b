"""Lays a log out on disk that outgrows memory: read in blocks, dealt by customer, put in order by chunks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.study.engine import duck
from journey_lib.study.engine.budget import EVENT
from journey_lib.study.engine.dealing import MOST, deal, dealt
from journey_lib.study.engine.staged import Seen, added, chunk, staged
from journey_lib.study.engine.stored import ChunkFolder, StoredLog, Workfolder
from journey_lib.study.events.base import facts_of
from journey_lib.study.events.blocks import read_blocks
from journey_lib.study.events.identity import code
from journey_lib.study.events.read import framed
from journey_lib.study.events.report import EventReport
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

    from journey_lib.study.events.build import Plan
    from journey_lib.study.events.source import Piece
    from journey_lib.study.stacking import Stack

_DOUBLINGS = 4
_HELD, _FEW = 0.08, 10_000  # of the budget, for rows on their way into partitions; and how many at least


def stored(
    pieces: Sequence[Piece], plan: Plan, found: Stack, memory: int, *, partitions: int = 0
) -> StoredLog:
    """Read files into a log on disk whose chunks of customers fit into a budget.

    Parameters
    ----------
    pieces : sequence of Piece
        The files in the order in which their rows count.
    plan : Plan
        Zone, tie rule, window, further pairs of ids.
    found : Stack
        What was met before; problems, files and counts are added.
    memory : int
        Bytes that reading and measuring may take beside the program itself.
    partitions : int
        Into how many chunks customers are dealt; 0 follows from the budget.

    Raises
    ------
    DataError
        Everything wrong with the files; or the budget or the disk does not suffice. Nothing is left behind.
    """
    import pyarrow as pa

    work = Workfolder()
    try:
        seen, width = _staged(pieces, found, work.path)
        _refuse(seen, found, plan)
        pa.default_memory_pool().release_unused()
        with duck.workshop(work.path, memory) as database:
            stitched = duck.Stitching(database, work.path / "staged", "anonymous_id" in seen.columns)
            counts: dict[str, Any] = stitched.joined(_pairs(plan))
            _dealt(stitched, work.path, partitions or _wanted(seen.rows, width, memory), memory, width)
        return _ordered(work, seen, plan, replace(_told(found), **counts))
    except OSError as error:
        work.remove()
        given = f"cannot be written ({error.strerror or 'damaged'})"
        action = "Make room, or point TMPDIR to a larger disk"
        raise DataError(Problem("temporary files of the log", given, action=action)) from None
    except BaseException:
        work.remove()
        raise


def _told(found: Stack) -> EventReport:
    return EventReport(tuple(found.files), found.rows_read, further=tuple(found.notes))


def _staged(pieces: Sequence[Piece], found: Stack, folder: Path) -> tuple[Seen, float]:
    """Read all files once; return what they hold, and how many bytes the text of a row takes."""
    seen, writer, size = Seen(), _Writer(folder / "staged"), 0
    for piece in pieces:
        at, broken = 0, False
        try:
            for table in read_blocks(piece.path, piece.part, piece.shown):
                raw = framed(table)
                raw.index = pd.RangeIndex(at, at + len(raw))  # patterns may ask for the number of a row
                at, first = at + len(raw), seen.rows
                block = piece.ready(raw)
                seen.add(block)
                if block.problems and not +block.faults:
                    found.problems += block.problems
                    break
                broken = broken or bool(block.problems)
                if len(block) and not broken:
                    size += writer.write(staged(block, seen, first))
        except DataError as error:
            found.problems += error.items
            continue
        found.files.append(piece.shown)
        found.rows_read += at
    writer.close()
    return seen, size / max(seen.rows, 1)


class _Writer:
    """Writes staged rows to Parquet files, one for each set of columns and types met."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.open: dict[pa.Schema, pq.ParquetWriter] = {}

    def write(self, table: pa.Table) -> int:
        """Append rows and return how many bytes they take."""
        import pyarrow.parquet as pq

        if table.schema not in self.open:
            path = self.folder / f"{len(self.open)}.parquet"
            self.open[table.schema] = pq.ParquetWriter(path, table.schema, compression="lz4")
        self.open[table.schema].write_table(table)
        return int(table.nbytes)

    def close(self) -> None:
        """Finish all files."""
        for writer in self.open.values():
            writer.close()


def _refuse(seen: Seen, found: Stack, plan: Plan | None) -> None:
    """Raise everything that is wrong with the files."""
    problems = [*found.problems, *seen.problems()]
    if not problems and not seen.rows:
        problems = [Problem("events", "holds no events", action="Put the export there again")]
    if problems or plan is None:
        raise DataError(problems)


def _pairs(plan: Plan) -> pd.DataFrame | None:
    """Return the declared pairs of ids as text; None when there are none."""
    if plan.id_map is None:
        return None
    coded = {name: code(plan.id_map[name]) for name in ("anonymous_id", "customer_id")}
    text = {name: pd.Series([*c.labels, None], dtype="str").to_numpy()[c.codes] for name, c in coded.items()}
    return pd.DataFrame(text, dtype="str").dropna()


def _wanted(rows: int, width: float, memory: int) -> int:
    return int(np.ceil(rows * _need(width) / memory)) + 1


def _need(width: float) -> float:
    """Return how many bytes an event takes while its chunk is put in order."""
    return EVENT + 2 * width


def _dealt(stitched: duck.Stitching, folder: Path, count: int, memory: int, width: float) -> None:
    """Deal customers into partitions until each fits; one customer who does not is said."""
    room = memory / _need(width)
    if count > MOST:
        raise duck.out_of_budget(memory, memory * count / MOST, f"it would go into {count:,} partitions")
    for count in (count * 2**i for i in range(_DOUBLINGS)):
        largest, customer = stitched.largest(count)
        if customer > room:
            need = customer * _need(width)
            raise duck.out_of_budget(memory, need, f"one customer has {counted(customer, 'event')}")
        if largest <= room:
            break
    deal(stitched.rows(count), folder / "dealt", max(int(memory * _HELD / max(width, 1)), _FEW))


def _ordered(work: Workfolder, seen: Seen, plan: Plan, told: EventReport) -> StoredLog:
    """Put each partition in order and keep it as a chunk of the log."""
    import pyarrow as pa

    recipe = seen.recipe(plan)
    report, facts, chunks = seen.report(plan, told), [], []
    duck.remove(work.path / "staged")
    for number, table in enumerate(dealt(work.path / "dealt")):
        log = chunk(table, recipe)
        del table
        report = added(report, log.report)
        facts.append(facts_of(log))
        chunks.append(ChunkFolder.write(work.path / f"chunk-{number}", log))
        del log
        pa.default_memory_pool().release_unused()
    whole = facts[0]
    for more in facts[1:]:
        whole = whole + more
    return StoredLog(
        work, tuple(chunks), recipe.names, recipe.channels, plan.time_zone, report, recipe.further, whole
    )
