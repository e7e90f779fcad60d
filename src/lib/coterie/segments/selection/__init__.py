"""Which algorithm, how many groups, or none.

Read `algorithms`, `criteria`, `nulls`, `replicates`, `stability`, `targeting`, `comparison`, and
last `verdict`, which decides.
"""

from coterie.segments.selection.comparison import Comparison, Effort, Population, compare_algorithms
from coterie.segments.selection.verdict import (
    SENTENCES,
    Verdict,
    null_stability,
    rank,
    select_model,
)
