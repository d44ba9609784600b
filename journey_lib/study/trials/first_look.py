"""What the plan was when somebody first looked at the results: kept beside the data, compared ever after."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.definition import Study

FILE = "experiments.json"


@dataclass(frozen=True)
class FirstLook:
    """The plan at the first look.

    Attributes
    ----------
    plan : str
        Its hash then.
    day : str
        ISO day of that look.
    kept : bool
        Whether there is a place to remember it; a study without a folder has none.
    """

    plan: str
    day: str = ""
    kept: bool = True


def first_look(study: Study, name: str, plan: str, begun: str) -> FirstLook:
    """Return the plan of the first look at an experiment; remember this one if it is the first.

    Parameters
    ----------
    study : Study
        Its folder holds `derived/experiments.json`.
    name, plan : str
        Id of the experiment and hash of its plan now.
    begun : str
        First moment of exposure: other data of the same name are another experiment.
    """
    if not (study.folder / "study.toml").is_file():
        return FirstLook(plan, kept=False)
    place = study.folder / "derived" / FILE
    known = _read(place)
    entry = known.get(name)
    if isinstance(entry, dict) and entry.get("begun") == begun and isinstance(entry.get("plan"), str):
        return FirstLook(entry["plan"], str(entry.get("day", "")))
    today = datetime.now(UTC).date().isoformat()
    kept = _write(place, {**known, name: {"plan": plan, "day": today, "begun": begun}})
    return FirstLook(plan, today, kept)


def _read(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(place: Path, content: dict[str, Any]) -> bool:
    """Write the whole file beside its place and move it there; a folder nobody may write to keeps nothing."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        draft.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
        draft.replace(place)
    except OSError:
        return False
    return True
