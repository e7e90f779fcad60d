"""Identifiers written and hashed as each platform wants them."""

import hashlib
from collections.abc import Collection
from importlib.resources import files
from typing import NamedTuple

import pandas as pd
import phonenumbers
import yaml
from email_validator import EmailNotValidError, validate_email

RULES = files("coterie.activation").joinpath("platforms.yml")
PLATFORMS = yaml.safe_load(RULES.read_text(encoding="utf-8"))
COLUMNS = ["person_id", "platform", "kind", "key"]


def normalise(raw: str, *, kind: str, platform: str, region: str = "US") -> str | None:
    """Write an identifier the way a platform hashes it, None when it is unusable.

    The rules stand, dated, in `platforms.yml`.

    >>> normalise(" John_Smith@gmail.com ", kind="email", platform="meta")
    'john_smith@gmail.com'
    >>> normalise("(650)555-1212", kind="phone", platform="meta")
    '16505551212'
    """
    rule = PLATFORMS[platform].get(kind)
    if not rule:
        return None
    if kind == "email":
        return email_key(raw, steps=rule)
    return phone_key(raw, form=rule, region=region)


def email_key(raw: str, *, steps: list[str]) -> str | None:
    """Apply a platform's e-mail steps to a well-formed address; nobody is asked whether it exists.

    >>> email_key("Cloudy.SanFrancisco+shopping@gmail.com", steps=["trim", "lower", "gmail"])
    'cloudysanfrancisco@gmail.com'
    """
    address = raw.strip().lower()
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    name, domain = address.rsplit("@", 1)
    if "gmail" in steps and domain in ("gmail.com", "googlemail.com"):
        name = name.split("+")[0].replace(".", "")
    return f"{name}@{domain}" if name else None


def phone_key(raw: str, *, form: str, region: str) -> str | None:
    """Write a valid phone number with its country code, `region`'s when it has none.

    `form` is `e164` (with the plus) or `digits`.

    >>> phone_key("(800)555-0100", form="e164", region="US")
    '+18005550100'
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):  # a possible one may be anybody's, or nobody's
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if form == "e164" else e164.removeprefix("+")


class PhoneNumbers(NamedTuple):
    """How many telephone numbers can be dialled as they stand."""

    n_numbers: int
    n_valid: int
    region: str  # the country of numbers that carry no country code

    @property
    def valid_share(self) -> float:
        """Share of numbers that are valid; 1 without numbers."""
        return self.n_valid / self.n_numbers if self.n_numbers else 1.0


def check_numbers(contacts: pd.DataFrame, *, region: str = "US") -> PhoneNumbers:
    """Count the different telephone numbers, and those valid in `region` or by their country code.

    `contacts` has `kind` and `identifier`.

    >>> contacts = pd.DataFrame({"kind": "phone", "identifier": ["06 12 34 56 78", "1234567"]})
    >>> check_numbers(contacts).n_valid, check_numbers(contacts, region="FR").n_valid
    (0, 1)
    """
    numbers = contacts.loc[contacts["kind"] == "phone", "identifier"].unique()
    valid = [phone_key(number, form="e164", region=region) for number in numbers]
    return PhoneNumbers(len(numbers), sum(key is not None for key in valid), region)


def hashed_keys(vault: pd.DataFrame, *, platforms: list[str], region: str = "US") -> pd.DataFrame:
    """Hash every usable identifier for every platform; a hash is as private as what it was made
    from.

    `vault` has `person_id`, `kind`, `identifier`.
    """
    rows = []
    for person, kind, raw in zip(
        vault["person_id"], vault["kind"], vault["identifier"], strict=True
    ):
        for platform in platforms:
            text = normalise(raw, kind=kind, platform=platform, region=region)
            if text:
                rows.append((person, platform, kind, hashlib.sha256(text.encode()).hexdigest()))
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object).drop_duplicates()


def without_shared(keys: pd.DataFrame, *, refused: Collection[str]) -> pd.DataFrame:
    """Leave out every key that somebody who said no has too, whoever else it belongs to.

    >>> keys = pd.DataFrame({"person_id": ["ana", "bo", "bo"], "key": ["k1", "k1", "k2"]})
    >>> without_shared(keys, refused={"ana"})["key"].tolist()
    ['k2']
    """
    theirs = keys.loc[keys["person_id"].isin(set(refused)), "key"]
    return keys[~keys["key"].isin(theirs)]
