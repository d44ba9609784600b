"""What readers call the columns of the raw tables, and the values that stand in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.parts import Part, Text

if TYPE_CHECKING:
    from journey_lib.study.definition.study import Study

CHANNEL = "channel"  # of events, feedback and costs; touchpoints name one too
EVENT = "event"  # of the log; stages and touchpoints name some
OWNER = "owner"  # of touchpoints and opportunities; no table has it


class Column(Part):
    """The names of a column and of its values, such as region, plan or channel; questions carry their own.

    `values` names values as they stand in the file, `values_of` borrows those of another column. A column
    without an entry goes by its id with spaces for underscores, a value without one by its own text.
    """

    id: str
    label: Text = Text()
    values: dict[str, Text] = Field(default_factory=dict)
    values_of: str = ""


def column_problems(study: Study, questions: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the names of columns, before any table is read.

    Parameters
    ----------
    study : Study
        The study as written.
    questions : collection of str
        Ids of all questions of the file, also of broken ones.
    """
    holders = [column.id for column in study.columns if not column.values_of]
    for name, times in Counter(column.id for column in study.columns).items():
        if times > 1:
            yield Problem("[[columns]]", f"id '{name}' stands twice", action="Each may stand once")
    for column in study.columns:
        where = f"[[columns]] '{column.id}'"
        if column.id in questions:
            action = "Write label and labels there, and remove this entry"
            yield Problem(where, f"[[questions]] '{column.id}' carries these names", action=action)
        if not (column.label or column.values or column.values_of):
            yield Problem(where, "names nothing", "label, values or values_of", action="Add one of them")
        if column.values and column.values_of:
            yield Problem(where, "has both values and values_of", action="Keep one of them")
        known = [name for name in dict.fromkeys([*holders, CHANNEL]) if name != column.id]
        if column.values_of and column.values_of not in known:
            given = f"no column '{column.values_of}' with names of its own"
            near = nearest(column.values_of, known)
            yield Problem(f"{where}, key 'values_of'", given, ", ".join(known), near)


def unmet(study: Study, known: Collection[str]) -> Iterator[Problem]:
    """Yield the named columns that no table of the study has.

    Parameters
    ----------
    study : Study
        Names columns.
    known : collection of str
        Columns of all tables, and those that are derived.
    """
    for column in study.columns:
        if column.id not in {*known, CHANNEL, EVENT, OWNER}:
            near = nearest(column.id, known)
            action = "Correct the id, or remove the entry"
            yield Problem(f"[[columns]] '{column.id}'", "no table has this column", "", near, action)
