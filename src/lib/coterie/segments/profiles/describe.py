"""How a segment differs from everybody, with intervals."""

from collections.abc import Sequence

import pandas as pd

from coterie.statistics import mean_interval

FIGURES = ["mean", "low", "high", "everyone", "index", "difference"]


def profile(
    traits: pd.DataFrame, segment: pd.Series, *, used: Sequence[str] = (), min_people: int = 50
) -> pd.DataFrame:
    """Describe every segment in every trait beside everybody; one row a segment and trait.

    Where a trait made the clusters (`clustered`), the interval says how precisely a mean is known,
    never that the groups differ: they were built to differ (Gao, Bien and Witten, 2024, JASA 119).

    Parameters
    ----------
    traits
        (n, p) in natural units, one row a person.
    segment
        (n,) segment id, in the same order.
    used
        Traits that made the clusters.
    min_people
        Members of whom a trait is known from which it is told; else the segment counts as like
        everybody, as the mean of a few is nearly somebody's value.

    >>> traits = pd.DataFrame({"frequency": [1.0, 3.0, 8.0, 8.0]})
    >>> described = profile(traits, pd.Series(["S1", "S1", "S2", "S2"]), min_people=2)
    >>> described[["segment", "mean", "everyone", "index"]].values.tolist()
    [['S1', 2.0, 5.0, 40.0], ['S2', 8.0, 5.0, 160.0]]
    """
    everyone = traits.mean()
    deviation = traits.std(ddof=0)
    rows = []
    for name, members in traits.groupby(segment.to_numpy()):
        for trait in traits:
            enough = members[trait].notna().sum() >= min_people
            mean, low, high = mean_interval(members[trait]) if enough else [everyone[trait]] * 3
            index = 100 * mean / everyone[trait] if everyone[trait] > 0 else 100.0
            away = (mean - everyone[trait]) / deviation[trait] if deviation[trait] > 0 else 0.0
            figures = (mean, low, high, everyone[trait], index, away)
            rows.append((name, trait, len(members), *figures))
    table = pd.DataFrame(rows, columns=["segment", "trait", "n_people", *FIGURES])
    return table.assign(clustered=table["trait"].isin(list(used)))
