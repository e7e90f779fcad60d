"""How a behaviour enters the forecast: by its rank among people, bent at three places.

Ranks tame money and counts alike, and nobody who is further out than anybody before can pull the
forecast with them. What is missing is said to be missing.
"""

import numpy as np
import pandas as pd

LEVELS = np.linspace(0, 1, 101)
HINGES = (0.25, 0.5, 0.75)
WIDTH = len(HINGES) + 2  # columns a behaviour: rank, rank beyond each hinge, missing


def fit_quantiles(numbers: pd.DataFrame) -> np.ndarray:
    """Take each column's percentiles among the known values: columns x 101."""
    return np.nanquantile(numbers.to_numpy(float), LEVELS, axis=0).T


def spread(numbers: pd.DataFrame, quantiles: np.ndarray) -> np.ndarray:
    """Turn each column into five: rank, rank beyond each hinge, and whether it is missing.

    >>> two = pd.DataFrame({"frequency": [1.0, np.nan]})
    >>> spread(two, fit_quantiles(pd.DataFrame({"frequency": [0.0, 1.0, 2.0]}))).tolist()
    [[0.5, 0.25, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    columns = zip(numbers.to_numpy(float).T, quantiles, strict=True)
    none = np.empty((len(numbers), 0))  # there may be no column
    return np.hstack([none, *(_spread_column(values, levels) for values, levels in columns)])


def _spread_column(values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Spread one column; equal values get the middle of their ranks."""
    known = ~np.isnan(values)
    below = np.searchsorted(quantiles, values, side="left")
    upto = np.searchsorted(quantiles, values, side="right")
    rank = np.where(known, np.clip((below + upto - 1) / 2 / (len(quantiles) - 1), 0, 1), 0.0)
    bent = [np.maximum(rank - hinge, 0.0) for hinge in HINGES]
    return np.column_stack([rank, *bent, ~known])
