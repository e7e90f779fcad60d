"""What is talked about more than usual: posts counted by topic and period, and the counts that
stand out.
"""

import warnings
from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from coterie.statistics import fdr
from coterie.study import DataError, SettingsError

DAY, WEEK = 86_400, 7 * 86_400
SINCE_MONDAY = 3  # days from a Monday to the first day of 1970
# standard errors above the expected count at which a count is capped; at twice as many it is
# ignored
ORDINARY = 2.58
ROUNDS = 6  # of fitting and capping; mostly three are enough
SPREADS = np.concatenate([[1e-6], np.geomspace(1e-4, 1e2, 300)])  # overdispersions to choose from
CHANCES = (
    np.polynomial.legendre.leggauss(12)[0] + 1
) / 2  # where the overdispersion may lie, with weights
CHANCE_WEIGHTS = np.polynomial.legendre.leggauss(12)[1] / 2
# by how many standard errors the fit may be wrong, with weights
ERRORS = np.polynomial.hermite_e.hermegauss(5)[0]
ERROR_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)[1] / np.sqrt(2 * np.pi)
NOT_A_GRID = (
    "Bursts need one row for every topic and period, zeros included, as topic_counts gives them."
)


class Usual(NamedTuple):
    """What a topic's counts are when nothing happens; arrays have one entry a period, fitted
    without that period.
    """

    log_expected: np.ndarray
    error: np.ndarray  # standard error of log_expected
    # (periods, 12) overdispersions that other periods allow, weighted by CHANCE_WEIGHTS
    spreads: np.ndarray
    counts: np.ndarray  # the counts, capped where they are out of the ordinary


