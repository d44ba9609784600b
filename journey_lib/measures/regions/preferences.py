"""What people of each region prefer and what they use: answers, orders and channels, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.regions.rows import (
    Family,
    Line,
    Row,
    Value,
    family,
    of_estimate,
    of_gap,
    of_rate,
    single_level,
    too_few,
)
from journey_lib.stats.estimate import Sample
from journey_lib.stats.funnel_rates import counted_share, difference, p_value
from journey_lib.stats.kernels.habits import Used
from journey_lib.study.questions import items
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.stats.inputs import FloatArray, IntArray
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

METHOD = "payment_method"
MOST_OPTIONS = 20
CHOSEN, PAID, CHANNELS, UNMET = "preferred", "paid_with", "channel_used", "unmet"


@dataclass(frozen=True, eq=False)
class Matrix:
    """Shares of options by region, and how many different people stand behind each.

    Attributes
    ----------
    metric, question, stage : str
        What it is about.
    options : tuple of str
        Codes of the options.
    people : ndarray of int, options × (regions + 1)
        Different people in each cell; the last column is everybody.
    exclusive : bool
        Whether the shares of a region add up to 1, so that one hidden option could be had from the others.
    """

    metric: str
    question: str
    stage: str
    options: tuple[str, ...]
    people: IntArray
    exclusive: bool


@dataclass(frozen=True, eq=False)
class Preferences:
    """Families of rows, and the matrices behind them for masking and figures."""

    families: list[Family] = field(default_factory=list)
    matrices: list[Matrix] = field(default_factory=list)

    @property
    def metrics(self) -> set[str]:
        """Metrics that were found."""
        return {one.metric for one in self.matrices}


@dataclass(frozen=True, eq=False)
class _Rows:
    """One choice a row: an answer or an order."""

    codes: IntArray
    regions: IntArray
    people: IntArray

    def counted(self, options: int, regions: int) -> IntArray:
        """Return different people by option and region, the last column for all regions."""
        kept = (self.codes >= 0) & (self.regions >= 0)
        frame = pd.DataFrame({"o": self.codes[kept], "r": self.regions[kept], "p": self.people[kept]})
        table = np.zeros((options, regions + 1), dtype=np.intp)
        each = frame.drop_duplicates()
        np.add.at(table, (each["o"].to_numpy(), each["r"].to_numpy()), 1)
        whole = frame[["o", "p"]].drop_duplicates()
        np.add.at(table, (whole["o"].to_numpy(), np.full(len(whole), regions)), 1)
        return table


def preferences(study: Study, data: Data, whom: Whom, plan: Plan) -> Preferences:
    """Return every preference that the study's answers, orders and events hold."""
    found = Preferences()
    for matrix, rows in (*_stated(study, data, whom, plan), *_paid(data, whom, plan)):
        found.matrices.append(matrix)
        found.families.append(rows)
    for column, metric in (("channel", CHANNELS), (METHOD, PAID)):
        made = _used(whom, plan, column, metric) if metric not in found.metrics else None
        if made is not None:
            found.matrices.append(made[0])
            found.families.append(made[1])
    unmet = _unmet(study, whom, plan, found)
    return Preferences([*found.families, *([unmet] if unmet else [])], found.matrices)


def _stated(study: Study, data: Data, whom: Whom, plan: Plan) -> Iterator[tuple[Matrix, Family]]:
    """Yield each question with one answer of several."""
    if data.responses is None or whom.answers is None:
        return
    who = pd.factorize(data.responses["respondent_id"])[0]
    chosen = [item for item in items(study, data) if item.question.kind == "single"]
    for name in dict.fromkeys(item.question.id for item in chosen):
        own = [item for item in chosen if item.question.id == name]
        if not 2 <= len(own) <= MOST_OPTIONS or name == plan.region:
            continue
        question, scores = own[0].question, np.column_stack([item.scores for item in own])
        codes = np.where(np.isfinite(scores).all(axis=1), np.nan_to_num(scores).argmax(axis=1), -1)
        people = _Rows(codes, whom.answers, who).counted(len(own), len(whom))
        options = tuple(item.option for item in own)
        matrix = Matrix(CHOSEN, name, question.stage, options, people, exclusive=True)
        comparisons = len(_able(_base(codes, whom.answers, len(whom)), plan)) * len(own)
        sample = sample_of(study, data, single_level(plan, comparisons))
        keys = {"question": name, "stage": question.stage, "touchpoint": question.touchpoint,
                "weighting": "weighted"}  # fmt: skip
        lines = _lines(matrix, keys, scores, whom.answers, sample, plan)
        yield matrix, family(plan, whom.names, lines, comparisons)


