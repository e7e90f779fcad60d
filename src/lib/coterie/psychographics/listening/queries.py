"""Which posts mention a brand? Boolean queries, written by hand or from a name."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from coterie.psychographics.listening.syntax import (
    FOLDS,
    PUNCTUATION,
    Both,
    Near,
    Node,
    Not,
    Phrase,
    alternatives,
    parse_query,
    words_of,
)
from coterie.study import SettingsError

REDACTED = r"<[a-z]+>"  # "<email>" says what stood there and is no word of the author's
SHORTEST = 4  # letters; a shorter run of initials is often another word
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def match(text: ir.StringValue, query: str) -> ir.BooleanValue:
    """Say which posts a boolean query finds; a post without text stays unknown.

    A query has words, "phrases in quotes", `*` (any letters) and `?` (one letter) inside words,
    AND, OR, NOT and NEAR in capitals, and parentheses; NOT binds closest, then NEAR, AND, OR. `a
    NOT b` is `a AND NOT b`. `a NEAR/3 b` wants at most three other words between the two, whichever
    comes first, plain NEAR five; on its sides stand words, phrases, or ORs of these. Two words side
    by side are an error: some tools read AND there, some OR.

    Case does not matter, and whatever is no letter, digit or _ parts words: `bright-side` and
    `"bright side"` are the same query. A plain word finds hashtags, mentions and possessives too,
    `#word` and `@word` find only these. Accents count. Scripts without spaces have no words here:
    write `*word*`. Emoji cannot be searched.

    Raises
    ------
    SettingsError
        Showing the query with a caret under the place it could not be read at, and what was
        expected there.

    >>> posts = ibis.memtable(
    ...     {"text": ["My #BrightSide broke!", "on the bright side of life", "BrightSide's cafe"]}
    ... )
    >>> match(posts.text, '(brightside OR "bright side") NOT life').to_pandas().tolist()
    [True, False, True]
    """
    return _found(_plain(text), parse_query(query))


def mentions(posts: ir.Table, queries: Mapping[str, str]) -> ir.Table:
    """List people's posts once for every brand whose query finds them.

    What brands write themselves is left out.

    Returns the columns post_id, person_id, at, platform, and about_brand (here the brand found).

    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2"],
    ...         "person_id": ["ana", "bo"],
    ...         "at": ["2026-06-01"] * 2,
    ...         "platform": ["x"] * 2,
    ...         "text": ["Shop or Deli?", "deli"],
    ...     }
    ... )
    >>> found = mentions(posts, {"shop": "shop", "deli": "deli"}).order_by("about_brand", "post_id")
    >>> found.post_id.to_pandas().tolist()
    ['1', '2', '1']
    """
    if not queries:
        raise SettingsError("04_psychographics.queries: name at least one brand with its query.")
    people = posts.filter(posts["person_id"].notnull())
    found = [
        people.filter(match(people["text"], query)).mutate(about_brand=ibis.literal(brand))
        for brand, query in queries.items()
    ]
    return ibis.union(
        *(part.select("post_id", "person_id", "at", "platform", "about_brand") for part in found)
    )


def brand_query(name: str, *, also: tuple[str, ...] = ()) -> str:
    """Write the query that finds a brand however people spell it.

    `also` names its products or accounts. "Bright Side" is found apart, together, hyphenated, as
    hashtag or mention and with a possessive ('s, or the s alone). Words run together are searched
    as a word from four letters on, else only as hashtag or mention: H&M is no "hm". A name that is
    also an ordinary word finds too much, which `check_query` will show.

    >>> brand_query("Bright Side")
    '"bright side" OR "bright sides" OR brightside OR brightsides OR bright_side'
    >>> brand_query("H&M", also=("@hmkids",))
    '"h m" OR #hm OR @hm OR h_m OR "@hmkids"'
    """
    forms = [form for spelling in (name, *also) for form in _spellings(spelling)]
    return " OR ".join(dict.fromkeys(forms))


def brand_queries(own: Mapping[str, str], brands: Iterable[str | None]) -> dict[str, str]:
    """Take a study's own queries, or write one from the name of every brand that posts address.

    >>> brand_queries({}, ["deli", None, "deli"])
    {'deli': 'deli OR delis'}
    """
    names = sorted({brand for brand in brands if isinstance(brand, str) and brand})
    return dict(own) or {name: brand_query(name) for name in names}


def _plain(text: ir.StringValue) -> ir.StringValue:
    """Reduce a text to small words with one space before and after each; # and @ begin a word."""
    text = text.lower().re_replace(REDACTED, " ")
    for letter, plain in FOLDS:
        text = text.replace(letter, plain)
    text = text.re_replace("[#＃]+", " #").re_replace("[@＠]+", " @")
    return (ibis.literal(" ") + text + " ").re_replace(rf"[\s*?{PUNCTUATION}]+", " ")


def _found(plain: ir.StringValue, node: Node) -> ir.BooleanValue:
    """Evaluate a tree on a reduced text; alternatives between phrases are one search."""
    if phrases := alternatives(node):
        return plain.re_search(f" {_choice(phrases)} ")
    if isinstance(node, Near):
        return plain.re_search(_near(node))
    if isinstance(node, Not):
        return ~_found(plain, node.part)
    return reduce(
        and_ if isinstance(node, Both) else or_, [_found(plain, part) for part in node.parts]
    )


def _near(node: Near) -> str:
    """Write a NEAR as a pattern: one, a few words or none, the other; or the other way round."""
    one = _choice(node.one)
    other = _choice(node.other)
    between = f"( [^ ]+){{0,{node.within}}} "
    return f" ({one}{between}{other}|{other}{between}{one}) "


def _choice(phrases: tuple[Phrase, ...]) -> str:
    """Write phrases as a pattern, always in parentheses: Snowflake puts `.*` around a pattern."""
    return f"({'|'.join(' '.join(map(_letters, phrase.words)) for phrase in phrases)})"


def _letters(word: str) -> str:
    """Write a word as a pattern; nothing is left in it that a pattern could misread."""
    sign = "" if word[0] in "#@" else "[#@]?"
    return sign + word.replace("?", "[^ #@]").replace("*", "[^ ]*")


def _spellings(name: str) -> list[str]:
    """List the ways a name is written, as terms of a query.

    An account or hashtag is written in one way only.
    """
    name = unicodedata.normalize("NFC", name).strip().replace("*", " ").replace("?", " ")
    if name.startswith(("#", "@", "＃", "＠")):
        return [f'"{" ".join(words_of(name))}"']
    spellings = [
        words_of(re.sub("[#@＃＠]", " ", spelling)) for spelling in (name, CAMEL.sub(" ", name))
    ]
    if not spellings[0]:
        raise SettingsError(
            f"04_psychographics.queries: the name {name!r} has no letter or digit to search for."
        )
    return [form for words in spellings for form in _forms(words)]


def _forms(words: list[str]) -> list[str]:
    """Write words apart, together and with underscores."""
    apart = " ".join(words)
    together = "".join(words)
    if len(words) == 1:
        return _with_s(apart)
    joined = _with_s(together) if len(together) >= SHORTEST else [f"#{together}", f"@{together}"]
    return [*(f'"{form}"' for form in _with_s(apart)), *joined, "_".join(words)]


def _with_s(form: str) -> list[str]:
    """Add the possessive without its apostrophe, where the last word is long enough to bear one."""
    if form.endswith("s") or len(form.rsplit(maxsplit=1)[-1]) < SHORTEST:
        return [form]
    return [form, f"{form}s"]
