"""10: who gets what? Read in this order.

`suppression` (whom each rule leaves out), `keys` (identifiers as each platform hashes them),
`audiences` (one decision a person and platform, and the files), `lists` (files by list),
`companies` (files of companies, as a platform's company list wants them),
`self_check` (raw files against written files: was anybody exported who said no?), `hearing` (where
files of acts, messages and customers say no), `answers` (what names and answers say to it).
"""

from coterie.activation.audiences import (
    Decisions,
    Outbox,
    apply_check,
    audience_files,
    count_by_reason,
    decide_exports,
    list_outbox,
)
from coterie.activation.companies import CompanyFiles, company_files, reasons_to_stop
from coterie.activation.hearing import EAR
from coterie.activation.keys import PhoneNumbers, check_numbers, hashed_keys, without_shared
from coterie.activation.lists import ListFiles, list_files
from coterie.activation.self_check import SelfCheck, check_written
from coterie.activation.suppression import (
    Records,
    count_by_rule,
    suppression_rules,
    unreadable_files,
)

__all__ = [
    "EAR",
    "CompanyFiles",
    "Decisions",
    "ListFiles",
    "Outbox",
    "PhoneNumbers",
    "Records",
    "SelfCheck",
    "apply_check",
    "audience_files",
    "check_numbers",
    "check_written",
    "company_files",
    "count_by_reason",
    "count_by_rule",
    "decide_exports",
    "hashed_keys",
    "list_files",
    "list_outbox",
    "reasons_to_stop",
    "suppression_rules",
    "unreadable_files",
    "without_shared",
]
