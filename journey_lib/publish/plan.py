"""What one run will do, settled and checked before anything starts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from journey_lib.errors import JourneyError, ParamError, Problem, RunError, nearest
from journey_lib.publish import provenance
from journey_lib.publish.places import (
    find_study,
    identity,
    inside,
    notebooks,
    report_name,
    reports_of,
    safe_name,
    seen_from,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from journey_lib.study.definition import Study
    from journey_lib.study.params import RunParams

TIME_LIMIT = 1800.0  # seconds a notebook may take
Settings = Mapping[str, object] | Iterable[str]


@dataclass(frozen=True)
class Request:
    """What somebody asked for; nothing in it is checked yet.

    Attributes
    ----------
    stem : str
        Which notebook.
    study : str or Path
        Folder or file of the study.
    settings : mapping or iterable of str
        Parameters by name, or "name=value" texts of a command line.
    segment, lang, as_of, name : str
        Whom it is about, in which language, for which day, under which file name; "" for the default.
    reports : str or Path, optional
        Where all studies' folders of reports lie.
    time_limit : float
        Seconds the notebook may take.
    every : bool
        Whether nobody asked for this report, only for all of them: then it may not apply to the study.
    refresh : bool
        Whether a report that a new run could not change may stay as it is.
    """

    stem: str
    study: str | Path = "data/sample"
    settings: Settings = field(default_factory=dict)
    segment: str = ""
    lang: str = ""
    as_of: str = ""
    name: str = ""
    reports: str | Path | None = None
    time_limit: float = TIME_LIMIT
    every: bool = False
    refresh: bool = False


@dataclass(frozen=True)
class Plan:
    """One run, ready to start.

    Attributes
    ----------
    request : Request
        What was asked for.
    study : Study
        The definition, read and checked.
    notebook, cwd, folder : Path
        The notebook, where its kernel works, and where its report goes.
    name, base : str
        Name of the report with and without its language.
    parameters : dict
        What the notebook is given.
    settings : dict
        What differs from the defaults, study and language aside.
    lang : str
        The language of the report.
    twins : tuple of str
        Languages in which the same report is published by the same command.
    """

    request: Request
    study: Study
    notebook: Path
    cwd: Path
    folder: Path
    name: str
    base: str
    parameters: dict[str, object]
    settings: dict[str, object]
    lang: str
    twins: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """File name of the report."""
        return f"{self.name}.html"

    def place(self, ending: str) -> Path:
        """Return the path of one of the report's files."""
        return self.folder / f"{self.name}{ending}"

    def content(self) -> dict[str, Any]:
        """Return everything that decides what the report says, data and code aside, as plain values."""
        lasting = {k: v for k, v in self.settings.items() if k != "as_of"}
        return {
            "stem": self.request.stem,
            "name": self.name,
            "file": self.file,
            "lang": self.lang,
            "parameters": self.parameters,
            "params": json.dumps(dict(sorted(lasting.items())), ensure_ascii=False),
            "settings": self.settings,
            "identity": identity(self.request.stem, self.settings),
            "study": _told(self.study),
            "twin": self._twin(),
            "index": index_name(self.lang, self.study.language),
            "version": provenance.package_version(),
        }

    def job(self, staging: Path, at: datetime) -> dict[str, Any]:
        """Return everything the worker needs, as plain values."""
        from journey_lib.publish.inputs import inputs_of

        notebook = json.loads(self.notebook.read_text(encoding="utf-8"))
        return {
            **self.content(),
            "staging": str(staging),
            "notebook": str(self.notebook),
            "executed": str(staging / "executed.ipynb"),
            "cells": sum(cell.get("cell_type") == "code" for cell in notebook.get("cells", [])) + 1,
            "cwd": str(self.cwd),
            "reports": str(self.folder.parent),
            "time_limit": self.request.time_limit,
            "run_id": provenance.run_id(self.request.stem, at),
            "published": at.isoformat(),
            "as_of": self.request.as_of or _day(at, self.study.time_zone),
            "inputs": inputs_of(self),  # before the kernel starts: what changes later counts next time
        }

    def _twin(self) -> dict[str, str]:
        from urllib.parse import quote

        from journey_lib.publish.report import NAMES

        for lang in (lang for lang in NAMES if lang != self.lang):
            file = f"{_in_language(self.base, lang, self.study.language)}.html"
            if lang in self.twins or (self.folder / file).exists():
                return {"lang": lang, "href": quote(file), "label": NAMES[lang]}
        return {}


def plan(request: Request) -> Plan:
    """Return the checked plan of a request.

    Raises
    ------
    JourneyError
        If stem, study, parameters or name are not right; nothing has been started or written then.
    """
    found = notebooks()
    if request.stem not in found:
        raise RunError(
            Problem(
                "stem",
                f"there is no notebook '{request.stem}' to publish",
                ", ".join(found) or "none",
                nearest(request.stem, found),
            )
        )
    if not request.time_limit > 0:
        raise ParamError(Problem("time limit", f"{request.time_limit:g}", "seconds above 0"))
    from journey_lib.study.definition import read_study

    file = find_study(request.study)
    study = read_study(file)
    cwd, seen = seen_from(request.study, file)
    params = _params(request, seen)
    _known_segment(study, params.segment)
    return _settled(request, study, params, cwd, found[request.stem])


