"""What a name and a persona must not say: protected traits, judgements, promises, identifiers."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from coterie.disclosure import Identifiers, find_leaks
from coterie.wording import sensitive_words

WORDS = yaml.safe_load((Path(__file__).parent / "lint.yml").read_text(encoding="utf-8"))
NO_VAULT = Identifiers({}, frozenset(), frozenset())


class Rule(NamedTuple):
    """One kind of thing that must not be said."""

    says: str  # what is wrong with it
    instead: str  # what to do
    words: re.Pattern  # over `plain_words`
    patterns: re.Pattern  # over the text as it stands, in lower case


def plain_words(text: str) -> str:
    """Bring a text to lower case words, a space for any punctuation.

    >>> plain_words("Low‑value_buyers!")
    'low value buyers'
    """
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def rule_words(entry: dict) -> list[str]:
    """List the words of an entry of lint.yml: its own, and those of its sensitive categories.

    >>> rule_words({"words": ["criminal"], "sensitive": ["biometric"]})[:2]
    ['criminal', 'biometric']
    """
    return entry["words"] + sensitive_words(*entry.get("sensitive", []))


def make_rule(entry: dict) -> Rule:
    """Compile an entry of lint.yml.

    The longest of its words goes first, so that "baby boomer" is named whole.

    >>> make_rule({"says": "is ours", "instead": "leave it", "words": ["lady"]}).words.findall(
    ...     "malady or ladies"
    ... )
    ['ladies']
    """
    longest_first = sorted(map(plain_words, rule_words(entry)), key=len, reverse=True)
    forms = [
        f"{re.escape(word[:-1])}(?:y|ies)" if word.endswith("y") else re.escape(word)
        for word in longest_first
    ]
    words = re.compile(rf"\b(?:{'|'.join(forms)})(?:e?s)?\b")
    patterns = re.compile("|".join(f"(?:{pattern})" for pattern in entry.get("patterns", ["(?!)"])))
    return Rule(entry["says"], entry["instead"], words, patterns)


EVERYWHERE, NAMES = (
    [make_rule(entry) for entry in WORDS[part]] for part in ("everywhere", "names")
)
IDENTIFIERS = {kind: re.compile(pattern) for kind, pattern in WORDS["identifiers"].items()}
NOTHING = re.compile(WORDS["nothing"])


def lint_text(text: str) -> list[str]:
    """List what a persona must not say about people, each with what to do; empty if it may stand.

    Words are judged without their context: "Black Friday" passes since "black" alone is not listed,
    a *race* of cars does not. It reads English only, and a text that it passes can still be unkind:
    a person reads it after this.

    References
    ----------
    GDPR (EU 2016/679), articles 9 and 10; Meta, advertising standards on personal attributes;
    Turner and Turner (2011), "Is stereotyping inevitable when designing with personas?", Design
    Studies 32.

    >>> lint_text("Lazy in the morning")
    ['"lazy" is a judgement; name what they do, like "rare visitors" or "asks for help often".']
    """
    return [*_broken(text, EVERYWHERE), *_identifying(text)]


def lint_name(name: str, *, others: Sequence[str] = ()) -> list[str]:
    """List what is wrong with a segment's name, each with what to do; empty if it may be used.

    A name is read by the people it is about (GDPR, article 15), so "health food" does not pass: it
    may be a product, and it may be a diagnosis. A persona's rules (`lint_text`) hold as well. Where
    a name holds an identifier, nothing else is said about it, since other messages quote.

    Parameters
    ----------
    others
        Names of the other segments, without this one.

    >>> lint_name("Evening, videos", others=["Videos, Evening"])
    ['"Evening, videos" is the name of another segment but for case or order; add what tells
    them apart.']
    >>> lint_name("Evening, videos")
    []
    """
    if identifying := _identifying(name):
        return identifying
    if NOTHING.fullmatch(plain_words(name)):
        nothing = "says nothing about the segment; name what its people do more than others."
        return [f'"{name.strip()}" {nothing}']
    order = sorted(plain_words(name).split())
    twins = [other for other in others if sorted(plain_words(other).split()) == order]
    same = (
        f'"{name}" is the name of another segment but for case or order; add what tells them apart.'
    )
    return [*_too_long(name), *[same][: len(twins)], *_broken(name, [*EVERYWHERE, *NAMES])]


def _too_long(name: str) -> Iterator[str]:
    if len(name) > WORDS["longest"]:
        yield f"The name has {len(name)} characters; shorten it to {WORDS['longest']}."
    most = WORDS["most_words"]
    for words in (part.split() for part in name.split(",")):
        if len(words) > most:
            first = " ".join(words[:most])
            yield f'"{first} …" goes on for {len(words)} words; shorten it to {most}.'


def _broken(text: str, rules: Sequence[Rule]) -> Iterator[str]:
    plain = plain_words(text)
    lower = unicodedata.normalize("NFKC", text).casefold()
    for rule in rules:
        hits = [*rule.words.finditer(plain), *rule.patterns.finditer(lower)]
        for word in dict.fromkeys(hit[0] for hit in hits):
            yield f'"{word}" {rule.says}; {rule.instead}.'


def _identifying(text: str) -> list[str]:
    kinds = {kind.replace("_", " ") for kind in find_leaks(text, NO_VAULT)}
    kinds |= {kind for kind, pattern in IDENTIFIERS.items() if pattern.search(text)}
    return [f"It seems to hold an identifier ({kind}); take it out." for kind in sorted(kinds)]
