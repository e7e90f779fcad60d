"""Names of segments: words follow the strongest traits, and last from run to run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from coterie.contracts import Behaviour
from coterie.segments.continuity.lint import lint_name
from coterie.study import SettingsError
from coterie.wording import is_withheld, trait_words

EVERYONE = "Everyone"
MARKED = 0.5  # standard deviations from which people may be called by what they do (Cohen's medium)
RULES = yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))
# names of columns are no words for readers
JARGON = {column.replace("_", " ") for column in Behaviour.types}


def name_segments(
    profiles: pd.DataFrame,
    *,
    kept: Mapping[str, str] = {},
    fixed: Mapping[str, str] = {},
    n_words: int = 2,
) -> dict[str, str]:
    """Name each segment after the traits it differs in most from everyone.

    A name that the study file fixes comes first, then the one of the last run (`kept`), if it
    passes the lint. Words that the lint objects to (health, religion, ...) are passed over. A name
    ends in a noun and takes one word a dimension: interest, time, purchase and so on.

    Raises
    ------
    SettingsError
        When a fixed name fails the lint.

    >>> profiles = pd.DataFrame(
    ...     {
    ...         "segment": "S1",
    ...         "trait": ["evening_share", "frequency", "n_events"],
    ...         "difference": [1.2, -0.9, 0.1],
    ...     }
    ... )
    >>> name_segments(profiles), name_segments(profiles, fixed={"S1": "Night owls"})
    ({'S1': 'Evening browsers'}, {'S1': 'Night owls'})
    """
    segments = sorted(profiles["segment"].unique(), key=lambda segment: int(segment[1:]))
    for segment, name in fixed.items():
        others = [*(n for s, n in fixed.items() if s != segment)]
        if problems := lint_name(name, others=others):
            raise SettingsError(f"05_segments.names.{segment}: {' '.join(problems)}")
    names = {segment: fixed[segment] for segment in segments if segment in fixed}
    # of a whole cut anew
    parts = {s: name for s, name in kept.items() if len(segments) > 1 and name != EVERYONE}
    for segment in segments:
        if (
            segment in parts
            and segment not in names
            and keeps(parts[segment], others=list(names.values()))
        ):
            names[segment] = parts[segment]
    if len(segments) == 1 and not profiles["difference"].abs().gt(0.05).any():
        return {segments[0]: EVERYONE} | names
    for segment in segments:
        names[segment] = names.get(segment) or describe(
            profiles, segment, taken=list(names.values()), n_words=n_words
        )
    return {segment: names[segment] for segment in segments}


def keeps(name: str, *, others: list[str]) -> bool:
    """Say whether an earlier name may stay: it passes the lint and holds no column's name.

    >>> keeps("Evening, browsers", others=[]), keeps("Evening, hour cos", others=[])
    (True, False)
    """
    parts = {part.strip().lower().removeprefix("not ") for part in name.split(",")}
    return not parts & JARGON and not lint_name(name, others=others)


def describe(profiles: pd.DataFrame, segment: str, *, taken: list[str], n_words: int) -> str:
    """Say in a few words what sets one segment apart, as no other name does."""
    parts = name_parts(profiles, segment)
    marked = next((part.noun for part in parts if part.noun and part.difference >= MARKED), "")
    options = [
        compose(parts[:length], otherwise=marked) for length in range(n_words, len(parts) + 1)
    ]
    allowed = [option for option in options if not lint_name(option, others=taken)]
    distinct = [option for option in allowed if is_distinct(option, taken)]
    return next(iter([*distinct, *allowed]), f"Segment {segment}")


class Part(NamedTuple):
    """One word of a name."""

    dimension: str  # interest, time, ...; none stands twice in a name
    words: str
    difference: float = 0.0  # from everyone, standard deviations, without its sign

    @property
    def noun(self) -> str:
        """What people are, or empty where the word says how they are."""
        return RULES["nouns"].get(self.words, "")

    @property
    def negative(self) -> bool:
        """Say whether it says what people are not."""
        return self.words.split()[0] in RULES["negations"]


def name_parts(profiles: pd.DataFrame, segment: str) -> list[Part]:
    """List the words for a segment, the strongest of each dimension, strongest first.

    A trait counts by how far the segment is from everyone, and half by how far beyond the nearest
    segment. What must not be named is passed over, and there is one noun at most.
    """
    table = profiles.pivot_table(index="segment", columns="trait", values="difference", sort=False)
    own = table.loc[segment]
    others = table.drop(index=segment)
    beyond = 0.0 * own
    if len(others):
        nearest = others.loc[((others - own) ** 2).sum(axis=1).idxmin()]
        beyond = (np.sign(own) * (own - nearest)).clip(lower=0)
    strength = (own.abs() + 0.5 * beyond).sort_values(ascending=False, kind="stable")
    means = mean_values(profiles, segment)
    parts: dict[str, Part] = {}
    for trait in strength.index:
        words = trait_words(trait, high=own[trait] > 0, value=means.get(trait))
        part = Part(dimension(trait), words, abs(own[trait]))
        named = not is_withheld(trait) and not lint_name(words)
        second_noun = part.noun and any(other.noun for other in parts.values())
        if named and part.dimension not in parts and not second_noun:
            parts[part.dimension] = part
    return list(parts.values())


def mean_values(profiles: pd.DataFrame, segment: str) -> dict[str, float]:
    """Look up the means of a segment, where profiles have them."""
    if "mean" not in profiles:
        return {}
    return profiles[profiles["segment"] == segment].set_index("trait")["mean"].to_dict()


def dimension(trait: str) -> str:
    """Say what a trait is about; one that nobody listed is about itself.

    >>> dimension("evening_share"), dimension("inferred_interest_food"), dimension("plan_free")
    ('time', 'interest', 'plan_free')
    """
    fits = (
        name
        for name, beginnings in RULES["dimensions"].items()
        if trait.startswith(tuple(beginnings))
    )
    return next(fits, trait)


def compose(parts: Sequence[Part], *, otherwise: str = "") -> str:
    """Put a name together: words of how, the noun, and what people are not.

    Where no word is a noun, `otherwise` stands at the end, and the most general one without it.

    >>> compose([Part("format", "reading"), Part("interest", "business"), Part("time", "weekday")])
    'Weekday business readers'
    >>> compose([Part("interest", "not food"), Part("time", "evening")])
    'Evening visitors, not food'
    >>> compose([Part("interest", "gaming"), Part("time", "evening")], otherwise="video viewers")
    'Evening gaming video viewers'
    """
    order = list(RULES["dimensions"])
    known = [part for part in parts if part.dimension in order]
    rest = [part for part in parts if part.dimension not in order]
    sorted_parts = sorted(known, key=lambda part: order.index(part.dimension)) + rest
    before = [
        RULES["before_noun"].get(part.words, part.words)
        for part in sorted_parts
        if not part.noun and not part.negative
    ]
    about = {part.dimension for part in parts if not part.negative}
    general = RULES["otherwise"]["interest" if "interest" in about else "any"]
    noun = next((part.noun for part in parts if part.noun), otherwise or general)
    name = " ".join([*before, noun])
    denied = [part.words for part in parts if part.negative]
    return ", ".join([name[0].upper() + name[1:], *denied])


def is_distinct(name: str, taken: Sequence[str]) -> bool:
    """Say whether a name shares no word with another, or has a third word that separates them.

    >>> is_distinct("Evening readers", ["Evening browsers"])
    False
    >>> is_distinct("Evening video viewers", ["Evening browsers"])
    True
    """
    own = content(name)
    return not any(own & content(other) for other in taken) or len(own) > 2


def content(name: str) -> set[str]:
    """Take the words of a name that say something."""
    return set(name.lower().replace(",", "").split()) - set(RULES["otherwise"].values())
