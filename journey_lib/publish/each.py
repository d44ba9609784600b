"""One report each: the segments that a word of the command line stands for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.publish.places import find_study

if TYPE_CHECKING:
    from pathlib import Path

SAVED = "segment"


def segments_of(study: str | Path, each: str) -> list[str]:
    """Return a segment for every value of a column, or every saved one.

    Parameters
    ----------
    study : str or Path
        The study.
    each : str
        "segment" for the saved ones, else a column of responses or customers, such as "region" or "wave".
        Values with fewer respondents than the study's `min_cell` are left out: their pages would be masked.

    Raises
    ------
    ParamError
        If there is no such column, or nothing large enough in it.
    """
    file = find_study(study)
    found = _saved(file.parent / "segments.json") if each == SAVED else _values(file, each)
    if not found:
        raise ParamError(Problem("each", f"'{each}' stands for no segment that is large enough to report"))
    return found


def _saved(file: Path) -> list[str]:
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError:
        raise ParamError(Problem(file.name, "is not valid JSON")) from None
    return [str(one["name"] if isinstance(one, dict) else one) for one in saved]


def _values(file: Path, column: str) -> list[str]:
    from journey_lib.study.load import load_study
    from journey_lib.study.segments import as_words

    study, data = load_study(file)
    known = data.columns()
    if column not in known:
        raise ParamError(
            Problem(
                "each",
                f"no column '{column}' in responses or customers",
                nearest=nearest(column, [SAVED, *known]),
            )
        )
    sizes = as_words(data.column(column)).value_counts()
    return sorted(f"{column}={value}" for value, n in sizes.items() if n >= study.thresholds.min_cell)
