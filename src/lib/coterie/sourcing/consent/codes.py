"""Answers that are no plain yes or no: codes, sentences, and the columns they may stand in.

A code whose meaning a product documents is read by it (codes.yml names the sources). Any other code
in a column about subscribing, consent or permission may hide a no.
"""

import re
from pathlib import Path

import ibis.expr.types as ir
import yaml

from coterie.sourcing.consent.words import WORDS, letters_of, plain_word, plain_words, refusing_acts

CODES = yaml.safe_load(Path(__file__).with_name("codes.yml").read_text(encoding="utf-8"))


def is_about(name: str) -> bool:
    """Tell whether a column is about being addressed, so that a plain no in it is one.

    >>> [is_about(name) for name in ("Opted in to marketing", "OK to email", "marketing_emails")]
    [True, True, True]
    >>> [is_about(name) for name in ("newsletter_opens", "Mailing State", "marketing_qualified")]
    [False, False, False]
    """
    about = says(name, "about_columns") and not says(name, "no_about_columns")
    return about and not is_measure(name)


def is_measure(name: str) -> bool:
    """Tell whether a column counts, dates or describes something, by the last word of its name.

    >>> is_measure("newsletter_opens"), is_measure("consentDate"), is_measure("Subscription")
    (True, True, False)
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.split(r"[\W_\d]+", apart.strip("0123456789_. ").casefold())[-1] in CODES["measures"]


def may_be_coded(name: str) -> bool:
    """Tell whether codes for what somebody allows may stand in a column.

    >>> [may_be_coded(name) for name in ("opt_status", "notification_types", "Newsletter-Kz")]
    [True, True, True]
    >>> [may_be_coded(name) for name in ("order_status", "http_status", "notification_count")]
    [False, False, False]
    """
    coded = says(name, "coded_columns") and not says(name, "no_coded_columns")
    return coded or bool(known_codes(name)) or is_bare(name)


def is_bare(name: str) -> bool:
    """Tell whether a column holds a state without saying of what."""
    return says(name, "bare_columns")


def is_list(place: str) -> bool:
    """Tell whether a file, sheet or list is named as one of addressees or of answers.

    >>> is_list("exports/Newsletter 2026.csv"), is_list("orders.csv")
    (True, False)
    """
    return says(place, "list_names")


def is_foreign(name: str) -> bool:
    """Tell whether a name is written in letters that no rule here reads.

    >>> is_foreign("согласие"), is_foreign("id клиента"), is_foreign("7")
    (True, False, False)
    """
    return not re.search("[a-z]", plain_word(name)) and any(map(str.isalpha, name))


def says(name: str, rule: str) -> bool:
    """Tell whether a name matches a rule, as a whole or below the last dot of a path."""
    ways = (letters_of(name), letters_of(name.rsplit(".", maxsplit=1)[-1]))
    return any(re.search(CODES[rule], way) for way in ways)


def known_codes(name: str) -> dict:
    """Give the codes that a product documents for a column; empty when none does.

    >>> known_codes("subscriber_status")["noes"], known_codes("order_status")
    (['3'], {})
    """
    letters = letters_of(name.rsplit(".", maxsplit=1)[-1])
    found = (known for known in CODES["known"] if re.search(known["columns"], letters))
    return next(found, {})


def documented_noes(words: list[str], known: dict) -> list[str]:
    """List the words of a column that its product documents as a no."""
    return [word for word in words if stands_in(word, known["noes"])]


def unexplained(words: list[str], known: dict, *, people: bool) -> list[str]:
    """List the codes of a column that may hide a no, as nobody says what they mean.

    0 and 1 alone are a no and a yes; beside another code they may be anything. Words are no codes.

    >>> unexplained(["1", "3", "gold"], {}, people=True), unexplained(["0", "1"], {}, people=True)
    (['1', '3'], [])
    >>> unexplained(["1", "-47"], known_codes("notification_types"), people=True)
    ['-47']
    """
    code = CODES["code" if people else "code_of_acts"]
    understood = {*WORDS["yes_words"], *WORDS["no_words"], *WORDS["silent_words"]}
    open_words = [word for word in words if re.search(code, plain_code(word))]
    if known:
        listed = (*known["noes"], *known["quiet"])
        return [word for word in open_words if not stands_in(word, listed)]
    digits = [word for word in open_words if plain_code(word)[-1].isdigit()]
    more = [word for word in open_words if plain_code(word) not in understood]
    return sorted({*more, *digits}) if more else []


def stands_in(word: str, codes: list[str]) -> bool:
    """Tell whether a code is one of a list; one that begins as a pattern does is matched."""
    plain = plain_code(word)
    return any(plain == code or (code[:1] in "^." and re.match(code, plain)) for code in codes)


def plain_code(word: str) -> str:
    """Write a code in lower case, without the fraction that a spreadsheet added.

    >>> plain_code(" -2.0 "), plain_code("O")
    ('-2', 'o')
    """
    return re.sub(r"^(-?\d+)\.0+$", r"\1", word.strip().casefold())


def is_refusing_sentence(word: str) -> bool:
    """Tell whether an answer is a no in more than a word.

    >>> [is_refusing_sentence(text) for text in ("No, thanks", "I do not agree", "Nein danke")]
    [True, True, True]
    >>> [is_refusing_sentence(text) for text in ("Yes I do", "not set", "no objection")]
    [False, False, False]
    """
    plain = plain_word(word)
    if plain in WORDS["silent_words"] or re.search(CODES["quiet_sentence"], plain):
        return False
    return bool(re.search(CODES["refusing_sentence"], plain))


def refusing_sentences(text: ir.StringValue) -> ir.BooleanValue:
    """Tell the same of every answer of a column, in the engine, of acts besides."""
    plain = plain_words(text)
    quiet = plain.isin(WORDS["silent_words"]) | plain.re_search(CODES["quiet_sentence"])
    return refusing_acts(text) | plain.re_search(CODES["refusing_sentence"]) & ~quiet
