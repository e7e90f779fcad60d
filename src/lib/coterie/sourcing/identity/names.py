"""Names as they are compared: given and family name, and what a handle says of its owner."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

WORDS = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
CODE = 16  # characters from which a handle with a digit inside is a platform's own number
ROOTS = {name: group[0] for group in WORDS["nicknames"] for name in group}  # bob: robert
SHORTEST = 3  # letters that a title has at least, and that it leaves of a handle


def plain(text: str) -> str:
    """Write a text in lower case letters without accents.

    >>> plain("Chloé Müller")
    'chloe muller'
    """
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


class Name(NamedTuple):
    """A name in parts, each in plain letters."""

    given: str | None
    surname: str | None
    tail: str | None  # all after the given name as one word, like vanduyne
    spoken: str | None  # the name as one word, as handles write it; nicknames in full


def split_name(name: str) -> Name:
    """Split a full name into given and family name; initials and endings are left out.

    "Family, Given" is turned round. A single word counts as a family name.

    >>> split_name('Robert C. "Bobby" Scott, Jr.')
    Name(given='robert', surname='scott', tail='scott', spoken='robertscott')
    >>> split_name("Van Duyne, Beth")
    Name(given='beth', surname='duyne', tail='vanduyne', spoken='elizabethvanduyne')
    """
    quoted = re.search(r'["“(](.+?)["”)]', name)
    parts = [words_of(part) for part in re.sub(r'["“(].+?["”)]', " ", name).split(",")]
    parts = [part for part in parts if part]
    words = [word for part in (parts[1:] + parts[:1]) for word in part]
    whole = [word for word in words if len(word) > 1]
    words = whole if len(whole) > 1 else words
    if len(words) < 2:
        return Name(None, words[0] if words else None, None, None)
    called = "".join(words_of(quoted[1])) if quoted else ""
    called = called or words[0]
    tail = "".join(words[1:])
    return Name(words[0], words[-1], tail, ROOTS.get(called, called) + tail)


def words_of(name: str) -> list[str]:
    """List the words of a name, without what only follows names."""
    words = re.findall(r"[a-z]+(?:[-'][a-z]+)*", plain(name))
    return [re.sub(r"[-']", "", word) for word in words if word not in WORDS["endings"]]


def handle_letters(handle: str) -> str | None:
    """Keep the letters of a handle that reads like a name; None where it is a number or an id.

    >>> (
    ...     handle_letters("Rep.AustinScott08"),
    ...     handle_letters("UCOmm091WM6D01"),
    ...     handle_letters("7001"),
    ... )
    ('repaustinscott', None, None)
    """
    local = local_part(handle)
    letters = re.sub(r"[^a-z]", "", local)
    runs = re.findall(r"\d+", local)
    coded = len(local) >= CODE and re.search(r"\d", local[:-2])
    like_a_name = len(letters) >= 4 and len(runs) <= 1 and len(letters) > len("".join(runs))
    return letters if like_a_name and not coded else None


def local_part(handle: str) -> str:
    """Take the domain of an address and the sign of a handle off.

    >>> local_part("@Rep.Bera"), local_part("Ana@example.org")
    ('rep.bera', 'ana')
    """
    return plain(handle).strip().lstrip("@").partition("@")[0]


def common_titles(letters: Iterable[str], names: set[str], *, share: float = 0.01) -> list[str]:
    """Find what many handles begin with before anything may follow: rep, senator, the, its.

    A beginning is a title when the two letters after it vary in at least `share` of the handles.
    A longer one counts when it has at least half the variety of the shorter one that it contains;
    what people in the data are called is no title.

    >>> made = [f"{title}{a}{b}son" for title in ("rep", "") for a in "abcde" for b in "aeiou"]
    >>> common_titles(made, {"anna"}, share=0.2)
    ['rep']
    """
    texts = sorted(set(letters))
    after = defaultdict(set)
    for text in texts:
        for size in range(SHORTEST, len(text) - SHORTEST + 1):
            after[text[:size]].add(text[size : size + 2])
    needed = max(5, share * len(texts))
    varied = {start: len(ends) for start, ends in after.items() if len(ends) >= needed}
    cut = {start[:-1] for start in varied if varied[start] > varied.get(start[:-1], 0)}
    titles = []
    for start in sorted(set(varied) - cut - names, key=len):
        larger = [varied[title] for title in titles if start.startswith(title)]
        if varied[start] >= max(larger, default=0) / 2:
            titles.append(start)
    return titles


def without_titles(letters: str, titles: list[str]) -> str:
    """Take titles off the beginning of a handle while a name remains.

    >>> without_titles("senatortoddyoung", ["sen", "senator"])
    'toddyoung'
    """
    for title in sorted(titles, key=len, reverse=True):
        if letters.startswith(title) and len(letters) >= len(title) + SHORTEST:
            return letters[len(title) :]
    return letters


def with_root(letters: str, surnames: set[str]) -> str:
    """Replace a nickname before a known family name by the name that it stands for.

    >>> with_root("bobscott", {"scott"})
    'robertscott'
    """
    for size in range(2, len(letters) - 2):
        if letters[:size] in ROOTS and letters[size:] in surnames:
            return ROOTS[letters[:size]] + letters[size:]
    return letters