def _paid(data: Data, whom: Whom, plan: Plan) -> Iterator[tuple[Matrix, Family]]:
    """Yield the ways orders were paid; the orders of one customer are one draw."""
    if data.orders is None or whom.customers is None or METHOD not in data.orders:
        return
    orders = data.orders
    ids = orders["customer_id"].astype(str)
    regions = whom.customers[~whom.customers.index.duplicated()].reindex(ids).fillna(-1).to_numpy(int)
    if data.segment is not None:
        regions = np.where(ids.isin(data.segment.customers), regions, -1)
    methods = orders[METHOD].fillna("").astype(str)
    options = tuple(sorted(set(methods[regions >= 0]) - {""}))
    if not 2 <= len(options) <= MOST_OPTIONS:
        return
    codes = pd.Index(options).get_indexer(pd.Index(methods))
    who = pd.factorize(ids)[0]
    rows = _Rows(codes, regions, who)
    matrix = Matrix(PAID, "", "", options, rows.counted(len(options), len(whom)), exclusive=True)
    buyers = _Rows(np.where(codes >= 0, 0, -1), regions, who).counted(1, len(whom))[0, :-1]
    comparisons = len(_able(buyers, plan)) * len(options)
    sample = Sample(len(orders), psu=who, level=single_level(plan, comparisons))
    scores = np.where(codes[:, None] >= 0, codes[:, None] == np.arange(len(options)), np.nan)
    lines = _lines(matrix, {}, scores, regions, sample, plan, buyers)
    yield matrix, family(plan, whom.names, lines, comparisons)


def _lines(
    matrix: Matrix, keys: dict[str, str], scores: FloatArray, regions: IntArray, sample: Sample, plan: Plan,
    bases: IntArray | None = None,
) -> Iterator[Line]:  # fmt: skip
    """Yield one line an option, from rows with a score of 0 or 1 for each."""
    n = matrix.people.shape[1] - 1
    known = _base(np.where(np.isfinite(scores[:, 0]), 0, -1), regions, n) if bases is None else bases
    able = set(_able(known, plan))
    for at, option in enumerate(matrix.options):
        own = scores[:, at]
        each = sample.by_domain("proportion", own, regions, n)
        gaps = [
            of_gap(sample.difference(own, regions == r, (regions >= 0) & (regions != r), kind="proportion"),
                   float(known[r]))
            if r in able else too_few(float(known[r]))
            for r in range(n)
        ]  # fmt: skip
        values = [_based(of_estimate(each.one(r)), known[r]) for r in range(n)]
        whole = _based(of_estimate(sample.one("proportion", own, regions >= 0)), known.sum())
        yield Line({"metric": matrix.metric, "unit": "share", "option": option, **keys}, values, gaps, whole)


def _based(value: Value, people: float) -> Value:
    """Return a value whose base counts people: that is what masking protects."""
    return Value(value.estimate, value.std_error, value.ci_low, value.ci_high, float(people),
                 value.n_effective, value.p_value, value.note)  # fmt: skip


def _base(codes: IntArray, regions: IntArray, n: int) -> IntArray:
    return np.bincount(regions[(codes >= 0) & (regions >= 0)], minlength=n)


def _able(n: IntArray, plan: Plan) -> list[int]:
    """Return the regions with enough people that also have enough others to be compared with."""
    return [at for at, own in enumerate(n) if own >= plan.least and n.sum() - own >= plan.least]


