"""How people speak of the brand over time, and where its mood changed for good."""

from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ruptures import Pelt
from scipy import stats

from coterie.psychographics.trends.periods import period_number, periods_before
from coterie.psychographics.trends.steps import SHORTEST, WeightedMean, excess_noise, null_steps
from coterie.statistics import clustered_error

CHANGES = ["period", "before", "after", "difference", "low", "high", "p"]


class Reputation(NamedTuple):
    """Net sentiment by period, and where its level changed."""

    # a row a period: period, n (posts), n_people, net, low, high (95 % interval)
    trend: pd.DataFrame
    # a row a change: period (the first after it), before, after, difference, low, high, p
    changes: pd.DataFrame
    enough: bool  # whether there were periods enough to look for changes


def sentiment_counts(
    posts: ir.Table, labels: ir.Table, *, as_of: date, lookback_days: int, period: str = "week"
) -> ir.Table:
    """Count everybody's posts, positive and negative ones too, by week or (`period`) day.

    Posts whose sentiment the model left open do not count, nor do posts of brands. Only complete
    periods before `as_of` are listed; weeks begin on Monday, days are UTC. Give the posts on one
    brand only to follow that one.

    Returns one row a person and period with a post: person_id, period (its first day), n, positive,
    negative.

    >>> posts = ibis.memtable(
    ...     {"post_id": ["1", "2"], "person_id": "ana", "at": pd.to_datetime(["2026-06-22"] * 2)}
    ... )
    >>> labels = ibis.memtable(
    ...     {"post_id": ["1", "2"], "inferred_sentiment": ["positive", "neutral"]}
    ... )
    >>> counts = sentiment_counts(posts, labels, as_of=date(2026, 7, 1), lookback_days=28)
    >>> counts.to_pandas()[["n", "positive", "negative"]].to_numpy().tolist()
    [[2, 1, 0]]
    """
    periods = ibis.memtable(periods_before(as_of, lookback_days=lookback_days, period=period))
    wrote = posts.filter(posts["person_id"].notnull(), posts["person_id"] != "")
    wrote = wrote.select("post_id", "person_id", number=period_number(wrote["at"], period))
    read = labels.filter(labels["inferred_sentiment"].isin(["positive", "neutral", "negative"]))
    labelled = wrote.inner_join(read.select("post_id", "inferred_sentiment"), "post_id").inner_join(
        periods, "number"
    )
    found = {
        name: (labelled["inferred_sentiment"] == name).cast("int64").sum()
        for name in ("positive", "negative")
    }
    counts = labelled.group_by("person_id", "period").agg(n=labelled.count(), **found)
    return counts.order_by("person_id", "period")


def follow_reputation(
    counts: pd.DataFrame,
    *,
    min_people: int = 50,
    min_periods: int = 10,
    level: float = 0.05,
    seed: int = 0,
) -> Reputation:
    """Follow net sentiment over time, and mark where its level changed.

    It is the share of positive less the share of negative posts. `counts` has one row a person and
    period: person_id, period, n, positive, negative. Who writes often counts often, but as one
    person: intervals and tests take people, not posts, for independent. Periods with fewer than
    `min_people` people are left out, and what is between their neighbours is not known.

    A change is a step from one level to another that lasts two periods or more, found by PELT. It
    must be so clear that a series of the same length and noise without any change shows one in
    `level` of cases; noise is what people differ within a period, and more where neighbouring
    periods differ by more than that. A mood that wanders slowly is described as steps too. With
    fewer than `min_periods` periods no change is looked for, and `enough` is False. Net sentiment
    is the model's reading (evidence D): a change in what people write about looks the same.

    A change's p is how often a series without change shows so clear a step anywhere; its difference
    is between the level since the last change and the level up to the next, and its interval takes
    the place of the change as known.

    References
    ----------
    Killick, Fearnhead and Eckley (2012), "Optimal detection of changepoints with a linear
    computational cost", JASA 107. Truong, Oudre and Vayatis (2020), "Selective review of offline
    change point detection methods", Signal Processing 167. Liang and Zeger (1986), Biometrika 73.
    Agresti and Caffo (2000), The American Statistician 54.

    Examples
    --------
    >>> weeks = pd.date_range("2026-01-05", periods=12, freq="7D")
    >>> rows = [
    ...     (f"p{i}", week, 1, int(i < 8 + 12 * (week >= weeks[7])), int(i >= 20))
    ...     for week in weeks
    ...     for i in range(24)
    ... ]
    >>> counts = pd.DataFrame(rows, columns=["person_id", "period", "n", "positive", "negative"])
    >>> found = follow_reputation(counts, min_people=20)
    >>> found.changes["period"].dt.date.tolist(), found.changes["difference"].round(2).tolist()
    ([datetime.date(2026, 2, 23)], [0.5])
    """
    rows = counts.groupby(["person_id", "period"], as_index=False)[
        ["n", "positive", "negative"]
    ].sum()
    rows["score"] = rows["positive"] - rows["negative"]
    rows = rows[rows.groupby("period")["person_id"].transform("nunique") >= min_people]
    periods, place = np.unique(rows["period"], return_inverse=True)
    trend, error = period_means(rows, place, pd.DatetimeIndex(periods))
    if len(trend) < min_periods:
        return Reputation(trend, as_changes([]), False)
    null = null_steps(error, rng=np.random.default_rng(seed))
    series = np.column_stack([trend["net"], 1 / error**2])
    series[:, 1] /= max(1.0, excess_noise(series[:, 0], error))
    penalty = float(np.quantile(null, 1 - level, method="higher"))
    search = Pelt(custom_cost=WeightedMean(), min_size=SHORTEST, jump=1)
    ends = [0, *search.fit(series).predict(pen=penalty)]
    changes = describe_changes(rows, place, trend, series=series, ends=ends, null=null)
    return Reputation(trend, changes, True)


