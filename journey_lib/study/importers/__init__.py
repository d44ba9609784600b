"""Drafts a study from a real export: analytics events, process logs, survey tools, or any table.

A draft is a study file to be corrected, beside the raw files it names. Every guess says "please check"; what
nothing in the export bears out stays open, and `journey check` says where a person has to decide.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, StudyError, chosen

if TYPE_CHECKING:
    from journey_lib.study.importers.detect import Found
    from journey_lib.study.importers.draft import Asked, Draft

FORMATS = (
    "ga4", "amplitude", "xes", "events", "qualtrics", "surveymonkey", "google_forms", "spss", "survey",
)  # fmt: skip
_TAKES_MAP = ("events", "survey")


@dataclass(frozen=True)
class Imported:
    """What an import took a file for, why, and what a person must know or decide.

    Attributes
    ----------
    format, why : str
        The format, and what said so.
    notes : tuple of str
        What was met, changed or left out.
    to_check : int
        How many lines of the study file ask to be checked.
    """

    format: str
    why: str
    notes: tuple[str, ...]
    to_check: int


def import_study(
    folder: Path,
    export: Path,
    *,
    as_: str = "",
    mapping: Mapping[str, str] | None = None,
    options: str = "",
) -> Imported:
    """Draft a study from an export.

    Parameters
    ----------
    folder : Path
        Of the new study; it must be empty or not exist yet, and its name becomes the study's id.
    export : Path
        The file, or a folder of JSON lines.
    as_ : str
        One of `FORMATS`; "" finds out.
    mapping : mapping, optional
        Canonical name = column, for tables of events or answers.
    options : str
        A TOML file of header = list of options, for Google Forms.

    Returns
    -------
    Imported

    Raises
    ------
    DataError
        The export is missing, empty, cut, damaged, or of a kind nobody reads.
    ParamError
        Unknown format, column or name.
    StudyError
        The folder is not empty, or cannot be written.
    """
    from journey_lib.study.importers.detect import detect
    from journey_lib.study.importers.draft import PLEASE, Asked
    from journey_lib.study.importers.folder import check_free, write_draft

    check_free(folder)
    found = _named(as_) if as_ else detect(export, mapping)
    if mapping and found.format not in _TAKES_MAP:
        raise ParamError(
            Problem("--map", f"is not for {found.format}, whose columns are known", "events, survey")
        )
    lists = _options(options, found.format)
    draft = _drafter(found.format)(Asked(export, _id(folder), dict(mapping or {}), lists))
    write_draft(draft, folder)
    return Imported(found.format, found.why, draft.notes, draft.study.count(PLEASE))


def read_mapping(text: str) -> dict[str, str]:
    """Read `customer=uid,time=ts`.

    Examples
    --------
    >>> read_mapping("customer=uid, time=ts")
    {'customer': 'uid', 'time': 'ts'}
    """
    found: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else []:
        name, sign, column = (piece.strip() for piece in pair.partition("="))
        if not (name and sign and column) or name in found:
            raise ParamError(
                Problem("--map", f"'{pair.strip()}'", "name=column, each name once, parted by commas")
            )
        found[name] = column
    return found


def _named(name: str) -> Found:
    from journey_lib.study.importers.detect import Found

    return Found(chosen("--as", name, FORMATS), "as asked")


def _id(folder: Path) -> str:
    import re

    return re.sub(r"[^\w-]+", "_", folder.resolve().name).strip("_-") or "study"


def _options(file: str, format_: str) -> dict[str, list[str]]:
    """Read the lists of options a person wrote down."""
    if not file:
        return {}
    if format_ != "google_forms":
        raise ParamError(Problem("--options", f"is not for {format_}", "google_forms"))
    try:
        found = tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudyError(Problem(file, f"cannot be read: {type(error).__name__}", _SHAPE)) from None
    if not all(isinstance(v, list) and all(isinstance(o, str) for o in v) for v in found.values()):
        raise StudyError(Problem(file, "holds something else than lists of text", _SHAPE))
    return found


_SHAPE = '"header of the question" = ["first option", "second option"]'


def _drafter(name: str) -> Callable[[Asked], Draft]:
    """Return what drafts a format; only that one is imported."""
    from importlib import import_module

    places = {
        "ga4": ("ga4", "draft_ga4"), "amplitude": ("amplitude", "draft_amplitude"),
        "xes": ("xes", "draft_xes"), "events": ("event_table", "draft_events"),
        "qualtrics": ("qualtrics", "draft_qualtrics"),
        "surveymonkey": ("surveymonkey", "draft_surveymonkey"), "spss": ("spss", "draft_spss"),
        "google_forms": ("google_forms", "draft_google_form"), "survey": ("survey_table", "draft_survey"),
    }  # fmt: skip
    module, function = places[name]
    drafter: Callable[[Asked], Draft] = getattr(import_module(f"{__name__}.{module}"), function)
    return drafter
