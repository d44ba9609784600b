"""The one module that knows DuckDB: opens its files, takes JSON arrays apart, joins ids, hashes customers."""

# ruff: noqa: S608 - statements are put together from our own names, quoted tables and quoted paths

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.study.events.identity import clash
from journey_lib.study.sizes import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

_ROWS = 50_000
_Config = dict[str, str | bool | int | float | list[str]]
_QUIET: _Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


@contextmanager
def workshop(folder: Path, memory: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that works in a folder and within a budget, and close it.

    Parameters
    ----------
    folder : Path
        Where it may put what does not fit into memory.
    memory : int
        Bytes.

    Raises
    ------
    DataError
        When the budget or the disk runs out.
    """
    import duckdb

    own = memory // 2  # its limit does not count everything it takes
    threads = max(1, min(os.cpu_count() or 1, own // 128_000_000))
    limits: _Config = {
        "memory_limit": f"{own}B",
        "temp_directory": str(folder / "duckdb"),
        "threads": threads,
    }
    with duckdb.connect(config={**_QUIET, **limits, "preserve_insertion_order": False}) as database:
        try:
            yield database
        except duckdb.OutOfMemoryException:
            raise out_of_budget(memory) from None
        except duckdb.IOException as error:
            given = "the disk is full" if "space" in str(error) else "the folder cannot be written"
            action = "Make room, or point TMPDIR to a larger disk"
            raise DataError(Problem("temporary files of the log", given, action=action)) from None


def out_of_budget(memory: int, needed: float = 0, why: str = "") -> DataError:
    """Say that a log does not fit into its memory budget, even in chunks."""
    more = f": {why}" if why else ""
    allowed = f"about {spoken(needed)}" if needed else ""
    given = f"{spoken(memory)} are too little for this log{more}"
    return DataError(Problem("memory", given, allowed, action="Raise memory on [sources.events]"))


@contextmanager
def table_batches(path: Path, table: str, shown: str, rows: int = _ROWS) -> Iterator[pa.RecordBatchReader]:
    """Open a table of a DuckDB file as a stream of batches in the order of its rows.

    Parameters
    ----------
    path : Path
        The file; it is opened for reading only.
    table : str
        Table or view; "" where the file has one only.
    shown : str
        What messages call the file.
    rows : int
        How many rows a batch has at most.

    Raises
    ------
    DataError
        When the file is damaged, in use, or has no such table.
    """
    import duckdb

    if not path.exists():
        raise FileNotFoundError
    try:
        database = duckdb.connect(str(path), read_only=True, config=_QUIET)
    except duckdb.Error as error:
        busy = "lock" in str(error)
        given = "is in use by another program" if busy else "is damaged or no DuckDB file"
        action = "Close that program first" if busy else "Copy the file again"
        raise DataError(Problem(shown, given, action=action)) from None
    with database:
        name = _table(database, table, shown)
        try:
            yield database.sql(f"SELECT * FROM {name}").to_arrow_reader(rows)
        except duckdb.Error:
            raise DataError(Problem(shown, "is damaged or cut short", action="Copy the file again")) from None


def _table(database: duckdb.DuckDBPyConnection, wanted: str, shown: str) -> str:
    """Return the quoted name of a table; one that is not there is said with the nearest that is."""
    listed = database.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    known = {name if schema == "main" else f"{schema}.{name}": (schema, name) for schema, name in listed}
    if not wanted and len(known) != 1:
        given = "holds several tables" if known else "holds no table"
        raise DataError(Problem(shown, given, ", ".join(known), action='Say which one: table = "events"'))
    if wanted and wanted not in known:
        given = f"has no table '{wanted}'"
        raise DataError(Problem(shown, given, ", ".join(known), nearest(wanted, known)))
    return ".".join(map(_quoted, known[wanted or next(iter(known))]))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def array_objects(path: Path, shown: str, rows: int = _ROWS) -> Iterator[pa.RecordBatchReader]:
    """Open a file that is one JSON array as a stream of its objects, each as text.

    Parameters
    ----------
    path : Path
        Plain or .gz.
    shown : str
        What messages call the file.
    rows : int
        How many objects a batch has at most.

    Raises
    ------
    DataError
        When the array is cut or damaged.
    """
    import duckdb

    given = "is a JSON array that is cut or damaged, or is not UTF-8"
    with duckdb.connect(config={**_QUIET, "threads": 1}) as database:
        read = "SELECT translate(json::VARCHAR, chr(10) || chr(13), '  ') AS json FROM read_json_objects("
        read += "?, format = 'array', maximum_object_size = 67108864)"
        try:
            yield database.sql(read, params=[str(path)]).to_arrow_reader(rows)
        except (duckdb.Error, OSError):
            raise DataError(Problem(shown, given, action="Export the file again")) from None


class Stitching:
    """Staged rows, with the customer each of them belongs to, dealt into partitions.

    Definition
    ----------
    As `identity.stitch` in memory: an anonymous id that stands beside exactly one customer, in an event or in
    a declared pair, belongs to that customer; other events without a customer are visitors of their own.
    """

    def __init__(self, database: duckdb.DuckDBPyConnection, staged: Path, anonymous: bool) -> None:  # noqa: FBT001
        self.database, self.anonymous = database, anonymous
        self.source = f"read_parquet('{_text(staged / '*.parquet')}', union_by_name = true)"

    def joined(self, pairs: pd.DataFrame | None) -> dict[str, int]:
        """Find the owner of each anonymous id; return how many were joined, left and shared.

        Raises
        ------
        DataError
            When an anonymous id is also the id of a customer.
        """
        if not self.anonymous:
            self.database.execute(
                f"CREATE VIEW rows AS SELECT * EXCLUDE (customer_id), customer_id AS person, "
                f"true AS known, false AS joined FROM {self.source}"
            )
            return {}
        self._owners(pairs)
        self.database.execute(
            f"CREATE VIEW rows AS SELECT s.* EXCLUDE (customer_id, anonymous_id), "
            f"coalesce(s.customer_id, o.owner, s.anonymous_id) AS person, "
            f"coalesce(s.customer_id, o.owner) IS NOT NULL AS known, "
            f"s.customer_id IS NULL AND o.owner IS NOT NULL AS joined, s.anonymous_id "
            f"FROM {self.source} s LEFT JOIN owners o ON s.anonymous_id = o.anonymous_id"
        )
        self._refuse_clashes()
        counts = self.database.execute(
            "SELECT count(DISTINCT r.anonymous_id) FILTER (r.joined), "
            "count(DISTINCT r.anonymous_id) FILTER (NOT r.known AND o.anonymous_id IS NULL), "
            "count(DISTINCT r.anonymous_id) FILTER (NOT r.known AND o.anonymous_id IS NOT NULL) "
            "FROM rows r LEFT JOIN owners o ON r.anonymous_id = o.anonymous_id"
        ).fetchall()[0]
        return dict(zip(("joined_ids", "left_ids", "shared_ids"), counts, strict=True))

    def _owners(self, pairs: pd.DataFrame | None) -> None:
        both = f"SELECT anonymous_id, customer_id FROM {self.source} WHERE anonymous_id IS NOT NULL"
        told = ""
        if pairs is not None:
            self.database.register("pairs", pairs)
            told = " UNION SELECT anonymous_id, customer_id FROM pairs"
        self.database.execute(
            f"CREATE TABLE owners AS SELECT anonymous_id, "
            f"CASE WHEN count(*) = 1 THEN min(customer_id) END AS owner FROM "
            f"(SELECT DISTINCT anonymous_id, customer_id FROM ({both}{told}) WHERE customer_id IS NOT NULL) "
            f"GROUP BY anonymous_id"
        )

    def _refuse_clashes(self) -> None:
        found = self.database.execute(
            "SELECT count(*) FROM (SELECT person FROM rows GROUP BY person HAVING bool_or(known) AND NOT "
            "bool_and(known))"
        ).fetchall()[0]
        if found[0]:
            raise DataError(clash(found[0], "events, column 'anonymous_id'"))

    def largest(self, count: int) -> tuple[int, int]:
        """Return how many events the largest of `count` partitions has, and the largest customer."""
        found = self.database.execute(
            f"SELECT coalesce(max(events), 0), coalesce(max(most), 0) FROM (SELECT sum(events) AS events, "
            f"max(events) AS most FROM (SELECT person, count(*) AS events FROM rows GROUP BY person) "
            f"GROUP BY hash(person) % {count:d})"
        ).fetchall()[0]
        return int(found[0]), int(found[1])

    def rows(self, count: int) -> pa.RecordBatchReader:
        """Return all rows as a stream, with the partition of each row's customer in the column `part`."""
        columns = "* EXCLUDE (anonymous_id)" if self.anonymous else "*"
        return self.database.sql(
            f"SELECT {columns}, (hash(person) % {count:d})::INTEGER AS part FROM rows"
        ).to_arrow_reader(_ROWS)


def _text(path: Path) -> str:
    return str(path).replace("'", "''")


def remove(path: Path) -> None:
    """Give room back on the disk as soon as something is done with."""
    shutil.rmtree(path, ignore_errors=True)
