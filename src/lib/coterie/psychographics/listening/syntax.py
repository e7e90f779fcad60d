"""How a boolean query is written: its grammar, its tree, and what is said where it cannot be
read.
"""

import re
import unicodedata
from typing import NamedTuple

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args
from lark.exceptions import VisitError

from coterie.parsing import Both, Either, Not, caret_error, find_stop
from coterie.study import SettingsError

GRAMMAR = r"""
either: both (_OR both)*
both: near (_AND near | exclusion)*
?near: part | part NEAR part -> proximity
?part: exclusion | WORD -> term | PHRASE -> term | "(" either ")"
exclusion: _NOT part

_AND.2: /AND(?![^\s()"“”„])/
_OR.2: /OR(?![^\s()"“”„])/
_NOT.2: /NOT(?![^\s()"“”„])/
NEAR.2: /NEAR(\/\d+)?(?![^\s()"“”„])/
PHRASE: /["“”„][^"“”„]*["“”„]/
WORD: /[^\s()"“”„]+/
%ignore " "
"""
PARSER = Lark(GRAMMAR, start="either", parser="lalr", lexer="basic")
NEAR_WORDS, FARTHEST = 5, 100
# other tools' operators, which would silently read as words
FOREIGN = re.compile(r"^[-+!]|[:~^|<>=\[\]{}\\]")
TERMS = ("WORD", "PHRASE", "LPAR")
A_TERM = "a word, quotes or parentheses"
PLACES = {  # what the parser may wait for, in our words
    **{"RPAR": ")", "_AND": "AND", "NEAR": "NEAR", "_NOT": "NOT", "_OR": "OR"},
    **dict.fromkeys(TERMS, A_TERM),
    "$END": "the end",
}
AFTER_A_TERM = {  # what is wrong with what cannot stand after a term
    "RPAR": "this parenthesis was never opened",
    "NEAR": "for three places write a NEAR b AND b NEAR c",
}


# What parts words, spelled out in ranges because engines differ in what \w means and Postgres knows
# no \p{L}: ASCII but
# # @ _ * ?, then Latin, Greek, Armenian, Hebrew, Arabic and Indic marks, punctuation, arrows to
# dingbats, CJK,
# variation selectors, full-width forms and emoji. No letter, digit or accent of any script is among
# them.
PUNCTUATION = (
    r' -"$-)+-/:->\[-\^`{-~'
    "\u0080-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589\u058a"
    "\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970\u0e3f\u0e4f\u0e5a\u0e5b"
    "\u2000-\u206f\u20a0-\u20cf\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e2e\u2e30-\u2e7f\u3000-\u3004"
    "\u3008-\u3020\u3030\u303d\u30fb\ufe00-\ufe19\ufe30-\ufe32\ufe35-\ufe4c\ufe50-\ufe5e\uff01\uff02\uff04-\uff0f"
    "\uff1a-\uff1f\uff3b-\uff3e\uff40\uff5b-\uff65\U0001f000-\U0001f0ff\U0001f10d-\U0001fbef"
)
# engines differ in how Σ at a word's end and the Turkish İ are lowered
FOLDS = (("ς", "σ"), ("\u0307", ""))


class Phrase(NamedTuple):
    """Words that follow each other; one word alone is the usual case. They may hold the wildcards *
    and ?.
    """

    words: tuple[str, ...]


class Near(NamedTuple):
    """One of some phrases close to one of others, in either order."""

    one: tuple[Phrase, ...]
    other: tuple[Phrase, ...]
    within: int  # so many other words may stand between them


Node = Phrase | Near | Not | Both | Either


def parse_query(query: str) -> Node:
    """Read a query into its tree: what `match` evaluates, for those who want to look at it.

    >>> parse_query('coffee NEAR/3 (shop OR "corner cafe")')
    Near(one=(Phrase(words=('coffee',)),), other=(Phrase(words=('shop',)), Phrase(words=('corner',
    'cafe'))), within=3)
    """
    query = " ".join(unicodedata.normalize("NFC", query).split())
    try:
        return _Tree(query).transform(PARSER.parse(query))
    except VisitError as wrapped:
        raise wrapped.orig_exc from None
    except UnexpectedInput as error:
        raise _unreadable(query, error) from None