def period_means(
    rows: pd.DataFrame, place: np.ndarray, periods: pd.DatetimeIndex
) -> tuple[pd.DataFrame, np.ndarray]:
    """Estimate net sentiment of every period with its interval, clustered by person.

    Returns the standard errors too. Two imaginary people of the mean number of posts, one wholly
    positive, one wholly negative, stand in the error and the interval, which would have no width
    where all agree (Agresti and Caffo).
    """
    n = np.bincount(place, rows["n"], minlength=len(periods))
    score = np.bincount(place, rows["score"], minlength=len(periods))
    people = np.bincount(place, minlength=len(periods))
    size = n / people
    net = score / n
    middle = score / (n + 2 * size)
    parts = rows["score"].to_numpy() - middle[place] * rows["n"].to_numpy()
    squares = np.bincount(place, parts**2, minlength=len(periods)) + size**2 * (
        (1 - middle) ** 2 + (1 + middle) ** 2
    )
    error = np.sqrt(squares * (people + 2) / (people + 1)) / (n + 2 * size)
    half = stats.t.ppf(0.975, people + 1) * error
    table = pd.DataFrame({"period": periods, "n": n.astype(int), "n_people": people, "net": net})
    return table.assign(
        low=np.clip(middle - half, -1, 1), high=np.clip(middle + half, -1, 1)
    ), error


def describe_changes(
    rows: pd.DataFrame,
    place: np.ndarray,
    trend: pd.DataFrame,
    *,
    series: np.ndarray,
    ends: list[int],
    null: np.ndarray,
) -> pd.DataFrame:
    """Describe each change by the levels before and after it and their difference.

    People are taken as clusters.
    """
    cost = WeightedMean().fit(series)
    found = []
    for start, cut, end in zip(ends, ends[1:], ends[2:], strict=False):
        saving = cost.error(start, end) - cost.error(start, cut) - cost.error(cut, end)
        p = (1 + len(null) - np.searchsorted(null, saving)) / (1 + len(null))
        side = np.where(place < start, -1, np.where(place < cut, 0, np.where(place < end, 1, -1)))
        found.append((trend["period"].iloc[cut], *level_difference(rows, side), p))
    return as_changes(found)


def as_changes(rows: list[tuple]) -> pd.DataFrame:
    """Make the table of changes, whose columns are times and numbers even when there is none.

    >>> as_changes([]).dtypes["difference"]
    dtype('float64')
    """
    table = pd.DataFrame(rows, columns=CHANGES)
    return table.astype(dict.fromkeys(CHANGES[1:], float) | {"period": "datetime64[us]"})


def level_difference(
    rows: pd.DataFrame, side: np.ndarray
) -> tuple[float, float, float, float, float]:
    """Compare net sentiment on side 0 with side 1; who is on both counts once.

    Returns before, after, difference, and the ends of its 95 % interval.
    """
    influence = np.zeros(len(rows))
    levels = []
    for number, sign in ((0, -1), (1, 1)):
        own = rows[side == number]
        level = own["score"].sum() / own["n"].sum()
        influence[side == number] = sign * (own["score"] - level * own["n"]) / own["n"].sum()
        levels.append(level)
    before, after = levels
    counted = side >= 0
    person, people = pd.factorize(rows.loc[counted, "person_id"])
    error = clustered_error(influence[counted], person)
    half = stats.t.ppf(0.975, len(people) - 1) * error
    return before, after, after - before, after - before - half, after - before + half
