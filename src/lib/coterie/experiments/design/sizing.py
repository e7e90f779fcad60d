"""How many people an experiment takes, and what it can promise with those there are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_effectsize

from coterie.experiments.design.plan import Plan
from coterie.experiments.design.sequential import final_alpha

COLUMNS = ["segment", "arm", "n_control", "n_arm", "n_total", "mde", "p_act"]


def people_per_arm(
    base_rate: float,
    minimum_lift: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    convention: str = "pooled",
) -> float:
    """Count the people that control needs so that a lift of this size is seen as often as wanted.

    Two-sided test of two shares; `minimum_lift` is absolute (0.03 to 0.033 is 0.003); the other arm
    has `ratio` times as many. Not rounded.

    Parameters
    ----------
    convention
        Which variance the test has were nothing changed. `pooled`: that of both arms' mean, as the
        z test and R's `power.prop.test` have it. `base`: that of the base rate in both arms, as
        Evan Miller's calculator has it. `arcsine`: Cohen's h, as statsmodels has
        it in `NormalIndPower`.

    Raises
    ------
    ValueError
        When base rate and lifted rate are not both between 0 and 1.

    References
    ----------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, chapter 4; Cohen
    (1988), Statistical Power Analysis, chapter 6.

    >>> round(people_per_arm(0.2, 0.05), 2), round(people_per_arm(0.2, 0.05, convention="base"))
    (1093.74, 1030)
    """
    if not 0 < base_rate < base_rate + minimum_lift < 1 or minimum_lift <= 0:
        raise ValueError(
            "base_rate and base_rate + minimum_lift must lie between 0 and 1, the lift above 0"
        )
    q, p = base_rate, base_rate + minimum_lift
    z_false, z_true = stats.norm.isf(alpha / 2), stats.norm.ppf(power)
    if convention == "arcsine":
        effect = proportion_effectsize(p, q)
        return float(((z_false + z_true) / effect) ** 2 * (1 + 1 / ratio))
    null = {"pooled": (q + ratio * p) / (1 + ratio), "base": q}[convention]
    under_null = z_false * np.sqrt(null * (1 - null) * (1 + 1 / ratio))
    under_lift = z_true * np.sqrt(q * (1 - q) + p * (1 - p) / ratio)
    return float((under_null + under_lift) ** 2 / minimum_lift**2)


def chance_to_act(
    lift: float, n_control: float, n_arm: float, plan: Plan, *, base_rate: float
) -> float:
    """Say how often the plan's rule says act when this lift is true."""
    q, p = base_rate, min(base_rate + lift, 1.0)
    total = n_control + n_arm
    both = (n_control * q + n_arm * p) / total
    z = stats.norm.isf(final_alpha(plan) / 2)
    needed = z * np.sqrt(both * (1 - both) * (1 / n_control + 1 / n_arm))
    if plan.act_when == "estimate >= minimum":
        needed = max(needed, plan.minimum_lift)
    error = np.sqrt(q * (1 - q) / n_control + p * (1 - p) / n_arm)
    return float(stats.norm.sf((needed - lift) / error))


def surest_lift(n_control: float, n_arm: float, plan: Plan, *, base_rate: float) -> float:
    """Find the smallest lift on which the rule acts as often as the plan wants; nan if none is."""

    def missing(lift: float) -> float:
        return chance_to_act(lift, n_control, n_arm, plan, base_rate=base_rate) - plan.power

    largest = 1 - base_rate - 1e-9
    return float(optimize.brentq(missing, 1e-9, largest)) if missing(largest) > 0 else np.nan


def size(plan: Plan, *, base_rate: float, people: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Say for every arm how many people it takes, which lift it finds, and how often it acts.

    `n_control` and `n_arm` are what a lift of the minimum takes so that it is told from none; with
    `people` (a number for each segment) they are what there is. `p_act` is how often the rule says
    act when the minimum itself is true. Under `estimate >= minimum` that is at most one half,
    however many people: `mde` is the lift on which it acts as often as the plan wants.

    Returns
    -------
    DataFrame
        One row a segment and arm.

    >>> from coterie.experiments.design.plan import Metric
    >>> plan = Plan("test", "g", "o", {"control": 1, "b": 1}, Metric("visit"), 0.05)
    >>> size(plan, base_rate=0.2)[["n_control", "mde", "p_act"]].round(3).values.tolist()
    [[1094.0, 0.05, 0.8]]
    >>> demanding = plan._replace(act_when="estimate >= minimum")
    >>> size(demanding, base_rate=0.2)[["n_control", "mde", "p_act"]].round(3).values.tolist()
    [[1094.0, 0.065, 0.5]]
    """
    rows = []
    for segment, there in (people or {"all": 0}).items():
        for arm in plan.treatments:
            ratio = plan.shares[arm] / plan.shares[plan.control]
            n = there * plan.shares[plan.control]
            if people is None:
                n = control_needed(plan, arm, base_rate=base_rate)
            arms = (max(n, 1.0), max(n * ratio, 1.0))
            least = surest_lift(*arms, plan, base_rate=base_rate)
            acts = chance_to_act(plan.minimum_lift, *arms, plan, base_rate=base_rate)
            total = int(np.ceil(n / plan.shares[plan.control]))
            rows.append((segment, arm, int(n), int(np.ceil(n * ratio)), total, least, acts))
    return pd.DataFrame(rows, columns=COLUMNS)


def control_needed(plan: Plan, arm: str, *, base_rate: float) -> float:
    """Count the people of control that one arm's minimum lift takes.

    Several arms share alpha, and looks before the end leave less of it to the end.
    """
    chances = {"alpha": final_alpha(plan), "power": plan.power}
    ratio = plan.shares[arm] / plan.shares[plan.control]
    return float(np.ceil(people_per_arm(base_rate, plan.minimum_lift, ratio=ratio, **chances)))


def people_needed(plan: Plan, *, base_rate: float) -> int:
    """Count the people of all arms together that the minimum lift takes, for the slowest arm."""
    most = max(control_needed(plan, arm, base_rate=base_rate) for arm in plan.treatments)
    return int(np.ceil(most / plan.shares[plan.control]))


def planned_people(plan: Plan) -> int:
    """Count the people that a plan waits for: as it states, or as many as its minimum takes."""
    return plan.people or people_needed(plan, base_rate=plan.base_rate)


def power_curve(plan: Plan, *, base_rate: float, lifts: list[float]) -> pd.DataFrame:
    """Tabulate how many people an experiment inside one segment needs, by the lift it must see."""
    people = [
        people_needed(plan._replace(minimum_lift=lift), base_rate=base_rate) for lift in lifts
    ]
    return pd.DataFrame({"minimum_lift": lifts, "people": people})
