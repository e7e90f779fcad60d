"""One company in several spellings: the key by which names are compared."""

import re
from pathlib import Path

import yaml

from coterie.wording import without_accents

WORDS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
LEGAL_FORMS = [tuple(form.split()) for form in WORDS["legal_forms"]]
NOBODY = {tuple(words.split()) for words in WORDS["nobody"]}


def company_key(name: str) -> str:
    """Write a company's name so that its spellings agree: no case, accents, signs or legal form.

    Empty where the words name no company, as "self-employed" does. Names are equal or not: two
    companies are never thought one because they are spelt alike, and a misspelt one stands alone.

    >>> company_key("Müller & Söhne GmbH"), company_key("MULLER UND SOHNE G.m.b.H.")
    ('muller and sohne', 'muller and sohne')
    >>> company_key("The Acme Co., Ltd."), company_key("Self-employed")
    ('acme', '')
    """
    words = plain_words(name)
    if tuple(words) in NOBODY:
        return ""
    if len(words) > 1 and words[0] in WORDS["articles"]:
        words = words[1:]
    return " ".join(without_form(words))


def plain_words(text: str) -> list[str]:
    """Split a text into words without case, accents and dots.

    >>> plain_words("S.p.A. Caffè+Tè")
    ['spa', 'caffe', 'and', 'te']
    """
    found = re.findall(r"[^\W_]+|[&+]", re.sub(r"[.'’`]", "", without_accents(text)))
    return ["and" if word in WORDS["joining"] else word for word in found]


def without_form(words: list[str]) -> list[str]:
    """Leave out legal forms at the end of a name, as long as something is left of it.

    >>> without_form(["alder", "gmbh", "and", "co", "kg"]), without_form(["co"])
    (['alder'], ['co'])
    """
    for form in LEGAL_FORMS:
        rest = words[: -len(form)]
        if rest and tuple(words[-len(form) :]) == form:
            return without_form(rest[:-1] if rest[-1] == "and" and len(rest) > 1 else rest)
    return words
