"""Ways in which a study file goes wrong: its values, its tables, its text."""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[str | int, ...]

WRONG: dict[str, object] = {
    "a number": 7,
    "a negative number": -1,
    "a huge number": 10**30,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "an empty text": "",
    "a long text": "x" * 100_000,
    "a text": "nonsense",
    "a path": "../../etc/passwd",
    "control signs": "a\x00\x1b[31m\n\u202eb",
    "an empty list": [],
    "a list of texts": ["a", "a"],
    "a list of numbers": [1, 2, 3],
    "an empty table": {},
    "a table": {"nonsense": 1},
    "a deep table": {"a": {"b": {"c": {"d": [[[{}]]]}}}},
    "a date": datetime.date(1, 1, 1),
    "a time of day": datetime.time(9, 30),
    "a moment": datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
}

# One place of each kind in the sample's own study file.
PLACES: tuple[Place, ...] = (
    ("id",), ("title",), ("title", "en"), ("synthetic",), ("language",), ("time_zone",), ("currency",),
    ("unit",), ("thresholds",), ("thresholds", "min_cell"),
    ("window",), ("window", "start"), ("window", "follow_up"),
    ("journey",), ("journey", "preset"), ("journey", "stages"), ("journey", "stages", 1),
    ("journey", "stages", 1, "id"), ("journey", "stages", 1, "enter"), ("journey", "stages", 1, "target"),
    ("journey", "touchpoints"), ("journey", "touchpoints", 0, "id"), ("journey", "touchpoints", 0, "stage"),
    ("journey", "touchpoints", 0, "events"), ("journey", "touchpoints", 0, "label"),
    ("sources",), ("sources", "responses"), ("sources", "responses", "file"), ("sources", "events", "ties"),
    ("sources", "customers", "numbers"), ("sources", "feedback", "kinds"),
    ("weights",), ("weights", "base"), ("weights", "rake"), ("weights", "trim"), ("design",),
    ("design", "psu"), ("questions",),
    ("questions", 0), ("questions", 0, "id"), ("questions", 0, "kind"),
    ("questions", 0, "touchpoint"), ("questions", 0, "missing"), ("questions", 0, "missing", "8"),
    ("questions", 26, "scale"), ("questions", 26, "direction"), ("questions", 28, "reverse"),
    ("questions", 30, "columns"), ("questions", 30, "options"), ("questions", 30, "exclusive"),
    ("questions", 32, "labels"), ("metrics",), ("metrics", 0, "higher_is_better"), ("experiments",),
    ("experiments", 0, "arms"), ("experiments", 0, "split"), ("experiments", 0, "window"),
    ("experiments", 0, "guardrails"), ("experiments", 0, "looks"),
)  # fmt: skip

TEXT_FAULTS: dict[str, Callable[[str], bytes]] = {
    "zero bytes": lambda t: b"",
    "blanks": lambda t: b" \n\n",
    "first half": lambda t: t.encode()[: len(t.encode()) // 2],
    "cut within a key": lambda t: t.encode()[: t.encode().index(b"preset") + 3],
    "cut within a text": lambda t: t.encode()[: t.encode().index(b"Saebom Table, a weekly") + 8],
    "cut within a letter": lambda t: t.encode()[: t.encode().index("새".encode(), 200) + 1],
    "cut within a table's name": lambda t: t.encode()[: t.encode().index(b"[thresholds]") + 5],
    "cp949": lambda t: t.replace("–", "-").encode("cp949"),
    "latin-1": lambda t: re.sub(r"[^\x00-\xff]", "é", t).encode("latin-1"),
    "UTF-16": lambda t: t.encode("utf-16"),
    "UTF-32": lambda t: t.encode("utf-32"),
    "NUL bytes": lambda t: t.replace("[window]", "\x00[window]").encode(),
    "nothing but NUL bytes": lambda t: b"\x00" * 500,
    "noise": lambda t: bytes(range(256)) * 4,
    "JSON": lambda t: json.dumps({"id": "sample"}).encode(),
    "YAML": lambda t: b"id: sample\ntitle: x\n",
    "a page of HTML": lambda t: b"<!doctype html><html></html>",
    "all twice": lambda t: (t + t).encode(),
    "a key twice": lambda t: t.replace('unit = "customer"', 'unit = "customer"\nunit = "visit"', 1).encode(),
    "a table twice": lambda t: (t + "\n[window]\nstart = 2025-01-01\n").encode(),
    "a quote lost": lambda t: t.replace('id = "sample"', 'id = "sample', 1).encode(),
    "a bracket lost": lambda t: t.replace("[thresholds]", "[thresholds", 1).encode(),
    "no such day": lambda t: t.replace("2025-01-01", "2025-02-30").encode(),
    "curly quotes": lambda t: t.replace('id = "sample"', "id = “sample”", 1).encode(),
    "a decimal comma": lambda t: t.replace("trim = 5.0", "trim = 5,0").encode(),
    "an endless number": lambda t: t.replace("min_cell = 10", "min_cell = " + "9" * 5000).encode(),
    "brackets without end": lambda t: (t + "\n[nest]\nx = " + "[" * 5000).encode(),
}  # fmt: skip


def reach(raw: Any, place: Place) -> Any:
    for part in place:
        raw = raw[part]
    return raw


def placed(raw: dict[str, Any], place: Place, value: object) -> dict[str, Any]:
    """Return the file with another value at a place."""
    changed = copy.deepcopy(raw)
    reach(changed, place[:-1])[place[-1]] = value
    return changed


def deleted(raw: dict[str, Any], place: Place) -> dict[str, Any]:
    changed = copy.deepcopy(raw)
    del reach(changed, place[:-1])[place[-1]]
    return changed


def misspelt(raw: dict[str, Any], place: Place) -> dict[str, Any]:
    """Double the last letter of a key."""
    changed = copy.deepcopy(raw)
    table = reach(changed, place[:-1])
    table[f"{place[-1]}{str(place[-1])[-1]}"] = table.pop(place[-1])
    return changed


def doubled(raw: dict[str, Any], place: Place) -> dict[str, Any]:
    """Repeat every entry of a list."""
    value = reach(raw, place)
    return placed(raw, place, [*value, *copy.deepcopy(value)])


def leaves(raw: object, place: Place = ()) -> Iterator[Place]:
    """Yield every place of a file that holds something."""
    if place:
        yield place
    if isinstance(raw, dict | list):
        for key in raw if isinstance(raw, dict) else range(len(raw)):
            yield from leaves(raw[key], (*place, key))
