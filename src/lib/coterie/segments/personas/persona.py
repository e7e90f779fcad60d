"""A segment's story: what stands out, for how many it does not hold, where to meet it, what to try,
and its limits.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.segments.personas.advice import (
    RULES,
    Advice,
    advise,
    best_hours,
    busiest_channels,
    check_phrase,
    passes,
    shown,
)
from coterie.segments.personas.context import ContextCounts
from coterie.segments.profiles.wording import trait_label, trait_words
from coterie.study import DataError

CLOSE = 0.2  # standard deviations; Cohen's (1988) small effect, closer is called like everybody
SHOWN = 3  # traits


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
    """Tell a segment's story from its averages, with those for whom it does not hold and what was
    not tested.

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
    traits, withheld = _told(profiles)
    busiest = busiest_channels(contexts.channels, min_people=min_people)
    window = best_hours(contexts.hours, min_people=min_people)
    do, dont = (advise(traits, busiest, window, kind=kind, rules=rules) for kind in ("do", "dont"))
    return Persona(
        segment, name if passes(name) else segment, n_people, _headline(traits, n_people), traits,
        counter_example(traits, holds), _outside(outcomes, segment), busiest, window,
        _topics(contexts.topics, min_people), do, dont, _limits(traits, n_people, edge_share, withheld + (not passes(name))),  # noqa: E501
    )  # fmt: skip


def card(persona: Persona) -> pd.DataFrame:
    """Set a persona out as half a page: `section`, `text`, `figure`, at most 14 rows.

    Raises
    ------
    DataError
        Naming the phrase, when one breaks a rule of `lint_text`; a persona may have been edited by
        hand.
    """
    rows = [("who", persona.headline, persona.name), *_trait_rows(persona.traits)]
    rows += [("against it", persona.counter_example, ""), ("outside", persona.outside, "")]
    indexes = ", ".join(f"{index:.0f}" for index in persona.channels["index"])
    rows.append(
        (
            "where",
            ", ".join(persona.channels["platform"]) or "unknown",
            f"index {indexes}" if indexes else "",
        )
    )
    told = [
        (row.window, f"{row.share:.0%} of events, index {row.index:.0f}")
        for row in persona.hours.itertuples(False)
    ]
    rows += [
        ("when", *(told or [("unknown", "")])[0]),
        ("topics", ", ".join(persona.topics) or "unknown", ""),
    ]
    for section, advices in (("do", persona.do), ("do not", persona.dont)):
        rows += [
            (section, advice.text, f"{advice.rests_on} ({advice.grade})") for advice in advices[:2]
        ]
    rows.append(("limits", " ".join(persona.limits), ""))
    for phrase in chain.from_iterable(rows):
        check_phrase(phrase, where=f"The card of {persona.segment}")
    return pd.DataFrame(rows, columns=["section", "text", "figure"])


def reproduces(persona_values: pd.DataFrame, people: pd.DataFrame) -> int:
    """Count real people whose every trait reads like the persona's, to the digits that a card
    shows.

    It has to be 0: a mean of one person, or of people who are all the same, is somebody's row.

    Parameters
    ----------
    persona_values
        `trait` and `mean`: a persona's traits, or a segment's profile.
    people
        One row a person, one column a trait.

    Raises
    ------
    DataError
        When `people` lacks one of the traits.

    >>> means = pd.DataFrame({"trait": ["frequency", "spend"], "mean": [2.0, 40.04]})
    >>> reproduces(means, pd.DataFrame({"frequency": [2.0, 2.0], "spend": [40.0, 41.0]}))
    1
    """
    if lacking := sorted(set(persona_values["trait"]) - set(people)):
        raise DataError(
            f"people: the columns {', '.join(lacking)} are missing; give everybody's traits."
        )
    alike = people
    for trait, mean in zip(persona_values["trait"], persona_values["mean"], strict=True):
        alike = alike[alike[trait].map(shown) == shown(mean)]
    return len(alike) if len(persona_values) else 0


def share_holding(traits: pd.DataFrame, members: np.ndarray, profiles: pd.DataFrame) -> pd.Series:
    """Say for which share of members each trait holds: they lie on the segment's side of
    everybody's median.

    Whoever lies on the median does not count, so a trait that most people do not have at all holds
    for few.

    Parameters
    ----------
    traits
        (n, p) of everybody.
    members
        (n,) whether a row belongs to the segment.
    profiles
        Rows of `profile` for that segment.

    >>> traits, profiles = (
    ...     pd.DataFrame({"spend": [1, 2, 3, 9]}),
    ...     pd.DataFrame({"trait": ["spend"], "difference": 1.0}),
    ... )
    >>> share_holding(traits, np.array([False, True, True, True]), profiles).round(2).to_dict()
    {'spend': 0.67}
    """
    side = np.sign(profiles.set_index("trait")["difference"])
    apart = (traits[side.index] - traits[side.index].median())[
        np.asarray(members, dtype=bool)
    ] * side
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
    return (
        f"The strongest trait does not hold for {share_in_words(1 - holds[strongest['trait']])} members: they are not "  # noqa: E501
        f"{side} everybody's median in {trait_label(strongest['trait'])}."
    )


