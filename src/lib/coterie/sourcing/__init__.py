"""02: whom may we look at? Column maps, validation with quarantine, exact-key identity."""

from coterie.sourcing.columns import (
    Reconciliation,
    SortedRows,
    check_rows,
    guess_columns,
    map_rows,
    reconcile,
    sort_all,
    sort_rows,
)
from coterie.sourcing.identity import (
    all_accounts,
    exact_key,
    link_accounts,
    links_of,
    people_by_rule,
    people_table,
    vault_table,
    without_brands,
)
from coterie.sourcing.tables import (
    brand_accounts,
    consents_table,
    events_per_week,
    events_table,
    exposures_table,
    labels_table,
    posts_table,
)
