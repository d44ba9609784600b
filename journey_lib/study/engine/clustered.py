"""Reads the files of a study with Spark, for a study that says runner = "spark"."""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from journey_lib.errors import DataError, Problem, RunError
from journey_lib.study.engine.session import started_session
from journey_lib.study.engine.spark import Source, quiet, spark_log
from journey_lib.study.events.read import LINES, TABLES, ending
from journey_lib.study.events.report import EventReport
from journey_lib.study.patterns import pieces as parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from pyspark.sql import DataFrame, Row, SparkSession

    from journey_lib.study.engine.spark import SparkLog
    from journey_lib.study.events.build import Plan
    from journey_lib.study.events.prepare import Prepared
    from journey_lib.study.events.source import Piece, Ready
    from journey_lib.study.stacking import Stack

_DAMAGE = (
    "FAILED_READ_FILE", "MALFORMED", "CORRUPT_RECORD", "CANNOT_MERGE_SCHEMAS", "UNABLE_TO_INFER_SCHEMA",
    "header does not conform",
)  # fmt: skip
_UTF_8 = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}
_KINDS = "Parquet, CSV, TSV and JSON lines, plain or .gz"


def clustered(pieces: Sequence[Piece], plan: Plan, found: Stack, *, partitions: int = 0) -> SparkLog:
    """Read files into a log on Spark: on the session that runs, or on one started on this machine.

    Parameters
    ----------
    pieces : sequence of Piece
        Files of one part of a study.
    plan : Plan
        Zone, tie rule, window, further pairs of ids.
    found : Stack
        What was met before; files are added.
    partitions : int
        Over how many customers are dealt; 0 follows from the number of events.

    Raises
    ------
    DataError
        Everything wrong with the files; kinds of files, or several parts, that Spark does not take.
    RunError
        When pyspark or Java is missing.
    """
    problems = [*found.problems, *_refused(pieces)]
    if problems:
        raise DataError(problems)
    session = started_session()
    found.files += [piece.shown for piece in pieces]
    told = EventReport(tuple(found.files), further=tuple(found.notes))
    first = pieces[0]
    check = partial(_checked, ready=first.ready)
    source = Source(check, dict(first.names), frozenset(("value", *first.part.numbers)))
    with _damage_said(pieces):
        _refuse_text(session, pieces)
        return spark_log(_read(session, pieces), source, plan, partitions, told)


def _checked(raw: pd.DataFrame, *, ready: Ready) -> Prepared:
    return ready(raw)


def _refused(pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yield what of a study Spark cannot do."""
    where = "sources.events, runner 'spark'"
    for piece in pieces:
        if ending(piece.path) not in (".parquet", *TABLES, *LINES):
            yield Problem(piece.shown, "is of a kind that Spark does not read here", _KINDS)
        elif ending(piece.path) != ".parquet" and not _charset(piece):
            given, action = f"is in {piece.part.encoding}", "Write the files in UTF-8, or as Parquet"
            yield Problem(piece.shown, given, "UTF-8 when Spark reads it", action=action)
    if len({id(piece.part) for piece in pieces}) > 1:
        yield Problem(where, "several parts", "one part; a pattern such as *.parquet names several files")
    if len({ending(piece.path) for piece in pieces}) > 1:
        yield Problem(where, "files of several kinds", "one kind")
    patterns = [*pieces[0].part.constant.values()] if pieces else []
    if any(name in ("row", "file") for pattern in patterns for _, name, _ in parts_of(pattern)):
        action = "Write the ids into the files"
        yield Problem(
            where, "ids made of row numbers or file names, which Spark does not keep", action=action
        )


def _charset(piece: Piece) -> str:
    """Return what Spark calls the encoding of a text file, "" where it cannot read it."""
    name = codecs.lookup(piece.part.encoding or "utf-8").name
    return "ISO-8859-1" if name == "iso8859-1" and ending(piece.path) in TABLES else _UTF_8.get(name, "")


@contextmanager
def _damage_said(pieces: Sequence[Piece]) -> Iterator[None]:
    """Turn what Spark raises on damaged files, pages long, into one sentence."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        said = str(error)
        if not any(word in said for word in _DAMAGE):
            given = f"stopped ({said.splitlines()[0][:200]})"
            raise RunError(Problem("Spark", given, action="Look into its log, or give it memory")) from error
        named = [piece.shown for piece in pieces if piece.path.name in said]
        shown = ", ".join((named or [piece.shown for piece in pieces])[:3])
        given = "cannot be read by Spark: damaged, cut short, or columns that differ between files"
        raise DataError(Problem(shown, given, action="Export again")) from None


@quiet()
def _refuse_text(session: SparkSession, pieces: Sequence[Piece]) -> None:
    """Refuse text that Spark would read without a word: in another encoding, or with an open quotation."""
    from pyspark.sql import functions as f

    if ending(pieces[0].path) == ".parquet":
        return
    line = f.col("value")
    lines = session.read.text([str(piece.path) for piece in pieces])
    found = lines.groupBy(f.input_file_name().alias("file")).agg(
        f.sum(f.length(line) - f.length(f.replace(line, f.lit('"'), f.lit("")))).alias("quotes"),
        f.bool_and(f.is_valid_utf8(line)).alias("readable"),
    )
    problems = [problem for row in found.collect() for problem in _text_problems(row, pieces)]
    if problems:
        raise DataError(problems)


def _text_problems(row: Row, pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yield what the counts of one file say against it."""
    piece = next((piece for piece in pieces if row["file"].endswith(piece.path.name)), pieces[0])
    if _charset(piece) == "UTF-8" and not row["readable"]:
        yield Problem(piece.shown, "is not UTF-8", action="Set the encoding of the file on this source")
    elif ending(piece.path) in TABLES and row["quotes"] % 2:
        given = "is damaged: a quotation mark is never closed"
        yield Problem(piece.shown, given, action="Export the file again")


@quiet()
def _read(session: SparkSession, pieces: Sequence[Piece]) -> DataFrame:
    part, kind = pieces[0].part, ending(pieces[0].path)
    paths = [str(piece.path) for piece in pieces]
    if kind == ".parquet":
        return session.read.option("mergeSchema", "true").parquet(*paths)
    strict = session.read.option("mode", "FAILFAST")  # else a line that is cut becomes empty cells
    if kind in LINES:
        return strict.json(paths)
    sep = part.delimiter or ("\t" if kind == ".tsv" else ",")
    text = strict.option("header", "true").option("enforceSchema", "false").option("sep", sep)
    text = text.option("escape", '"').option("multiLine", "true").option("encoding", _charset(pieces[0]))
    return text.csv(paths)
