"""The columns a rule may name beside those of the tables: what orders, events, trials and answers come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.present.wording import message
from journey_lib.study.segments.checks import kind_of
from journey_lib.study.segments.people import IDS, Trait
from journey_lib.study.segments.rule import columns_of
from journey_lib.study.segments.words import ARM, NEWEST, NO_STAGE, Plain, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from journey_lib.present.wording import Says
    from journey_lib.stats.kernels.summary import Summaries
    from journey_lib.stats.rfm import Cuts, Purchases, Scores
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments.people import Made, People
    from journey_lib.study.segments.rule import Rule

SCORES: Final = ("recency_score", "frequency_score", "monetary_score")
SESSION_GAP: Final = "30 minutes"


def derived(
    study: Study, data: Data, who: People, cuts: Mapping[str, object] | None = None
) -> dict[str, Made]:
    """Return every derived column this study can have; nothing is computed yet."""
    facts = Facts(study, data, who, cuts)
    return {
        **(_of_events(study, facts) if data.events is not None else {}),
        **(_of_orders(study, facts) if data.orders is not None else {}),
        **(_of_trials(study, data, facts) if data.assignments is not None else {}),
        **(_of_answers(study, data, facts) if _answered(data) else {}),
        **(_of_feedback(study, facts) if _contacted(data) else {}),
    }


def score_cuts(
    study: Study, data: Data, who: People, rule: Rule, cuts: Mapping[str, object] | None = None
) -> dict[str, object] | None:
    """Return the cuts that a rule on scores rests on, to be saved with it; None where it names no score."""
    named = any(
        who.traits[name].derived for name in columns_of(rule) if name in SCORES and name in who.traits
    )
    return Facts(study, data, who, cuts).score_cuts.as_json() if named else None


def seen_in_events(data: Data) -> pd.Index:
    """Return the customers of the log, bots aside, sorted by id."""
    log = data.require_events(by="segments")
    ids: pd.Index = log.fold(lambda chunk: chunk.customers[~chunk.bots], _both)
    return ids.sort_values()


@dataclass(frozen=True, eq=False)
class Facts:
    """What derived columns share, each found once and only when it is needed."""

    study: Study
    data: Data
    who: People
    cuts: Mapping[str, object] | None = None

    @cached_property
    def summaries(self) -> Summaries:
        """One row a customer of the log."""
        return _summaries(self.study, self.data)

    @cached_property
    def in_log(self) -> np.ndarray:
        """The row of each person among the summaries; -1 where the log does not know them."""
        at: np.ndarray = self.summaries.ids.get_indexer(self.who.ids)
        return at

    @cached_property
    def bots(self) -> np.ndarray:
        """Who is left out of the log because nobody acts that fast."""
        log = self.data.require_events(by="segments")
        ids = log.fold(lambda chunk: chunk.customers[chunk.bots], _both)
        return np.asarray(self.who.ids.isin(ids))

    @cached_property
    def purchases(self) -> Purchases:
        """When, how often and for how much each person bought."""
        from journey_lib.stats.rfm import purchases

        orders = self.data.require("orders", by="segments")
        customer = self.who.ids.get_indexer(pd.Index(orders["customer_id"]))
        return purchases(
            customer, self.days(orders), self.money(orders),
            size=len(self.who), snapshot=_day_number(self.who.snapshot),
        )  # fmt: skip

    @cached_property
    def scores(self) -> Scores:
        """Their scores: by saved cuts, else in five groups by today's quantiles."""
        from journey_lib.stats.rfm import scored

        return scored(self.purchases, self.score_cuts)

    @property
    def score_cuts(self) -> Cuts:
        """Where scores end: as they were saved, else today's quantiles."""
        from journey_lib.stats.rfm import Cuts, quantile_cuts

        return Cuts.saved(self.cuts) if self.cuts else quantile_cuts(self.purchases)

    def days(self, orders: pd.DataFrame) -> np.ndarray:
        """Return the day of each order, as a number; one after the snapshot where it has none."""
        found = orders["time"].to_numpy().astype("datetime64[D]")
        far = _day_number(self.who.snapshot) + 1
        days: np.ndarray = np.where(np.isnat(found), far, found.astype(np.int64))
        return days

    def money(self, orders: pd.DataFrame) -> np.ndarray:
        """Return what each order brought, net of refunds."""
        amount = orders["amount"].to_numpy(dtype=float)
        return amount - orders["refund"].fillna(0).to_numpy(dtype=float) if "refund" in orders else amount

    @cached_property
    def newest(self) -> pd.DataFrame:
        """The newest answers of each person, by day and then by the file's order."""
        frame = self.data.require("responses", by="segments")
        frame = frame[frame["customer_id"].notna()]
        if "date" in frame:
            frame = frame.sort_values("date", kind="stable", na_position="first")
        return frame.drop_duplicates("customer_id", keep="last").set_index("customer_id")


