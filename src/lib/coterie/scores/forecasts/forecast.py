"""The forecast that is stored and applied: a logistic regression with calibrated probabilities."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from coterie.lake import Model
from coterie.scores.forecasts.basis import WIDTH, fit_quantiles, spread
from coterie.scores.forecasts.calibration import (
    apply_calibration,
    bounds_at,
    fit_calibration,
    venn_abers_bounds,
)
from coterie.study import DataError

NONE, LOGISTIC = "none", "spline_logistic"


class Scorer(NamedTuple):
    """A fitted regression: what each behaviour adds to the log odds."""

    features: list[str]
    quantiles: np.ndarray  # features x 101: the percentiles a behaviour is ranked among
    coefficients: np.ndarray  # five a feature, in the order of `basis.spread`
    intercept: float


class Forecast(NamedTuple):
    """What is needed to apply a forecast to anybody on any day."""

    kind: str  # spline_logistic, or none where no forecast is made
    settings: dict  # score, verb, windows, fitted_on, features, calibration, population, ...
    scorer: Scorer
    calibration: np.ndarray  # numbers of the calibration that `settings` names
    bounds: np.ndarray  # 3 x levels: log odds, lower and upper probability (Venn-Abers)


def fit_scorer(people: pd.DataFrame, *, features: list[str], penalty: float) -> Scorer:
    """Fit the regression on people whose outcome `did` is known."""
    quantiles = fit_quantiles(people[features])
    basis = spread(people[features], quantiles)
    model = LogisticRegression(C=penalty, max_iter=500).fit(basis, people["did"].to_numpy(int))
    return Scorer(features, quantiles, model.coef_[0], float(model.intercept_[0]))


def contributions(scorer: Scorer, people: pd.DataFrame) -> np.ndarray:
    """Say what each behaviour adds to each person's log odds: people x features.

    Raises
    ------
    DataError
        Naming the behaviours that the forecast needs and the people lack.
    """
    if missing := [name for name in scorer.features if name not in people]:
        raise DataError(f"The forecast needs the behaviours {', '.join(missing)}.")
    basis = spread(people[scorer.features], scorer.quantiles) * scorer.coefficients
    return basis.reshape(len(people), len(scorer.features), WIDTH).sum(axis=2)


def log_odds(scorer: Scorer, people: pd.DataFrame) -> np.ndarray:
    """Compute each person's log odds, before calibration."""
    return contributions(scorer, people).sum(axis=1) + scorer.intercept


def no_forecast(settings: dict) -> Forecast:
    """Stand in for a forecast where none is made."""
    nothing = np.zeros(0)
    empty = Scorer([], nothing.reshape(0, 0), nothing, 0.0)
    return Forecast(NONE, settings | {"features": []}, empty, nothing, nothing.reshape(3, 0))


def assemble(
    scorer: Scorer, held_out: np.ndarray, did: np.ndarray, *, calibration: str, settings: dict
) -> Forecast:
    """Put a regression and what people left out teach about its percentages together."""
    return Forecast(
        LOGISTIC,
        settings | {"features": scorer.features, "calibration": calibration},
        scorer,
        calibration=fit_calibration(calibration, held_out, did),
        bounds=venn_abers_bounds(held_out, did),
    )


def predict(forecast: Forecast, people: pd.DataFrame) -> np.ndarray:
    """Forecast the probability of each person's outcome, from behaviours of any day."""
    return predict_with_bounds(forecast, people)[0]


def predict_with_bounds(forecast: Forecast, people: pd.DataFrame) -> tuple:
    """Forecast probabilities, each with the ends of its Venn-Abers interval."""
    odds = log_odds(forecast.scorer, people)
    value = apply_calibration(forecast.settings["calibration"], forecast.calibration, odds)
    return value, *bounds_at(forecast.bounds, odds, value)


def to_model(forecast: Forecast) -> Model:
    """Write the forecast for the lake."""
    scorer = forecast.scorer
    arrays = {"quantiles": scorer.quantiles, "coefficients": scorer.coefficients}
    arrays |= {"intercept": np.array([scorer.intercept])}
    arrays |= {"calibration": forecast.calibration, "bounds": forecast.bounds}
    return Model(forecast.kind, forecast.settings, arrays)


def from_model(model: Model) -> Forecast:
    """Read the forecast back from the lake."""
    arrays, features = model.arrays, model.settings["features"]
    intercept = float(arrays["intercept"][0])
    scorer = Scorer(features, arrays["quantiles"], arrays["coefficients"], intercept)
    return Forecast(model.kind, model.settings, scorer, arrays["calibration"], arrays["bounds"])
