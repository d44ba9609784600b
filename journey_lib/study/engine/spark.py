"""A log on a Spark cluster: workers put whole customers in order and answer, the driver adds answers up."""

from __future__ import annotations

import pickle
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.study.engine.staged import FURTHER, Recipe, Seen, added, chunk, empty_log, staged
from journey_lib.study.events.base import Facts, Log, facts_of, labels_known
from journey_lib.study.events.identity import clash, code
from journey_lib.study.events.log import CORE, EventLog
from journey_lib.study.events.prepare import Prepared, prepare, renamed
from journey_lib.study.events.read import framed
from journey_lib.study.events.report import EventReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame, Row
    from pyspark.sql.types import StructType

    from journey_lib.study.events.build import Plan

P = TypeVar("P")
SHOWN = "the Spark frame"
_ENOUGH = 500_000  # rows a worker holds before it answers for them
_EVENTS = 1_000_000  # a partition


@dataclass(frozen=True, eq=False, repr=False)
class SparkLog(Log):
    """What happened, customer by customer, on a Spark cluster.

    Made by `EventLog.from_spark`. Every event measure gives the same numbers as in memory. `journey_lib` must
    be installed on the workers.

    Attributes
    ----------
    frame : DataFrame
        The events of each customer in one partition, in order.
    recipe : Recipe
        How its rows become a log.
    names, channels : tuple of str
        Event names and channels, sorted.
    time_zone : str
        Zone of calendar days and hours.
    report : EventReport
        What was met while reading.
    """

    frame: DataFrame
    recipe: Recipe
    names: tuple[str, ...]
    channels: tuple[str, ...]
    time_zone: str
    report: EventReport
    _empty: EventLog
    _labels: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self) -> list[str]:
        """Return the names of its columns."""
        fixed = [name for name in CORE if name != "channel" or self.channels]
        return [*fixed, *self.recipe.further]

    def numeric(self, name: str) -> bool:
        """Say whether a column holds numbers."""
        return self._empty.numeric(name)

    def labels(self, name: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column as text; one job, once."""
        if name not in self._labels:
            self._labels[name] = labels_known(self, name)
        return self._labels[name]

    def fold(self, measure: Callable[[EventLog], P], merge: Callable[[P, P], P]) -> P:
        """Return what `measure` says of the whole log: one answer of each partition, merged on the driver."""
        work = partial(_answers, recipe=self.recipe, measure=measure, merge=merge)
        with quiet():
            answers = self.frame.mapInArrow(work, "answer binary").collect()
        found = _merged(_unpacked(answers), merge)
        return measure(self._empty) if found is None else found

    def chunks(self) -> Iterator[EventLog]:
        """Yield the log in memory, some customers at a time, fetched from the cluster; at least once."""
        with quiet():
            found = self.frame.mapInArrow(partial(_logs, recipe=self.recipe), "log binary")
        logs = _unpacked(found.toLocalIterator(prefetchPartitions=True))
        some = False
        for log in logs:
            some = True
            yield log
        if not some:
            yield self._empty


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what pyspark thinks of pandas 3: nothing here goes through its pandas code."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pandas", category=FutureWarning)
        yield


@dataclass(frozen=True)
class Source:
    """What makes checked rows of raw ones.

    Attributes
    ----------
    check : callable
        Takes raw rows; it is sent to the workers.
    names : dict
        Canonical name = column.
    numbers : frozenset of str
        Columns that may be text but hold numbers.
    """

    check: Callable[[pd.DataFrame], Prepared]
    names: dict[str, str]
    numbers: frozenset[str] = frozenset(("value",))


def frame_log(frame: DataFrame, names: Mapping[str, str], plan: Plan, partitions: int) -> SparkLog:
    """Return the log of a Spark frame; see `EventLog.from_spark`.

    Parameters
    ----------
    frame : DataFrame
        One row per event.
    names : mapping
        Canonical name = column.
    plan : Plan
        Zone, tie rule, further pairs of ids.
    partitions : int
        Over how many customers are dealt; 0 follows from the number of events.
    """
    _refuse_columns(frame, names)
    check = partial(_checked, names=dict(names), time_zone=plan.time_zone)
    return spark_log(frame, Source(check, dict(names)), plan, partitions, EventReport())


@quiet()
def spark_log(frame: DataFrame, source: Source, plan: Plan, partitions: int, told: EventReport) -> SparkLog:
    """Return the log of raw rows that Spark holds.

    Parameters
    ----------
    frame : DataFrame
        One row per event.
    source : Source
        What makes checked rows of them.
    plan : Plan
        Zone, tie rule, further pairs of ids.
    partitions : int
        Over how many customers are dealt; 0 follows from the number of events.
    told : EventReport
        What is known of the rows before they are read.
    """
    plan = replace(plan, ordered=False)
    seen = _seen(frame, source.check, ", ".join(told.files) or SHOWN)
    recipe = seen.recipe(plan)
    checked = _staged(frame, source, seen).persist()  # read for pairs, clashes, counts and the order
    rows, counts = _stitched(checked, seen, plan)
    count = partitions or max(-(-seen.rows // _EVENTS), 2)
    by_seq = ["seq"] if "seq" in seen.columns else []
    ordered = rows.repartition(count, "person").sortWithinPartitions("person", "time", *by_seq).persist()
    empty = empty_log(_arrow_schema(ordered), recipe)
    told = replace(seen.report(plan, replace(told, rows_read=seen.rows + seen.outside)), **counts)
    made = SparkLog(ordered, recipe, recipe.names, recipe.channels, plan.time_zone, told, empty)
    known = made.fold(_known, _Known.merge)
    checked.unpersist()
    made = replace(made, report=added(told, known.report))
    made.__dict__["facts"] = known.facts  # the cached property, found in the same job
    return made


def _refuse_columns(frame: DataFrame, names: Mapping[str, str]) -> None:
    import pandas as pd

    if not hasattr(frame, "mapInArrow"):
        raise ParamError(Problem("frame", f"a {type(frame).__name__}", "a Spark DataFrame"))
    found = renamed(pd.DataFrame(columns=list(frame.columns)), names, SHOWN)
    if found.problems:
        raise DataError(found.problems)


def _checked(raw: pd.DataFrame, *, names: Mapping[str, str], time_zone: str) -> Prepared:
    return prepare(renamed(raw, names, SHOWN), time_zone, seq="seq" in names)


def _seen(frame: DataFrame, check: Callable[[pd.DataFrame], Prepared], shown: str) -> Seen:
    """Read all events once: names, channels, moments, and everything wrong with them."""
    surveyed = frame.mapInArrow(partial(_surveyed, check=check), "seen binary").collect()
    found = Seen()
    problems: dict[str, Problem] = {}
    for seen, wrong in _unpacked(surveyed):
        found.merge(seen)
        problems |= {str(problem): problem for problem in wrong}
    if not problems:
        problems = {str(problem): problem for problem in found.problems()}
    if not problems and not found.rows:
        problems[""] = Problem(shown, "holds no events", action="Put the export there again")
    if problems:
        raise DataError(list(problems.values()))
    return replace(found, names=_numbered(found.names), channels=_numbered(found.channels))


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(names))}


def _surveyed(
    batches: Iterator[pa.RecordBatch], check: Callable[[pd.DataFrame], Prepared]
) -> Iterator[pa.RecordBatch]:
    seen, wrong = Seen(), []
    for batch in batches:
        block = check(_frame(batch))
        seen.add(block)
        if block.problems and not +block.faults:
            wrong += block.problems
    yield _packed((seen, wrong))


def _frame(batch: pa.RecordBatch) -> pd.DataFrame:
    import pyarrow as pa

    return framed(pa.table(batch))


def _packed(answer: object) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(
        [pa.array([pickle.dumps(answer, protocol=5)], type=pa.binary())], ["answer"]
    )


def _unpacked(answers: Iterable[Row]) -> Iterator[Any]:
    return (pickle.loads(bytes(row[0])) for row in answers)  # noqa: S301 - our own workers wrote it


def _merged(answers: Iterable[P], merge: Callable[[P, P], P]) -> P | None:
    """Merge answers as a balanced tree: an answer meets another one made of as many partitions."""
    held: list[tuple[int, P]] = []
    for answer in answers:
        held.append((1, answer))
        while len(held) > 1 and held[-2][0] == held[-1][0]:
            (size, one), (_, other) = held[-2:]
            held[-2:] = [(2 * size, merge(one, other))]
    while len(held) > 1:
        held[-2:] = [(0, merge(held[-2][1], held[-1][1]))]
    return held[0][1] if held else None


def _staged(frame: DataFrame, source: Source, seen: Seen) -> DataFrame:
    """Return checked rows as they travel, of one schema whatever a batch holds."""
    from pyspark.sql import types as t

    core = {"customer_id": t.StringType(), "anonymous_id": t.StringType(), "event": t.IntegerType(),
            "channel": t.IntegerType(), "time": t.LongType(), "received_at": t.LongType()}  # fmt: skip
    optional = {"anonymous_id", "received_at"} - seen.columns
    optional |= set() if seen.channels else {"channel"}
    fields = [t.StructField(name, kind) for name, kind in core.items() if name not in optional]
    if "seq" in seen.columns:
        fields.append(t.StructField("seq", t.DoubleType()))
    given = {field.name: field.dataType for field in frame.schema}
    for name in seen.filled:
        kind = given.get(source.names.get(name, name), t.StringType())
        number = name in source.numbers and isinstance(kind, t.StringType)
        fields.append(t.StructField(FURTHER + name, t.DoubleType() if number else kind))
    schema = t.StructType(fields)
    return frame.mapInArrow(partial(_travelling, check=source.check, seen=seen, schema=schema), schema)


def _travelling(
    batches: Iterator[pa.RecordBatch],
    check: Callable[[pd.DataFrame], Prepared],
    seen: Seen,
    schema: StructType,
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_schema

    wanted = to_arrow_schema(schema, timezone="UTC")
    for batch in batches:
        if not batch.num_rows:
            continue
        table = staged(check(_frame(batch)), seen, 0)
        columns = [
            table[f.name].cast(f.type) if f.name in table.column_names else pa.nulls(len(table), f.type)
            for f in wanted
        ]
        yield from pa.table(columns, schema=wanted).combine_chunks().to_batches()


def _stitched(rows: DataFrame, seen: Seen, plan: Plan) -> tuple[DataFrame, dict[str, Any]]:
    """Join anonymous events to their customers, by the rule of `identity.stitch`."""
    from pyspark.sql import functions as f

    customer, anonymous = f.col("customer_id"), f.col("anonymous_id")
    if "anonymous_id" not in seen.columns:
        plain = rows.withColumns({"person": customer, "known": f.lit(True), "joined": f.lit(False)})  # noqa: FBT003
        return plain.drop("customer_id"), {}
    pairs = rows.where(customer.isNotNull() & anonymous.isNotNull()).select("anonymous_id", "customer_id")
    told = _pairs(plan)
    if told:
        pairs = pairs.union(
            rows.sparkSession.createDataFrame(told, "anonymous_id string, customer_id string")
        )
    owners = (
        pairs.distinct().groupBy("anonymous_id")
        .agg(f.count("*").alias("owners"), f.min("customer_id").alias("owner"))
        .withColumn("owner", f.when(f.col("owners") == 1, f.col("owner")))
    )  # fmt: skip
    named = rows.where(customer.isNotNull()).withColumns(
        {"owners": f.lit(None).cast("long"), "owner": customer}
    )
    nameless = rows.where(customer.isNull()).join(owners, "anonymous_id", "left").select(named.columns)
    whole = named.union(nameless).withColumns(
        {"person": f.coalesce("owner", "anonymous_id"), "known": f.col("owner").isNotNull(),
         "joined": customer.isNull() & f.col("owner").isNotNull()}
    )  # fmt: skip
    _refuse_clashes(whole)
    counts = _id_counts(whole)
    return whole.drop("customer_id", "anonymous_id", "owner", "owners"), counts


def _pairs(plan: Plan) -> list[tuple[str, str]]:
    if plan.id_map is None:
        return []
    columns = [code(plan.id_map[name]) for name in ("anonymous_id", "customer_id")]
    both = (columns[0].codes >= 0) & (columns[1].codes >= 0)
    texts = [c.labels.take(c.codes[both]).tolist() for c in columns]
    return list(zip(*texts, strict=True))


def _refuse_clashes(whole: DataFrame) -> None:
    from pyspark.sql import functions as f

    both = f.bool_or("known") & ~f.bool_and("known")
    twice = whole.groupBy("person").agg(both.alias("both")).where("both").count()
    if twice:
        raise DataError(clash(twice, f"{SHOWN}, column 'anonymous_id'"))


def _id_counts(whole: DataFrame) -> dict[str, int]:
    """Count anonymous ids that were joined, left as visitors, or belong to several customers."""
    from pyspark.sql import functions as f

    left, several = ~f.col("known"), f.col("owners").isNotNull()
    rules = {"joined_ids": f.col("joined"), "left_ids": left & ~several, "shared_ids": left & several}
    counts = [f.countDistinct(f.when(rule, f.col("anonymous_id"))).alias(n) for n, rule in rules.items()]
    row = whole.agg(*counts).first()
    return {} if row is None else row.asDict()


def _arrow_schema(frame: DataFrame) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(frame.schema, timezone="UTC")


def whole_customers(batches: Iterable[pa.Table], enough: int = _ENOUGH) -> Iterator[pa.Table]:
    """Yield rows sorted by person in tables of whole customers, though batches split them.

    Parameters
    ----------
    batches : iterable of Table
        With a column `person`.
    enough : int
        How many rows to gather before yielding.

    Examples
    --------
    >>> import pyarrow as pa
    >>> batches = [pa.table({"person": list(ids)}) for ids in ("aab", "bb", "bcc", "c")]
    >>> ["".join(table["person"].to_pylist()) for table in whole_customers(batches, enough=2)]
    ['aa', 'bbbb', 'ccc']
    """
    import pyarrow as pa

    held: list[pa.Table] = []
    for table in batches:
        if not table.num_rows:
            continue
        person = table["person"].combine_chunks()
        last = person[-1].as_py()
        start = int(np.argmax(np.asarray(pa.compute.equal(person, last))))
        if start == 0 and held and held[-1]["person"][-1].as_py() == last:
            held.append(table)  # one customer all along
            continue
        held.append(table.slice(0, start))
        if sum(part.num_rows for part in held) >= enough:
            yield pa.concat_tables(held)
            held = []
        held.append(table.slice(start))
    if held:
        yield pa.concat_tables(held)


def _logs_of(batches: Iterator[pa.RecordBatch], recipe: Recipe) -> Iterator[EventLog]:
    import pyarrow as pa

    return (chunk(table, recipe) for table in whole_customers(map(pa.table, batches)))


def _logs(batches: Iterator[pa.RecordBatch], recipe: Recipe) -> Iterator[pa.RecordBatch]:
    return (_packed(log) for log in _logs_of(batches, recipe))


def _answers(
    batches: Iterator[pa.RecordBatch],
    recipe: Recipe,
    measure: Callable[[EventLog], P],
    merge: Callable[[P, P], P],
) -> Iterator[pa.RecordBatch]:
    found = _merged(map(measure, _logs_of(batches, recipe)), merge)
    if found is not None:
        yield _packed(found)


@dataclass(frozen=True)
class _Known:
    """What each chunk tells of itself."""

    report: EventReport
    facts: Facts

    def merge(self, other: _Known) -> _Known:
        return _Known(added(self.report, other.report), self.facts + other.facts)


def _known(log: EventLog) -> _Known:
    return _Known(log.report, facts_of(log))
