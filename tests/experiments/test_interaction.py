"""Content suits a segment only where it beats generic content there by more than elsewhere."""

import ibis
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from coterie.experiments import default_plan
from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.deciding.interaction import COLUMNS, two_by_two
from coterie.experiments.design.plan import Metric, read_plan
from coterie.study import SettingsError
from experiments.worlds import PLAN, units_of

ARMS = {"control": 1.0, "generic": 1.0, "for S1": 1.0}
WRITTEN = PLAN._replace(arms=ARMS, content_for={"for S1": "S1"})


def units(*, everywhere: float, there: float, n: int = 9000) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = units_of(rng, WRITTEN, n=n)
    lift = everywhere * (frame["arm"] == "for S1")
    lift += there * ((frame["arm"] == "for S1") & (frame["segment"] == "S1"))
    return frame.assign(y0=(rng.random(n) < 0.1 + lift).astype(float))


def found_in(frame: pd.DataFrame, plan=WRITTEN) -> pd.DataFrame:
    return two_by_two(aggregate(ibis.memtable(frame), plan), plan)


def test_the_interaction_is_that_of_a_regression_with_robust_errors():
    frame = units(everywhere=0.02, there=0.1)
    rows = found_in(frame).set_index("where")
    two = frame[frame["arm"] != "control"]
    two = two.assign(y=two["y0"], a=(two["arm"] == "for S1") * 1, s=(two["segment"] == "S1") * 1)
    fit = smf.ols("y ~ a * s", two).fit(cov_type="HC1")
    assert rows.loc["everyone else", "effect"] == pytest.approx(fit.params["a"], abs=1e-9)
    assert rows.loc["S1", "effect"] == pytest.approx(fit.params["a"] + fit.params["a:s"], abs=1e-9)
    assert rows.loc["difference", "effect"] == pytest.approx(fit.params["a:s"], abs=1e-9)
    assert rows.loc["difference", "stderr"] == pytest.approx(fit.bse["a:s"], rel=0.02)


@pytest.mark.parametrize(("everywhere", "there", "suits"), [(0.1, 0.0, False), (0.0, 0.1, True)])
def test_content_that_is_better_for_everybody_suits_no_segment(everywhere, there, suits):
    rows = found_in(units(everywhere=everywhere, there=there)).set_index("where")
    assert rows.loc["S1", "low"] > 0  # where only the segment is looked at, both seem to suit it
    assert (rows.loc["difference", "low"] > 0) == suits


def test_without_such_arms_or_people_there_are_no_rows():
    frame = units(everywhere=0.0, there=0.0, n=600)
    assert list(found_in(frame, WRITTEN._replace(content_for=None))) == COLUMNS
    assert found_in(frame, WRITTEN._replace(content_for={"for S1": "S9"})).empty
    assert found_in(frame, WRITTEN._replace(cluster="household")).empty


@pytest.mark.parametrize(
    "wrong", [{"nobody": "S1"}, {"control": "S1"}, dict.fromkeys(("a", "b"), "S")]
)
def test_a_plan_that_names_no_arm_or_leaves_none_generic_is_refused(wrong):
    stated = {"id": "x", "goal": "g", "owner": "o", "arms": {"control": 1, "a": 1, "b": 1}}
    stated |= {"primary": Metric("visit")._asdict(), "minimum_lift": 0.01, "content_for": wrong}
    with pytest.raises(SettingsError, match="content_for"):
        read_plan(stated)


def test_a_plan_that_uses_no_later_field_keeps_the_fingerprint_it_was_registered_under():
    options = {"base_rate": 0.1, "minimum_lift": 0.02, "horizon_days": 28, "primary": "c"}
    plan = default_plan(goal="g", owner="o", kpis={"c": "purchase"}, **options)
    assert "delivery" not in plan.written
    assert "content_for" not in plan.written
