"""Why is a person in a segment, and not in another? Traits, tried on the assignment model."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.segments.profiles.phrases import trait_phrase
from coterie.study import DataError, SettingsError
from coterie.wording import amount, counted, trait_words

# (m, p) traits in natural units -> (m, k); the highest is the segment
Score = Callable[[pd.DataFrame], np.ndarray]
NOISE = 1e-9  # effects this much smaller than the largest are rounding errors


class Why(NamedTuple):
    """A reason in words, and the numbers it rests on."""

    text: str  # about one person, whom it does not name; for a notebook, never for a report
    # trait, value, typical, effect (on the margin of the score), largest effect first
    features: pd.DataFrame
    # segment by the score: in `why_in` as is, in `why_not` with all `features` as typical
    assigned: str


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
    """Say which traits of a person speak most for a segment against the nearest other one.

    Each trait in turn takes the value typical of the other segment; `effect` is how much of the
    margin in score goes with it. Traits that move together are changed one at a time, so two that
    say the same may each seem idle.

    Parameters
    ----------
    person
        Traits in natural units, those of `typical` at least.
    typical
        (k, p) from `typical_traits`, rows in the order of the score's columns.
    score
        The assignment model: a frame of people in, an array with one column a segment out; the
        highest is theirs.

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
    'Placed in S1; the nearest other is S2. For S1 speaks most:
    evening (evening share 0.7, in S2 0.2).'
    """
    person = person[typical.columns]
    here = _column(segment, typical)
    scores = _scores(person, person, [()], score)[0]
    rival = int(np.where(np.arange(len(scores)) == here, -np.inf, scores).argmax())
    features = _effects(
        person, typical.iloc[rival], score, lambda found: found[:, rival] - found[:, here]
    )
    other = typical.index[rival]
    assigned = typical.index[scores.argmax()]
    counts = features["effect"] > NOISE * features["effect"].abs().max()
    speaking = features[counts].head(n_traits).itertuples()
    reasons = "; ".join(_reason(row.trait, row.value, row.typical, other) for row in speaking)
    most = (
        f"For {segment} speaks most: {reasons}."
        if reasons
        else f"No trait alone speaks for {segment}."
    )
    nearest = f"the nearest other is {other}" if assigned == segment else f"not in {segment}"
    return Why(f"Placed in {assigned}; {nearest}. {most}", features, assigned)


def why_not(
    person: pd.Series, segment: str, typical: pd.DataFrame, score: Score, *, n_traits: int = 3
) -> Why:
    """Say what keeps a person out of a segment: the fewest traits that would have to change.

    They are those that, if typical of the segment, would put the person there. The change is tried
    on the assignment model, and `assigned` is what it then says. One or two traits are found by
    trying all; from three on they are added one by one, and fewer might do. `text` names at most
    `n_traits` of them. It says how the model decides (evidence D), not what would become of the
    person; traits that move together in life are changed without each other.

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
    person = person[typical.columns]
    here = _column(segment, typical)
    towards = typical.iloc[here]

    def margin(found: np.ndarray) -> np.ndarray:
        return found[:, here] - np.delete(found, here, axis=1).max(axis=1)

    changes = _smallest_change(person, towards, score, margin)
    before, after = typical.index[_scores(person, towards, [(), changes], score).argmax(axis=1)]
    features = _effects(person, towards, score, margin)
    features = features[features["trait"].isin(person.index[list(changes)])].reset_index(drop=True)
    if before == segment:
        return Why(f"Placed in {segment} already.", features.head(0), after)
    changed = [
        f"{trait_phrase(t)} {amount(t, typical)} instead of {amount(t, value)}"
        for t, value, typical, _ in features.itertuples(index=False)
    ]
    left = len(changed) - n_traits
    more = f" and {counted(left, 'more change')}" if left > 0 else ""
    even = " even" if after != segment else ""
    would = f"It would be {after}{even} with {', '.join(changed[:n_traits])}{more}"
    return Why(f"Placed in {before}, not in {segment}. {would}.", features, after)


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
    copies = np.tile(person.to_numpy(dtype=float), (len(sets), 1))
    values = other.to_numpy(dtype=float)
    for copy, positions in zip(copies, sets, strict=True):
        copy[list(positions)] = values[list(positions)]
    return np.asarray(score(pd.DataFrame(copies, columns=person.index)))


def _effects(person: pd.Series, other: pd.Series, score: Score, margin: Callable) -> pd.DataFrame:
    """Measure how the margin moves when one trait at a time takes the other's value."""
    margins = margin(_scores(person, other, [(), *((at,) for at in range(len(person)))], score))
    table = pd.DataFrame(
        {"trait": person.index, "value": person.to_numpy(float), "typical": other.to_numpy(float)}
    )
    return table.assign(effect=margins[1:] - margins[0]).sort_values(
        "effect", ascending=False, kind="stable", ignore_index=True
    )


def _smallest_change(
    person: pd.Series, towards: pd.Series, score: Score, margin: Callable
) -> tuple[int, ...]:
    """Find the fewest traits that make the margin positive.

    All sets of one and two are tried, then one more is added at a time.
    """
    values = person.to_numpy(dtype=float)
    wanted = towards.to_numpy(dtype=float)
    differing = np.flatnonzero((values != wanted) & ~(np.isnan(values) & np.isnan(wanted))).tolist()
    chosen = ()
    while margin(_scores(person, towards, [chosen], score))[0] <= 0 and len(chosen) < len(
        differing
    ):
        sets = (
            list(combinations(differing, len(chosen) + 1))
            if len(chosen) < 2
            else [(*chosen, at) for at in differing if at not in chosen]
        )
        chosen = sets[margin(_scores(person, towards, sets, score)).argmax()]
    return chosen


def _reason(trait: str, value: float, typical: float, other: str) -> str:
    """Write a person's side of a trait, the value, and the other segment's."""
    both = f"{trait_phrase(trait)} {amount(trait, value)}, in {other} {amount(trait, typical)}"
    if np.isnan(value) or np.isnan(typical):
        return both
    words = trait_words(trait, high=value > typical, value=value)
    own = words != trait_words(trait, high=value > typical)  # a word that says the value as well
    shown = f"in {other} {trait_phrase(trait)} {amount(trait, typical)}" if own else both
    return f"{words} ({shown})"
