"""P-values adjusted for looking many times."""

import numpy as np
from scipy import stats


def fdr(pvalues: np.ndarray) -> np.ndarray:
    """Adjust p-values for looking many times, by the false discovery rate.

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    >>> fdr([0.01, 0.02, 0.04]).round(3).tolist()
    [0.03, 0.03, 0.04]
    """
    pvalues = np.asarray(pvalues, dtype=float)
    return stats.false_discovery_control(pvalues) if len(pvalues) else pvalues


def holm(pvalues: np.ndarray) -> np.ndarray:
    """Adjust p-values so that a single false alarm among them is as rare as stated.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6.

    >>> holm([0.01, 0.02, 0.04]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    # statsmodels has it too, and collects garbage at every call: a tenth of a second
    pvalues = np.asarray(pvalues, dtype=float)
    order = np.argsort(pvalues)
    steps = pvalues[order] * np.arange(len(pvalues), 0, -1)
    adjusted = np.empty_like(pvalues)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted
