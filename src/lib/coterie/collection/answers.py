"""An answer and how to read it."""

import json
from typing import NamedTuple

from coterie.collection.refusals import Passing


class Answer(NamedTuple):
    """A good answer."""

    url: str
    content: object
    link: str  # address of the next page by the header `Link`


def parsed(text: str) -> object:
    """Read an answer as JSON; a number that JSON does not know is nothing."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise Passing("its answer is not whole JSON") from None


def at_path(value: object, path: str) -> object:
    """Follow a dotted path into nested objects; nothing where it leads nowhere.

    >>> at_path({"meta": {"next": "b"}}, "meta.next"), at_path({"meta": 1}, "meta.next")
    ('b', None)
    """
    for part in path.split(".") if path else ():
        value = value.get(part) if isinstance(value, dict) else None
    return value
