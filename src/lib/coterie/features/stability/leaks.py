"""What must never happen.

That is a feature that sees the future, a model that finds what is not there, a column too good.
"""

from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from coterie.features.activity.declared import behaviour
from coterie.statistics import (
    UNKNOWN,
    Interval,
    auc_interval,
    mean_of_shuffles,
    single_feature_alarm,
)
from coterie.windows import as_of_window


class Forecast(NamedTuple):
    """How well features tell who will do it, beside shuffled outcomes."""

    auc: Interval  # cross-validated; 0.5 is guessing
    # the same after shuffling the outcome: mean and 95 % of the shuffles' mean; must be 0.5
    shuffled: Interval
    # columns that alone reach an AUC above 0.95: look for a leak before trusting anything
    too_good: list[str]


def leak_check(
    seen: pd.DataFrame,
    events: ir.Table,
    posts: ir.Table,
    people: ir.Table,
    *,
    as_of: date,
    **options: object,
) -> int:
    """Count people whose features change when everything on or after `as_of` is taken away.

    It has to be 0.

    `seen` is `behaviour(events, posts, people, as_of=as_of, **options)` ordered by person, the
    future still there.
    """
    past = [as_of_window(table, as_of=as_of) for table in (events, posts)]
    without = behaviour(*past, people, as_of=as_of, **options).order_by("person_id").to_pandas()
    both = seen.set_index("person_id").align(without.set_index("person_id"))
    same = (both[0] == both[1]) | (both[0].isna() & both[1].isna())
    known = both[0].index.isin(seen["person_id"]) & both[0].index.isin(without["person_id"])
    return int((~same.all(axis=1) | ~known).sum())


def check_forecast(
    features: pd.DataFrame, outcome: np.ndarray, *, seed: int = 0, shuffles: int = 20
) -> Forecast:
    """Tell from features who will do it.

    The same method is tried on shuffled outcomes, in which it must find nothing.

    `features` has one row a person, `outcome` is 0 or 1 and lies after everything the features saw.
    The interval is DeLong's, by ranks. Fewer than 20 people on either side tell nothing: all
    figures are missing.
    """
    numbers = features.select_dtypes("number").astype(float)
    numbers = numbers.loc[:, numbers.nunique() > 1]
    outcome, rng = np.asarray(outcome, int), np.random.default_rng(seed)
    if min(outcome.sum(), len(outcome) - outcome.sum()) < 20 or numbers.empty:
        return Forecast(UNKNOWN, UNKNOWN, [])
    every = np.column_stack([outcome, *(rng.permutation(outcome) for _ in range(shuffles))])
    scores = cross_scores(numbers, every, seed=seed)
    aucs = [roc_auc_score(every[:, i], scores[:, i]) for i in range(1, shuffles + 1)]
    return Forecast(
        auc_interval(outcome, scores[:, 0]),
        mean_of_shuffles(aucs),
        single_feature_alarm(numbers, outcome),
    )


def cross_scores(numbers: pd.DataFrame, outcomes: np.ndarray, *, seed: int) -> np.ndarray:
    """Score everybody for several outcomes at once by ridge regression on ranks.

    Every step is fitted on the others.
    """
    ranks = QuantileTransformer(n_quantiles=min(100, len(numbers) // 2), random_state=seed)
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), ranks, Ridge(alpha=0.1 * len(numbers))
    )
    scores = np.zeros(outcomes.shape)
    for train, test in KFold(5, shuffle=True, random_state=seed).split(numbers):
        model.fit(numbers.iloc[train], outcomes[train])
        # who is left out shifts the others' mean the other way, which would make chance look worse
        # than it is
        scores[test] = model.predict(numbers.iloc[test]) - outcomes[train].mean(axis=0)
    return scores
