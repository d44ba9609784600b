"""The study's index: every report, failed runs included, on pages that need neither server nor script."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup

from journey_lib.errors import Problem, RunError
from journey_lib.present.wording import LANGUAGES, Names, Quantity, day, message, plural
from journey_lib.publish.files import Lock, put
from journey_lib.publish.home import home, speaking
from journey_lib.publish.places import READ_THE_LEDGER
from journey_lib.publish.plan import index_name
from journey_lib.publish.report import NAMES, NO_TWIN, TEMPLATES, style_of, synthetic_line, twin_link
from journey_lib.publish.siblings import link_segments
from journey_lib.publish.stages import SIGNS, Goal, goals, headlines

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Template

    from journey_lib.present.wording import Message

Record = dict[str, Any]
_OPEN_UP_TO = 3  # reports of one kind shown under the first; more are folded
_PATIENCE = 30.0  # seconds to wait for another run that writes the same index: a busy machine is slow


@dataclass(frozen=True)
class Row:
    """One line of the list; `reason` is empty unless the last run failed."""

    stem: str
    title: str
    question: str
    headline: str
    href: str
    lang: str
    segment: str
    day: str
    date: str
    languages: str
    spoken: str
    dots: list[Record]
    status: str
    sign: Markup
    checked: str
    picture: str = ""
    others: list[Record] = field(default_factory=list)
    reason: str = ""
    log: str = ""
    good: str = ""


def prepare() -> None:
    """Import what the index needs, while a notebook runs and this process only waits."""
    from journey_lib.present import blocks  # noqa: F401

    for lang in LANGUAGES:
        _words(lang)
        day(datetime.now(UTC).date(), lang)
    _template()


def rebuild(folder: Path) -> list[Path]:
    """Write the index of a study's reports in every language and return the pages.

    Raises
    ------
    RunError
        If the folder holds no report, or another run keeps the index for seconds.
    """
    if not folder.is_dir():
        raise _empty(folder)
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with Lock(folder / ".index.lock", "index.html"):
                return _written(folder)
        except RunError:
            if time.monotonic() > end or not (folder / ".index.lock").exists():
                raise
            time.sleep(0.05)


def sidecars(folder: Path) -> list[Record]:
    """Return what each published report says of itself; a broken sidecar does not hide the others."""
    return [
        found
        for found in _read(folder, "*.json")
        if "published" in found and (folder / found["file"]).exists()
    ]


def failures(folder: Path) -> list[Record]:
    """Return the failed runs that nothing has mended since."""
    return [found for found in _read(folder, "*.failed.json") if "reason" in found]


def absences(folder: Path) -> list[str]:
    """Return the reports that do not apply to this study, because it lacks their data."""
    return list(dict.fromkeys(found["stem"] for found in _read(folder, "*.absent.json") if "absent" in found))


def _written(folder: Path) -> list[Path]:
    good, failed = sidecars(folder), failures(folder)
    absent = [stem for stem in absences(folder) if stem not in {one["stem"] for one in good}]
    if not good:
        raise _empty(folder)
    _link_twins(folder, good)
    link_segments(folder, good)
    study = max(good, key=lambda one: one["published"])["study"]
    pages = []
    for lang in LANGUAGES:
        page = folder / index_name(lang, study["language"])
        told = headlines(folder, good, lang)
        upper = home(good, goals(folder, good, lang), lang)
        put(page, _page(study, good, failed, lang, told, absent, upper))
        pages.append(page)
    return pages


def _link_twins(folder: Path, good: list[Record]) -> None:
    """Give a page published before its twin the link it could not have then."""
    for one in good:
        for twin in good:
            if twin["identity"] != one["identity"] or twin["lang"] == one["lang"]:
                continue
            text = (folder / one["file"]).read_text(encoding="utf-8")
            if NO_TWIN in text:
                told = {"lang": twin["lang"], "href": quote(twin["file"]), "label": NAMES[twin["lang"]]}
                put(folder / one["file"], text.replace(NO_TWIN, twin_link(one["lang"], told), 1))


def _empty(folder: Path) -> RunError:
    return RunError(Problem(folder.name, "has no published report", action="Run `journey run` first"))


def _page(
    study: Record,
    good: list[Record],
    failed: list[Record],
    lang: str,
    told: dict[str, Record],
    absent: list[str],
    upper: Record,
) -> str:
    script = (TEMPLATES / "index.js").read_text(encoding="utf-8")
    rows = _rows(study, good, failed, lang)
    other = next(language for language in LANGUAGES if language != lang)
    n = Quantity(len(rows))
    page = {
        "lang": lang,
        "title": _in(study["title"], lang),
        "question": _in(study["question"], lang) or _in(study["title"], lang),
        "success": _in(study["success"], lang),
        "synthetic": study["synthetic"],
        "style": style_of("index.css"),
        "script": Markup(script),  # noqa: S704 - our own file
        "script_hash": "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "twin": {"lang": other, "href": index_name(other, study["language"]), "label": NAMES[other]},
        **upper,
        "stages": _stages(study, good, lang, told, upper["goals"], rows),
        "map_page": next((row.href for row in rows if row.stem == "journey_map" and not row.reason), ""),
        "first": [row for row in rows if row.stem in READ_THE_LEDGER and not row.reason][:2],
        "choices": _choices(rows, lang),
        "kinds": _kinds(rows, lang),
        "absent": _absent(absent).say(lang) if absent else "",
        "footer": _footer(n, sum(bool(row.reason) for row in rows), study["fingerprint"]).say(lang),
    }
    return str(_template().render(page=page, words=_words(lang)))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("index.html.j2")


def _rows(study: Record, good: list[Record], failed: list[Record], lang: str) -> list[Row]:
    """Return one row a report, in this language where it exists; its twins and failures belong to it."""
    from journey_lib.publish.places import identity

    reports: dict[str, dict[str, Record]] = {}
    for one in good:
        reports.setdefault(one["identity"], {})[one["lang"]] = one
    broken = {(identity(one["stem"], one["settings"]), one["lang"]): one for one in failed}
    rows = []
    for key, spoken in reports.items():
        best = spoken.get(lang) or next(iter(spoken.values()))
        rows.append(_row(study, best, list(spoken.values()), broken.pop((key, best["lang"]), None), lang))
    rows += [_row(study, _never_good(one), [], one, lang) for one in broken.values()]
    return sorted(rows, key=_order)


def _told_apart(one: Record) -> str:
    """Return a report's name with the settings that tell it from others of its kind."""
    own = {k: v for k, v in one.get("settings", {}).items() if k not in ("segment", "each")}
    return " · ".join([one["title"], *(f"{name.replace('_', ' ')} {value}" for name, value in own.items())])


