"""Many words looked for in a long text at once."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

WIDTH = 6  # bytes by which a place is recognised before it is looked at


def shows_any(text: str, tokens: Iterable[str]) -> bool:
    """Say whether a text holds any of the tokens, in any case; shorter ones than 6 bytes are none.

    Takes one pass over the text, however many tokens there are.

    >>> shows_any("written by Ana_B76 and others", ["ana_b76", "bo_k1234"])
    True
    >>> shows_any("written by ana_b7", ["ana_b76", "by"])
    False
    """
    content = text.lower().encode("utf-8", "ignore")
    by_start = defaultdict(list)
    for token in tokens:
        raw = token.lower().encode("utf-8", "ignore")
        if len(raw) >= WIDTH:
            by_start[raw[:WIDTH]].append(raw)
    if not by_start or len(content) < WIDTH:
        return False
    starts = np.array([number(start) for start in by_start], dtype=np.uint64)
    places = np.flatnonzero(np.isin(numbers(content), starts))
    return any(
        content.startswith(raw, place)
        for place in places.tolist()
        for raw in by_start[content[place : place + WIDTH]]
    )


def number(start: bytes) -> int:
    """Write the first bytes of a token as one number."""
    return int.from_bytes(start, "little")


def numbers(content: bytes) -> np.ndarray:
    """Write the bytes from every place of a text on as one number a place."""
    signs = np.frombuffer(content, dtype=np.uint8).astype(np.uint64)
    n = len(signs) - WIDTH + 1
    found = np.zeros(n, dtype=np.uint64)
    for offset in range(WIDTH):
        found |= signs[offset : n + offset] << np.uint64(8 * offset)
    return found
