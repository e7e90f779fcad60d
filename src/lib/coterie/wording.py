"""Words that readers see in place of column names and numbers, and words that must not be said."""

import re
import unicodedata
from math import isnan
from pathlib import Path
from typing import NamedTuple

import yaml

from coterie.contracts import Behaviour

WORDS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
TRAITS = WORDS["traits"]
NOT_ACTIONABLE = "not actionable"  # a segment that a role does nothing with
WITHHELD = "a withheld trait"  # in place of a trait that law protects


def trait_label(trait: str) -> str:
    """Write a trait's column name as a reader sees it in a table or on an axis.

    A trait that law protects is not named.

    >>> trait_label("evening_share"), trait_label("inferred_interest_food"), trait_label("new_one")
    ('active in the evening', 'interest in food', 'new one')
    >>> trait_label("inferred_interest_health")
    'a withheld trait'
    """
    if is_withheld(trait):
        return WITHHELD
    if trait in TRAITS:
        return TRAITS[trait]["label"]
    for beginning, phrase in WORDS["guessed"].items():
        if trait.startswith(beginning):
            return phrase.format(trait.removeprefix(beginning).replace("_", " "))
    return trait.removeprefix("inferred_").replace("_", " ")


def trait_words(trait: str, *, high: bool, value: float | None = None) -> str:
    """Say in a few words what a high, or a low, value of a trait means, as in a segment's name.

    Where the value is known to be 0, and that is another thing than little, that is said.

    >>> trait_words("evening_share", high=True), trait_words("inferred_interest_food", high=False)
    ('evening', 'not food')
    >>> trait_words("monetary_value", high=False, value=0.0)
    'no orders'
    """
    if is_withheld(trait):
        return WITHHELD
    if trait in TRAITS:
        words = TRAITS[trait]
        return words["zero"] if value == 0 and "zero" in words else words["high" if high else "low"]
    topic = trait.removeprefix("inferred_interest_").replace("_", " ")
    return topic if high else f"not {topic}"


def amount(trait: str, value: float) -> str:
    """Write a trait's value with its unit; shares, counts and money stand alone, a gap is unknown.

    >>> (
    ...     amount("tenure_days", 1234.0),
    ...     amount("evening_share", 0.4567),
    ...     amount("spend", float("nan")),
    ... )
    ('1,234 days', '0.457', 'unknown')
    """
    if isnan(value):
        return "unknown"
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}") + unit_words(trait)


def unit_words(trait: str) -> str:
    """Give the words that stand behind a trait's value, a space first; often none.

    >>> unit_words("recency_days"), unit_words("evening_share")
    (' days', '')
    """
    unit = WORDS["units"].get(Behaviour.units.get(trait))
    return f" {unit}" if unit else ""


def figure(value: float) -> str:
    """Write a number for a reader: three digits, or whole numbers from 1,000.

    >>> figure(0.12345), figure(12345.6)
    ('0.123', '12,346')
    """
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:,.3g}"


def share_in_words(share: float) -> str:
    """Say a share in tens, never "none" or "all", which would tell something about each member.

    >>> share_in_words(0.31), share_in_words(0.06), share_in_words(0.0), share_in_words(1.0)
    ('3 in 10', '1 in 10', 'fewer than 1 in 20', 'more than 19 in 20')
    """
    if share < 0.05:
        return "fewer than 1 in 20"
    if share > 0.95:
        return "more than 19 in 20"
    return f"{min(max(round(10 * share), 1), 9)} in 10"


def without_accents(text: str) -> str:
    """Write a text in small letters without accents, as words are compared.

    >>> without_accents("Désabonné"), without_accents("Straße")
    ('desabonne', 'strasse')
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def file_word(name: str) -> str:
    """Write a name as part of the name of a page or file.

    >>> file_word("Key accounts (DE)"), file_word("Slipping away!")
    ('key-accounts-de', 'slipping-away')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def counted(n: int, one: str, many: str = "") -> str:
    """Write a count with its noun; the plural takes an s unless it is given.

    >>> counted(1, "segment"), counted(1200, "segment"), counted(0, "person", "people")
    ('1 segment', '1,200 segments', '0 people')
    """
    return f"{n:,} {one}" if n == 1 else f"{n:,} {many or one + 's'}"


def listed(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed([])
    ('a', 'a, b and c', '')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def stem(word: str) -> str:
    """Cut the plural off an English word, the mildest of stemmers.

    References
    ----------
    Harman (1991), "How Effective Is Suffixing?", Journal of the American Society for Information
    Science 42.

    >>> [stem(word) for word in ("parcels", "deliveries", "shoes", "class", "bus", "news")]
    ['parcel', 'delivery', 'shoe', 'class', 'bus', 'new']
    """
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "ss")) else word


class SensitiveRule(NamedTuple):
    """One kind of words that mark a group as special, and what to say instead."""

    category: str
    words: tuple[str, ...]  # lower case; found as whole words, singular or plural
    lawful: str  # where the rule is from
    since: object  # the day it was last checked against its source
    suggestion: str


SENSITIVE = tuple(
    SensitiveRule(**entry | {"words": tuple(entry["words"])}) for entry in WORDS["sensitive"]
)


def sensitive_words(*categories: str) -> list[str]:
    """List the words of some categories, in the order of wording.yml.

    >>> sensitive_words("union")[:2]
    ['union', 'trade union']
    """
    return [word for rule in SENSITIVE if rule.category in categories for word in rule.words]


def match_sensitive(text: str) -> list[SensitiveRule]:
    """List the rules whose words stand in a text, as whole words, singular or plural.

    >>> [rule.category for rule in match_sensitive("inferred_interest_health")]
    ['health']
    >>> match_sensitive("healthy growth")
    []
    """
    plain = " " + re.sub(r"[\W_]+", " ", text.lower()).strip() + " "
    return [
        rule
        for rule in SENSITIVE
        if any(re.search(f" {word}(e?s)? ", plain) for word in rule.words)
    ]


def is_withheld(trait: str) -> bool:
    """Say whether a trait is of a kind that law protects, so that no page may name it.

    >>> is_withheld("inferred_interest_health"), is_withheld("evening_share")
    (True, False)
    """
    return bool(match_sensitive(trait))


def topic_label(topic: str) -> str:
    """Write a topic as a reader sees it; one of a kind that law protects is not named.

    >>> topic_label("food"), topic_label("health")
    ('food', 'a withheld topic')
    """
    return "a withheld topic" if is_withheld(topic) else topic