def _both(one: pd.Index, other: pd.Index) -> pd.Index:
    return one.append(other)


def _summaries(study: Study, data: Data) -> Summaries:
    from journey_lib.stats.kernels.summary import SummaryKernel
    from journey_lib.study.durations import microseconds
    from journey_lib.study.engine.observed import observe

    observed = observe(study, replace(data, segment=None), by="segments")
    entered = {name: place for place, stage in enumerate(study.journey.stages) for name in stage.enter}
    places = tuple(entered.get(name, -1) for name in observed.names)
    return observed.run(SummaryKernel(places, microseconds(SESSION_GAP, "gap")))


def _of_events(study: Study, facts: Facts) -> dict[str, Made]:
    stages: dict[str, Says] = {one.id: one.label or Plain(one.id) for one in study.journey.stages}
    stages[NO_STAGE] = message("No stage yet")
    made = partial(_made, study, "events")
    return {
        **made("furthest_stage", "text", lambda: _furthest(study, facts), stages),
        **made("first_event_day", "date", lambda: _moment(facts, "first")),
        **made("last_event_day", "date", lambda: _moment(facts, "last")),
        **made("events", "number", lambda: _count(facts, "events")),
        **made("sessions", "number", lambda: _count(facts, "sessions")),
    }


def _of_orders(study: Study, facts: Facts) -> dict[str, Made]:
    made = partial(_made, study, "orders")
    return {
        **made("orders", "number", lambda: _orders(facts)),
        **made("spend", "number", lambda: pd.Series(facts.purchases.monetary)),
        **made("first_purchase_day", "date", lambda: _purchase_day(facts, first=True)),
        **made("last_purchase_day", "date", lambda: _purchase_day(facts, first=False)),
        **made("recency_days", "number", lambda: pd.Series(facts.purchases.recency)),
        **made("frequency", "number", lambda: pd.Series(facts.purchases.frequency)),
        **made("monetary", "number", lambda: pd.Series(facts.purchases.monetary)),
        **made("recency_score", "number", lambda: pd.Series(facts.scores.recency)),
        **made("frequency_score", "number", lambda: pd.Series(facts.scores.frequency)),
        **made("monetary_score", "number", lambda: pd.Series(facts.scores.monetary)),
    }


def _of_trials(study: Study, data: Data, facts: Facts) -> dict[str, Made]:
    found: dict[str, Made] = {}
    for name in sorted(data.require("assignments", by="segments")["experiment"].dropna().unique()):
        found |= _made(study, "assignments", f"{ARM}{name}", "text", partial(_arm, facts, str(name)))
    return found


