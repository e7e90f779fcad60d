"""What is counted: one indicator decides, the others explain."""

import pandas as pd


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
