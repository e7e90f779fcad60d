"""02: whom may we look at? Column maps, validation with quarantine, identity.

columns (files under the study's names), times, amounts and identifiers (as exports write them),
money (orders and currencies), quarantine (which rows may enter), accounting (what became of each
row), identity (which accounts are one person), consent (who said no, and who plainly said yes),
employers (business domains of addresses), tables (what the lake keeps of it).
"""

from coterie.sourcing.accounting import (
    Reconciliation,
    account_for,
    check_accounting,
    reconcile,
    require_people,
)
from coterie.sourcing.consent import (
    Consents,
    earlier_refusals,
    heard_entries,
    may_refuse,
    read_consents,
)
from coterie.sourcing.employers import email_domains
from coterie.sourcing.identity import (
    all_accounts,
    as_model,
    compare_accounts,
    fit_linkage,
    guard_merges,
    link_accounts,
    link_changes,
    link_history,
    links_of,
    people_by_rule,
    people_table,
    review_queue,
    vault_table,
    why_linked,
    without_brands,
)
from coterie.sourcing.quarantine import sort_all
from coterie.sourcing.tables import (
    brand_accounts,
    column_map,
    events_per_week,
    events_table,
    exposures_table,
    labels_table,
    outcomes_table,
    posts_table,
    sums_table,
)
