"""Which share of the talk is about each brand, and how sure is that when queries and the sentiment
model err?
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.disclosure import suppress_within
from coterie.psychographics.listening.queries import mentions
from coterie.study import DataError, SettingsError
from coterie.windows import as_of_window

SENTIMENTS = ANY, *FEELINGS = "any", "negative", "neutral", "positive"
ABSTAINED = ""  # the model did not say
PRIOR = 0.5  # Jeffreys: half a post added to every kind of answer
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


def voice_counts(
    mentions: ir.Table, *, strata: tuple[str, ...] = ("platform",), n_groups: int = 100
) -> ir.Table:
    """Count mentions per brand, stratum and sentiment, in groups of people that show how sure the
    counts are.

    A loud person is many posts but one voice, so people, not posts, are dealt out to the groups;
    later whole groups are drawn anew. `mentions` has one row a post and brand: person_id,
    about_brand, inferred_sentiment (empty where the model abstained), and the columns named in
    `strata`, the platform or a week of text, say.

    Returns one row that occurs per group, brand, stratum (the values joined by " / ") and
    inferred_sentiment: n (mentions), people and feeling_people (who are counted here first, for the
    brand and for the brand in this sentiment: summed, they count everybody once).

    >>> mentions = ibis.memtable(
    ...     {
    ...         "person_id": ["ana", "ana", "bo"],
    ...         "about_brand": ["shop", "shop", "deli"],
    ...         "platform": ["x"] * 3,
    ...         "inferred_sentiment": ["positive", "negative", "neutral"],
    ...     }
    ... )
    >>> counts = voice_counts(mentions, n_groups=2).to_pandas()
    >>> counts[["group", "brand", "inferred_sentiment", "n", "people", "feeling_people"]]
       group brand inferred_sentiment  n  people  feeling_people
    0      0  shop           negative  1       1               1
    1      0  shop           positive  1       0               1
    2      1  deli            neutral  1       1               1
    """
    names = [mentions[name].cast("string").fill_null("") for name in strata] or [
        ibis.literal("all")
    ]
    stratum = names[0]
    for name in names[1:]:
        stratum = stratum + " / " + name
    feeling = mentions["inferred_sentiment"].fill_null(ABSTAINED)
    rows = mentions.select(
        "person_id", brand="about_brand", stratum=stratum, inferred_sentiment=feeling
    )
    own = rows.group_by("person_id", "brand", "stratum", "inferred_sentiment").agg(n=rows.count())
    people = rows.select("person_id").distinct()
    number = ibis.row_number().over(ibis.window(order_by="person_id"))
    own = own.inner_join(people.mutate(group=(number % n_groups).cast("int64")), "person_id")
    own = own.mutate(
        people=_first(["person_id", "brand"], ["inferred_sentiment", "stratum"]),
        feeling_people=_first(["person_id", "brand", "inferred_sentiment"], ["stratum"]),
    )
    key = ["group", "brand", "stratum", "inferred_sentiment"]
    return (
        own.group_by(key)
        .agg(**{name: own[name].sum() for name in ("n", "people", "feeling_people")})
        .order_by(key)
    )


def _first(of: list[str], order: list[str]) -> ir.IntegerValue:
    """Mark the first row of each, so that summing the marks counts each once."""
    return (ibis.row_number().over(ibis.window(group_by=of, order_by=order)) == 0).cast("int64")


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
    """Estimate each brand's share of all mentions, overall and by sentiment, corrected for what is
    read wrongly.

    What a query finds is not what is about a brand: found posts count with the query's precision,
    and the posts it missed are added. What the model reads is not what was felt: the sentiments are
    solved from its confusion matrix. The interval carries three errors together: people drawn anew
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
    >>> table = share_of_voice(
    ...     counts, accuracy=accuracy, confusion=pd.DataFrame()
    ... )  # 60 × 10/20 against 40
    >>> table.loc[table["sentiment"] == "any", ["brand", "share", "errors_known"]].round(3)
      brand  share  errors_known
    0  deli  0.571          True
    2  shop  0.429          True
    """
    if not len(counts) or not counts["n"].sum():
        raise DataError("share_of_voice: there is no mention of any brand; look at the queries.")
    brands, strata = (sorted(counts[name].unique()) for name in ("brand", "stratum"))
    cube, rng = _cube(counts, brands, strata), np.random.default_rng(seed)
    checks = _checks(accuracy, brands)
    sheet = _sheet(confusion) if len(checks) else np.empty(0)
    voice = {"weights": _weights(weights, strata)}
    found = _voices(cube.sum(axis=0)[None], _factors(checks), _chances(sheet), **voice)
    again = np.tensordot(
        rng.standard_gamma(_evenness(len(cube)), (replicates, len(cube))), cube, axes=1
    )
    drawn = _voices(
        again,
        _drawn_factors(checks, replicates, rng),
        _drawn_chances(sheet, replicates, rng),
        **voice,
    )
    table = _table(counts, brands, found, drawn if len(cube) > 1 else np.full_like(drawn, np.nan))
    table["errors_known"] = (len(sheet) > 0) | ((table["sentiment"] == ANY) & (len(checks) > 0))
    return suppress_within(table, "sentiment", "people", min_people=min_people).reset_index(
        drop=True
    )[RESULT]


def _evenness(groups: int) -> float:
    """Choose how evenly the groups' random weights fall, so that few groups widen the interval as
    Student's t does.

    Exponential weights (evenness 1) are Rubin's Bayesian bootstrap, whose variance is (n - 1) / (n
    + 1) of the unbiased one, and whose tails are the normal's.

    >>> [round(_evenness(n), 2) for n in (10, 50)]
    [0.58, 0.91]
    """
    normal, student = stats.norm.ppf(0.975), stats.t.ppf(0.975, max(groups - 1, 1))
    return max(float(((groups - 1) * (normal / student) ** 2 - 1) / groups), 0.05)


def _cube(counts: pd.DataFrame, brands: list[str], strata: list[str]) -> np.ndarray:
    """Lay the counts out: groups of people, brands, strata, the three sentiments and the
    abstained.
    """
    number, names = pd.factorize(counts["group"], sort=True)
    cube = np.zeros((len(names), len(brands), len(strata), len(FEELINGS) + 1))
    known = {"brand": brands, "stratum": strata, "inferred_sentiment": [*FEELINGS, ABSTAINED]}
    places = [pd.Index(values).get_indexer(counts[name]) for name, values in known.items()]
    if (places[-1] < 0).any():
        raise DataError(
            f"share_of_voice: inferred_sentiment has to be one of {', '.join(FEELINGS)}, or empty."
        )
    np.add.at(cube, (number, *places), counts["n"].to_numpy(dtype=float))
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


def _checks(accuracy: pd.DataFrame, brands: list[str]) -> pd.DataFrame:
    """Take the labelled counts of every brand, in order; none at all when one brand has none."""
    if not len(accuracy) or not set(brands) <= set(accuracy["brand"]):
        return pd.DataFrame()
    checks = accuracy.set_index("brand").loc[brands]
    for stratum in ("found", "rest"):
        if (checks[f"about_{stratum}"] > checks[f"labelled_{stratum}"]).any():
            raise DataError(
                f"accuracy: a brand has more posts in about_{stratum} than in labelled_{stratum}."
            )
    unknown = (checks["labelled_found"] == 0) | (
        (checks["labelled_rest"] == 0) & (checks["rest"] > 0)
    )
    return pd.DataFrame() if unknown.any() else checks


def _sheet(confusion: pd.DataFrame) -> np.ndarray:
    """Count true sentiments (rows) against those read (columns); nothing when one of the three was
    never labelled.
    """
    if not len(confusion):
        return np.empty(0)
    totals = confusion.groupby(["sentiment", "inferred_sentiment"])["n"].sum().unstack(fill_value=0)
    sheet = totals.reindex(index=FEELINGS, columns=FEELINGS, fill_value=0).to_numpy(dtype=float)
    return sheet if (sheet.sum(axis=1) > 0).all() else np.empty(0)


def _factors(checks: pd.DataFrame) -> np.ndarray:
    """Compute how many posts about each brand stand behind one found post: precision / recall."""
    if not len(checks):
        return np.ones((1, 1))
    precision = checks["about_found"] / checks["labelled_found"]
    missed = checks["about_rest"] / checks["labelled_rest"].clip(lower=1)
    return (precision + checks["rest"] / checks["found"] * missed).to_numpy()[None]


def _drawn_factors(checks: pd.DataFrame, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the factors from what the labelled samples leave open."""
    if not len(checks):
        return np.ones((1, 1))
    precision, missed = (
        rng.beta(
            checks[f"about_{stratum}"] + PRIOR,
            checks[f"labelled_{stratum}"] - checks[f"about_{stratum}"] + PRIOR,
            size=(replicates, len(checks)),
        )
        for stratum in ("found", "rest")
    )
    return precision + (checks["rest"] / checks["found"]).to_numpy() * missed


