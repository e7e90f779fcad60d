"""One ranked table and one verdict: are there groups, and if not, does a split pay all the same?"""

from typing import NamedTuple

import pandas as pd

from coterie.study import SettingsError

MOST_CORE = 15  # core groups; more than an organisation can keep apart
# Hennig's limit; between 0.6 and it there is a pattern, but who belongs where is doubtful
STABLE = 0.75
ALPHA = 0.05  # Monte Carlo p-value from which structureless data do as well
VALLEY = 0.005  # p-value of a valley between two groups; many groupings are asked
AGREE = 0.5  # Jaccard overlap of what either half shows, from which it is the same group
MARGIN = 0.02  # by which a recovery must lead that of structureless data ...
PERFECT = 0.97  # ... unless it is as good as this
FROM_MISSING = 0.5  # share of the guesswork saved from which a grouping is one of gaps
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
    pvalue: float,
    *,
    asked_for: int = 0,
    min_people: int = 1,
    constructive: bool = True,
) -> Verdict:
    """Take the finest grouping with a valley between every two groups that comes back, or none.

    Nothing is taken as found when structureless replicates are as separate. Else eligible are
    entries that both halves of the people show, whose every two groups have a valley between them
    on people they were not learned from, whose worst group recovers at 0.75 or better and better
    than in the replicates, that are not a matter of missing values, and whose groups all reach
    `min_people`. They are natural where every valley is deep, else reproducible.

    Where nothing is found, a split on the Pareto front may be taken whose targeting gain is large
    enough and larger than when value is permuted; it is called constructive, and so is a number
    that was `asked_for` and fails.

    Parameters
    ----------
    scores
        As in a `Comparison`.
    pvalue
        Of structureless data as separate.

    Raises
    ------
    SettingsError
        When more core groups are asked for than can be kept apart.

    References
    ----------
    Dolnicar, Grün and Leisch (2018), Market Segmentation Analysis, for the words; Hennig (2007),
    "Cluster-wise assessment of cluster stability", CSDA 52, for the limits.

    >>> row = {"method": "k-means", "k": 3, "stability_low": 0.9, "null_stability_low": 0.5}
    >>> row |= {"valley_pvalue": 0.001, "shallow_pvalue": 0.0, "halves_agree": 0.9}
    >>> row |= {"silhouette": 0.4, "missing_share": 0.0, "smallest_cluster": 80}
    >>> row |= {"reachable": 1.0, "front": False, "targeting_gain": 0.0, "null_targeting_gain": 0.0}
    >>> select_model(pd.DataFrame([row]), 0.01)
    Verdict(word='natural', method='k-means', k=3)
    >>> select_model(pd.DataFrame([row]), 0.4)
    Verdict(word='none', method='', k=1)
    """
    if not 0 <= asked_for <= MOST_CORE:
        raise SettingsError(
            f"05_segments.n_segments: {asked_for} is not from 0 to {MOST_CORE} core groups; "
            "finer groups are tactical."
        )
    found = found_entries(scores, min_people=min_people) if pvalue <= ALPHA else scores[:0]
    if asked_for == 1:
        return NONE
    if asked_for:
        found = found[found["k"] == asked_for]
        scores = scores[scores["k"] == asked_for]
        if found.empty:
            best = scores.sort_values("halves_agree", ascending=False, kind="stable")["method"]
            return Verdict("constructive", next(iter(best), "k-means"), asked_for)
    if len(found):
        best = found.iloc[0]
        word = "natural" if best["valley_pvalue"] <= VALLEY else "reproducible"
        return Verdict(word, best["method"], int(best["k"]))
    pays = (scores["targeting_gain"] >= PAYS) & (
        scores["targeting_gain"] > scores["null_targeting_gain"]
    )
    paying = scores[scores["front"] & pays & (scores["reachable"] >= 1)]
    if constructive and len(paying):
        best = paying.loc[paying["targeting_gain"].idxmax()]
        return Verdict("constructive", best["method"], int(best["k"]))
    return NONE


def confirmed_entries(scores: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the entries that other people confirm, in the order in which they would be taken.

    Deep valleys come first, then more groups; of algorithms on which the halves agree about as
    well the plainest, and entries come in that order.
    """
    kept = scores[
        (scores["shallow_pvalue"] <= VALLEY)
        & (scores["halves_agree"] >= AGREE)
        & (scores["missing_share"] < FROM_MISSING)
        & (scores["smallest_cluster"] >= min_people)
    ]
    deep = kept["valley_pvalue"] <= VALLEY
    best = kept.groupby([deep, kept["k"]])["halves_agree"].transform("max")
    behind = kept["halves_agree"] < best - PLAINER
    order = kept.assign(shallow=~deep, behind=behind)
    order = order.sort_values(
        ["shallow", "k", "behind"], ascending=[True, False, True], kind="stable"
    )
    return kept.loc[order.index]


def hopeful_entries(scores: pd.DataFrame, *, min_people: int) -> list[tuple[str, int]]:
    """List the algorithm and number of groups of confirmed entries, the best first."""
    kept = confirmed_entries(scores, min_people=min_people)
    return list(zip(kept["method"], kept["k"].astype(int), strict=True))


def found_entries(scores: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the confirmed entries that come back in resamples, more than in structureless data."""
    kept = confirmed_entries(scores, min_people=min_people)
    return kept[comes_back(kept["stability_low"], kept["null_stability_low"])]


def comes_back(recovery: pd.Series | float, null_recovery: pd.Series | float) -> pd.Series | bool:
    """Say whether the worst group recovers well enough, and better than in structureless data.

    >>> comes_back(0.9, 0.5), comes_back(0.9, 0.89), comes_back(0.98, 0.97)
    (True, False, True)
    """
    leads = (recovery - null_recovery > MARGIN) | (recovery >= PERFECT)
    return (recovery >= STABLE) & leads


def rank(scores: pd.DataFrame, verdict: Verdict, *, min_people: int = 1) -> pd.DataFrame:
    """Order the entries: the chosen one, then by how much they beat structureless data.

    Returns
    -------
    DataFrame
        `scores` with `beats_null` and `chosen`, best first.
    """
    found = scores.index.isin(found_entries(scores, min_people=min_people).index)
    chosen = (scores["method"] == verdict.method) & (scores["k"] == verdict.k)
    table = scores.assign(beats_null=found, chosen=chosen)
    table = table.sort_values("shallow_pvalue", kind="stable")
    order = ["chosen", "beats_null", "halves_agree"]
    return table.sort_values(order, ascending=False, kind="stable")


def null_stability(ranked: pd.DataFrame) -> float | None:
    """Give the recovery of the chosen entry on structureless data; None when it is unknown."""
    known = ranked["chosen"].any() and ranked["null_stability_low"].notna().iloc[0]
    return float(ranked["null_stability_low"].iloc[0]) if known else None
