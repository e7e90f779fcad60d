"""Columns of a file of people that nobody explained: one of them may hold a no in words of its own.

No list of words knows every way to say no. So a column that nobody mapped, whose name tells nothing
known, and which holds few different answers, or a moment for some people only, may hide a no until
somebody has looked: the map names it, or lists it under `unrelated`.
"""

import re
from collections.abc import Mapping, Sequence

import ibis

from coterie.sourcing.consent.cells import LISTED, WORDS, Cells, cells_of
from coterie.sourcing.consent.codes import (
    is_about,
    is_measure,
    known_codes,
    may_be_coded,
    says,
    stands_in,
)
from coterie.sourcing.consent.words import WORDS as ANSWERS
from coterie.sourcing.consent.words import (
    asked_by,
    letters_of,
    name_says,
    of_other_channel,
    plain_word,
)

EXPLAINED = {word for words in WORDS["plain_words"] for word in words}
UNDERSTOOD = {
    *(
        word
        for kind in ("yes_words", "no_words", "silent_words", "opted_in_words")
        for word in ANSWERS[kind]
    ),
    *WORDS["chosen_words"],
}
FEW = 5  # different words of a column at most, for them to be answers; of numbers one fewer
FEW_NEAR = LISTED  # the same where a short word of the name may be about being addressed
REPEATED = 2  # times that such an answer stands there on average, in a file of some length
SHORT = 20  # rows below which answers need not repeat
LONG = 5  # words of a name from which on it is a question
LONGEST = 60  # letters of an answer; what is longer is a text
NO_ANSWER = r"@|://|[0-9]{5}|[0-9][.,][0-9]*[1-9]"  # an address, link, long number or share


def is_explained(name: str) -> bool:
    """Tell whether a word in a column's name says what it holds, and that it is no answer.

    >>> [is_explained(name) for name in ("shippingCity", "First Name", "level", "kz_12")]
    [True, True, False, False]
    """
    words = words_in(name)
    if is_question(name):  # any of its words may be beside the point
        return False
    whole = re.search(WORDS["plain_names"], letters_of(name))
    return bool(whole) or is_measure(name) or not EXPLAINED.isdisjoint(words)


def is_question(name: str) -> bool:
    """Tell whether a column is named by the question that people were asked.

    >>> is_question("May we and our partners keep in touch?"), is_question("Ticket type")
    (True, False)
    """
    return "?" in name or len(words_in(name)) > LONG


def may_hide(name: str, cells: Cells) -> bool:
    """Tell whether a column could hold an answer about being addressed that nobody understands.

    >>> two = Cells(900, 900, 0, 0, 0, ["rests", "yes"])
    >>> may_hide("grp", two), may_hide("newsletter", two), may_hide("plan", two)
    (True, True, False)
    """
    heard = asked_by(name) in ("says_no", "no_since") or says(name, "message_columns")
    if is_measure(name) or heard:
        return False
    if cells.n_settings:
        return True
    if asks_about_contact(name):
        turned = is_turned(name) and cells.n_filled > 0
        return turned or (could_answer(cells) and not understood(name, cells.words))
    few = FEW_NEAR if is_near(name) else FEW
    elsewhere = of_other_channel(name) and understood(name, cells.words)
    silent = is_explained(name) or is_numbered(cells) or is_stated(name, cells.words) or elsewhere
    return could_answer(cells, few=few) and not silent


def is_numbered(cells: Cells) -> bool:
    """Tell whether every cell of a column is another one with a number in it, as names of rows are.

    >>> is_numbered(Cells(3, 3, 0, 0, 0, ["C126", "C127", "C128"]))
    True
    """
    different = len(cells.words) == cells.n_filled > 1 and not cells.n_dated
    return different and all(re.search("[0-9]{2}", word) for word in cells.words)


def is_near(name: str) -> bool:
    """Tell whether a short word of a name may be about being addressed.

    >>> is_near("FCRA_AFFL_MKT"), is_near("perm EML/SMS"), is_near("market")
    (True, True, False)
    """
    return bool(re.search(WORDS["near_names"], "_".join(words_in(name)))) and not is_measure(name)


def is_turned(name: str) -> bool:
    """Tell whether a word in a name may turn its answers round, so that a yes is a no.

    >>> is_turned("Skip the promo mails?"), is_turned("Promo mails?")
    (True, False)
    """
    return any(re.search(WORDS["turned_names"], word) for word in words_in(name))


