"""Was anybody exported who said no? Asked of the raw files and the written files alone.

Nothing here is taken from the lake's tables, from sourcing, or from the keys as they were made: raw
files → whoever said no in them → every spelling, hashed → looked for in the written files.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import phonenumbers

from coterie.activation.answers import WORDS, folded, squeezed
from coterie.activation.hearing import rules_for
from coterie.lake import PlainFile, picked

ADDRESS = re.compile(r"[^\s<>\"'(),;:|]+@[^\s<>\"'(),;:|]+")
HEX = re.compile(r"\b[0-9a-fA-F]{32}\b|\b[0-9a-fA-F]{40}\b|\b[0-9a-fA-F]{64}\b")


class SelfCheck(NamedTuple):
    """What the check found."""

    n_said_no: int  # rows of raw files in which somebody said no
    n_looked_for: int  # hashes looked for
    n_in_files: int  # hashes of the written files
    found: pd.DataFrame  # `file`, `n_keys`: written files that hold somebody who said no
    unread: pd.DataFrame  # `file`, `problem`: raw files that could not be read whole

    @property
    def n_opt_outs(self) -> int:
        """Count the keys of people who said no in written files."""
        return int(self.found["n_keys"].sum())

    @property
    def passed(self) -> bool:
        """Whether every file could be read and nobody who said no was found."""
        return self.n_opt_outs == 0 and self.unread.empty


def check_written(
    raw: list[PlainFile], written: Mapping[str, pd.DataFrame], *, region: str = "US"
) -> SelfCheck:
    """Look for everybody who said no in a raw file among the hashes of the written files.

    `written` are the audience files as they lie on the disk, by name.
    """
    consents = [file for file in raw if file.entry["gives"] == "consents"]
    accounts = [file for file in raw if file.entry["gives"] == "accounts"]
    against = [refusing_rows(file) for file in consents if not file.rows.empty]
    answered = {(file.name, file.entry["columns"]["granted"]) for file in consents}
    looked_at = {(file.name, name) for file in raw for name in file.entry.get("unrelated", ())}
    against += [heard_rows(file, answered, looked_at) for file in raw if not file.rows.empty]
    texts = {text for rows, file in against for text in identifiers_in(rows, file.entry)}
    numbers = {number for rows, file in against for number in numbers_in(rows, file.entry)}
    direct = hashes_of(texts, region=region)
    stated = [stated_by(file, numbers, direct, region) for file in accounts]
    looked_for = direct | hashes_of(set().union(*stated), region=region)
    cells = {name: set(rows.to_numpy().ravel()) - {""} for name, rows in written.items()}
    hits = [(name, len(found & looked_for)) for name, found in cells.items() if found & looked_for]
    unread = [(file.name, file.problem) for file in raw if file.problem]
    return SelfCheck(
        sum(len(rows) for rows, _ in against),
        len(looked_for),
        len(set().union(*cells.values())),
        pd.DataFrame(hits, columns=["file", "n_keys"]),
        pd.DataFrame(unread, columns=["file", "problem"]).drop_duplicates(),
    )


def refusing_rows(file: PlainFile) -> tuple[pd.DataFrame, PlainFile]:
    """Keep the rows of a consent file in which somebody said no."""
    answers = cells_of(file, "granted").map(folded)
    purposes = cells_of(file, "purpose").map(folded)
    ours = {folded(theirs): word for theirs, word in file.entry.get("purposes", {}).items()}
    related = ~purposes.map(lambda word: ours.get(word, word)).isin(WORDS["unrelated_purposes"])
    return file.rows[~answers.isin(quiet_words(file.entry)) & related], file


def heard_rows(
    file: PlainFile, answered: set[tuple], looked_at: set[tuple]
) -> tuple[pd.DataFrame, PlainFile]:
    """Keep the rows of a file in which somebody says no elsewhere than where they were asked.

    `answered` are columns that an entry of consents reads: it says what they mean. Of those that
    somebody `looked_at`, as they are unrelated, a no in so many words is heard all the same.
    """
    unrelated = [name for name in file.rows.columns if (file.name, name) in looked_at]
    rules = rules_for(file.entry | {"unrelated": unrelated}, list(file.rows.columns))
    left = {name: rule for name, rule in rules.items() if (file.name, name) not in answered}
    return picked(file.rows, left), file


def quiet_words(entry: dict) -> set[str]:
    """List the answers of one file that are no refusal; every other one is."""
    stated = entry.get("answers") or {}
    no = {folded(word) for word in stated.get("no_values", ())}
    yes = {folded(word) for word in stated.get("yes_values", ())}
    silent = {folded(word) for word in stated.get("silent_values", ())}
    name = squeezed(entry["columns"]["granted"])
    named_after_no = not (no or yes) and re.search(WORDS["opt_out_column"], name)
    if named_after_no or no & set(WORDS["plain_yes"]):
        return ({*WORDS["nobody_opted_out"]} | yes | silent) - no
    return ({*WORDS["says_nothing"]} | (yes or {*WORDS["plain_yes"]}) | silent) - no


def cells_of(file: PlainFile, column: str) -> pd.Series:
    """Read one mapped column of a raw file, a literal everywhere, nothing as empty texts."""
    mapped = file.entry["columns"].get(column, "=")
    if mapped.startswith("="):
        return pd.Series(mapped[1:], index=file.rows.index, dtype=object)
    return file.rows[mapped].astype(str)


def identifiers_in(rows: pd.DataFrame, entry: dict) -> set[str]:
    """Collect addresses and digests wherever they stand in the rows, and numbers where mapped."""
    text = "\n".join(rows.astype(str).agg("\n".join, axis=1)) if len(rows) else ""
    phone, account = (entry["columns"].get(kind, "=") for kind in ("phone", "account"))
    dialled = [name for name in rows.columns if re.search(WORDS["number_column"], squeezed(name))]
    numbers = {cell for name in {phone, *dialled} & set(rows) for cell in rows[name].astype(str)}
    handles = set(rows[account].astype(str)) if account in rows.columns else set()
    numbers |= {handle for handle in handles if handle.strip().startswith("+")}
    return set(ADDRESS.findall(text)) | {digest.lower() for digest in HEX.findall(text)} | numbers


def numbers_in(rows: pd.DataFrame, entry: dict) -> set[tuple[str, str]]:
    """Collect handles and book numbers with the platform they belong to."""
    found = set()
    for kind in ("account", "crm_id"):
        column = entry["columns"].get(kind, "=")
        if column in rows.columns:
            place = entry["platform"] if kind == "account" else "crm_id"
            found |= {(place, plain_number(cell)) for cell in rows[column].astype(str)}
    return {(place, number) for place, number in found if number}


def plain_number(text: str) -> str:
    """Write a handle or number without case, @ and the fraction a spreadsheet added.

    >>> plain_number(" @Ana_B "), plain_number("101.0")
    ('ana_b', '101')
    """
    return re.sub(r"^(\d+)\.0+$", r"\1", text.strip().casefold().lstrip("@"))


def stated_by(
    file: PlainFile, numbers: set[tuple[str, str]], looked_for: set[str], region: str
) -> set[str]:
    """Collect every address and telephone number of accounts that said no by number or by hash."""
    if file.rows.empty:
        return set()
    place, own = file.entry["platform"], cells_of(file, "account").map(plain_number)
    book = cells_of(file, "crm_id").map(plain_number)
    by_number = pd.Series(
        [
            (place, one) in numbers or ("crm_id", two) in numbers
            for one, two in zip(own, book, strict=True)
        ],
        index=file.rows.index,
    )
    columns = [
        file.entry["columns"][kind] for kind in ("email", "phone") if kind in file.entry["columns"]
    ]
    cells = file.rows[[column for column in columns if column in file.rows.columns]]
    by_hash = cells.map(lambda cell: bool(hashes_of({cell}, region=region) & looked_for)).any(
        axis=1
    )
    return set(cells[by_number | by_hash].to_numpy().ravel()) - {""}


def hashes_of(texts: set[str], *, region: str) -> set[str]:
    """Hash every spelling of addresses and numbers; digests stay as they are.

    >>> import hashlib
    >>> hashlib.sha256(b"ana@example.org").hexdigest() in hashes_of(
    ...     {"Ana@Example.org"}, region="US"
    ... )
    True
    """
    found = {text for text in texts if HEX.fullmatch(text)}
    for text in texts - found:
        for spelling in spellings(text, region=region):
            data = spelling.encode()
            found |= {hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256")}
    return found


def spellings(text: str, *, region: str) -> set[str]:
    """Write an address or number in every way a platform may want it.

    >>> sorted(spellings("A.na+x@gmail.com", region="US"))
    ['a.na+x@gmail.com', 'a.na@gmail.com', 'ana@gmail.com', 'ana@googlemail.com']
    """
    plain = text.strip().casefold().removeprefix("mailto:").strip("\"'<>() .")
    if "@" in plain:
        name, domain = plain.rsplit("@", 1)
        bare = name.split("+")[0]
        dotless = bare.replace(".", "") if domain in ("gmail.com", "googlemail.com") else bare
        domains = {"gmail.com", "googlemail.com"} if dotless != bare else {domain}
        return {plain, f"{bare}@{domain}", *(f"{dotless}@{each}" for each in domains)}
    digits = re.sub(r"\D", "", plain)
    found = {plain, digits, f"+{digits}"} if len(digits) > 5 else set()
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return found
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return found | {e164, e164[1:]}
