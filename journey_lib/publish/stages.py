"""The stages of the index: how many go on from each, with interval, goal and the report that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.present.wording import Message, Quantity, interval, message, plural
from journey_lib.publish.ledger import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]
_STEM = "funnel"
_RATES = ("rate_km", "rate_mature")  # the first one known leads
_METRICS = (*_RATES, "target", "entered")
# A funnel of some customers, some events or some days does not speak for the journey's stages.
_PARTIAL = ("segment", "each", "steps", "period", "order", "entry")


Verdict = Literal["met", "missed", "unclear"]
_NOTHING = Markup("")
# The signs of checks stand for verdicts as well: one set of signs on all pages.
SIGNS: dict[Verdict, str] = {"met": "passed", "missed": "failed", "unclear": "not_assessable"}


@dataclass(frozen=True)
class Goal:
    """What a stage should reach and what was measured.

    Attributes
    ----------
    stage : str
        Its id.
    verdict : {"met", "missed", "unclear"}
        Whether the whole interval lies above the goal, below it, or around it.
    number, bounds, goal : str
        Measured share, its interval, and the goal, in words.
    level : float
        Level of the interval.
    drawn : Markup
        The three on one line.
    href : str
        Report that measured it.
    """

    stage: str
    verdict: Verdict
    number: str = ""
    bounds: str = ""
    goal: str = ""
    level: float = math.nan
    drawn: Markup = _NOTHING
    href: str = ""

    @property
    def words(self) -> Message:
        """The verdict in words."""
        words = {"met": message("met"), "missed": message("missed"), "unclear": message("unclear")}
        return words[self.verdict]


def verdict(low: float, high: float, target: float) -> Verdict:
    """Return what an interval says about a goal.

    Examples
    --------
    >>> verdict(0.61, 0.7, 0.6), verdict(0.5, 0.59, 0.6), verdict(0.58, 0.63, 0.6), verdict(0.6, 0.7, 0.6)
    ('met', 'missed', 'unclear', 'met')
    """
    if high < target:
        return "missed"
    return "met" if low >= target else "unclear"


def goals(folder: Path, good: list[Record], lang: str) -> list[Goal]:
    """Return the study's goals in the order of the stages; those whose share has no interval are left out.

    Parameters
    ----------
    folder, good, lang : Path, list of dict, {"en", "ko"}
        As for `headlines`.
    """
    chosen = _whole_journey(good, lang)
    if chosen is None:
        return []
    found = _numbers(folder / FOLDER / f"{chosen['run_id']}.parquet")
    stages = dict.fromkeys(stage for metric, stage in found if metric == "target")
    told = (_goal(found, stage, quote(chosen["file"]), lang) for stage in stages)
    return [goal for goal in told if goal]


def headlines(folder: Path, good: list[Record], lang: str) -> dict[str, Record]:
    """Return what to say at each stage, by its id; empty as long as no funnel of the whole journey is there.

    Parameters
    ----------
    folder : Path
        The study's reports.
    good : list of dict
        The sidecars of its published reports.
    lang : {"en", "ko"}
        Language of the index.

    Returns
    -------
    dict
        `number` and `words` of each stage, `goal` where the study sets one, and `href` of the report.
    """
    chosen = _whole_journey(good, lang)
    if chosen is None:
        return {}
    found = _numbers(folder / FOLDER / f"{chosen['run_id']}.parquet")
    stages = {stage for _, stage in found}
    told = {stage: _told(found, stage, lang) for stage in stages}
    return {stage: {**one, "href": quote(chosen["file"])} for stage, one in told.items() if one}


def _whole_journey(good: list[Record], lang: str) -> Record | None:
    """Return the funnel that speaks for everybody: in this language, with fewest settings, the newest."""
    fits = [
        one for one in good
        if one["stem"] == _STEM and not set(_PARTIAL) & set(one.get("settings", {}))
    ]  # fmt: skip
    return max(
        fits,
        key=lambda one: (-len(one.get("settings", {})), one["lang"] == lang, one["published"]),
        default=None,
    )


def _numbers(file: Path) -> dict[tuple[str, str], Record]:
    """Return the totals of a run by metric and stage; none where its ledger cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ["metric", "stage", "group", "estimate", "ci_low", "ci_high", "ci_level"]
    try:  # batch by batch, because reading a whole table imports pandas
        batches = pq.ParquetFile(file).iter_batches(columns=columns)
        rows = [row for batch in batches for row in batch.to_pylist()]
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return {}
    return {
        (row["metric"], row["stage"]): row
        for row in rows
        if row["metric"] in _METRICS and row["stage"] and not row["group"] and _known(row["estimate"])
    }


def _rate(found: dict[tuple[str, str], Record], stage: str) -> Record | None:
    return next((found[name, stage] for name in _RATES if (name, stage) in found), None)


def _goal(found: dict[tuple[str, str], Record], stage: str, href: str, lang: str) -> Goal | None:
    rate, target = _rate(found, stage), found["target", stage]["estimate"]
    if rate is None or not (_known(rate["ci_low"]) and _known(rate["ci_high"])):
        return None
    low, middle, high = rate["ci_low"], rate["estimate"], rate["ci_high"]
    return Goal(
        stage,
        verdict(low, high, target),
        Quantity(middle, "share").say(lang),
        interval(low, high, "share", lang, compact=True),
        Quantity(target, "share").say(lang),
        rate["ci_level"] if _known(rate["ci_level"]) else math.nan,
        _drawn(low, middle, high, target),
        href,
    )


def _drawn(low: float, middle: float, high: float, target: float) -> Markup:
    """Draw a share as a bar from nothing to all, its interval on it, and the goal as a mark across."""
    return Markup(
        '<svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 8H100" stroke="var(--rule)" stroke-width="8"/>'
        '<path d="M0 8H{:.1f}" stroke="var(--stop)" stroke-width="8"/>'
        '<path d="M{:.1f} 8H{:.1f}" stroke="var(--ink)" stroke-width="2"/>'
        '<path d="M{:.1f} 0V16" stroke="var(--ink)" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    ).format(100 * middle, 100 * low, 100 * max(high, low + 0.005), 100 * target)


def _told(found: dict[tuple[str, str], Record], stage: str, lang: str) -> Record:
    rate = _rate(found, stage)
    if rate is None:
        return _entered(found.get(("entered", stage)), lang)
    target = found.get(("target", stage))
    goal = message("goal {target}", target=Quantity(target["estimate"], "share")).say(lang) if target else ""
    return {
        "number": Quantity(rate["estimate"], "share").say(lang),
        "words": _words(rate, lang),
        "goal": goal,
    }


def _words(rate: Record, lang: str) -> str:
    if not (_known(rate["ci_low"]) and _known(rate["ci_high"])):
        return message("go on").say(lang)
    bounds = interval(rate["ci_low"], rate["ci_high"], "share", lang, compact=True)
    return message("go on, {bounds}", bounds=bounds).say(lang)


def _entered(row: Record | None, lang: str) -> Record:
    """Say how many came to the last stage: it leads nowhere."""
    if row is None:
        return {}
    n = Quantity(row["estimate"])
    words = plural("customer came here", "customers came here", n=n)
    return {"number": n.say(lang), "words": words.say(lang), "goal": ""}


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
