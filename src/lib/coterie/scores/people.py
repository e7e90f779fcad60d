"""One score a person: the forecast applied on the last day."""

from datetime import date

import numpy as np
import pandas as pd

from coterie.scores.forecasts.forecast import NONE, Forecast, predict

COLUMNS = {"person_id": "str", "score": "str", "value": "float64", "low": "float64"}
COLUMNS |= {"high": "float64", "decile": "int64"}


def score_people(forecast: Forecast, people: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Give everybody the forecast probability and the tenth they stand in, 10 the likeliest.

    `people` has one row a person with the behaviours of the look-back window before `as_of`.
    Without a forecast the table is empty: no score is better than one that means nothing.
    """
    rows = people.sort_values("person_id").reset_index(drop=True)
    rows = rows.head(0) if forecast.kind == NONE else rows
    values = predict(forecast, rows) if len(rows) else np.zeros(0)
    table = rows[["person_id"]].assign(
        score=forecast.settings["score"],
        value=values,
        low=np.nan,
        high=np.nan,
        decile=deciles(values),
    )
    return table.astype(COLUMNS).assign(as_of=pd.Timestamp(as_of))


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
