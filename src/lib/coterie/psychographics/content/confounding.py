"""What would explain a comparison away: posts without a counterpart, things not measured."""

import numpy as np
import pandas as pd


def overlap(has: pd.Series, strata: pd.Series) -> float:
    """Measure which share of the rarer kind of posts has one of the other kind in its stratum.

    >>> overlap(pd.Series([True, False, True, False]), pd.Series(["a", "a", "b", "c"]))
    0.5
    """
    kinds = pd.crosstab(strata.to_numpy(), has.to_numpy(bool)).reindex(
        columns=[True, False], fill_value=0
    )
    rarer = kinds.sum().min()
    return float(kinds.min(axis=1).sum() / rarer) if rarer else 0.0


def e_value(ratio: float) -> float:
    """Say how strong something unmeasured has to be to explain a ratio away.

    It would have to go with both trait and outcome by this ratio: 1 means that nothing is needed.

    >>> round(e_value(3.9), 2), round(e_value(1 / 3.9), 2)
    (7.26, 7.26)
    """
    away = max(ratio, 1 / ratio)
    return float(away + np.sqrt(away * (away - 1)))


def limit_e_value(low: float, high: float) -> float:
    """Say the same of an interval: of its end nearer to 1, and 1 when it holds 1.

    >>> round(limit_e_value(1.8, 8.7), 2), limit_e_value(0.9, 2.0)
    (3.0, 1.0)
    """
    return 1.0 if low <= 1 <= high else e_value(low if low > 1 else high)