def share_in_words(share: float) -> str:
    """Say a share in tens, never "none" or "all", which would tell something about each member.

    >>> share_in_words(0.31), share_in_words(0.06), share_in_words(0.0), share_in_words(1.0)
    ('3 in 10', '1 in 10', 'fewer than 1 in 20', 'more than 19 in 20')
    """
    if share < 0.05 or share > 0.95:
        return "fewer than 1 in 20" if share < 0.05 else "more than 19 in 20"
    return f"{min(max(round(10 * share), 1), 9)} in 10"


def _one_segment(profiles: pd.DataFrame, *, min_people: int) -> tuple[str, int]:
    if profiles["segment"].nunique() != 1:
        raise DataError("profiles: a persona is of one segment; give its rows alone.")
    segment, n_people = str(profiles["segment"].iloc[0]), int(profiles["n_people"].iloc[0])
    if n_people < min_people:
        raise DataError(
            f"Segment {segment} has fewer than {min_people} people; it gets no persona."
        )
    return segment, n_people


def _told(profiles: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Order traits by how far they lie from everybody's, without those that may not be named; and
    count these.
    """
    order = profiles["difference"].abs().sort_values(ascending=False, kind="stable").index
    rows = profiles.loc[order]
    words = [trait_words(row.trait, high=row.difference > 0) for row in rows.itertuples()]
    away = (rows["low"] > rows["everyone"]) | (rows["high"] < rows["everyone"])
    rows = rows.assign(words=words, stands_out=away & (rows["difference"].abs() >= CLOSE))
    told = [
        passes(f"{word}: {trait_label(trait)}")
        for word, trait in zip(words, rows["trait"], strict=True)
    ]
    columns = [
        "trait",
        "words",
        "mean",
        "low",
        "high",
        "everyone",
        "index",
        "difference",
        "stands_out",
    ]
    return rows.loc[told, columns].reset_index(drop=True), len(told) - sum(told)


def _headline(traits: pd.DataFrame, n_people: int) -> str:
    words = list(dict.fromkeys(traits.loc[traits["stands_out"], "words"]))[:2]
    return f"What marks these {n_people:,} people: {', '.join(words) or 'nothing, they are like everybody'}."  # noqa: E501


def _trait_rows(traits: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for row in traits[traits["stands_out"]].head(SHOWN).itertuples():
        span = f"{shown(row.mean)} ({shown(row.low)} to {shown(row.high)})"
        index = f", index {row.index:.0f}" if row.everyone > 0 else ""
        yield (
            "stands out",
            f"{row.words}: {trait_label(row.trait)}",
            f"{span}, everybody {shown(row.everyone)}{index}",
        )


def _outside(outcomes: pd.DataFrame, segment: str) -> str:
    if outcomes.empty or (own := outcomes[outcomes["segment"] == segment]).empty:
        return "Nothing that did not make the segment was compared."
    told = own[own["variable"].map(trait_label).map(passes).astype(bool)]
    apart = told[(told["low"] > 0) | (told["high"] < 0)].sort_values(
        "hedges_g", key=abs, ascending=False
    )
    said = [
        f"{trait_label(r.variable)} {r.hedges_g:+.2f} ({r.low:+.2f} to {r.high:+.2f})"
        for r in apart.itertuples()
    ]
    if not said:
        return f"Not told apart from everyone else in the {len(own)} compared that did not make the segment."  # noqa: E501
    return f"In what did not make the segment, standard deviations from everyone else: {'; '.join(said[:2])}."  # noqa: E501


def _topics(topics: pd.DataFrame, per_topic: int) -> list[str]:
    used = topics[topics["n_people"] >= per_topic].sort_values(
        ["n_people", "topic"], ascending=[False, True]
    )
    return [topic for topic in used["topic"] if passes(topic)][:5]


def _limits(traits: pd.DataFrame, n_people: int, edge_share: float, withheld: int) -> list[str]:
    close = int((traits["difference"].abs() < CLOSE).sum())
    hidden = [f"Left out, since a rule on wording objects: {withheld}."] if withheld else []
    return [
        f"{close} of {len(traits)} traits are close to everybody's.",
        *hidden,
        f"{n_people:,} people; {share_in_words(edge_share)} members stand at the edge.",
        "Described, not tested (D): where a trait made the segment, that it differs is no finding.",
    ]
