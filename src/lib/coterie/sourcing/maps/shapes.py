"""What a column's values look like: an address, a moment, a number, or words."""

import re
from collections.abc import Iterable
from typing import NamedTuple

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?"
MOMENT = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\D.*)?"  # 2026-05-01 and what may follow
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:\D.*)?"  # 01.05.2026, 05/01/26
    rf"|(?:{DAY} )?{MONTH} \d{{1,2}},? .*\d{{4}}.*"  # Fri, Jun 5, 2026; Mon Jun 01 … 2026
    rf"|(?:{DAY} )?\d{{1,2}}[ -]{MONTH}[ -]\d{{2,4}}.*",  # 01 Jan 2023
    re.IGNORECASE,
)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
NUMBER = re.compile(r"[-+(]?\s*[^\w\s.,+-]?\s*\d[\d.,' \u00a0]*\s*[^\w\s]?\)?%?")
EPOCHS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}  # digits since 2001
DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
TRUTHS = {"true", "false", "yes", "no", "y", "n", "t", "f", "0", "1"}


class Sample(NamedTuple):
    """The first rows of one table: names of its columns, and values that decide on them.

    The values are never written anywhere; they only tell what a column holds.
    """

    names: list[str]
    values: dict[str, list[str]]

    def shape(self, name: str) -> str:
        """Tell the shape of a column's values, `empty` where it has none."""
        return shape_of(self.values.get(name, ()))

    def is_hashed(self, name: str) -> bool:
        """Tell whether a column holds nothing but digests, as of addresses."""
        filled = [value.strip() for value in self.values.get(name, ()) if value.strip()]
        return bool(filled) and all(map(DIGEST.fullmatch, filled))


def shape_of_one(text: str) -> str:
    """Tell the shape of one value.

    >>> [shape_of_one(text) for text in ("ana@example.org", "01.05.2026 00:00", "1.100,50", "blue")]
    ['email', 'moment', 'number', 'text']
    """
    if EMAIL.fullmatch(text):
        return "email"
    if LINK.fullmatch(text):
        return "link"
    if MOMENT.fullmatch(text):
        return "moment"
    if text.lower() in TRUTHS:
        return "truth"
    if NUMBER.fullmatch(text):
        return "number"
    return "text"


def shape_of(values: Iterable[str]) -> str:
    """Tell the shape that nine in ten of the filled values have; `text` when there is none.

    >>> shape_of(["2026-05-01", "", "2026-05-02"]), shape_of(["1", "0", ""]), shape_of(["1", "2"])
    ('moment', 'truth', 'number')
    """
    shapes = [shape_of_one(value) for value in map(str.strip, values) if value]
    if not shapes:
        return "empty"
    if {"number", "truth"} >= set(shapes) and "number" in shapes:
        return "number"
    common = max(set(shapes), key=shapes.count)
    return common if shapes.count(common) >= 0.9 * len(shapes) else "text"


def epoch_of(values: Iterable[str]) -> str:
    """Name the unit of moments counted since 1970; empty when they are none.

    >>> epoch_of(["1770000000", "1770086000"]), epoch_of(["1770000000000"]), epoch_of(["12"])
    ('epoch_s', 'epoch_ms', '')
    """
    filled = [value.strip() for value in values if value.strip()]
    digits = {len(value) for value in filled if value.isdigit() and value[0] in "12"}
    whole = len(digits) == 1 and all(value.isdigit() for value in filled)
    return EPOCHS.get(digits.pop(), "") if whole else ""
