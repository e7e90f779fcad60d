"""The rows of the table of scores, whatever the score."""

import numpy as np
import pandas as pd

COLUMNS = {"person_id": "str", "score": "str", "value": "float64", "low": "float64"}
COLUMNS |= {"high": "float64", "decile": "int64"}


def deciles(values: np.ndarray) -> np.ndarray:
    """Put people into ten equal groups by value, 10 the highest; equal values stay together.

    >>> deciles(np.array([0.1, 0.9])).tolist(), deciles(np.array([0.2, 0.2])).tolist()
    ([5, 10], [10, 10])
    """
    share = pd.Series(values).rank(method="max", pct=True)
    return np.ceil(10 * share - 1e-9).clip(1, 10).astype(int).to_numpy()


def side_by_side(*tables: pd.DataFrame) -> pd.DataFrame:
    """Put the scores of several kinds into one table, one row a person and score."""
    return pd.concat(tables, ignore_index=True)
