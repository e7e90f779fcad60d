"""Means, ratios and adjusted means over whole columns agree with a library, one pair at a time."""

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt
from hypothesis import given, settings
from hypothesis import strategies as st
from tea_tasting.aggr import Aggregates

from coterie.experiments.deciding.means import adjusted, ratio_of, side_of, slope_of, welch

OPTIONS = {"alternative": "two-sided", "equal_var": False, "use_t": True}
WAYS = {"mean": tt.Mean("y", **OPTIONS), "adjusted": tt.Mean("y", "x", **OPTIONS)}
WAYS |= {"ratio": tt.RatioOfMeans("y", "d", **OPTIONS)}


def people(seed: int, n: int, shift: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.poisson(1.0, n).astype(float)
    y = x + rng.lognormal(0, 1, n) + shift
    return pd.DataFrame({"y": y, "d": rng.poisson(3, n) + 1.0, "x": x})


def sums_of(frame: pd.DataFrame) -> pd.DataFrame:
    pairs = ("yy", "dd", "yd", "xx", "xy")
    products = {f"sum_{one}{two}": (frame[one] * frame[two]).sum() for one, two in pairs}
    totals = {f"sum_{name}": frame[name].sum() for name in "ydx"}
    return pd.DataFrame([{"n": len(frame)} | totals | products])


def moments_of(frame: pd.DataFrame) -> Aggregates:
    shared = frame.cov()
    return Aggregates(
        count_=len(frame),
        mean_=frame.mean().to_dict(),
        var_=frame.var().to_dict(),
        cov_={("d", "y"): shared.loc["d", "y"], ("x", "y"): shared.loc["x", "y"]},
    )


def ours(way: str, arm: pd.DataFrame, control: pd.DataFrame) -> pd.Series:
    sides = [side_of(arm), side_of(control)]
    if way == "ratio":
        found = [ratio_of(side) for side in sides]
    elif way == "adjusted":
        found = [adjusted(side, *slope_of(arm, control)) for side in sides]
    else:
        found = [(side.y, side.var_y) for side in sides]
    ends = [(side.n, *means) for side, means in zip(sides, found, strict=True)]
    return welch(*ends, alpha=0.05).iloc[0]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(20, 300), st.floats(-1, 1))
def test_every_way_of_comparing_means_agrees_with_tea_tasting(way, seed, n, shift):
    arm, control = people(seed, n, shift), people(seed + 1, 2 * n, 0.0)
    row = ours(way, sums_of(arm), sums_of(control))
    theirs = WAYS[way].analyze_aggregates(moments_of(control), moments_of(arm))
    want = [theirs.control, theirs.treatment, theirs.effect_size]
    want += [theirs.effect_size_ci_lower, theirs.effect_size_ci_upper, theirs.pvalue]
    got = row[["control_mean", "arm_mean", "effect", "low", "high", "pvalue"]]
    assert got.tolist() == pytest.approx(want, rel=1e-6, abs=1e-9)


def test_a_past_that_does_not_vary_explains_nothing():
    still = people(0, 50, 0.0).assign(x=0.0)
    row, plain = (ours(way, sums_of(still), sums_of(still)) for way in ("adjusted", "mean"))
    assert row[["effect", "stderr"]].tolist() == plain[["effect", "stderr"]].tolist()


def test_where_there_is_nothing_to_divide_by_there_is_no_ratio():
    bare, some = sums_of(people(0, 50, 0.0).assign(d=0.0)), sums_of(people(1, 50, 0.0))
    for pair in ((bare, some), (some, bare), (bare, bare)):
        row = ours("ratio", *pair)
        assert row[["effect", "low", "high", "stderr", "pvalue"]].isna().all()
