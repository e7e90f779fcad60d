"""Which posts mention a brand? Boolean queries, and how far to trust what they find."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np

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
from coterie.statistics import Interval, share_interval
from coterie.study import DataError, SettingsError

REDACTED = r"<[a-z]+>"  # "<email>" says what stood there and is no word of the author's
SHORTEST = 4  # letters; a shorter run of initials is often another word
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
TINY = np.finfo(float).tiny  # what to divide by where both shares are 0


class QueryCheck(NamedTuple):
    """How far a query can be trusted, and the counts this rests on."""

    precision: Interval  # share of the posts it finds that are about the brand
    recall: Interval  # share of the posts about the brand that it finds
    found: int  # posts it finds
    labelled_found: int  # of these, labelled by hand
    about_found: int  # of the labelled, about the brand
    rest: int  # posts it does not find
    labelled_rest: int
    about_rest: int


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
    """List people's posts once for every brand whose query finds them; what brands write themselves
    is left out.

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
    """Write the query that finds a brand however people spell it; `also` names its products or
    accounts.

    "Bright Side" is found apart, together, hyphenated, as hashtag or mention and with a possessive
    ('s, or the s alone). Words run together are searched as a word from four letters on, else only
    as hashtag or mention: H&M is no "hm". A name that is also an ordinary word finds too much,
    which `check_query` will show.

    >>> brand_query("Bright Side")
    '"bright side" OR "bright sides" OR brightside OR brightsides OR bright_side'
    >>> brand_query("H&M", also=("@hmkids",))
    '"h m" OR #hm OR @hm OR h_m OR "@hmkids"'
    """
    forms = [form for spelling in (name, *also) for form in _spellings(spelling)]
    return " OR ".join(dict.fromkeys(forms))


def check_query(found: ir.Table, labels: ir.Table) -> QueryCheck:
    """Measure which share of a query's posts is about the brand, and which share of the brand's
    posts it finds.

    Posts that were not found must be labelled too, or nothing is known of what was missed. Both
    samples have to be random within their stratum (found, not found), which weigh by their size:
    usually far more posts are not found, so that one post about the brand among 200 of them can
    stand for many, and the interval of recall says so.

    `found` has one row a post: post_id, found (yes or no; unknown counts as no). `labels` has one
    row a labelled post: post_id, about (is it about the brand?). Precision has a Wilson interval,
    recall one that joins the Wilson intervals of both strata; without labels in a stratum the value
    and ends that rest on it are NaN.

    Raises
    ------
    DataError
        When a post is labelled twice.

    References
    ----------
    Newcombe (2016), "MOVER-R confidence intervals for ratios and products of two independently
    estimated quantities", Statistical Methods in Medical Research 25.

    >>> found = ibis.memtable({"post_id": [*"abcdefgh"], "found": [True] * 4 + [False] * 4})
    >>> labels = ibis.memtable(
    ...     {"post_id": [*"abcdef"], "about": [True, True, True, False, True, False]}
    ... )
    >>> check = check_query(found, labels)  # 4 × 3/4 posts found rightly, 4 × 1/2 missed
    >>> check.precision.value, check.recall.value
    (0.75, 0.6)
    """
    if labels.count().execute() > labels["post_id"].nunique().execute():
        raise DataError("labels: a post is labelled twice; keep one judgement a post.")
    posts = found.select("post_id", found=found["found"].fill_null(False))
    labelled = posts.left_join(
        labels.select("post_id", about=labels["about"].cast("int64")), "post_id"
    )
    counts = labelled.group_by("found").agg(
        n=labelled.count(), seen=labelled["about"].count(), about=labelled["about"].sum()
    )
    counts = counts.to_pandas().set_index("found").reindex([True, False]).fillna(0).astype(int)
    names = "found", "labelled_found", "about_found", "rest", "labelled_rest", "about_rest"
    return query_accuracy(**dict(zip(names, counts.to_numpy().ravel().tolist(), strict=True)))


def query_accuracy(
    *,
    found: int,
    labelled_found: int,
    about_found: int,
    rest: int,
    labelled_rest: int,
    about_rest: int,
) -> QueryCheck:
    """Compute precision and recall from the counts of `check_query`, for samples that were labelled
    elsewhere.

    >>> check = query_accuracy(
    ...     found=100, labelled_found=50, about_found=40, rest=900, labelled_rest=90, about_rest=1
    ... )
    >>> round(check.recall.value, 3)  # 80 found rightly, 10 missed
    0.889
    """
    precision, missed = (
        share_interval(about_found, labelled_found),
        share_interval(about_rest, labelled_rest),
    )
    recall = _recall(precision, missed if rest else Interval(0.0, 0.0, 0.0), found, rest)
    return QueryCheck(
        precision,
        recall,
        *map(int, (found, labelled_found, about_found, rest, labelled_rest, about_rest)),
    )


def _recall(precision: Interval, missed: Interval, found: int, rest: int) -> Interval:
    """Join two independent shares into found rightly / (found rightly + missed), by the limits of
    their ratio.
    """
    (one, one_low, one_high), (other, low, high) = missed, precision
    product, down, up = one * other, one_low * (2 * one - one_low), one_high * (2 * one - one_high)
    below, above = (
        product**2 - side * end * (2 * other - end) for side, end in ((down, high), (up, low))
    )
    least_ratio = down / max(product + np.sqrt(max(below, 0)), TINY)
    under = low * (2 * other - low)
    most_ratio = np.inf if under == 0 else (product + np.sqrt(max(above, 0))) / under
    value = found * other / (found * other + rest * one) if found * other + rest * one else np.nan
    least, most = (
        found / (found + rest * ratio) if found else np.nan for ratio in (most_ratio, least_ratio)
    )
    return Interval(float(value), float(least), float(most))


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
    one, between, other = _choice(node.one), f"( [^ ]+){{0,{node.within}}} ", _choice(node.other)
    return f" ({one}{between}{other}|{other}{between}{one}) "


def _choice(phrases: tuple[Phrase, ...]) -> str:
    """Write phrases as a pattern, always in parentheses: Snowflake puts `.*` around a pattern."""
    return f"({'|'.join(' '.join(map(_letters, phrase.words)) for phrase in phrases)})"


def _letters(word: str) -> str:
    """Write a word as a pattern; nothing is left in it that a pattern could misread."""
    sign = "" if word[0] in "#@" else "[#@]?"
    return sign + word.replace("?", "[^ #@]").replace("*", "[^ ]*")


def _spellings(name: str) -> list[str]:
    """List the ways a name is written, as terms of a query; an account or hashtag is written in one
    way only.
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
    apart, together = " ".join(words), "".join(words)
    if len(words) == 1:
        return _with_s(apart)
    joined = _with_s(together) if len(together) >= SHORTEST else [f"#{together}", f"@{together}"]
    return [*(f'"{form}"' for form in _with_s(apart)), *joined, "_".join(words)]


def _with_s(form: str) -> list[str]:
    """Add the possessive without its apostrophe, where the last word is long enough to bear one."""
    return (
        [form]
        if form.endswith("s") or len(form.rsplit(maxsplit=1)[-1]) < SHORTEST
        else [form, f"{form}s"]
    )


def brand_queries(own: Mapping[str, str], brands: Iterable[str | None]) -> dict[str, str]:
    """Take a study's own queries, or write one from the name of every brand that posts address.

    >>> brand_queries({}, ["deli", None, "deli"])
    {'deli': 'deli OR delis'}
    """
    names = sorted({brand for brand in brands if isinstance(brand, str) and brand})
    return dict(own) or {name: brand_query(name) for name in names}