def _row(study: Record, one: Record, spoken: list[Record], failure: Record | None, lang: str) -> Row:
    from journey_lib.present.blocks import sign

    zone, has_report = study["time_zone"], bool(one.get("file"))
    at = _local(one["published"] if has_report else failure["failed"] if failure else "", zone)
    status, checked = _checked(one.get("checks", {}), failed=failure is not None)
    stages = [_stage(s, place, lang) for place, s in enumerate(study["stages"])]
    on = [s for s in stages if s["id"] in one.get("stages", [])]
    return Row(
        stem=one["stem"],
        title=_told_apart(one),
        question=one.get("question", ""),
        headline=one.get("headline", ""),
        href=quote(one["file"]) if has_report else "",
        lang=one["lang"],
        segment=one.get("segment") or message("Everybody").say(lang),
        day=at.date().isoformat(),
        date=day(at.date(), lang),
        languages="|".join(sorted(s["lang"] for s in spoken)),
        spoken=", ".join(s["label"] for s in on) or message("No single stage").say(lang),
        dots=[{**s, "on": s in on} for s in stages],
        status=status,
        sign=sign(status),
        checked=checked.say(lang),
        picture=one.get("picture", "") if not failure else "",
        others=[_other(s) for s in spoken if s["lang"] != one["lang"]],
        reason=failure["reason"] if failure else "",
        log=quote(f"{failure['name']}.failed.log") if failure else "",
        good=message("report of {date}", date=day(at.date(), lang)).say(lang) if has_report else "",
    )


def _never_good(failure: Record) -> Record:
    """Return what can be said of a report that has never been published."""
    title = failure["stem"].replace("_", " ").capitalize()
    return {
        "stem": failure["stem"],
        "title": title,
        "lang": failure["lang"],
        "segment": failure["settings"].get("segment", ""),
    }


def _checked(checks: Record, *, failed: bool) -> tuple[str, Message]:
    look = checks.get("failed", 0) + checks.get("watch", 0)
    total = sum(checks.values())
    if failed:
        return "not_assessable", message("Run failed")
    if look:
        return "watch", message("{look} of {total} to look at", look=Quantity(look), total=Quantity(total))
    if not total:
        return "not_assessable", message("No checks")
    return "passed", plural("{n} check passed", "All {n} checks passed", n=Quantity(total))


