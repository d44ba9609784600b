"""Reports that a study publishes beside the plain ones: which, with which parameters, about whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from journey_lib.errors import Problem
from journey_lib.study.definition.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition.study import Study

_NAME = re.compile(r"\w[\w-]*")
_BESIDE = ("segment", "lang")  # keys of their own, not parameters
_GIVEN = {"study": "It is this study", "as_of": "Give it to the command: journey run all --as-of DATE"}


class DeclaredReport(Part):
    """One more report of a study.

    Attributes
    ----------
    stem : str
        Which notebook.
    name : str
        File name without its ending; "" makes one of stem and parameters.
    parameters : dict
        Parameters of the report, typed as in its notebook.
    segment : str
        Whom it is about: a saved segment or "column=value"; "" for everybody.
    lang : str
        "en" or "ko"; "" for the languages the command asks for.

    Examples
    --------
    >>> DeclaredReport(stem="funnel", parameters={"by": "region"}).told()
    'funnel by=region'
    """

    stem: str
    name: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    segment: str = ""
    lang: Literal["", "en", "ko"] = ""

    def told(self) -> str:
        """Return what tells it from others, as one would type it."""
        beside = {name: value for name in _BESIDE if (value := getattr(self, name))}
        return " ".join([self.stem, *(f"{k}={_shown(v)}" for k, v in {**self.parameters, **beside}.items())])


def report_problems(study: Study) -> Iterator[Problem]:
    """Yield what is wrong with the reports a study declares, before anybody knows what reports there are."""
    seen: set[str] = set()
    for report in study.reports:
        where = f"[[reports]] '{report.told()}'"
        if report.name and not _NAME.fullmatch(report.name):
            yield Problem(f"{where}, key 'name'", f"'{report.name}'", "letters, digits, '_' and '-'")
        for name in (*_BESIDE, *_GIVEN):
            if name in report.parameters:
                action = _GIVEN.get(name, f"Write {name} = … beside parameters")
                yield Problem(f"{where}, key 'parameters'", f"'{name}' is no parameter here", action=action)
        if report.told() in seen:
            yield Problem(where, "stands twice", action="Each may stand once")
        seen.add(report.told())


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
