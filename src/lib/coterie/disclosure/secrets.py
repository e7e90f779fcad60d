"""Secrets by kind: by the name of a setting, by the shape of a token, by where a value stands."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import yaml

RULES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
SHAPES, CANDIDATE = re.compile(RULES["shapes"]), re.compile(RULES["candidate"])
WORDS, PAIRS = set(RULES["words"]), set(RULES["pairs"])
QUERY, HARMLESS = set(RULES["query"]), set(RULES["harmless"])
PLACES = [re.compile(RULES[name]) for name in ("userinfo", "lone_userinfo", "scheme")]
QUERY_VALUE, NAMED_VALUE = re.compile(RULES["query_value"]), re.compile(RULES["named_value"])
MASK = "•••"
RANDOM = 0.35  # share of neighbours of another kind from which a text looks random
RANDOM_SMALL = 0.25  # the same without capitals
SHORTEST = 4  # characters of a secret; a shorter one would take letters out of ordinary words
HEXADECIMAL = 32  # characters from which digits and a to f are a key


def is_secret_name(name: str) -> bool:
    """Say whether a setting's name says that its value is secret.

    >>> [is_secret_name(name) for name in ("api_key", "privateKey", "X-Auth", "db.pwd", "APIKEY")]
    [True, True, True, True, True]
    >>> [is_secret_name(name) for name in ("author", "primary_key", "min_people", "passes")]
    [False, False, False, False]
    """
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(name))
    words = re.findall(r"[a-z0-9]+", parts.lower())
    pairs = {f"{one} {other}" for one, other in pairwise(words)}
    return not WORDS.isdisjoint(words) or not PAIRS.isdisjoint(pairs)


def secrets_in(value: object, name: str = "") -> Iterator[str]:
    """Give the secrets that settings hold, by name, shape or place, however deep they lie.

    >>> sorted(secrets_in({"credentials": {"main": "hunter2"}, "seed": 7, "url": "s://a:b4c5@h"}))
    ['b4c5', 'hunter2']
    """
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets_in(item, name if is_secret_name(name) else str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from secrets_in(item, name)
    elif is_secret_name(name):
        text = str(value)
        if text.casefold() not in HARMLESS and not isinstance(value, bool | None):
            yield text
    elif isinstance(value, str):
        yield from found_in(value)


def found_in(text: str) -> Iterator[str]:
    """Give the parts of a text that are secret by shape or place."""
    yield from (match[0] for match in SHAPES.finditer(text))
    yield from (match["secret"] for place in PLACES for match in place.finditer(text))
    yield from (match["secret"] for match in QUERY_VALUE.finditer(text) if in_query(match))
    yield from named_values(text)
    yield from (match[0] for match in CANDIDATE.finditer(text) if looks_random(match[0]))


def named_values(text: str) -> Iterator[str]:
    """Give what follows a secret name in a text, however deep in brackets."""
    for match in NAMED_VALUE.finditer(text):
        if named(match):
            yield match["secret"].strip("\"'")
        else:
            yield from named_values(match["secret"])


def in_query(match: re.Match) -> bool:
    """Say whether a value in an address is secret."""
    return match["name"].lower() in QUERY or is_secret_name(match["name"])


def named(match: re.Match) -> bool:
    """Say whether what follows a name is its secret value."""
    value = match["secret"].strip("\"'")
    return is_secret_name(match["name"]) and value.casefold() not in HARMLESS and value != MASK


def looks_random(text: str) -> bool:
    """Say whether a text looks like a random key: its kind of character changes all the time.

    >>> looks_random("wJalrXUtnFEMIK7MDENGbPxRfiCY9zAq"), looks_random("AudienceSegmentation2026Q3")
    (True, False)
    >>> looks_random("d41d8cd98f00b204e9800998ecf8427e"), looks_random("20261121-192233-05")
    (True, False)
    """
    kinds = [kind_of(character) for character in text if character.isalnum()]
    if len(kinds) < 20 or "digit" not in kinds or len(set(kinds)) < 2:
        return False
    changes = sum(one != other for one, other in pairwise(kinds)) / len(kinds)
    if len(set(kinds)) == 3:
        return changes >= RANDOM
    hexadecimal = re.fullmatch(rf"[0-9a-fA-F]{{{HEXADECIMAL},}}", text) is not None
    return hexadecimal or (text.isalnum() and len(text) >= 24 and changes >= RANDOM_SMALL)


def kind_of(character: str) -> str:
    """Name the kind of a character."""
    if character.isdigit():
        return "digit"
    return "capital" if character.isupper() else "small"


def hide_shapes(text: str) -> str:
    """Mask tokens by their shape, and what stands where a secret stands in an address.

    >>> hide_shapes("to postgres://ana:hunter2@host/db?sslmode=require&token=abc")
    'to postgres://ana:•••@host/db?sslmode=require&token=•••'
    """
    text = SHAPES.sub(MASK, text)
    for place in PLACES:
        text = place.sub(lambda match: match["before"] + MASK, text)
    return QUERY_VALUE.sub(lambda m: m["before"] + MASK if in_query(m) else m[0], text)


def hide_all(text: str) -> str:
    """Mask in a log or message whatever may be a secret, random-looking text too.

    >>> hide_all("pwd=hunter2, Authorization: Bearer abcdefghijklmnop, seed=7")
    'pwd=•••, Authorization: Bearer •••, seed=7'
    """
    text = hide_shapes(text)
    text = NAMED_VALUE.sub(masked_value, text)
    return CANDIDATE.sub(lambda m: MASK if looks_random(m[0]) else m[0], text)


def masked_value(match: re.Match) -> str:
    """Mask what follows a secret name; of a scheme like Bearer the word stays."""
    inside = MASK if named(match) else NAMED_VALUE.sub(masked_value, match["secret"])
    return match["before"] + inside


def hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """Make a function that masks these secrets in a text, the longest first, and tokens by shape.

    >>> hider(["hunter2"])("the password is hunter2")
    'the password is •••'
    """
    long_enough = {secret for secret in secrets if len(secret) >= SHORTEST}
    ordered = sorted(long_enough, key=lambda secret: (-len(secret), secret))

    def hide(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, MASK)
        return hide_shapes(text)

    return hide
