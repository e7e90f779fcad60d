"""10: who gets what? Read in this order.

`suppression` (whom each rule leaves out), `keys` (identifiers as each platform hashes them),
`audiences` (one decision a person and platform, and the files).
"""

from coterie.activation.audiences import (
    Decisions,
    Outbox,
    audience_files,
    count_by_reason,
    decide_exports,
    list_outbox,
)
from coterie.activation.keys import PLATFORMS, hashed_keys, normalise
from coterie.activation.suppression import (
    PARTLY,
    Records,
    count_by_rule,
    in_holdout,
    suppression_rules,
)

__all__ = [
    "PARTLY",
    "PLATFORMS",
    "Decisions",
    "Outbox",
    "Records",
    "audience_files",
    "count_by_reason",
    "count_by_rule",
    "decide_exports",
    "hashed_keys",
    "in_holdout",
    "list_outbox",
    "normalise",
    "suppression_rules",
]
