"""Everything `journey run all` publishes: each notebook as it stands, and the reports a study declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import JourneyError, Problem, StudyError
from journey_lib.publish import plan
from journey_lib.publish.places import find_study, notebooks
from journey_lib.publish.plan import Plan, Request

if TYPE_CHECKING:
    from journey_lib.study.definition.reports import DeclaredReport


ALL = "all"


def asked_for(shared: Request, langs: Iterable[str]) -> list[Request]:
    """Return the requests that one command stands for: one stem or all of them, in each language."""
    if shared.stem == ALL:
        return agenda(shared, langs)
    return [replace(shared, lang=lang) for lang in langs]


def agenda(shared: Request, langs: Iterable[str] = ("",)) -> list[Request]:
    """Return requests for every notebook there is, and for every report the study declares beside them.

    Parameters
    ----------
    shared : Request
        What all have in common: study, settings, segment, day and so on. Its stem does not count.
    langs : iterable of str
        Languages in which all are published; "" for the study's own.

    Raises
    ------
    JourneyError
        If a declared report names a stem, a parameter or a segment that does not exist, with all problems.
    """
    plain = [replace(shared, stem=stem, lang=lang, every=True) for lang in langs for stem in notebooks()]
    return [*plain, *(one.request for one in own_plans(shared, langs))]


def own_plans(shared: Request, langs: Iterable[str] = ("",)) -> list[Plan]:
    """Return the plans of the reports a study declares, those left out that are published anyway.

    Parameters
    ----------
    shared, langs
        As for `agenda`. A declared report keeps its own settings where the command gives others. Left out
        are those about a segment where the command names one, and those whose notebook this project lacks.

    Raises
    ------
    JourneyError
        As `agenda`.
    """
    from journey_lib.measures import stems
    from journey_lib.study.definition import read_study

    file = find_study(shared.study)
    study = read_study(file)
    found: list[Plan] = []
    problems: list[Problem] = []
    elsewhere = set(stems()) - set(notebooks())
    for report in study.reports:
        if report.stem in elsewhere or (report.segment and shared.segment):
            continue
        try:
            asked = _settings(shared, report)
            spoken = _spoken(report, langs, study.language)
            found += [plan.plan(_request(shared, report, asked, lang)) for lang in spoken]
        except JourneyError as error:
            where = f"{file.parent.name}/{file.name}, [[reports]] '{report.told()}'"
            problems += [
                Problem(f"{where}, {p.where}", p.given, p.allowed, p.nearest, p.action) for p in error.items
            ]
    if problems:
        raise StudyError(list(dict.fromkeys(problems)))
    return list({(one.name, str(one.settings)): one for one in found}.values())


def own_reports(study: str) -> dict[str, list[str]]:
    """Return file and settings of each report a study declares, by stem, as a command line shows them."""
    found: dict[str, list[str]] = {}
    for one in own_plans(Request("", study)):
        told = [f"{name}={value}" for name, value in one.settings.items()]
        found.setdefault(one.request.stem, []).append(f"{one.file} ({', '.join(told)})")
    return found


def _spoken(report: DeclaredReport, langs: Iterable[str], default: str) -> list[str]:
    """Return the languages of a declared report; those of a plain one that nobody publishes anyway."""
    wanted: list[str] = [report.lang] if report.lang else list(langs)
    if report.parameters or report.segment or report.name or report.stem not in notebooks():
        return wanted
    anyway = {lang or default for lang in langs}
    return [lang for lang in wanted if (lang or default) not in anyway]


def _settings(shared: Request, report: DeclaredReport) -> dict[str, object]:
    """Return the settings of a declared report: its own, over those of the command."""
    from journey_lib.study.params import parse_assignments

    given = shared.settings
    if not isinstance(given, Mapping):
        texts = list(given)
        given = parse_assignments(texts, plan.declared(report.stem)) if texts else {}
    return {**given, **report.parameters}


def _request(shared: Request, report: DeclaredReport, settings: dict[str, object], lang: str) -> Request:
    return replace(
        shared,
        stem=report.stem,
        settings=settings,
        segment=report.segment or shared.segment,
        lang=lang,
        name=report.name,
        every=bool(shared.segment),  # what a study asks about everybody need not apply to some of them
    )
