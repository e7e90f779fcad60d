"""What segments teach together: effects pulled to their common mean, and pairs to merge."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, stats

from coterie.experiments.deciding.aggregates import AS_ASSIGNED
from coterie.experiments.deciding.report import Report

COLUMNS = [
    *("experiment", "metric", "arm", "segment", "label", "effect", "stderr"),
    *("shrunken", "shrunken_error", "tau", "pvalue"),
]
PAIRS = ["arm", "one", "other", "difference", "low", "high"]


class Shrunken(NamedTuple):
    """Effects of segments as they were found, and pulled to their common mean."""

    # one row an arm and segment; `tau` is the standard deviation of true effects between segments,
    # `pvalue` the chance of such differences if all segments were alike
    table: pd.DataFrame
    kind: str = "share"  # of the outcome: what its unit is

    @property
    def pvalue(self) -> float:
        """The smallest p-value of any arm, as often as there are arms; nan without segments."""
        by_arm = self.table.groupby("arm")["pvalue"].first()
        return float(min(1.0, by_arm.min() * len(by_arm))) if len(by_arm) else float("nan")


def shrink(report: Report) -> Shrunken:
    """Pull each segment's effect to the mean of all, the more so the less is known of it.

    The largest of several effects was also lucky: an estimate that was picked for its size is too
    large, and the shrunken one is not. Segments of one grouping only: strata overlap.

    References
    ----------
    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87, for the
    variance between; Efron and Morris (1975), JASA 70; Cochran (1954), Biometrics 10, for the test.
    """
    rows = report.by_segment
    if not rows.empty:
        rows = rows[rows["segment"].isin(list(report.names))]
    if rows.empty:
        return Shrunken(pd.DataFrame(columns=COLUMNS))
    keys = ["experiment", "metric", "arm", "segment"]
    errors = report.effects[report.effects["analysis"] == AS_ASSIGNED][[*keys, "stderr"]]
    rows = rows.drop(columns="pvalue").merge(errors, on=keys).dropna(subset="stderr")
    parts = [pulled(group) for _, group in rows.groupby("arm")]
    return Shrunken(pd.concat(parts, ignore_index=True)[COLUMNS], report.plan.primary.kind)


def pulled(group: pd.DataFrame) -> pd.DataFrame:
    """Weigh each effect of one arm against the mean of all."""
    found = (group["effect"].to_numpy(float), group["stderr"].to_numpy(float))
    tau = spread_between(*found)
    variance = group["stderr"] ** 2
    weights = 1 / (variance + tau**2)
    mean = float(np.average(group["effect"], weights=weights))
    kept = tau**2 / (variance + tau**2)
    around = (1 - kept) ** 2 / weights.sum()
    error = np.sqrt(kept * variance + around)
    near = mean + kept * (group["effect"] - mean)
    alike = heterogeneity(*found)
    return group.assign(shrunken=near, shrunken_error=error, tau=tau, pvalue=alike)


def spread_between(effects: np.ndarray, errors: np.ndarray) -> float:
    """Estimate how much true effects differ between segments: a standard deviation.

    >>> spread_between(np.array([0.1, 0.1]), np.array([0.02, 0.02]))
    0.0
    >>> round(spread_between(np.array([0.0, 0.2]), np.array([0.02, 0.02])), 3)
    0.14
    """
    if excess(effects, errors, 0.0) <= 0:
        return 0.0
    largest = float(np.ptp(effects)) + 1e-12
    return float(optimize.brentq(lambda tau: excess(effects, errors, tau), 0.0, largest))


def excess(effects: np.ndarray, errors: np.ndarray, tau: float) -> float:
    """Say by how much the weighted squares exceed their expectation, were `tau` true."""
    weights = 1 / (errors**2 + tau**2)
    mean = np.average(effects, weights=weights)
    return float((weights * (effects - mean) ** 2).sum() - (len(effects) - 1))


def heterogeneity(effects: np.ndarray, errors: np.ndarray) -> float:
    """Test whether all segments have one effect (Cochran's Q); 1 with a single segment.

    >>> round(heterogeneity(np.array([0.0, 0.2]), np.array([0.05, 0.05])), 4)
    0.0047
    """
    if len(effects) < 2:
        return 1.0
    return float(stats.chi2.sf(excess(effects, errors, 0.0) + len(effects) - 1, len(effects) - 1))


def merge_advice(shrunken: Shrunken, *, within: float) -> pd.DataFrame:
    """Name the pairs of segments whose effects are alike: none needs a campaign of its own.

    Alike means that the 90 % interval of their difference lies within `within` on both sides (two
    one-sided tests at 5 %). It is a suggestion for the next study, and changes no segment.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15.
    """
    rows = []
    for arm, group in shrunken.table.groupby("arm") if len(shrunken.table) else ():
        for one, other in combinations(group.itertuples(index=False), 2):
            gap = one.effect - other.effect
            half = stats.norm.ppf(0.95) * np.hypot(one.stderr, other.stderr)
            if abs(gap) + half < within:
                rows.append((arm, one.label, other.label, gap, gap - half, gap + half))
    return pd.DataFrame(rows, columns=PAIRS)
