"""What names of columns and single answers say, as the self-check reads them.

Neither code nor words are shared with what sourcing hears, on purpose.
"""

import re
from importlib.resources import files

import yaml

WORDS = yaml.safe_load(
    files("coterie.activation").joinpath("self_check.yml").read_text(encoding="utf-8")
)


def squeezed(text: str) -> str:
    """Write a name or word in lower case, letters only.

    >>> squeezed("E-Mail Opt_Out 2")
    'emailoptout'
    """
    return re.sub(r"[^a-zà-ÿ]", "", text.casefold())


def folded(text: str) -> str:
    """Write an answer in lower case with single blanks.

    >>> folded("  No,  Thanks ")
    'no, thanks'
    """
    return " ".join(str(text).split()).casefold()


def refuses(word: str) -> bool:
    """Tell whether an act is a no.

    >>> [refuses(word) for word in ("Unsubscribed from SMS", "hard bounce", "soft bounce", "like")]
    [True, True, False, False]
    """
    letters = squeezed(word)
    return bool(re.search(WORDS["refusing_act"], letters)) and not re.search(
        WORDS["harmless_act"], letters
    )


def flagged(cell: str) -> bool:
    """Tell whether a column of opt-outs says that somebody opted out."""
    return folded(cell) not in WORDS["nobody_opted_out"]


def declined(cell: str) -> bool:
    """Tell whether a column that asks for a yes holds a no."""
    return folded(cell) in WORDS["plain_no"] or refuses(cell)


def chose_nothing(cell: str) -> bool:
    """Tell whether a column that asks how often, or how, holds a no.

    >>> chose_nothing("never"), chose_nothing("None"), chose_nothing("weekly")
    (True, True, False)
    """
    return folded(cell) in WORDS["chose_nothing"] or denied(cell)


def denied(cell: str) -> bool:
    """Tell whether an answer is a no, in a word or in a sentence.

    >>> denied("No, thanks"), denied("I do not agree"), denied("not set"), denied("no objection")
    (True, True, False, False)
    """
    plain = folded(cell)
    if plain in WORDS["says_nothing"] or re.search(WORDS["agreeing_sentence"], plain):
        return False
    return declined(cell) or bool(re.search(WORDS["denying_sentence"], plain))


def says_stop(cell: str) -> bool:
    """Tell whether a message is nothing but a STOP.

    >>> says_stop(" STOP! "), says_stop("please stop")
    (True, False)
    """
    return folded(cell).rstrip(".!") in WORDS["stop_messages"]


def says_plainly(cell: str) -> bool:
    """Tell of any cell about a person whether it denies contact in so many words.

    >>> says_plainly("Bo Juhl (do not call)"), says_plainly("No sugar, please")
    (True, False)
    """
    return bool(re.search(WORDS["plain_denial"], folded(cell).replace("-", " ")))


def one_refuses(cell: str) -> bool:
    """Tell whether one of several words in a cell is a no, as a tag may be.

    >>> one_refuses("vip, zz_nomktg"), one_refuses("vip;nomad")
    (True, False)
    """
    words = [squeezed(word) for word in re.split("[,;|]", cell)]
    tagged = any(re.search(WORDS["denying_tag"], word) for word in words)
    return tagged or says_plainly(cell)


def left(cell: str) -> bool:
    """Tell of a state in a list of addressees whether somebody left it."""
    return folded(cell) in WORDS["left_a_list"] or refuses(cell)


def denies(cell: str) -> bool:
    """Tell whether an act in a file about consent denies it."""
    return refuses(cell) or bool(re.search(WORDS["denying_act"], squeezed(cell)))


def whole(cell: str) -> str:
    """Write a code in lower case, without the fraction that a spreadsheet added.

    >>> whole(" -2.0 "), whole("O")
    ('-2', 'o')
    """
    return re.sub(r"^(-?\d+)\.0+$", r"\1", cell.strip().casefold())


def asks(name: str) -> bool:
    """Tell whether a column asks for a yes, and does not count what followed."""
    return bool(re.search(WORDS["yes_column"], squeezed(name))) and not measures(name)


def is_about(name: str) -> bool:
    """Tell whether a column is about being addressed.

    >>> is_about("marketing_emails"), is_about("marketing_qualified"), is_about("consent date")
    (True, False, False)
    """
    letters = squeezed(name)
    about = re.search(WORDS["about_column"], letters)
    return bool(about) and not re.search(WORDS["no_about_column"], letters) and not measures(name)


def is_turning(name: str) -> bool:
    """Tell whether a word of a name turns its answers round: yes is a no.

    >>> is_turning("Skip the promo mails?"), is_turning("preferences.topics")
    (True, False)
    """
    return any(re.search(WORDS["turning"], word) for word in words_of(name))


def words_of(name: str) -> list[str]:
    """Take a name apart into its words, in lower case.

    >>> words_of("blockMail 2"), words_of("BLOCK_MAIL")
    (['block', 'mail'], ['block', 'mail'])
    """
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [word.casefold() for word in re.findall(r"[^\W\d_]+", apart)]


def measures(name: str) -> bool:
    """Tell whether the last word of a name counts, dates or describes something."""
    words = words_of(name)
    return bool(words) and words[-1] in WORDS["measures"]
