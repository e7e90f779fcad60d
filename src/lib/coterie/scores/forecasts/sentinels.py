"""What must never happen: a method that finds what is not there."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from coterie.scores.forecasts.basis import fit_quantiles, spread, usable
from coterie.statistics import Interval, mean_of_shuffles


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
    return mean_of_shuffles(aucs)