@v_args(inline=True)
class _Tree(Transformer):
    """Turn what the grammar found into our nodes."""

    def __init__(self, query: str) -> None:
        super().__init__()
        self.query = query

    def term(self, token: Token) -> Phrase:
        """Read one word or phrase."""
        if token.type == "WORD" and FOREIGN.search(token):
            raise _foreign(self.query, token)
        words = words_of(token)
        if not words or any(set(word) <= set("#@*?") for word in words):
            raise _error(self.query, token.column, "a word needs at least one letter or digit")
        return Phrase(tuple(words))

    def proximity(self, one: Node, near: Token, other: Node) -> Near:
        """Read a NEAR."""
        within = int(near.partition("/")[2] or NEAR_WORDS)
        if within > FARTHEST:
            raise _error(
                self.query, near.column, f"NEAR goes up to NEAR/{FARTHEST}; beyond it write AND"
            )
        sides = [alternatives(side) for side in (one, other)]
        if not all(sides):
            hint = "NEAR takes words, phrases or an OR of these on its sides; put AND, NOT and other NEARs outside"  # noqa: E501
            raise _error(self.query, near.column, hint)
        return Near(*sides, within)

    def exclusion(self, part: Node) -> Not:
        """Read a NOT."""
        return Not(part)

    def both(self, *parts: Node) -> Node:
        """Read what AND joins, or its only part."""
        return Both(parts) if len(parts) > 1 else parts[0]

    def either(self, *parts: Node) -> Node:
        """Read what OR joins, or its only part."""
        return Either(parts) if len(parts) > 1 else parts[0]


def alternatives(node: Node) -> tuple[Phrase, ...]:
    """List the phrases that a node offers the choice of; empty when it is more than a choice of
    phrases.
    """
    if isinstance(node, Phrase):
        return (node,)
    parts = [alternatives(part) for part in node.parts] if isinstance(node, Either) else [()]
    return sum(parts, ()) if all(parts) else ()


def _unreadable(query: str, error: UnexpectedInput) -> SettingsError:
    """Say what was expected where the parser stopped."""
    if isinstance(error, UnexpectedCharacters):
        return _error(query, error.column, "this quotation mark is never closed")
    token = error.token
    stop = find_stop(query, error, PLACES)
    found = "but the query ends" if stop.ended else f"not {token}"
    hint = f"{' or '.join(stop.expected)} can stand here, {found}"
    if A_TERM in stop.expected:
        return _error(query, stop.column, hint)
    if token.type == "WORD" and FOREIGN.search(token):
        return _foreign(query, token)
    if token.type in TERMS:
        hint = _side_by_side(query, token)
    return _error(query, stop.column, AFTER_A_TERM.get(token.type, hint))


def _foreign(query: str, token: Token) -> SettingsError:
    """Point at a sign that other tools give a meaning to."""
    odd = FOREIGN.search(token)
    hint = f"{odd[0]!r} has no meaning here; write NOT to leave out, and put in quotes what is text"
    return _error(query, token.column + odd.start(), hint)


def _side_by_side(query: str, token: Token) -> str:
    """Say what to do where two terms meet; an operator in small letters is a word."""
    around = (*query[: token.start_pos].split()[-1:], str(token))
    small = any(word.partition("/")[0] in ("and", "or", "not", "near") for word in around)
    hint = (
        "operators are written in capitals"
        if small
        else "write AND or OR between them, or both in quotes"
    )
    return f"two terms stand side by side; {hint}"


def _error(query: str, column: int, hint: str) -> SettingsError:
    """Show the query with a caret under a column, counted from 1."""
    return caret_error("04_psychographics.queries", query, column, hint)


def words_of(text: str) -> list[str]:
    """Split a query's text into words as `match` does with posts, wildcards kept.

    >>> words_of("Bright-Side's #Deal*")
    ['bright', 'side', 's', '#deal*']
    """
    text = text.lower()
    for letter, plain in FOLDS:
        text = text.replace(letter, plain)
    return re.sub(
        rf"[\s{PUNCTUATION}]+", " ", re.sub("[@＠]+", " @", re.sub("[#＃]+", " #", text))
    ).split()
