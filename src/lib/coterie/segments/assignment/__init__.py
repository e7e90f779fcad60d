"""The final fit as a model that assigns anybody, at any day.

Read `final`, `model`, `expression` (the same in the engine), `membership`, `calibration`,
`storage`, `borders` (would they be drawn again?).
"""

from coterie.segments.assignment.borders import border_agreement
from coterie.segments.assignment.calibration import (
    Truth,
    check_membership,
    compare_with_truth,
    fit_temperature,
    planted_segments,
)
from coterie.segments.assignment.expression import soft_assign
from coterie.segments.assignment.final import fit_final
from coterie.segments.assignment.membership import (
    ambiguity,
    assign,
    core_share,
    hard_assign,
    memberships,
    segment_sizes,
    smallest_segment,
)
from coterie.segments.assignment.model import AssignmentModel, log_odds, membership_shares, scorer
from coterie.segments.assignment.storage import from_model, to_model
