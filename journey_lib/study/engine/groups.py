"""Which columns an event measure can be split by, and into how many groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from journey_lib.errors import ParamError, Problem

if TYPE_CHECKING:
    from journey_lib.study.engine.observed import Observed

MOST_GROUPS: Final = 30


def too_many(by: str, values: int, *, action: str = "") -> list[Problem]:
    """Return the problem of a column with more values than a report can show, or none.

    Parameters
    ----------
    by : str
        The column.
    values : int
        How many it has.
    action : str
        What to do instead.

    Examples
    --------
    >>> [str(problem) for problem in too_many("town", 31)], too_many("town", 30)
    (["by: 'town' has 31 values. Allowed: at most 30."], [])
    """
    if values <= MOST_GROUPS:
        return []
    return [Problem("by", f"'{by}' has {values:,} values", f"at most {MOST_GROUPS}", action=action)]


def group_names(observed: Observed, by: str, problems: list[Problem]) -> tuple[str, ...]:
    """Return the values of a column that splits a report; why it cannot is added to the problems.

    Parameters
    ----------
    observed : Observed
        Whose events count.
    by : str
        An attribute of the customers, or a text column of the events; "" for none.
    problems : list of Problem
        Is added to.
    """
    if not by:
        return ()
    try:
        numeric = observed.numeric(by)
    except ParamError as error:
        problems.extend(error.items)
        return ()
    if numeric:
        allowed = "a column of text, or an attribute of the customers"
        problems.append(Problem("by", f"'{by}' holds numbers", allowed))
        return ()
    names = observed.levels(by)
    problems += too_many(by, len(names))
    return names