def words_in(name: str) -> list[str]:
    """Take a name apart into its words, of a path those below the last dot.

    >>> words_in("order.shippingCity2")
    ['shipping', 'city', '']
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.rsplit(".", maxsplit=1)[-1])
    return re.split(r"[\W_\d]+", plain_word(apart))


def understood(name: str, words: list[str]) -> bool:
    """Tell whether every word of a column about being addressed is an answer that we know."""
    return is_stated(name, [word for word in words if not is_known(name, word)])


def is_known(name: str, word: str) -> bool:
    """Tell whether an answer is one that we know: a word, several, a sentence, a documented code.

    >>> [is_known("consent", word) for word in ("yes", "email|sms", "Yes I do", "rests")]
    [True, True, True, False]
    """
    known = known_codes(name)
    if known and stands_in(word, [*known["noes"], *known["quiet"]]):
        return True
    parts = {plain_word(part) for part in re.split("[,;|]", word)}
    return parts <= UNDERSTOOD or bool(re.search(WORDS["agreeing"], plain_word(word)))


def open_words(name: str, words: list[str]) -> list[str]:
    """Keep those words of a column that nobody understands; all, where it is not about contact.

    >>> open_words("newsletter", ["yes", "rests"]), open_words("grp", ["yes", "rests"])
    (['rests'], ['yes', 'rests'])
    """
    if not asks_about_contact(name) or is_turned(name):
        return words
    return [word for word in words if not understood(name, [word])]


def asks_about_contact(name: str) -> bool:
    """Tell whether answers about being addressed are expected in a column, by its name."""
    return bool(asked_by(name)) or is_about(name) or may_be_coded(name)


def could_answer(cells: Cells, *, few: int = FEW) -> bool:
    """Tell whether what stands in a column could be answers.

    Few different short words could, at most `few`, and so could a date that only some people have.

    >>> all_have = Cells(900, 900, 0, 0, 0, ["A", "B"])
    >>> could_answer(all_have), could_answer(all_have._replace(words=["3.5"]))
    (True, False)
    >>> could_answer(Cells(900, 40, 40, 0, 0, ["2026-01-01"] * 17))
    True
    """
    some = 0 < cells.n_filled < cells.n_rows
    if cells.n_dated == cells.n_filled:
        return some
    counts = all(re.fullmatch(r"-?[0-9]+(\.0)?", word) for word in cells.words)
    are_few = 0 < len(cells.words) <= few - counts
    repeated = cells.n_filled >= REPEATED * len(cells.words) or cells.n_rows < SHORT or some
    return are_few and repeated and all(map(is_answer, cells.words))


def is_answer(word: str) -> bool:
    """Tell whether a word could be an answer: no address, link, long number, share or text.

    >>> [is_answer(word) for word in ("nie", "3", "a@b.org", "2.5", "94110")]
    [True, True, False, False, False]
    """
    return len(word) <= LONGEST and not re.search(NO_ANSWER, word)


def is_stated(name: str, words: list[str]) -> bool:
    """Tell whether all words of a column are states that have nothing to do with contact."""
    is_status = re.search(WORDS["status_columns"], letters_of(name)) and not asked_by(name)
    known = {*WORDS["plain_states"], *(WORDS["account_states"] if is_status else ())}
    return {plain_word(word) for word in words} <= known


def listed_noes(words: list[str]) -> list[str]:
    """Keep cells with several words, one of which is a no, as tags are.

    >>> listed_noes(["vip, zz_nomktg", "customer;no_returns"])
    ['vip, zz_nomktg']
    """
    return [word for word in words if any(map(is_listed_no, re.split("[,;|]", word)))]


def is_listed_no(word: str) -> bool:
    """Tell whether one word of several in a cell says no."""
    return name_says(word, "opt_out_names") or bool(
        re.search(WORDS["listed_refusals"], letters_of(word))
    )


def is_list_column(name: str) -> bool:
    """Tell whether several words stand in each cell of a column, by its name."""
    return bool(re.search(WORDS["lists"], letters_of(name)))


def naming_columns(names: list[str]) -> list[str]:
    """List the columns that name what another column of the row answers.

    >>> naming_columns(["party", "attr_code", "attr_value"]), naming_columns(["code", "price"])
    (['attr_code'], [])
    """
    answering = any(re.search(WORDS["answering"], letters_of(name)) for name in names)
    return [name for name in names if answering and re.search(WORDS["naming"], letters_of(name))]


def names_answers(values: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a column of a sample names what people were asked about being addressed.

    >>> names_answers({"attr": ["PROMO_CONTACT", "SHOE_SIZE"], "value": ["GRANTED", "41"]})
    True
    """
    named = {word for name in naming_columns(list(values)) for word in values[name]}
    return any(asked_by(word) or is_about(word) or is_near(word) for word in named)


def unexplained_names(values: Mapping[str, Sequence[str]]) -> list[str]:
    """List the columns of a sample that may hide a no: those whose file would stop exports.

    >>> unexplained_names({"grp": ["A", "B", "A", "B"], "city": ["Rom", "Rom", "Ulm", "Ulm"]})
    ['grp']
    """
    if not values:
        return []
    rows = ibis.memtable({name: list(cells) for name, cells in values.items()})
    return [name for name, cells in cells_of(rows, list(values)).items() if may_hide(name, cells)]
