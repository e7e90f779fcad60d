"""By which words each column of a file says no, and what stands in it that nobody explained.

A column is heard by what its name says: of acts, of answers, of states, of messages.
"""

from collections.abc import Callable
from typing import NamedTuple

import ibis.expr.types as ir

from coterie.lake import PEOPLE, SourceFile
from coterie.sourcing.consent.cells import Cells, refuses_plainly
from coterie.sourcing.consent.codes import (
    CODES,
    documented_noes,
    is_about,
    is_bare,
    is_foreign,
    is_list,
    known_codes,
    may_be_coded,
    refusing_sentences,
    says,
    unexplained,
)
from coterie.sourcing.consent.open_columns import is_list_column, is_turned, listed_noes
from coterie.sourcing.consent.words import (
    WORDS,
    is_refusing_act,
    name_says,
    of_other_channel,
    plain_words,
    refusing_acts,
)

ACTS = ("verb", "content_type")  # our columns in which acts stand
MOST = 10_000  # different words of a column that are listed one by one
LONGEST = 200  # letters of a word for an act; what is longer is a text


class Said(NamedTuple):
    """What stands in one column, as far as anybody may say no by it."""

    noes: list[str]
    unexplained: list[str]  # codes that may hide a no


def heard_in(source: SourceFile, name: str, ours: str, question: str) -> Said:
    """Find the words of one column that are a no, and the codes that may hide one."""
    known, refuses = known_codes(name), rule_for(source, name, ours, question)
    noes = words_of(source, name, refuses) if refuses else []
    if known:
        noes += documented_noes(words_of(source, name), known)
    if ours in ("text", "verb") or not asks_for_codes(source, name, question):
        return Said(noes, [])
    people = source.entry["gives"] in PEOPLE
    if is_foreign(name):
        words = words_of(source, name) if people else []
        return Said(noes, words if len(words) <= CODES["foreign_words"] else [])
    if not people and says(name, "delivery_columns"):
        return Said(noes, [])
    codes = unexplained(words_of(source, name), known, people=people)
    return Said(noes, [word for word in codes if word not in noes])


def asks_for_codes(source: SourceFile, name: str, question: str) -> bool:
    """Tell whether codes for a no may stand in a column of a file."""
    if question in ("says_no", "no_since") or says(name, "frequency_columns"):
        return False
    if is_foreign(name):
        return not question
    if is_bare(name):
        return is_list(place_words(source))
    return may_be_coded(name) or question == "says_yes"


def plain_noes(source: SourceFile, name: str, cells: Cells) -> list[str]:
    """List the cells that say no in so many words, or in one of several."""
    noes = words_of(source, name, refuses_plainly) if cells.n_refusing else []
    if is_list_column(name) and cells.n_filled:
        noes += listed_noes(cells.words if all(cells.words) else words_of(source, name))
    return sorted({*noes})


def rule_for(
    source: SourceFile, name: str, ours: str, question: str
) -> Callable[[ir.StringValue], ir.BooleanValue] | None:
    """Choose by which words one column says no, if it may at all."""
    listed = is_list(place_words(source))
    if ours == "verb":
        turned = [raw for raw, mine in source.entry["verbs"].items() if is_refusing_act(mine)]
        denies = denying_acts if listed else refusing_acts
        return lambda text: denies(text) | text.isin([*turned, ""]) & (text != "")
    if ours == "text" or (not ours and says(name, "message_columns")):
        to_us = says(name, "to_us")
        return lambda text: refuses_plainly(text) & to_us | is_stop(text)
    if question in ("says_no", "no_since"):
        return lambda text: ~plain_words(text).isin(WORDS["not_opted_out"])
    asks = question == "says_yes" or (is_about(name) and not is_turned(name))
    if asks and not of_other_channel(name):
        nothing = WORDS["nothing_words"] if name_says(name, "preference_columns") else []
        said_no = [*WORDS["no_words"], *nothing]
        return lambda text: plain_words(text).isin(said_no) | refusing_sentences(text)
    return act_rule(name, ours, listed=listed)


def is_stop(text: ir.StringValue) -> ir.BooleanValue:
    """Tell of every message whether it is nothing but a STOP."""
    return plain_words(text).re_replace("[.!]+$", "").isin(WORDS["stop_words"])


def act_rule(
    name: str, ours: str, *, listed: bool
) -> Callable[[ir.StringValue], ir.BooleanValue] | None:
    """Choose by which acts and states a column says no; `listed` is a file of addressees."""
    if listed and is_bare(name):
        return lambda text: refusing_acts(text) | plain_words(text).isin(CODES["left_words"])
    if ours == "region" or not (ours in ACTS or is_act_column(name)):
        return None
    return denying_acts if listed else refusing_acts


def denying_acts(text: ir.StringValue) -> ir.BooleanValue:
    """Tell of the acts in a file about consent whether they deny it."""
    return refusing_acts(text) | plain_words(text).re_search(CODES["denying_acts"])


def is_act_column(name: str) -> bool:
    """Tell whether words for acts or for what became of a contact may stand in a column."""
    return name_says(name, "act_columns") and not name_says(name, "no_act_columns")


def place_of(source: SourceFile) -> tuple[str, str, str]:
    """Name the table of a file that an entry reads."""
    return source.name, source.entry["records"], source.entry["sheet"]


def place_words(source: SourceFile) -> str:
    """Name the file, sheet and list that an entry reads, for what they say of its rows."""
    return ".".join(place_of(source)).replace("/", " ")


def words_of(source: SourceFile, name: str, refuses: Callable | None = None) -> list[str]:
    """List the words of a column, or only those that are a no, as they stand there."""
    cells = source.unfiltered.select(cell=name).distinct().cache()  # else each row is looked at
    words = cells.select(word=cells["cell"].cast("string").strip().fill_null("")).distinct()
    found = words.filter(words["word"] != "", words["word"].length() <= LONGEST)
    kept = found.filter(refuses(found["word"])) if refuses else found
    return sorted(kept.limit(MOST + 1).to_pandas()["word"])


def has_words(source: SourceFile, name: str) -> bool:
    """Tell whether anything stands in a column."""
    text = source.unfiltered[name].cast("string").strip().fill_null("")
    return bool((text != "").any().execute())
