"""One ranked table and one verdict: are there groups, and if not, does a split pay all the same?"""

from typing import NamedTuple

import pandas as pd

from coterie.study import SettingsError

MOST_CORE = 15  # core groups; more than an organisation can keep apart
# Hennig's limit; between 0.6 and it there is a pattern, but who belongs where is doubtful
STABLE = 0.75
ALPHA = 0.05  # Monte Carlo p-value from which structureless data do as well
# Silhouette by which groups beat a null that recovers as well: groups far apart leave it lumps on a
# grid.
SEPARATE = 0.1
# Excess over the usual null silhouette from which groups are separate and no folds of a continuum.
DISTINCT = 0.05
PLAINER = 0.1  # by which a plain algorithm may stay behind: it is easier to tell and to repeat
PAYS = 0.2  # targeting gain: the better half, chosen by segment, must spend a fifth more
SENTENCES = {
    "natural": "The groups come back in resamples and stand apart more than chance allows.",
    "reproducible": "The groups come back more reliably than chance allows, "
    "but they hardly stand apart.",
    "constructive": "The groups were asked for, or pay; they were not found: "
    "a way to cut a continuum, nothing more.",
    "none": "No grouping comes back reliably and further apart than in structureless data: "
    "address everyone as one.",
}


class Verdict(NamedTuple):
    """What the comparison says."""

    word: str  # natural, reproducible, constructive or none
    method: str  # the algorithm that won, empty for none
    k: int  # number of groups, 1 for none


NONE = Verdict("none", "", 1)
FOUND = ("natural", "reproducible")  # words that say that groups were found


def select_model(
    scores: pd.DataFrame,
    pvalues: dict[str, float],
    *,
    asked_for: int = 0,
    min_people: int = 1,
    constructive: bool = True,
) -> Verdict:
    """Take the grouping that is more separate than structureless data and comes back best, or none.

    Nothing is taken as found when the best entry of any of nineteen null replicates has as large a
    silhouette as ours. Else eligible are entries with a silhouette larger than in every replicate,
    whose worst group recovers at 0.75 or better and better than in the replicates (or as well, when
    their silhouette is far larger), and whose groups all reach `min_people`. They are natural from
    a silhouette of 0.05 beyond the usual replicate, else reproducible.

    Where nothing is found, a split on the Pareto front may be taken whose targeting gain is large
    enough and larger than when value is permuted; it is called constructive, and so is a number
    that was `asked_for` and fails.

    Raises
    ------
    SettingsError
        When more core groups are asked for than can be kept apart.

    References
    ----------
    Dolnicar, Grün and Leisch (2018), Market Segmentation Analysis, for the words; Hennig (2007),
    "Cluster-wise assessment of cluster stability", CSDA 52, for the limits.

    >>> row = {"method": "k-means", "k": 3, "stability_low": 0.9, "null_stability_low": 0.5}
    >>> row |= {"silhouette": 0.4, "null_silhouette": 0.2, "usual_silhouette": 0.1}
    >>> row |= {"smallest_cluster": 80, "reachable": 1.0, "front": False}
    >>> row |= {"targeting_gain": 0.0, "null_targeting_gain": 0.0}
    >>> select_model(pd.DataFrame([row]), {"copula": 0.05})
    Verdict(word='natural', method='k-means', k=3)
    >>> select_model(pd.DataFrame([row]), {"copula": 0.4})
    Verdict(word='none', method='', k=1)
    """
    if not 0 <= asked_for <= MOST_CORE:
        raise SettingsError(
            f"05_segments.n_segments: {asked_for} is not from 0 to {MOST_CORE} core groups; "
            "finer groups are tactical."
        )
    found = (
        found_entries(scores, min_people=min_people)
        if max(pvalues.values()) <= ALPHA
        else scores[:0]
    )
    if asked_for == 1:
        return NONE
    if asked_for:
        found = found[found["k"] == asked_for]
        scores = scores[scores["k"] == asked_for]
        if found.empty:
            best = scores.sort_values("stability_low", ascending=False, kind="stable")["method"]
            return Verdict("constructive", next(iter(best), "k-means"), asked_for)
    if len(found):
        best = strongest(found)
        word = "natural" if excess_over_usual(best) >= DISTINCT else "reproducible"
        return Verdict(word, best["method"], int(best["k"]))
    pays = (scores["targeting_gain"] >= PAYS) & (
        scores["targeting_gain"] > scores["null_targeting_gain"]
    )
    paying = scores[scores["front"] & pays & (scores["reachable"] >= 1)]
    if constructive and len(paying):
        best = paying.loc[paying["targeting_gain"].idxmax()]
        return Verdict("constructive", best["method"], int(best["k"]))
    return NONE


def found_entries(scores: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the entries that beat structureless data of the same shape by themselves."""
    stability = stability_excess(scores)
    silhouette = silhouette_excess(scores)
    as_stable = (stability > -0.05) & (silhouette > SEPARATE)
    beats_null = (silhouette > 0) & ((stability > 0) | as_stable)
    large_enough = scores["smallest_cluster"] >= min_people
    return scores[beats_null & (scores["stability_low"] >= STABLE) & large_enough]


def rank(scores: pd.DataFrame, verdict: Verdict, *, min_people: int = 1) -> pd.DataFrame:
    """Order the entries: the chosen one, then by how much they beat structureless data.

    Returns
    -------
    DataFrame
        `scores` with `beats_null` and `chosen`, best first.
    """
    found = scores.index.isin(found_entries(scores, min_people=min_people).index)
    chosen = (scores["method"] == verdict.method) & (scores["k"] == verdict.k)
    excess = stability_excess(scores) + silhouette_excess(scores)
    table = scores.assign(beats_null=found, chosen=chosen, excess=excess)
    order = ["chosen", "beats_null", "excess"]
    return table.sort_values(order, ascending=False, kind="stable").drop(columns="excess")


def strongest(found: pd.DataFrame) -> pd.Series:
    """Choose the number of groups within each algorithm by silhouette, and then the algorithm.

    The number is read against the usual null replicate, as more groups always stand closer.
    Algorithms are compared as they are, by recovery of the worst group and silhouette together:
    measured against its null an erratic one would gain, since it is still more erratic there. Of
    those about as good the plainest is taken; entries come in that order.
    """
    best = found.loc[excess_over_usual(found).groupby(found["method"], sort=False).idxmax()]
    quality = best["stability_low"] + best["silhouette"]
    return best[quality >= quality.max() - PLAINER].iloc[0]


def silhouette_excess(scores: pd.DataFrame) -> pd.Series:
    """Say by how much the silhouette exceeds that of every null replicate."""
    return scores["silhouette"] - scores["null_silhouette"]


def excess_over_usual(scores: pd.DataFrame | pd.Series) -> pd.Series | float:
    """Say by how much the silhouette exceeds that of the usual null replicate."""
    return scores["silhouette"] - scores["usual_silhouette"]


def stability_excess(scores: pd.DataFrame) -> pd.Series:
    """Say by how much the worst group comes back more often than in structureless data."""
    return scores["stability_low"] - scores["null_stability_low"]


def null_stability(ranked: pd.DataFrame) -> float | None:
    """Give the recovery of the chosen entry on structureless data; None when nothing was chosen."""
    return float(ranked["null_stability_low"].iloc[0]) if ranked["chosen"].any() else None
