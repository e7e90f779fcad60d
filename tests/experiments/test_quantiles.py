"""Quantiles of heavy-tailed money: by the bootstrap, from people and never from sums."""

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.deciding.quantiles import resampled
from coterie.experiments.design.plan import Metric
from coterie.experiments.trials.outcomes import from_measures
from experiments.worlds import DAY, PLAN, exposures_of, report_of, units_of

MEDIAN = Metric("spend", "quantile", "purchase", quantile=0.5)
HIGH = Metric("large", "quantile", "purchase", quantile=0.9)
ASKED = PLAN._replace(primary=MEDIAN, secondaries=(HIGH,), minimum_lift=1.0)


def money(seed: int, n: int = 1500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units = units_of(rng, ASKED, n=n)
    spent = rng.lognormal(3, 1.5, n) * np.where(units["arm"] == "treatment", 1.3, 1.0)
    return units.assign(y0=spent, y1=spent)


def test_resampling_in_one_step_agrees_with_a_library_that_draws():
    values = np.random.default_rng(0).lognormal(3, 1.5, 400)

    def highest(sample: np.ndarray, axis: int) -> np.ndarray:
        return np.quantile(sample, 0.9, axis=axis, method="inverted_cdf")

    options = {"n_resamples": 4000, "method": "percentile", "rng": 1}
    theirs = stats.bootstrap((values,), highest, **options)
    found, draws = resampled(values, 0.9)
    assert found == highest(values, axis=0)
    assert draws.std() == pytest.approx(theirs.standard_error, rel=0.1)
    ours = np.quantile(draws, [0.025, 0.975])
    assert ours == pytest.approx(list(theirs.confidence_interval), rel=0.05)


def test_quantiles_are_compared_for_everyone_and_in_segments_through_the_engine():
    units = money(1)
    found = estimate(aggregate(ibis.memtable(units), ASKED), ASKED).set_index(["metric", "segment"])
    assert set(found["method"]) == {"bootstrap of the quantile, percentile interval"}
    assert len(found) == 14  # two metrics, everyone and six segments
    by_arm = units.groupby("arm")["y0"].quantile(0.9, interpolation="lower")
    row = found.loc[("large", "all")]
    assert row["arm_mean"] == pytest.approx(by_arm["treatment"], rel=0.02)
    assert row["effect"] == row["arm_mean"] - row["control_mean"]
    assert row["low"] < row["effect"] < row["high"]
    beyond = (found["low"] > 0) | (found["high"] < 0)
    assert (beyond == (found["pvalue"] < ASKED.alpha)).all()
    assert beyond["spend", "all"]


def test_whom_an_analysis_leaves_out_is_in_no_resample():
    units = money(2).assign(mixed=lambda frame: frame.index < 300)
    found = estimate(aggregate(ibis.memtable(units), ASKED, groupings=()), ASKED)
    rest = estimate(aggregate(ibis.memtable(units[~units["mixed"]]), ASKED, groupings=()), ASKED)
    ends = ["arm_mean", "effect", "low", "high"]
    without = found[found["analysis"] == "without mixed"].set_index("metric")[ends]
    assert without.equals(rest.set_index("metric")[ends])
    assert not without.equals(found[found["analysis"] == "as assigned"].set_index("metric")[ends])


def test_few_people_beyond_a_quantile_sums_alone_and_a_mass_have_no_interval():
    sums = aggregate(ibis.memtable(money(3, n=300)), ASKED, groupings=())
    assert set(estimate(sums, ASKED, min_people=20)["metric"]) == {"spend", "large"}
    few = aggregate(ibis.memtable(money(3, n=60)), ASKED, groupings=())
    assert set(estimate(few, ASKED, min_people=10)["metric"]) == {"spend"}
    assert estimate(sums.drop(columns=["quantile", "draws"]), ASKED).empty
    nobody = money(4).assign(y0=0.0)
    found = estimate(aggregate(ibis.memtable(nobody), ASKED, groupings=()), ASKED)
    row = found.set_index("metric").loc["spend"]
    assert row["effect"] == 0
    assert row[["low", "high", "pvalue"]].isna().all()


def test_a_report_decides_on_a_median_of_what_people_paid():
    rng = np.random.default_rng(5)
    arms = {f"p{i}": "control" if i % 3 == 0 else "treatment" for i in range(900)}
    paid = rng.lognormal(3, 1, 900) * np.where(np.arange(900) % 3 > 0, 2.0, 1.0)
    acts = [
        (person, "2026-05-03", "purchase", part) for person, part in zip(arms, paid, strict=True)
    ]
    report = report_of(exposures_of(arms, at=DAY), acts, ASKED._replace(secondaries=()))
    assert report.decision == "act"
    assert report.lift[0] == pytest.approx(20, abs=6)
    assert "draws" not in report.sums


def test_a_file_s_own_measures_make_shares_ratios_and_quantiles():
    rate = Metric("rate", "ratio", denominator="views")
    plan = PLAN._replace(primary=Metric("visits"), secondaries=(rate, MEDIAN._replace(verb="")))
    stated = {"visits": [3.0, 0.0, -1.0, None], "rate": [2.0, 1.0, 1.0, 1.0]}
    stated |= {"views": [4.0, 5.0, None, 2.0], "spend": [10.0, 20.0, np.nan, 5.0]}
    rows = [(f"p{i}", name, v) for name, values in stated.items() for i, v in enumerate(values)]
    measured = pd.DataFrame(rows, columns=["person_id", "measure", "value"])
    people = exposures_of(dict.fromkeys(["p0", "p1", "p2", "p3"], "control"))
    tables = (ibis.memtable(people), ibis.memtable(measured))
    units = from_measures(*tables, plan).order_by("person_id").to_pandas()
    assert units["y0"].fillna(-9).tolist() == [1, 0, 0, -9]
    assert units[["y1", "d1"]].fillna(-9).to_numpy().tolist() == [[2, 4], [1, 5], [-9, -9], [1, 2]]
    assert units["y2"].fillna(-9).tolist() == [10, 20, -9, 5]


def test_before_anybody_s_time_is_over_nothing_is_resampled_and_nothing_stops():
    arms = {f"p{i}": "control" if i % 3 == 0 else "treatment" for i in range(90)}
    early = report_of(
        exposures_of(arms, at=DAY), [], ASKED, as_of=(DAY + pd.Timedelta("3D")).date()
    )
    assert set(early.decisions["decision"]) == {"too early"}
