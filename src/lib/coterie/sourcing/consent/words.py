"""Words of consent: how they are compared, and what the names of columns and files say by them."""

import re
from pathlib import Path

import ibis
import ibis.expr.types as ir
import yaml

from coterie.wording import without_accents

WORDS = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
ACCENTS = ("àáâãäåçèéêëìíîïñòóôõöùúûüý", "aaaaaaceeeeiiiinooooouuuuy")


def plain_word(text: str) -> str:
    """Write an answer as the lists of words do: lower case, without accents, hyphens, underscores.

    >>> plain_word(" Opted-Out "), plain_word("Désabonné")
    ('opted out', 'desabonne')
    """
    bare = without_accents(text)
    return re.sub(r"[\s_-]+", " ", bare).strip() or bare.strip()


def plain_words(text: ir.StringValue) -> ir.StringValue:
    """Write answers as `plain_word` does, in the engine; empty is the empty word."""
    lower = ibis.coalesce(text.cast("string"), ibis.literal("")).lower()
    bare = lower.translate(*ACCENTS).strip()
    spaced = bare.re_replace("[\\s\u00a0\u200b_-]+", " ").strip()
    return ibis.ifelse(spaced == "", bare, spaced)


def name_says(name: str, rule: str) -> bool:
    """Tell whether the name of a column or file matches one of the rules for names.

    >>> name_says("Unsubscribed from all email", "opt_out_names")
    True
    >>> name_says("opt_in", "opt_out_names")
    False
    """
    return bool(re.search(WORDS[rule], letters_of(name)))


def letters_of(name: str) -> str:
    """Write a name as its letters, lower case, without accents.

    >>> letters_of("E-Mail (privé)"), letters_of("Opt-in/out")
    ('emailprive', 'optin/out')
    """
    return re.sub(r"[^a-z/]", "", plain_word(name))


def asked_by(name: str) -> str:
    """Tell whether a column says yes, says no, or when somebody said no; empty when none of it.

    >>> [
    ...     asked_by(name)
    ...     for name in ("Accepts Marketing", "Do not contact", "unsubscribed_at", "age", "outlet")
    ... ]
    ['says_yes', 'says_no', 'no_since', '', '']
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name)  # unsubscribedAt
    spelt = re.sub(r"[^a-z0-9.]+", "_", plain_word(apart)).strip("_.")
    ways = (spelt.removeprefix("property_"), spelt.split(".")[-1])
    if name_says(name, "opt_out_names"):
        if name_says(name, "beside_names"):
            return ""
        return "no_since" if re.search(WORDS["moment_names"], spelt) else "says_no"
    return "says_yes" if any(name_says(way, "opt_in_columns") for way in ways) else ""


def of_other_channel(name: str) -> bool:
    """Tell whether a column is about another channel than e-mail and advertisements.

    >>> of_other_channel("Accepts SMS Marketing"), of_other_channel("Accepts Marketing")
    (True, False)
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name)
    return bool({*re.split(r"[\W_]+", apart.casefold())} & {*WORDS["other_channels"]})


def is_refusing_act(word: str) -> bool:
    """Tell whether an act is a no: somebody unsubscribed, opted out, complained, cannot be reached.

    >>> [is_refusing_act(word) for word in ("email_unsubscribed", "Spam Complaint", "hard-bounce")]
    [True, True, True]
    >>> [is_refusing_act(word) for word in ("like", "soft_bounce", "group_resubscribe")]
    [False, False, False]
    """
    letters = re.sub(r"[^a-z]", "", plain_word(word))
    refusing = re.search(WORDS["refusing_acts"], letters)
    return bool(refusing) and not re.search(WORDS["harmless_acts"], letters)


def refusing_acts(text: ir.StringValue) -> ir.BooleanValue:
    """Tell the same of every word of a column, in the engine."""
    letters = plain_words(text).re_replace("[^a-z]", "")
    return letters.re_search(WORDS["refusing_acts"]) & ~letters.re_search(WORDS["harmless_acts"])
