"""Estimates against R's package `survey` on its published examples.

Every case is named after the R command that made its numbers; the whole script is tests/references/api.R
(R 4.2.2, survey 4.1-1). Eight significant digits: both sides compute in double precision.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.stats import estimate, weights
from journey_lib.stats.estimate import Estimate
from journey_lib.stats.margins import from_codes
from journey_lib.stats.weights import Weights

SAMPLES = pd.read_csv(Path(__file__).parent.parent / "references" / "api.csv")
TYPES = {"E": 4421, "H": 755, "M": 1018}
SCHOOL_WIDE = {0: 1072, 1: 5122}


def sample(name: str) -> pd.DataFrame:
    return SAMPLES[SAMPLES["sample"] == name].reset_index(drop=True)


SRS, STRAT, CLUS1, CLUS2 = (sample(name) for name in ("srs", "strat", "clus1", "clus2"))
SRS_DESIGN = {"weights": SRS.pw, "fpc": SRS.fpc1}
STRAT_DESIGN = {"weights": STRAT.pw, "strata": STRAT.stype, "fpc": STRAT.fpc1}
CLUS1_DESIGN = {"weights": CLUS1.pw, "psu": CLUS1.dnum, "fpc": CLUS1.fpc1}
SAMPLED = CLUS2.groupby("dnum").snum.transform("size")
CLUS2_WEIGHTS = CLUS2.fpc1 / CLUS2.dnum.nunique() * CLUS2.fpc2 / SAMPLED
CLUS2_DESIGN = {
    "weights": CLUS2_WEIGHTS,
    "psu": [CLUS2.dnum, CLUS2.snum],
    "fpc": [CLUS2.fpc1, CLUS2.fpc2],
}


def raked(frame: pd.DataFrame) -> Weights:
    groups = {"stype": frame.stype, "school-wide": frame.sch_wide}
    return weights.rake(groups, {"stype": TYPES, "school-wide": SCHOOL_WIDE}, frame.pw)


RAKED_CLUS1, RAKED_ROWS = raked(CLUS1), raked(STRAT)
RAKED_DESIGN = {"calibration": RAKED_CLUS1, "psu": CLUS1.dnum, "fpc": CLUS1.fpc1}
POST_DESIGN = RAKED_DESIGN | {"calibration": weights.post_stratify(CLUS1.stype, TYPES, CLUS1.pw)}
COLUMNS = np.column_stack([np.ones(len(CLUS1)), CLUS1.stype == "H", CLUS1.stype == "M", CLUS1.api99])
LINEAR = weights.calibrate(COLUMNS, [6194, 755, 1018, 3914069], CLUS1.pw, names=["all", "H", "M", "api99"])
LINEAR_DESIGN = RAKED_DESIGN | {"calibration": LINEAR}
ROWS_DESIGN = {"calibration": RAKED_ROWS}

# R command: call, (estimate, standard error, low, high, degrees of freedom)
CASES: dict[str, tuple[Callable[[], Estimate], tuple[float, ...]]] = {
    "svymean(~api00, dsrs)": (
        lambda: estimate.mean(SRS.api00, **SRS_DESIGN),
        (656.585, 9.24972203928281, 638.344950092127, 674.825049907873, 199),
    ),
    "svytotal(~enroll, dsrs)": (
        lambda: estimate.total(SRS.enroll, **SRS_DESIGN),
        (3621074.34, 169519.654344059, 3286788.94823694, 3955359.73176306, 199),
    ),
    "svymean(~api00, svydesign(id = ~1, weights = ~1, data = apisrs))": (
        lambda: estimate.mean(SRS.api00),
        (656.585, 9.40277217088065, 638.043141883524, 675.126858116476, 199),
    ),
    "svymean(~api00, dstrat)": (
        lambda: estimate.mean(STRAT.api00, **STRAT_DESIGN),
        (662.287363159321, 9.40894080278458, 643.732188272086, 680.842538046555, 197),
    ),
    "svytotal(~enroll, dstrat)": (
        lambda: estimate.total(STRAT.enroll, **STRAT_DESIGN),
        (3687177.53243828, 114641.71610078, 3461095.00771954, 3913260.05715701, 197),
    ),
    "svyratio(~api.stu, ~enroll, dstrat)": (
        lambda: estimate.ratio(STRAT.api_stu, STRAT.enroll, **STRAT_DESIGN),
        (0.836956886940522, 0.00775710316663788, 0.821659266422738, 0.852254507458305, 197),
    ),
    'svyquantile(~api00, dstrat, .25, qrule = "math")': (
        lambda: estimate.quantile(STRAT.api00, 0.25, **STRAT_DESIGN),
        (565, 15.7194511320391, 535, 597, 197),
    ),
    'svyquantile(~api00, dstrat, .5, qrule = "school")': (
        lambda: estimate.quantile(STRAT.api00, 0.5, **STRAT_DESIGN, rule="school"),
        (668, 13.1840557881618, 642, 694, 197),
    ),
    'svyquantile(~api00, dstrat, .9, qrule = "math")': (
        lambda: estimate.quantile(STRAT.api00, 0.9, **STRAT_DESIGN),
        (836, 14.9588325288759, 806, 865, 197),
    ),
    'svyciprop(~I(sch.wide == "Yes"), dstrat, method = "xlogit")': (
        lambda: estimate.proportion(STRAT.sch_wide, **STRAT_DESIGN),
        (0.827948011415823, 0.0243447801130748, 0.774539654746768, 0.870814854943599, 197),
    ),
    'svymean(~api00, subset(dstrat, sch.wide == "Yes"))': (
        lambda: estimate.mean(STRAT.api00, **STRAT_DESIGN, domain=STRAT.sch_wide == 1),
        (676.530443656777, 10.5203892001006, 655.74201596296, 697.318871350595, 149),
    ),
    'svytotal(~enroll, subset(dstrat, sch.wide == "Yes"))': (
        lambda: estimate.total(STRAT.enroll, **STRAT_DESIGN, domain=STRAT.sch_wide == 1),
        (2674110.11312675, 128645.688467189, 2419904.53746269, 2928315.68879082, 149),
    ),
    'svyquantile(~api00, subset(dstrat, sch.wide == "Yes"), .5, qrule = "math")': (
        lambda: estimate.quantile(STRAT.api00, 0.5, **STRAT_DESIGN, domain=STRAT.sch_wide == 1),
        (671, 15.9411892368234, 650, 713, 149),
    ),
    "svyglm(api00 ~ sch.wide, dstrat)": (
        lambda: estimate.difference(STRAT.api00, STRAT.sch_wide == 1, STRAT.sch_wide == 0, **STRAT_DESIGN),
        (82.7835854421897, 21.400054960652, 40.5809857325803, 124.986185151799, 197),
    ),
    "svymean(~api00, dclus1)": (
        lambda: estimate.mean(CLUS1.api00, **CLUS1_DESIGN),
        (644.169398907104, 23.542240693781, 593.676314463326, 694.662483350882, 14),
    ),
    "svytotal(~enroll, dclus1)": (
        lambda: estimate.total(CLUS1.enroll, **CLUS1_DESIGN),
        (3404940.13452911, 932235.027041215, 1405494.85852042, 5404385.41053781, 14),
    ),
    "svyratio(~api.stu, ~enroll, dclus1)": (
        lambda: estimate.ratio(CLUS1.api_stu, CLUS1.enroll, **CLUS1_DESIGN),
        (0.849708741724488, 0.00838629716939109, 0.831721923194655, 0.86769556025432, 14),
    ),
    'svymean(~api00, subset(dclus1, stype == "H"))': (
        lambda: estimate.mean(CLUS1.api00, **CLUS1_DESIGN, domain=CLUS1.stype == "H"),
        (618.571428571429, 38.0202493594075, 528.667824884569, 708.475032258289, 7),
    ),
    'svyciprop(~I(sch.wide == "Yes"), subset(dclus1, stype == "H"), method = "beta")': (
        lambda: estimate.proportion(CLUS1.sch_wide, **CLUS1_DESIGN, domain=CLUS1.stype == "H"),
        (0.785714285714286, 0.0914619099888493, 0.521760971207249, 0.943907693670807, 7),
    ),
    "svyglm(api00 ~ sch.wide, dclus1)": (
        lambda: estimate.difference(CLUS1.api00, CLUS1.sch_wide == 1, CLUS1.sch_wide == 0, **CLUS1_DESIGN),
        (41.3190217391304, 19.5918542625377, -0.7013264747861, 83.3393699530469, 14),
    ),
    "svymean(~api00, dclus2)": (
        lambda: estimate.mean(CLUS2.api00, **CLUS2_DESIGN),
        (670.811808118081, 30.0990273768366, 609.930778741016, 731.692837495146, 39),
    ),
    'svymean(~api00, subset(dclus2, stype == "E"))': (
        lambda: estimate.mean(CLUS2.api00, **CLUS2_DESIGN, domain=CLUS2.stype == "E"),
        (692.810400866739, 29.926604237403, 631.992223722752, 753.628578010725, 34),
    ),
    "svymean(~api00, svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2))": (
        lambda: estimate.mean(CLUS2.api00, CLUS2_WEIGHTS, psu=[CLUS2.dnum, CLUS2.snum]),
        (670.811808118081, 30.7115763093288, 608.691781577186, 732.931834658977, 39),
    ),
    "svymean(~api00, postStratify(dclus1, ~stype, pop.types))": (
        lambda: estimate.mean(CLUS1.api00, **POST_DESIGN),
        (642.310788211582, 23.9204864450904, 591.006447315634, 693.61512910753, 14),
    ),
    "svytotal(~enroll, postStratify(dclus1, ~stype, pop.types))": (
        lambda: estimate.total(CLUS1.enroll, **POST_DESIGN),
        (3680892.94511905, 406292.636294802, 2809481.90739493, 4552303.98284317, 14),
    ),
    'svymean(~api00, subset(postStratify(...), sch.wide == "Yes"))': (
        lambda: estimate.mean(CLUS1.api00, **POST_DESIGN, domain=CLUS1.sch_wide == 1),
        (647.161128404389, 24.397066901528, 594.834624089752, 699.487632719027, 14),
    ),
    "svymean(~api00, calibrate(dclus1, ~stype + api99, totals))": (
        lambda: estimate.mean(CLUS1.api00, **LINEAR_DESIGN),
        (665.30907116578, 3.44175311640481, 657.927244898615, 672.690897432945, 14),
    ),
    "svytotal(~enroll, calibrate(dclus1, ~stype + api99, totals))": (
        lambda: estimate.total(CLUS1.enroll, **LINEAR_DESIGN),
        (3638487.20413188, 385524.427352479, 2811619.54447915, 4465354.86378461, 14),
    ),
    'svymean(~api00, subset(calibrate(dclus1, ...), sch.wide == "Yes"))': (
        lambda: estimate.mean(CLUS1.api00, **LINEAR_DESIGN, domain=CLUS1.sch_wide == 1),
        (671.581043023697, 4.46031458286185, 662.01461968245, 681.147466364945, 14),
    ),
    'svymean(~api00, calibrate(dclus1, ~stype + sch.wide, margins, calfun = "raking"))': (
        lambda: estimate.mean(CLUS1.api00, **RAKED_DESIGN),
        (641.23032092682, 23.7036168879217, 590.391118970102, 692.069522883538, 14),
    ),
    'svytotal(~enroll, calibrate(dclus1, ~stype + sch.wide, margins, calfun = "raking"))': (
        lambda: estimate.total(CLUS1.enroll, **RAKED_DESIGN),
        (3647280.14806518, 400603.256862004, 2788071.61561103, 4506488.68051932, 14),
    ),
    "svyratio(~api.stu, ~enroll, raked)": (
        lambda: estimate.ratio(CLUS1.api_stu, CLUS1.enroll, **RAKED_DESIGN),
        (0.848231571735981, 0.0072325255099543, 0.832719347302205, 0.863743796169757, 14),
    ),
    'svyquantile(~api00, raked, .5, qrule = "math")': (
        lambda: estimate.quantile(CLUS1.api00, 0.5, **RAKED_DESIGN),
        (652, 35.6678826994527, 561, 714, 14),
    ),
    "svymean(~api00, subset(raked, api99 > 650))": (
        lambda: estimate.mean(CLUS1.api00, **RAKED_DESIGN, domain=CLUS1.api99 > 650),
        (742.676746534749, 8.09594380943133, 724.362449256632, 760.991043812866, 9),
    ),
    "svyglm(api00 ~ I(api99 > 650), raked)": (
        lambda: estimate.difference(CLUS1.api00, CLUS1.api99 > 650, CLUS1.api99 <= 650, **RAKED_DESIGN),
        (168.443623103628, 17.863027168802, 130.131240226068, 206.756005981189, 14),
    ),
    "starting weights vary: svymean(~api00, raked)": (
        lambda: estimate.mean(STRAT.api00, **ROWS_DESIGN),
        (662.211650357845, 9.364064269599, 643.746122540615, 680.677178175075, 199),
    ),
    "starting weights vary: svytotal(~enroll, raked)": (
        lambda: estimate.total(STRAT.enroll, **ROWS_DESIGN),
        (3688120.4729632, 116477.507530148, 3458431.88973099, 3917809.05619541, 199),
    ),
    "starting weights vary: svymean(~api00, subset(raked, enroll > 500))": (
        lambda: estimate.mean(STRAT.api00, **ROWS_DESIGN, domain=STRAT.enroll > 500),
        (622.658087052601, 11.386979246329, 600.096247317343, 645.219926787859, 112),
    ),
    'starting weights vary: svyciprop(~I(api00 > 700), raked, method = "xlogit")': (
        lambda: estimate.proportion(STRAT.api00 > 700, **ROWS_DESIGN),
        (0.404177791695109, 0.0376645257082885, 0.332587311808042, 0.480093340657455, 199),
    ),
    "svymean(~api00, svydesign(id = ~1, weights = ~weights(raked), data = apistrat))": (
        lambda: estimate.mean(STRAT.api00, RAKED_ROWS.values),
        (662.211650357845, 9.58727105615797, 643.305968457139, 681.117332258551, 199),
    ),
}


@pytest.mark.parametrize("command", CASES)
def test_agrees_with_r(command: str) -> None:
    call, expected = CASES[command]
    found = call()
    numbers = (found.estimate, found.std_error, found.ci_low, found.ci_high, found.df)
    assert numbers == pytest.approx(expected, rel=1e-8)


def test_total_with_missing_answers_agrees_with_r() -> None:
    # R 4.2.2, survey 4.1-1: svytotal(~enroll, dclus2, na.rm = TRUE); R keeps the df of the whole design.
    found = estimate.total(CLUS2.enroll, **CLUS2_DESIGN)
    assert (found.estimate, found.std_error) == pytest.approx((2639272.93, 799637.773648358), rel=1e-8)
    assert found.n == 120


def test_raked_weights_agree_with_r() -> None:
    # R 4.2.2, survey 4.1-1: range(weights(raked)), sum(weights(raked)^2) with epsilon = 1e-13
    values = RAKED_CLUS1.values
    found = (values.min(), values.max(), float(values @ values))
    assert found == pytest.approx((29.8706754926851, 67.1255292411943, 220478.021751362), rel=1e-8)


def test_regression_on_final_weights_would_be_noticed() -> None:
    """The mistake the starting weights guard against shows in the fifth digit of the standard error."""
    codes = [pd.factorize(STRAT.stype)[0], pd.factorize(STRAT.sch_wide)[0]]
    wrong = from_codes(codes, [3, 2], RAKED_ROWS.values)
    mixed = Weights(RAKED_ROWS.values, RAKED_ROWS.start, wrong, RAKED_ROWS.diagnostics)
    found = estimate.mean(STRAT.api00, calibration=mixed, domain=STRAT.enroll > 500).std_error
    assert abs(found / 11.386979246329 - 1) > 1e-5
