"""Small kernels that tell a lot: every kind of answer a real one gives, and a log with every kind of dirt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from journey_lib.stats.kernels import Batch
from journey_lib.study.data import Data
from journey_lib.study.engine import observe
from journey_lib.study.events.base import Log
from journey_lib.study.load import quick_study

SECOND = 1_000_000


@dataclass(frozen=True)
class Counts:
    """Events by name."""

    names: int
    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> np.ndarray:
        return np.bincount(batch.event, minlength=self.names)

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return one + other


@dataclass(frozen=True)
class Pairs:
    """How often one event directly follows another: sensitive to the order of ties."""

    columns: tuple[str, ...] = ("channel",)
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> Counter:
        same = batch.codes[1:] == batch.codes[:-1]
        channel = batch.columns["channel"][1:][same]
        one, next_one = (batch.event[part][same].tolist() for part in (slice(-1), slice(1, None)))
        triples = zip(one, next_one, channel.tolist(), strict=True)
        return Counter(triples)

    def merge(self, one: Counter, other: Counter) -> Counter:
        return one + other


@dataclass(frozen=True)
class FirstTime:
    """Seconds from a customer's first event to the first of a name, by group: exact counts of durations."""

    event: int
    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ("region",)

    def measure(self, batch: Batch) -> Counter:
        who, first = np.unique(batch.codes[batch.event == self.event], return_index=True)
        times = batch.time[batch.event == self.event][first]
        waited = (times - batch.time[batch.offsets[who]]) // SECOND
        return Counter(zip(batch.people["region"][who].tolist(), waited.tolist(), strict=True))

    def merge(self, one: Counter, other: Counter) -> Counter:
        return one + other


@dataclass(frozen=True)
class Sets:
    """Which sets of events customers have: sparse, never cut."""

    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> Counter:
        sets = np.zeros(batch.n_customers, dtype=np.int64)
        np.bitwise_or.at(sets, batch.codes, 1 << batch.event.astype(np.int64))
        return Counter(sets.tolist())

    def merge(self, one: Counter, other: Counter) -> Counter:
        return one + other


@dataclass(frozen=True)
class Money:
    """Sums of a number by event, and of its squares."""

    names: int
    columns: tuple[str, ...] = ("value",)
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> np.ndarray:
        value = np.nan_to_num(batch.columns["value"])
        return np.array([np.bincount(batch.event, v, minlength=self.names) for v in (value, value**2)])

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return one + other


@dataclass(frozen=True)
class Customers:
    """Who has how many events: a list of customers, sorted at the end."""

    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> list[tuple[str, int]]:
        return list(zip(batch.ids.tolist(), np.diff(batch.offsets).tolist(), strict=True))

    def merge(self, one: list, other: list) -> list:
        return one + other


def people_of(customers: list[str]) -> pd.DataFrame:
    """Give customers a region; some have none, and one customer never acts."""
    regions = np.array(["KR", "JP", ""])[np.arange(len(customers)) % 3]
    frame = pd.DataFrame({"customer_id": customers, "region": regions}, dtype="str")
    return pd.concat([frame, pd.DataFrame({"customer_id": ["nobody"], "region": ["FR"]})], ignore_index=True)


def answers(log: Log, *, visitors: str = "all", segment: Any = None) -> dict[str, Any]:
    """Return what every kernel says of a log, and what it is known by."""
    study, _ = quick_study(journey=["see"])
    data = Data(events=log, customers=people_of([f"C{i}" for i in range(60)]), segment=segment)
    observed = observe(study, data, visitors=visitors)
    names = len(observed.names)
    kernels = (Counts(names), Pairs(), FirstTime(observed.code("pay")), Sets(), Money(names), Customers())
    found = {type(kernel).__name__: observed.run(kernel) for kernel in kernels}
    found["Customers"] = sorted(found["Customers"])
    known = ("names", "n_events", "n_customers", "left_out", "unknown", "start", "end", "assumed")
    found |= {name: getattr(observed, name) for name in known}
    found["whole"] = (log.n_events, log.n_customers, log.span, log.columns(), log.facts.by_name.tolist())
    found["levels"] = {name: observed.levels(name) for name in ("channel", "plan", "region", "count")}
    found["numeric"] = [observed.numeric(name) for name in ("channel", "value", "count", "plan")]
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Assert that answers are equal: counts exactly, sums to a relative 1e-12."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        if name == "Money":
            np.testing.assert_allclose(other[name], value, rtol=1e-12)
        elif isinstance(value, np.ndarray):
            np.testing.assert_array_equal(other[name], value, err_msg=name)
        else:
            assert other[name] == value, name


def messy(rows: int = 3000, seed: int = 5) -> pd.DataFrame:
    """Draw a log with anonymous ids, shared devices, repeats, bots, ties and holes; `seq` orders it."""
    rng = np.random.default_rng(seed)
    person = rng.integers(0, 60, rows)
    device = rng.integers(0, 90, rows)
    device[person < 40] = person[person < 40]  # most customers have one device of their own
    twenty = pd.to_timedelta(20 * rng.integers(0, 3 * 72, rows), "min")
    moment = pd.Timestamp("2025-01-01", tz="UTC") + twenty
    frame = pd.DataFrame(
        {
            "customer_id": pd.Series([f"C{i}" for i in person], dtype="str"),
            "anonymous_id": pd.Series([f"x{i}" for i in device], dtype="str"),
            "event": rng.choice(["see", "cart", "pay", "help"], rows),
            "time": moment,
            "seq": np.arange(rows),
            "channel": rng.choice(["web", "app", ""], rows),
            "plan": rng.choice(["free", "paid", ""], rows),
            "value": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows).round(3)),
            "count": pd.array(
                np.where(rng.random(rows) < 0.1, None, rng.integers(0, 5, rows)), dtype="Int64"
            ),
        }
    )
    unnamed, plain = rng.random(rows) < 0.4, rng.random(rows) < 0.5
    frame.loc[unnamed, "customer_id"] = ""
    frame.loc[plain & ~unnamed, "anonymous_id"] = ""
    burst = pd.Timestamp("2025-01-02", tz="UTC") + pd.to_timedelta(np.arange(40), "s")
    fast = frame.iloc[:40].assign(customer_id="C7", anonymous_id="", seq=rows + np.arange(40), time=burst)
    whole = pd.concat([frame, fast, frame.sample(rows // 20, random_state=seed)], ignore_index=True)
    return whole.astype({"event": "str", "channel": "str", "plan": "str"})
