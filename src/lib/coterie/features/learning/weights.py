"""How much an event counts.

Weights are learned from later outcomes, and used only if they forecast better than 1, 2, 3.
"""

from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.optimize import minimize

from coterie.features.learning.effort import EFFORT, OTHER_HALF_LIFE, OTHER_WEIGHT, decayed, weighed
from coterie.features.learning.sample import some_people
from coterie.statistics import UNKNOWN, Interval, mean_interval
from coterie.windows import as_of_window, days_before, outcomes

# people who must have done it on the platform, and people with the outcome, before anything is
# learned
MIN_PEOPLE = 50


class Weights(NamedTuple):
    """Learned weights beside the convention, and whether they earned their place."""

    table: pd.DataFrame  # verb, platform, weight, low, high, convention, half_life_days
    loss_saved: Interval  # log loss a person that learned weights save out of time; above 0: better
    used: bool  # whether the gain's interval excludes 0
    n_people: int  # people the gain is measured on
    n_outcomes: int  # of them, with the outcome

    @property
    def in_force(self) -> pd.DataFrame:
        """The weights that count: the learned ones where they are used, else the convention's."""
        weight = self.table["weight" if self.used else "convention"]
        return self.table.assign(weight=weight, learned=self.used)


class Counts(NamedTuple):
    """What people had done by one day, decayed, and whether the outcome followed."""

    done: np.ndarray  # (people, events)
    outcome: np.ndarray  # (people,) of 0 and 1


def learn_weights(
    events: ir.Table,
    *,
    verb: str,
    as_of: date,
    lookback_days: int = 365,
    gap_days: int = 0,
    horizon_days: int = 28,
    convention: pd.DataFrame = EFFORT,
    max_people: int = 20_000,
) -> Weights:
    """Learn what each event on each platform says about a later outcome, on an earlier window.

    It is tested on the last one.

    Time-forward only: events before a day teach about the outcome `verb` in the window after it;
    the last such window ends at `as_of`. Nobody was randomised, so a weight says what an event
    announces and not what it brings about. The model is logistic in log(1 + weighted events); the
    convention is the prior: an event seldom seen keeps its weight.
    """
    last = as_of - timedelta(days=gap_days + horizon_days)
    first = last - timedelta(days=gap_days + horizon_days)
    pairs = known_pairs(events, as_of=first, lookback_days=lookback_days, convention=convention)
    span = {
        "verb": verb,
        "lookback_days": lookback_days,
        "gap_days": gap_days,
        "horizon_days": horizon_days,
    }
    train, test = (
        counts(events, pairs, as_of=day, **span, max_people=max_people) for day in (first, last)
    )
    usual = pairs["convention"].to_numpy(float)
    if not len(pairs) or min(part.outcome.sum() for part in (train, test)) < MIN_PEOPLE:
        table = pairs.assign(weight=usual, low=np.nan, high=np.nan)
        return Weights(table, UNKNOWN, False, len(test.outcome), int(test.outcome.sum()))
    weight, low, high = fit_weights(train, usual)
    loss_saved = mean_interval(
        forecast_loss(train, test, usual) - forecast_loss(train, test, weight)
    )
    volume = train.done.sum(axis=0)
    scale = (usual * volume).sum() / (
        weight * volume
    ).sum()  # the same total as the convention's, to be read beside it
    table = pairs.assign(weight=weight * scale, low=low * scale, high=high * scale)
    return Weights(
        table, loss_saved, bool(loss_saved.low > 0), len(test.outcome), int(test.outcome.sum())
    )


def known_pairs(
    events: ir.Table, *, as_of: date, lookback_days: int, convention: pd.DataFrame
) -> pd.DataFrame:
    """List the events on platforms that enough people had done.

    Their conventional weight and half-life stand beside.
    """
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    people = seen.group_by("verb", "platform").agg(people=seen["person_id"].nunique())
    pairs = (
        people.filter(people["people"] >= MIN_PEOPLE)
        .order_by("verb", "platform")
        .to_pandas()[["verb", "platform"]]
    )
    usual = convention[["verb", "weight", "half_life_days"]].rename(
        columns={"weight": "convention"}
    )
    pairs = pairs.merge(usual, on="verb", how="left")
    return pairs.fillna({"convention": OTHER_WEIGHT, "half_life_days": OTHER_HALF_LIFE})


