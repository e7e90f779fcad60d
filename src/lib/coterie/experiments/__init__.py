"""08, and the plans of 01: does knowing change anything? Read in this order.

`plan` (what will decide, written down first), `registry` (every plan ever, with its date), `sizing`
(how many people it takes), `assignment` (who is in which arm), `campaigns` (what a study's files
say was done), `warehouse` (tests of which only sums are known), `outcomes` and `aggregates` (what
people did, added up in the engine), `means`, `quantiles` and `effects` (every arm against control,
from sums alone but for quantiles), `checks` with `size_checks` and `sum_checks` (whether to believe
it), `sequential` and `looks` (before the end), `decisions` (four words), `interaction` (content for
a segment against generic content), `analysis` and `report` (all of it),
`contamination` (who was in other campaigns, whom the message reached), `learning` (what segments
teach together), `uplift` (whether some people are moved more), `stability` (whether people stay in
their segments), `truth` (what a simulated world planted).
"""

from coterie.experiments.analysis import analyse, from_sums
from coterie.experiments.assignment import assignment_table, hold_out, holdout_plan
from coterie.experiments.campaigns import as_campaign, find_campaigns, placed_before, starts
from coterie.experiments.contamination import Overlap, deliveries, overlap
from coterie.experiments.learning import Shrunken, merge_advice, shrink
from coterie.experiments.looks import earlier_looks
from coterie.experiments.plan import (
    HOLDOUT,
    Metric,
    Plan,
    default_plan,
    own_plans,
    plan_hash,
    with_arms,
)
from coterie.experiments.registry import decision_rule, read_plans, register
from coterie.experiments.report import Report
from coterie.experiments.sequential import stop_rule
from coterie.experiments.sizing import people_needed, power_curve, size
from coterie.experiments.stability import Stability, check_stability
from coterie.experiments.truth import planted_lift
from coterie.experiments.uplift import Uplift, uplift
from coterie.experiments.warehouse import from_warehouse

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
