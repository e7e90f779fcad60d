"""One score a person: the forecast applied on the last day."""

from datetime import date

import numpy as np
import pandas as pd

from coterie.scores.forecasts.forecast import NONE, Forecast, predict_with_bounds
from coterie.scores.rows import COLUMNS, deciles


def score_people(forecast: Forecast, people: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Give everybody the forecast probability and the tenth they stand in, 10 the likeliest.

    `people` has one row a person with the behaviours of the look-back window before `as_of`.
    `low` and `high` are two probabilities of which one is calibrated: far apart where few people
    were alike. Without a forecast the table is empty: no score is better than one that means
    nothing.
    """
    rows = people.sort_values("person_id").reset_index(drop=True)
    rows = rows.head(0) if forecast.kind == NONE else rows
    ends = predict_with_bounds(forecast, rows) if len(rows) else np.zeros((3, 0))
    value, low, high = ends
    table = rows[["person_id"]].assign(
        score=forecast.settings["score"], value=value, low=low, high=high, decile=deciles(value)
    )
    return table.astype(COLUMNS).assign(as_of=pd.Timestamp(as_of))
