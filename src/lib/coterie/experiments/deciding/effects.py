"""How every arm differs from control, from sums alone."""

from collections.abc import Mapping

import pandas as pd
from scipy import stats

from coterie.experiments.deciding.aggregates import SUMS
from coterie.experiments.deciding.means import adjusted, ratio_of, side_of, slope_of, welch
from coterie.experiments.deciding.quantiles import COLUMNS as RESAMPLED
from coterie.experiments.deciding.quantiles import by_bootstrap
from coterie.experiments.design.plan import Metric, Plan
from coterie.statistics import share_differences

COLUMNS = [
    *("experiment", "metric", "analysis", "segment", "arm", "n_control", "n_arm"),
    *("control_mean", "arm_mean", "effect", "low", "high", "stderr", "pvalue", "method"),
]
BY_SCORE = "score interval of two shares (Miettinen-Nurminen)"
BY_WELCH = "Welch"
BY_CUPED = "Welch, adjusted by the time before (CUPED)"
BY_RATIO = "ratio of sums, delta method"
BY_BOOTSTRAP = "bootstrap of the quantile, percentile interval"
BY_CLUSTER = "ratio of cluster sums, delta method"


def estimate(sums: pd.DataFrame, plan: Plan, *, min_people: int = 50) -> pd.DataFrame:
    """Compare every arm with control, for each metric, segment and analysis.

    `sums` are as `aggregate` gives, or a warehouse's own. Arms of fewer than `min_people` people
    whose outcome is known are not compared, nor are quantiles that too few people lie beyond, or of
    which only sums are known. Where nothing varies there is a difference and no interval.

    References
    ----------
    Deng et al. (2013), "Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data", WSDM: CUPED. Deng, Knoblich and Lu (2018), "Applying the Delta Method in
    Metric Analytics", KDD: ratios and clusters.
    """
    whose = {metric.name: metric for metric in plan.metrics}
    sums = sums.assign(**{name: None for name in RESAMPLED if name not in sums})
    large = sums[(sums["n_people"] >= max(min_people, 2)) & (sums["n"] >= 2)]
    keys = ["experiment", "metric", "analysis", "segment"]
    control = large[large["arm"] == plan.control].drop(columns="arm")
    arms = large[large["arm"].isin(plan.treatments)]
    pairs = arms.merge(control, on=keys, suffixes=("", "_control"))
    pairs = comparable(pairs, whose).reset_index(drop=True)
    methods = pd.Series(
        [
            method_of(whose[name], clustered=bool(plan.cluster), covariate=bool(spread))
            for name, spread in zip(pairs["metric"], pairs["sum_xx"], strict=True)
        ],
        index=pairs.index,
        dtype=object,
    )
    found = pd.concat(
        [by_score(pairs[methods == BY_SCORE], alpha=plan.alpha)]
        + [by_bootstrap(pairs[methods == BY_BOOTSTRAP], alpha=plan.alpha)]
        + [
            by_means(pairs[methods == method], method, alpha=plan.alpha)
            for method in (BY_WELCH, BY_CUPED, BY_RATIO, BY_CLUSTER)
        ]
    )
    sizes = {"n_control": pairs["n_people_control"], "n_arm": pairs["n_people"]}
    return pairs.assign(method=methods, **sizes).join(found)[COLUMNS]


def comparable(pairs: pd.DataFrame, whose: Mapping[str, Metric]) -> pd.DataFrame:
    """Keep the metrics of a plan, and of quantiles those that both arms have draws of."""
    asked = pairs[pairs["metric"].isin(whose)]
    drawn = asked["draws"].notna() & asked["draws_control"].notna()
    kinds = asked["metric"].map({name: metric.kind for name, metric in whose.items()})
    return asked[drawn | (kinds != "quantile")]


def method_of(metric: Metric, *, clustered: bool, covariate: bool) -> str:
    """Choose how a metric is compared.

    >>> method_of(Metric("visit"), clustered=False, covariate=False) == BY_SCORE
    True
    """
    if metric.kind == "quantile":
        return BY_BOOTSTRAP
    if clustered:
        return BY_CLUSTER
    if metric.kind == "ratio":
        return BY_RATIO
    if covariate:
        return BY_CUPED
    return BY_SCORE if metric.kind == "share" else BY_WELCH


def by_score(pairs: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Compare shares of people who did something."""
    x, n, y, m = (pairs[name] for name in ("sum_y", "n", "sum_y_control", "n_control"))
    found = share_differences(x, n, y, m, alpha=alpha)
    p, q = x / n, y / m
    return pd.DataFrame(
        {
            "control_mean": q,
            "arm_mean": p,
            "effect": found.difference,
            "low": found.low,
            "high": found.high,
            # not that of the observed shares, which is 0 where nobody did it
            "stderr": (found.high - found.low) / 2 / stats.norm.isf(alpha / 2),
            "pvalue": found.pvalue,
        },
        index=pairs.index,
    )


def by_means(pairs: pd.DataFrame, method: str, *, alpha: float) -> pd.DataFrame:
    """Compare means, or ratios of sums."""
    arm, control = (sums_of(pairs, side) for side in ("", "_control"))
    sides = [side_of(arm), side_of(control)]
    if method in (BY_RATIO, BY_CLUSTER):
        means = [ratio_of(side) for side in sides]
    elif method == BY_CUPED:
        explained = slope_of(arm, control)
        means = [adjusted(side, *explained) for side in sides]
    else:
        means = [(side.y, side.var_y) for side in sides]
    ends = [(side.n, *found) for side, found in zip(sides, means, strict=True)]
    return welch(*ends, alpha=alpha).set_index(pairs.index)


def sums_of(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    """Take the sums of one side of every pair, under the names that they have in aggregates."""
    names = ["n", *SUMS]
    wanted = pairs[[f"{name}{side}" for name in names]]
    return wanted.set_axis(names, axis=1)
