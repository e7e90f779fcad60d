"""Firmographics: what somebody knows of a company beside its people, from the study file."""

import re
from collections.abc import Sequence

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from coterie.entries import read_entry
from coterie.rules.companies.names import company_key
from coterie.study import SettingsError

FORM = "{company: Acme Ltd, size: 240, industry: steel, domain: acme.example}"
COLUMNS = {"company_size": "Int64", "industry": "str", "domain": "str"}


class Firm(BaseModel):
    """One company, as it stands in the study file."""

    model_config = ConfigDict(extra="forbid")
    company: str
    size: int | None = Field(default=None, ge=0)
    industry: str | None = None
    domain: str | None = None


def read_firmographics(entries: Sequence[object]) -> pd.DataFrame:
    """Read what is known of companies, one row a company: key, size, industry and domain.

    Raises
    ------
    SettingsError
        Naming the entry that cannot be read, or that speaks of a company a second time.

    >>> read_firmographics([dict(company="Acme Ltd", size=240)])["company_size"].tolist()
    [240]
    """
    firms = [
        read_entry(Firm, entry, where=f"07_rules.companies, entry {at}", form=FORM)
        for at, entry in enumerate(entries, start=1)
    ]
    keys = [company_key(firm.company) for firm in firms]
    for at, (firm, key) in enumerate(zip(firms, keys, strict=True), start=1):
        if not key or key in keys[: at - 1]:
            why = "there is one of the same name" if key else "that is no name of a company"
            raise SettingsError(f"07_rules.companies, entry {at}, {firm.company}: {why}.")
    rows = {
        "company_key": keys,
        "company_size": [firm.size for firm in firms],
        "industry": [firm.industry for firm in firms],
        "domain": [plain_domain(firm.domain or "") or None for firm in firms],
    }
    return pd.DataFrame(rows).astype({"company_key": "str"} | COLUMNS)


def plain_domain(text: str) -> str:
    """Write a web address or domain as a platform's company list wants it.

    >>> plain_domain("https://www.Acme.example/about")
    'acme.example'
    """
    host = re.sub(r"^[a-z]+://", "", text.strip().lower()).split("/")[0]
    return host.removeprefix("www.")
