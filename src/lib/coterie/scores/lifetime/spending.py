"""What one purchase of a person brings: the Gamma-Gamma model, by maximum likelihood.

Purchases of one person scatter around a mean of their own; means scatter over people. Who bought
seldom is pulled to everybody's mean. It assumes that who buys often does not pay more or less.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

FAR = 12.0


class Spending(NamedTuple):
    """A fitted Gamma-Gamma model."""

    parameters: np.ndarray  # p, q, gamma; gamma in money
    log_likelihood: float
    n_people: int  # with a repeat that cost something
    correlation: float  # of the number of repeats and their mean value; the model assumes none
    converged: bool

    @property
    def mean(self) -> float:
        """Give what a purchase of somebody unknown brings."""
        p, q, gamma = self.parameters
        return float(p * gamma / (q - 1)) if q > 1 else float("nan")


def fit_spending(histories: pd.DataFrame) -> Spending:
    """Fit what purchases bring on people's repeats: `repeats` and `repeat_value`.

    Who has no repeat, or none that cost anything, says nothing and is left out.

    References
    ----------
    Fader, Hardie and Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base
    Analysis", JMR 42; Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value".
    """
    paid = histories[(histories["repeats"] > 0) & (histories["repeat_value"] > 0)]
    n, mean = paid["repeats"].to_numpy(float), paid["repeat_value"].to_numpy(float)
    scale = float(np.average(mean, weights=n))
    start = np.log([1.0, 3.0, 2.0])
    found = minimize(
        _loss, start, args=(n, mean / scale), jac=True, method="L-BFGS-B", bounds=[(-FAR, FAR)] * 3
    )
    p, q, gamma = np.exp(found.x)
    return Spending(
        np.array([p, q, gamma * scale]),
        log_likelihood=-float(found.fun) - len(n) * float(np.log(scale)),
        n_people=len(n),
        correlation=float(np.corrcoef(n, mean)[0, 1]),
        converged=bool(found.success and np.abs(found.x).max() < FAR - 0.1 and q > 1),
    )


def expected_value(spending: Spending, histories: pd.DataFrame) -> np.ndarray:
    """Estimate what each person's next purchase brings.

    >>> model = Spending(np.array([6.25, 3.74, 15.44]), 0.0, 0, 0.0, True)
    >>> two = pd.DataFrame({"repeats": [0, 2], "repeat_value": [np.nan, 22.35]})
    >>> expected_value(model, two).round(2).tolist()  # 35.22 and 24.66 are published
    [35.22, 24.66]
    """
    p, q, gamma = spending.parameters
    n, total = paid_repeats(histories)
    return (gamma + total) * p / (p * n + q - 1)


def paid_repeats(histories: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Take how many repeats tell about a person's spending, and what they cost together."""
    mean = histories["repeat_value"].fillna(0.0).to_numpy(float)
    n = np.where(mean > 0, histories["repeats"].to_numpy(float), 0.0)
    return n, n * np.maximum(mean, 0.0)


def _loss(logs: np.ndarray, n: np.ndarray, mean: np.ndarray) -> tuple[float, np.ndarray]:
    """Compute the negative log-likelihood, and its slope along the parameters' logarithms."""
    p, q, gamma = np.exp(logs)
    total, shape = n * mean, p * n
    logs_paid = np.log(gamma + total)
    likelihood = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        + (shape - 1) * np.log(mean) + shape * np.log(n) - (shape + q) * logs_paid
    )  # fmt: skip
    slope = [
        n @ (digamma(shape + q) - digamma(shape) + np.log(total) - logs_paid),
        np.sum(digamma(shape + q) - digamma(q) + np.log(gamma) - logs_paid),
        np.sum(q / gamma - (shape + q) / (gamma + total)),
    ]
    return -float(likelihood.sum()), -np.array(slope) * np.exp(logs)
