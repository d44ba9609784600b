"""The stages of the index: how many go on from each, with interval, target and the report that says so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from journey_lib.present.wording import Quantity, interval, message, plural
from journey_lib.publish.ledger import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]
_STEM = "funnel"
_RATES = ("rate_km", "rate_mature")  # the first one known leads
_METRICS = (*_RATES, "target", "entered")
# A funnel of some customers, some events or some days does not speak for the journey's stages.
_PARTIAL = ("segment", "each", "steps", "period", "order", "entry")


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

    columns = ["metric", "stage", "group", "estimate", "ci_low", "ci_high"]
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


def _told(found: dict[tuple[str, str], Record], stage: str, lang: str) -> Record:
    rate = next((found[name, stage] for name in _RATES if (name, stage) in found), None)
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
