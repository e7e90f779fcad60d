"""Weights that make the people asked look like the population, by raking to known margins."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from coterie.statistics import Interval
from coterie.study import DataError, SettingsError

TARGETS = "04_psychographics.survey_targets"


class Raked(NamedTuple):
    """Weights that make a sample look like the population, and what they cost."""

    weights: np.ndarray  # one a row of the sample, mean 1
    margins: pd.DataFrame  # column, category, target, before, after: shares
    # largest distance of `after` from `target`; trimming, or margins that cannot all hold
    largest_gap: float
    trimmed: int  # rows whose weight was cut to the cap
    design_effect: float  # how many times the weights widen the variance of a mean (Kish)
    effective_n: float  # people of an unweighted sample that would be as precise


def rake(
    sample: pd.DataFrame,
    targets: dict[str, dict[str, float]],
    *,
    cap: float = 5.0,
    rounds: int = 200,
) -> Raked:
    """Weigh the people asked so that they look like the population in each known margin.

    Iterative proportional fitting: each column's shares are set right in turn, until all are. Only
    the margins become right, not their combinations, and what is not among them may stay wrong. A
    weight above `cap` times the mean is cut to it, in every round, so that nobody speaks for a
    crowd; the margins are then a little off.

    `targets` holds per column of `sample` the population's share or number of each category.

    Raises
    ------
    SettingsError
        Naming a column or a category that stands on one side only, or a target that is not above 0.
    DataError
        Naming a column with missing values.

    References
    ----------
    Deming and Stephan (1940), "On a Least Squares Adjustment of a Sampled Frequency Table", Annals
    of Mathematical Statistics 11. Kish (1992), "Weighting for Unequal Pi", Journal of Official
    Statistics 8.

    >>> sample = pd.DataFrame({"sex": ["f", "f", "f", "m"]})
    >>> raked = rake(sample, {"sex": {"f": 0.5, "m": 0.5}})
    >>> raked.weights.round(2).tolist(), round(raked.effective_n, 1)
    ([0.67, 0.67, 0.67, 2.0], 3.0)
    """
    wanted = _shares(sample, targets)
    codes = {
        column: pd.Index(shares.index).get_indexer(sample[column])
        for column, shares in wanted.items()
    }
    weights = np.ones(len(sample))
    for _ in range(rounds):
        before = weights
        for column, shares in wanted.items():
            now = np.bincount(codes[column], weights, len(shares)) / weights.sum()
            weights = weights * (shares.to_numpy() / now)[codes[column]]
        weights = _trim(weights / weights.mean(), cap)
        if np.abs(weights - before).max() < 1e-9:
            break
    margins = _margins(wanted, codes, weights)
    gap = float((margins["after"] - margins["target"]).abs().max())
    effect = float(len(weights) * (weights**2).sum() / weights.sum() ** 2)
    return Raked(
        weights, margins, gap, int((weights > cap - 1e-6).sum()), effect, len(weights) / effect
    )


def _trim(weights: np.ndarray, cap: float) -> np.ndarray:
    """Cut weights to the cap and give what was cut to the others, so that the mean stays 1."""
    for _ in range(50):
        high = weights >= cap
        if not (weights > cap + 1e-12).any() or high.all():
            break
        weights = np.where(
            high, cap, weights * (len(weights) - cap * high.sum()) / weights[~high].sum()
        )
    return weights


def _shares(sample: pd.DataFrame, targets: dict[str, dict[str, float]]) -> dict[str, pd.Series]:
    """Check the targets against the sample and scale each column's to add up to 1."""
    wanted = {}
    for column, categories in targets.items():
        if column not in sample:
            raise SettingsError(
                f"{TARGETS}: {column} is no column of the survey; leave it out or add it."
            )
        if sample[column].isna().any():
            raise DataError(
                f"{TARGETS}: {column} is missing for {sample[column].isna().sum()} people; "
                "drop or fill them."
            )
        shares = pd.Series(categories, dtype=float)
        if wrong := [name for name, share in shares.items() if not share > 0]:
            raise SettingsError(
                f"{TARGETS}: {column}: {', '.join(map(str, wrong))} must be above 0."
            )
        if lost := sorted(map(str, set(shares.index) - set(sample[column]))):
            raise SettingsError(
                f"{TARGETS}: {column}: nobody asked is {', '.join(lost)}; "
                "merge it with another category."
            )
        if extra := sorted(map(str, set(sample[column]) - set(shares.index))):
            raise SettingsError(
                f"{TARGETS}: {column}: {', '.join(extra)} is in the survey but has no target; "
                "add it."
            )
        wanted[column] = shares / shares.sum()
    return wanted


def _margins(
    wanted: dict[str, pd.Series], codes: dict[str, np.ndarray], weights: np.ndarray
) -> pd.DataFrame:
    """Lay the shares before and after beside the targets."""
    n = len(weights)
    parts = []
    for column, shares in wanted.items():
        before = np.bincount(codes[column], minlength=len(shares)) / n
        after = np.bincount(codes[column], weights, len(shares)) / weights.sum()
        part = {
            "column": column,
            "category": shares.index,
            "target": shares.to_numpy(),
            "before": before,
            "after": after,
        }
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> Interval:
    """Estimate a mean or a share from a weighted sample, with its 95 % interval.

    The interval takes the weights as given; that raking itself was estimated makes it a little too
    wide.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.7.

    >>> weighted_mean(np.array([1.0, 2.0, 3.0]), np.ones(3))
    Interval(value=2.0, low=-0.484..., high=4.484...)
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    mean = np.average(values, weights=weights)
    if n < 2:
        return Interval(float(mean), np.nan, np.nan)
    error = np.sqrt(n / (n - 1) * ((weights * (values - mean)) ** 2).sum()) / np.sum(weights)
    half = stats.t.ppf(0.975, n - 1) * error
    return Interval(float(mean), float(mean - half), float(mean + half))
