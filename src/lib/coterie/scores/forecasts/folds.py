"""People are judged by models that knew neither them nor the days they are judged on."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier

from coterie.scores.forecasts.calibration import FAR, apply_calibration, fit_calibration
from coterie.scores.forecasts.forecast import contributions, fit_scorer

FOLDS = 4


class Grouped(NamedTuple):
    """Forecasts of two days by models fitted on other people of the earlier day."""

    early: np.ndarray  # log odds of the earlier day's people
    late: np.ndarray  # log odds of the later day's people
    early_folds: np.ndarray
    late_folds: np.ndarray
    parts: np.ndarray  # the later day's people x features: what each adds to the log odds


def person_folds(person_ids: pd.Series) -> np.ndarray:
    """Put people into folds that depend on nothing but their pseudonym, on whatever day.

    >>> bool((person_folds(pd.Series(["a", "b"])) == person_folds(pd.Series(["a", "b"]))).all())
    True
    """
    hashes = pd.util.hash_array(person_ids.to_numpy(object))
    return (hashes % FOLDS).astype(int)


def forecast_in_folds(
    early: pd.DataFrame, late: pd.DataFrame, *, features: list[str], penalty: float
) -> Grouped:
    """Fit on three quarters of the earlier day's people, forecast the others on both days."""
    folds = [person_folds(people["person_id"]) for people in (early, late)]
    odds = [np.zeros(len(people)) for people in (early, late)]
    parts = np.zeros((len(late), len(features)))
    for fold in range(FOLDS):
        scorer = fit_scorer(early[folds[0] != fold], features=features, penalty=penalty)
        own, later = (where == fold for where in folds)
        odds[0][own] = contributions(scorer, early[own]).sum(axis=1) + scorer.intercept
        parts[later] = contributions(scorer, late[later])
        odds[1][later] = parts[later].sum(axis=1) + scorer.intercept
    return Grouped(*odds, *folds, parts)


def trees_in_folds(
    early: pd.DataFrame, late: pd.DataFrame, *, features: list[str], seed: int
) -> Grouped:
    """Do the same with boosted trees; they are shown for comparison and not stored."""
    folds = [person_folds(people["person_id"]) for people in (early, late)]
    odds = [np.zeros(len(people)) for people in (early, late)]
    for fold in range(FOLDS):
        trees = HistGradientBoostingClassifier(
            max_iter=80,
            learning_rate=0.06,
            max_leaf_nodes=12,
            early_stopping=False,
            random_state=seed,
        )
        known = early[folds[0] != fold]
        trees.fit(known[features].to_numpy(float), known["did"].to_numpy(int))
        for people, where, found in zip((early, late), folds, odds, strict=True):
            chances = trees.predict_proba(people.loc[where == fold, features].to_numpy(float))
            found[where == fold] = logit(np.clip(chances[:, 1], FAR, 1 - FAR))
    return Grouped(*odds, *folds, np.zeros((len(late), 0)))


def calibrated(grouped: Grouped, did: np.ndarray, *, calibration: str) -> np.ndarray:
    """Calibrate the later day's forecasts by the earlier day's outcomes of other people."""
    found = np.zeros(len(grouped.late))
    for fold in range(FOLDS):
        others, own = grouped.early_folds != fold, grouped.late_folds == fold
        numbers = fit_calibration(calibration, grouped.early[others], did[others])
        found[own] = apply_calibration(calibration, numbers, grouped.late[own])
    return found
