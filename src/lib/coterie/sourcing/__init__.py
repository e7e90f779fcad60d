"""02: whom may we look at? Column maps, validation with quarantine, exact-key identity."""

from coterie.sourcing.columns import SortedRows, check_rows, guess_columns, map_rows, sort_rows, source_summary
from coterie.sourcing.identity import all_accounts, exact_key, link_accounts, people_table, vault_table
from coterie.sourcing.tables import (
    brand_accounts,
    consents_table,
    events_table,
    exposures_table,
    labels_table,
    posts_table,
)
