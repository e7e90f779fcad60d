"""Texts without identifiers: posts are redacted, pages are scanned before anybody reads them."""

import binascii
import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import ibis.expr.types as ir
import pandas as pd
import yaml

RULES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
KINDS = {kind: re.compile(pattern) for kind, pattern in RULES["kinds"].items()}
FORMS = {form: re.compile(pattern) for form, pattern in RULES.items() if isinstance(pattern, str)}
BOTH = {kind: re.compile(pattern, re.ASCII) for kind, pattern in RULES["both"].items()}
MARK, END = "\ue000", "\ue001"  # private-use characters that no post contains


class LeakError(Exception):
    """Something that identifies a person, or a secret, stands where others would read it."""

    def __init__(self, cell: int | str, kinds: Sequence[str]) -> None:
        self.cell, self.kinds = cell, tuple(kinds)
        place = f"cell {cell}" if isinstance(cell, int) else cell
        super().__init__(f"{place} would show {', '.join(kinds)}; nothing was published.")


class Identifiers(NamedTuple):
    """The vault's identifiers, arranged so that a text is searched in one pass."""

    words: dict[str, str]  # tokens that identify somebody, with their kind
    names: frozenset[tuple[str, ...]]  # full names as tuples of words, in both orders
    phones: frozenset[str]  # the last nine digits, the same with and without country code


def redact(text: ir.StringValue, *, keep: Sequence[str] = ()) -> ir.StringValue:
    """Replace e-mails, links, phone numbers and @handles in posts by words that say what stood.

    The brand's own handles, `keep`, stay. A name, or a handle without its @, is not recognised.

    >>> import ibis
    >>> post = ibis.literal("@ana_b mail ana@example.org or +49 151 2345678, @Shop, by 2026-07-01")
    >>> redact(post, keep=["shop"]).execute()
    '<handle> mail <email> or <phone>, @Shop, by 2026-07-01'
    """
    name = text.get_name()
    both = [(pattern, f"<{kind}>") for kind, pattern in RULES["both"].items()]
    for pattern, word in [*both, *RULES["redact"]]:
        text = text.re_replace(pattern, word)
    if keep:
        brands = "|".join(sorted(map(re.escape, keep), key=len, reverse=True))
        text = text.re_replace(rf"(?i)[@＠]({brands})\b", rf"{MARK}\1{END}")
    # @shop.fan is not @shop
    text = text.re_replace(rf"{MARK}[^{END}]+{END}[.-]?\w[\w.]*", "<handle>")
    text = text.re_replace(r"[@＠]\w+([.-]\w+)*", "<handle>")
    return text.replace(MARK, "@").replace(END, "").name(name)


def identifier_tokens(vault: pd.DataFrame, *, common: Sequence[str] = ()) -> Identifiers:
    """Arrange the vault's identifiers for `find_leaks`.

    A handle of digits only, under five characters, or among the `common` words counts only behind
    an @.
    """
    words, names, phones = {}, set(), set()
    ordinary = {word.casefold() for word in common}
    for kind, raw in vault[["kind", "identifier"]].drop_duplicates().itertuples(index=False):
        text = str(raw).casefold().strip()
        if kind == "phone" and len(re.sub(r"\D", "", text)) > 6:
            phones.add(re.sub(r"\D", "", text)[-9:])
        elif kind == "name":
            parts = tuple(re.findall(r"\w+", text))
            names |= {parts, parts[::-1]} if len(parts) > 1 else set()
        elif kind != "phone":
            bare = text.lstrip("@")
            words[f"@{bare}"] = kind
            if len(bare) > 4 and not bare.isdigit() and bare not in ordinary:
                words[bare] = kind
        if kind in ("email", "phone"):
            words[hashlib.sha256(text.encode()).hexdigest()] = f"hashed {kind}"
    return Identifiers(words, frozenset(names), frozenset(phones))


def find_leaks(text: str, identifiers: Identifiers) -> list[str]:
    """Name the kinds of identifier, secret or traceback that a text gives away, never their values.

    Looks at the text as it stands, without escapes, without tags, and inside base64 and hex.

    >>> vault = pd.DataFrame({"kind": ["handle"], "identifier": ["ana_b99"]})
    >>> find_leaks("seen at 2026-07-01: YW5hX2I5OQ==", identifier_tokens(vault))
    ['encoded handle']
    """
    plain = unescaped(text)
    seen = dict.fromkeys([text, plain, unescaped(re.sub(r"<[^<>]*>", " ", text))])
    inside = kinds_in("\n".join(decoded(plain)), identifiers)
    return sorted(kinds_in("\n".join(seen), identifiers) | {f"encoded {kind}" for kind in inside})


def words_found(text: str, identifiers: Identifiers) -> list[str]:
    """List the words of a text that are identifiers, for its owner alone to read.

    >>> vault = pd.DataFrame({"kind": ["handle"], "identifier": ["ana_b99"]})
    >>> words_found("liked by ana_b99", identifier_tokens(vault))
    ['ana_b99']
    """
    return sorted(identifiers.words.keys() & tokens_in(unescaped(text).casefold()))


def kinds_in(text: str, identifiers: Identifiers) -> set[str]:
    """Search one plain text once for everything."""
    kinds = {kind for kind, pattern in KINDS.items() if pattern.search(text)}
    kinds |= {kind for kind, pattern in BOTH.items() if pattern.search(text)}
    numbers = FORMS["geometry"].sub("", text)
    digits = (re.sub(r"\D", "", match[0])[-9:] for match in FORMS["number"].finditer(numbers))
    if FORMS["phone"].search(numbers) or not identifiers.phones.isdisjoint(digits):
        kinds.add("phone")
    folded = text.casefold()
    words = re.findall(r"\w+", folded)
    found = identifiers.words.keys() & tokens_in(folded)
    kinds |= {identifiers.words[token] for token in found}
    lengths = {len(name) for name in identifiers.names}
    phrases = (zip(*(words[start:] for start in range(length)), strict=False) for length in lengths)
    return kinds | {"name" for found in phrases if not identifiers.names.isdisjoint(found)}


def tokens_in(folded: str) -> set[str]:
    """Cut a text without case into whatever may be an identifier."""
    parts = (part.strip(".-") for part in FORMS["separator"].split(folded))
    return {*re.findall(r"\w+", folded), *re.findall(r"@\w+", folded), *parts}


def unescaped(text: str) -> str:
    """Resolve HTML entities, percent signs and backslash escapes.

    >>> unescaped("ana&#64;example%2Eorg")
    'ana@example.org'
    """
    plain = unquote(html.unescape(html.unescape(text)))
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))",
        lambda code: chr(int(code[1] or code[2], 16)),
        plain,
    )


def decoded(text: str) -> Iterator[str]:
    """Give whatever is readable inside base64 and hexadecimal, whichever letter it starts at."""
    pieces = [
        bytes.fromhex(piece)
        for run in set(FORMS["hexadecimal"].findall(text))
        for piece in (run, run[1:-1])
    ]
    for run in set(FORMS["base64"].findall(FORMS["wrapped"].sub("", text))):
        for start in range(4):
            piece = run[start:].replace("-", "+").replace("_", "/")
            pieces.append(
                binascii.a2b_base64((piece[:-1] if len(piece) % 4 == 1 else piece) + "===")
            )
    for piece in pieces:
        yield from FORMS["readable"].findall(piece.decode(errors="replace"))
