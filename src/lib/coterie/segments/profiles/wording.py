"""Traits as readers see them: a label, words for more and for less of it, and amounts with their
unit.
"""

from pathlib import Path

import numpy as np
import yaml

from coterie.contracts import Behaviour

WORDS = yaml.safe_load((Path(__file__).parent / "wording.yml").read_text(encoding="utf-8"))
LABELS = {
    "n_events": "acts",
    "active_days": "active days",
    "frequency": "orders",
    "monetary_value": "order value",
}
SPOKEN = {unit: f" {unit}" for unit in ("days", "hours", "acts", "weighted acts", "bits")} | {
    "0 to 100": " of 100"
}


def trait_words(trait: str, *, high: bool) -> str:
    """Say a trait in plain words.

    >>> trait_words("evening_share", high=True), trait_words("inferred_interest_food", high=False)
    ('evening', 'not food')
    """
    if trait in WORDS:
        return WORDS[trait][0 if high else 1]
    topic = trait.removeprefix("inferred_interest_").replace("_", " ")
    return topic if high else f"not {topic}"


def trait_label(trait: str) -> str:
    """Write a trait's column name for a reader.

    >>> trait_label("inferred_interest_food")
    'inferred interest food'
    """
    return trait.replace("_", " ")


def label(trait: str) -> str:
    """Write a trait for a reader; one that runs between two poles names both.

    >>> (
    ...     label("evening_share"),
    ...     label("tenure_days"),
    ...     label("inferred_interest_food"),
    ...     label("hour_sin"),
    ... )
    ('evening share', 'tenure', 'inferred interest food', 'morning rather than afternoon')
    """
    if Behaviour.units.get(trait) == "-1 to 1":
        return f"{trait_words(trait, high=True)} rather than {trait_words(trait, high=False)}"
    return LABELS.get(
        trait,
        trait.removeprefix("n_").removesuffix("_days").removesuffix("_hours").replace("_", " "),
    )


def amount(trait: str, value: float) -> str:
    """Write a trait's value with its unit; shares, counts and money stand alone, a gap is
    `unknown`.

    >>> (
    ...     amount("tenure_days", 1234.0),
    ...     amount("evening_share", 0.4567),
    ...     amount("reply_share", float("nan")),
    ... )
    ('1,234 days', '0.457', 'unknown')
    """
    if np.isnan(value):
        return "unknown"
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}") + unit_words(trait)


def unit_words(trait: str) -> str:
    """Give the words that stand behind a trait's value, a space first; often none.

    >>> unit_words("tenure_days"), unit_words("evening_share")
    (' days', '')
    """
    return SPOKEN.get(Behaviour.units.get(trait), "")
