"""What must never happen: a method that finds what is not there, a column that knows too much."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from coterie.scores.basis import fit_quantiles, spread, usable
from coterie.statistics import Interval

TOO_GOOD = 0.95


def single_feature_alarm(people: pd.DataFrame, *, limit: float = TOO_GOOD) -> list[str]:
    """Name every behaviour that alone ranks people better than `limit`, in either direction.

    Nobody is that predictable: such a column has usually seen the outcome.

    >>> people = pd.DataFrame({"paid": [0, 0, 1, 1], "views": [3, 1, 2, 4], "did": [0, 0, 1, 1]})
    >>> single_feature_alarm(people.astype({"did": bool}))
    ['paid']
    """
    numbers = people[usable(people)].astype(float)
    filled = numbers.fillna(numbers.median())
    aucs = {name: roc_auc_score(people["did"], filled[name]) for name in filled}
    return [name for name, found in aucs.items() if max(found, 1 - found) > limit]


def shuffled_auc(
    fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, shuffles: int = 20, seed: int = 0
) -> Interval:
    """Fit and judge the forecast on shuffled outcomes: anything but 0.5 is a leak in the method."""
    features, rng = usable(fitted_on), np.random.default_rng(seed)
    quantiles = fit_quantiles(fitted_on[features])
    one, other = (spread(part[features], quantiles) for part in (fitted_on, judged_on))
    aucs = []
    for _ in range(shuffles):
        model = LogisticRegression(C=0.01).fit(one, rng.permutation(fitted_on["did"]))
        forecast = model.decision_function(other)
        aucs.append(roc_auc_score(rng.permutation(judged_on["did"]), forecast))
    half = 1.96 * np.std(aucs, ddof=1) / np.sqrt(shuffles)
    return Interval(float(np.mean(aucs)), float(np.mean(aucs) - half), float(np.mean(aucs) + half))
