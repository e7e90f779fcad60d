"""A few rules in plain words that imitate the assignment model, and how often they are right."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

from coterie.segments.profiles.phrases import trait_phrase
from coterie.statistics import Interval, share_interval, share_intervals
from coterie.study import DataError
from coterie.wording import unit_words

WORSE = 0.001  # share of people a rule may lose when its cut is written short


class Surrogate(NamedTuple):
    """A few rules that imitate the assignment model, and how often they are right."""

    # a row an end of the tree: segment, rule, n_people, share_right with low and high
    rules: pd.DataFrame
    # share of people whose segment the rules give back, among people they were not made from
    fidelity: Interval
    # the same people: segment, recall and precision, each with _low and _high
    by_segment: pd.DataFrame
    # cuts as in the rules; ask it by tree.predict(traits[tree.feature_names_in_])
    tree: DecisionTreeClassifier

    @property
    def of_several(self) -> Interval | None:
        """The fidelity, or None where there is one segment and nothing to give back."""
        return self.fidelity if len(self.by_segment) > 1 else None


def surrogate(
    traits: pd.DataFrame, segment: pd.Series, *, depth: int = 3, seed: int = 0, min_people: int = 50
) -> Surrogate:
    """Say in a few rules who is in which segment, and how often the rules are right.

    Three questions have eight answers, so of more than eight segments some get no rule: fidelity
    and recall fall short, and the shortfall is what to report. The rules describe the assignment
    (evidence D) and assign nobody.

    Parameters
    ----------
    traits
        (n, p) in natural units, gaps as NaN, one row a person.
    segment
        (n,) segment id, in the same order.
    min_people
        Fewest people a rule speaks of.

    Returns
    -------
    `share_right` flatters, being of the people the rules were made from; `fidelity` and
    `by_segment` come from five folds. The Wilson intervals overlook that folds share people. A
    segment never given has no precision.

    Raises
    ------
    DataError
        With fewer than `min_people` people, or than five.

    References
    ----------
    Craven and Shavlik (1996), "Extracting tree-structured representations of trained networks",
    NIPS 8.

    >>> traits = pd.DataFrame({"evening_share": [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9] * 5})
    >>> told = surrogate(traits, pd.Series((["S1"] * 4 + ["S2"] * 4) * 5), min_people=10)
    >>> told.rules["rule"].tolist(), told.fidelity.value
    (['evening share at most 0.5', 'evening share over 0.5'], 1.0)
    """
    if len(traits) < max(min_people, 5):
        raise DataError(
            f"traits: {len(traits)} people are too few for rules; it takes {max(min_people, 5)}."
        )
    traits = traits.astype(float).replace([np.inf, -np.inf], np.nan)
    answers = segment.astype(str).to_numpy(dtype=object)
    given = np.empty(len(traits), dtype=object)
    options = {
        "max_depth": depth,
        "min_samples_leaf": min(min_people / len(traits), 0.999),
        "random_state": seed,
    }
    for learn, ask in KFold(5, shuffle=True, random_state=seed).split(traits):
        given[ask] = _tree(traits.iloc[learn], answers[learn], options).predict(traits.iloc[ask])
    tree = _tree(traits, answers, options)
    fidelity = share_interval(int((given == answers).sum()), len(answers))
    return Surrogate(_rules(tree, traits, answers), fidelity, _by_segment(given, answers), tree)


def _tree(traits: pd.DataFrame, answers: np.ndarray, options: dict) -> DecisionTreeClassifier:
    """Fit a tree and write its cuts as short as the people allow: what is said is counted."""
    tree = DecisionTreeClassifier(**options).fit(traits, answers)
    for node in np.flatnonzero(tree.tree_.children_left >= 0):
        _shorten(tree, node, traits, answers)
    return tree


def _shorten(
    tree: DecisionTreeClassifier, node: int, traits: pd.DataFrame, answers: np.ndarray
) -> None:
    """Round one cut to the fewest digits that keep the rules as right and the leaves as large."""
    # cuts are the tree's own, not a copy
    cuts = tree.tree_.threshold
    ends = tree.tree_.children_left < 0
    exact = cuts[node]
    right = (tree.predict(traits) == answers).mean()
    whole = (traits.iloc[:, tree.tree_.feature[node]].dropna() % 1 == 0).all()
    for digits in (
        range(2, 8) if np.isfinite(exact) else ()
    ):  # it compares in single precision, which has 7
        cuts[node] = np.float32(f"{np.floor(exact) if whole else exact:.{digits}g}")
        smallest = np.bincount(tree.apply(traits), minlength=len(ends))[ends].min()
        kept = (tree.predict(traits) == answers).mean() >= right - WORSE
        if kept and smallest >= tree.min_samples_leaf * len(traits) - 1e-6:
            return
    cuts[node] = exact


def _rules(tree: DecisionTreeClassifier, traits: pd.DataFrame, answers: np.ndarray) -> pd.DataFrame:
    rows = []
    end = tree.apply(traits)
    for leaf, path in _paths(tree, 0, ()):
        here = end == leaf
        segment = tree.classes_[tree.tree_.value[leaf].argmax()]
        rows.append(
            (segment, _rule(path, traits[here]), here.sum(), (answers[here] == segment).sum())
        )
    table = pd.DataFrame(rows, columns=["segment", "rule", "n_people", "right"])
    shares = share_intervals(table.pop("right"), table["n_people"]).rename(
        columns={"value": "share_right"}
    )
    return table.join(shares).sort_values("segment", kind="stable", ignore_index=True)


def _paths(tree: DecisionTreeClassifier, node: int, path: tuple) -> list[tuple[int, tuple]]:
    """List the leaves of a tree with the way there: trait, cut, and whether it lies over it."""
    nodes = tree.tree_
    if nodes.children_left[node] < 0:
        return [(node, path)]
    step = tree.feature_names_in_[nodes.feature[node]], nodes.threshold[node]
    below = _paths(tree, nodes.children_left[node], (*path, (*step, False)))
    return below + _paths(tree, nodes.children_right[node], (*path, (*step, True)))


def _rule(path: tuple, people: pd.DataFrame) -> str:
    """Write the questions on the way to one leaf.

    Unknown is said where people without the value came this way.
    """
    said = []
    for trait in dict.fromkeys(step[0] for step in path):
        low = max((cut for name, cut, over in path if name == trait and over), default=-np.inf)
        high = min((cut for name, cut, over in path if name == trait and not over), default=np.inf)
        said.append(_condition(trait, low, high, unknown=bool(people[trait].isna().any())))
    return " and ".join(said) or "everybody"


def _condition(trait: str, low: float, high: float, *, unknown: bool) -> str:
    """Write between which ends a trait lies; a tree asks for `known` by a cut no number reaches."""
    if trait.endswith("_known"):
        return trait_phrase(trait.removesuffix("_known")) + (" known" if low >= 0 else " unknown")
    if low == np.inf or not np.isfinite([low, high]).any():
        return trait_phrase(trait) + (" unknown" if unknown else " known")
    ends = [
        f"{word} {_cut(cut)}" for word, cut in (("over", low), ("up to", high)) if np.isfinite(cut)
    ]
    gap = " (or unknown)" if unknown else ""
    words = " ".join(ends) if len(ends) == 2 else ends[0].replace("up to", "at most")
    return f"{trait_phrase(trait)} {words}{unit_words(trait)}{gap}"


def _cut(cut: float) -> str:
    return np.format_float_positional(np.float32(cut), trim="-")


def _by_segment(given: np.ndarray, answers: np.ndarray) -> pd.DataFrame:
    """Measure recall and precision: how many of a segment are given back, and are its own."""
    names = pd.Index(sorted(set(answers)), name="segment")
    right, true, said = (
        pd.Series(of).value_counts().reindex(names, fill_value=0)
        for of in (given[given == answers], answers, given)
    )
    tables = [
        share_intervals(right, trials).rename(
            columns={"value": name, "low": f"{name}_low", "high": f"{name}_high"}
        )
        for name, trials in (("recall", true), ("precision", said))
    ]
    return tables[0].join(tables[1]).reset_index()
