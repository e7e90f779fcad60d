"""Which share of the talk is about each brand, corrected for what is read wrongly."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.disclosure import suppress_within
from coterie.psychographics.listening.counts import ABSTAINED, FEELINGS, voice_counts
from coterie.psychographics.listening.misclassification import (
    labelled_queries,
    labelled_sentiments,
    mentions_per_found,
    reading_probabilities,
    resample_mentions_per_found,
    resample_reading_probabilities,
)
from coterie.psychographics.listening.queries import mentions
from coterie.study import DataError, SettingsError
from coterie.windows import as_of_window

ANY = "any"
SENTIMENTS = (ANY, *FEELINGS)
RESULT = [
    "brand",
    "sentiment",
    "people",
    "share",
    "low",
    "high",
    "part",
    "part_low",
    "part_high",
    "errors_known",
]


def share_of_voice(
    counts: pd.DataFrame,
    *,
    accuracy: pd.DataFrame,
    confusion: pd.DataFrame,
    weights: Literal["collected", "equal"] | Mapping[str, float] = "collected",
    min_people: int = 50,
    replicates: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Estimate each brand's share of all mentions, corrected for what is read wrongly.

    What a query finds is not what is about a brand: found posts count with the query's precision,
    and the posts it missed are added. What the model reads is not what was felt: the sentiments are
    solved from its confusion matrix. The interval carries three errors together: people resampled
    (whole groups of them), the query's labelled samples, the sentiment sheet. Without labels for
    every brand here nothing is corrected, `errors_known` is False, and the interval carries the
    counting error alone, which is too narrow and may miss the truth altogether; without a sheet for
    all three sentiments the same holds for the sentiments.

    Taken for granted: precision and the rate of missed posts are the same in every stratum, the
    confusion matrix is the same for every brand, posts that were found wrongly, missed, or not read
    (abstained) feel like the others, and the labelled posts are random samples.

    `counts` is `voice_counts` as a frame. `accuracy` has one row a brand: brand, found,
    labelled_found, about_found, rest, labelled_rest, about_rest, as in `queries.QueryCheck`.
    `confusion` has one row a pair: sentiment (by hand), inferred_sentiment, n. An empty frame means
    that nothing was labelled. `weights` "collected" counts every mention once, so the platform
    collected most weighs most; "equal" gives every stratum the same voice, a mapping the weight it
    names (a platform's known share of the talk); strata without a mention drop out.

    Returns one row a brand and sentiment, loudest brand first: brand, sentiment ("any", then
    three), people (found), share with low and high (of all brands' mentions of this sentiment, 95
    %), part with part_low and part_high (the sentiment's share of the brand's own mentions),
    errors_known. Rows on fewer than `min_people` people are left out, as
    `disclosure.suppress_within` does it; their mentions stay in the whole. One group of people has
    no interval.

    Raises
    ------
    DataError
        When there are no mentions, or the labelled counts contradict each other.
    SettingsError
        When `weights` does not name every stratum.

    References
    ----------
    Rogan and Gladen (1978), "Estimating prevalence from the results of a screening test", American
    Journal of Epidemiology 107. Buonaccorsi (2010), "Measurement Error", Chapman and Hall, chapter
    2. Rubin (1981), "The Bayesian bootstrap", Annals of Statistics 9. Brown, Cai and DasGupta
    (2001), Statistical Science 16.

    >>> counts = pd.DataFrame(
    ...     {
    ...         "group": [0, 1, 0, 1],
    ...         "brand": ["shop", "shop", "deli", "deli"],
    ...         "stratum": "x",
    ...         "inferred_sentiment": "neutral",
    ...         "n": [30, 30, 20, 20],
    ...         "people": 30,
    ...         "feeling_people": 30,
    ...     }
    ... )
    >>> accuracy = pd.DataFrame(
    ...     {
    ...         "brand": ["shop", "deli"],
    ...         "found": [60, 40],
    ...         "labelled_found": 20,
    ...         "about_found": [10, 20],
    ...         "rest": [40, 60],
    ...         "labelled_rest": 20,
    ...         "about_rest": [0, 0],
    ...     }
    ... )
    >>> table = share_of_voice(counts, accuracy=accuracy, confusion=pd.DataFrame())
    >>> # 60 × 10/20 against 40
    >>> table.loc[table["sentiment"] == "any", ["brand", "share", "errors_known"]].round(3)
      brand  share  errors_known
    0  deli  0.571          True
    2  shop  0.429          True
    """
    if not len(counts) or not counts["n"].sum():
        raise DataError("share_of_voice: there is no mention of any brand; look at the queries.")
    brands = sorted(counts["brand"].unique())
    strata = sorted(counts["stratum"].unique())
    cube = _cube(counts, brands, strata)
    weight = _weights(weights, strata)
    checks = labelled_queries(accuracy, brands)
    sheet = labelled_sentiments(confusion) if len(checks) else np.empty(0)
    found = _voices(
        cube.sum(axis=0)[None],
        mentions_per_found(checks),
        reading_probabilities(sheet),
        weights=weight,
    )
    rng = np.random.default_rng(seed)
    groups = rng.standard_gamma(_evenness(len(cube)), (replicates, len(cube)))
    resampled = _voices(
        np.tensordot(groups, cube, axes=1),
        resample_mentions_per_found(checks, replicates, rng),
        resample_reading_probabilities(sheet, replicates, rng),
        weights=weight,
    )
    if len(cube) == 1:
        resampled = np.full_like(resampled, np.nan)
    table = _table(counts, brands, found, resampled)
    table["errors_known"] = (len(sheet) > 0) | ((table["sentiment"] == ANY) & (len(checks) > 0))
    shown = suppress_within(table, "sentiment", "people", min_people=min_people)
    return shown.reset_index(drop=True)[RESULT]


