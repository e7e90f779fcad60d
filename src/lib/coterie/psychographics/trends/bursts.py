"""Topics that are suddenly talked about more than chance and habit explain."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.psychographics.trends.habit import SPREADS, Usual, usual_counts
from coterie.psychographics.trends.periods import period_number, periods_before
from coterie.statistics import fdr
from coterie.study import DataError

CHANCE_WEIGHTS = np.polynomial.legendre.leggauss(12)[1] / 2
# by how many standard errors the fit may be wrong, with weights
ERRORS = np.polynomial.hermite_e.hermegauss(5)[0]
ERROR_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)[1] / np.sqrt(2 * np.pi)
NOT_A_GRID = (
    "Bursts need one row for every topic and period, zeros included, as topic_counts gives them."
)


def topic_counts(
    posts: ir.Table,
    labels: ir.Table,
    *,
    as_of: date,
    lookback_days: int,
    period: str = "week",
    topic: str = "inferred_interest",
    min_people: int = 50,
) -> ir.Table:
    """Count people's posts by topic and week (or `period` day), weeks without any included.

    Only complete periods before `as_of` count; weeks begin on Monday, days are UTC. `topic` is the
    column of `labels` that names it; posts without a topic and posts of brands are left out, and so
    are topics that fewer than `min_people` people write about in the whole window. A single period
    of a topic may still rest on few people.

    Returns one row a topic and period: topic, period (its first day), n (posts), people (who wrote
    them).

    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2", "3"],
    ...         "person_id": ["ana", "bo", "ana"],
    ...         "at": pd.to_datetime(["2026-06-15 00:00", "2026-06-21 23:59", "2026-06-29 00:00"]),
    ...     }
    ... )
    >>> labels = ibis.memtable(
    ...     {"post_id": ["1", "2", "3"], "inferred_interest": ["food", "food", "food"]}
    ... )
    >>> span = {"as_of": date(2026, 7, 1), "lookback_days": 21}
    >>> counts = topic_counts(posts, labels, **span, min_people=2).to_pandas()
    >>> counts[["n", "people"]].to_numpy().tolist()
    [[2, 2], [0, 0]]
    """
    periods = ibis.memtable(periods_before(as_of, lookback_days=lookback_days, period=period))
    own = labels.select("post_id", topic=topic)
    wrote = posts.filter(posts["person_id"].notnull(), posts["person_id"] != "")
    wrote = wrote.select("post_id", "person_id", number=period_number(wrote["at"], period))
    labelled = wrote.inner_join(own.filter(own["topic"].notnull(), own["topic"] != ""), "post_id")
    labelled = labelled.inner_join(periods, "number").select("topic", "number", "person_id")
    topics = labelled.group_by("topic").agg(people=labelled["person_id"].nunique())
    grid = topics.filter(topics["people"] >= min_people).select("topic").cross_join(periods)
    cells = labelled.group_by("topic", "number").agg(
        n=labelled.count(), people=labelled["person_id"].nunique()
    )
    table = grid.left_join(cells, ["topic", "number"])
    whole = {name: table[name].fill_null(0).cast("int64") for name in ("n", "people")}
    return table.select("topic", "period", **whole).order_by("topic", "period")


def find_bursts(
    counts: pd.DataFrame, *, level: float = 0.05, min_periods: int = 12
) -> pd.DataFrame:
    """Mark the periods in which a topic was talked about more than chance and habit explain.

    Each count is compared with what the topic's other periods let expect, given how much was
    written on the other topics: a day that is busy for everything is no burst of each topic, and a
    topic that is alone has no such help. A negative binomial model learns from all other periods,
    later ones too; counts far above the expected are capped before it learns, so that a burst does
    not become the habit. Trend, weekday and time of year enter where the topic was seen in 20, 120
    and, within two years or more, 40 periods. A change that lasts is no burst: after some weeks it
    is partly the new habit, and periods of a habit that wanders are flagged more often than
    `level`.

    `counts` has one row a topic and period (days or weeks): topic, period, n. Returns one row each,
    in order of both: topic, period, n; expected, with low and high, between which 95 % of ordinary
    counts lie; ratio (n to expected); p, how often an ordinary count is as large; q, p adjusted for
    all topics and periods together; burst, q at most `level`; assessed. Periods before the first
    post of all, and that one after silence, since it may be half recorded, are not assessed, and
    with fewer than `min_periods` others nothing is: no number, no burst.

    Raises
    ------
    DataError
        A topic lacks a period.

    References
    ----------
    Farrington, Andrews, Beale and Catchpole (1996), Journal of the Royal Statistical Society A 159.
    Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett (2013), Statistics in Medicine 32.
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> weeks = pd.date_range("2026-01-05", periods=15, freq="7D")
    >>> n = [9, 11, 10] * 4 + [10, 40, 10]
    >>> found = find_bursts(pd.DataFrame({"topic": "food", "period": weeks, "n": n}))
    >>> found.loc[found["burst"], ["n", "expected", "ratio"]].round(1).values.tolist()
    [[40.0, 10.1, 4.0]]
    """
    table = (
        counts.pivot(index="topic", columns="period", values="n").sort_index().sort_index(axis=1)
    )
    if table.isna().any(axis=None):
        raise DataError(NOT_A_GRID)
    seen = recorded(table.sum(axis=0).to_numpy())
    assessed = seen if seen.sum() >= min_periods else np.zeros(len(seen), bool)
    found = np.full((5, *table.shape), np.nan)
    if assessed.any() and len(table):
        part = table.loc[:, assessed]
        pairs = zip(part.to_numpy(), usual_counts(part), strict=True)
        found[:, :, assessed] = np.stack([assess_counts(n, usual) for n, usual in pairs], axis=1)
    rows = table.stack().rename("n").reset_index().assign(assessed=np.tile(assessed, len(table)))
    rows[["expected", "low", "high", "ratio", "p"]] = found.reshape(5, -1).T
    rows.loc[rows["assessed"], "q"] = fdr(rows.loc[rows["assessed"], "p"])
    rows["burst"] = rows["q"] <= level
    return rows[
        ["topic", "period", "n", "expected", "low", "high", "ratio", "p", "q", "burst", "assessed"]
    ]


def recorded(totals: np.ndarray) -> np.ndarray:
    """Mark the periods recorded as a whole: after a silent start, those after the first post.

    >>> recorded(np.array([0, 0, 3, 9, 0])).tolist()
    [False, False, False, True, True]
    """
    begun = np.cumsum(totals) > 0
    return begun if begun[:1].all() else np.concatenate([[False], begun[:-1]])


def assess_counts(n: np.ndarray, usual: Usual) -> np.ndarray:
    """Compare counts with the usual.

    A row each for expected, low, high, ratio and the chance of as many or more. The chance is a
    mean over everything that the fit leaves open; low and high come from the negative binomial
    distribution with the same mean and variance as that mixture.
    """
    means = np.exp(usual.log_expected[:, None] + usual.error[:, None] * ERRORS)
    size = 1 / usual.spreads[:, :, None]
    more = stats.nbinom.sf(n[:, None, None] - 1, size, size / (size + means[:, None, :]))
    mean = means @ ERROR_WEIGHTS
    square = means**2 @ ERROR_WEIGHTS
    excess = np.maximum((1 + usual.spreads @ CHANCE_WEIGHTS) * square / mean**2 - 1, SPREADS[0])
    low, high = (stats.nbinom.ppf(q, 1 / excess, 1 / (1 + excess * mean)) for q in (0.025, 0.975))
    return np.array(
        [mean, low, high, n / mean, np.einsum("tce,c,e->t", more, CHANCE_WEIGHTS, ERROR_WEIGHTS)]
    )


def clear_bursts(bursts: pd.DataFrame) -> pd.DataFrame:
    """List the periods marked in `find_bursts`, the clearest first; `other` is no topic.

    >>> rows = pd.DataFrame({"topic": ["food", "other"], "burst": True, "q": 0.01})
    >>> clear_bursts(rows)["topic"].tolist()
    ['food']
    """
    marked = bursts[bursts["burst"] & (bursts["topic"] != "other")]
    return marked.sort_values(["q", "topic"])


def first_burst(sudden: pd.DataFrame) -> str | None:
    """Name the clearest burst by topic and day; None where there is none."""
    return next((f"{row.topic} {row.period:%Y-%m-%d}" for row in sudden.itertuples()), None)
