"""Which periods stand out, after correction for all that were looked at, and what changed since last time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.stats.intervals import wilson
from journey_lib.stats.monitoring import Judged, decomposed, judged
from journey_lib.stats.multiplicity import benjamini_hochberg

if TYPE_CHECKING:
    from journey_lib.measures.monitor.series import Series, Watched

ALPHA = 0.05
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Alert:
    """A period of a series that departs from its past by more than noise and more than the least that counts.

    Attributes
    ----------
    series : Series
        Which share.
    at : int
        Number of its period.
    period : str
        Name of the period.
    rate, expected, low, high : float
        What was seen, what its past expects, and the interval of what was seen.
    p_value : float
        After Benjamini–Hochberg over everything looked at.
    latest : bool
        Whether it is the newest complete period.
    """

    series: Series
    at: int
    period: str
    rate: float
    expected: float
    low: float
    high: float
    p_value: float
    latest: bool

    @property
    def gap(self) -> float:
        """How far the share lies from what was expected."""
        return self.rate - self.expected


def judge(watched: Watched, min_cell: int) -> dict[tuple[str, str], Judged]:
    """Return every series judged period by period, by name and group; a small period has no share at all."""
    found = {}
    for series in watched.series:
        shown = series.denominator >= min_cell
        found[series.name, series.group] = judged(
            np.where(shown, series.numerator, 0), np.where(shown, series.denominator, 0)
        )
    return found


def alerts_of(
    watched: Watched, found: dict[tuple[str, str], Judged], least: float, relative: float
) -> list[Alert]:
    """Return the alerts, the newest first, then the largest.

    The newest period of every series is one family, all earlier periods together another: whoever watches
    today is not made to pay for the past.
    """
    newest, past = [], []
    for series in watched.series:
        p = found[series.name, series.group].p_value
        known = np.flatnonzero(np.isfinite(p))
        newest += [(series, int(at)) for at in known if at == len(p) - 1]
        past += [(series, int(at)) for at in known if at < len(p) - 1]
    alerts = [*_family(watched, found, newest, latest=True), *_family(watched, found, past, latest=False)]
    large = [a for a in alerts if abs(a.gap) >= least or abs(a.gap) >= relative * a.expected]
    return sorted(large, key=lambda a: (not a.latest, a.p_value, a.series.name, a.series.group))


def _family(
    watched: Watched, found: dict[tuple[str, str], Judged], tests: list[tuple[Series, int]], *, latest: bool
) -> Iterator[Alert]:
    if not tests:
        return
    p = benjamini_hochberg([found[s.name, s.group].p_value[at] for s, at in tests])
    for (series, at), adjusted in zip(tests, p, strict=True):
        if adjusted < ALPHA:
            one = found[series.name, series.group]
            low, high = _interval(series, at)
            yield Alert(
                series, at, watched.periods[at], float(one.rate[at]), float(one.expected[at]), low, high,
                float(adjusted), latest,
            )  # fmt: skip


def rows_of(watched: Watched, found: dict[tuple[str, str], Judged], alerts: list[Alert]) -> pd.DataFrame:
    """Return alerts, the newest period of every series, and all periods of totals and of alerted series."""
    told = {(a.series.name, a.series.group) for a in alerts}
    rows = [_alert_row(a) for a in alerts]
    for series in watched.series:
        whole = not series.group or (series.name, series.group) in told
        first = 0 if whole else len(series.numerator) - 1
        for at in range(first, len(series.numerator)):
            rows += _period_rows(watched, series, found[series.name, series.group], at)
    return pd.DataFrame(rows)


def mix_rows(watched: Watched, alerts: list[Alert]) -> list[dict[str, Any]]:
    """Return for each alert about everybody how much of it is who came and how much how they behaved."""
    rows = []
    for alert in (a for a in alerts if not a.series.group):
        part, whole = watched.by_group[alert.series.name]
        if part.shape[1] < 2:
            continue
        before = (part[: alert.at].sum(axis=0), whole[: alert.at].sum(axis=0))
        shift = decomposed(before, (part[alert.at], whole[alert.at]))
        keys = {**_keys(alert.series), "wave": alert.period, "unit": "share_points"}
        rows += [{**keys, "metric": "from_mix", "estimate": shift.mix},
                 {**keys, "metric": "from_behaviour", "estimate": shift.rate}]  # fmt: skip
    return rows


def _alert_row(alert: Alert) -> dict[str, Any]:
    expected = alert.expected
    return {
        **_keys(alert.series), "metric": "alert", "wave": alert.period, "unit": "share_points",
        "estimate": alert.gap, "ci_low": alert.low - expected, "ci_high": alert.high - expected,
        "ci_level": LEVEL, "p_value": alert.p_value, "n": float(alert.series.denominator[alert.at]),
        "option": "latest" if alert.latest else "past",
    }  # fmt: skip


def _period_rows(watched: Watched, series: Series, one: Judged, at: int) -> Iterator[dict[str, Any]]:
    n = float(series.denominator[at])
    keys = {**_keys(series), "wave": watched.periods[at], "unit": "share", "n": n, "ci_level": LEVEL}
    if not math.isfinite(one.rate[at]):
        yield {**keys, "metric": "rate", "note": "few" if n else "nobody"}
        return
    low, high = _interval(series, at)
    yield {**keys, "metric": "rate", "estimate": float(one.rate[at]), "ci_low": low, "ci_high": high}
    expected = float(one.expected[at])
    if math.isfinite(expected):
        yield {
            **keys, "metric": "expected", "estimate": expected, "ci_low": float(one.low[at]),
            "ci_high": float(one.high[at]),
        }  # fmt: skip


def _keys(series: Series) -> dict[str, Any]:
    return {
        "question": series.name, "stage": series.stage, "touchpoint": series.touchpoint,
        "group": series.group,
    }  # fmt: skip


def _interval(series: Series, at: int) -> tuple[float, float]:
    n = series.denominator[at : at + 1].astype(float)
    low, high = wilson(series.numerator[at : at + 1] / n, n, LEVEL)
    return float(low[0]), float(high[0])