def periods_before(as_of: date, *, lookback_days: int, period: str) -> pd.DataFrame:
    """List the complete days, or weeks from Monday, of the window that ends before `as_of`:
    `number`, `period`.

    >>> periods_before(date(2026, 7, 1), lookback_days=16, period="week")["period"].dt.day.tolist()
    [15, 22]
    """
    if period not in ("day", "week"):
        raise SettingsError(f"04_psychographics.period: {period!r} is neither day nor week.")
    days = pd.date_range(as_of - timedelta(days=lookback_days), as_of, inclusive="left")
    if period == "week":
        days = days[(days.day_of_week == 0) & (days + pd.Timedelta(days=7) <= pd.Timestamp(as_of))]
    since = (days - pd.Timestamp(0)).days.to_numpy()
    return pd.DataFrame(
        {"number": since if period == "day" else (since + SINCE_MONDAY) // 7, "period": days}
    )


def period_number(at: ir.TimestampValue, period: str) -> ir.IntegerValue:
    """Number the day or week of a moment in whole numbers, which every engine computes alike."""
    seconds = at.epoch_seconds()
    return (seconds // DAY if period == "day" else (seconds + SINCE_MONDAY * DAY) // WEEK).cast(
        "int64"
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
    >>> topic_counts(posts, labels, **span, min_people=2).to_pandas()[
    ...     ["n", "people"]
    ... ].to_numpy().tolist()
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
    all topics and periods together; burst, q at most `level`; judged. Periods before the first post
    of all, and that one after silence, since it may be half recorded, are not judged, and with
    fewer than `min_periods` others nothing is: no number, no burst.

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
    >>> found = find_bursts(
    ...     pd.DataFrame({"topic": "food", "period": weeks, "n": [9, 11, 10] * 4 + [10, 40, 10]})
    ... )
    >>> found.loc[found["burst"], ["n", "expected", "ratio"]].round(1).values.tolist()
    [[40.0, 10.1, 4.0]]
    """
    table = (
        counts.pivot(index="topic", columns="period", values="n").sort_index().sort_index(axis=1)
    )
    if table.isna().any(axis=None):
        raise DataError(NOT_A_GRID)
    seen = recorded(table.sum(axis=0).to_numpy())
    judged = seen if seen.sum() >= min_periods else np.zeros(len(seen), bool)
    found = np.full((5, *table.shape), np.nan)
    if judged.any() and len(table):
        part = table.loc[:, judged]
        pairs = zip(part.to_numpy(), usual_counts(part), strict=True)
        found[:, :, judged] = np.stack([judge_counts(n, usual) for n, usual in pairs], axis=1)
    rows = table.stack().rename("n").reset_index().assign(judged=np.tile(judged, len(table)))
    rows[["expected", "low", "high", "ratio", "p"]] = found.reshape(5, -1).T
    rows.loc[rows["judged"], "q"] = fdr(rows.loc[rows["judged"], "p"])
    rows["burst"] = rows["q"] <= level
    return rows[
        ["topic", "period", "n", "expected", "low", "high", "ratio", "p", "q", "burst", "judged"]
    ]


def recorded(totals: np.ndarray) -> np.ndarray:
    """Tell which periods were recorded as a whole: after a silent start, those after the first with
    a post.

    >>> recorded(np.array([0, 0, 3, 9, 0])).tolist()
    [False, False, False, True, True]
    """
    begun = np.cumsum(totals) > 0
    return begun if begun[:1].all() else np.concatenate([[False], begun[:-1]])


def usual_counts(table: pd.DataFrame) -> list[Usual]:
    """Fit every topic's usual counts, twice: the second time other topics' bursts no longer make a
    busy period.
    """
    counts = capped = table.to_numpy(dtype=float)
    for _ in range(2):
        busy = [usual_volume(capped.sum(axis=0) - own) for own in capped]
        terms = [season_terms(table.columns, seen=int((n > 0).sum())) for n in counts]
        usual = [fit_usual(n, *known) for n, *known in zip(counts, terms, busy, strict=True)]
        capped = np.array([topic.counts for topic in usual])
    return usual


def usual_volume(others: np.ndarray) -> np.ndarray:
    """Measure how busy each period was on the other topics, 1 is usual, pulled to 1 as far as
    chance explains it.

    Few posts vary by chance alone, and dividing by that would add noise: the mean of a gamma
    posterior.

    >>> usual_volume(np.array([9.0, 11.0, 10.0])).round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    mean = others.mean()
    if mean == 0:
        return np.ones(len(others))
    prior = 1 / max((others.var(ddof=1) - mean) / mean**2, 1e-9)
    return (others + prior) / (mean + prior)


def season_terms(periods: pd.DatetimeIndex, *, seen: int) -> np.ndarray:
    """Lay out trend, weekday and time of year, as far as the history and the periods with posts can
    carry them.

    >>> season_terms(pd.date_range("2026-01-05", periods=26, freq="7D"), seen=26).shape
    (26, 2)
    """
    days, step = (periods[-1] - periods[0]).days, (periods[1] - periods[0]).days
    terms = [np.ones(len(periods))]
    if seen >= 20:
        terms.append(np.linspace(-1, 1, len(periods)))
    if step == 1 and days >= 27 and seen >= 120:
        weekday = periods.day_of_week.to_numpy()
        terms += [(weekday == day) * 1.0 - (weekday == 6) for day in range(6)]
    if days >= 720 and seen >= 40:
        angle = 2 * np.pi * periods.day_of_year.to_numpy() / 365.25
        terms += [np.sin(angle), np.cos(angle)]
    return np.column_stack(terms)


def fit_usual(n: np.ndarray, terms: np.ndarray, busy: np.ndarray) -> Usual:
    """Fit one topic's usual counts, again and again with what is out of the ordinary capped.

    Half a post is spread over the history, so that a topic that was never seen before has an
    expected count too.
    """
    counts, wild = n, np.zeros(len(n), bool)
    for turn in range(ROUNDS):
        fit = fit_mean(counts + 0.5 * busy / busy.sum(), terms, busy)
        before, (counts, wild) = (
            counts,
            cap(n, fit.mu, freedom=len(n) - terms.shape[1], start=turn == 0),
        )
        if turn and (counts == before).all():
            break
    return leave_out(
        before,
        fit,
        terms,
        squares=~wild * (n - fit.mu) ** 2,
        freedom=(~wild).sum() - terms.shape[1],
    )


def fit_mean(counts: np.ndarray, terms: np.ndarray, busy: np.ndarray):
    """Fit the mean by Poisson likelihood, which is right however counts are spread, and unlike
    others always converges.

    References
    ----------
    Gourieroux, Monfort and Trognon (1984), "Pseudo maximum likelihood methods: applications to
    Poisson models", Econometrica 52.
    """
    with warnings.catch_warnings():
        # a topic without any post fits perfectly
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        return sm.GLM(counts, terms, family=sm.families.Poisson(), offset=np.log(busy)).fit()


def cap(
    n: np.ndarray, mean: np.ndarray, *, freedom: int, start: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Cut counts off where they are out of the ordinary, and say which are so far out that they
    teach nothing.

    Residuals are Anscombe's, on whose scale counts are nearly normal. The first fit still follows a
    burst and lies too high, so at the `start` the middle residual counts as 0.
    """
    residuals = 1.5 * (n ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    middle = np.median(residuals)
    scale = 1.4826 * np.median(np.abs(residuals - middle)) * np.sqrt(len(n) / freedom)
    # a short history knows its scale badly: rather too wide
    scale = max(1.0, scale * (1 + 1 / np.sqrt(len(n))))
    bound = ORDINARY * scale + (middle if start else 0)
    highest = np.ceil(np.maximum(mean ** (2 / 3) + bound * mean ** (1 / 6) / 1.5, 1) ** 1.5)
    return np.minimum(n, highest), (n > highest) & (residuals > bound + ORDINARY * scale)


def leave_out(
    counts: np.ndarray, fit, terms: np.ndarray, *, squares: np.ndarray, freedom: int
) -> Usual:
    """Say for every period what the others let expect: one Newton step without it, and what spread
    they allow.

    The sum of squared residuals is taken as chi-squared, with fewer degrees of freedom where counts
    are small or spread, for then single residuals decide; each chance of it allows another
    overdispersion. The error of the mean is robust to spread (the sandwich).
    """
    residuals = squares / (fit.mu + SPREADS[:, None] * fit.mu**2)
    alpha = np.interp(-max(1, freedom), -residuals.sum(axis=1), SPREADS)
    variance = fit.mu + alpha * fit.mu**2
    # by the excess kurtosis of a negative binomial count
    less = 2 / (2 + np.mean(6 * alpha + 1 / variance))
    aims = stats.chi2.ppf(CHANCES, max(1, freedom - 3) * less) / less
    around = np.pad(residuals, ((0, 0), (1, 1)))  # with its neighbours, for a burst may last
    others = residuals.sum(axis=1)[:, None] - around[:, :-2] - residuals - around[:, 2:]
    spreads = np.array([np.interp(-aims, -without, SPREADS) for without in others.T])
    rows = terms @ fit.cov_params()
    pull = np.clip(np.sum(rows * terms, axis=1) * fit.mu, 0, 0.95)
    log_expected = np.log(fit.mu * np.maximum(1 - pull * counts / fit.mu, 0.05) / (1 - pull))
    return Usual(
        log_expected, np.sqrt((rows @ terms.T) ** 2 @ variance / (1 - pull)), spreads, counts
    )


def judge_counts(n: np.ndarray, usual: Usual) -> np.ndarray:
    """Compare counts with the usual: expected, low, high, ratio and the chance of as many or more,
    a row each.

    The chance is a mean over everything that the fit leaves open; low and high come from the
    negative binomial distribution with the same mean and variance as that mixture.
    """
    means = np.exp(usual.log_expected[:, None] + usual.error[:, None] * ERRORS)
    size = 1 / usual.spreads[:, :, None]
    more = stats.nbinom.sf(n[:, None, None] - 1, size, size / (size + means[:, None, :]))
    mean, square = means @ ERROR_WEIGHTS, means**2 @ ERROR_WEIGHTS
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
