"""Where a noisy series steps to another level: PELT, and series without any step."""

import numpy as np
from ruptures.base import BaseCost
from scipy import stats

SHORTEST = 2  # periods between two changes
SMALLER = 0.8  # share of the differences between neighbours that show how noisy a series is
NULL_REPLICATES = 999  # series without a change that the observed one is compared with


class WeightedMean(BaseCost):
    """What a stretch costs for `ruptures`: squared distances from its mean, over their variance."""

    model = "weighted_mean"
    min_size = SHORTEST

    def fit(self, signal: np.ndarray) -> "WeightedMean":
        """Take the series in: a column of values and a column of their weights."""
        self.signal = signal
        values, weights = signal.T
        sums = np.array([weights, weights * values, weights * values**2])
        self.sums = np.concatenate([np.zeros((3, 1)), np.cumsum(sums, axis=1)], axis=1)
        return self

    def error(self, start: int, end: int) -> float:
        """Add up the squared distances from `start` to before `end`."""
        weight, value, square = self.sums[:, end] - self.sums[:, start]
        return float(square - value**2 / weight)


def excess_noise(values: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Measure how much neighbouring periods differ against their errors, as a ratio of variances.

    Only the four smaller fifths of the differences decide, so that a few steps count for little.
    `values` may be many series, one a row.

    >>> float(excess_noise(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.5] * 4)).round(1))
    4.6
    """
    steps = np.diff(values, axis=-1) ** 2 / (error[1:] ** 2 + error[:-1] ** 2)
    smaller = np.sort(steps, axis=-1)[..., : int(np.ceil(SMALLER * steps.shape[-1]))]
    return smaller.mean(axis=-1) * SMALLER / stats.chi2.cdf(stats.chi2.ppf(SMALLER, 1), 3)


def null_steps(error: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Simulate series of pure noise, and measure the clearest step that each shows.

    The measure is the smallest penalty at which PELT finds nothing: what one change gains, or half
    of what two gain. Each replicate is divided by its own noise, also where that is less than its
    errors, so that a series whose noise had to be estimated is compared fairly; where the errors
    say it all the comparison is on the cautious side.
    """
    noise = rng.normal(0, error, (NULL_REPLICATES, len(error)))
    weights = 1 / error**2
    total = np.cumsum(np.pad(weights, (1, 0)))
    sums = np.cumsum(np.pad(weights * noise, ((0, 0), (1, 0))), axis=1)
    clearest = np.zeros(NULL_REPLICATES)
    for cuts in all_cuts(len(error)):
        clearest = np.maximum(clearest, step_gain(sums, total, cuts) / (len(cuts) - 2))
    return np.sort(clearest / excess_noise(noise, error))


def all_cuts(n: int) -> list[list[int]]:
    """List every way to cut a series once or twice, with its two ends.

    >>> all_cuts(5)
    [[0, 2, 5], [0, 3, 5]]
    """
    once = [[0, cut, n] for cut in range(SHORTEST, n - SHORTEST + 1)]
    twice = [
        [0, cut, later, n]
        for _, cut, _ in once
        for later in range(cut + SHORTEST, n - SHORTEST + 1)
    ]
    return once + twice


def step_gain(sums: np.ndarray, total: np.ndarray, cuts: list[int]) -> np.ndarray:
    """Measure how much better a level for each stretch fits than one for all, series by series."""
    between = np.diff(sums[:, cuts], axis=1) ** 2 / np.diff(total[cuts])
    return between.sum(axis=1) - sums[:, -1] ** 2 / total[-1]
