"""Which feature tells two segments apart, by what the assignment model loses without it?"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from coterie.segments.profiles.explanations import Score

PAIR = ["one", "other", "feature", "separation", "without", "loss", "low", "high", "margin_share"]


def ablation(
    traits: pd.DataFrame, segment: pd.Series, score: Score, *, segments: Sequence[str]
) -> pd.DataFrame:
    """Measure how much worse two segments are told apart when a feature is the same for all.

    `separation` is the area under the ROC curve: the share of couples, one person of each segment,
    whom the two segments' scores put in the right order; 0.5 is guessing. A feature is neutralised
    by everybody's median, for those whose value is unknown too. When two features say the same,
    each alone may be spared: a loss of 0 does not say that a feature is irrelevant. It describes
    the assignment model (evidence D).

    Returns
    -------
    One row a pair and feature, the largest loss of a pair first: `one`, `other`, `feature`,
    `separation`, `without` the feature, `loss` with its 95 % interval `low`, `high`, the model
    taken as given; and `margin_share`, the share of the mean margin in score that goes with the
    feature, which orders features where many say the same and none is missed. Segments under two
    people are left out.

    References
    ----------
    Hand and Till (2001), Machine Learning 45. DeLong, DeLong and Clarke-Pearson (1988), Biometrics
    44.

    >>> traits = pd.DataFrame({"frequency": [1.0, 2.0, 8.0, 9.0], "n_posts": [3.0, 0.0, 3.0, 0.0]})
    >>> score = lambda people: np.column_stack([5 - people["frequency"], people["frequency"] - 5])
    >>> found = ablation(traits, pd.Series(["S1", "S1", "S2", "S2"]), score, segments=["S1", "S2"])
    >>> found[["feature", "separation", "without", "loss"]].values.tolist()
    [['frequency', 1.0, 0.5, 0.5], ['n_posts', 1.0, 1.0, 0.0]]
    """
    neutral = (traits.assign(**{name: traits[name].median()}) for name in traits)
    scores = np.stack([score(table) for table in (traits, *neutral)])
    people = segment.to_numpy()
    rows = []
    for one, other in combinations(range(len(segments)), 2):
        sides = [
            scores[:, people == segments[side], one] - scores[:, people == segments[side], other]
            for side in (one, other)
        ]
        if min(side.shape[1] for side in sides) > 1:
            numbers = zip(traits, *_losses(*sides), strict=True)
            rows += sorted(
                ((segments[one], segments[other], *row) for row in numbers),
                key=lambda row: (-row[5], -row[8], row[2]),
            )
    return pd.DataFrame(rows, columns=PAIR)


def resolving(ablated: pd.DataFrame) -> pd.DataFrame:
    """Keep from `ablation` the one feature that each pair of segments needs most, if any.

    >>> pairs = pd.DataFrame(
    ...     {
    ...         "one": "S1",
    ...         "other": ["S2", "S2", "S3"],
    ...         "feature": ["spend", "n_posts", "n_posts"],
    ...         "low": [0.3, 0.1, -0.1],
    ...     }
    ... )
    >>> resolving(pairs)["feature"].tolist()
    ['spend']
    """
    most = ablated.drop_duplicates(["one", "other"])
    return most[most["low"] > 0].reset_index(drop=True)


def _losses(one: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Compare areas under the ROC curve, the first row's with every other, and the margins.

    The intervals are DeLong's. Takes (1 + p, people) differences in score of the people on either
    side. Returns what `ablation` does, each (p,).
    """
    scale = max(np.abs(one).max(), np.abs(other).max()) or 1.0
    # or the last digits break ties
    one = np.round(one / scale, 9)
    other = np.round(other / scale, 9)
    n = one.shape[1]
    ranks = stats.rankdata(np.hstack([one, other]), axis=1)
    # share of the others each lies over
    over = (ranks[:, :n] - stats.rankdata(one, axis=1)) / other.shape[1]
    under = 1 - (ranks[:, n:] - stats.rankdata(other, axis=1)) / n
    without = over[1:].mean(axis=1)
    loss = over[0].mean() - without
    error = sum((part[0] - part[1:]).var(axis=1, ddof=1) / part.shape[1] for part in (over, under))
    half = stats.norm.ppf(0.975) * np.sqrt(error)
    margins = one.mean(axis=1) - other.mean(axis=1)
    shares = np.zeros(len(loss)) if margins[0] == 0 else 1 - margins[1:] / margins[0]
    return [np.full(len(loss), over[0].mean()), without, loss, loss - half, loss + half, shares]
