"""Who gets what? Identifiers hashed as each platform wants them, and one decision a person and platform."""

import hashlib
from collections.abc import Collection
from importlib.resources import files

import numpy as np
import pandas as pd
import phonenumbers
import yaml
from email_validator import EmailNotValidError, validate_email

from coterie.disclosure import suppress_within

PLATFORMS = yaml.safe_load(files("coterie").joinpath("activation.yml").read_text(encoding="utf-8"))
PARTLY = 0.3  # share in a sensitive segment from which a person is left out, wherever the person mostly belongs


def normalise(raw: str, *, kind: str, platform: str, region: str = "US") -> str | None:
    """Write an identifier the way a platform hashes it (rules dated in `activation.yml`), None when it is unusable.

    >>> normalise(" John_Smith@gmail.com ", kind="email", platform="meta")
    'john_smith@gmail.com'
    >>> normalise("(650)555-1212", kind="phone", platform="meta")
    '16505551212'
    """
    if not (rule := PLATFORMS[platform].get(kind)):
        return None
    return email_key(raw, steps=rule) if kind == "email" else phone_key(raw, form=rule, region=region)


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
    """Write a possible phone number with its country code, `region`'s when it has none, with or without the plus.

    >>> phone_key("(800)555-0100", form="e164", region="US")
    '+18005550100'
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164[form != "e164" :] if phonenumbers.is_possible_number(number) else None


def hashed_keys(vault: pd.DataFrame, *, platforms: list[str], region: str = "US") -> pd.DataFrame:
    """Hash every usable identifier for every platform; a hash is as private as what it was made from."""
    rows = [
        (person, platform, kind, hashlib.sha256(text.encode()).hexdigest())
        for person, kind, raw in zip(vault["person_id"], vault["kind"], vault["identifier"], strict=True)
        for platform in platforms
        if (text := normalise(raw, kind=kind, platform=platform, region=region))
    ]
    return pd.DataFrame(rows, columns=["person_id", "platform", "kind", "key"], dtype=object).drop_duplicates()


def in_holdout(people: pd.Series, *, salt: str, share: float = 0.05) -> np.ndarray:
    """Tell who is held out of everything, by a salted hash: the same people on any machine, for ever.

    >>> people = pd.Series([f"p_{i}" for i in range(2000)])
    >>> bool(0.03 < in_holdout(people, salt="2026").mean() < 0.07), bool(in_holdout(people, salt="2026", share=0).any())
    (True, False)
    """
    digests = (hashlib.sha256(f"{salt}:{person}".encode()).digest()[:8] for person in people)
    return np.array([int.from_bytes(digest, "big") < share * 2**64 for digest in digests], dtype=bool)


def decide(
    segments: pd.DataFrame, *, rules: dict[str, Collection[str]], keys: pd.DataFrame, platforms: list[str]
) -> pd.DataFrame:
    """Decide on every person and platform: export, or suppress with the first rule that says so.

    `rules` maps each reason to the people it suppresses, in the order they are looked at; `keys` says who can be
    addressed where. When too few of a segment remain for a platform, all of them are suppressed there.
    """
    pairs = segments[["person_id", "segment"]].merge(pd.DataFrame({"platform": platforms}, dtype=object), how="cross")
    usable = set(zip(keys["person_id"], keys["platform"], strict=True))
    keyless = [pair not in usable for pair in zip(pairs["person_id"], pairs["platform"], strict=True)]
    hits = [pairs["person_id"].isin(set(people)) for people in rules.values()]
    pairs["reason"] = np.select([*hits, np.array(keyless, dtype=bool)], [*rules, "no usable key"], default="")
    remaining = (pairs["reason"] == "").groupby([pairs["segment"], pairs["platform"]]).transform("sum")
    small = remaining < pairs["platform"].map(lambda platform: PLATFORMS[platform]["smallest"])
    pairs.loc[(pairs["reason"] == "") & small, "reason"] = "audience too small for the platform"
    return pairs.assign(decision=np.where(pairs["reason"] == "", "export", "suppress"))


def audience_files(decisions: pd.DataFrame, *, keys: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay out one file a segment and platform, one hash a row, sorted so that nothing of our order remains."""
    exported = decisions[decisions["decision"] == "export"].merge(keys, on=["person_id", "platform"]).sort_values("key")
    return {
        f"{platform}_{segment}": layout(rows, columns=PLATFORMS[platform]["columns"])
        for (segment, platform), rows in exported.groupby(["segment", "platform"])
    }


def layout(rows: pd.DataFrame, *, columns: dict[str, str]) -> pd.DataFrame:
    """Put each hash once into its kind's column."""
    unique = rows.drop_duplicates(["kind", "key"])
    return pd.DataFrame({title: unique["key"].where(unique["kind"] == kind, "") for kind, title in columns.items()})


def coverage(decisions: pd.DataFrame, *, smallest: int = 50) -> pd.DataFrame:
    """Count people by platform and reason, without small cells and those a subtraction would bring them back from."""
    named = decisions.replace({"reason": {"": "exported"}})
    counts = named.groupby(["platform", "reason"]).size().reset_index(name="n_people")
    shown = suppress_within(counts, "platform", "n_people", min_people=smallest)
    hidden = counts.index.difference(shown.index)  # what one platform hides, another must not tell
    return shown[~shown["reason"].isin(counts.loc[hidden, "reason"])]
