"""Whom does it pay to contact? Probability times value, planned and then held against what came."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.scores.forecasts.evaluation import Trial
from coterie.scores.forecasts.measures import resampled_weights
from coterie.scores.samples import Samples
from coterie.statistics import UNKNOWN, Interval, shrink_to_mean

PRIOR = 3  # orders of everybody's mean that a person's mean order starts from
POINTS = 20


class ContactPlan(NamedTuple):
    """What contacting the most promising share of people is expected to bring, and what it did."""

    curve: pd.DataFrame  # share, planned, realised, low, high: money of all contacted so far
    stop: float  # share of people after which the next contact costs more than it brings
    planned: float  # money at that point
    realised: Interval  # what came there
    everybody: Interval  # what came when everybody is contacted

    @property
    def pays(self) -> bool:
        """Say whether any contact is expected to pay."""
        return self.stop > 0


def no_contacts() -> ContactPlan:
    """Stand in for a plan where there is no forecast or no money."""
    columns = ["share", "planned", "realised", "low", "high"]
    return ContactPlan(pd.DataFrame(columns=columns), *UNKNOWN[:2], UNKNOWN, UNKNOWN)


def contacts_of(
    trial: Trial, samples: Samples, *, cost: float, moved_share: float, seed: int = 0
) -> ContactPlan:
    """Plan contacts on the judging day, with what was known then, and hold it against what came."""
    if trial.grouped is None:
        return no_contacts()
    value = value_if(samples.fitted_on, samples.judged_on)
    brought = samples.judged_on["brought"].to_numpy(float)
    return plan_contacts(
        trial.forecast, value, brought, cost=cost, moved_share=moved_share, seed=seed
    )


def value_if(fitted_on: pd.DataFrame, people: pd.DataFrame) -> np.ndarray:
    """Estimate the money each person brings if they do it at all.

    A person's mean order, pulled to everybody's while there are few, on the level that those who
    did it brought on the earlier day. Zero for all where that day brought no money.
    """
    did = fitted_on["did"] & (fitted_on["brought"] > 0)
    if not did.any():
        return np.zeros(len(people))
    orders = fitted_on["frequency"].sum()
    mean = (fitted_on["monetary_value"] * fitted_on["frequency"]).sum() / max(orders, 1)
    level = fitted_on.loc[did, "brought"].mean() / _usual(fitted_on[did], mean).mean()
    return _usual(people, mean) * level


def plan_contacts(
    probability: np.ndarray,
    value: np.ndarray,
    brought: np.ndarray,
    *,
    cost: float,
    moved_share: float,
    resamples: int = 200,
    seed: int = 0,
) -> ContactPlan:
    """Contact people by probability times value; stop where one more costs more than it brings.

    `moved_share` is the share of a person's money that a contact brings beyond what would come
    anyway. It is an assumption: a forecast cannot know it, only an experiment can. `brought` is the
    money that did come; its interval is over people.

    >>> plan = plan_contacts(
    ...     np.array([0.5, 0.1]),
    ...     np.array([40.0, 40.0]),
    ...     np.array([40.0, 0.0]),
    ...     cost=1.0,
    ...     moved_share=0.1,
    ... )
    >>> plan.stop, plan.planned, plan.realised.value  # 2 for 1, then 0.40 for 1
    (0.5, 1.0, 3.0)
    """
    expected = probability * value
    if not expected.any():
        return no_contacts()
    order = np.argsort(-expected, kind="stable")
    planned = moved_share * expected[order] - cost
    came = moved_share * brought[order] - cost
    n, n_paying = len(order), int((planned > 0).sum())
    at = np.unique(np.r_[np.ceil(n * np.arange(1, POINTS + 1) / POINTS).astype(int), n_paying])
    at = at[at > 0]
    copies = np.array([np.cumsum(w * came)[at - 1] for w in resampled_weights(n, resamples, seed)])
    low, high = np.quantile(copies, [0.025, 0.975], axis=0)
    curve = pd.DataFrame(
        {
            "share": at / n,
            "planned": planned.cumsum()[at - 1],
            "realised": came.cumsum()[at - 1],
            "low": low,
            "high": high,
        }
    )
    stop = curve[at == n_paying]
    found = [Interval(*row) for row in curve[["realised", "low", "high"]].itertuples(index=False)]
    here = found[stop.index[0]] if n_paying else Interval(0.0, 0.0, 0.0)
    return ContactPlan(
        curve, n_paying / n, float(stop["planned"].sum()), realised=here, everybody=found[-1]
    )


def _usual(people: pd.DataFrame, mean: float) -> np.ndarray:
    """Pull each person's mean order to everybody's."""
    orders = people["frequency"].to_numpy(float)
    total = people["monetary_value"].to_numpy(float) * orders
    return shrink_to_mean(total, orders, mean=mean, prior=PRIOR)
