"""A segment's story: what stands out and for whom it does not, what to try, and its limits."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.segments.personas.advice import (
    RULES,
    Advice,
    advise,
    best_hours,
    busiest_channels,
    passes,
)
from coterie.segments.personas.context import ContextCounts
from coterie.segments.profiles.describe import FIGURES
from coterie.study import DataError
from coterie.wording import is_withheld, share_in_words, trait_label, trait_words

SHAPED = "shaped by a withheld trait"
CLOSE = 0.2  # standard deviations; Cohen's (1988) small effect, closer is called like everybody


class Persona(NamedTuple):
    """A segment's story, told from averages; nobody's row."""

    segment: str
    name: str  # the segment's id where its name breaks a rule of `lint_text`
    n_people: int
    headline: str
    # trait, words, mean, low, high, everyone, index, difference, stands_out; strongest first
    traits: pd.DataFrame
    counter_example: str
    outside: str  # what differs among things that did not make the segment
    channels: pd.DataFrame  # platform, share, index; the busiest first, at most 3
    hours: pd.DataFrame  # window, share, index; no row when unknown
    topics: list[str]
    do: list[Advice]
    dont: list[Advice]
    limits: list[str]


def make_persona(
    profiles: pd.DataFrame,
    *,
    name: str,
    holds: pd.Series,
    contexts: ContextCounts,
    outcomes: pd.DataFrame,
    edge_share: float,
    min_people: int = 50,
    rules: dict = RULES,
) -> Persona:
    """Tell a segment's story from averages: what marks it, for whom that fails, what to try.

    It is made by rule and has no face, age or first name. What `lint_text` objects to is left out:
    traits, topics, platforms, a name, for which the id stands in; how many traits and names were,
    stands among the limits.

    Parameters
    ----------
    profiles
        Rows of `profile` for one segment.
    holds
        Share of members on the segment's side of everybody's median, by trait: `share_holding`.
    contexts
        Of the segment, as `ContextCounts.of` gives. A platform, a topic, or a window without any
        hour, of `min_people` people stays unknown.
    outcomes
        As `effect_sizes` returns it, all segments or one; empty when nothing was compared.
    edge_share
        Share of members at the segment's edge.

    Raises
    ------
    DataError
        For fewer than `min_people` people, several segments, a trait that `holds` lacks, or an
        advice that breaks a rule.
    """
    segment, n_people = _one_segment(profiles, min_people=min_people)
    traits, withheld = _nameable(profiles)
    busiest = busiest_channels(contexts.channels, min_people=min_people)
    window = best_hours(contexts.hours, min_people=min_people)
    do, dont = (advise(traits, busiest, window, kind=kind, rules=rules) for kind in ("do", "dont"))
    may_be_named = passes(name)
    return Persona(
        segment=segment,
        name=name if may_be_named else segment,
        n_people=n_people,
        headline=_headline(traits, hidden=_shaped_by_withheld(profiles)),
        traits=traits,
        counter_example=counter_example(traits, holds),
        outside=_outside(outcomes, segment),
        channels=busiest,
        hours=window,
        topics=_topics(contexts.topics, min_people),
        do=do,
        dont=dont,
        limits=_limits(traits, edge_share, withheld + (not may_be_named)),
    )


def share_holding(traits: pd.DataFrame, members: np.ndarray, profiles: pd.DataFrame) -> pd.Series:
    """Say for which share of the members each trait of their segment holds.

    It holds for those on the segment's side of everybody's median. Whoever lies on the median does
    not count, so a trait that most people do not have at all holds for few.

    Parameters
    ----------
    traits
        (n, p) of everybody.
    members
        (n,) whether a row belongs to the segment.
    profiles
        Rows of `profile` for that segment.

    >>> traits = pd.DataFrame({"spend": [1, 2, 3, 9]})
    >>> profiles = pd.DataFrame({"trait": ["spend"], "difference": 1.0})
    >>> share_holding(traits, np.array([False, True, True, True]), profiles).round(2).to_dict()
    {'spend': 0.67}
    """
    side = np.sign(profiles.set_index("trait")["difference"])
    from_median = traits[side.index] - traits[side.index].median()
    apart = from_median[np.asarray(members, dtype=bool)] * side
    return (apart > 0).sum() / apart.notna().sum()


def counter_example(traits: pd.DataFrame, holds: pd.Series) -> str:
    """Say for how many members the strongest trait does not hold."""
    if traits.empty:
        return "No trait may be told, so there is none to hold anything against."
    strongest = traits.iloc[0]
    if not strongest["stands_out"]:
        return "No trait stands out, so there is none to hold anything against."
    if strongest["trait"] not in holds.index:
        raise DataError(
            f"holds: {strongest['trait']} is missing; give the share of members for whom it holds."
        )
    side = "above" if strongest["difference"] > 0 else "below"
    others = share_in_words(1 - holds[strongest["trait"]])
    return (
        f"The strongest trait does not hold for {others} members: they are not "
        f'{side} everybody\'s median in "{trait_label(strongest["trait"])}".'
    )


def _one_segment(profiles: pd.DataFrame, *, min_people: int) -> tuple[str, int]:
    if profiles["segment"].nunique() != 1:
        raise DataError("profiles: a persona is of one segment; give its rows alone.")
    segment = str(profiles["segment"].iloc[0])
    n_people = int(profiles["n_people"].iloc[0])
    if n_people < min_people:
        raise DataError(
            f"Segment {segment} has fewer than {min_people} people; it gets no persona."
        )
    return segment, n_people


def _nameable(profiles: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Order traits by distance from everybody's; leave out and count those not to be named."""
    order = profiles["difference"].abs().sort_values(ascending=False, kind="stable").index
    rows = profiles.loc[order]
    words = [
        trait_words(row.trait, high=row.difference > 0, value=row.mean) for row in rows.itertuples()
    ]
    away = (rows["low"] > rows["everyone"]) | (rows["high"] < rows["everyone"])
    rows = rows.assign(words=words, stands_out=away & (rows["difference"].abs() >= CLOSE))
    nameable = [
        not is_withheld(trait) and passes(f"{word}: {trait_label(trait)}")
        for word, trait in zip(words, rows["trait"], strict=True)
    ]
    columns = ["trait", "words", *FIGURES, "stands_out"]
    return rows.loc[nameable, columns].reset_index(drop=True), len(nameable) - sum(nameable)


