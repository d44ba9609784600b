"""What the last run had found: alerts that are new, and periods that late events have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import DataError
from journey_lib.study.published.evidence import evidence_of
from journey_lib.study.published.signals import Signal, signals_of

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.study.definition import Study

Key = tuple[str, str, str]  # series, group, period


@dataclass(frozen=True)
class LastRun:
    """The newest earlier run with the same settings.

    Attributes
    ----------
    as_of : str
        Day it spoke for; "" when there was none.
    alerts : frozenset of (str, str, str)
        Series, group and period of each alert.
    sizes : dict
        Denominator of each series, group and period, to see what late events changed.
    """

    as_of: str = ""
    alerts: frozenset[Key] = frozenset()
    sizes: Mapping[Key, float] = field(default_factory=dict)


def last_run(study: Study, ledger: pd.DataFrame | None, settings: Mapping[str, object]) -> LastRun:
    """Return the last run of the monitor with these settings; another definition breaks the series."""
    if ledger is None or ledger.empty:
        return LastRun()
    text = json.dumps(["monitor", {k: settings[k] for k in sorted(settings)}], default=str)
    definition = hashlib.sha256(text.encode()).hexdigest()[:12]
    own = ledger[
        (ledger["study"] == study.id)
        & (ledger["stem"] == "monitor")
        & (ledger["definition_hash"] == definition)
    ]
    if own.empty:
        return LastRun()
    own = own[own["run_id"] == own["run_id"].max()]
    keys = list(own[["question", "group", "wave"]].itertuples(index=False, name=None))
    alerts = frozenset(key for key, metric in zip(keys, own["metric"], strict=True) if metric == "alert")
    rates = zip(keys, own["metric"], own["n"], strict=True)
    return LastRun(
        str(own["as_of"].iloc[0]), alerts, {key: float(n) for key, metric, n in rates if metric == "rate"}
    )


def from_surveys(study: Study, ledger: pd.DataFrame | None) -> tuple[Signal, ...]:
    """Return changes between waves that the survey and comments reports found."""
    if ledger is None or ledger.empty:
        return ()
    try:
        evidence = evidence_of(study, ledger)
    except DataError:
        return ()
    return tuple(s for s in signals_of(study, evidence) if s.kind in ("change", "theme"))
