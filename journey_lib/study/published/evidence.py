"""The ledger as synthesis reads it: of each report the run that speaks for everybody, number by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journey_lib.errors import DataError, Problem
from journey_lib.present.numbers import Number

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.study.definition import Study

SYNTHESIS = ("journey_map", "opportunities")  # they repeat what others found
_NEUTRAL = frozenset({"level", "segment", "wave"})  # settings that do not narrow who or what is counted
_NUMBER = tuple(field.name for field in fields(Number))
_BESIDE = ("stem", "report", "as_of", "channel", "kind", "fingerprint")
_NEEDED = ("run_id", "study", "params", *_BESIDE)


@dataclass(frozen=True)
class Fact:
    """One number of another report.

    Attributes
    ----------
    number : Number
        The row itself.
    stem, report, as_of : str
        The report it came from, its file, and the day it speaks for.
    channel, kind, fingerprint : str
        As in the ledger.
    """

    number: Number
    stem: str
    report: str
    as_of: str
    channel: str = ""
    kind: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the published reports of one study say, about everybody or about one segment.

    Attributes
    ----------
    rows : DataFrame
        Rows of the ledger, those of the synthesis itself left out.
    segment : str
        The segment as runs name it; "" is everybody.
    """

    rows: pd.DataFrame
    segment: str = ""

    @cached_property
    def base(self) -> dict[str, list[Fact]]:
        """Facts of each stem's plainest run: fewest settings, then the newest."""
        chosen: dict[str, tuple[tuple[int, str], str]] = {}
        for run, stem, params in self._runs():
            plain = len(set(params) - _NEUTRAL)
            rank = (-plain, run)
            if plain == 0 and (stem not in chosen or rank > chosen[stem][0]):
                chosen[stem] = (rank, run)
        return {stem: self._facts(self.rows["run_id"] == run) for stem, (_, run) in chosen.items()}

    @cached_property
    def every(self) -> list[Fact]:
        """Facts of all runs about this segment, also of those that ask a narrower question."""
        runs = [run for run, _, _ in self._runs()]
        return self._facts(self.rows["run_id"].isin(runs))

    def find(self, stem: str, metric: str, **keys: str) -> list[Fact]:
        """Return the facts of a stem's plainest run with this metric and these words, in its order."""
        return [f for f in self.base.get(stem, ()) if _fits(f, metric, keys)]

    def one(self, stem: str, metric: str, **keys: str) -> Fact | None:
        """Return the first such fact, or None."""
        return next(iter(self.find(stem, metric, **keys)), None)

    def of_experiment(self, study: Study, experiment: str) -> list[Fact]:
        """Return the facts about one experiment: of the runs that name it, or of the only one there is."""
        only = [e.id for e in study.experiments] == [experiment]
        rows = self.rows[self.rows["stem"] == "experiment"]
        usual = experiment if only else ""
        named = [
            run for run, _, params in Evidence(rows, self.segment)._runs()
            if (params.get("experiment") or usual) == experiment
        ]  # fmt: skip
        return self._facts(self.rows["run_id"].isin(named))

    def _runs(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        runs = self.rows.drop_duplicates("run_id")
        for run, stem, text in zip(runs["run_id"], runs["stem"], runs["params"], strict=True):
            params = json.loads(text or "{}")
            if str(params.get("segment", "")) == self.segment:
                yield str(run), str(stem), params

    def _facts(self, mask: pd.Series) -> list[Fact]:
        part = self.rows[mask]
        numbers = (Number(*row) for row in part[list(_NUMBER)].itertuples(index=False, name=None))
        beside = part[list(_BESIDE)].itertuples(index=False, name=None)
        return [Fact(number, *row) for number, row in zip(numbers, beside, strict=True)]


def evidence_of(
    study: Study, ledger: pd.DataFrame, segment: str = "", *, without: tuple[str, ...] = SYNTHESIS
) -> Evidence:
    """Return the ledger as evidence about one study, without the reports that only repeat it.

    Raises
    ------
    DataError
        If it is no ledger, is empty, or belongs to another study.
    """
    lacking = [name for name in (*_NEEDED, *_NUMBER) if name not in ledger]
    if lacking:
        given = f"lacks {', '.join(lacking[:5])}"
        raise DataError(Problem("ledger", given, action="Read it with jl.read_ledger(study)"))
    own = ledger[(ledger["study"] == study.id) & ~ledger["stem"].isin(without)]
    if own.empty:
        others = ", ".join(sorted(set(ledger["study"]) - {study.id})) or "nothing yet"
        action = f"Publish reports of it first: journey run all --study … ({study.id})"
        raise DataError(Problem("ledger", f"holds no report of study '{study.id}'", others, action=action))
    _check_settings(own)
    rows = own.reset_index(drop=True)
    rows.attrs["skipped"] = ledger.attrs.get("skipped", [])
    found = Evidence(rows, segment)
    if not found.every:
        action = "Publish the other reports with the same segment first"
        raise DataError(Problem("segment", f"no report speaks about '{segment}'", action=action))
    return found


def _check_settings(rows: pd.DataFrame) -> None:
    """Raise for runs whose settings cannot be read: nobody could say whom their numbers are about."""
    damaged = []
    for run, text in rows.drop_duplicates("run_id")[["run_id", "params"]].itertuples(index=False, name=None):
        try:
            fine = isinstance(json.loads(text or "{}"), dict)
        except ValueError:
            fine = False
        if not fine:
            damaged.append(str(run))
    if damaged:
        given = f"the settings of run {', '.join(damaged[:3])} cannot be read"
        raise DataError(Problem("ledger, column 'params'", given, action="Publish that report again"))


def _fits(fact: Fact, metric: str, keys: dict[str, str]) -> bool:
    number = fact.number
    return number.metric == metric and all(getattr(number, name) == word for name, word in keys.items())
