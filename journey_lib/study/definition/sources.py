"""Where the raw tables of a study lie and how their columns are called.

Each source is one table, or a list of tables (`[[sources.responses]]`) that are read one after the other
and stacked. One such part has the keys

- `file`: path inside the study's folder; `*` and `?` match several files, read in the order of their names;
- `columns`: canonical name, question id or any further name = column in the file. A `multi` or `ranking`
  option is written `"question.option"`. A column that is not named keeps its own name;
- `keep`: further columns to keep; left out, all are kept, and `[]` keeps none;
- `where`: column in the file = list of values; only those rows are kept;
- `constant`: canonical name = value for every row, e.g. `{ wave = "2017" }`. `{COLUMN}` inside the value is
  replaced by the row's value, `{COLUMN:02}` pads it with zeros, `{row}` is the number of the row in its file
  and `{file}` the file's name without its ending;
- `id`: the same pattern for the respondent's id, e.g. `"{year}-{row}"`;
- `not_asked`: questions this part does not hold at all;
- `numbers`, `dates`: further columns to read as numbers or dates; all others stay text;
- `duplicates`: "error" (default) or "keep_first" for rows that share their id (and wave); a log of events has
  its own, see `EventsPart`;
- `date_format`: e.g. "%d.%m.%Y"; left out, dates are ISO (2025-01-31);
- `encoding` (default UTF-8), `delimiter` (default comma; tab for .tsv), `sheet` (default the first).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from journey_lib.study.definition.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator


class SourcePart(Part):
    """One file (or one pattern of files) of a source; the module's text explains each key."""

    file: str
    columns: dict[str, str] = Field(default_factory=dict)
    keep: tuple[str, ...] | None = None
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    constant: dict[str, str] = Field(default_factory=dict)
    id: str = ""
    not_asked: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    duplicates: Literal["error", "keep_first"] = "error"
    date_format: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class EventsPart(SourcePart):
    """A part of the event log.

    `ties` says what orders events of one moment: the order in the files, numbers in the column `seq`, or the
    list `priority` of event names. `time_zone` is that of times without an offset (default: the study's).
    `duplicates` drops or keeps rows equal in every column. `id_map` is a file of further pairs of
    `anonymous_id` and `customer_id`. `table` is the table of a DuckDB file. `runner` says where the log is
    kept: in "memory", on disk in chunks of customers ("chunked"), or on the Spark session that runs, else on
    one started on this machine ("spark"); "auto" takes memory while the log is expected to fit into `memory`,
    such as "2 GB" (default: half of what the machine has free), and disk otherwise. The numbers are the same.
    All parts of a log share ties, priority, duplicates, id_map, runner and memory.
    """

    duplicates: Literal["drop", "keep"] = "drop"  # type: ignore[assignment]  # a log repeats rows, not ids
    id_map: str = ""
    ties: Literal["file_order", "seq", "priority"] = "file_order"
    priority: tuple[str, ...] = ()
    time_zone: str = ""
    table: str = ""
    runner: Literal["auto", "memory", "chunked", "spark"] = "auto"
    memory: str = ""


class FeedbackPart(SourcePart):
    """A part of the feedback table: `kinds` lists what may stand in its column `kind`."""

    kinds: tuple[str, ...] = ()


class Sources(Part):
    """The raw tables of the study by name; an absent one is an empty tuple.

    Examples
    --------
    >>> sources = Sources.model_validate({"responses": {"file": "raw/answers.csv"}})
    >>> "responses" in sources, "events" in sources, sources["responses"][0].file
    (True, False, 'raw/answers.csv')
    """

    customers: tuple[SourcePart, ...] = ()
    responses: tuple[SourcePart, ...] = ()
    events: tuple[EventsPart, ...] = ()
    feedback: tuple[FeedbackPart, ...] = ()
    assignments: tuple[SourcePart, ...] = ()
    totals: tuple[SourcePart, ...] = ()
    orders: tuple[SourcePart, ...] = ()
    costs: tuple[SourcePart, ...] = ()
    actions: tuple[SourcePart, ...] = ()
    margins: tuple[SourcePart, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _always_a_list(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: [part] if isinstance(part, dict) else part for name, part in given.items()}

    def __getitem__(self, name: str) -> tuple[SourcePart, ...]:
        parts: tuple[SourcePart, ...] = getattr(self, name)
        return parts

    def __contains__(self, name: str) -> bool:
        return bool(getattr(self, name, ()))

    def names(self) -> Iterator[str]:
        """Yield the names of the sources this study declares, in a fixed order."""
        return (name for name in type(self).model_fields if name in self)