def _choices(rows: list[Row], lang: str) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return the filters that leave something to choose: id, label, word for all, values and words."""
    plain = {row.stem: row.title for row in reversed(rows)}  # the first of a kind has its plain name
    stems = sorted(plain.items(), key=lambda pair: pair[1])
    segments = sorted({row.segment for row in rows})
    languages = sorted({language for row in rows for language in row.languages.split("|") if language})
    found = [
        ("stem", message("Report"), message("All reports"), stems),
        ("segment", message("Segment"), message("All segments"), [(s, s) for s in segments]),
        ("language", message("Language"), message("All languages"), [(x, NAMES[x]) for x in languages]),
    ]
    return [
        (name, label.say(lang), every.say(lang), values)
        for name, label, every, values in found
        if len(values) > 1
    ]


def _kinds(rows: list[Row], lang: str) -> list[Record]:
    """Return the rows by kind of report: the plainest leads, the others stand under it in short."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.stem, []).append(row)
    return [
        {
            "lead": first,
            "more": more,
            "open": len(more) <= _OPEN_UP_TO or any(row.reason for row in more),
            "words": message("{n} more of this kind", n=Quantity(len(more))).say(lang),
        }
        for first, *more in kinds.values()
    ]


def _stages(
    study: Record,
    good: list[Record],
    lang: str,
    told: dict[str, Record],
    aims: list[Goal],
    rows: list[Row],
) -> list[Record]:
    from journey_lib.present.blocks import sign

    by_stage = {goal.stage: {"goal": goal, "sign": sign(SIGNS[goal.verdict]), "words": goal.words.say(lang)}
                for goal in aims}  # fmt: skip
    stages = []
    for place, one in enumerate(study["stages"]):
        n = len({r["identity"] for r in good if one["id"] in r.get("stages", [])})
        words = plural("{n} report", "{n} reports", n=Quantity(n)).say(lang)
        stages.append({
            **_stage(one, place, lang), "reports": words, "told": told.get(one["id"]),
            "aim": by_stage.get(one["id"]), "speaking": speaking(rows, one["id"], lang),
        })  # fmt: skip
    return stages


def _stage(one: Record, place: int, lang: str) -> Record:
    return {"id": one["id"], "label": _in(one["label"], lang) or one["id"], "colour": place % 7 + 1}


def _other(one: Record) -> Record:
    return {"lang": one["lang"], "href": quote(one["file"]), "label": NAMES[one["lang"]]}


def _words(lang: str) -> dict[str, str]:
    said = {
        "skip": message("Skip to content"),
        "language": message("Language"),
        "synthetic": synthetic_line(),
        "success": message("Success for the customer"),
        "journey": message("The journey"),
        "goals": message(
            "Share of customers who go on to the next stage; the dark line is its interval, the mark across "
            "is the goal."
        ),
        "goal": message("goal"),
        "of_stage": message("Reports"),
        "reports": message("Reports"),
        "search": message("Search"),
        "since": message("Published since"),
        "stages": message("Stages"),
        "log": message("Log"),
        "nothing": message("No report fits. Clear the search or choose all."),
    }
    words = {name: sentence.say(lang) for name, sentence in said.items()}
    count = message("{shown} of {all} reports", shown="{shown}", all="{all}")
    return {**words, "count": count.say(lang)}


def _footer(n: Quantity, failed: int, fingerprint: str) -> Message:
    reports = plural("{n} report", "{n} reports", n=n)
    if not failed:
        return message(
            "{reports}. Study fingerprint {fingerprint}. Made with the journey workbench.",
            reports=reports,
            fingerprint=fingerprint,
        )
    return message(
        "{reports}, {failed} of them not renewed by the last run. Study fingerprint {fingerprint}. "
        "Made with the journey workbench.",
        reports=reports,
        failed=Quantity(failed),
        fingerprint=fingerprint,
    )


def _absent(stems: list[str]) -> Message:
    names = Names(tuple(stem.replace("_", " ") for stem in stems))
    return message("Not applicable to this study, which lacks their data: {names}.", names=names)


def _order(row: Row) -> tuple[int, str, bool, str]:
    """Order rows: the map and what to do first, then by name, everybody before segments."""
    at = -READ_THE_LEDGER.index(row.stem) if row.stem in READ_THE_LEDGER else 1
    name = row.href or row.log
    return at, row.title, "--" in name, name


def _read(folder: Path, pattern: str) -> list[Record]:
    found = []
    for file in sorted(folder.glob(pattern)):
        try:
            one = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(one, dict):
            found.append(one)
    return found


def _in(words: dict[str, str], lang: str) -> str:
    return words.get(lang) or next(iter(words.values()), "")


def _local(iso: str, zone: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(ZoneInfo(zone))
