"""Which algorithm, how many groups, or none.

Read `algorithms`, `criteria`, `replicates`, `halves` (learned here, tested there), `missingness`,
`nulls`, `significance`, `stability`, `against_nulls`, `targeting`, `comparison`, and last
`verdict`, which decides.
"""

from coterie.segments.selection.comparison import Comparison, Effort, Population, compare_algorithms
from coterie.segments.selection.significance import PValue
from coterie.segments.selection.verdict import (
    SENTENCES,
    Verdict,
    null_stability,
    rank,
    select_model,
)
