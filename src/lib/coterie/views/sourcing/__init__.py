"""What 02 shows. Read in this order.

intake (where every row went, which accounts are one person, and what was read of each file),
deciding (how good the sources are, and what none of them sees).
"""

from coterie.views.sourcing.intake import (
    activity,
    by_file,
    consent_files,
    evidence,
    evidence_table,
    feeds,
    link_changes,
    over_merges,
    people_by_key,
    reasons,
    reconciliation,
    review,
    row_notes,
    set_aside,
)
