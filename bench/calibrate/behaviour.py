"""What the events, orders and experiment of the sample study plant, found by simple named computations.

Each seed's study is written to a folder of its own and read back from there, dirt of the log included. The
computations do without the measures, so that they tell whether the data hold what was planted.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import bdtr, ndtr

from bench.calibrate.alarms import ALPHA
from bench.calibrate.answers import FALSE, FOUND, SIZE, Facts
from bench.calibrate.record import Line, average, rate
from bench.calibrate.work import spread
from journey_lib.stats.multiplicity import holm
from journey_lib.study.sample import design, write

CLAIM = "behaviour"
FOLLOWED = 60.0  # days after assignment
COLUMNS = ("event_id", "customer_id", "time", "event")
BANDS = np.array([0, 7, 14, 28, 56, 112, design.DAYS])  # days since the first meal
ACTIVE = ("first_meal_cooked", "third_box_kept", "addon_ordered", "friend_joined")


@dataclass(frozen=True, eq=False)
class Log:
    """The raw files of one study; times in days of the study's zone since its window opened."""

    folder: Path

    @cached_property
    def customers(self) -> pd.DataFrame:
        columns = ["customer_id", "region", "contacts_before"]
        return pd.read_parquet(self.folder / "customers.parquet", columns=columns).set_index("customer_id")

    @cached_property
    def events(self) -> pd.DataFrame:
        """Return each event of a known customer once, in order of time."""
        read = pd.read_parquet(self.folder / "events", columns=list(COLUMNS))
        read = read[read["customer_id"] != ""].drop_duplicates("event_id")
        return read.assign(day=_days(read["time"])).sort_values("day", kind="stable", ignore_index=True)

    @cached_property
    def assigned(self) -> pd.DataFrame:
        """Return everybody in the experiment who could be followed to the end, with what they reached."""
        read = pd.read_parquet(self.folder / "assignments.parquet")
        start = pd.Series(_days(read["assigned_at"]), index=read["customer_id"])
        frame = pd.DataFrame({"arm": read.set_index("customer_id")["arm"]}).join(self.customers)
        for event in ("order_paid", "first_meal_cooked"):
            rows = self.of(event)
            since = rows["day"] - rows["customer_id"].map(start)
            reached = rows["customer_id"][(since >= 0) & (since <= FOLLOWED)].unique()
            frame[event] = frame.index.isin(reached)
        return frame[start <= design.DAYS - FOLLOWED]

    def of(self, *names: str) -> pd.DataFrame:
        """Return the events of some kinds."""
        return self.events[self.events["event"].isin(names)]


def _days(time: pd.Series) -> np.ndarray:
    start = pd.Timestamp(str(design.START), tz="Asia/Seoul")
    return ((time - start) / pd.Timedelta(days=1)).to_numpy()


def facts(seed: int, size: str = SIZE) -> Facts:
    """Return everything measured on the behaviour of one seed."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, size, seed)
        log = Log(Path(folder) / "raw")
        return {**payment(log), **regions(log), **experiment(log), **tickets(log)}


def payment(log: Log) -> Facts:
    """Test each week of each region: fewer successful attempts than in its other weeks? Exact, then Holm."""
    rows = log.of("payment_started", "order_paid")
    # The window opens on a Wednesday; weeks run from Monday.
    week = np.floor((rows["day"] + 2) / 7).astype(int).rename("week")
    region = rows["customer_id"].map(log.customers["region"]).rename("region")
    counts = pd.crosstab([region, week], rows["event"]).reset_index()
    tried = counts["payment_started"].to_numpy()
    paid = np.minimum(counts["order_paid"], tried).to_numpy()
    rest = counts.groupby("region")[["payment_started", "order_paid"]].transform("sum")
    usual = (rest["order_paid"] - paid) / (rest["payment_started"] - tried)
    p = np.where(tried > 0, bdtr(paid, tried, np.minimum(usual, 1 - 1e-9)), np.nan)
    low = {
        (r, int(w)) for r, w, q in zip(counts["region"], counts["week"], holm(p), strict=True) if q < ALPHA
    }
    first = (design.FAULT_START + 2) // 7
    fault = {(design.FAULT_REGION, first), (design.FAULT_REGION, first + 1)}
    return {"fault": fault <= low, "fault elsewhere": bool(low - fault)}


def regions(log: Log) -> Facts:
    """Compare who pays within 60 days of considering in each region with all others; Holm over regions."""
    found = {}
    for region in design.REGIONS:
        here = (log.assigned["region"] == region).to_numpy()
        found[region] = _difference(log.assigned["order_paid"].to_numpy(), here, ~here)
    adjusted = dict(zip(found, holm([2 * ndtr(-abs(z)) for _, z in found.values()]), strict=True))
    low = {region for region, (change, _) in found.items() if change < 0 and adjusted[region] < ALPHA}
    planted = {r for r, shift in zip(design.REGIONS, design.REGION_PURCHASE, strict=True) if shift < 0}
    return {"method": planted <= low, "method elsewhere": bool(low - planted)}


def experiment(log: Log) -> Facts:
    """Compare adoption and purchase within 60 days between the arms, and adoption by contacts before."""
    arm = (log.assigned["arm"] == "new").to_numpy()
    often = (log.assigned["contacts_before"] >= 2).to_numpy()
    adopted = log.assigned["first_meal_cooked"].to_numpy()
    gain, z = _difference(adopted, arm, ~arm)
    loss, z_loss = _difference(log.assigned["order_paid"].to_numpy(), arm, ~arm)
    (more, z_more), (less, z_less) = (
        _difference(adopted, arm & part, ~arm & part) for part in (often, ~often)
    )
    z_gap = (more - less) / np.hypot(more / z_more, less / z_less)
    return {
        "adoption gain": gain,
        "gain": z > 1.96,
        "larger for support-heavy": z_gap > 1.96,
        "purchase loss": z_loss < -1.96,
        "purchase change": loss,
    }


def _difference(hit: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return the difference of two shares and its z."""
    shares = [(hit[rows].mean(), rows.sum()) for rows in (first, second)]
    change = shares[0][0] - shares[1][0]
    return change, change / np.sqrt(sum(p * (1 - p) / n for p, n in shares))


