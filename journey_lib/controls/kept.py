"""The saved segments as a filter lists them: n then and now, and where they were used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import JourneyError
from journey_lib.study.segments import evaluate

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.controls.choosing import Choosing
    from journey_lib.study.segments import SavedSegment


@dataclass(frozen=True)
class Kept:
    """A saved segment in the list.

    Attributes
    ----------
    saved : SavedSegment
        Its newest version.
    now : int or None
        People inside today; None where it cannot be asked any more.
    problem : str
        Why it cannot, "" where it can.
    reports : int
        Reports that speak about it, in any version.
    stems : tuple of str
        Of which kinds they are.
    """

    saved: SavedSegment
    now: int | None
    problem: str
    reports: int
    stems: tuple[str, ...] = ()


def kept_list(chooser: Choosing) -> list[Kept]:
    """Return the saved segments of a study in the file's order."""
    found = chooser.store.all()
    ledger = _ledger(chooser) if found else None
    return [_kept(chooser, one, ledger) for one in found]


def _kept(chooser: Choosing, saved: SavedSegment, ledger: pd.DataFrame | None) -> Kept:
    runs = None if ledger is None else chooser.store.used_by(saved.id, ledger)
    reports = 0 if runs is None else runs["report"].nunique()
    stems = () if runs is None else tuple(dict.fromkeys(runs["stem"]))
    try:
        return Kept(saved, _now(chooser, saved), "", reports, stems)
    except JourneyError as error:
        return Kept(saved, None, str(error), reports, stems)


def _now(chooser: Choosing, saved: SavedSegment) -> int:
    """Return how many are inside today, from the columns at hand where they answer the same question."""
    who = chooser.who
    if saved.level == who.level and not saved.frozen and saved.cuts is None:
        return int(evaluate(saved.rule, who, snapshot=who.snapshot).yes.sum())
    return chooser.store.segment(saved.id).n


def _ledger(chooser: Choosing) -> pd.DataFrame | None:
    """Return every published run; None where there is no place for reports."""
    import pandas as pd

    from journey_lib.publish.ledger import read_ledger

    if isinstance(chooser.ledger, pd.DataFrame):
        return chooser.ledger
    try:
        return read_ledger(chooser.ledger or chooser.study, all_runs=True)
    except (JourneyError, OSError):
        return None
