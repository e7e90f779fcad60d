"""What each person is expected to spend, with an interval: purchases to come times their value."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.lake import Model
from coterie.scores.lifetime.buying import Buying, expected_purchases, fit_buying, still_customer
from coterie.scores.lifetime.contenders import last_year_repeats
from coterie.scores.lifetime.spending import Spending, expected_value, fit_spending, paid_repeats
from coterie.scores.rows import COLUMNS, deciles
from coterie.scores.samples import population_hash

NONE, BUYING, REPEATS = "none", "bgnbd_gamma_gamma", "last_year_repeats"
SCORE, VALUE, PURCHASES = "lifetime_value", "later_value", "later_purchases"
DRAWS, AT_ONCE = 400, 20_000  # futures a person, people a block
LEAST = 1e-9  # probability of leaving


class ValueModel(NamedTuple):
    """How lifetime values are computed, or that they are not."""

    kind: str  # bgnbd_gamma_gamma, last_year_repeats, or none
    settings: dict  # score, days, recent_days, fitted_on, ...
    buying: Buying | None
    spending: Spending | None


def fit_value(histories: pd.DataFrame, *, kind: str, settings: dict) -> ValueModel:
    """Fit the kind of model that was decided for; what is not needed is not fitted."""
    if kind == NONE:
        return ValueModel(kind, settings, None, None)
    population = population_hash(histories, outcome="repeats")
    about = settings | {"n_people": len(histories), "population": population}
    if kind == REPEATS:
        return ValueModel(kind, about, None, None)
    return ValueModel(kind, about, fit_buying(histories), fit_spending(histories))


def expected(
    model: ValueModel, histories: pd.DataFrame, *, days: float, column: str = VALUE
) -> np.ndarray:
    """Estimate the money each person brings in the next `days`; or how often they buy.

    `column` is what is forecast: later_value or later_purchases.
    """
    if model.kind == REPEATS:
        recent = model.settings["recent_days"]
        return last_year_repeats(histories, column=column, days=days, recent_days=recent)
    purchases = expected_purchases(model.buying, histories, days=days)
    if column == PURCHASES:
        return purchases
    return purchases * expected_value(model.spending, histories)


def lifetime_values(
    model: ValueModel, histories: pd.DataFrame, *, as_of: date, seed: int = 0
) -> pd.DataFrame:
    """Give every buyer the money they are expected to bring, one row a person.

    `low` and `high` enclose nineteen of twenty simulated futures of the person, as the model has
    them; where last year simply repeats there is no such interval.
    """
    rows = histories.sort_values("person_id").reset_index(drop=True)
    rows = rows.head(0) if model.kind == NONE else rows
    value = expected(model, rows, days=model.settings["horizon_days"]) if len(rows) else np.zeros(0)
    ends = predictive_ends(model, rows, days=model.settings["horizon_days"], seed=seed)
    table = rows[["person_id"]].assign(
        score=SCORE, value=value, low=ends[0], high=ends[1], decile=deciles(value)
    )
    return table.astype(COLUMNS).assign(as_of=pd.Timestamp(as_of))


def predictive_ends(
    model: ValueModel, histories: pd.DataFrame, *, days: float, column: str = VALUE, seed: int = 0
) -> np.ndarray:
    """Simulate people's futures and return the ends that enclose 95 % of each person's."""
    if model.kind != BUYING:
        return np.full((2, len(histories)), np.nan)
    rng = np.random.default_rng(seed)
    starts = range(0, len(histories), AT_ONCE)
    blocks = [histories.iloc[start : start + AT_ONCE] for start in starts]
    money = column == VALUE
    futures = (_simulate(model, block, days=days, money=money, rng=rng) for block in blocks)
    ends = [np.quantile(future, [0.025, 0.975], axis=0) for future in futures]
    return np.hstack([np.zeros((2, 0)), *ends])


def _simulate(
    model: ValueModel, people: pd.DataFrame, *, days: float, money: bool, rng: np.random.Generator
) -> np.ndarray:
    """Draw futures: who is still a customer, how often they buy until they leave, what it costs."""
    r, alpha, a, b = model.buying.parameters
    shape = (DRAWS, len(people))
    x, age = people["repeats"].to_numpy(float), people["age_days"].to_numpy(float) / 7
    stays = rng.random(shape) < still_customer(model.buying, people)
    rate = rng.gamma(r + x, 1 / (alpha + age), shape)
    leaving = np.maximum(rng.beta(a, b + x, shape), LEAST)
    until_left = rng.geometric(leaving)
    n = np.where(stays, np.minimum(rng.poisson(rate * days / 7), until_left), 0)
    if not money:
        return n
    p, q, gamma = model.spending.parameters
    seen, total = paid_repeats(people)
    usual = rng.gamma(q + p * seen, 1 / (gamma + total), shape)
    spent = rng.gamma(np.maximum(p * n, LEAST)) / usual
    return np.where(n > 0, spent, 0.0)


def value_to_model(model: ValueModel) -> Model:
    """Write the model for the lake."""
    settings, nothing = dict(model.settings), np.zeros(0)
    if model.kind != BUYING:
        return Model(model.kind, settings, {"buying": nothing, "spending": nothing})
    settings["spending_correlation"] = model.spending.correlation
    arrays = {"buying": model.buying.parameters, "spending": model.spending.parameters}
    return Model(model.kind, settings, arrays)


def value_from_model(model: Model) -> ValueModel:
    """Read the model back from the lake; what only judged the fit is not kept."""
    if model.kind != BUYING:
        return ValueModel(model.kind, model.settings, None, None)
    n, missing = model.settings["n_people"], float("nan")
    buying = Buying(model.arrays["buying"], np.full(4, missing), missing, n, True)
    correlation = model.settings["spending_correlation"]
    spending = Spending(model.arrays["spending"], missing, n, correlation, True)
    return ValueModel(model.kind, model.settings, buying, spending)
