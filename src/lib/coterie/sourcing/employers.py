"""Where somebody works, as far as a business address says so: the domain, never the address."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
import yaml

LISTED = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
PROVIDERS = {domain for some in LISTED["providers"].values() for domain in some}
FAMILIES, SECOND_LEVELS = set(LISTED["families"]), set(LISTED["second_levels"])
DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
COLUMNS = ["person_id", "email_domain"]


def email_domains(linked: pd.DataFrame, *, free_mail: Sequence[str] = ()) -> pd.DataFrame:
    """Say for whom people work as far as their addresses do: the domain, where it is a business's.

    Free mail providers never count; `employers.yml` lists them, dated, and `free_mail` adds others.
    Of several domains the one that most of a person's accounts state, the first in the alphabet of
    equals. `linked` has `person_id` and `email`.

    >>> mails = ["ana@Acme.example", "ana@yahoo.co.uk", "bo@gmail.com", None]
    >>> linked = pd.DataFrame({"person_id": ["ana", "ana", "bo", "cy"], "email": mails})
    >>> email_domains(linked).values.tolist()
    [['ana', 'acme.example']]
    """
    stated = linked[["person_id", "email"]].dropna()
    found = stated.assign(email_domain=stated["email"].map(domain_of))
    others = {domain_of(f"@{domain}") for domain in free_mail}
    asked = {domain: is_business(domain, others) for domain in found["email_domain"].unique()}
    business = found[found["email_domain"].map(asked).astype(bool)]
    counts = business.groupby(COLUMNS).size().reset_index(name="n")
    ordered = counts.sort_values(["person_id", "n", "email_domain"], ascending=[True, False, True])
    return ordered.drop_duplicates("person_id")[COLUMNS].reset_index(drop=True)


def domain_of(address: str) -> str:
    """Take what stands behind the last @ of an address, in small letters; empty where it is none.

    >>> domain_of(" Ana@Mail.ACME.example. "), domain_of("ana"), domain_of("ana@localhost")
    ('mail.acme.example', '', '')
    """
    domain = address.rpartition("@")[2].strip().strip(".").casefold() if "@" in address else ""
    return domain if DOMAIN.fullmatch(domain) else ""


def is_business(domain: str, others: Collection[str] = ()) -> bool:
    """Tell whether a domain may be a business's: no provider's, and below none.

    A family of providers stands with any ending, as yahoo.de and yahoo.co.uk.

    >>> [is_business(one) for one in ("acme.co.uk", "yahoo.co.uk", "mail.acme.example", "a.qq.com")]
    [True, False, True, False]
    """
    parts = domain.split(".")
    if not domain:
        return False
    double = len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in SECOND_LEVELS
    if parts[-3 if double else -2] in FAMILIES:
        return False
    above = {".".join(parts[at:]) for at in range(len(parts) - 1)}
    return above.isdisjoint(PROVIDERS | set(others))
