"""Names of segments: words follow the strongest traits, and last from run to run."""

from collections.abc import Mapping

import pandas as pd

from coterie.contracts import Behaviour
from coterie.segments.continuity.lint import lint_name
from coterie.study import SettingsError
from coterie.wording import trait_words

EVERYONE = "Everyone"
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
    passes the lint. Words that the lint objects to (health, religion, ...) are passed over.

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
    ({'S1': 'Evening, browsers'}, {'S1': 'Night owls'})
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
        rows = profiles[profiles["segment"] == segment]
        names[segment] = names.get(segment) or describe(
            rows, taken=list(names.values()), n_words=n_words, else_=segment
        )
    return {segment: names[segment] for segment in segments}


def keeps(name: str, *, others: list[str]) -> bool:
    """Say whether an earlier name may stay: it passes the lint and holds no column's name.

    >>> keeps("Evening, browsers", others=[]), keeps("Evening, hour cos", others=[])
    (True, False)
    """
    parts = {part.strip().lower().removeprefix("not ") for part in name.split(",")}
    return not parts & JARGON and not lint_name(name, others=others)


def describe(rows: pd.DataFrame, *, taken: list[str], n_words: int, else_: str) -> str:
    """Say in a few words what sets one segment apart, as no other does."""
    strongest = rows.loc[rows["difference"].abs().sort_values(ascending=False, kind="stable").index]
    said = dict.fromkeys(
        trait_words(trait, high=difference > 0)
        for trait, difference in zip(strongest["trait"], strongest["difference"], strict=True)
    )
    words = [word for word in said if not lint_name(word)]
    options = (", ".join(words[:length]).capitalize() for length in range(n_words, len(words) + 1))
    return next(
        (option for option in options if not lint_name(option, others=taken)), f"Segment {else_}"
    )
