"""How few people a segment may have."""

import pandas as pd


def size_floors(
    *, people_for_power: int, platform_minimum: int = 300, min_people: int = 50
) -> pd.DataFrame:
    """List the rules that keep a segment from being too small; the largest one binds.

    `min_people` is the smallest group that any page may show; every notebook reads it from here.
    `platform_minimum` defaults to LinkedIn's 300 matched members (2025), the strictest of the
    large platforms; Meta and TikTok state 100 and 1000 for delivery.

    >>> size_floors(people_for_power=400)["people"].tolist()
    [400, 300, 50]
    """
    rules = [
        ("power", people_for_power, "all arms, inside the segment alone, can show the lift"),
        ("platform", platform_minimum, "a platform accepts and delivers to the audience"),
        ("privacy", min_people, "nobody can be singled out in a report"),
    ]
    return pd.DataFrame(rules, columns=["rule", "people", "reason"])
