"""One family of errors. Every message says where, what was given, what is allowed and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

QUOTED_FROM: Final = 10  # rows that must share a word of the data before a message may quote it


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in the words its owner needs to mend it.

    Attributes
    ----------
    where : str
        File, table, column or parameter, the most specific place known.
    given : str
        What was found there: names and counts, never answers or identifiers of respondents.
    allowed : str
        What would have been right.
    nearest : str
        The closest allowed name, when there is one.
    action : str
        What to do now.

    Examples
    --------
    >>> str(Problem("study.toml", "unknown key 'scael'", nearest="scale"))
    "study.toml: unknown key 'scael'. Did you mean 'scale'?"
    """

    where: str
    given: str
    allowed: str = ""
    nearest: str = ""
    action: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.given}."]
        if self.allowed:
            parts.append(f"Allowed: {self.allowed}.")
        if self.nearest:
            parts.append(f"Did you mean '{self.nearest}'?")
        if self.action:
            parts.append(f"{self.action}.")
        return " ".join(parts)


class JourneyError(ValueError):
    """A mistake somebody can mend, as opposed to a fault of this package.

    Parameters
    ----------
    problems : str, Problem or sequence of Problem
        Everything that is wrong at once, so that nobody mends one thing to meet the next.

    Examples
    --------
    >>> print(JourneyError([Problem("a.csv", "is empty"), Problem("b.csv", "is missing")]))
    2 problems:
    - a.csv: is empty.
    - b.csv: is missing.
    """

    def __init__(self, problems: str | Problem | Sequence[Problem]) -> None:
        if isinstance(problems, str):
            self.items: tuple[Problem, ...] = ()
            super().__init__(problems)
            return
        self.items = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(_listed(self.items))


class StudyError(JourneyError):
    """The study file cannot be used as it stands."""


class DataError(JourneyError):
    """A raw file breaks its contract."""

    @property
    def problems(self) -> pd.DataFrame:
        """All problems as one frame with the columns of `Problem`; it never holds a respondent's value."""
        import pandas as pd

        return pd.DataFrame(
            [(p.where, p.given, p.allowed, p.nearest, p.action) for p in self.items],
            columns=["where", "given", "allowed", "nearest", "action"],
        )


class AbsentError(DataError):
    """The study does not have what an analysis needs: for it, the analysis is not applicable."""


class ParamError(JourneyError):
    """A parameter is unknown, of the wrong type, or outside its allowed values."""


class RunError(JourneyError):
    """A notebook could not be turned into a report; the last good report is untouched."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name closest to `name`, or "" when none is close.

    Examples
    --------
    >>> nearest("wavve", ["wave", "stage"])
    'wave'
    """
    found = get_close_matches(name.lower(), {str(k).lower(): k for k in known}, n=1, cutoff=0.6)
    return next((k for k in known if found and str(k).lower() == found[0]), "")


def chosen(where: str, given: str, allowed: Sequence[str]) -> str:
    """Return a word of a closed list.

    Raises
    ------
    ParamError
        When it is not in the list, with the nearest word that is.

    Examples
    --------
    >>> chosen("order", "strict", ["ordered", "strict"])
    'strict'
    """
    if given not in allowed:
        raise ParamError(Problem(where, f"'{given}'", ", ".join(allowed), nearest(given, allowed)))
    return given


def _listed(problems: tuple[Problem, ...]) -> str:
    if len(problems) == 1:
        return str(problems[0])
    return "\n".join([f"{len(problems)} problems:", *(f"- {p}" for p in problems)])
