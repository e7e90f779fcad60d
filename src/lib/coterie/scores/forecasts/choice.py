"""How strongly to pull, and how to calibrate: chosen before the day on which it is judged."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from coterie.scores.forecasts.calibration import CALIBRATIONS, LINE
from coterie.scores.forecasts.folds import calibrated, forecast_in_folds
from coterie.scores.forecasts.measures import log_losses
from coterie.scores.samples import usable
from coterie.scores.sufficiency import MIN_OUTCOMES

# inverse strengths; the smaller, the closer to the base rate
PENALTIES = (0.01, 0.1, 1.0)


class Choice(NamedTuple):
    """What a forecast is fitted with."""

    features: list[str]
    penalty: float  # inverse strength with which coefficients are pulled to zero
    calibration: str  # line, beta or isotonic
    losses: pd.DataFrame  # calibration, log_loss on a later day; empty where none could be had


def choose(chosen_on: pd.DataFrame, fitted_on: pd.DataFrame) -> Choice:
    """Choose by the surprise of people left out, the calibration on a later day as well.

    `chosen_on` is one horizon older than `fitted_on`. Where the record is too short for it, it is
    empty; then the calibration is a slope and a shift, by convention.
    """
    older = min(chosen_on["did"].sum(), (~chosen_on["did"]).sum()) >= MIN_OUTCOMES
    early = chosen_on if older else fitted_on
    fitting = usable(fitted_on)
    features = [name for name in usable(early) if name in fitting] or fitting
    did = early["did"].to_numpy(int)
    found = {
        penalty: forecast_in_folds(early, fitted_on, features=features, penalty=penalty)
        for penalty in PENALTIES
    }
    lost = {p: log_losses(expit(grouped.early), did).mean() for p, grouped in found.items()}
    best = min(PENALTIES, key=lost.__getitem__)
    if not older:
        return Choice(features, best, LINE, pd.DataFrame(columns=["calibration", "log_loss"]))
    later = fitted_on["did"].to_numpy(int)
    rows = [
        (name, log_losses(calibrated(found[best], did, calibration=name), later).mean())
        for name in CALIBRATIONS
    ]
    losses = pd.DataFrame(rows, columns=["calibration", "log_loss"])
    return Choice(
        features, best, str(losses.loc[np.argmin(losses["log_loss"]), "calibration"]), losses
    )
