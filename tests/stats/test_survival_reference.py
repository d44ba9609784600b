"""Survival statistics against R's package `survival`.

The numbers come from `Rscript tests/references/survival.R` with R 4.2.2 and survival 3.5-3; the data sets are
the package's own, written to survival.csv by the same script. Both sides compute in double precision, so
eight digits are asked for.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.stats.survival import (
    Incidence,
    aalen_johansen,
    clustered_error,
    cox,
    kaplan_meier,
    logrank,
    risk_table,
    rmst,
)

TIME = np.array([0, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10], float)
CAUSE = np.array([1, 1, 1, 2, 0, 2, 1, 1, 0, 2, 1, 0, 1, 2, 1, 0])
ENTRY = np.array([0, 0, 0, 0, 1, 0, 1, 2, 0, 3, 0, 4, 5, 0, 6, 7], float)
GROUP = np.array(list("abaabbababbaabba"))
WHO = np.array([1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 9, 10, 10])
LATE = TIME > 0  # R takes no row that ends when it begins


def close(found: object, *expected: float) -> None:
    """Eight digits; R writes fifteen."""
    np.testing.assert_allclose(np.asarray(found, float), expected, rtol=1e-8, atol=1e-12)


@pytest.fixture(scope="module")
def sets(root: Path) -> dict[str, pd.DataFrame]:
    read = pd.read_csv(root / "tests" / "references" / "survival.csv", keep_default_na=False)
    return dict(iter(read.groupby("set")))


def at(frame: pd.DataFrame, times: list[float], column: str) -> np.ndarray:
    """Return a column of step lines at some times, as R's summary(fit, times =)."""
    rows = np.searchsorted(frame["time"], times, side="right") - 1
    return frame[column].to_numpy()[rows]


def quartiles(found: object) -> list[float]:
    """Return the three quartiles, their lower limits, their upper limits, as R prints them."""
    rows = [found.quantile(share).iloc[0] for share in (0.25, 0.5, 0.75)]
    return [row[name] for name in ("estimate", "ci_low", "ci_high") for row in rows]


# survfit(Surv(time, cause > 0) ~ 1, mine, conf.type = "log-log")


def test_kaplan_meier_with_ties_and_a_zero() -> None:
    curve = kaplan_meier(TIME, CAUSE > 0).curve
    times = [0, 2, 4, 6, 9]
    close(at(curve, times, "survival"), 0.9375, 0.75, 0.545454545454545, 0.38961038961039, 0.0974025974025974)
    close(
        at(curve, times, "std_error"),
        0.0605153647844909,
        0.108253175473055,
        0.127832299985603,
        0.130427627827039,
        0.0904359434454362,
    )
    close(
        at(curve, times, "ci_low"),
        0.632345441738904,
        0.463430042658134,
        0.274377568285315,
        0.150959500995846,
        0.0061734463329377,
    )
    close(
        at(curve, times, "ci_high"),
        0.990953141744666,
        0.897979909715789,
        0.752698211039797,
        0.625048420577846,
        0.344348541738677,
    )
    close(at(curve, times, "at_risk"), 16, 14, 10, 7, 3)


def test_quartiles_with_the_middle_of_a_flat_stretch() -> None:
    # quantile(fit, c(.25, .5, .75)): S is exactly 0.75 from 2 to 3, hence 2.5; the last limit is NA in R
    close(quartiles(kaplan_meier(TIME, CAUSE > 0))[:8], 2.5, 6, 9, 0, 2, 6, 6, 9)
    assert np.isnan(quartiles(kaplan_meier(TIME, CAUSE > 0))[8])


def test_restricted_mean() -> None:
    # summary(fit, rmean = 8)$table
    close(
        rmst(TIME, CAUSE > 0, 8).table[["estimate", "std_error"]].iloc[0], 5.11444805194805, 0.709366793679446
    )


def test_logrank_of_two_groups() -> None:
    # survdiff(Surv(time, cause > 0) ~ group, mine)$chisq
    close(logrank(TIME, CAUSE > 0, GROUP).statistic, 0.0781797549041463)


def test_competing_exits_with_joint_ties() -> None:
    # survfit(Surv(time, factor(cause)) ~ 1, mine), pstate and std.err
    curve, times = aalen_johansen(TIME, CAUSE).curve, [0, 2, 4, 6, 9]
    first, second = (curve[curve["cause"] == cause] for cause in (1, 2))
    close(
        at(first, times, "incidence"), 0.0625, 0.1875, 0.323863636363636, 0.401785714285714, 0.596590909090909
    )
    close(at(second, times, "incidence"), 0, 0.0625, 0.130681818181818, 0.208603896103896, 0.306006493506493)
    close(
        at(first, times, "std_error"),
        0.0605153647844909,
        0.097578093724975,
        0.119665871078895,
        0.128617042260651,
        0.139011129553689,
    )
    close(
        at(second, times, "std_error"),
        0,
        0.0605153647844909,
        0.0863274802660175,
        0.107874908150395,
        0.129572956623018,
    )


