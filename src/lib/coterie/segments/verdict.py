"""One ranked table and one verdict: are there groups, and if not, does cutting people up pay all the same?"""

from typing import NamedTuple

import pandas as pd

from coterie.segments.hierarchy import MOST_CORE
from coterie.study import SettingsError

STABLE = 0.75  # Hennig's limit; between 0.6 and it there is a pattern, but who belongs where is doubtful
ALPHA = 0.05  # chance at which structureless data may pass
APART = 0.1  # silhouette by which groups beat a null that recovers as well: groups far apart leave it lumps on a grid
DISTINCT = 0.05  # silhouette beyond the usual draw from which groups stand apart and are no folds of a continuum
PLAINER = 0.1  # by which a plain algorithm may stay behind: k-means is easier to tell and to repeat than a mixture
PAYS = 0.2  # the better half of people, chosen by segment, must be worth a fifth more than everybody
SENTENCES = {
    "natural": "The groups come back in resamples and stand apart more than chance allows.",
    "reproducible": "The groups come back more reliably than chance allows, but they hardly stand apart.",
    "constructive": "The groups were asked for, or pay; they were not found: a way to cut a continuum, nothing more.",
    "none": "No grouping comes back reliably and further apart than in structureless data: address everyone as one.",
}


class Verdict(NamedTuple):
    """What the tournament says."""

    word: str  # natural, reproducible, constructive or none
    method: str  # the algorithm that won, empty for none
    k: int  # number of groups, 1 for none


NONE = Verdict("none", "", 1)
FOUND = ("natural", "reproducible")  # words that say that groups were found


def judge(
    scores: pd.DataFrame, pvalues: dict[str, float], *, asked_for: int = 0, floor: int = 1, constructive: bool = True
) -> Verdict:
    """Take the grouping that stands apart beyond structureless data and comes back best, or none.

    Nothing is taken as found when the best entry of structureless data stands as far apart as ours in
    any of nineteen draws. Else eligible are entries whose groups stand further apart than in
    every draw, whose worst group recovers at 0.75 or better and better than in the draws (or as well,
    when they stand far further apart), and whose groups all reach `floor`. They are natural from a
    silhouette of 0.05 beyond the usual draw, else reproducible.

    Where nothing is found, a split on the Pareto front that pays, and more than it would by luck, may be
    taken, and is called constructive; so is a number that was `asked_for` and fails.

    Raises
    ------
    SettingsError
        When more core groups are asked for than can be kept apart.

    References
    ----------
    Dolnicar, Grün and Leisch (2018), Market Segmentation Analysis, for the words; Hennig (2007), "Cluster-wise
    assessment of cluster stability", CSDA 52, for the limits.

    >>> row = {"method": "k-means", "k": 3, "stability_low": 0.9, "null_stability_low": 0.5, "silhouette": 0.4,
    ...        "null_silhouette": 0.2, "usual_silhouette": 0.1, "smallest": 80, "front": False, "gain": 0.0,
    ...        "null_gain": 0.0, "reachable": 1.0}
    >>> judge(pd.DataFrame([row]), {"copula": 0.05})
    Verdict(word='natural', method='k-means', k=3)
    >>> judge(pd.DataFrame([row]), {"copula": 0.4})
    Verdict(word='none', method='', k=1)
    """
    if not 0 <= asked_for <= MOST_CORE:
        raise SettingsError(
            f"05_segments.n_segments: {asked_for} is not from 0 to {MOST_CORE} core groups; finer groups are tactical."
        )
    found = found_entries(scores, floor=floor) if max(pvalues.values()) <= ALPHA else scores[:0]
    if asked_for == 1:
        return NONE
    if asked_for:
        found, scores = found[found["k"] == asked_for], scores[scores["k"] == asked_for]
        if found.empty:
            best = scores.sort_values("stability_low", ascending=False, kind="stable")["method"].iloc[:1].tolist()
            return Verdict("constructive", best[0] if best else "k-means", asked_for)
    if len(found):
        best = strongest(found)
        return Verdict("natural" if beyond_usual(best) >= DISTINCT else "reproducible", best["method"], int(best["k"]))
    pays = (scores["gain"] >= PAYS) & (scores["gain"] > scores["null_gain"])
    paying = scores[scores["front"] & pays & (scores["reachable"] >= 1)]
    if constructive and len(paying):
        best = paying.loc[paying["gain"].idxmax()]
        return Verdict("constructive", best["method"], int(best["k"]))
    return NONE


def found_entries(scores: pd.DataFrame, *, floor: int) -> pd.DataFrame:
    """Keep the entries that beat structureless data of the same shape by themselves."""
    back, away = lead(scores), apart(scores)
    beats_null = (away > 0) & ((back > 0) | ((back > -0.05) & (away > APART)))
    return scores[beats_null & (scores["stability_low"] >= STABLE) & (scores["smallest"] >= floor)]


def rank(scores: pd.DataFrame, verdict: Verdict, *, floor: int = 1) -> pd.DataFrame:
    """Order the entries: the one that was taken, then those that beat structureless data, by how much.

    Returns
    -------
    DataFrame
        `scores` with `beats_null` and `chosen`, best first.
    """
    found = scores.index.isin(found_entries(scores, floor=floor).index)
    chosen = (scores["method"] == verdict.method) & (scores["k"] == verdict.k)
    table = scores.assign(beats_null=found, chosen=chosen, lead=lead(scores) + apart(scores))
    return table.sort_values(["chosen", "beats_null", "lead"], ascending=False, kind="stable").drop(columns="lead")


def strongest(found: pd.DataFrame) -> pd.Series:
    """Choose the number of groups within each algorithm by how far apart they stand, and then the algorithm.

    The number is read against the usual structureless draw, as more groups always stand closer. Algorithms are
    compared as they are, by recovery of the worst group and silhouette together: measured against
    its null an erratic one would gain, since it is still more erratic there. Of those about as
    good the plainest is taken; entries come in that order.
    """
    best = found.loc[beyond_usual(found).groupby(found["method"], sort=False).idxmax()]
    quality = best["stability_low"] + best["silhouette"]
    return best[quality >= quality.max() - PLAINER].iloc[0]


def apart(scores: pd.DataFrame) -> pd.Series:
    """Say by how much groups stand further apart than in any structureless draw."""
    return scores["silhouette"] - scores["null_silhouette"]


def beyond_usual(scores: pd.DataFrame | pd.Series) -> pd.Series | float:
    """Say by how much groups stand further apart than in the usual structureless draw."""
    return scores["silhouette"] - scores["usual_silhouette"]


def lead(scores: pd.DataFrame) -> pd.Series:
    """Say by how much the worst group comes back more often than in structureless data."""
    return scores["stability_low"] - scores["null_stability_low"]
