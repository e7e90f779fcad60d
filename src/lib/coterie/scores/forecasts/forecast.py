"""The forecast that is stored and applied: a logistic regression with calibrated probabilities."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from coterie.lake import Model
from coterie.scores.forecasts.basis import fit_quantiles, spread, usable
from coterie.study import DataError

# inverse strengths; the smaller, the closer to the base rate
PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
NONE, LOGISTIC = "none", "spline_logistic"
FAR = 1e-6  # a probability keeps this distance from 0 and 1


class Forecast(NamedTuple):
    """What is needed to apply a forecast to anybody on any day."""

    kind: str  # spline_logistic, or none where no forecast is made
    settings: dict  # verb, horizon_days, lookback_days, fitted_on, features, score
    quantiles: np.ndarray  # features x 101: the percentiles a behaviour is ranked among
    coefficients: np.ndarray  # five a feature, in the order of `basis.spread`
    line: np.ndarray  # intercept, then slope and shift of the calibration


def fit_forecast(people: pd.DataFrame, *, settings: dict, seed: int = 0) -> Forecast:
    """Fit the forecast on people whose outcome is known, and calibrate it on people left out.

    `people` has one row a person: behaviours and `did`. How strongly coefficients are pulled to
    zero is chosen by the log loss in five folds; the folds' forecasts then teach a slope and a
    shift, so that of those with 20 % one in five does it (Platt, 1999).

    References
    ----------
    Platt (1999), "Probabilistic Outputs for Support Vector Machines", Advances in Large Margin
    Classifiers.
    """
    features = usable(people)
    quantiles = fit_quantiles(people[features])
    basis, did = spread(people[features], quantiles), people["did"].to_numpy(int)
    penalty, held_out = _choose_penalty(basis, did, seed=seed)
    model = _logistic(penalty).fit(basis, did)
    slope, shift = calibrate(held_out, did)
    return Forecast(
        LOGISTIC,
        settings | {"features": features},
        quantiles,
        coefficients=model.coef_[0],
        line=np.array([model.intercept_[0], slope, shift]),
    )


def no_forecast(settings: dict) -> Forecast:
    """Stand in for a forecast where none is made."""
    nothing = np.zeros(0)
    return Forecast(NONE, settings | {"features": []}, nothing.reshape(0, 0), nothing, nothing)


def predict(forecast: Forecast, people: pd.DataFrame) -> np.ndarray:
    """Forecast the probability of each person's outcome, from behaviours of any day.

    Raises
    ------
    DataError
        Naming the behaviours that the forecast needs and the people lack.
    """
    features = forecast.settings["features"]
    if missing := [name for name in features if name not in people]:
        raise DataError(f"The forecast needs the behaviours {', '.join(missing)}.")
    intercept, slope, shift = forecast.line
    score = spread(people[features], forecast.quantiles) @ forecast.coefficients + intercept
    return expit(slope * score + shift)


def shifted(probabilities: np.ndarray, slope: float, shift: float) -> np.ndarray:
    """Apply a calibration to probabilities.

    >>> shifted(np.array([0.5]), 2.0, 0.0).tolist()
    [0.5]
    """
    return expit(slope * logit(np.clip(probabilities, FAR, 1 - FAR)) + shift)


def calibrate(held_out: np.ndarray, did: np.ndarray) -> tuple[float, float]:
    """Learn the slope and shift of the log odds that make forecasts of people left out come true.

    >>> did = np.r_[[1] * 2, [0] * 8, [1] * 8, [0] * 2]
    >>> slope, shift = calibrate(np.repeat([0.2, 0.8], 10), did)
    >>> round(slope, 2), round(abs(shift), 2)
    (1.0, 0.0)
    """
    odds = logit(np.clip(held_out, FAR, 1 - FAR))
    line = LogisticRegression(C=np.inf).fit(odds[:, None], did)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def to_model(forecast: Forecast) -> Model:
    """Write the forecast for the lake."""
    arrays = {name: getattr(forecast, name) for name in ("quantiles", "coefficients", "line")}
    return Model(forecast.kind, forecast.settings, arrays)


def from_model(model: Model) -> Forecast:
    """Read the forecast back from the lake."""
    return Forecast(model.kind, model.settings, **model.arrays)


def _choose_penalty(basis: np.ndarray, did: np.ndarray, *, seed: int) -> tuple[float, np.ndarray]:
    """Find the penalty whose forecasts of people left out lose least, and return these too."""
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    held_out = {
        penalty: cross_val_predict(
            _logistic(penalty), basis, did, cv=folds, method="predict_proba"
        )[:, 1]
        for penalty in PENALTIES
    }
    best = min(PENALTIES, key=lambda penalty: log_loss(did, held_out[penalty]))
    return best, held_out[best]


def _logistic(penalty: float) -> LogisticRegression:
    """Make a logistic regression that is pulled to the base rate."""
    return LogisticRegression(C=penalty, max_iter=500)
