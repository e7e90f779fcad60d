"""Firmographics: what somebody knows of a company beside its people, by hand or from a register.

The study file says it of some companies, a register of its own of many. Who writes into the study
file means it: an entry that cannot be read is an error. A register has thousands of rows and some
are always odd: a cell that is no number is missing, a row without a name is left out, and both are
counted.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from coterie.entries import read_entry
from coterie.rules.companies.names import company_key
from coterie.study import SettingsError

FORM = "{company: Acme Ltd, employees: 240, industry: steel, domain: acme.example}"
REGISTER = ("company", "domain", "industry", "employees", "revenue", "country")  # what one says
NO_REGISTER = pd.DataFrame(columns=list(REGISTER), dtype="str")
COLUMNS = {"employees": "Int64", "revenue": "float64"}
COLUMNS |= {"industry": "str", "country": "str", "domain": "str"}
GROUPED = re.compile(r"\d{1,3}(?:([ ,.'’\u202f\u00a0])\d{3})(?:\1\d{3})*")


class Firm(BaseModel):
    """One company, as it stands in the study file."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    company: str
    employees: int | None = Field(
        default=None, ge=0, validation_alias=AliasChoices("employees", "size")
    )
    industry: str | None = None
    domain: str | None = None
    revenue: float | None = Field(default=None, allow_inf_nan=False)
    country: str | None = None


class Firmographics(NamedTuple):
    """What is known of companies beside their people."""

    table: pd.DataFrame  # `company_key`, `company`, and COLUMNS: one row a company
    n_unread: int  # rows of the register without a name or of one before, and cells not understood


def read_firmographics(
    entries: Sequence[object], register: pd.DataFrame = NO_REGISTER
) -> Firmographics:
    """Read what is known of companies, one row a company; the study file wins over the register.

    Raises
    ------
    SettingsError
        Naming the entry that cannot be read, or that speaks of a company a second time.

    >>> read_firmographics([dict(company="Acme Ltd", employees=240)]).table["employees"].tolist()
    [240]
    """
    written = pd.DataFrame(
        [firm.model_dump() for firm in read_entries(entries)], columns=list(REGISTER), dtype=object
    )
    found, n_unread = readable(register)
    rows = pd.concat([written, found], ignore_index=True).astype(object)
    keys = [company_key(name) for name in rows["company"]]
    domains = [plain_domain(text) or None for text in rows["domain"].fillna("")]
    keyed = rows.assign(company_key=keys, domain=domains)
    single = keyed[keyed["company_key"] != ""].drop_duplicates("company_key", ignore_index=True)
    types = {"company_key": "str", "company": "str"} | COLUMNS
    table = single[list(types)].astype(types)
    return Firmographics(table, n_unread)


def read_entries(entries: Sequence[object]) -> list[Firm]:
    """Read what the study file says of companies, each once."""
    firms = [
        read_entry(Firm, entry, where=f"07_rules.companies, entry {at}", form=FORM)
        for at, entry in enumerate(entries, start=1)
    ]
    keys = [company_key(firm.company) for firm in firms]
    for at, (firm, key) in enumerate(zip(firms, keys, strict=True), start=1):
        if not key or key in keys[: at - 1]:
            why = "there is one of the same name" if key else "that is no name of a company"
            raise SettingsError(f"07_rules.companies, entry {at}, {firm.company}: {why}.")
    return firms


def readable(register: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Keep the rows of a register that name a company, each once, and count what could not be read.

    >>> rows = pd.DataFrame({"company": ["Acme", "ACME Ltd", None], "employees": "51-200"})
    >>> readable(rows.reindex(columns=REGISTER))[1]
    3
    """
    text = register.astype("str").apply(lambda column: column.str.strip().replace("", None))
    keys = text["company"].fillna("").map(company_key)
    kept = text[(keys != "") & ~keys.duplicated()]
    numbers = {
        "employees": kept["employees"].map(whole_number, na_action="ignore").astype("float64"),
        "revenue": kept["revenue"].map(plain_number, na_action="ignore").astype("float64"),
    }
    n_odd = sum(int((kept[name].notna() & found.isna()).sum()) for name, found in numbers.items())
    found = kept.assign(**numbers).astype(object)
    return found.where(found.notna(), None), len(text) - len(kept) + n_odd


def whole_number(text: str) -> float | None:
    """Read a number of people; thousands may be grouped. A range, as "51-200", is none.

    >>> whole_number("1,200"), whole_number("1.200"), whole_number("51-200"), whole_number("-3")
    (1200.0, 1200.0, None, None)
    >>> whole_number("12.0")  # as a workbook may have it
    12.0
    """
    plain = re.sub(r"\D", "", text) if GROUPED.fullmatch(text) else text.removesuffix(".0")
    return float(plain) if plain.isdecimal() else None


def plain_number(text: str) -> float | None:
    """Read money; a single sign that may be a comma or a thousand's is not guessed at.

    >>> plain_number("12500000.5"), plain_number("1,250,000"), plain_number("1,250")
    (12500000.5, 1250000.0, None)
    """
    signs = re.findall(r"[^\d-]", text)
    if len(signs) > 1 and GROUPED.fullmatch(text):
        return float(re.sub(r"\D", "", text))
    plain = re.fullmatch(r"-?\d+(\.\d{1,2}|\.\d{4,})?", text, re.ASCII)
    return float(text) if plain else None


def plain_domain(text: str) -> str:
    """Write a web address or domain as a platform's company list wants it.

    >>> plain_domain("https://www.Acme.example:443/about?x=1")
    'acme.example'
    """
    host = re.split(r"[/?#:]", re.sub(r"^[a-z]+://", "", text.strip().lower()))[0]
    return host.removeprefix("www.").strip(".")