def counts(
    events: ir.Table,
    pairs: pd.DataFrame,
    *,
    as_of: date,
    lookback_days: int,
    max_people: int,
    **span,
) -> Counts:
    """Add up everybody's decayed events before a day, one column a pair of verb and platform.

    What followed stands beside.
    """
    seen = weighed(as_of_window(events, as_of=as_of, days=lookback_days), pairs.assign(weight=1.0))
    seen = seen.join(some_people(seen, at_most=max_people), "person_id")
    seen = seen.mutate(weighed=decayed(days_before(seen["at"], as_of), seen["half_life_days"]))
    sums = {
        f"c{i}": seen["weighed"]
        .sum(where=(seen["verb"] == pair.verb) & (seen["platform"] == pair.platform))
        .fill_null(0.0)
        for i, pair in enumerate(pairs.itertuples())
    }
    people = seen.group_by("person_id").agg(n=ibis._.count(), **sums)
    followed = outcomes(events, as_of=as_of, **span).select("person_id", followed="n")
    frame = people.left_join(followed, "person_id").order_by("person_id").to_pandas()
    return Counts(frame[list(sums)].to_numpy(float), frame["followed"].notna().to_numpy(float))


def fit_weights(
    train: Counts, usual: np.ndarray, *, spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the weights, each pulled to its usual one.

    `spread` is the prior's deviation of a log weight.

    Returns weights and the ends of their 95 % intervals, from the curvature of the posterior.
    """
    start = np.r_[np.log(max(train.outcome.mean(), 1e-6)), 0.5, np.zeros(len(usual))]
    found = minimize(posterior, start, args=(train, usual, spread), jac=True, method="L-BFGS-B").x
    shape = slopes(found, train, usual)[1]
    chance = 1 / (1 + np.exp(-slopes(found, train, usual)[0]))
    curvature = (shape * (chance * (1 - chance))[:, None]).T @ shape + np.diag(
        np.r_[1e-6, 1e-6, np.ones(len(usual)) / spread**2]
    )
    error = np.sqrt(np.diag(np.linalg.inv(curvature)))[2:]
    return tuple(usual * np.exp(found[2:] + z * error) for z in (0.0, -1.96, 1.96))


def slopes(
    parameters: np.ndarray, data: Counts, usual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the log odds and how they move with intercept, slope and log weights."""
    intercept, slope, logs = parameters[0], parameters[1], parameters[2:]
    parts = data.done * (usual * np.exp(logs))
    score = parts.sum(axis=1)
    moves = np.column_stack(
        [np.ones(len(score)), np.log1p(score), slope * parts / (1 + score)[:, None]]
    )
    return intercept + slope * np.log1p(score), moves


def posterior(
    parameters: np.ndarray, data: Counts, usual: np.ndarray, spread: float
) -> tuple[float, np.ndarray]:
    """Compute the negative log posterior and its gradient."""
    odds, moves = slopes(parameters, data, usual)
    loss = (
        np.logaddexp(0, odds).sum()
        - (data.outcome * odds).sum()
        + (parameters[2:] ** 2).sum() / 2 / spread**2
    )
    pull = np.r_[0, 0, parameters[2:] / spread**2]
    return loss, moves.T @ (1 / (1 + np.exp(-odds)) - data.outcome) + pull


def forecast_loss(train: Counts, test: Counts, weight: np.ndarray) -> np.ndarray:
    """Forecast the later outcome from the weighted events by a curve fitted earlier.

    Returns everybody's log-loss.
    """
    alone = Counts(train.done @ weight[:, None], train.outcome)
    start = np.r_[np.log(max(train.outcome.mean(), 1e-6)), 0.5, 0.0]
    curve = minimize(
        posterior, start, args=(alone, np.ones(1), 1e-3), jac=True, method="L-BFGS-B"
    ).x
    odds = slopes(curve, Counts(test.done @ weight[:, None], test.outcome), np.ones(1))[0]
    return np.logaddexp(0, odds) - test.outcome * odds
