"""What moved beyond noise: every share of the journey against its own past, period by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from journey_lib.errors import chosen
from journey_lib.measures.monitor import checks, count, since
from journey_lib.measures.monitor.result import MonitorResult
from journey_lib.measures.monitor.series import watch
from journey_lib.study.calendar import UNITS
from journey_lib.study.context import context_of
from journey_lib.study.durations import microseconds
from journey_lib.study.engine.observed import VISITORS, observe
from journey_lib.study.events.times import midnight
from journey_lib.study.params import EventParams
from journey_lib.study.published.changes import changes

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

_GROUPS = ("region", "country", "channel")  # looked for in this order


class MonitorParams(EventParams):
    """Parameters of the monitor."""

    unit: str = Field(
        "week",
        description="Length of a period; only whole ones count.",
        json_schema_extra={"choices": list(UNITS)},
    )
    by: str = Field(
        "auto",
        description='Column of customers or events to look at one by one; "auto" for region, "" for none.',
    )
    window: str = Field(
        "14 days",
        description="How long after entering a stage going on to the next one counts.",
        json_schema_extra={"unit": "duration"},
    )
    least: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Smallest change that counts, as a share; or a tenth of what is expected.",
    )


def monitor(
    study: Study,
    data: Data,
    ledger: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    *,
    unit: str = "week",
    by: str = "auto",
    window: str = "14 days",
    least: float = 0.02,
    visitors: str = "all",
    as_of: str = "",
) -> MonitorResult:
    """Return which shares of the journey stand out from their own past, newest period first.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`.
    ledger : DataFrame, optional
        From `read_ledger`; tells what is new since the last run, which periods late events changed, and what
        surveys saw.
    history : DataFrame, optional
        From `read_ledger` with `all_runs=True`; tells what other reports say otherwise than before.
    unit : {"day", "week", "month"}
        Length of a period; only whole ones count.
    by : str
        Column to look at one by one; "auto" for region, country or channel where there is one, "" for none.
    window : str
        How long after entering a stage going on to the next one counts.
    least : float
        Smallest change that counts, or a tenth of what is expected.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count.
    as_of : str
        Last day that is known, as 2025-01-31; "" for the end of the window.

    Returns
    -------
    MonitorResult
        `.table` holds alerts, every share of the newest period with what was expected, and the past of
        totals.

    Raises
    ------
    DataError
        The study has no events.
    ParamError
        A word, column, duration or day that is not known.

    Definition
    ----------
    Watched are, per period and group, the further events of a touchpoint over its first one, and customers
    who enter a stage and go on within the window. Each period is compared with all earlier ones that raised
    no alarm (at least eight): binomial noise, widened by how much the past itself varies (Laney) and by the
    doubt of the past, on the scale of shares and on that of arcsin of their root; the larger p-value counts.
    An alert needs a p-value below 5 % after Benjamini–Hochberg over all series of the newest period (the past
    is a family of its own), and a change of at least `least` or a tenth.

    Units and missing data
    ----------------------
    Shares 0–1. Series with fewer than 30 in a usual period are left out and counted.

    Source
    ------
    Laney, D. (2002), Quality Engineering 14. Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal
    Statistical Society B 57. Kitagawa, E. (1955), Journal of the American Statistical Association 50.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> days = pd.date_range("2025-01-01", periods=80).repeat(50)
    >>> ids = [f"c{n}" for n in range(len(days))]
    >>> log = pd.DataFrame({"customer_id": ids, "event": "cart", "time": days})
    >>> paid = log[log.index % 2 == 0].assign(event="paid", time=lambda f: f["time"] + pd.Timedelta(hours=1))
    >>> study, data = quick_study(events=pd.concat([log, paid]), journey=["cart", "paid"])
    >>> result = monitor(study, data, window="1 day")
    >>> result.table.query("metric == 'rate'")["estimate"].unique().tolist(), len(result.alerts)
    ([0.5], 0)
    """
    chosen("unit", unit, UNITS)
    chosen("visitors", visitors, VISITORS)
    microseconds(window, "window")
    observed = observe(study, data, by="monitor", visitors=visitors)
    column = _column(data, by)
    until = observed.end
    if as_of:
        until = min(until, midnight(pd.Timestamp(as_of).date(), observed.time_zone, days_later=1) - 1)
    watched = watch(study, observed, unit=unit, window=window, by=column, until=until)
    found = count.judge(watched, study.thresholds.min_cell)
    alerts = count.alerts_of(watched, found, least, 0.1)
    rows = count.rows_of(watched, found, alerts)
    rows = pd.concat([rows, pd.DataFrame(count.mix_rows(watched, alerts))], ignore_index=True)
    settings = {"unit": unit, "by": column, "window": window, "least": least, "visitors": visitors,
                "segment": data.segment.rule if data.segment else ""}  # fmt: skip
    before = since.last_run(study, ledger, settings)
    return MonitorResult(
        rows=rows,
        basis=checks.basis(study, observed, watched, column, window),
        checks=checks.checks(study, observed, watched, found, before),
        notes=checks.notes(),
        context=context_of(study, data),
        settings=settings,
        study=study,
        watched=watched,
        judgements=found,
        alerts=tuple(alerts),
        before=before,
        from_surveys=since.from_surveys(study, ledger),
        changes=changes(study, history, as_of),
    )


def _column(data: Data, by: str) -> str:
    """Return the grouping column: the first usual one there is for "auto"."""
    if by != "auto":
        return by
    known = () if data.customers is None else tuple(map(str, data.customers))
    return next((name for name in _GROUPS if name in known), "")
