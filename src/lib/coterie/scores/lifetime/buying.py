"""How many purchases are still to come: the BG/NBD model, by maximum likelihood.

People buy at random at rates of their own (gamma over people) and may leave for good after any
purchase, with a probability of their own (beta over people). Nobody says that they left.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

from coterie.statistics import Interval

WEEK = 7.0  # days: parameters are per week
NAMES = ("r", "alpha", "a", "b")
FAR = 12.0  # natural logarithm of the largest parameter that is searched
STEP = 1e-4  # of a logarithm, for second derivatives


class Buying(NamedTuple):
    """A fitted BG/NBD model."""

    parameters: np.ndarray  # r, alpha, a, b; alpha in weeks
    errors: np.ndarray  # standard errors of their logarithms
    log_likelihood: float  # in weeks
    n_people: int
    converged: bool

    def interval(self, name: str) -> Interval:
        """Give a parameter with its 95 % interval."""
        at = NAMES.index(name)
        value, half = self.parameters[at], 1.96 * self.errors[at]
        return Interval(float(value), float(value * np.exp(-half)), float(value * np.exp(half)))


class Groups(NamedTuple):
    """Different histories, and how many people have each."""

    repeats: np.ndarray
    recency: np.ndarray  # weeks
    age: np.ndarray  # weeks
    n: np.ndarray  # people
    counts: np.ndarray  # different numbers of repeats
    where: np.ndarray  # position of each history's number in `counts`


def fit_buying(histories: pd.DataFrame) -> Buying:
    """Fit the rates at which people buy, and the probabilities with which they leave.

    `histories` has one row a person: repeats, recency_days, age_days, as whole numbers. People
    with equal histories are counted and not repeated, and special functions are taken once for
    each number of repeats, so a million people take seconds.

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the
    Pareto/NBD Model", Marketing Science 24; their CDNOW figures are a test.
    """
    groups = group_histories(histories)
    start = np.log([1.0, max(float(np.average(groups.age, weights=groups.n)), 1.0), 1.0, 1.0])
    bounds = [(-FAR, FAR)] * len(NAMES)
    found = minimize(_loss, start, args=(groups,), jac=True, method="L-BFGS-B", bounds=bounds)
    curvature = np.array([_slope(found.x, step, groups) for step in np.eye(len(NAMES)) * STEP])
    covariance = np.linalg.pinv((curvature + curvature.T) / 2)
    return Buying(
        np.exp(found.x),
        errors=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        log_likelihood=-float(found.fun),
        n_people=int(groups.n.sum()),
        converged=bool(found.success and np.abs(found.x).max() < FAR - 0.1),
    )


def group_histories(histories: pd.DataFrame) -> Groups:
    """Count people with equal histories.

    >>> same = pd.DataFrame({"repeats": [1, 1], "recency_days": [7, 7], "age_days": [70, 70]})
    >>> group_histories(same).n.tolist(), group_histories(same).age.tolist()
    ([2], [10.0])
    """
    columns = histories[["repeats", "recency_days", "age_days"]].to_numpy(np.int64)
    high = int(columns.max(initial=0)) + 1
    codes, n = np.unique(columns @ np.array([high**2, high, 1]), return_counts=True)
    repeats, rest = np.divmod(codes, high**2)
    recency, age = np.divmod(rest, high)
    counts, where = np.unique(repeats, return_inverse=True)
    return Groups(repeats, recency / WEEK, age / WEEK, n, counts, where)


def still_customer(buying: Buying, histories: pd.DataFrame) -> np.ndarray:
    """Estimate the probability that each person has not left for good.

    Who bought once cannot have left, by the model's own rule; that is its known weakness.

    >>> model = Buying(np.array([0.243, 4.414, 0.793, 2.426]), np.zeros(4), 0.0, 0, True)
    >>> two = pd.DataFrame({"repeats": [0, 2], "recency_days": [0, 213], "age_days": [70, 272]})
    >>> still_customer(model, two).round(3).tolist()
    [1.0, 0.727]
    """
    return 1 / (1 + _odds_of_leaving(buying, *_history(histories)))


def expected_purchases(buying: Buying, histories: pd.DataFrame, *, days: float) -> np.ndarray:
    """Estimate how many purchases each person makes in the next `days`.

    The published formula, its hypergeometric function rewritten by Euler's transformation: it
    then neither overflows nor cancels for people who bought hundreds of times.

    >>> model = Buying(np.array([0.243, 4.414, 0.793, 2.426]), np.zeros(4), 0.0, 0, True)
    >>> one = pd.DataFrame({"repeats": [2], "recency_days": [213], "age_days": [272]})
    >>> expected_purchases(model, one, days=39 * 7).round(3).tolist()  # 1.226 is published
    [1.226]
    """
    r, alpha, a, b = buying.parameters
    a = a + 1e-6 * (abs(a - 1) < 1e-6)  # at exactly 1 the formula is 0 / 0
    x, recency, age = _history(histories)
    ahead = days / WEEK
    z = ahead / (alpha + age + ahead)
    left = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    alive = 1 / (1 + _odds_of_leaving(buying, x, recency, age))
    return (a + b + x - 1) / (a - 1) * (1 - left) * alive


def _history(histories: pd.DataFrame) -> np.ndarray:
    """Take repeats, and recency and age in weeks."""
    columns = histories[["repeats", "recency_days", "age_days"]].to_numpy(float)
    return (columns / np.array([1.0, WEEK, WEEK])).T


def _odds_of_leaving(buying: Buying, x: np.ndarray, recency: np.ndarray, age: np.ndarray):
    """Weigh having left after the last purchase against being silent since; 0 without a repeat."""
    r, alpha, a, b = buying.parameters
    silence = np.exp(np.minimum((r + x) * np.log((alpha + age) / (alpha + recency)), 700.0))
    return np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * silence, 0.0)


def _loss(logs: np.ndarray, groups: Groups) -> tuple[float, np.ndarray]:
    """Compute the negative log-likelihood, and its slope along the parameters' logarithms."""
    r, alpha, a, b = np.exp(logs)
    x, some = groups.counts, groups.counts > 0
    constant = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    after = np.where(some, np.log(a) - np.log(b + np.maximum(x, 1) - 1), -np.inf)
    stayed = -(r + groups.repeats) * np.log(alpha + groups.age)
    gone = after[groups.where] - (r + groups.repeats) * np.log(alpha + groups.recency)
    either = np.logaddexp(stayed, gone)
    total = groups.n @ (constant[groups.where] + either)

    n_stayed = groups.n * np.exp(stayed - either)
    n_gone = groups.n - n_stayed
    n = np.bincount(groups.where, groups.n)
    left = np.bincount(groups.where, n_gone)
    rate = (groups.repeats + r) / np.array([alpha + groups.age, alpha + groups.recency])
    slope = [
        n @ (digamma(r + x) - digamma(r) + np.log(alpha))
        - n_stayed @ np.log(alpha + groups.age)
        - n_gone @ np.log(alpha + groups.recency),
        n.sum() * r / alpha - n_stayed @ rate[0] - n_gone @ rate[1],
        n @ (digamma(a + b) - digamma(a + b + x)) + left.sum() / a,
        n @ (digamma(b + x) - digamma(a + b + x) + digamma(a + b) - digamma(b))
        - left[some] @ (1 / (b + x[some] - 1)),
    ]
    return -float(total), -np.array(slope) * np.exp(logs)


def _slope(logs: np.ndarray, step: np.ndarray, groups: Groups) -> np.ndarray:
    """Measure how the slope changes along one parameter's logarithm."""
    return (_loss(logs + step, groups)[1] - _loss(logs - step, groups)[1]) / (2 * step.max())
