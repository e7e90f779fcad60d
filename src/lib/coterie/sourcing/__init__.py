"""02: whom may we look at? Column maps, validation with quarantine, exact-key identity.

columns (files under the study's names), money (orders and currencies), quarantine (which rows may
enter), identity (which accounts are one person), consent (who said no, and who plainly said yes),
tables (what the lake keeps of it).
"""

from coterie.sourcing.consent import Consents, earlier_refusals, read_consents
from coterie.sourcing.identity import (
    all_accounts,
    link_accounts,
    links_of,
    people_by_rule,
    people_table,
    vault_table,
    without_brands,
)
from coterie.sourcing.quarantine import Reconciliation, reconcile, sort_all
from coterie.sourcing.tables import (
    brand_accounts,
    column_map,
    events_per_week,
    events_table,
    exposures_table,
    labels_table,
    posts_table,
)
