"""Tables that a spreadsheet opens: no cell is read as a formula, whatever somebody wrote in it."""

import pandas as pd

FORMULA = "=+-@\t\n＝＋－＠"  # how a cell begins that a spreadsheet would compute
QUOTE = "'"  # before a cell, says that it is text


def plain_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Put a quote before every text that a spreadsheet would take for a formula, names included.

    >>> plain_cells(pd.DataFrame({"text": ["=1+1", "@ana", "hello"]}))["text"].tolist()
    ["'=1+1", "'@ana", 'hello']
    """
    plain = frame.copy()
    for place, (_, column) in enumerate(frame.items()):
        if pd.api.types.is_string_dtype(column) or column.dtype == object:
            texts = column.map(neutral, na_action="ignore")
            plain.isetitem(place, texts)
    return plain.set_axis([neutral(name) for name in frame.columns], axis=1)


def neutral(value: object) -> object:
    """Put a quote before a text that begins like a formula, spaces before it or not.

    A carriage return becomes a line feed: programs that write CSV leave it without quotes, and what
    follows it would be a cell of its own.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    begins = text.lstrip(" \u00a0\ufeff")[:1]
    return f"{QUOTE}{text}" if begins and begins in FORMULA else text


def as_written(text: str) -> str:
    """Take the quote away again.

    >>> as_written("'-17"), as_written("it's")
    ('-17', "it's")
    """
    bare = text.removeprefix(QUOTE)
    return bare if neutral(bare) != bare else text
