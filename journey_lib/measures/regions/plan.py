"""Which regions there are, who belongs to which, and what counts as a difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import AbsentError, ParamError, Problem, nearest
from journey_lib.study.engine import observe
from journey_lib.study.engine.groups import MOST_GROUPS
from journey_lib.study.questions import code_of

if TYPE_CHECKING:
    from journey_lib.stats.inputs import IntArray
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

ADJUSTMENTS = ("style", "none")
USUAL = "region"


@dataclass(frozen=True)
class Plan:
    """The parameters of the measure.

    Attributes
    ----------
    region : str
        Column that holds the region.
    effect, effect_sd : float
        Smallest difference worth telling: of shares, and of ratings in standard deviations.
    least : int
        Fewest people of a region, and of all others, for a comparison.
    adjust : {"style", "none"}
        Whether a difference in ratings must also hold without rating habits.
    window : str
        Time to move on from a stage.
    level : float
        Level at which all intervals of a part hold together.
    """

    region: str = "region"
    effect: float = 0.03
    effect_sd: float = 0.15
    least: int = 30
    adjust: str = "style"
    window: str = "30 days"
    level: float = 0.95

    @property
    def alpha(self) -> float:
        """Joint p-value below which a difference is told."""
        return 1 - self.level


@dataclass(frozen=True, eq=False)
class Whom:
    """Everybody by region.

    Attributes
    ----------
    names : tuple of str
        Values of the column, sorted.
    answers : ndarray of int, optional
        Region of each row of the responses, −1 for none or outside the segment; None without responses.
    customers : Series, optional
        Region of each customer by id, −1 for none; None where customers have no region.
    observed : Observed, optional
        The log, where its customers or events have a region.
    where : str
        "people" or "columns": what has the region in the log.
    unknown : dict of str to int
        Rows of each table without a region.
    disagree : int
        Answers whose own region is another than that of their customer.
    """

    names: tuple[str, ...]
    answers: IntArray | None = None
    customers: pd.Series | None = None
    observed: Observed | None = None
    where: str = ""
    unknown: dict[str, int] = field(default_factory=dict)
    disagree: int = 0

    def __len__(self) -> int:
        return len(self.names)


def whom_of(study: Study, data: Data, plan: Plan, visitors: str) -> Whom:
    """Return everybody by region.

    Raises
    ------
    AbsentError
        A study without answers, customers and events, or without the usual column.
    ParamError
        No such column, one value only, or too many.
    """
    if data.responses is None and data.customers is None and data.events is None:
        given = "needs answers, customers or events, and this study has none of them"
        raise AbsentError(Problem("regions", given, action="Add [sources.customers] or [sources.responses]"))
    observed, where = _observed(study, data, plan, visitors)
    sources = _sources(data, plan, observed, where)
    if not sources:
        known = _columns(data, observed)
        given = f"no column '{plan.region}' in customers, responses or events"
        kind = AbsentError if plan.region == USUAL else ParamError  # nobody asked for the usual column
        action = "Name the column that holds it: region = …"
        raise kind(Problem("region", given, ", ".join(known[:12]), nearest(plan.region, known), action))
    names = tuple(sorted({name for values in sources.values() for name in pd.unique(values)} - {""}))
    _judged(plan, names)
    index = pd.Index(names, dtype=object)
    coded = {table: index.get_indexer(pd.Index(values, dtype=object)) for table, values in sources.items()}
    unknown = {table: int((codes < 0).sum()) for table, codes in coded.items() if table != "events"}
    customers = None
    if "customers" in coded:
        ids = data.require("customers", by="regions")["customer_id"].astype(str)
        customers = pd.Series(coded["customers"], index=pd.Index(ids))
    answers = np.where(data.mask(), coded["responses"], -1) if "responses" in coded else None
    return Whom(
        names, answers, customers, observed if where else None, where, unknown,
        _disagreeing(data, coded.get("responses"), customers),
    )  # fmt: skip


def _judged(plan: Plan, names: tuple[str, ...]) -> None:
    if len(names) < 2:
        given = f"'{plan.region}' has {'one value' if names else 'no value'}, so nothing can be compared"
        raise ParamError(Problem("region", given, f"a column with 2 to {MOST_GROUPS} values"))
    if len(names) > MOST_GROUPS:
        given = f"'{plan.region}' has {len(names):,} values"
        raise ParamError(Problem("region", given, f"at most {MOST_GROUPS}", action="Group them first"))


def _observed(study: Study, data: Data, plan: Plan, visitors: str) -> tuple[Observed | None, str]:
    if data.events is None:
        return None, ""
    observed = observe(study, data, by="regions", visitors=visitors)
    try:
        where = observed.where(plan.region)
    except ParamError:
        return observed, ""
    return observed, "" if where == "columns" and observed.numeric(plan.region) else where


def _sources(data: Data, plan: Plan, observed: Observed | None, where: str) -> dict[str, np.ndarray]:
    """Return the region of every row of each table that has one, as text, "" where it is missing."""
    found: dict[str, np.ndarray] = {}
    if data.responses is not None and plan.region in data.columns():
        found["responses"] = _texts(data.column(plan.region))
    if data.customers is not None and plan.region in data.customers:
        found["customers"] = _texts(data.customers[plan.region])
    if observed is not None and where == "columns":
        found["events"] = np.asarray(observed.levels(plan.region), dtype=object)
    return found


def _columns(data: Data, observed: Observed | None) -> list[str]:
    own = [] if data.responses is None else data.columns()
    own += [] if data.customers is None else [str(name) for name in data.customers]
    own += [] if observed is None else list(observed.log.columns())
    return list(dict.fromkeys(own))


def _texts(values: pd.Series) -> np.ndarray:
    return np.asarray([code_of(value) if not _missing(value) else "" for value in values], dtype=object)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _disagreeing(data: Data, answers: IntArray | None, customers: pd.Series | None) -> int:
    """Count answers whose own region is not the one their customer has."""
    if answers is None or customers is None or "customer_id" not in data.require("responses", by="regions"):
        return 0
    ids = data.require("responses", by="regions")["customer_id"].fillna("").astype(str)
    known = customers[~customers.index.duplicated()].reindex(ids).fillna(-1).to_numpy(int)
    return int(((known >= 0) & (answers >= 0) & (known != answers)).sum())
