"""What a study's files hold once they are read: canonical tables, weights, and the story of the loading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from journey_lib.errors import AbsentError, ParamError, Problem, nearest
from journey_lib.present.wording import Message, Quantity, message, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_lib.stats.weights import Weights
    from journey_lib.study.events.base import Log
    from journey_lib.study.segments import Segment


T = TypeVar("T")


@dataclass(frozen=True)
class TableReport:
    """How many rows of one table were read and kept, and why others were dropped.

    A reason of `dropped` is a sentence of the catalogue, so that it can be said in any language.
    """

    table: str
    files: tuple[str, ...] = ()
    rows_read: int = 0
    rows_kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[Message | str, ...] = ()


@dataclass(frozen=True, eq=False)
class LoadReport:
    """What happened while the study was loaded.

    Attributes
    ----------
    tables : tuple of TableReport
        One for each source, in a fixed order.
    missing : DataFrame
        `question`, `reason`, `n`: how often each question has no answer, and why.
    """

    tables: tuple[TableReport, ...] = ()
    missing: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["question", "reason", "n"]))

    @property
    def table(self) -> pd.DataFrame:
        """Rows by source and reason of dropping: `table files rows_read rows_kept reason dropped`."""
        rows = [
            (t.table, ", ".join(t.files), t.rows_read, t.rows_kept, reason, dropped)
            for t in self.tables
            for reason, dropped in (t.dropped or {"": 0}).items()
        ]
        return pd.DataFrame(rows, columns=["table", "files", "rows_read", "rows_kept", "reason", "dropped"])

    def lines(self) -> list[str]:
        """Say the same in plain sentences."""
        return [str(line) for line in self.told()]

    def told(self) -> list[Message]:
        """Say the same in sentences of every language."""
        return [line for table in self.tables for line in _sentences(table)]


def _sentences(table: TableReport) -> list[Message]:
    rows: list[Message | str] = [_kept(table)]
    for reason, n in table.dropped.items():
        if n:
            words = plural("{n} row dropped, {reason}", "{n} rows dropped, {reason}",
                           n=Quantity(n), reason=Message(reason))  # fmt: skip
            rows.append(words)
    return [message("{table}: {note}", table=table.table, note=note) for note in (*rows, *table.notes)]


def _kept(table: TableReport) -> Message:
    kept = plural(
        "{kept} of {n} row kept", "{kept} of {n} rows kept",
        kept=Quantity(table.rows_kept), n=Quantity(table.rows_read),
    )  # fmt: skip
    return message("{rows} ({files})", rows=kept, files=", ".join(table.files)) if table.files else kept


def _lacking(table: str, by: str) -> AbsentError:
    given = f"needs the table '{table}', which this study does not have"
    return AbsentError(Problem(by, given, action=f"Add [sources.{table}] to study.toml"))


_EVERY = (
    "responses", "customers", "assignments", "totals", "orders", "feedback", "costs", "actions", "margins",
    "events",
)  # fmt: skip
_OF = {
    **{name: (name,) for name in _EVERY},
    "missing": ("responses",),
    "weights": ("responses", "margins"),
    "report": _EVERY,
    "segment": (),  # what its rule asks for was read while it was loaded
}


@dataclass(frozen=True, eq=False)
class Data:
    """The canonical tables of a study; an absent source is None.

    Attributes
    ----------
    responses : DataFrame or None
        One row per respondent and wave: the fixed columns, further columns under their own names, and one
        column per question id. Scaled questions, numbers and rankings are floats; `single` questions hold
        their code as text; `text` questions text; `multi` and `ranking` have one float column per option,
        named "question.option" (1 ticked, 0 not ticked).
    missing : DataFrame or None
        Aligned with `responses`: for each question id why the value is missing, "" where there is one.
    weights : Weights or None
        Final and starting weights of the rows of `responses`.
    totals : DataFrame or None
        Counts of an experiment by arm and day, where nothing is known of single customers.
    events : Log or None
        The event log in its settled order: an `EventLog` in memory, or one that does not fit into it.
    report : LoadReport
        Rows read, dropped and why; missing codes found.
    segment : Segment or None
        Which rows this analysis speaks about. Rows outside are never dropped: a segment is a domain.
    read : set of str
        The tables somebody has asked this value for: no other file can have changed what came of it.
    made : dict
        What `once` remembers, for these data and for every segment of them.
    """

    responses: pd.DataFrame | None = None
    missing: pd.DataFrame | None = None
    weights: Weights | None = None
    customers: pd.DataFrame | None = None
    assignments: pd.DataFrame | None = None
    totals: pd.DataFrame | None = None
    orders: pd.DataFrame | None = None
    feedback: pd.DataFrame | None = None
    costs: pd.DataFrame | None = None
    actions: pd.DataFrame | None = None
    margins: pd.DataFrame | None = None
    events: Log | None = None
    report: LoadReport = field(default_factory=LoadReport)
    segment: Segment | None = None
    read: set[str] = field(default_factory=set, repr=False)
    made: dict[str, tuple[tuple[object, ...], Any]] = field(default_factory=dict, repr=False)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        """Return an attribute, and remember which tables it comes from."""
        value = object.__getattribute__(self, name)
        if name in _OF and "read" in object.__getattribute__(self, "__dict__"):
            object.__getattribute__(self, "read").update(_OF[name])
        return value

    def unread(self) -> Data:
        """Return the same data, of which nobody has read anything yet."""
        self.read.clear()
        return self

    def once(self, name: str, of: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return what was made of these very objects before, or make it; whoever is selected later shares it.

        Examples
        --------
        >>> data, answers = Data(), object()
        >>> [data.once("n", (answers,), lambda n=n: n) for n in (1, 2)]
        [1, 1]
        >>> data.once("n", (object(),), lambda: 3)
        3
        """
        known = self.made.get(name)
        if known is None or any(a is not b for a, b in zip(known[0], of, strict=True)):
            known = self.made[name] = of, make()
        found: T = known[1]
        return found

    def sources(self) -> tuple[Message, ...]:
        """Return what the load report says of the tables read so far."""
        report: LoadReport = object.__getattribute__(self, "report")
        return tuple(
            line for table in report.tables if table.table in self.read for line in _sentences(table)
        )

    def require(self, table: str, by: str) -> pd.DataFrame:
        """Return a table, or say which source the study lacks for the analysis named `by`."""
        frame: pd.DataFrame | None = getattr(self, table)
        if frame is None:
            raise _lacking(table, by)
        return frame

    def require_events(self, by: str) -> Log:
        """Return the event log, or say that the study lacks it for the analysis named `by`."""
        if self.events is None:
            raise _lacking("events", by)
        return self.events

    def column(self, name: str) -> pd.Series:
        """Return a column for the rows of `responses`, from there or from `customers` by customer_id.

        Raises
        ------
        ParamError
            When neither table has it, with the nearest name.
        """
        responses = self.require("responses", by=f"column '{name}'")
        if name in responses:
            return responses[name]
        if self.customers is not None and name in self.customers and "customer_id" in responses:
            known = self.customers.set_index("customer_id")[name]
            return responses["customer_id"].map(known).rename(name)
        names = self.columns()
        raise ParamError(
            Problem("column", f"no column '{name}' in responses or customers", nearest=nearest(name, names))
        )

    def columns(self) -> list[str]:
        """Return the names `column` knows."""
        own = [] if self.responses is None else list(self.responses.columns)
        joined = [] if self.customers is None or "customer_id" not in own else list(self.customers.columns)
        return list(dict.fromkeys([*own, *joined]))

    def mask(self) -> np.ndarray:
        """Return which rows of `responses` are inside the segment; all of them when there is none."""
        rows = len(self.require("responses", by="segment"))
        return np.ones(rows, dtype=bool) if self.segment is None else self.segment.rows.copy()


def waves(data: Data) -> list[str]:
    """List the waves of the survey, by their first date where all have one, else in the file's order.

    Examples
    --------
    >>> frame = pd.DataFrame({"respondent_id": ["1", "2"], "wave": ["2017", "2016"]})
    >>> waves(Data(responses=frame))
    ['2017', '2016']
    """
    responses = data.responses
    if responses is None or "wave" not in responses:
        return []
    known = responses[responses["wave"] != ""]
    names = [str(name) for name in known["wave"].unique()]
    if "date" in known and known["date"].notna().any():
        first = known.groupby("wave", sort=False)["date"].min()
        if first.notna().all():
            return [str(name) for name in first.sort_values(kind="stable").index]
    return names
