"""Time in stages where the truth is planted, and on real loan applications against R."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.measures.time_in_stage.result import TimeInStageResult
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

EARLY, LATE = ("awareness", "consideration", "purchase", "adoption"), ("retention", "expansion")
# Places of the loan's states on the journey, and how many cases reached each, as the data's own page says.
LOANS = {
    "A_SUBMITTED": 13_087, "A_PREACCEPTED": 7_367, "A_ACCEPTED": 5_113, "O_SENT": 5_015,
    "O_SENT_BACK": 3_254, "A_ACTIVATED": 2_246,
}  # fmt: skip


@pytest.fixture(scope="module")
def stays(planted: tuple) -> TimeInStageResult:
    """Stays as they were drawn: left and entered again, by people who can be followed."""
    study, data, _ = planted
    return time_in_stage(study, data, rule="current", visitors="known", tau="180 days")


def one(result: TimeInStageResult, metric: str, stage: str, option: str | None = None) -> tuple[float, ...]:
    rows = result.table.query("metric == @metric and stage == @stage and group == ''")
    rows = rows if option is None else rows[rows["option"] == option]
    assert len(rows) == 1
    return tuple(rows[["estimate", "ci_low", "ci_high"]].iloc[0])


@pytest.mark.parametrize("stage", EARLY)
def test_planted_stays_are_recovered(stays: TimeInStageResult, planted: tuple, stage: str) -> None:
    """The length of a stay does not depend on where it ends: movers show the planted median within 5 %."""
    truth = planted[2]["structural"]["dwell_median_days"][stage]
    estimate, low, high = one(stays, "mover_days", stage)
    assert estimate == pytest.approx(truth, rel=0.05)
    assert low * 0.98 <= truth <= high * 1.02


@pytest.mark.parametrize("stage", LATE)
def test_late_stays_look_a_little_shorter(stays: TimeInStageResult, planted: tuple, stage: str) -> None:
    """Tickets, falling usage and the price rise cut long stays, the window the longest: up to 14 %."""
    truth = planted[2]["structural"]["dwell_median_days"][stage]
    estimate, _, _ = one(stays, "mover_days", stage)
    assert 0.86 * truth < estimate < 1.02 * truth


def test_the_planted_spread_is_recovered(stays: TimeInStageResult, planted: tuple) -> None:
    """Log-normal stays with sd .8: the upper quartile is exp(2 · .6745 · .8) = 2.94 times the lower one."""
    sd = planted[2]["structural"]["dwell_log_sd"]
    for place in range(len(EARLY)):
        stay = stays.counted.stays[place, ""]
        ratio = stay.typical(0.75).estimate / stay.typical(0.25).estimate
        assert ratio == pytest.approx(np.exp(2 * 0.6745 * sd), rel=0.08)


@pytest.mark.parametrize("stage", [*EARLY, *LATE])
def test_shares_that_ever_move_on_are_recovered(stays: TimeInStageResult, planted: tuple, stage: str) -> None:
    """Against the very large draw; unlinked visitors and those the window cuts leave up to 3 points."""
    expected = planted[2]["expected"]["journey"]["moved_on"][stage]
    estimate, low, high = one(stays, "exit_next", stage)
    assert estimate == pytest.approx(expected, abs=0.03)
    assert low < estimate < high


def test_regions_take_equally_long(planted: tuple) -> None:
    """No region was drawn slower; Brazil buys less, which is a lower share and not a longer stay."""
    study, data, _ = planted
    result = time_in_stage(study, data, by="region", visitors="known", churn="60 days")
    rows = result.table.query("metric == 'mover_days' and stage == 'consideration' and group != ''")
    known = rows[rows["group"] != "unknown"]
    overlap = known["ci_low"].max() <= known["ci_high"].min()
    assert overlap
    shares = result.table.query("metric == 'exit_next' and stage == 'consideration'").set_index("group")
    gap = shares.loc["BR", "estimate"] - shares.loc[["KR", "JP", "US", "DE", "ID"], "estimate"].mean()
    expected = planted[2]["expected"]["regions"]["purchase_gap"]["BR"]
    assert gap == pytest.approx(expected, abs=0.04)


@pytest.fixture(scope="module")
def loans(real_data: Callable[[str], Path]) -> TimeInStageResult:
    file = real_data("events_loan_application") / "bpic2012_events.csv.gz"
    log = EventLog.from_file(
        file, customer="case_id", event="activity", time="timestamp", time_zone="Europe/Amsterdam"
    )
    study, data = quick_study(events=log, journey=list(LOANS))
    return time_in_stage(study, data, tau="30 days")


def test_loans_reach_each_state_as_often_as_published(loans: TimeInStageResult) -> None:
    found = loans.table.query("metric == 'spells' and group == ''")
    assert dict(zip(found["stage"], found["estimate"].astype(int), strict=True)) == LOANS


# Rscript tests/references/loans.R FILE, R 4.2.2 and survival 3.5-3: survfit of the states by first times, its
# std.err, and summary(survfit(any exit), rmean = 30); shares at 1, 7, 30 and 90 days.
R_NUMBERS = {
    "A_SUBMITTED": (
        (0.554366929014, 0.56284862841, 0.562925040116, 0.562925040116),
        (0.00434477521587, 0.00433602400155, 0.00433593931936, 0.00433593931936),
        (13.1610664235, 0.12971538067),
    ),
    "A_PREACCEPTED": (
        (0.566309216777, 0.682095832768, 0.694189725657, 0.694189725657),
        (0.00577393082318, 0.00542532143032, 0.0053700852773, 0.0053700852773),
        (9.717755479, 0.157899704417),
    ),
    "A_ACCEPTED": (
        (0.979072951301, 0.98083317035, 0.98083317035, 0.98083317035),
        (0.00200181353979, 0.00191749754874, 0.00191749754874, 0.00191749754874),
        (0.581466487023, 0.0575264580319),
    ),
    "O_SENT": (
        (0.0147565386282, 0.216361678162, 0.64041906, 0.662096657113),
        (0.0017027095713, 0.00581751250627, 0.00688290835145, 0.006847779291),
        (17.629228014, 0.148019029851),
    ),
    "O_SENT_BACK": (
        (0.0720660225653, 0.55620325426, 0.703651372923, 0.709492295392),
        (0.0045384208146, 0.00877511761344, 0.008207243763, 0.00820646911773),
        (12.4689676151, 0.212188591399),
    ),
}


@pytest.mark.parametrize("stage", R_NUMBERS)
def test_loans_move_on_as_in_r(loans: TimeInStageResult, stage: str) -> None:
    shares, errors, mean = R_NUMBERS[stage]
    rows = loans.table.query("metric == 'moved_on' and stage == @stage and group == ''").set_index("option")
    rows = rows.loc[["1", "7", "30", "90"]]
    np.testing.assert_allclose(rows["estimate"], shares, rtol=1e-8)
    np.testing.assert_allclose(rows["std_error"], errors, rtol=1e-8)
    found = loans.table.query("metric == 'mean_days' and stage == @stage and group == ''").iloc[0]
    np.testing.assert_allclose(found[["estimate", "std_error"]].astype(float), mean, rtol=1e-8)


def test_the_median_of_offers_is_that_of_r(loans: TimeInStageResult) -> None:
    """Only the next state follows an offer, so moving on and leaving are one curve: R's quartiles."""
    assert one(loans, "quartile_days", "O_SENT", "25")[0] == pytest.approx(7.71126157407, rel=1e-8)
    assert one(loans, "median_days", "O_SENT")[0] == pytest.approx(14.2168171296, rel=1e-8)
