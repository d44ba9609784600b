"""The same drivers in each group, such as each region: shares, coefficients, and whether they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.drivers.choose import Plan, scores
from journey_lib.stats import drivers as models
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.intervals import t_quantile
from journey_lib.stats.multiplicity import holm
from journey_lib.study.questions import code_of
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.drivers.count import Settings
    from journey_lib.stats.drivers import Importance, Model, Uncertainty
    from journey_lib.stats.estimate import Sample
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

    Floats = npt.NDArray[np.float64]

MOST = 12  # groups
ROWS_A_DRIVER = 20  # complete answers a group must have for each driver
_NEVER = ("respondent_id", "customer_id", "date", "base_weight", "duration_s")


@dataclass(frozen=True, eq=False)
class Group:
    """What the models say inside one group; without models where it is too small for them.

    Attributes
    ----------
    name : str
        Value of the column.
    n : int
        Complete answers.
    importance, uncertainty, linear, others : optional
        Shares and their intervals, the linear model of the group, and that of everybody else.
    """

    name: str
    n: int
    importance: Importance | None = None
    uncertainty: Uncertainty | None = None
    linear: Model | None = None
    others: Model | None = field(default=None, repr=False)


def fitted(
    study: Study, data: Data, plan: Plan, mask: npt.NDArray[np.bool_], by: str, how: Settings
) -> tuple[Group, ...]:
    """Return the models of the report's own outcome in each group of `by`; none without `by`.

    Raises
    ------
    ParamError
        A column nobody has, or one with a single value or too many.
    """
    if not by:
        return ()
    values = _values(data, by, mask)
    X = np.column_stack([scores(q, data) for q in plan.drivers])
    y, sample = scores(plan.outcome, data), sample_of(study, data, how.level)
    complete = mask & ~np.isnan(X).any(axis=1) & ~np.isnan(y) & (sample.weights > 0)
    names = [q.id for q in plan.drivers]
    return tuple(
        _group(value, X, y, complete & (values == value), complete & (values != value), sample, names, how)
        for value in sorted(set(values[mask]) - {""})
    )


def rows(found: tuple[Group, ...], plan: Plan, level: float) -> Iterator[dict[str, Any]]:
    """Yield shares, coefficients and their distance to everybody else, group by group.

    Definition
    ----------
    `coefficient_gap`: the group's coefficient less that of all others, each from its own model, as if the two
    were independent; Holm over groups and drivers.
    """
    gaps: list[dict[str, Any]] = []
    for group in found:
        base = {"comparison": plan.outcome.id, "n": group.n, "group": group.name, "ci_level": level}
        whole = {**base, "metric": "explained", "question": plan.outcome.id, "unit": "share"}
        if group.importance is None or group.uncertainty is None:
            yield {**whole, "estimate": np.nan, "note": "few_rows"}
            continue
        yield {**whole, "estimate": group.importance.r_squared}
        for at, driver in enumerate(plan.drivers):
            keys = {**base, "question": driver.id, "stage": driver.stage, "touchpoint": driver.touchpoint}
            yield {**keys, "metric": "importance", "unit": "share", **_share(group, at)}
            term = _term(group.linear, driver.id)
            yield {**keys, "metric": "coefficient", "unit": "score", **term}
            gaps.append(
                {**keys, "metric": "coefficient_gap", "unit": "score", **_gap(group, driver.id, level)}
            )
    adjusted = holm([gap["p_value"] for gap in gaps])
    yield from ({**gap, "p_value": float(p)} for gap, p in zip(gaps, adjusted, strict=True))


def _values(data: Data, by: str, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    usable = [
        name for name in data.columns() if name not in _NEVER and 1 < data.column(name).nunique() <= MOST
    ]
    if by not in usable:
        allowed = f"a column with 2 to {MOST} values: {', '.join(usable[:12])}"
        raise ParamError(Problem("by", f"'{by}' cannot split the answers", allowed, nearest(by, usable)))
    return np.where(mask, np.asarray([code_of(v) for v in data.column(by)], dtype=object), "")


def _group(
    name: str,
    X: Floats,
    y: Floats,
    inside: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
    sample: Sample,
    names: list[str],
    how: Settings,
) -> Group:
    n = int(inside.sum())
    if n < ROWS_A_DRIVER * len(names) or (np.ptp(X[inside], axis=0) == 0).any() or np.ptp(y[inside]) == 0:
        return Group(name, n)
    own, rest = (np.where(rows[:, None], X, np.nan) for rows in (inside, outside))
    share = models.lmg if how.method == "lmg" else models.johnson
    sure = models.bootstrap(
        own, y, sample=sample, method=how.method, draws=how.draws, seed=how.seed, level=how.level, names=names
    )
    enough = outside.sum() >= ROWS_A_DRIVER * len(names)
    return Group(
        name, n, share(own, y, sample.weights, names=names), sure,
        models.linear(own, y, sample=sample, names=names),
        models.linear(rest, y, sample=sample, names=names) if enough else None,
    )  # fmt: skip


def _share(group: Group, at: int) -> dict[str, Any]:
    found, sure = group.importance, group.uncertainty
    assert found is not None and sure is not None  # noqa: S101, PT018 - the caller looked
    share, low, high = (float(v[at]) for v in (found.relative, sure.relative_low, sure.relative_high))
    inside = low <= share <= high
    return {
        "estimate": share, "std_error": float(sure.relative_error[at]), "ci_low": low if inside else np.nan,
        "ci_high": high if inside else np.nan, "note": "" if inside else "near_zero",
    }  # fmt: skip


def _term(model: Model | None, name: str) -> dict[str, float]:
    if model is None:
        return dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high", "p_value"), np.nan)
    at = model.names.index(name)
    columns = {"estimate": model.coefficient, "std_error": model.std_error, "ci_low": model.ci_low,
               "ci_high": model.ci_high, "p_value": model.p_value}  # fmt: skip
    return {key: float(values[at]) for key, values in columns.items()}


def _gap(group: Group, name: str, level: float) -> dict[str, Any]:
    own, rest = _term(group.linear, name), _term(group.others, name)
    gap, error = own["estimate"] - rest["estimate"], float(np.hypot(own["std_error"], rest["std_error"]))
    df = min((m.df for m in (group.linear, group.others) if m is not None), default=np.nan)
    reach = float(t_quantile(level, np.array([df]))[0]) * error
    known = bool(np.isfinite(gap))
    return {
        "estimate": gap, "std_error": error, "ci_low": gap - reach, "ci_high": gap + reach,
        "p_value": two_sided_p(gap, error, df), "note": "" if known else "few_rows",
    }  # fmt: skip
