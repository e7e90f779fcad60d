"""Traits named shortly enough to stand before a number: "orders over 3", not a column's label."""

from coterie.contracts import Behaviour
from coterie.wording import WITHHELD, is_withheld, trait_words

SHORT = {
    "n_events": "events",
    "active_days": "active days",
    "frequency": "orders",
    "monetary_value": "order value",
}


def trait_name(trait: str) -> str:
    """Write a trait's column name as a card does, beside the words for its high or low side.

    >>> trait_name("inferred_interest_food"), trait_name("inferred_interest_health")
    ('inferred interest food', 'a withheld trait')
    """
    if is_withheld(trait):
        return WITHHELD
    return trait.replace("_", " ")


def trait_phrase(trait: str) -> str:
    """Write a trait as a rule does, its unit left out; one between two poles names both.

    >>> trait_phrase("evening_share"), trait_phrase("tenure_days")
    ('evening share', 'tenure')
    >>> trait_phrase("inferred_interest_food"), trait_phrase("hour_sin")
    ('inferred interest food', 'morning rather than afternoon')
    """
    if is_withheld(trait):
        return WITHHELD
    if Behaviour.units.get(trait) == "-1 to 1":
        return f"{trait_words(trait, high=True)} rather than {trait_words(trait, high=False)}"
    without_unit = trait.removeprefix("n_").removesuffix("_days").removesuffix("_hours")
    return SHORT.get(trait, trait_name(without_unit))
