"""One ranked table and one verdict: are there groups, and if not, does a split pay all the same?"""

from typing import NamedTuple

import pandas as pd

from coterie.study import SettingsError

MOST_CORE = 15  # core groups; more than an organisation can keep apart
# Hennig's limit; between 0.6 and it there is a pattern, but who belongs where is doubtful
STABLE = 0.75
ALPHA = 0.05  # Monte Carlo p-value from which structureless data do as well
AGREE = 0.5  # Jaccard overlap of what either half shows, from which it is the same group ...
AGREE_FINER = 0.6  # ... where groups within natural ones are asked for
MARGIN = 0.02  # by which a recovery must lead that of structureless data ...
PERFECT = 0.97  # ... unless it is as good as this
NESTED_MARGIN = 0.1  # by which that of groups within natural ones must
MORE = 2  # groups that a mixture may count beyond these; many more are pieces of a bent continuum
# density on the way between two groups, as a share of their members', up to which they are natural;
# from the second one they are pieces of one; chosen on spirals, circles and true groups, seeds 0-59
OPEN = 0.25
BRIDGED = 0.4
# p-value of valleys from which groups exist although structureless data are as separate, since
# silhouettes see little of groups that differ in one of many columns
EVIDENT = 0.0001
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

    Nothing is taken as found when structureless replicates are as separate, unless the valleys are
    beyond doubt and hardly anybody stands on the way. Else eligible are entries that both halves of
    the people show, with a valley between every two groups on people they were not learned from,
    whose worst group recovers at 0.75 or better and better than in the replicates, that are not a
    matter of missing values, and whose groups all reach `min_people`. These are natural;
    reproducible where some people stand on the way between two groups, as where two bands cross;
    and nothing where many do, as along a circle.

    Where some valleys are missing, and at least two groups are left when groups without one are
    merged, a finer grouping is reproducible: if a mixture counts as many by BIC or hardly more, and
    it comes back far better than among people who have the natural groups and nothing inside these.

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
    >>> row |= {"n_apart": 3, "by_bic": 3, "halves_agree": 0.9}
    >>> row |= {"valley_pvalue": 0.002, "bridge_density": 0.1}
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
    found = found_entries(scores, min_people=min_people)
    if pvalue > ALPHA:
        found = found[evident(found)]
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
        word = "natural" if apart(found).iloc[0] else "reproducible"
        return Verdict(word, best["method"], int(best["k"]))
    pays = (scores["targeting_gain"] >= PAYS) & (
        scores["targeting_gain"] > scores["null_targeting_gain"]
    )
    paying = scores[scores["front"] & pays & (scores["reachable"] >= 1)]
    if constructive and len(paying):
        best = paying.loc[paying["targeting_gain"].idxmax()]
        return Verdict("constructive", best["method"], int(best["k"]))
    return NONE


def apart(scores: pd.DataFrame) -> pd.Series:
    """Tell which entries have a valley between every two groups, and hardly anybody on the way."""
    return (scores["n_apart"] == scores["k"]) & (scores["bridge_density"] <= OPEN)


def evident(scores: pd.DataFrame) -> pd.Series:
    """Tell which entries have such valleys as no search among many groupings turns up."""
    return apart(scores) & (scores["valley_pvalue"] <= EVIDENT)


def confirmed_entries(scores: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the entries that other people confirm, in the order in which they would be taken.

    Groups within natural ones come first, those on which the halves agree best; then natural
    groupings, those with more groups first. Of algorithms on which the halves agree about as well
    the plainest, and entries come in that order.
    """
    kept = scores[
        (scores["n_apart"] > 1)
        & (scores["halves_agree"] >= AGREE)
        & ~(scores["missing_share"] >= FROM_MISSING)
        & (scores["smallest_cluster"] >= min_people)
    ]
    valleys = kept["n_apart"] == kept["k"]
    natural = valleys & (kept["bridge_density"] <= BRIDGED)
    most = kept.loc[valleys, "k"].max() if valleys.any() else 1
    finer = (kept["k"] > most) & (kept["by_bic"] - kept["k"]).between(0, MORE)
    finer &= kept["halves_agree"] >= AGREE_FINER
    kept = kept.assign(natural=natural)[natural | finer]
    best = kept.groupby(["natural", "k"])["halves_agree"].transform("max")
    order = kept.assign(behind=kept["halves_agree"] < best - PLAINER, agreed=best.round(1))
    order["agreed"] = order["agreed"].where(~order["natural"], 0.0)
    up = {"natural": True, "agreed": False, "k": False, "behind": True}
    order = order.sort_values(list(up), ascending=list(up.values()), kind="stable")
    return order[scores.columns]


def found_entries(scores: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the confirmed entries that come back in resamples, more than in structureless data."""
    kept = confirmed_entries(scores, min_people=min_people)
    natural = kept["n_apart"] == kept["k"]
    back = comes_back(kept["stability_low"], kept["null_stability_low"], natural=natural)
    return kept[back]


def comes_back(recovery: pd.Series, null_recovery: pd.Series, *, natural: pd.Series) -> pd.Series:
    """Say whether the worst group recovers well enough, and better than in structureless data.

    >>> recovery = pd.Series([0.9, 0.9, 0.98])
    >>> null = pd.Series([0.5, 0.89, 0.97])
    >>> comes_back(recovery, null, natural=pd.Series([False, True, True])).tolist()
    [True, False, True]
    """
    excess = recovery - null_recovery
    exceeds = (excess > NESTED_MARGIN) | (natural & ((excess > MARGIN) | (recovery >= PERFECT)))
    return (recovery >= STABLE) & exceeds


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
    order = ["chosen", "beats_null", "n_apart", "halves_agree"]
    return table.sort_values(order, ascending=False, kind="stable")


def null_stability(ranked: pd.DataFrame) -> float | None:
    """Give the recovery of the chosen entry on structureless data; None when it is unknown."""
    known = ranked["chosen"].any() and ranked["null_stability_low"].notna().iloc[0]
    return float(ranked["null_stability_low"].iloc[0]) if known else None
