"""01: what would success be? Indicators, and how few people a segment may have."""

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


def indicators(verbs: dict[str, str], *, primary: str) -> pd.DataFrame:
    """Register what is counted: each indicator is the share of people who did one thing in a week.

    Raises
    ------
    ValueError
        When the primary indicator is not among them.

    >>> indicators({"conversion": "purchase"}, primary="conversion")["role"].tolist()
    ['primary']
    """
    if primary not in verbs:
        raise ValueError(f"primary {primary!r} is not among the indicators {', '.join(verbs)}")
    formula = "people with at least one {} in the week / people in the group"
    rows = [
        (kpi, "primary" if kpi == primary else "secondary", formula.format(verb), verb)
        for kpi, verb in verbs.items()
    ]
    table = pd.DataFrame(rows, columns=["kpi", "role", "formula", "numerator_verb"])
    return table.assign(unit="share of people per week", denominator="people in the group")
