"""What may leave the house: texts without identifiers, groups of at least `min_people`.

identifiers  redaction of posts; the scan of pages for e-mails, phones, handles, names, secrets
secrets      what is secret by its name, its shape or its place
cells        small counts left out, and what a subtraction would bring them back from
"""

from coterie.disclosure.cells import hidden_cells, suppress_small, suppress_within
from coterie.disclosure.identifiers import (
    Identifiers,
    LeakError,
    find_leaks,
    identifier_tokens,
    redact,
    words_found,
)
from coterie.disclosure.secrets import (
    MASK,
    hide_all,
    hide_shapes,
    hider,
    is_secret_name,
    secrets_in,
)
