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
