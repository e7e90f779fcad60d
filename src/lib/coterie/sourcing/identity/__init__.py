"""One person out of many accounts. Read in this order:

names, keys (identifiers as equal text), records (what is compared), comparisons (how), blocking
(which pairs), model, training, scoring, clusters (pairs become groups, guarded), linking (all of
it), guard, review, explanation, history, accounts (the tables).
"""

from coterie.sourcing.identity.accounts import (
    all_accounts,
    links_of,
    people_by_rule,
    people_table,
    vault_table,
    without_brands,
)
from coterie.sourcing.identity.explanation import Explanation, why_linked
from coterie.sourcing.identity.guard import Guard, guard_merges
from coterie.sourcing.identity.history import link_changes, link_history, links_on
from coterie.sourcing.identity.keys import exact_key
from coterie.sourcing.identity.linking import compare_accounts, fit_linkage, link_accounts
from coterie.sourcing.identity.model import Linkage, as_linkage, as_model
from coterie.sourcing.identity.review import review_queue
