"""Small languages, queries and rules: how parts join, and where a text stops making sense."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from lark import UnexpectedCharacters, UnexpectedInput

from coterie.study import SettingsError


class Not(NamedTuple):
    """What must not hold."""

    part: object


class Both(NamedTuple):
    """What must hold together; two parts or more."""

    parts: tuple


class Either(NamedTuple):
    """Alternatives; two parts or more."""

    parts: tuple


class Stop(NamedTuple):
    """Where a text stops making sense."""

    column: int  # counted from 1; where a text ends too early, one after its last character
    ended: bool  # the text ended where more was expected
    expected: list[str]  # what could stand there, in the words of the language


def find_stop(text: str, error: UnexpectedInput, words: Mapping[str, str]) -> Stop:
    """Locate a syntax error, and name what the parser waited for, in the order of `words`.

    `words` gives each terminal of the grammar as its users know it; equal words are said once.

    >>> from lark import Lark
    >>> words = {"WORD": "a word", "_AND": "AND", "$END": "the end"}
    >>> grammar = r'''start: WORD (_AND WORD)*
    ... _AND.2: "AND"
    ... WORD: /[a-z]+/
    ... %ignore " "'''
    >>> parser = Lark(grammar, parser="lalr", lexer="basic")
    >>> try:
    ...     parser.parse("tea milk")
    ... except UnexpectedInput as error:
    ...     find_stop("tea milk", error, words)
    Stop(column=5, ended=False, expected=['AND', 'the end'])
    """
    unread = isinstance(error, UnexpectedCharacters)
    waiting = (error.allowed or ()) if unread else (error.accepts or error.expected)
    expected = list(dict.fromkeys(word for name, word in words.items() if name in waiting))
    ended = not unread and error.token.type == "$END"
    return Stop(1 + (len(text) if ended else error.pos_in_stream), ended, expected)


def caret_error(where: str, text: str, column: int, hint: str) -> SettingsError:
    """Say what is wrong with a setting, and show its text with a caret under a column.

    >>> print(caret_error("07_rules.rules.loyal", "frequency >> 4", 12, "write > once"))
    07_rules.rules.loyal: write > once.
      frequency >> 4
                 ^
    """
    shown = re.sub(r"\s", " ", text)  # so that the caret stands below its column
    return SettingsError(f"{where}: {hint}.\n  {shown}\n  {' ' * (column - 1)}^")
