"""How few people a segment may have."""

from math import ceil

import pandas as pd

from coterie.study import SettingsError


def size_floors(
    *,
    people_for_power: int,
    platform_minimum: int = 300,
    min_people: int = 50,
    people_for_content: int = 0,
) -> pd.DataFrame:
    """List the rules that keep a segment from being too small; the largest one binds.

    `min_people` is the smallest group that any page may show; every notebook reads it from here.
    `platform_minimum` defaults to LinkedIn's 300 matched members (2025), the strictest of the
    large platforms; Meta and TikTok state 100 and 1000 for delivery. Content sets a floor where
    its cost is known: see `people_for_content`.

    >>> size_floors(people_for_power=400)["people"].tolist()
    [400, 300, 50]
    """
    rules = [
        ("power", people_for_power, "all arms, inside the segment alone, can show the lift"),
        ("platform", platform_minimum, "a platform accepts and delivers to the audience"),
        ("privacy", min_people, "nobody can be singled out in a report"),
    ]
    if people_for_content:
        why = "content of its own is paid back by the smallest lift worth acting on"
        rules.append(("content", people_for_content, why))
    return pd.DataFrame(rules, columns=["rule", "people", "reason"])


def people_for_content(*, variant_cost: float, conversion_value: float, minimum_lift: float) -> int:
    """Count the people whom content of their own must reach so that the minimum lift pays for it.

    0 where it is not known what a conversion brings.

    Raises
    ------
    SettingsError
        When one is below 0, or a conversion's value stands there without a cost.

    >>> people_for_content(variant_cost=800, conversion_value=50, minimum_lift=0.1)
    160
    """
    if min(variant_cost, conversion_value) < 0 or (conversion_value and not variant_cost):
        raise SettingsError(
            "01_objectives: variant_cost and conversion_value are money above 0; set "
            "variant_cost too, or leave conversion_value out."
        )
    if not conversion_value:
        return 0
    return ceil(variant_cost / (minimum_lift * conversion_value))
