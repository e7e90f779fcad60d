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
from coterie.activation.keys import hashed_keys
from coterie.activation.suppression import Records, count_by_rule, suppression_rules

__all__ = [
    "Decisions",
    "Outbox",
    "Records",
    "audience_files",
    "count_by_reason",
    "count_by_rule",
    "decide_exports",
    "hashed_keys",
    "list_outbox",
    "suppression_rules",
]
