"""Every plan ever written down, with its date: what nobody can change afterwards."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import ibis.expr.types as ir
import pandas as pd
from pydantic import TypeAdapter

from coterie.experiments.design.plan import ANY, Plan, plan_hash
from coterie.experiments.design.sequential import stop_rule


def decision_rule(plans: Sequence[Plan], registered: pd.DataFrame) -> pd.DataFrame:
    """Write what the first plan decides by, in one row."""
    plan = plans[0]
    days = plan.primary.horizon_days
    known = registered.set_index("plan_hash")["registered_at"]
    row = {
        "goal": plan.goal,
        "owner": plan.owner,
        "metric": plan.primary.name,
        "base_rate": plan.base_rate,
        "minimum_lift": plan.minimum_lift,
        "alpha": plan.alpha,
        "power": plan.power,
        "horizon_days": days,
        "stop_rule": stop_rule(plan),
        "rule_hash": plan_hash(plan),
        "registered_at": known[plan_hash(plan)],
    }
    return pd.DataFrame([row])


def register(
    plans: Sequence[Plan], *, now: datetime, earlier: ir.Table | None = None
) -> pd.DataFrame:
    """Add plans to those ever written down; a plan that was there before keeps its first date.

    `earlier` is the table of the last run. Nothing is taken out: `current` marks the plans that
    hold now.

    >>> import ibis
    >>> from coterie.experiments.design.plan import Metric
    >>> old = Plan("spring", "g", "o", {"control": 1, "treatment": 1}, Metric("visit"), 0.02)
    >>> first = register([old], now=datetime(2026, 1, 1))
    >>> changed = [old._replace(minimum_lift=0.01)]
    >>> second = register(changed, now=datetime(2026, 2, 1), earlier=ibis.memtable(first))
    >>> back = register([old], now=datetime(2026, 3, 1), earlier=ibis.memtable(second))
    >>> back[["minimum_lift", "current"]].values.tolist(), back["registered_at"].dt.month.tolist()
    ([[0.02, True], [0.01, False]], [1, 2])
    """
    rows = [
        {
            "plan_hash": plan_hash(plan),
            "experiment": plan.id,
            "goal": plan.goal,
            "owner": plan.owner,
            "metric": plan.primary.name,
            "minimum_lift": plan.minimum_lift,
            "act_when": plan.act_when,
            "alpha": plan.alpha,
            "power": plan.power,
            "written": plan.written,
            "registered_at": pd.Timestamp(now),
            "current": True,
        }
        for plan in plans
    ]
    new = pd.DataFrame(rows)
    if earlier is None:
        return new
    known = earlier.to_pandas()
    known = known.assign(current=known["plan_hash"].isin(new["plan_hash"]))
    unknown = new[~new["plan_hash"].isin(known["plan_hash"])]
    return pd.concat([known, unknown], ignore_index=True)


def read_plans(registered: pd.DataFrame) -> dict[str, Plan]:
    """Read the plans that hold now, by the campaign that each is for."""
    held = registered[registered["current"]]
    plans = [TypeAdapter(Plan).validate_python(json.loads(text)) for text in held["written"]]
    return {plan.id: plan for plan in plans}


def plan_for(plans: Mapping[str, Plan], campaign: str) -> Plan:
    """Find a campaign's plan: its own, or the one for any campaign."""
    return plans.get(campaign, plans[ANY])
