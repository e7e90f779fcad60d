"""What must never happen: a method that finds what is not there, a column that saw the outcome."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from coterie.scores.forecasts.basis import fit_quantiles, spread
from coterie.scores.forecasts.folds import person_folds
from coterie.scores.forecasts.measures import auc
from coterie.scores.samples import Samples, usable
from coterie.scores.sufficiency import Sufficiency
from coterie.statistics import (
    UNKNOWN,
    Interval,
    mean_of_shuffles,
    shuffle_band,
    single_feature_alarm,
)
from coterie.statistics.sentinels import TOO_GOOD
from coterie.wording import listed, trait_label

STEPS, PAIR_STEPS = 20, 5  # groups that a behaviour is cut into, alone and with another
CLOSE = 1e-9


class Sentinels(NamedTuple):
    """What was found where nothing may be; empty where nothing was fitted."""

    shuffled: Interval  # mean AUC on shuffled outcomes; must be 0.5
    band: float  # how far from 0.5 it may lie: 0.02, or what chance does where people are few
    too_good: list[str]  # behaviours that alone rank with an AUC above 0.95
    disguised: list[str]  # behaviours, or pairs, from which the outcome can be read off
    n_moved: int  # people whose behaviours change when the future is taken away, or served anew

    @property
    def alarms(self) -> list[str]:
        """Name every alarm, as a reason not to model."""
        alarms = []
        if abs(self.shuffled.value - 0.5) > self.band:
            alarms.append("the method finds something in shuffled outcomes")
        if self.too_good:
            alarms.append(f"{listed(self.too_good)} alone tells too much: look for a leak")
        if self.disguised:
            alarms.append(f"the outcome can be read off {listed(self.disguised)}")
        if self.n_moved:
            alarms.append("behaviours change when they are computed anew without the future")
        return alarms


def check_sentinels(
    samples: Samples,
    served: pd.DataFrame,
    *,
    sufficiency: Sufficiency,
    shuffles: int = 20,
    seed: int = 0,
) -> Sentinels:
    """Look for leaks before any score is written.

    `served` are the behaviours of the judging day, computed anew from rows before that day alone
    and by the settings that are stored with the forecast, as whoever applies it would.
    """
    if not sufficiency.enough:
        return Sentinels(UNKNOWN, np.nan, [], [], 0)
    fitted_on, judged_on = samples.fitted_on, samples.judged_on
    features, did = usable(fitted_on), fitted_on["did"].to_numpy(int)
    alone = single_feature_alarm(fitted_on[features], did)
    rest = fitted_on.drop(columns=alone)
    folds = person_folds(fitted_on["person_id"])
    found = disguised(rest[usable(rest)], did, folds)
    return Sentinels(
        shuffled_auc(fitted_on, judged_on, shuffles=shuffles, seed=seed),
        band=shuffle_band(judged_on["did"].to_numpy(), shuffles=shuffles),
        too_good=[trait_label(name) for name in alone],
        disguised=[" with ".join(map(trait_label, names)) for names in found],
        n_moved=count_moved(judged_on, served, features=features),
    )


def shuffled_auc(
    fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, shuffles: int, seed: int
) -> Interval:
    """Fit and judge the forecast on shuffled outcomes: anything but 0.5 is a leak in the method."""
    features, rng = usable(fitted_on), np.random.default_rng(seed)
    quantiles = fit_quantiles(fitted_on[features])
    one, other = (spread(part[features], quantiles) for part in (fitted_on, judged_on))
    aucs = []
    for _ in range(shuffles):
        model = LogisticRegression(C=0.01).fit(one, rng.permutation(fitted_on["did"]))
        aucs.append(auc(model.decision_function(other), rng.permutation(judged_on["did"])))
    return mean_of_shuffles(aucs)


def disguised(features: pd.DataFrame, did: np.ndarray, folds: np.ndarray) -> list[tuple[str, ...]]:
    """Name behaviours, and pairs of them, that are the outcome in disguise.

    Each is cut into groups, what is missing into one of its own. If the share with the outcome in
    half of the people's groups tells the other half's outcome almost perfectly, the behaviour has
    seen it, however it is bent: as its own square, by being missing, or as two halves of a secret.
    """
    half = folds % 2 == 0
    fine = {name: _groups(features[name], STEPS) for name in features}
    alone = [(name,) for name, group in fine.items() if _readable(group, did, half)]
    coarse = {name: _groups(features[name], PAIR_STEPS) for name in features}
    left = [name for name in features if (name,) not in alone]
    pairs = [
        (one, other)
        for one, other in combinations(left, 2)
        if _readable(coarse[one] * (PAIR_STEPS + 1) + coarse[other], did, half)
    ]
    return alone + pairs


def count_moved(seen: pd.DataFrame, served: pd.DataFrame, *, features: list[str]) -> int:
    """Count people whose behaviours are other ones when computed anew, or who are missing there.

    >>> seen = pd.DataFrame({"person_id": ["a", "b"], "frequency": [1, 2]})
    >>> count_moved(seen, seen.assign(frequency=[1, 3]), features=["frequency"])
    1
    """
    wanted = seen.set_index("person_id")[features].astype(float)
    again = served.set_index("person_id").reindex(wanted.index)
    known = wanted.index.isin(served["person_id"])
    again = again.reindex(columns=features).astype(float)
    near = np.isclose(wanted, again, rtol=CLOSE, atol=CLOSE, equal_nan=True).all(axis=1)
    return int((~(near & known)).sum())


def _groups(values: pd.Series, steps: int) -> np.ndarray:
    """Cut a behaviour into groups of equally many people; what is missing is one more."""
    rank = values.rank(pct=True, method="average")
    return np.minimum(rank * steps, steps - 1).fillna(steps).astype(int).to_numpy()


def _readable(group: np.ndarray, did: np.ndarray, half: np.ndarray) -> bool:
    """Tell whether groups learned in one half of people tell the other half's outcome."""
    n = np.bincount(group[half], minlength=group.max() + 1)
    yes = np.bincount(group[half], did[half], minlength=group.max() + 1)
    share = (yes + did.mean()) / (n + 1)
    return auc(share[group[~half]], did[~half]) > TOO_GOOD