def _chances(sheet: np.ndarray) -> np.ndarray:
    """Compute the chance of each reading (columns) given the true sentiment (rows); perfect where
    nothing is known.
    """
    return (
        (sheet / sheet.sum(axis=1, keepdims=True))[None]
        if len(sheet)
        else np.eye(len(FEELINGS))[None]
    )


def _drawn_chances(sheet: np.ndarray, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the chances from what the labelled sheet leaves open: a Dirichlet a row."""
    if not len(sheet):
        return np.eye(len(FEELINGS))[None]
    gammas = rng.standard_gamma(sheet + PRIOR, size=(replicates, *sheet.shape))
    return gammas / gammas.sum(axis=-1, keepdims=True)


def _voices(
    cube: np.ndarray, factors: np.ndarray, chances: np.ndarray, *, weights: np.ndarray
) -> np.ndarray:
    """Compute the mentions of each brand, any and by sentiment, from replicates × brands × strata ×
    readings.
    """
    about = cube.sum(axis=-1) * factors[..., None]
    totals = about.sum(axis=1)
    scale = (
        np.divide(weights, totals, out=np.zeros_like(totals), where=totals > 0)
        if len(weights)
        else 1 + 0 * totals
    )
    loud = np.einsum("dbs,ds->db", about, scale)
    read = np.einsum("dbsr,ds->dbr", cube[..., : len(FEELINGS)], scale)
    felt = np.clip(read @ np.linalg.pinv(chances), 0, None)  # Rogan and Gladen, for three answers
    whole = felt.sum(axis=-1, keepdims=True)
    felt = np.divide(felt, whole, out=np.full_like(felt, np.nan), where=whole > 0)
    return np.concatenate([loud[..., None], loud[..., None] * felt], axis=-1)


def _table(
    counts: pd.DataFrame, brands: list[str], found: np.ndarray, drawn: np.ndarray
) -> pd.DataFrame:
    """Turn mentions, estimated and drawn, into shares of the talk and parts of a brand with their
    intervals.
    """
    table = pd.DataFrame(
        {"brand": np.repeat(brands, len(SENTIMENTS)), "sentiment": [*SENTIMENTS] * len(brands)}
    )
    whole = counts.groupby("brand")["people"].sum().rename(ANY)
    feeling = (
        counts.groupby(["brand", "inferred_sentiment"])["feeling_people"]
        .sum()
        .unstack(fill_value=0)
    )
    people = feeling.join(whole).reindex(index=brands, columns=SENTIMENTS, fill_value=0)
    table["people"] = people.to_numpy(dtype=int).ravel()
    with np.errstate(invalid="ignore"):
        for name, low, high, wholes in (
            (
                "share",
                "low",
                "high",
                [np.nansum(part, axis=1, keepdims=True) for part in (found, drawn)],
            ),
            ("part", "part_low", "part_high", [part[..., :1] for part in (found, drawn)]),
        ):
            table[name] = (found / wholes[0]).ravel()
            ends = np.quantile(drawn / wholes[1], [0.025, 0.975], axis=0).reshape(2, -1)
            table[low], table[high] = (
                np.minimum(ends[0], table[name]),
                np.maximum(ends[1], table[name]),
            )
    table["loudness"] = np.repeat(found[0, :, 0], len(SENTIMENTS))
    return table.sort_values(
        ["loudness", "brand"], ascending=[False, True], kind="stable", ignore_index=True
    )


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