def _shaped_by_withheld(profiles: pd.DataFrame) -> bool:
    """Say whether the trait furthest from everybody's is one that must not be named."""
    strongest = profiles.loc[profiles["difference"].abs().idxmax()]
    return is_withheld(strongest["trait"]) and abs(strongest["difference"]) >= CLOSE


def _headline(traits: pd.DataFrame, *, hidden: bool) -> str:
    """Say what marks the members; not how many they are, for those who shaped a group are a few
    fewer than its members, and the difference would be a small cell.
    """
    words = list(dict.fromkeys(traits.loc[traits["stands_out"], "words"]))[:2]
    words = [SHAPED, *words][:2] if hidden else words
    marks = ", ".join(words) or "nothing, they are like everybody"
    return f"What marks them: {marks}."


def _outside(outcomes: pd.DataFrame, segment: str) -> str:
    if outcomes.empty or (own := outcomes[outcomes["segment"] == segment]).empty:
        return "Nothing that did not make the segment was compared."
    named = ~own["variable"].map(is_withheld) & own["variable"].map(trait_label).map(passes)
    nameable = own[named.astype(bool)]
    apart = nameable[(nameable["low"] > 0) | (nameable["high"] < 0)].sort_values(
        "hedges_g", key=abs, ascending=False
    )
    said = [
        f"{trait_label(r.variable)} {r.hedges_g:+.2f} ({r.low:+.2f} to {r.high:+.2f})"
        for r in apart.itertuples()
    ]
    if not said:
        return (
            f"Not told apart from everyone else in the {len(own)} compared "
            "that did not make the segment."
        )
    return (
        "In what did not make the segment, standard deviations from everyone else: "
        f"{'; '.join(said[:2])}."
    )


def _topics(topics: pd.DataFrame, per_topic: int) -> list[str]:
    used = topics[topics["n_people"] >= per_topic].sort_values(
        ["n_people", "topic"], ascending=[False, True]
    )
    return [topic for topic in used["topic"] if passes(topic)][:5]


def _limits(traits: pd.DataFrame, edge_share: float, withheld: int) -> list[str]:
    close = int((traits["difference"].abs() < CLOSE).sum())
    edge = share_in_words(edge_share).capitalize()
    hidden = [f"Left out, since a rule on wording objects: {withheld}."] if withheld else []
    return [
        f"{close} of {len(traits)} traits are close to everybody's.",
        *hidden,
        f"{edge} members stand at the edge.",
        "Described, not tested (D): where a trait made the segment, that it differs is no finding.",
    ]