def _of_answers(study: Study, data: Data, facts: Facts) -> dict[str, Made]:
    frame = data.require("responses", by="segments")
    made = partial(_made, study, "responses")
    found = made("answers", "number", lambda: _times(facts, "responses"))
    if "date" in frame:
        found |= made("newest_answer_day", "date", partial(_newest, facts, "date"))
    for question in (q for q in study.questions if q.id in frame and q.id not in IDS):
        kind = "open" if question.kind == "text" else kind_of(frame[question.id])
        make = partial(_newest, facts, question.id)
        found |= made(f"{NEWEST}{question.id}", kind, make, dict(question.labels))
    return found


def _of_feedback(study: Study, facts: Facts) -> dict[str, Made]:
    return _made(study, "feedback", "contacts", "number", lambda: _times(facts, "feedback"))


def _made(
    study: Study,
    source: str,
    name: str,
    kind: str,
    make: Callable[[], pd.Series],
    levels: Mapping[str, Says] | None = None,
) -> dict[str, Made]:
    trait = Trait(name, kind, title_of(study, name), source, derived=True, levels=levels or {})
    return {name: (trait, {name: make})}


def _furthest(study: Study, facts: Facts) -> pd.Series:
    names = np.array([NO_STAGE, *(stage.id for stage in study.journey.stages)], dtype=object)
    place = np.append(facts.summaries.stage, -1)[facts.in_log]
    words = names[place + 1]
    words[facts.bots] = None
    return pd.Series(words, dtype="str")


def _moment(facts: Facts, which: str) -> pd.Series:
    """Return the local day of the first or last event; missing without one."""
    from journey_lib.stats.kernels.summary import NEVER

    found = np.append(getattr(facts.summaries, which), NEVER)[facts.in_log]
    zone = facts.data.require_events(by="segments").time_zone
    local = pd.DatetimeIndex(found.view("datetime64[us]"), tz="UTC").tz_convert(zone).tz_localize(None)
    return pd.Series(local.normalize())


def _count(facts: Facts, which: str) -> pd.Series:
    found = np.append(getattr(facts.summaries, which), 0)[facts.in_log].astype(float)
    found[facts.bots] = np.nan
    return pd.Series(found)


def _orders(facts: Facts) -> pd.Series:
    orders = facts.data.require("orders", by="segments")
    counted = orders[facts.days(orders) <= _day_number(facts.who.snapshot)]
    at = facts.who.ids.get_indexer(pd.Index(counted["customer_id"]))
    return pd.Series(np.bincount(at[at >= 0], minlength=len(facts.who)).astype(float))


def _purchase_day(facts: Facts, *, first: bool) -> pd.Series:
    orders = facts.data.require("orders", by="segments")
    counted = orders[facts.days(orders) <= _day_number(facts.who.snapshot)]
    days = counted["time"].dt.normalize().groupby(counted["customer_id"])
    found: pd.Series = days.min() if first else days.max()
    return found.reindex(facts.who.ids).reset_index(drop=True)


def _arm(facts: Facts, experiment: str) -> pd.Series:
    """Return the arm of each person; missing outside the experiment, or with two arms."""
    rows = facts.data.require("assignments", by="segments")
    own = rows[rows["experiment"] == experiment][["customer_id", "arm"]].drop_duplicates()
    once = own[~own["customer_id"].duplicated(keep=False)].set_index("customer_id")["arm"]
    return once.reindex(facts.who.ids).reset_index(drop=True)


def _times(facts: Facts, table: str) -> pd.Series:
    """Count the rows of each person in a table."""
    counts = facts.data.require(table, by="segments")["customer_id"].value_counts()
    return counts.reindex(facts.who.ids).fillna(0).astype(float).reset_index(drop=True)


def _newest(facts: Facts, column: str) -> pd.Series:
    return facts.newest[column].reindex(facts.who.ids).reset_index(drop=True)


def _answered(data: Data) -> bool:
    return data.responses is not None and "customer_id" in data.responses


def _contacted(data: Data) -> bool:
    return data.feedback is not None and "customer_id" in data.feedback


def _day_number(day: object) -> int:
    return int(np.datetime64(str(day), "D").astype(np.int64))