def test_errors_of_customers_who_wait_twice() -> None:
    # survfit(Surv(time, cause > 0) ~ 1, mine, cluster = id); for one cause the sums of R's influence by id
    times, who = np.array([0.0, 2, 4, 6, 9]), WHO - 1
    found = Incidence(risk_table(TIME, CAUSE))
    close(
        clustered_error(found, TIME, CAUSE, who, times, which=0),
        0.0620097963530763,
        0.136215591985646,
        0.161567077392747,
        0.170932663377415,
        0.0810540341591169,
    )
    close(
        clustered_error(found, TIME, CAUSE, who, times),
        0.0620097963530763,
        0.0985118766634257,
        0.141785528877313,
        0.137300380949723,
        0.0834373851251157,
    )


def test_late_entries() -> None:
    # survfit(Surv(entry, time, cause > 0) ~ 1, late, conf.type = "log-log")
    found = kaplan_meier(TIME[LATE], CAUSE[LATE] > 0, entry=ENTRY[LATE])
    times = [2, 4, 6, 9]
    close(
        at(found.curve, times, "survival"),
        0.642857142857143,
        0.357142857142857,
        0.214285714285714,
        0.0535714285714286,
    )
    close(
        at(found.curve, times, "std_error"),
        0.164496315766873,
        0.152422135166221,
        0.120358429715158,
        0.0552974497115953,
    )
    close(
        at(found.curve, times, "ci_low"),
        0.252903370086714,
        0.0982653492605068,
        0.042945959519115,
        0.00290189485489679,
    )
    close(
        at(found.curve, times, "ci_high"),
        0.867619998401218,
        0.633224596778102,
        0.470552586874975,
        0.230813137795552,
    )
    close(at(found.curve, times, "at_risk"), 8, 6, 5, 3)
    close(quartiles(found), 2, 4, 6, 1, 1, 3, 4, 6, 9)
    mean = rmst(TIME[LATE], CAUSE[LATE] > 0, 8, entry=ENTRY[LATE]).table.iloc[0]
    close(mean[["estimate", "std_error"]], 4.17857142857143, 0.832076615564394)


def test_late_entries_of_competing_exits() -> None:
    # survfit(Surv(entry, time, factor(cause)) ~ 1, late, id = seq_len(15)); R's errors are of another kind
    curve = aalen_johansen(TIME[LATE], CAUSE[LATE], entry=ENTRY[LATE]).curve
    first, second = (curve[curve["cause"] == cause] for cause in (1, 2))
    close(at(first, [2, 4, 6, 9], "incidence"), 0.25, 0.428571428571429, 0.5, 0.607142857142857)
    close(
        at(second, [2, 4, 6, 9], "incidence"),
        0.107142857142857,
        0.214285714285714,
        0.285714285714286,
        0.339285714285714,
    )


def test_logrank_of_late_entries() -> None:
    # coxph(Surv(entry, time, cause == 1) ~ group, late, ties = "exact", init = 0, iter.max = 0)$score
    found = logrank(TIME[LATE], CAUSE[LATE] == 1, GROUP[LATE], entry=ENTRY[LATE])
    close(found.statistic, 0.0188060481179441)


def test_veteran_curve(sets: dict[str, pd.DataFrame]) -> None:
    # survfit(Surv(time, status) ~ 1, veteran, conf.type = "log-log")
    rows = sets["veteran"]
    found, times = kaplan_meier(rows["time"], rows["cause"]), [10, 50, 100, 300]
    close(
        at(found.curve, times, "survival"),
        0.897810218978102,
        0.61933200619332,
        0.417994507196793,
        0.117058638789024,
    )
    close(
        at(found.curve, times, "ci_low"),
        0.833553510213681,
        0.532331767633041,
        0.334194690602689,
        0.067217986838432,
    )
    close(
        at(found.curve, times, "ci_high"),
        0.93816767881059,
        0.694833597160106,
        0.499464987297512,
        0.181894569123926,
    )
    close(quartiles(found), 25, 80, 162, 18, 52, 132, 33, 100, 231)
    close(
        rmst(rows["time"], rows["cause"], 200).table[["estimate", "std_error"]].iloc[0],
        92.8489891076915,
        6.18956900851045,
    )


