"""What the path of a file says of its content: words, folders, a platform."""

import re
from pathlib import Path

from coterie.sourcing.columns import SYNONYMS
from coterie.sourcing.maps import Context


def context_of(name: str, within: str = "") -> Context:
    """Split a file's path into words, and find the platform that they name.

    `within` names the sheet or list that is looked at.

    >>> context_of("instagram/Opt-ins_2026.csv")
    Context(words=['opt', 'ins'], folders=['instagram'], platform='instagram')
    """
    *folders, last = Path(name).parts
    words = words_of(Path(last).stem.removesuffix(".csv"))
    around = [word for folder in folders for word in words_of(folder)]
    named = [
        platform
        for word in [*words, *reversed(around)]
        for platform, spelt in SYNONYMS["platforms"].items()
        if word in spelt
    ]
    return Context(words, [*around, *words_of(within)], named[0] if named else "")


def words_of(text: str) -> list[str]:
    """Split a file's name into its words, lower case, without numbers."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return [word for word in re.split(r"[\W\d_]+", apart.lower()) if word]
