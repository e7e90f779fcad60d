"""One ranked table and one verdict: are there groups, and if not, does cutting people up pay all the same?"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.segments.hierarchy import MOST_CORE
from coterie.study import SettingsError

STABLE = 0.75  # Hennig's limit; between 0.6 and it there is a pattern, but who belongs where is doubtful
ALPHA = 0.05  # chance at which structureless data may pass
APART = 0.1  # silhouette by which groups beat a null that recovers as well: groups far apart leave it lumps on a grid
DISTINCT = 0.05  # silhouette beyond the null from which groups stand apart and are no mere folds of a continuum
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


def judge(
    scores: pd.DataFrame, pvalues: dict[str, float], *, asked_for: int = 0, floor: int = 1, constructive: bool = True
) -> Verdict:
    """Take the grouping that stands apart and comes back by most beyond structureless data, or none.

    Nothing is taken as found when the best entry of structureless data stands as far apart as ours in
    more than one draw of twenty. Else eligible are entries whose groups stand further apart than in
    every draw, whose worst group recovers at 0.75 or better and better than in the draws (or as well,
    when they stand far further apart), and whose groups all reach `floor`. They are natural from a
    silhouette of 0.05 beyond the draws, else reproducible.

    Where nothing is found, a split on the Pareto front that pays may be taken, and is called
    constructive; so is a number that was `asked_for` and fails.

    Raises
    ------
    SettingsError
        When more core groups are asked for than can be kept apart.

    References
    ----------
    Dolnicar, Grün and Leisch (2018), Market Segmentation Analysis, for the words; Hennig (2007), "Cluster-wise
    assessment of cluster stability", CSDA 52, for the limits.

    >>> row = {"method": "k-means", "k": 3, "stability_low": 0.9, "null_stability_low": 0.5, "silhouette": 0.4,
    ...        "null_silhouette": 0.2, "smallest": 80, "front": False, "gain": 0.0, "reachable": 1.0}
    >>> judge(pd.DataFrame([row]), {"copula": 0.05})
    Verdict(word='natural', method='k-means', k=3)
    >>> judge(pd.DataFrame([row]), {"copula": 0.4})
    Verdict(word='none', method='', k=1)
    """
    if asked_for > MOST_CORE:
        raise SettingsError(
            f"05_segments.n_segments: {asked_for} is more than {MOST_CORE} core groups; finer groups are tactical."
        )
    found = found_entries(scores, floor=floor) if max(pvalues.values()) <= ALPHA else scores[:0]
    if asked_for == 1:
        return Verdict("none", "", 1)
    if asked_for:
        found, scores = found[found["k"] == asked_for], scores[scores["k"] == asked_for]
        if found.empty:
            best = scores.sort_values("stability_low", ascending=False, kind="stable")["method"].iloc[:1].tolist()
            return Verdict("constructive", best[0] if best else "k-means", asked_for)
    if len(found):
        best = strongest(found)
        distinct = best["silhouette"] - best["null_silhouette"] >= DISTINCT
        return Verdict("natural" if distinct else "reproducible", best["method"], int(best["k"]))
    paying = scores[scores["front"] & (scores["gain"] >= PAYS) & (scores["reachable"] >= 1)]
    if constructive and len(paying):
        best = paying.loc[paying["gain"].idxmax()]
        return Verdict("constructive", best["method"], int(best["k"]))
    return Verdict("none", "", 1)


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

    The number is read against structureless data, as more groups always stand closer. Algorithms are
    compared as they are, by recovery of the worst group and silhouette together: measured against
    its null an erratic one would gain, since it is still more erratic there. Of those about as
    good the plainest is taken; entries come in that order.
    """
    best = found.loc[apart(found).groupby(found["method"], sort=False).idxmax()]
    quality = best["stability_low"] + best["silhouette"]
    return best[quality >= quality.max() - PLAINER].iloc[0]


def apart(scores: pd.DataFrame) -> pd.Series:
    """Say by how much groups stand further apart than in any structureless draw."""
    return scores["silhouette"] - scores["null_silhouette"]


def lead(scores: pd.DataFrame) -> pd.Series:
    """Say by how much the worst group comes back more often than in structureless data."""
    return scores["stability_low"] - scores["null_stability_low"]


def pareto_front(scores: pd.DataFrame, *, by: tuple[str, ...] = ("homogeneity", "reachable", "gain")) -> pd.Series:
    """Mark the entries that no other beats in every respect: alike inside, large enough to reach, worth telling apart.

    >>> scores = pd.DataFrame({"homogeneity": [0.2, 0.4, 0.3], "reachable": [1.0, 0.8, 0.7], "gain": [0.1, 0.1, 0.1]})
    >>> pareto_front(scores).tolist()
    [True, True, False]
    """
    values = scores[list(by)].fillna(0).to_numpy(float)
    as_good = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    better = as_good & (values[:, None, :] > values[None, :, :]).any(axis=2)
    return pd.Series(~better.any(axis=0), index=scores.index)


def gain(labels: np.ndarray, worth: np.ndarray) -> float:
    """Say how much more the better half of people is worth than everybody, when whole groups are chosen.

    Groups are ranked by every second person and judged by the others, so that luck does not pay. Of the
    last group only as much counts as fits.

    >>> gain(np.array([0, 0, 1, 1]), np.array([10.0, 10.0, 30.0, 30.0]))
    0.5
    """
    groups = np.unique(labels)
    ranked, judged = (
        pd.DataFrame({"group": labels, "worth": worth})[::2],
        pd.DataFrame({"group": labels, "worth": worth})[1::2],
    )
    order = (
        ranked.groupby("group")["worth"]
        .mean()
        .reindex(groups)
        .fillna(0)
        .sort_values(ascending=False, kind="stable")
        .index
    )
    sizes = judged["group"].value_counts().reindex(order).fillna(0)
    taken = (len(judged) / 2 - sizes.cumsum() + sizes).clip(0, sizes)
    best = (taken * judged.groupby("group")["worth"].mean().reindex(order).fillna(0)).sum() / max(taken.sum(), 1)
    return float(best / judged["worth"].mean() - 1) if judged["worth"].mean() > 0 else 0.0
