"""One report each: the segments that a word of the command line stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import JourneyError, ParamError, Problem, nearest
from journey_lib.publish.places import find_study

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

SAVED = "segment"


@dataclass(frozen=True)
class Each:
    """What one word of the command line stands for.

    Attributes
    ----------
    segments : tuple of str
        Segments as a run takes them.
    small : tuple of str
        Segments left out, because their pages would be hidden from top to bottom.
    min_cell : int
        Fewer people than this are too few.
    """

    segments: tuple[str, ...]
    small: tuple[str, ...]
    min_cell: int

    def told(self) -> str:
        """Say which segments were left out; "" when none was."""
        if not self.small:
            return ""
        return f"Left out, fewer than {self.min_cell} inside: {', '.join(self.small)}."


def segments_of(study: str | Path, each: str) -> Each:
    """Return a segment for every value of a column, or every saved one.

    Parameters
    ----------
    study : str or Path
        The study.
    each : str
        "segment" for the saved ones, else a column of responses or customers, such as "region" or "wave".
        Segments with fewer people than the study's `min_cell` are left out: their pages would be masked.

    Raises
    ------
    ParamError
        If there is no such column, nothing large enough in it, or a saved rule that names what is gone: all
        of them at once.
    """
    from journey_lib.study.load import load_study

    definition, data = load_study(find_study(study))
    sizes = _saved(definition, data) if each == SAVED else _values(data, each)
    least = definition.thresholds.min_cell
    found = Each(
        tuple(name for name, n in sizes.items() if n >= least),
        tuple(name for name, n in sizes.items() if n < least),
        least,
    )
    if not found.segments:
        action = "Save one with `journey segments save`" if each == SAVED and not sizes else ""
        given = f"'{each}' stands for no segment that is large enough to report"
        raise ParamError(Problem("each", given, action=action))
    return found


def _saved(study: Study, data: Data) -> dict[str, int]:
    """Return how many are inside each saved segment today."""
    from journey_lib.study.segments import saved_segments

    store, sizes = saved_segments(study, data), {}
    problems: list[Problem] = []
    for one in store.all():
        try:
            sizes[one.name] = store.segment(one.id).n
        except JourneyError as error:
            problems += [
                Problem(f"segment '{one.name}'", p.given, p.allowed, p.nearest, p.action) for p in error.items
            ]
    if problems:
        raise ParamError(problems)
    return sizes


def _values(data: Data, column: str) -> dict[str, int]:
    """Return how many answers, or customers, hold each value of a column."""
    from journey_lib.study.segments import as_words

    if data.responses is None and data.customers is not None:
        known = [str(name) for name in data.customers]
        values = data.customers.get(column)
    else:
        known = data.columns()
        values = data.column(column) if column in known else None
    if values is None:
        given = f"no column '{column}' in responses or customers"
        raise ParamError(Problem("each", given, nearest=nearest(column, [SAVED, *known])))
    sizes = as_words(values).value_counts()
    return {f"{column}={value}": int(n) for value, n in sorted(sizes.items(), key=lambda pair: str(pair[0]))}
