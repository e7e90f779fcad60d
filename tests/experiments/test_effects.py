"""Every method against an independent one, from sums alone."""

import ibis
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from coterie import contracts
from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.design.plan import Metric
from experiments.worlds import CONVERSION, PLAN, units_of

VALUE = Metric("value", "mean", "purchase")
RATE = Metric("rate", "ratio", "click", "view")
CUPED = CONVERSION._replace(name="adjusted", covariate_days=90)
EVERY = PLAN._replace(secondaries=(VALUE, RATE, CUPED), segments=())


@pytest.fixture(scope="module")
def units() -> pd.DataFrame:
    return units_of(np.random.default_rng(1), EVERY, n=3000, lift=0.05)


@pytest.fixture(scope="module")
def found(units) -> pd.DataFrame:
    effects = estimate(aggregate(ibis.memtable(units), EVERY, groupings=()), EVERY)
    assert {*effects, "evidence"} == set(contracts.Effects.types)
    return effects.set_index("metric")


def sides(units: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    return tuple(
        units.loc[units["arm"] == arm, column].to_numpy() for arm in ("treatment", "control")
    )


def test_a_mean_is_compared_by_welch_s_test(units, found):
    theirs = stats.ttest_ind(*sides(units, "y1"), equal_var=False)
    row = found.loc["value"]
    assert row["pvalue"] == pytest.approx(theirs.pvalue, rel=1e-6)
    low, high = theirs.confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-6)


def test_a_share_adjusted_by_the_past_is_close_to_a_robust_regression(units, found):
    treated = units.assign(
        t=(units["arm"] == "treatment").astype(int), x=units["x3"], y=units["y3"]
    )
    fit = smf.ols("y ~ t + x", treated).fit(cov_type="HC2")
    row = found.loc["adjusted"]
    assert row["effect"] == pytest.approx(fit.params["t"], abs=2e-4)
    assert row["stderr"] == pytest.approx(fit.bse["t"], rel=0.01)
    assert row["stderr"] < found.loc["conversion", "stderr"]


def test_a_ratio_is_compared_by_the_delta_method(units, found):
    rates, variances = [], []
    for y, d in zip(sides(units, "y2"), sides(units, "d2"), strict=True):
        rate = y.sum() / d.sum()
        rates.append(rate)
        variances.append(np.var(y - rate * d, ddof=1) / len(y) / d.mean() ** 2)
    row = found.loc["rate"]
    assert row["effect"] == pytest.approx(rates[0] - rates[1], rel=1e-9)
    assert row["stderr"] == pytest.approx(np.sqrt(sum(variances)), rel=1e-6)


def test_clusters_are_compared_as_a_regression_with_errors_by_cluster_does():
    plan = PLAN._replace(cluster="household", segments=())
    rng = np.random.default_rng(2)
    units = units_of(rng, plan, n=2000)
    home = np.arange(2000) // 4
    units["cluster"] = home.astype(str)
    units["arm"] = np.array(["control", "treatment"])[rng.integers(0, 2, 500)[home]]
    units["y0"] = (rng.random(2000) < 0.1 + 0.2 * (rng.random(500) < 0.3)[home]).astype(float)
    [row] = estimate(aggregate(ibis.memtable(units), plan, groupings=()), plan).itertuples()
    treated = units.assign(t=(units["arm"] == "treatment").astype(int))
    fit = smf.ols("y0 ~ t", treated).fit(cov_type="cluster", cov_kwds={"groups": home})
    assert row.effect == pytest.approx(fit.params["t"], abs=1e-9)
    assert row.stderr == pytest.approx(fit.bse["t"], rel=0.01)
    assert row.method == "ratio of cluster sums, delta method"


def test_every_arm_is_compared_with_control_and_a_small_one_is_not():
    plan = PLAN._replace(arms={"none": 1.0, "a": 1.0, "b": 1.0, "c": 0.01}, control="none")
    sums = aggregate(ibis.memtable(units_of(np.random.default_rng(3), plan, n=900)), plan)
    found = estimate(sums, plan)
    assert set(found.loc[found["segment"] == "all", "arm"]) == {"a", "b"}
    assert (found["n_control"] >= 50).all()


def test_where_nobody_did_it_a_share_has_an_interval_and_a_mean_has_none():
    plan = PLAN._replace(secondaries=(VALUE,), segments=())
    silent = units_of(np.random.default_rng(0), plan, n=600).assign(y0=0.0, y1=0.0)
    found = estimate(aggregate(ibis.memtable(silent), plan, groupings=()), plan).set_index("metric")
    assert found.loc["conversion", "low"] < 0 < found.loc["conversion", "high"]
    assert found.loc["conversion", "pvalue"] == 1
    assert found.loc["value", ["low", "high", "pvalue"]].isna().all()
    assert found.loc["value", "effect"] == 0


def test_sums_of_a_warehouse_are_compared_as_they_are():
    # Hillstrom's published counts: visits of 21,307, 21,387 and 21,306 people
    plan = PLAN._replace(arms={"none": 1.0, "mens": 1.0, "womens": 1.0}, control="none")
    rows = [("mens", 21_307, 3_894), ("womens", 21_387, 3_238), ("none", 21_306, 2_262)]
    sums = pd.DataFrame(rows, columns=["arm", "n", "sum_y"])
    blank = dict.fromkeys(("sum_x", "sum_xx", "sum_xy"), 0.0)
    whole = {"n_assigned": sums["n"], "n_people": sums["n"], "sum_yy": sums["sum_y"]}
    whole |= {"sum_d": sums["n"], "sum_dd": sums["n"], "sum_yd": sums["sum_y"]}
    keys = {
        "experiment": "email",
        "metric": "conversion",
        "analysis": "as assigned",
        "segment": "all",
    }
    found = estimate(sums.assign(**blank, **whole, **keys), plan).set_index("arm")
    assert found["arm_mean"].round(4).to_dict() == {"mens": 0.1828, "womens": 0.1514}
    assert found.loc["mens", "effect"] == pytest.approx(0.0766, abs=1e-4)
