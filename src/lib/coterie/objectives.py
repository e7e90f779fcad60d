"""01: what would success be? Indicators, size floors, and the rule that decides."""

import hashlib
from datetime import datetime
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize


def people_per_arm(
    base_rate: float, minimum_lift: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Count the people each arm of an experiment needs to see a lift of this size.

    Two-sided test of two shares, equal arms; `minimum_lift` is absolute (0.03 to 0.033 is 0.003).

    Raises
    ------
    ValueError
        When base rate and lifted rate are not both between 0 and 1.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 6; statsmodels NormalIndPower.

    >>> people_per_arm(0.03, 0.003), people_per_arm(0.03, 0.006)
    (53181, 13886)
    """
    if not 0 < base_rate < base_rate + minimum_lift < 1:
        raise ValueError(
            "base_rate and base_rate + minimum_lift must lie between 0 and 1, the lift above 0"
        )
    effect = proportion_effectsize(base_rate + minimum_lift, base_rate)
    return int(NormalIndPower().solve_power(effect, alpha=alpha, power=power))


def power_curve(
    base_rate: float, lifts: list[float], *, alpha: float = 0.05, power: float = 0.8
) -> pd.DataFrame:
    """Tabulate how many people an experiment inside one segment needs, by the lift it must see.

    >>> power_curve(0.03, [0.003, 0.006])["people"].tolist()
    [106362, 27772]
    """
    people = [2 * people_per_arm(base_rate, lift, alpha=alpha, power=power) for lift in lifts]
    return pd.DataFrame({"minimum_lift": lifts, "people": people})


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
        ("power", people_for_power, "two equal arms inside the segment can see the minimum lift"),
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


class Rule(NamedTuple):
    """What will count as success, before anybody is shown anything."""

    goal: str
    owner: str  # who decides
    metric: str  # the primary indicator
    base_rate: float  # share of people with the outcome today
    minimum_lift: float  # the smallest rise worth acting on
    horizon_days: int  # days in which an outcome counts
    alpha: float = 0.05  # chance of a false alarm
    power: float = 0.8  # chance of finding the minimum lift


def decision_rule(rule: Rule, *, now: datetime, earlier: ir.Table | None = None) -> pd.DataFrame:
    """Write down what will count as success, with a fingerprint and the moment it was fixed.

    An unchanged rule keeps the date it was first registered on (`earlier` is the last run's table).

    >>> import ibis
    >>> rule = Rule("g", "o", "conversion", base_rate=0.1, minimum_lift=0.05, horizon_days=28)
    >>> first = decision_rule(rule, now=datetime(2026, 1, 1))
    >>> again = decision_rule(rule, now=datetime(2026, 2, 1), earlier=ibis.memtable(first))
    >>> again["registered_at"].dt.month.tolist()
    [1]
    """
    stop = f"when the last person assigned has had {rule.horizon_days} days; no decision before"
    written = rule._asdict() | {"stop_rule": stop}
    rule_hash = hashlib.sha256(repr(sorted(written.items())).encode()).hexdigest()[:16]
    registered = pd.Timestamp(now)
    if earlier is not None:
        same = earlier.filter(earlier["rule_hash"] == rule_hash).to_pandas()
        registered = min([registered, *same["registered_at"]])
    return pd.DataFrame([written | {"rule_hash": rule_hash, "registered_at": registered}])
