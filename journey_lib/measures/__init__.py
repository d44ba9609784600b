"""One module per question; each counts customers, events or answers into a `Result`.

Nothing is registered: a measure is a module of this folder with a function and a `…Params` class named after
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest

if TYPE_CHECKING:
    from types import ModuleType

    from journey_lib.study.params import RunParams


def stems() -> list[str]:
    """Return the names of all measures.

    Examples
    --------
    >>> "survey" in stems()
    True
    """
    return sorted(module.name for module in iter_modules(__path__))


def find(stem: str) -> ModuleType:
    """Return the module of a measure.

    Raises
    ------
    ParamError
        If there is no such measure, with the nearest name.

    Examples
    --------
    >>> find("survey").__name__
    'journey_lib.measures.survey'
    """
    known = stems()
    if stem not in known:
        raise ParamError(
            Problem("stem", f"there is no measure '{stem}'", ", ".join(known), nearest(stem, known))
        )
    return import_module(f"journey_lib.measures.{stem}")


def params_class(stem: str) -> type[RunParams]:
    """Return the class that declares a measure's parameters.

    Examples
    --------
    >>> params_class("survey").__name__
    'SurveyParams'
    """
    name = "".join(word.capitalize() for word in stem.split("_")) + "Params"
    found: type[RunParams] = getattr(find(stem), name)
    return found


def parameters(stem: str, values: Mapping[str, object]) -> RunParams:
    """Return a notebook's parameters, checked; the first thing a notebook does.

    Parameters
    ----------
    stem : str
        The measure.
    values : mapping
        Names and values, such as `globals()` of a notebook; names that are no parameters of the measure are
        left alone.

    Returns
    -------
    RunParams
        The measure's own class.

    Raises
    ------
    ParamError
        If a value has the wrong type or is not allowed; all problems at once.

    Examples
    --------
    >>> parameters("survey", {"by": "region", "unrelated": 1}).by
    'region'
    """
    from journey_lib.study.params import read_params

    declared = params_class(stem)
    return read_params(declared, {k: v for k, v in values.items() if k in declared.model_fields})
