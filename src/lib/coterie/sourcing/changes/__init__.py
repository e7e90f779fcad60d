"""What changes while nobody looks: feeds of changes, and records that grow old.

feed (inserts, updates and deletes become a history, the same from any batches), hygiene (how long
a value holds, and whom to ask again).
"""

from coterie.sourcing.changes.feed import (
    State,
    apply_batch,
    begin,
    changes_between,
    history,
    replay,
    valid_at,
)
from coterie.sourcing.changes.hygiene import (
    HalfLife,
    clean_up_list,
    confidence,
    contact_records,
    last_seen,
    learn_half_life,
)
