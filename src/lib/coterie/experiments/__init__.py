"""08, and the plans of 01: does knowing change anything? Read in this order.

design (what will decide, written down first, and how many people it takes), trials (who was in
which arm, and what they did), checking (whether to believe it), deciding (from sums to four words),
learning (what a test teaches beyond its decision).
"""

from coterie.experiments.deciding.analysis import analyse, from_sums
from coterie.experiments.deciding.report import Report
from coterie.experiments.design.looks import earlier_looks
from coterie.experiments.design.plan import (
    HOLDOUT,
    Metric,
    Plan,
    default_plan,
    own_plans,
    plan_hash,
    with_arms,
)
from coterie.experiments.design.registry import decision_rule, read_plans, register
from coterie.experiments.design.sequential import stop_rule
from coterie.experiments.design.sizing import people_needed, power_curve, size
from coterie.experiments.learning.shrinkage import Shrunken, merge_advice, shrink
from coterie.experiments.learning.stability import Stability, check_stability
from coterie.experiments.learning.truth import planted_lift
from coterie.experiments.learning.uplift import Uplift, uplift
from coterie.experiments.trials.assignment import assignment_table, hold_out, holdout_plan
from coterie.experiments.trials.campaigns import as_campaign, find_campaigns, placed_before, starts
from coterie.experiments.trials.contamination import Overlap, deliveries, overlap
from coterie.experiments.trials.warehouse import from_warehouse

__all__ = [
    "HOLDOUT",
    "Metric",
    "Overlap",
    "Plan",
    "Report",
    "Shrunken",
    "Stability",
    "Uplift",
    "analyse",
    "as_campaign",
    "assignment_table",
    "check_stability",
    "decision_rule",
    "default_plan",
    "deliveries",
    "earlier_looks",
    "find_campaigns",
    "from_sums",
    "from_warehouse",
    "hold_out",
    "holdout_plan",
    "merge_advice",
    "overlap",
    "own_plans",
    "people_needed",
    "placed_before",
    "plan_hash",
    "planted_lift",
    "power_curve",
    "read_plans",
    "register",
    "shrink",
    "size",
    "starts",
    "stop_rule",
    "uplift",
    "with_arms",
]
