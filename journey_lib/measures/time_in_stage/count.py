"""From counted spells to the tidy table: stage by stage, in total and group by group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.measures.time_in_stage.plan import SECONDS, UNKNOWN, Plan
from journey_lib.measures.time_in_stage.stays import CAUSES, Own, Read, Stay, days_of
from journey_lib.stats import multiplicity
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.kernels.spells import (
    NEXT,
    OPEN,
    OTHER,
    SILENCE,
    Cells,
    SpellRows,
    Spells,
    cells,
    members,
)
from journey_lib.stats.survival import Incidence, cox, risk_table
from journey_lib.stats.survival.comparison import around, compare

if TYPE_CHECKING:
    import numpy.typing as npt

HORIZONS = (1, 7, 30, 90)  # days
QUARTILES = (0.25, 0.75)
EXITS = {"next": NEXT, "other": OTHER, "silence": SILENCE, "open": OPEN}
LONG = 0.95  # waits longer than this part of all movers are unusual
Record: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[int, str]


@dataclass(frozen=True, eq=False)
class Counted:
    """The table, and the curves behind it.

    Attributes
    ----------
    rows : DataFrame
        Tidy rows.
    stays : mapping of (int, str) to Stay
        By place of the stage and group; "" is everybody.
    plan : Plan
        What was asked for.
    spells : Spells
        What the kernel counted.
    stages : tuple of str
        Ids of the stages in order.
    tau : mapping of int to float
        The horizon of each stage in days; NaN where nothing was followed.
    """

    rows: pd.DataFrame
    stays: Mapping[Key, Stay] = field(repr=False)
    plan: Plan
    spells: Spells = field(repr=False)
    stages: tuple[str, ...]
    tau: Mapping[int, float]

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups with a spell, those of unknown value last."""
        names = [*self.plan.groups, UNKNOWN] if self.plan.by else []
        return tuple(name for name in names if any(key[1] == name for key in self.stays))

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The curves of moving on, exact: stage group time moved_on std_error ci_low ci_high at_risk."""
        frames = [
            pd.DataFrame(
                {
                    "stage": self.stages[place],
                    "group": group,
                    "time": stay.table.time,
                    "moved_on": stay.share,
                    "std_error": stay.errors,
                    "ci_low": stay.bounds[0],
                    "ci_high": stay.bounds[1],
                    "at_risk": stay.table.at_risk,
                }
            )
            for (place, group), stay in self.stays.items()
            if stay.spells
        ]
        names = ["stage", "group", "time", "moved_on", "std_error", "ci_low", "ci_high", "at_risk"]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names)


def count(spells: Spells, stages: tuple[str, ...], plan: Plan) -> Counted:
    """Return every number of the report as tidy rows.

    Parameters
    ----------
    spells : Spells
        What the kernel counted.
    stages : tuple of str
        Ids of the stages in journey order.
    plan : Plan
        What was asked for.
    """
    stays = _stays(spells, len(stages), plan)
    tau = {place: _tau(place, stays, plan) for place in range(len(stages))}
    records = list(_records(stays, tau, stages, plan))
    records += _compared(stays, tau, stages, spells, plan)
    rows = pd.DataFrame(records)
    rows["ci_level"] = plan.level
    return Counted(rows, stays, plan, spells, stages, tau)


def _stays(spells: Spells, size: int, plan: Plan) -> dict[Key, Stay]:
    """Return the spells of each stage, of everybody and of each group that has one."""
    ended, waiting, people = cells(spells.ended), cells(spells.waiting), members(spells.customers)
    rows = spells.rows.settled() if spells.rows is not None and plan.repeats else None
    found = {}
    for place in range(size):
        codes: list[int | None] = [None]
        if plan.by:
            known = np.unique(people[1][people[0] == place]).tolist()
            codes += [*(code for code in known if code >= 0), *(code for code in known if code < 0)]
        for code in codes:
            name = "" if code is None else UNKNOWN if code < 0 else plan.groups[code]
            here = [_within(t.stage, t.group, place, code) for t in (ended, waiting)]
            n = int(people[2][_within(people[0], people[1], place, code)].sum())
            own = None if rows is None else _own(rows, place, code)
            found[place, name] = _stay(ended, here[0], waiting, here[1], n, own, plan.level)
    return found


def _within(
    stage: npt.NDArray[Any], group: npt.NDArray[Any], place: int, code: int | None
) -> npt.NDArray[np.bool_]:
    here: npt.NDArray[np.bool_] = stage == place
    return here if code is None else here & (group == code)


def _stay(
    ended: Cells,
    left: npt.NDArray[np.bool_],
    waiting: Cells,
    still: npt.NDArray[np.bool_],
    customers: int,
    own: Own | None,
    level: float,
) -> Stay:
    days, cause, many = days_of(ended.seconds[left]), ended.cause[left], ended.count[left]
    found = Incidence(risk_table(days, cause, count=many, causes=CAUSES))
    times, place = np.unique(waiting.seconds[still], return_inverse=True)
    waiters = np.bincount(place, waiting.count[still], len(times)).astype(np.int64)
    return Stay(found, customers, level, own, days_of(times), waiters)


def _own(rows: SpellRows, place: int, code: int | None) -> Own:
    here = _within(rows.stage, rows.group, place, code)
    customer = np.unique(rows.customer[here], return_inverse=True)[1]
    return Own(days_of(rows.seconds[here]), rows.cause[here], customer)


def _tau(place: int, stays: Mapping[Key, Stay], plan: Plan) -> float:
    """Return the horizon of a stage: the planned one, or the last time that every group was followed to."""
    here = [stay for (at, group), stay in stays.items() if at == place and group != UNKNOWN]
    known = [stay for stay in here if not math.isnan(stay.followed)]
    if not known:
        return math.nan
    least = min([plan.horizon, *(stay.followed for stay in known if not stay.settled)])
    return least if math.isfinite(least) else max(stay.followed for stay in known)


def _records(
    stays: Mapping[Key, Stay], tau: Mapping[int, float], stages: tuple[str, ...], plan: Plan
) -> Iterator[Record]:
    for (place, group), stay in stays.items():
        keys = {"stage": stages[place], "group": group, "n": stay.customers}
        yield {**keys, "metric": "spells", "unit": "count", "estimate": stay.spells}
        yield from _now(stay, keys)
        if place + 1 == len(stages) and not plan.silence and not plan.repeats:
            continue  # nothing ends the last stage
        if place + 1 < len(stages):
            yield from _moves(stay, keys)
        yield _read(stay.mean(tau[place]), keys, "mean_days", "days", _text(tau[place]))
        for name, cause in EXITS.items():
            if cause == SILENCE and not plan.silence:
                continue
            yield _read(stay.share_by(tau[place], cause), keys, f"exit_{name}", "share", _text(tau[place]))


def _moves(stay: Stay, keys: Record) -> Iterator[Record]:
    for days in HORIZONS:
        yield _read(stay.share_by(days), keys, "moved_on", "share", str(days))
    yield _read(stay.moved_by(0.5), keys, "median_days", "days")
    for share in QUARTILES:
        yield _read(stay.moved_by(share), keys, "quartile_days", "days", f"{share:.0%}".removesuffix("%"))
    yield _read(stay.typical(), keys, "mover_days", "days")


def _now(stay: Stay, keys: Record) -> Iterator[Record]:
    now = int(stay.waiters.sum())
    here = {**keys, "n": now}
    yield {**here, "metric": "in_stage_now", "unit": "count", "estimate": now}
    typical = Read(stay.waiting_by(0.5), why="" if now else "nobody_waits")
    yield _read(typical, here, "waiting_days", "days")
    limit = stay.typical_days(LONG)
    longer = math.nan if math.isnan(limit) else stay.waiting_longer(limit)
    why = "nobody_waits" if not now else "nobody_moved" if math.isnan(longer) else ""
    yield _read(Read(longer, why=why), here, "overdue", "share", _text(limit))


def _read(read: Read, keys: Record, metric: str, unit: str, option: str = "") -> Record:
    return {
        **keys, "metric": metric, "unit": unit, "option": option, "estimate": read.estimate,
        "std_error": read.std_error, "ci_low": read.low, "ci_high": read.high, "note": read.why,
    }  # fmt: skip


def _text(days: float) -> str:
    """Return days as text for a key of the table, "" where there are none."""
    return "" if math.isnan(days) else f"{round(days, 2):g}"


def _compared(
    stays: Mapping[Key, Stay],
    tau: Mapping[int, float],
    stages: tuple[str, ...],
    spells: Spells,
    plan: Plan,
) -> list[Record]:
    """Compare the groups of each stage with its largest one; Holm over all stages."""
    if not plan.by:
        return []
    tests, gaps = [], []
    for place in range(len(stages) - 1):
        groups = {
            group: stay for (at, group), stay in stays.items() if at == place and group not in ("", UNKNOWN)
        }
        reference = max(groups, key=lambda name: groups[name].customers, default="")
        known = {name: stay for name, stay in groups.items() if stay.spells}
        if len(known) < 2:
            continue
        keys = {"stage": stages[place], "n": sum(stay.customers for stay in known.values())}
        ratios = _ratios(known, reference, spells, place, plan)
        tests.append({**keys, "metric": "groups_differ", **_test(known, ratios, plan)})
        gaps += [
            {
                "stage": stages[place],
                "comparison": reference,
                "group": name,
                "n": known[name].customers,
                **row,
            }
            for name in known
            if name != reference
            for row in (_gap(known[name], known[reference], tau[place]), ratios[0][name])
        ]
    for part in (
        tests,
        *([g for g in gaps if g["metric"] == m] for m in ("mean_difference", "hazard_ratio")),
    ):
        for row, p in zip(part, multiplicity.holm([row["p_value"] for row in part]), strict=True):
            row["p_value"] = p
    return [*tests, *gaps]


def _gap(stay: Stay, reference: Stay, tau: float) -> Record:
    """Return by how many days more or less a group stays than the reference, up to the horizon."""
    one, other = stay.mean(tau), reference.mean(tau)
    estimate, error = one.estimate - other.estimate, math.hypot(one.std_error, other.std_error)
    low, high = around(estimate, error, stay.level)
    p_value = two_sided_p(estimate, error, math.inf)
    read = Read(estimate, error, low, high, "" if not math.isnan(estimate) else "too_few_followed")
    return {**_read(read, {}, "mean_difference", "days", _text(tau)), "p_value": p_value}


def _ratios(
    groups: Mapping[str, Stay], reference: str, spells: Spells, place: int, plan: Plan
) -> tuple[dict[str, Record], float]:
    """Return how many times faster each group moves on, and the joint chi-square of all ratios."""
    others = [name for name in groups if name != reference]
    days, moved, group, customer = _one_by_one(groups, spells, place, plan)
    covariates = pd.DataFrame({name: group == at for at, name in enumerate(groups) if name in others})
    found = cox(days, moved, covariates, cluster=customer, level=plan.level)
    log, covariance = found.table["log_ratio"].to_numpy(float), found.covariance
    known = bool(np.isfinite(log).all()) and np.linalg.matrix_rank(covariance) == len(log)
    joint = float(log @ np.linalg.solve(covariance, log)) if known else math.nan
    rows = {}
    for record in found.table.to_dict("records"):
        read = Read(
            record["hazard_ratio"], record["hazard_ratio"] * record["std_error"], record["ci_low"],
            record["ci_high"], record["note"],
        )  # fmt: skip
        rows[str(record["covariate"])] = {
            **_read(read, {}, "hazard_ratio", "", "cox"), "p_value": record["p_value"],
        }  # fmt: skip
    return rows, joint


def _one_by_one(
    groups: Mapping[str, Stay], spells: Spells, place: int, plan: Plan
) -> tuple[npt.NDArray[Any], ...] | tuple[Any, ...]:
    """Return days, whether they moved on, group and customer of every spell of a stage."""
    codes = np.array([plan.groups.index(name) for name in groups])
    lookup = np.full(len(plan.groups) + 1, -1)
    lookup[codes] = np.arange(len(codes))
    if plan.repeats and spells.rows is not None:
        rows = spells.rows.settled()
        here = (rows.stage == place) & (lookup[rows.group] >= 0)
        taken = (rows.seconds[here] / SECONDS, rows.cause[here] == NEXT, lookup[rows.group[here]])
        return (*taken, rows.customer[here])
    table = cells(spells.ended)
    here = np.repeat((table.stage == place) & (lookup[table.group] >= 0), table.count)
    columns = (np.repeat(v, table.count)[here] for v in (table.seconds / SECONDS, table.cause, table.group))
    days, cause, group = columns
    return days, cause == NEXT, lookup[group], None


def _test(groups: Mapping[str, Stay], ratios: tuple[dict[str, Record], float], plan: Plan) -> Record:
    """Return whether groups move on at different speed: log-rank, or Wald where customers come again."""
    from scipy.special import chdtrc

    if plan.repeats:
        statistic, df = ratios[1], len(groups) - 1
        p_value = float(chdtrc(df, statistic)) if math.isfinite(statistic) else math.nan
        name = "wald"
    else:
        found = compare(list(groups), [{name: stay.table.only(NEXT) for name, stay in groups.items()}])
        statistic, p_value, name = found.statistic, found.p_value, "logrank"
    why = "" if math.isfinite(statistic) else "not_estimable"
    return {"option": name, "unit": "", "estimate": statistic, "p_value": p_value, "note": why}
