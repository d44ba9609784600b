"""The map as tidy rows: every number of every cell, and a row with its reason where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from journey_lib.measures.journey_map.lanes import FLOW
from journey_lib.present.personal import mask, said

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.lanes import Item
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Study
    from journey_lib.study.published.evidence import Evidence

NUMBERS = {
    "entered": "customers", "go_on": "go_on", "time": "median_days", "feeling": "feeling", "effort": "effort",
    "pain": "pain", "touchpoint": "share_of_stage", "target": "goal", **{name: name for name in FLOW},
}  # fmt: skip
_EXPECTED = {"entered": "count", "go_on": "share", "time": "days", "feeling": "score", "pain": "share"}
EDGES = 20  # ways beside the straight line that are shown
_ENDS = {"END": "left", "OPEN": "open"}


def rows_of(
    study: Study, items: list[Item], evidence: Evidence, beside: list[dict[str, Any]]
) -> pd.DataFrame:
    """Return the numbers of the map: one row each, missing ones with the reason `not_measured`."""
    rows = [_row(item) for item in items if item.lane in NUMBERS and item.report]
    known = {(item.stage, item.lane) for item in items if item.report}
    stages = [s.id for s in study.journey.stages]
    for stage in stages:
        for lane, unit in _EXPECTED.items():
            if (stage, lane) not in known and not (lane == "go_on" and stage == stages[-1]):
                rows.append({"metric": NUMBERS[lane], "stage": stage, "unit": unit, "note": "not_measured"})
    return pd.DataFrame([*rows, *edges_of(study, evidence), *moves_of(study, evidence), *beside])


def edges_of(study: Study, evidence: Evidence) -> list[dict[str, Any]]:
    """Return moves that are not the next step: back, ahead and again, the most frequent first."""
    place = {s.id: at for at, s in enumerate(study.journey.stages)}
    found = []
    for fact in evidence.find("paths", "transition", group=""):
        number = fact.number
        kind = _way(number, place)
        if kind in ("again", "back", "ahead") and math.isfinite(number.estimate):
            found.append({**_kept(asdict(number)), "metric": "edge", "option": kind})
    return sorted(found, key=lambda row: -row["estimate"] * row["n"])[:EDGES]


def moves_of(study: Study, evidence: Evidence) -> list[dict[str, Any]]:
    """Return how often each way out of a stage was taken, the shares that go on or leave, and the win-backs.

    Hidden counts stay hidden: a way that few took is named and has no number.
    """
    place = {s.id: at for at, s in enumerate(study.journey.stages)}
    rows = []
    for source, metric in (("transitions", "moves"), ("transition", "move"), ("win_backs", "came_back")):
        for fact in evidence.find("paths", source, group=""):
            kind = "" if metric == "came_back" else _way(fact.number, place)
            known = fact.number.stage in place and (kind or fact.number.comparison in place)
            if known and (metric != "move" or kind in ("next", "left", "open")):
                rows.append({**_kept(asdict(fact.number)), "metric": metric, "option": kind})
    return rows


def _way(number: Number, place: dict[str, int]) -> str:
    """Return which way a move leads: next, ahead, back, again, left or open; "" for no move of stages."""
    start, end = place.get(number.stage), place.get(number.comparison)
    if start is None or end is None:
        return _ENDS.get(number.comparison, "") if start is not None else ""
    if end == start + 1:
        return "next"
    return "again" if end == start else "back" if end < start else "ahead"


def cells_of(items: list[Item], lang: str) -> pd.DataFrame:
    """Return the map as one row an item: place, words, number, grade of evidence, where it comes from."""
    return pd.DataFrame(list(_cells(items, lang)), columns=[
        "stage", "touchpoint", "channel", "lane", "text", "estimate", "ci_low", "ci_high", "n", "unit",
        "evidence", "source", "report", "as_of",
    ])  # fmt: skip


def _cells(items: list[Item], lang: str) -> Iterator[tuple[object, ...]]:
    for item in items:
        number = item.number
        yield (
            item.stage, item.touchpoint, item.channel, item.lane, _words(item, lang),
            number.estimate, number.ci_low, number.ci_high, number.n, number.unit, item.grade, item.source,
            item.report, item.as_of,
        )  # fmt: skip


def _words(item: Item, lang: str) -> str:
    text = item.text.say(lang) if item.text else ""
    return said(mask(text).text, lang) if item.lane == "quote" else text


def _row(item: Item) -> dict[str, Any]:
    return {
        **_kept(asdict(item.number)), "metric": NUMBERS[item.lane], "stage": item.stage, "option": item.grade,
    }  # fmt: skip


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of another report without the words that only that report explains."""
    missing = not math.isfinite(row["estimate"])
    return {**row, "note": (row["note"] or "not_measured") if missing else "", "weighting": row["weighting"]}
