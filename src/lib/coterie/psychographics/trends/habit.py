"""What a topic's counts are when nothing happens: habit, season and chance."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

# standard errors above the expected count at which a count is capped; at twice as many it is
# ignored
ORDINARY = 2.58
ROUNDS = 6  # of fitting and capping; mostly three are enough
SPREADS = np.concatenate([[1e-6], np.geomspace(1e-4, 1e2, 300)])  # overdispersions to choose from
CHANCES = (
    np.polynomial.legendre.leggauss(12)[0] + 1
) / 2  # where the overdispersion may lie, with weights


class Usual(NamedTuple):
    """What a topic's counts are when nothing happens.

    Arrays have one entry a period, fitted without that period.
    """

    log_expected: np.ndarray
    error: np.ndarray  # standard error of log_expected
    # (periods, 12) overdispersions that other periods allow, weighted by CHANCE_WEIGHTS
    spreads: np.ndarray
    counts: np.ndarray  # the counts, capped where they are out of the ordinary


def usual_counts(table: pd.DataFrame) -> list[Usual]:
    """Fit every topic's usual counts, twice.

    The second time other topics' bursts no longer make a busy period.
    """
    counts = capped = table.to_numpy(dtype=float)
    for _ in range(2):
        busy = [usual_volume(capped.sum(axis=0) - own) for own in capped]
        terms = [season_terms(table.columns, seen=int((n > 0).sum())) for n in counts]
        usual = [fit_usual(n, *known) for n, *known in zip(counts, terms, busy, strict=True)]
        capped = np.array([topic.counts for topic in usual])
    return usual


def usual_volume(others: np.ndarray) -> np.ndarray:
    """Measure how busy each period was on the other topics; 1 is usual.

    The measure is pulled to 1 as far as chance explains it. Few posts vary by chance alone, and
    dividing by that would add noise: the mean of a gamma posterior.

    >>> usual_volume(np.array([9.0, 11.0, 10.0])).round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    mean = others.mean()
    if mean == 0:
        return np.ones(len(others))
    prior = 1 / max((others.var(ddof=1) - mean) / mean**2, 1e-9)
    return (others + prior) / (mean + prior)


def season_terms(periods: pd.DatetimeIndex, *, seen: int) -> np.ndarray:
    """Lay out trend, weekday and time of year, as far as the history can carry them.

    >>> season_terms(pd.date_range("2026-01-05", periods=26, freq="7D"), seen=26).shape
    (26, 2)
    """
    days = (periods[-1] - periods[0]).days
    step = (periods[1] - periods[0]).days
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
    counts = n
    freedom = len(n) - terms.shape[1]
    for turn in range(ROUNDS):
        before = counts
        fit = fit_mean(before + 0.5 * busy / busy.sum(), terms, busy)
        counts, wild = cap(n, fit.mu, freedom=freedom, start=turn == 0)
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
    """Fit the mean by Poisson likelihood, which is right however counts are spread.

    Unlike others it always converges.

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
    """Cut counts off where they are out of the ordinary.

    Returns also which are so far out that they say nothing of the habit. Residuals are Anscombe's,
    on whose scale counts are nearly normal. The first fit still follows a burst and lies too high,
    so at the `start` the middle residual counts as 0.
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
    """Say for every period what the others let expect, and what spread they allow.

    One Newton step without the period gives it. The sum of squared residuals is taken as
    chi-squared, with fewer degrees of freedom where counts are small or spread, for then single
    residuals decide; each chance of it allows another overdispersion. The error of the mean is
    robust to spread (the sandwich).
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