def plan_all(requests: Iterable[Request]) -> list[Plan]:
    """Return the plans of all requests, or raise the problems of all of them at once."""
    plans, errors = [], []
    for request in requests:
        try:
            plans.append(plan(request))
        except JourneyError as error:
            errors.append(error)
    if errors:
        problems = list(dict.fromkeys(item for error in errors for item in error.items))
        raise errors[0] if len(errors) == 1 or not problems else type(errors[0])(problems)
    return _twinned(plans)


def index_name(lang: str, default: str) -> str:
    """Return the file name of a study's index in a language."""
    return f"{_in_language('index', lang, default)}.html"


def declared(stem: str) -> type[RunParams]:
    """Return the class that declares the parameters of a stem."""
    from journey_lib.measures import params_class

    return params_class(stem)


def described(stem: str) -> list[tuple[str, str]]:
    """Return each parameter of a stem with its default, and what it means, in which unit, of which values."""
    from journey_lib.study.params import choices_of

    lines = []
    for name, info in declared(stem).model_fields.items():
        kind = getattr(info.annotation, "__name__", str(info.annotation))
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        choices = ", ".join(json.dumps(choice) for choice in choices_of(info))
        told = [info.description or "", f"Unit: {extra['unit']}." if "unit" in extra else ""]
        told.append(f"One of: {choices}." if choices else "")
        default = json.dumps(info.get_default(call_default_factory=True), ensure_ascii=False)
        lines.append((f"{name}: {kind} = {default}", " ".join(filter(None, told))))
    return lines


def _params(request: Request, seen: str) -> RunParams:
    """Return the notebook's parameters, typed and checked; options and settings are one list."""
    from journey_lib.study.params import parse_assignments, read_params

    cls = declared(request.stem)
    given = request.settings
    settings = dict(given) if isinstance(given, Mapping) else parse_assignments(given, cls)
    options = {"segment": request.segment, "lang": request.lang, "as_of": request.as_of}
    twice = [name for name, value in options.items() if value and settings.get(name, value) != value]
    if twice:
        raise ParamError([Problem(f"parameter '{name}'", "is given twice, differently") for name in twice])
    asked = {**settings, **{name: value for name, value in options.items() if value}}
    return read_params(cls, {**asked, "study": seen})


def _known_segment(study: Study, segment: str) -> None:
    """Refuse a name nobody saved and a rule nobody can read before a kernel starts.

    Raises
    ------
    JourneyError
        If `segments.json` is broken, there is no such name, or the rule is none.
    """
    if not segment:
        return
    from journey_lib.study.segments.store import check

    check(study.folder, segment)


def _settled(request: Request, study: Study, params: RunParams, cwd: Path, notebook: Path) -> Plan:
    defaults = {
        name: info.get_default(call_default_factory=True) for name, info in type(params).model_fields.items()
    }
    changed = {name: value for name, value in params.model_dump().items() if value != defaults[name]}
    settings = {name: value for name, value in changed.items() if name not in ("study", "lang")}
    lang = params.lang or study.language
    folder = reports_of(study.id, request.reports)
    base = safe_name(request.name, "name") if request.name else report_name(request.stem, settings, folder)
    name = _in_language(base, lang, study.language)
    inside(folder, f"{name}.html")
    if base == "index":
        raise RunError(Problem("name", "'index' is the name of the study's index page"))
    asked = replace(request, segment=params.segment, lang=lang, as_of=params.as_of)
    parameters = {**changed, "study": params.study}
    return Plan(asked, study, notebook, cwd, folder, name, base, parameters, settings, lang)


def _twinned(plans: list[Plan]) -> list[Plan]:
    """Let plans of one report in two languages know of each other; refuse two plans of one file."""
    names = [(p.folder, p.name) for p in plans]
    double = sorted({name for folder, name in names if names.count((folder, name)) > 1})
    if double:
        raise RunError(
            [Problem(f"{name}.html", "would be published twice by this command") for name in double]
        )
    spoken = {
        (p.folder, p.base): {q.lang for q in plans if (q.folder, q.base) == (p.folder, p.base)} for p in plans
    }
    return [replace(p, twins=tuple(spoken[p.folder, p.base] - {p.lang})) for p in plans]


def _in_language(base: str, lang: str, default: str) -> str:
    return base if lang == default else f"{base}.{lang}"


def _told(study: Study) -> dict[str, Any]:
    """Return what pages and index say of a study."""
    words = {
        name: getattr(study, name).model_dump(exclude_defaults=True)
        for name in ("title", "question", "success")
    }
    stages = [{"id": s.id, "label": s.label.model_dump(exclude_defaults=True)} for s in study.journey.stages]
    plain = {
        name: getattr(study, name) for name in ("id", "synthetic", "time_zone", "fingerprint", "language")
    }
    return {**words, **plain, "stages": stages}


def _day(at: datetime, time_zone: str) -> str:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(time_zone)).date().isoformat()
