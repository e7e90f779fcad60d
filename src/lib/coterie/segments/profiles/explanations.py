"""Why is a person in a segment, and why not in another? In words about traits, tried on the placing
rule itself.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from coterie.segments.profiles.phrases import trait_phrase
from coterie.study import DataError, SettingsError
from coterie.wording import amount, trait_words

# (m, p) traits in natural units -> (m, k); the highest is the segment
Score = Callable[[pd.DataFrame], np.ndarray]
NOISE = 1e-9  # effects this much smaller than the largest are rounding errors
PAIR = ["one", "other", "feature", "separation", "without", "loss", "low", "high", "margin_share"]


class Why(NamedTuple):
    """A reason in words, and the numbers it rests on."""

    text: str  # about one person, whom it does not name; for a notebook, never for a report
    # trait, value, typical, effect (on the score's lead), largest effect first
    features: pd.DataFrame
    # where the score puts the person: in `why_in` as is, in `why_not` with all `features` as
    # typical
    placed: str


def typical_traits(
    traits: pd.DataFrame, segment: pd.Series, *, segments: Sequence[str]
) -> pd.DataFrame:
    """Take the median of every trait in every segment; empty where most people's value is unknown.

    Returns one row a segment in the order of `segments`, which is the order of the score's columns.

    >>> traits = pd.DataFrame({"frequency": [1.0, 3.0, 8.0], "reply_share": [0.5, None, None]})
    >>> typical_traits(traits, pd.Series(["S1", "S1", "S2"]), segments=["S2", "S1"]).values.tolist()
    [[8.0, nan], [2.0, 0.5]]
    """
    groups = traits.astype(float).groupby(segment.to_numpy())
    return (
        groups.median().where(groups.count().ge(groups.size() / 2, axis=0)).reindex(list(segments))
    )


def why_in(
    person: pd.Series, segment: str, typical: pd.DataFrame, score: Score, *, n_traits: int = 3
) -> Why:
    """Say which traits of a person speak most for this segment against the nearest other one.

    Each trait in turn takes the value typical of the other segment; `effect` is how much of the
    lead in score goes with it. Traits that move together are changed one at a time, so two that say
    the same may each seem idle.

    Parameters
    ----------
    person
        Traits in natural units, those of `typical` at least.
    typical
        (k, p) from `typical_traits`, rows in the order of the score's columns.
    score
        The placing rule: a frame of people in, an array with one column a segment out; the highest
        is theirs.

    Raises
    ------
    SettingsError
        When `segment` is not among those of `typical`.
    DataError
        When there is one segment only.

    >>> typical = pd.DataFrame(
    ...     {"evening_share": [0.6, 0.2], "frequency": [1.0, 1.0]}, index=["S1", "S2"]
    ... )
    >>> score = lambda people: -((people.to_numpy()[:, None] - typical.to_numpy()) ** 2).sum(axis=2)
    >>> why_in(pd.Series({"evening_share": 0.7, "frequency": 4.0}), "S1", typical, score).text
    'Placed in S1; the nearest other is S2. For S1 speaks most: evening (evening share 0.7, in S2 0.2).'
    """  # noqa: E501
    person, here = person[typical.columns], _column(segment, typical)
    scores = _scores(person, person, [()], score)[0]
    rival = int(np.where(np.arange(len(scores)) == here, -np.inf, scores).argmax())
    features = _effects(
        person, typical.iloc[rival], score, lambda found: found[:, rival] - found[:, here]
    )
    other, placed = typical.index[rival], typical.index[scores.argmax()]
    counts = features["effect"] > NOISE * features["effect"].abs().max()
    speaking = features[counts].head(n_traits).itertuples()
    reasons = "; ".join(_beside(row.trait, row.value, row.typical, other) for row in speaking)
    most = (
        f"For {segment} speaks most: {reasons}."
        if reasons
        else f"No trait alone speaks for {segment}."
    )
    nearest = f"the nearest other is {other}" if placed == segment else f"not in {segment}"
    return Why(f"Placed in {placed}; {nearest}. {most}", features, placed)


def why_not(
    person: pd.Series, segment: str, typical: pd.DataFrame, score: Score, *, n_traits: int = 3
) -> Why:
    """Say what keeps a person out of a segment: the fewest traits that, if typical of it, would put
    the person there.

    The change is tried on the placing rule, and `placed` is what the rule then says. One or two
    traits are found by trying all; from three on they are added one by one, and fewer might do.
    `text` names at most `n_traits` of them. It says how the rule decides (evidence D), not what
    would become of the person; traits that move together in life are changed without each other.

    Parameters and errors are those of `why_in`. `features` holds the traits to change, none when
    the person is in the segment, all that differ when even they do not suffice; `effect` is what
    each does alone.

    References
    ----------
    Wachter, Mittelstadt and Russell (2018), "Counterfactual explanations without opening the black
    box", Harvard Journal of Law & Technology 31.

    >>> typical = pd.DataFrame(
    ...     {"evening_share": [0.6, 0.2], "frequency": [1.0, 1.0]}, index=["S1", "S2"]
    ... )
    >>> score = lambda people: -((people.to_numpy()[:, None] - typical.to_numpy()) ** 2).sum(axis=2)
    >>> why_not(pd.Series({"evening_share": 0.7, "frequency": 4.0}), "S2", typical, score).text
    'Placed in S1, not in S2. It would be S2 with evening share 0.2 instead of 0.7.'
    """
    person, here = person[typical.columns], _column(segment, typical)
    towards = typical.iloc[here]

    def lead(found: np.ndarray) -> np.ndarray:
        return found[:, here] - np.delete(found, here, axis=1).max(axis=1)

    changes = _fewest(person, towards, score, lead)
    before, after = typical.index[_scores(person, towards, [(), changes], score).argmax(axis=1)]
    features = _effects(person, towards, score, lead)
    features = features[features["trait"].isin(person.index[list(changes)])].reset_index(drop=True)
    if before == segment:
        return Why(f"Placed in {segment} already.", features.head(0), after)
    changed = [
        f"{trait_phrase(t)} {amount(t, typical)} instead of {amount(t, value)}"
        for t, value, typical, _ in features.itertuples(index=False)
    ]
    more = f" and {len(changed) - n_traits} more changes" if len(changed) > n_traits else ""
    even = " even" if after != segment else ""
    would = f"It would be {after}{even} with {', '.join(changed[:n_traits])}{more}"
    return Why(f"Placed in {before}, not in {segment}. {would}.", features, after)


def ablation(
    traits: pd.DataFrame, segment: pd.Series, score: Score, *, segments: Sequence[str]
) -> pd.DataFrame:
    """Measure for each pair of segments how much worse they are told apart when one feature is the
    same for all.

    `separation` is the area under the ROC curve: the share of couples, one person of each segment,
    whom the two segments' scores put in the right order; 0.5 is guessing. A feature is neutralised
    by everybody's median, for those whose value is unknown too. When two features say the same,
    each alone may be spared: a loss of 0 does not say that a feature is irrelevant. It describes
    the placing rule (evidence D).

    Returns
    -------
    One row a pair and feature, the largest loss of a pair first: `one`, `other`, `feature`,
    `separation`, `without` the feature, `loss` with its 95 % interval `low`, `high`, the rule taken
    as given; and `margin_share`, the share of the mean lead in score that goes with the feature,
    which orders features where many say the same and none is missed. Segments under two people are
    left out.

    References
    ----------
    Hand and Till (2001), Machine Learning 45. DeLong, DeLong and Clarke-Pearson (1988), Biometrics
    44.

    >>> traits = pd.DataFrame({"frequency": [1.0, 2.0, 8.0, 9.0], "n_posts": [3.0, 0.0, 3.0, 0.0]})
    >>> score = lambda people: np.column_stack([5 - people["frequency"], people["frequency"] - 5])
    >>> found = ablation(traits, pd.Series(["S1", "S1", "S2", "S2"]), score, segments=["S1", "S2"])
    >>> found[["feature", "separation", "without", "loss"]].values.tolist()
    [['frequency', 1.0, 0.5, 0.5], ['n_posts', 1.0, 1.0, 0.0]]
    """
    neutral = (traits.assign(**{name: traits[name].median()}) for name in traits)
    scores, people = np.stack([score(table) for table in (traits, *neutral)]), segment.to_numpy()
    rows = []
    for one, other in combinations(range(len(segments)), 2):
        sides = [
            scores[:, people == segments[side], one] - scores[:, people == segments[side], other]
            for side in (one, other)
        ]
        if min(side.shape[1] for side in sides) > 1:
            numbers = zip(traits, *_losses(*sides), strict=True)
            rows += sorted(
                ((segments[one], segments[other], *row) for row in numbers),
                key=lambda row: (-row[5], -row[8], row[2]),
            )
    return pd.DataFrame(rows, columns=PAIR)


def resolving(ablated: pd.DataFrame) -> pd.DataFrame:
    """Keep from `ablation` the one feature each pair of segments needs most, if it needs any: `low`
    is above 0.

    >>> pairs = pd.DataFrame(
    ...     {
    ...         "one": "S1",
    ...         "other": ["S2", "S2", "S3"],
    ...         "feature": ["spend", "n_posts", "n_posts"],
    ...         "low": [0.3, 0.1, -0.1],
    ...     }
    ... )
    >>> resolving(pairs)["feature"].tolist()
    ['spend']
    """
    most = ablated.drop_duplicates(["one", "other"])
    return most[most["low"] > 0].reset_index(drop=True)


def _column(segment: str, typical: pd.DataFrame) -> int:
    if segment not in typical.index:
        raise SettingsError(f"segment: {segment} is none of {', '.join(typical.index)}.")
    if len(typical) == 1:
        raise DataError(
            f"segments: {segment} holds everybody, so there is nothing to tell it from."
        )
    return typical.index.get_loc(segment)


def _scores(
    person: pd.Series, other: pd.Series, sets: list[tuple[int, ...]], score: Score
) -> np.ndarray:
    """Score copies of a person, each with one set of traits, by position, taken from the other."""
    copies, values = (
        np.tile(person.to_numpy(dtype=float), (len(sets), 1)),
        other.to_numpy(dtype=float),
    )
    for copy, positions in zip(copies, sets, strict=True):
        copy[list(positions)] = values[list(positions)]
    return np.asarray(score(pd.DataFrame(copies, columns=person.index)))


def _effects(person: pd.Series, other: pd.Series, score: Score, lead: Callable) -> pd.DataFrame:
    """Measure how the lead moves when one trait at a time takes the other's value."""
    leads = lead(_scores(person, other, [(), *((at,) for at in range(len(person)))], score))
    table = pd.DataFrame(
        {"trait": person.index, "value": person.to_numpy(float), "typical": other.to_numpy(float)}
    )
    return table.assign(effect=leads[1:] - leads[0]).sort_values(
        "effect", ascending=False, kind="stable", ignore_index=True
    )


