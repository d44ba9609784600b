"""The journey workbench: surveys, events and experiments on one axis of stages and touchpoints.

Names are loaded when they are first used, so that importing the package costs little more than importing
pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journey_lib.controls.form import form
    from journey_lib.controls.segment_filter import SegmentFilter
    from journey_lib.errors import DataError, JourneyError, ParamError, RunError, StudyError
    from journey_lib.measures import parameters
    from journey_lib.measures.survey import survey
    from journey_lib.publish.ledger import read_ledger
    from journey_lib.publish.run import RunOutcome, run
    from journey_lib.publish.sheets import save
    from journey_lib.study.events import EventLog
    from journey_lib.study.load import load_study, open_study, quick_study
    from journey_lib.study.map_notes import read_map, read_map_table

__version__ = "0.1.0"

_HOMES = {
    "DataError": "errors",
    "EventLog": "study.events",
    "JourneyError": "errors",
    "ParamError": "errors",
    "RunError": "errors",
    "RunOutcome": "publish.run",
    "SegmentFilter": "controls.segment_filter",
    "StudyError": "errors",
    "form": "controls.form",
    "load_study": "study.load",
    "open_study": "study.load",
    "parameters": "measures",
    "quick_study": "study.load",
    "read_ledger": "publish.ledger",
    "read_map": "study.map_notes",
    "read_map_table": "study.map_notes",
    "run": "publish.run",
    "save": "publish.sheets",
    "survey": "measures.survey",
}

__all__ = [
    "DataError",
    "EventLog",
    "JourneyError",
    "ParamError",
    "RunError",
    "RunOutcome",
    "SegmentFilter",
    "StudyError",
    "form",
    "load_study",
    "open_study",
    "parameters",
    "quick_study",
    "read_ledger",
    "read_map",
    "read_map_table",
    "run",
    "save",
    "survey",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name) or _measure(name)
    if not home:
        raise AttributeError(f"module 'journey_lib' has no attribute '{name}'")
    value: object = getattr(import_module(f"journey_lib.{home}"), name)
    globals()[name] = value
    return value


def _measure(name: str) -> str:
    """Return the home of a measure: measures are found, not registered."""
    if name.startswith("_"):
        return ""
    from journey_lib.measures import stems

    return f"measures.{name}" if name in stems() else ""


def __dir__() -> list[str]:
    """List the measures too, so that JupyterLab completes their names."""
    from journey_lib.measures import stems

    return sorted({*__all__, *stems(), "__version__"})