def voice_of_brands(
    posts: ir.Table,
    post_labels: ir.Table,
    *,
    queries: Mapping[str, str],
    as_of: date,
    lookback_days: int = 365,
    min_people: int = 50,
) -> pd.DataFrame:
    """Share the talk of the window out over brands, by queries that nobody has checked yet.

    Without labelled posts nothing is corrected: `errors_known` is False, and the intervals hold the
    counting error alone. Columns as at `share_of_voice`; empty where no query finds anything.
    """
    if not queries:
        return pd.DataFrame(columns=RESULT)
    window = as_of_window(posts, as_of=as_of, days=lookback_days)
    read = post_labels.select("post_id", "inferred_sentiment")
    found = mentions(window, queries).left_join(read, "post_id")
    counts = voice_counts(found).to_pandas()
    if counts.empty:
        return pd.DataFrame(columns=RESULT)
    none = pd.DataFrame()
    return share_of_voice(counts, accuracy=none, confusion=none, min_people=min_people)


def _evenness(groups: int) -> float:
    """Choose how evenly random weights fall: few groups widen the interval as Student's t does.

    Exponential weights (evenness 1) are Rubin's Bayesian bootstrap, whose variance is (n - 1) / (n
    + 1) of the unbiased one, and whose tails are the normal's.

    >>> [round(_evenness(n), 2) for n in (10, 50)]
    [0.58, 0.91]
    """
    normal = stats.norm.ppf(0.975)
    student = stats.t.ppf(0.975, max(groups - 1, 1))
    return max(float(((groups - 1) * (normal / student) ** 2 - 1) / groups), 0.05)


