"""05: which groups of people are there? Read the families in this order.

`preparation` (who and by what), `selection` (which grouping, or none), `assignment` (the model that
assigns anybody), `continuity` (ids and names that last), `profiles` (how segments differ),
`personas` (their stories).
"""

from coterie.segments.assignment import (
    ambiguity,
    assign,
    border_agreement,
    compare_with_truth,
    core_share,
    fit_final,
    from_model,
    hard_assign,
    memberships,
    planted_segments,
    scorer,
    segment_sizes,
    smallest_segment,
    soft_assign,
    to_model,
)
from coterie.segments.continuity import carry_over
from coterie.segments.personas import Persona, count_contexts, personas
from coterie.segments.preparation import (
    COMPARE_ON,
    LEAVE_OUT,
    Matrix,
    columns_like,
    feature_matrix,
    person_features,
    sample_people,
)
from coterie.segments.profiles import (
    ablation,
    audience_nodes,
    count_differing,
    effect_sizes,
    embed,
    external_check,
    nest,
    resolving,
    surrogate,
)
from coterie.segments.selection import (
    SENTENCES,
    Effort,
    Population,
    Verdict,
    compare_algorithms,
    null_stability,
    rank,
    select_model,
)