def test_veteran_by_arm(sets: dict[str, pd.DataFrame]) -> None:
    rows = sets["veteran"]
    found = kaplan_meier(rows["time"], rows["cause"], group=rows["group"])
    close(found.median, 103, 52.5)
    means = rmst(rows["time"], rows["cause"], 200, group=rows["group"])
    close(means.table["estimate"], 99.6230015263778, 86.0385273109243)
    close(means.table["std_error"], 8.66425986841733, 8.76995256286503)
    gap = means.difference("2", "1")
    close(
        gap[["estimate", "std_error"]],
        86.0385273109243 - 99.6230015263778,
        np.hypot(8.66425986841733, 8.76995256286503),
    )


def test_veteran_logranks(sets: dict[str, pd.DataFrame]) -> None:
    # survdiff(Surv(time, status) ~ trt), ~ celltype, and ~ trt + strata(celltype)
    rows = sets["veteran"]
    time, event = rows["time"], rows["cause"]
    close(logrank(time, event, rows["group"]).statistic, 0.00822734320235077)
    cells = logrank(time, event, rows["strata"])
    close(cells.statistic, 25.4037003457854)
    assert cells.df == 3
    close(logrank(time, event, rows["group"], strata=rows["strata"]).statistic, 0.701743346844319)


def test_veteran_cox(sets: dict[str, pd.DataFrame]) -> None:
    # coxph(Surv(time, status) ~ I(trt == 2) + karno, veteran): coef, se, loglik[2]
    rows = sets["veteran"]
    x = pd.DataFrame({"second": rows["group"] == "2", "karno": rows["x"]})
    found = cox(rows["time"], rows["cause"], x)
    close(found.table["log_ratio"], 0.177322256692181, -0.033953564351846)
    close(found.table["std_error"], 0.18314851832605, 0.00508355497411916)
    close(found.log_likelihood, -483.96569411011)


def test_cox_of_tumours_that_come_back(sets: dict[str, pd.DataFrame]) -> None:
    # coxph(Surv(stop, event) ~ I(rx == 2) + number, bladder, cluster = id): coef, robust and naive errors
    rows = sets["bladder"]
    x = pd.DataFrame({"second": rows["group"] == "2", "number": rows["x"]})
    found = cox(rows["time"], rows["cause"], x, cluster=rows["id"])
    close(found.table["log_ratio"], -0.543775651150719, 0.200857480682389)
    close(found.table["std_error"], 0.300608343431807, 0.066064844746071)
    plain = cox(rows["time"], rows["cause"], x)
    close(plain.table["std_error"], 0.200281800423452, 0.0452989526521921)


def test_errors_of_tumours_that_come_back(sets: dict[str, pd.DataFrame]) -> None:
    # survfit(Surv(stop, event) ~ 1, bladder, cluster = id), std.err at 5, 10, 20, 30
    rows = sets["bladder"]
    time, cause = rows["time"].to_numpy(float), rows["cause"].to_numpy()
    who = pd.factorize(rows["id"])[0]
    found = Incidence(risk_table(time, cause))
    close(
        clustered_error(found, time, cause, who, np.array([5.0, 10, 20, 30]), which=0),
        0.0148142577601266,
        0.0219443748033309,
        0.0327813620344897,
        0.0476201818407512,
    )


def test_cox_of_late_entries() -> None:
    # coxph(Surv(entry, time, cause == 1) ~ group, late, cluster = id): coef, robust and naive error
    x = pd.DataFrame({"b": GROUP[LATE] == "b"})
    given = {"entry": ENTRY[LATE]}
    found = cox(TIME[LATE], CAUSE[LATE] == 1, x, cluster=WHO[LATE], **given)
    close(found.table[["log_ratio", "std_error"]].iloc[0], -0.123569435528706, 0.677999823114969)
    close(cox(TIME[LATE], CAUSE[LATE] == 1, x, **given).table["std_error"], 0.773132493528046)


def test_competing_exits_of_real_patients(sets: dict[str, pd.DataFrame]) -> None:
    # survfit(Surv(time, cause) ~ 1, mgus2[1:400, ]) at 24, 60, 120, 240 months
    rows = sets["mgus2"]
    curve, times = aalen_johansen(rows["time"], rows["cause"]).curve, [24, 60, 120, 240]
    first, second = (curve[curve["cause"] == cause] for cause in (1, 2))
    close(
        at(first, times, "incidence"),
        0.0175449871465296,
        0.0250642673521851,
        0.0627341334650329,
        0.0957275575624122,
    )
    close(
        at(second, times, "incidence"),
        0.162853470437018,
        0.3235658775655,
        0.580011687082666,
        0.768335726050973,
    )
    close(
        at(first, times, "std_error"),
        0.00657294677995816,
        0.0078260504173658,
        0.0124175604289575,
        0.0168530768008408,
    )
    close(
        at(second, times, "std_error"),
        0.0184821868085654,
        0.0234359836886107,
        0.0254228556162422,
        0.0250457576850144,
    )
