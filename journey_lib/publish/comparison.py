"""A page beside the reports of `--each`: the same numbers, a column a segment, linked to its report."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.publish.each import SAVED
from journey_lib.publish.files import put
from journey_lib.publish.index import rebuild
from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.places import find_study, identity, slug
from journey_lib.publish.plan import index_name
from journey_lib.publish.report import TEMPLATES, Page, style_of
from journey_lib.study import naming
from journey_lib.study.metric_names import metric_label, where

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from journey_lib.publish.run import RunOutcome
    from journey_lib.study.definition import Study

Record = dict[str, Any]
Key = tuple[tuple[str, str, str], str]  # stage, touchpoint and question; metric
MOST_ROWS = 40
_STANDS, _ASIDE = ("nps", "top2", "mean"), ("item_nonresponse",)
_UNITS = ("share", "points", "score", "days")


@dataclass(frozen=True)
class Side:
    """One segment: its words, its report, and its numbers by what they are about and metric."""

    name: str
    file: str
    n: float
    numbers: dict[Key, Record]


def compare_each(outcomes: Sequence[RunOutcome], study: str | Path, each: str) -> list[Path]:
    """Write a comparison page for the published reports of one `--each`, one a language.

    Parameters
    ----------
    outcomes : sequence of RunOutcome
        What `run_all` returned; failed ones are left out.
    study : str or Path
        The study.
    each : str
        The column whose values were published.

    Returns
    -------
    list of Path
        The pages; none where fewer than two reports can be compared.
    """
    good = [o.report for o in outcomes if o.status == "published"]
    told = [json.loads(page.with_suffix(".json").read_text(encoding="utf-8")) for page in good]
    groups: dict[tuple[str, str], list[Record]] = {}
    for one in told:
        groups.setdefault((one["stem"], one["lang"]), []).append(one)
    if not good or all(len(records) < 2 for records in groups.values()):
        return []
    definition, folder = _study(study), good[0].parent
    ledger = read_ledger(folder, all_runs=True)
    written = [_written(folder, r, ledger, definition, each) for r in groups.values() if len(r) > 1]
    rebuild(folder)
    return written


def _study(study: str | Path) -> Study:
    from journey_lib.study.definition import read_study

    return read_study(find_study(study))


def _written(folder: Path, records: list[Record], ledger: pd.DataFrame, study: Study, each: str) -> Path:
    lang, stem = records[0]["lang"], records[0]["stem"]
    sides = [_side(record, ledger) for record in records]
    ending = "" if lang == study.language else f".{lang}"
    file = f"{stem}--each-{slug(each)}{ending}.html"
    title = _title(study, records[0]["title"], each)
    shown = _table(sides, study, each, lang)
    put(folder / file, _page(records[0], shown, title, lang, index_name(lang, study.language)))
    beside = {
        **records[0], "file": file, "name": file.removesuffix(".html"),
        "identity": identity(stem, {"each": each}),
        "settings": {"each": each}, "title": title.say(lang), "question": _question(study, each).say(lang),
        "headline": "", "headline_html": "", "segment": "", "checks": {}, "picture": "",
    }  # fmt: skip
    put((folder / file).with_suffix(".json"), json.dumps(beside, ensure_ascii=False, indent=1))
    return folder / file


def _side(record: Record, ledger: pd.DataFrame) -> Side:
    """Return the numbers of one report that speak of the whole segment: no option, group or comparison.

    A step that opens a stage carries the stage as its option.
    """
    rows = ledger[(ledger["run_id"] == record["run_id"]) & (ledger["weighting"] != "unweighted")]
    whole = (rows["option"] == "") | (rows["option"] == rows["stage"])
    plain = rows[whole & (rows["group"] == "") & (rows["comparison"] == "")]
    about = str(record.get("settings", {}).get("wave", ""))
    plain = plain[plain["wave"] == about]
    numbers: dict[Key, Record] = {}
    for row in plain.to_dict("records"):
        place = (str(row["stage"]), str(row["touchpoint"]), str(row["question"]))
        numbers.setdefault((place, str(row["metric"])), {str(name): word for name, word in row.items()})
    called = record["segment"] or record.get("settings", {}).get("segment") or record["file"]
    return Side(str(called), record["file"], float(record.get("n") or math.nan), numbers)


def _table(sides: Sequence[Side], study: Study, each: str, lang: str) -> Markup:
    thresholds = study.thresholds
    keys = _standing(list(dict.fromkeys(key for side in sides for key in side.numbers)))
    rows = [Row("n", [Quantity(side.n).say(lang) for side in sides])]
    for key in keys[:MOST_ROWS]:
        cells = [_cell(side.numbers.get(key), thresholds.flag_cell) for side in sides]
        rows.append(Row(_name(study, key, lang), cells))
    note = message(
        "Second line: interval. * n below {flag}. Hatched: masked. Differences are not tested here.",
        flag=Quantity(thresholds.flag_cell),
    )
    base = message("Weighted; each column is a report of its own, listed below.")
    header = [message("Item").say(lang), *(side.name for side in sides)]
    shown = table(_question(study, each), base, header, rows, note, lang, thresholds.min_cell)
    links = Markup("").join(
        Markup('<li><a href="{}">{}</a></li>').format(quote(side.file), side.name) for side in sides
    )
    inner = Markup('{}<h2 id="reports">{}</h2><ul>{}</ul>').format(
        shown.inner, message("Reports").say(lang), links
    )
    return Markup('<div class="jl" lang="{}">{}</div>').format(lang, inner)


def _standing(keys: list[Key]) -> list[Key]:
    """Keep one number a question where one stands for it: its NPS, share satisfied or mean."""
    known = set(keys)
    stands = {place: next((m for m in _STANDS if (place, m) in known), "") for place, _ in keys}
    return [(place, m) for place, m in keys if m == stands[place] or not (stands[place] or m in _ASIDE)]


def _cell(number: Record | None, flag: int) -> Cell | str:
    if number is None:
        return "–"
    unit, n = str(number["unit"]), float(number["n"])
    hidden = number["note"] == "masked"
    return Cell(
        float(number["estimate"]), unit if unit in _UNITS else "none", float(number["ci_low"]),
        float(number["ci_high"]), n, masked=hidden, thin=not hidden and n < flag, signed=unit == "points",
        withheld=number["note"] == "withheld", decimals=None if unit in _UNITS else 0,
    )  # fmt: skip


def _name(study: Study, key: Key, lang: str) -> str:
    (stage, touchpoint, question), metric = key
    about = where(study, {"stage": stage, "touchpoint": touchpoint, "question": question})
    named = metric_label(metric).say(lang)
    return f"{about.say(lang)} · {named}" if about else named


def _title(study: Study, report: str, each: str) -> Message:
    if each == SAVED:
        return message("{report}, segment by segment", report=report)
    return message("{report} by {column}", report=report, column=naming.column(study, each))


def _question(study: Study, each: str) -> Message:
    if each == SAVED:
        return message("Where do the saved segments differ?")
    return message("Where do the values of {column} differ?", column=naming.column(study, each))


def _page(record: Record, shown: Markup, title: Message, lang: str, index: str) -> str:
    from jinja2 import Environment, FileSystemLoader

    study = record["study"]
    page = Page(
        lang=lang, study=study["title"].get(lang) or next(iter(study["title"].values())),
        crumb=title.say(lang), index=index, synthetic=study["synthetic"], style=style_of("report.css"),
        version=record["version"], facts=[], twin={}, parts=[shown],
        title=Markup("<h1>{}</h1>").format(title.say(lang)),
    )  # fmt: skip
    page.tab = f"{title.say(lang)} · {page.study}"
    environment = Environment(loader=FileSystemLoader(TEMPLATES / "journey"), autoescape=True)
    return str(environment.get_template("index.html.j2").render(resources={"page": page}))