def tickets(log: Log) -> Facts:
    """Compare cancelling with and without two open tickets: rate ratio over days since the first meal.

    A customer is followed from the first meal to the first cancellation or the last event in the log. Rate
    ratio of Mantel and Haenszel over bands of those days; error of Greenland and Robins (1985).
    """
    begun = log.of(*ACTIVE).groupby("customer_id")["day"].min()
    last = log.events.groupby("customer_id")["day"].max().reindex(begun.index)
    gone = log.of("cancelled")
    gone = gone[gone["day"] >= gone["customer_id"].map(begun)].groupby("customer_id")["day"].min()
    left = gone.reindex(begun.index)
    stop = (left.fillna(last) - begun).to_numpy()
    burden = (_second_open(log).reindex(begun.index) - begun).clip(lower=0).fillna(np.inf).to_numpy()
    days = np.array([_person_days(0.0, np.minimum(burden, stop)), _person_days(burden, stop)])
    exposed, ended = stop > burden, left.notna().to_numpy()
    cancelled = np.array([np.histogram(stop[ended & side], BANDS)[0] for side in (~exposed, exposed)])
    ratio, error = _rate_ratio(cancelled, days)
    return {"tickets": np.log(ratio) > 1.96 * error, "rate ratio": ratio}


def _person_days(start: np.ndarray | float, stop: np.ndarray) -> list[float]:
    """Add up the days between start and stop that fall into each band."""
    return [
        float(np.maximum(np.minimum(stop, high) - np.maximum(start, low), 0).sum())
        for low, high in pairwise(BANDS)
    ]


def _rate_ratio(cancelled: np.ndarray, days: np.ndarray) -> tuple[float, float]:
    """Return the rate ratio of the second row against the first over all bands, and the error of its log."""
    total = days.sum(axis=0)
    used = total > 0
    (a, b), (u, v), total = cancelled[:, used][::-1], days[:, used][::-1], total[used]
    above, below = (a * v / total).sum(), (b * u / total).sum()
    return above / below, np.sqrt(((a + b) * u * v / total**2).sum() / (above * below))


def _second_open(log: Log) -> pd.Series:
    """Return when each customer first had two tickets open."""
    rows = log.of("ticket_opened", "ticket_resolved")
    step = pd.Series(np.where(rows["event"] == "ticket_opened", 1, -1), index=rows.index)
    waiting = rows[step.groupby(rows["customer_id"]).cumsum() >= 2]
    return waiting.groupby("customer_id")["day"].min()


def measure(seeds: int, jobs: int, *, size: str = SIZE) -> list[Line]:
    """Measure the planted findings of the event side."""
    found = spread(partial(facts, size=size), range(1, seeds + 1), jobs, CLAIM)
    table = {name: np.array([one[name] for one in found], float) for name in found[0]}
    weekly = "payment attempts by week and region, exact test, Holm"
    regional = "who pays within 60 days, each region against the others, Holm"
    arms = "experiment, shares within 60 days, z test"
    leaving = "cancelling, Mantel-Haenszel rate ratio"
    return [
        rate(CLAIM, weekly, "both weeks of the fault stand out", table["fault"], FOUND),
        rate(CLAIM, weekly, "any other week or region stands out", table["fault elsewhere"], FALSE),
        rate(CLAIM, regional, "Brazil, where a way to pay is missing, stands out", table["method"], FOUND),
        rate(CLAIM, regional, "any other region falls behind", table["method elsewhere"], FALSE),
        rate(CLAIM, arms, "adoption gain found", table["gain"], FOUND),
        rate(
            CLAIM,
            arms,
            "gain larger with two or more contacts before",
            table["larger for support-heavy"],
            FOUND,
        ),
        average(CLAIM, arms, "adoption gain (planted about .041)", table["adoption gain"], (0.031, 0.051)),
        average(
            CLAIM, arms, "change of purchase (planted about -.030)", table["purchase change"], (-0.04, -0.02)
        ),
        rate(CLAIM, arms, "purchase loss found (about 85 % planned, no bar)", table["purchase loss"]),
        rate(CLAIM, leaving, "more cancel once two tickets stand open", table["tickets"], FOUND),
        average(CLAIM, leaving, "rate ratio (planted hazard ratio 2.5)", table["rate ratio"]),
    ]
