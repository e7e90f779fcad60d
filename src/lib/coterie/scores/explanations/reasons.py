"""Why somebody's score is high or low: three behaviours of theirs, in the dictionary's words."""

import numpy as np
import pandas as pd

from coterie.scores.forecasts.forecast import NONE, Forecast, contributions
from coterie.wording import trait_label, trait_words

REASONS = 3
COLUMNS = {"person_id": "str", "score": "str", "rank": "int64", "feature": "str"}
COLUMNS |= {"words": "str", "direction": "str", "effect": "float64"}


def score_reasons(*pairs: tuple[Forecast, pd.DataFrame]) -> pd.DataFrame:
    """Name the reasons of several forecasts, each with the people it is applied to."""
    return pd.concat([reasons_of(*pair) for pair in pairs], ignore_index=True)


def reasons_of(forecast: Forecast, people: pd.DataFrame) -> pd.DataFrame:
    """Name the three behaviours that move each person's score most, one row a reason.

    `effect` is what the behaviour adds to the person's log odds beyond what it adds to everybody's
    on average. It belongs to the score and not to the world: changing the behaviour need not
    change what the person does. Two behaviours that say the same may both stand here.
    """
    rows = people.sort_values("person_id").reset_index(drop=True)
    if forecast.kind == NONE or rows.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    added = contributions(forecast.scorer, rows)
    beyond = added - added.mean(axis=0)
    features = np.array(forecast.scorer.features, dtype=object)
    most = np.argsort(-np.abs(beyond), axis=1, kind="stable")[:, :REASONS]
    n, k = most.shape
    person, rank = np.divmod(np.arange(n * k), k)
    at = most.ravel()
    values = rows[list(features)].to_numpy(float)
    high = (values > np.nanmedian(values, axis=0))[person, at]
    effect = beyond[person, at]
    table = pd.DataFrame(
        {
            "person_id": rows["person_id"].to_numpy()[person],
            "score": forecast.settings["score"],
            "rank": rank + 1,
            "feature": features[at],
            "words": _words(features[at], values[person, at], high),
            "direction": np.where(effect > 0, "higher", "lower"),
            "effect": effect,
        }
    )
    return table.astype(COLUMNS)


def _words(features: np.ndarray, values: np.ndarray, high: np.ndarray) -> list[str]:
    """Say each behaviour in words, each way once."""
    kinds = np.where(np.isnan(values), "missing", np.where(values == 0, "zero", "known"))
    keys = list(zip(features, kinds, high, strict=True))
    told = {key: _word(*key) for key in set(keys)}
    return [told[key] for key in keys]


def _word(feature: str, kind: str, high: bool) -> str:
    """Say a behaviour that somebody has much of, little, none, or of whom it is not known."""
    if kind == "missing":
        return f"{trait_label(feature)}: not known"
    return trait_words(feature, high=high, value=0.0 if kind == "zero" else None)
