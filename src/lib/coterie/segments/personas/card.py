"""A persona as half a page, and the check that what is printed there is nobody's row."""

from collections.abc import Iterator
from itertools import chain

import pandas as pd

from coterie.segments.personas.advice import check_phrase, recommended
from coterie.segments.personas.persona import Persona
from coterie.study import DataError
from coterie.wording import figure, trait_label

SHOWN = 3  # traits


def card(persona: Persona) -> pd.DataFrame:
    """Set a persona out as half a page: `section`, `text`, `figure`, at most 14 rows.

    Raises
    ------
    DataError
        Naming the phrase, when one breaks a rule of `lint_text`: a persona may be edited by hand.
    """
    rows = [("who", persona.headline, persona.name), *_trait_rows(persona.traits)]
    rows += [("against it", persona.counter_example, ""), ("outside", persona.outside, "")]
    channels = recommended(persona.channels)
    indexes = ", ".join(f"{index:.0f}" for index in channels["index"])
    platforms = ", ".join(channels["platform"]) or nowhere(persona.channels, "platform")
    rows.append(("where", platforms, f"index {indexes}" if indexes else ""))
    busiest = [
        (row.window, f"{row.share:.0%} of events, index {row.index:.0f}")
        for row in recommended(persona.hours).itertuples(False)
    ]
    rows.append(("when", *(busiest or [(nowhere(persona.hours, "hour"), "")])[0]))
    rows.append(("topics", ", ".join(persona.topics) or "unknown", ""))
    for section, advices in (("do", persona.do), ("do not", persona.dont)):
        rows += [(section, each.text, f"{each.rests_on} ({each.grade})") for each in advices[:2]]
    rows.append(("limits", " ".join(persona.limits), ""))
    for phrase in chain.from_iterable(rows):
        check_phrase(phrase, where=f"The card of {persona.segment}")
    return pd.DataFrame(rows, columns=["section", "text", "figure"])


def nowhere(rows: pd.DataFrame, what: str) -> str:
    """Say why no platform, or hour, is recommended.

    >>> nowhere(pd.DataFrame(), "hour"), nowhere(pd.DataFrame({"index": [96.0]}), "hour")
    ('unknown', 'no hour more than everybody')
    """
    return "unknown" if rows.empty else f"no {what} more than everybody"


def reproduces(persona_values: pd.DataFrame, people: pd.DataFrame) -> int:
    """Count people whose every trait reads like the persona's, to the digits that a card shows.

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
        alike = alike[alike[trait].map(figure) == figure(mean)]
    return len(alike) if len(persona_values) else 0


def _trait_rows(traits: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for row in traits[traits["stands_out"]].head(SHOWN).itertuples():
        span = f"{figure(row.mean)} ({figure(row.low)} to {figure(row.high)})"
        index = f", index {row.index:.0f}" if row.everyone > 0 else ""
        yield (
            "stands out",
            f"{row.words}: {trait_label(row.trait)}",
            f"{span}, everybody {figure(row.everyone)}{index}",
        )