def _fewest(person: pd.Series, towards: pd.Series, score: Score, lead: Callable) -> tuple[int, ...]:
    """Find the fewest traits that put the person in the lead: all of one and two, then one more at
    a time.
    """
    values, wanted = person.to_numpy(dtype=float), towards.to_numpy(dtype=float)
    apart = np.flatnonzero((values != wanted) & ~(np.isnan(values) & np.isnan(wanted))).tolist()
    chosen = ()
    while lead(_scores(person, towards, [chosen], score))[0] <= 0 and len(chosen) < len(apart):
        sets = (
            list(combinations(apart, len(chosen) + 1))
            if len(chosen) < 2
            else [(*chosen, at) for at in apart if at not in chosen]
        )
        chosen = sets[lead(_scores(person, towards, sets, score)).argmax()]
    return chosen


def _beside(trait: str, value: float, typical: float, other: str) -> str:
    """Write a person's side of a trait, the value, and the other segment's."""
    both = f"{trait_phrase(trait)} {amount(trait, value)}, in {other} {amount(trait, typical)}"
    return (
        both
        if np.isnan(value) or np.isnan(typical)
        else f"{trait_words(trait, high=value > typical)} ({both})"
    )


def _losses(one: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Compare areas under the ROC curve, the first row's with every other row's, by DeLong's
    placements; and the leads.

    Takes (1 + p, people) differences in score of the people on either side. Returns what `ablation`
    does, each (p,).
    """
    scale = max(np.abs(one).max(), np.abs(other).max()) or 1.0
    # or the last digits break ties
    one, other = (np.round(one / scale, 9), np.round(other / scale, 9))
    n, ranks = one.shape[1], stats.rankdata(np.hstack([one, other]), axis=1)
    # share of the others each lies over
    over = (ranks[:, :n] - stats.rankdata(one, axis=1)) / other.shape[1]
    under = 1 - (ranks[:, n:] - stats.rankdata(other, axis=1)) / n
    without = over[1:].mean(axis=1)
    loss = over[0].mean() - without
    error = sum((part[0] - part[1:]).var(axis=1, ddof=1) / part.shape[1] for part in (over, under))
    half = stats.norm.ppf(0.975) * np.sqrt(error)
    leads = one.mean(axis=1) - other.mean(axis=1)
    shares = np.zeros(len(loss)) if leads[0] == 0 else 1 - leads[1:] / leads[0]
    return [np.full(len(loss), over[0].mean()), without, loss, loss - half, loss + half, shares]
