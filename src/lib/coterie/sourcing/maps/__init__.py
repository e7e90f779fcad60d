"""Ready maps: which vendor's export a file is, and the entry of the column map it becomes.

declared (one YAML file a vendor beside this one: header signatures and entries), headers (is the
first line a header, and may it be shown), shapes (what a column's values look like), candidates
(which columns may be one of ours), guesses (the kind of a file that no vendor's map recognises),
trials (an experiment's own table), summed (a test that a warehouse added up), consents (columns
that hold a yes or a no, and which of the two they hold).
"""

from coterie.sourcing.consent.words import asked_by
from coterie.sourcing.maps.candidates import with_currency
from coterie.sourcing.maps.consents import consent_entries
from coterie.sourcing.maps.declared import recognise
from coterie.sourcing.maps.guesses import Context, guess_entries, hinted, holds_sums, refuses_all
from coterie.sourcing.maps.headers import header_fault, own_columns, shown_names
from coterie.sourcing.maps.shapes import Sample
from coterie.sourcing.maps.summed import sums_entries, sums_plan
from coterie.sourcing.maps.trials import trial_plan