def _cube(counts: pd.DataFrame, brands: list[str], strata: list[str]) -> np.ndarray:
    """Lay the counts out: groups of people × brands × strata × the three sentiments and none."""
    number, names = pd.factorize(counts["group"], sort=True)
    cube = np.zeros((len(names), len(brands), len(strata), len(FEELINGS) + 1))
    brand = pd.Index(brands).get_indexer(counts["brand"])
    stratum = pd.Index(strata).get_indexer(counts["stratum"])
    reading = pd.Index([*FEELINGS, ABSTAINED]).get_indexer(counts["inferred_sentiment"])
    if (reading < 0).any():
        raise DataError(
            f"share_of_voice: inferred_sentiment has to be one of {', '.join(FEELINGS)}, or empty."
        )
    np.add.at(cube, (number, brand, stratum, reading), counts["n"].to_numpy(dtype=float))
    return cube


def _weights(weights: str | Mapping[str, float], strata: list[str]) -> np.ndarray:
    """Give each stratum its weight; none at all where mentions count as they were collected."""
    if isinstance(weights, str):
        return np.ones(len(strata) if weights == "equal" else 0)
    if missing := [name for name in strata if name not in weights]:
        raise SettingsError(
            f"04_psychographics.weights: name a weight for {', '.join(missing)} too."
        )
    return np.array([float(weights[name]) for name in strata])


def _voices(
    cube: np.ndarray, factors: np.ndarray, chances: np.ndarray, *, weights: np.ndarray
) -> np.ndarray:
    """Compute the mentions of each brand, any and by sentiment.

    `cube` is replicates × brands × strata × readings.
    """
    about = cube.sum(axis=-1) * factors[..., None]
    totals = about.sum(axis=1)
    scale = np.ones_like(totals)
    if len(weights):
        scale = np.divide(weights, totals, out=np.zeros_like(totals), where=totals > 0)
    loud = np.einsum("rbs,rs->rb", about, scale)
    read = np.einsum("rbsf,rs->rbf", cube[..., : len(FEELINGS)], scale)
    felt = np.clip(read @ np.linalg.pinv(chances), 0, None)  # Rogan and Gladen, for three answers
    whole = felt.sum(axis=-1, keepdims=True)
    felt = np.divide(felt, whole, out=np.full_like(felt, np.nan), where=whole > 0)
    return np.concatenate([loud[..., None], loud[..., None] * felt], axis=-1)


def _table(
    counts: pd.DataFrame, brands: list[str], found: np.ndarray, resampled: np.ndarray
) -> pd.DataFrame:
    """Turn mentions into shares of the talk and parts of a brand, with their intervals."""
    table = pd.DataFrame(
        {"brand": np.repeat(brands, len(SENTIMENTS)), "sentiment": [*SENTIMENTS] * len(brands)}
    )
    table["people"] = _people(counts, brands).to_numpy(dtype=int).ravel()
    with np.errstate(invalid="ignore"):
        table[["share", "low", "high"]] = _interval(
            found / np.nansum(found, axis=1, keepdims=True),
            resampled / np.nansum(resampled, axis=1, keepdims=True),
        )
        table[["part", "part_low", "part_high"]] = _interval(
            found / found[..., :1], resampled / resampled[..., :1]
        )
    table["loudness"] = np.repeat(found[0, :, 0], len(SENTIMENTS))
    return table.sort_values(
        ["loudness", "brand"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _people(counts: pd.DataFrame, brands: list[str]) -> pd.DataFrame:
    """Count who mentions each brand (rows), in any sentiment and in each (columns)."""
    feeling = counts.groupby(["brand", "inferred_sentiment"])["feeling_people"].sum()
    people = feeling.unstack(fill_value=0).join(counts.groupby("brand")["people"].sum().rename(ANY))
    return people.reindex(index=brands, columns=SENTIMENTS, fill_value=0)


def _interval(estimate: np.ndarray, resampled: np.ndarray) -> np.ndarray:
    """Lay an estimate and its 95 % interval side by side; the interval holds the estimate."""
    value = estimate.ravel()
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0).reshape(2, -1)
    return np.column_stack([value, np.minimum(low, value), np.maximum(high, value)])
