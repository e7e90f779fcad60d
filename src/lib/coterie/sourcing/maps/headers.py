"""Headers: whether a file's first line is one, and which of its names may be shown."""

import re

from coterie.sourcing.columns import SYNONYMS
from coterie.sourcing.consent.words import asked_by
from coterie.sourcing.maps.shapes import Sample, shape_of_one

FAULT = "its first line looks like data, so no name of it is shown"
LOADED = re.compile(r"_(fivetran|airbyte|sdc|dlt|rivery|hevo|stitch)_", re.IGNORECASE)
NOTHING = {"n/a", "na", "nan", "null", "none", "-", "--", "unknown", "(not set)"}
TYPED = ("email", "link", "moment", "number")


def folded(name: str) -> str:
    """Write a column's name so that spelling and punctuation do not matter.

    >>> folded("\ufeffE-Mail Address "), folded("hs_email_optout"), folded("Order #")
    ('e_mail_address', 'hs_email_optout', 'order')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name)  # CreatedDate, but not RESPONDENT_ID
    return re.sub(r"[\W_]+", "_", apart.casefold()).strip("_")


def known_names() -> set[str]:
    """List every column name that the synonyms know, folded."""
    lists = [*SYNONYMS["columns"].values(), SYNONYMS["sums"]]
    return {folded(word) for words in lists for word in words}


def header_fault(sample: Sample) -> str:
    """Say why a file's first line is no header; empty when it is one.

    It is data when a name is an address, a link, a moment or a number, or stands among its own
    column's values. It is a header when some column holds moments or numbers and its name does
    not; where all is text, one name must be known.

    >>> header_fault(Sample(["user", "at"], {"user": ["ana"], "at": ["2026-05-01"]}))
    ''
    >>> header_fault(Sample(["ana", "liked"], {"ana": ["bo"], "liked": ["liked"]})) == FAULT
    True
    """
    names = [name.strip() for name in sample.names]
    filled = [name for name in names if name]
    repeated = any(
        name.casefold() in {value.strip().casefold() for value in sample.values.get(name, ())}
        for name in filled
    )
    if not filled or repeated or any(shape_of_one(name) in TYPED for name in filled):
        return FAULT
    if any(data_like(name) or name.casefold() in NOTHING for name in filled):
        return FAULT
    typed = any(sample.shape(name) in (*TYPED, "truth") for name in filled)
    typed |= any(map(sample.is_hashed, filled))
    known = {folded(name) for name in filled} & known_names()
    return "" if typed or known or any(map(asked_by, filled)) else FAULT


def data_like(name: str) -> bool:
    """Tell whether a name holds an address, many digits or a sentence.

    >>> data_like("l:900000001"), data_like("impressions"), data_like("Tax 5 Value")
    (True, False, False)
    >>> data_like("Do you consent to be contacted by e-mail for marketing purposes?")
    False
    """
    sentence = len(name) > 60 and " " in name and not name.strip(" *").endswith("?")
    return "@" in name or sum(map(str.isdigit, name)) > 4 or sentence


def own_columns(sample: Sample) -> Sample:
    """Leave out what a loading tool added to a table: when it was synchronised, its own keys.

    >>> own_columns(Sample(["id", "_fivetran_synced"], {})).names
    ['id']
    """
    return sample._replace(names=[name for name in sample.names if not LOADED.match(name)])


def shown_names(sample: Sample, used: set[str]) -> list[str]:
    """List the columns that an entry does not use, but for those that look like data.

    >>> shown_names(Sample(["user", "shoe_size", "id 900000001"], {}), {"user"})
    ['shoe_size']
    """
    return [name for name in sample.names if name and name not in used and not data_like(name)]
