"""Numbers of other tools for `tests/stats/inference`, written to experiments.json.

Run in an environment of its own, never the project's:

    python -m venv oracle && oracle/bin/pip install tea-tasting==1.14.0 statsmodels==0.15.0 scipy==1.17.1
    oracle/bin/python tests/references/experiments.py

The heterogeneity comes from R 4.2.2, metafor: `rma(yi, sei = si, method = "DL")`, its call is in the test.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def rows() -> pd.DataFrame:
    """Return 400 units without any random number, so that every version makes the same."""
    t = np.arange(400.0)
    arm = (t % 2).astype(int)
    x = 4 + 3 * np.sin(t) + np.cos(3 * t)
    y = x + 2 * np.sin(t * t) + 0.3 * arm
    den = 1 + np.floor(3 * (1 + np.sin(1.7 * t)))
    num = np.floor(den * (0.5 + 0.5 * np.sin(2.3 * t + 1)) * (0.9 - 0.1 * arm))
    return pd.DataFrame({"variant": arm, "y": y, "x": x, "num": num, "den": den})


def clusters() -> dict[str, np.ndarray]:
    """Return 40 clusters of unequal size, assigned as a whole."""
    group = np.repeat(np.arange(40), 5 + np.arange(40) % 7)
    t = np.arange(group.size)
    arm = group % 2
    return {"u": np.sin(3.0 * group) + np.cos(t * t) + 0.5 * arm, "arm": arm, "group": group}


def tea() -> dict[str, dict[str, float]]:
    """Return what tea-tasting says of the rows."""
    import tea_tasting as tt

    asked = {"mean": tt.Mean("y"), "cuped": tt.Mean("y", "x"), "ratio": tt.RatioOfMeans("num", "den")}
    return {name: found._asdict() for name, found in tt.Experiment(asked).analyze(rows()).items()}


def shares() -> list[dict[str, object]]:
    """Return score intervals of ratios and Boschloo's p-values: x1 n1 x0 n0."""
    from scipy import stats
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = []
    for counts in [(3, 500, 12, 480), (10, 100, 5, 100), (1, 20, 19, 25), (0, 10, 5, 10)]:
        x1, n1, x0, n0 = counts
        low, high = confint_proportions_2indep(*counts, compare="ratio", method="score")
        p_value = stats.boschloo_exact([[x1, x0], [n1 - x1, n0 - x0]], n=128).pvalue
        found.append({"counts": counts, "ratio": (low, high), "boschloo": p_value})
    return found


def main() -> None:
    """Write everything."""
    import scipy
    import statsmodels
    import statsmodels.formula.api as smf
    import tea_tasting as tt
    from scipy import stats
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    frame, grouped = rows(), clusters()
    fit = smf.ols("u ~ arm", grouped).fit(cov_type="cluster", cov_kwds={"groups": grouped["group"]})
    arms = [frame.loc[frame["variant"] == arm, "y"] for arm in (1, 0)]
    welch = stats.ttest_ind(*arms, equal_var=False)
    found = {
        "versions": {m.__name__: m.__version__ for m in (tt, statsmodels, scipy, np, pd)},
        "tea_tasting": tea(),
        "welch": {"p": welch.pvalue, "df": welch.df, "interval": tuple(welch.confidence_interval(0.95))},
        "cr1": {"estimate": fit.params["arm"], "std_error": fit.bse["arm"]},
        "chi_square": tuple(stats.chisquare([3070, 2930, 4000], np.array([0.3, 0.3, 0.4]) * 10000)),
        "shares": shares(),
        "cohen_h": NormalIndPower().solve_power(proportion_effectsize(0.190201 * 1.03, 0.190201), power=0.8,
                                                alpha=0.05),
        "unequal_mean": NormalIndPower().solve_power(0.2 / 1.5, power=0.9, alpha=0.05, ratio=0.5),
    }  # fmt: skip
    text = json.dumps(found, indent=1, default=float)
    (HERE / "experiments.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