def _used(whom: Whom, plan: Plan, column: str, metric: str) -> tuple[Matrix, Family] | None:
    """Return how many customers ever used each value of a column of the log; one customer may use several."""
    observed = whom.observed
    if observed is None or whom.where != "people" or column not in observed.log.columns():
        return None
    if observed.numeric(column):
        return None
    options = observed.levels(column)
    if not 2 <= len(options) <= MOST_OPTIONS:
        return None
    levels = observed.levels(plan.region)
    table = observed.run(Used(plan.region, len(levels), column, len(options)))
    own = table[[levels.index(name) for name in whom.names if name in levels]]
    if len(own) != len(whom):
        full = np.zeros((len(whom), len(options) + 1), dtype=np.intp)
        full[[at for at, name in enumerate(whom.names) if name in levels]] = own
        own = full
    bases, comparisons = own[:, -1], len(_able(own[:, -1], plan)) * len(options)
    level = single_level(plan, comparisons)
    people = np.column_stack([own[:, :-1].T, own[:, :-1].sum(axis=0)])
    matrix = Matrix(metric, "", "", tuple(options), people, exclusive=False)
    lines = (_counted(matrix, at, bases, plan, level) for at in range(len(options)))
    return matrix, family(plan, whom.names, lines, comparisons)


def _counted(matrix: Matrix, at: int, bases: IntArray, plan: Plan, level: float) -> Line:
    """Return one option as counts of customers out of all with an event."""
    used, all_, able = matrix.people[at, :-1], int(bases.sum()), set(_able(bases, plan))
    shares = [counted_share(float(u), float(n), level) for u, n in zip(used, bases, strict=True)]
    gaps = []
    for r, (u, n) in enumerate(zip(used.tolist(), bases.tolist(), strict=True)):
        if r not in able:
            gaps.append(too_few(n))
            continue
        others = int(used.sum()) - u
        rest = counted_share(others, all_ - n, level)
        p = p_value(shares[r], rest, [(u, n - u), (others, all_ - n - others)])
        gaps.append(of_rate(difference(shares[r], rest), p))
    keys = {"metric": matrix.metric, "unit": "share", "option": matrix.options[at]}
    whole = of_rate(counted_share(int(used.sum()), all_, level))
    return Line(keys, [of_rate(one) for one in shares], gaps, whole)


def _unmet(study: Study, whom: Whom, plan: Plan, found: Preferences) -> Family | None:
    """Compare what people say they prefer to pay with and what orders were paid with, name by name."""
    paid = next((m for m in found.matrices if m.metric == PAID), None)
    if paid is None:
        return None
    used = _cells(found, paid)
    for asked in (m for m in found.matrices if m.metric == CHOSEN):
        pairs = _matched(study, asked, paid)
        if len(pairs) > 1:
            wanted = _cells(found, asked)
            keys = {"metric": UNMET, "unit": "share_points", "question": asked.question, "stage": asked.stage,
                    "comparison": PAID, "ci_level": plan.level}  # fmt: skip
            rows = [
                {**keys, "option": code, "group": name,
                 **vars(_lacking(wanted[code, name], used[method, name]))}
                for code, method in pairs
                for name in whom.names
            ]  # fmt: skip
            return Family(rows, len(rows))
    return None


def _cells(found: Preferences, matrix: Matrix) -> dict[tuple[str, str], Row]:
    rows = found.families[found.matrices.index(matrix)].rows
    return {(row["option"], row["group"]): row for row in rows if row["metric"] == matrix.metric}


def _matched(study: Study, asked: Matrix, paid: Matrix) -> list[tuple[str, str]]:
    """Pair options and methods that readers call by the same name; others stay out."""
    names = {_plain(study, METHOD, method): method for method in paid.options}
    pairs = [(code, names.get(_plain(study, asked.question, code), "")) for code in asked.options]
    return [pair for pair in pairs if pair[1]]


def _plain(study: Study, column: str, value: str) -> str:
    words = study.value_label(column, value).say("en")
    return "".join(sign for sign in words.casefold() if sign.isalnum())


def _lacking(wanted: Row, used: Row) -> Value:
    """Return by how much the share that wants something is larger than the share that has it.

    Definition
    ----------
    The interval is made of those of the two shares (Newcombe 1998; Zou and Donner 2008), which hold together
    in their families.
    """
    n, gap = min(wanted["n"], used["n"]), wanted["estimate"] - used["estimate"]
    ends = (wanted["ci_low"], wanted["ci_high"], used["ci_low"], used["ci_high"])
    if not all(map(math.isfinite, (gap, *ends))):
        return Value(n=n, note="no_orders")
    low = gap - math.hypot(wanted["estimate"] - wanted["ci_low"], used["ci_high"] - used["estimate"])
    high = gap + math.hypot(wanted["ci_high"] - wanted["estimate"], used["estimate"] - used["ci_low"])
    return Value(gap, math.hypot(wanted["std_error"], used["std_error"]), low, high, n)
