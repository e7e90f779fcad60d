"""What a model of lifetime value has to beat: last year repeats, and boosted trees."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor


def last_year_repeats(
    histories: pd.DataFrame, *, column: str, days: float, recent_days: float
) -> np.ndarray:
    """Say that people do in `days` what they did lately, day for day.

    `column` is what is forecast: later_value or later_purchases.

    >>> one = pd.DataFrame({"recent_value": [730.0]})
    >>> last_year_repeats(one, column="later_value", days=73, recent_days=365).tolist()
    [146.0]
    """
    recent = histories[column.replace("later", "recent")].to_numpy(float)
    return recent * days / recent_days


def boosted_trees(
    fitted_on: pd.DataFrame,
    judged_on: pd.DataFrame,
    *,
    column: str,
    recent_days: float,
    seed: int = 0,
) -> np.ndarray:
    """Learn on the earlier day what people with such histories bought later; apply on the next.

    Trees see the recent window alone: everything that grows with the record would be larger on the
    later day, and they would take everybody for a better customer than anybody they learned from.
    """
    trees = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=80,
        learning_rate=0.06,
        max_leaf_nodes=12,
        early_stopping=False,
        random_state=seed,
    )
    later = fitted_on[column].clip(lower=0.0).to_numpy(float)
    return trees.fit(_seen(fitted_on, recent_days), later).predict(_seen(judged_on, recent_days))


def _seen(histories: pd.DataFrame, recent_days: float) -> np.ndarray:
    """Take what trees may see, over the same number of days before either day."""
    recent = histories[["recent_purchases", "recent_value"]].to_numpy(float)
    usual = recent[:, 1] / np.maximum(recent[:, 0], 1)
    since = histories[["quiet_days", "age_days"]].clip(upper=recent_days).to_numpy(float)
    return np.column_stack([recent, usual, since])
