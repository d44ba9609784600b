"""Reads the files of a study with Spark, for a study that says runner = "spark"."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from journey_lib.errors import DataError, Problem
from journey_lib.study.engine.session import started_session
from journey_lib.study.engine.spark import Source, quiet, spark_log
from journey_lib.study.events.read import LINES, TABLES, ending
from journey_lib.study.events.report import EventReport
from journey_lib.study.patterns import pieces as parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession

    from journey_lib.study.engine.spark import SparkLog
    from journey_lib.study.events.build import Plan
    from journey_lib.study.events.prepare import Prepared
    from journey_lib.study.events.source import Piece, Ready
    from journey_lib.study.stacking import Stack

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
    frame = _read(session, pieces)
    found.files += [piece.shown for piece in pieces]
    told = EventReport(tuple(found.files), further=tuple(found.notes))
    first = pieces[0]
    check = partial(_checked, ready=first.ready)
    source = Source(check, dict(first.names), frozenset(("value", *first.part.numbers)))
    return spark_log(frame, source, plan, partitions, told)


def _checked(raw: pd.DataFrame, *, ready: Ready) -> Prepared:
    return ready(raw)


def _refused(pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yield what of a study Spark cannot do."""
    where = "sources.events, runner 'spark'"
    for piece in pieces:
        if ending(piece.path) not in (".parquet", *TABLES, *LINES):
            yield Problem(piece.shown, "is of a kind that Spark does not read here", _KINDS)
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


@quiet()
def _read(session: SparkSession, pieces: Sequence[Piece]) -> DataFrame:
    from pyspark.errors import PySparkException

    part, kind = pieces[0].part, ending(pieces[0].path)
    paths = [str(piece.path) for piece in pieces]
    try:
        if kind == ".parquet":
            return session.read.option("mergeSchema", "true").parquet(*paths)
        if kind in LINES:
            return session.read.json(paths)
        sep = part.delimiter or ("\t" if kind == ".tsv" else ",")
        text = session.read.option("header", "true").option("sep", sep).option("escape", '"')
        return text.option("multiLine", "true").option("encoding", part.encoding or "UTF-8").csv(paths)
    except PySparkException:
        given = "cannot be read by Spark: damaged, cut short, or columns of one name but several types"
        raise DataError(
            Problem(", ".join(p.shown for p in pieces[:3]), given, action="Export again")
        ) from None
