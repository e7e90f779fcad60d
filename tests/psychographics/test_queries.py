"""A query finds what its syntax tree says, in every engine, and its errors are measured."""

import os
import re
import shutil
import sys
import unicodedata

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.listening.accuracy import check_query, query_accuracy
from coterie.psychographics.listening.queries import brand_query, match, mentions
from coterie.psychographics.listening.syntax import FARTHEST, PUNCTUATION, parse_query
from coterie.study import DataError, SettingsError

WORDS = ["bright", "side", "brightside", "café", "Ёлка", "sides", "deal_1", "b", "ΟΔΟΣ"]
TERMS = [
    *WORDS,
    "bri*",
    "*side",
    "s?de",
    "*e?",
    "#bright",
    "@side",
    "#b*",
    "bright-side",
    '"side bright"',
    '"b* CAFÉ side"',
]
GAPS = [" ", "  ", "-", "'", "’", ", ", "…", "\n", " 😀 ", "؟", " <email> "]
DIALECTS = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]


def found(query: str, texts: list[str | None]) -> list:
    return (
        match(ibis.memtable({"text": texts}, schema={"text": "string"}).text, query)
        .to_pandas()
        .tolist()
    )


# A second reading of the same trees, one character and one word at a time, that shares no code with
# the first.


def tokens(text: str) -> list[str]:
    """Split a text into words; # and @ begin one."""
    words, text = [""], text.replace("<email>", " ").lower().replace("ς", "σ")
    for letter in text:
        if letter in "#@":
            words.append(letter)
        elif letter == "_" or unicodedata.category(letter)[0] in "LMN":
            words[-1] += letter
        else:
            words.append("")
    return [word for word in words if word]


def fits(pattern: str, word: str) -> bool:
    if not pattern or not word:
        return pattern.strip("*") == word
    if pattern[0] == "*":
        return fits(pattern[1:], word) or fits(pattern, word[1:])
    return pattern[0] in ("?", word[0]) and fits(pattern[1:], word[1:])


def is_word(pattern: str, word: str) -> bool:
    return fits(pattern, word if pattern[0] in "#@" else word.lstrip("#@"))


def spans(term: str, words: list[str]) -> list[tuple[int, int]]:
    """List the first and last places of a term in a text."""
    wanted = term.lower().replace("ς", "σ").strip('"').replace("-", " ").split()
    starts = range(len(words) - len(wanted) + 1)
    return [
        (at, at + len(wanted) - 1)
        for at in starts
        if all(is_word(pattern, words[at + n]) for n, pattern in enumerate(wanted))
    ]


def near(one: list, other: list, within: int) -> bool:
    gaps = [max(b[0] - a[1], a[0] - b[1]) - 1 for a in one for b in other]
    return any(0 <= gap <= within for gap in gaps)


def holds(tree: tuple, words: list[str]) -> bool:
    kind, *parts = tree
    if kind == "term":
        return bool(spans(parts[0], words))
    if kind == "NOT":
        return not holds(parts[0], words)
    if kind == "NEAR":
        sides = [[span for term in terms for span in spans(term, words)] for terms in parts[:2]]
        return near(*sides, parts[2])
    return (all if kind == "AND" else any)(holds(part, words) for part in parts)


def written(tree: tuple, outer: int = 0) -> str:
    """Write a tree as a query, with no more parentheses than the order of operators asks for."""
    kind, *parts = tree
    if kind == "term":
        return parts[0]
    if kind == "NEAR":
        one, other = (
            f"({' OR '.join(terms)})" if len(terms) > 1 else terms[0] for terms in parts[:2]
        )
        text, strength = f"{one} NEAR/{parts[2]} {other}", 3
    elif kind == "NOT":
        text, strength = f"NOT {written(parts[0], 4)}", 4
    else:
        strength = {"OR": 1, "AND": 2}[kind]
        text = f" {kind} ".join(written(part, strength + 1) for part in parts)
    return f"({text})" if strength < outer else text


def trees() -> st.SearchStrategy:
    side = st.lists(st.sampled_from(TERMS), min_size=1, max_size=2)
    leaves = st.tuples(st.just("term"), st.sampled_from(TERMS))
    leaves |= st.tuples(st.just("NEAR"), side, side, st.integers(0, 3))
    return st.recursive(
        leaves,
        lambda part: (
            st.tuples(st.just("NOT"), part) | st.tuples(st.sampled_from(["AND", "OR"]), part, part)
        ),
        max_leaves=5,
    )


def texts() -> st.SearchStrategy:
    pieces = st.tuples(
        st.sampled_from(["", "", "", "#", "@", "("]), st.sampled_from(WORDS), st.sampled_from(GAPS)
    )
    return st.lists(pieces, max_size=9).map(lambda parts: "".join("".join(part) for part in parts))


@settings(max_examples=80, deadline=None)
@given(trees(), st.lists(texts(), min_size=12, max_size=12))
def test_the_engine_finds_what_a_second_reading_of_the_tree_finds(tree, posts):
    assert found(written(tree), posts) == [holds(tree, tokens(post)) for post in posts]


POSTS = [
    *(
        "bright side",
        "BRIGHT-side!",
        "side bright",
        "#BrightSide now",
        "ask @brightside.",
        "brightside’s café",
        "",
    ),
    *(
        "a bright, new and sunny side",
        "(ΟΔΟΣ)",
        "İzmir ÉTÉ",
        "<link> x",
        "look\non the\tbright\nside 😀",
        "été",
    ),
]
QUERIES = [
    *(
        "brightside",
        '"bright side"',
        "#brightside",
        "b* NEAR/3 s?de",
        "NOT bright",
        "bright AND NOT new",
        "link",
        "İz*",
    ),
    *(
        "ÉTÉ OR οδος",
        "(bright NEAR/0 side OR ask) AND NOT (look OR #x)",
        "s* NEAR/0 (b* OR brightside)",
    ),
]
EXPECTED = pd.DataFrame({query: found(query, POSTS) for query in QUERIES})


def test_words_hashtags_mentions_and_possessives_are_found_as_told():
    where = {query: np.flatnonzero(EXPECTED[query]).tolist() for query in QUERIES}
    assert where["brightside"] == [3, 4, 5]
    assert where['"bright side"'] == [0, 1, 11]
    assert where["#brightside"] == [3]
    assert where["b* NEAR/3 s?de"] == [0, 1, 2, 7, 11]
    assert where["bright AND NOT new"] == [0, 1, 2, 11]
    assert where["ÉTÉ OR οδος"] == [8, 9, 12]
    assert where["link"] == []  # "<link>" was never written
    assert where["İz*"] == [9]


def test_near_counts_the_words_between_in_either_order():
    posts = ["coffee a b c shop", "shop a b c coffee", "coffee a b c d shop", "coffee shop"]
    assert found("coffee NEAR/3 shop", posts) == [True, True, False, True]
    assert found("coffee NEAR shop", [f"coffee {'x ' * n} shop" for n in (5, 6)]) == [True, False]
    assert found("coffee NEAR/9 coffee", ["coffee", "coffee and coffee"]) == [False, True]


def test_not_binds_closest_then_near_then_and_then_or():
    assert (
        parse_query("a OR b AND c")
        == parse_query("a OR (b AND c)")
        != parse_query("(a OR b) AND c")
    )
    assert (
        parse_query("NOT a AND b") == parse_query("(NOT a) AND b") != parse_query("NOT (a AND b)")
    )
    assert parse_query("a AND b NEAR c") == parse_query("a AND (b NEAR/5 c)")
    assert parse_query("a NOT b") == parse_query("a AND NOT b")
    assert parse_query("NEARBY") == parse_query("nearby") == parse_query('"Nearby"')


def test_a_post_without_text_stays_unknown():
    assert found("a", [None, "a"])[0] is None or np.isnan(found("a", [None, "a"])[0])


@pytest.mark.parametrize(
    ("query", "caret", "hint"),
    [
        ("coffee shop", 7, "side by side; write AND or OR"),
        ("coffee and shop", 7, "written in capitals"),
        ("coffee AND", 10, "the query ends"),
        ("", 0, "the query ends"),
        ("a OR OR b", 5, "not OR"),
        ("(a OR b", 7, r"AND or NOT or OR or the end|\)"),
        ("a)", 1, "never opened"),
        ('a AND "b', 6, "never closed"),
        ("a -b", 2, "write NOT"),
        ("lang:en", 4, "in quotes"),
        ("a AND *", 6, "at least one letter"),
        ("a NEAR b NEAR c", 9, "a NEAR b AND b NEAR c"),
        ("(a AND b) NEAR c", 10, "OR of these"),
        (f"a NEAR/{FARTHEST + 1} b", 2, "goes up to"),
    ],
)
def test_a_mistake_is_shown_with_a_caret_under_it(query, caret, hint):
    with pytest.raises(SettingsError, match=hint) as error:
        parse_query(query)
    hint, shown, mark = str(error.value).split("\n")
    assert hint.startswith("04_psychographics.queries: ")
    assert shown == f"  {query}"
    assert mark == " " * (caret + 2) + "^"


def test_no_letter_of_any_script_parts_words_and_every_common_sign_does():
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    word = "".join(
        c for c in every if unicodedata.category(c)[0] in "LMN" and not "\ufe00" <= c <= "\ufe0f"
    )
    assert re.findall(f"[{PUNCTUATION}]", word) == []
    signs = [
        c for c in every[33:0x600] + every[0x2000:0x2070] if unicodedata.category(c)[0] in "PSZ"
    ]
    kept = {c for c in signs if not re.match(f"[{PUNCTUATION}]", c)}
    assert {c for c in kept if c.isascii()} == {*"#@_*?"}
    assert {unicodedata.category(c) for c in kept if not c.isascii()} <= {
        "Sk",
        "Sm",
        "So",
        "Pc",
        "Sc",
    }  # rare symbols


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_can_say_a_query_without_lookaround(dialect):
    posts = ibis.table({"text": "string"}, name="posts")
    for query in QUERIES:
        sql = str(ibis.to_sql(posts.mutate(found=match(posts.text, query)), dialect=dialect))
        assert "(?" not in sql
        assert "\\p{" not in sql


def same_in(engine) -> None:
    posts = engine.create_table(
        "query_posts", pd.DataFrame({"n": range(len(POSTS)), "text": POSTS}), temp=True
    )
    everything = posts.mutate(
        **{f"q{n}": match(posts.text, query) for n, query in enumerate(QUERIES)}
    )
    result = everything.order_by("n").to_pandas().drop(columns=["n", "text"])
    pd.testing.assert_frame_equal(result.set_axis(QUERIES, axis=1), EXPECTED, check_dtype=False)


def test_postgres_finds_what_duckdb_finds():
    pytest.importorskip("psycopg", reason="needs ibis-framework[postgres]")
    if "COTERIE_POSTGRES" not in os.environ:
        pytest.skip(
            "needs a server: set COTERIE_POSTGRES to postgres://user:password@127.0.0.1:5432/database"
        )
    same_in(ibis.connect(os.environ["COTERIE_POSTGRES"]))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark's own, on a pandas newer than it knows
def test_spark_finds_what_duckdb_finds(tmp_path, monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is no java on the PATH")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = session.config("spark.driver.host", "127.0.0.1").config(
        "spark.driver.bindAddress", "127.0.0.1"
    )
    session = session.config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    rows = [(n, text) for n, text in enumerate(POSTS)]
    session.createDataFrame(rows, "n int, text string").createOrReplaceTempView("query_posts")
    engine = ibis.pyspark.connect(session)
    posts = engine.table("query_posts")
    everything = posts.mutate(
        **{f"q{n}": match(posts.text, query) for n, query in enumerate(QUERIES)}
    )
    result = everything.order_by("n").to_pandas().drop(columns=["n", "text"])
    session.stop()
    pd.testing.assert_frame_equal(result.set_axis(QUERIES, axis=1), EXPECTED, check_dtype=False)


def test_a_brand_is_found_however_people_spell_it():
    spelled = [
        "Bright Side",
        "brightside",
        "#BrightSide",
        "@brightside",
        "bright-side",
        "BrightSide's",
        "brightsides",
    ]
    spelled += ["bright side’s menu", "@bright_side", "BRIGHT  SIDE!"]
    others = ["on the side, bright", "brightsided", "bright lemon side"]
    for name in ("Bright Side", "BrightSide", "bright-side"):
        assert found(brand_query(name), spelled + others) == [True] * len(spelled) + [False] * len(
            others
        )
    assert found(brand_query("H&M"), ["H&M", "h & m", "#HM", "hm, no", "ham"]) == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert found(brand_query("Deli", also=("@deli.town",)), ["@deli.town", "deli", "town"]) == [
        True,
        True,
        False,
    ]
    with pytest.raises(SettingsError, match="no letter"):
        brand_query("!!!")


def test_mentions_list_each_post_once_a_brand_and_leave_brands_own_posts_out():
    rows = {
        "post_id": ["1", "2", "3"],
        "person_id": ["ana", None, "bo"],
        "text": ["Shop, deli", "shop", "tea"],
    }
    posts = ibis.memtable(pd.DataFrame(rows).assign(at=pd.Timestamp("2026-06-01"), platform="x"))
    table = (
        mentions(posts, {"shop": "shop", "deli": "deli OR delis"})
        .order_by("about_brand")
        .to_pandas()
    )
    assert table[["post_id", "about_brand"]].to_numpy().tolist() == [["1", "deli"], ["1", "shop"]]
    with pytest.raises(SettingsError, match="at least one brand"):
        mentions(posts, {})


def checked(found_about: list[bool], rest_about: list[bool], *, found_: int, rest: int):
    ids = [f"f{n}" for n in range(found_)] + [f"r{n}" for n in range(rest)]
    labelled = [f"f{n}" for n in range(len(found_about))] + [
        f"r{n}" for n in range(len(rest_about))
    ]
    posts = ibis.memtable({"post_id": ids, "found": [True] * found_ + [False] * rest})
    return check_query(
        posts, ibis.memtable({"post_id": labelled, "about": found_about + rest_about})
    )


def test_recall_weighs_the_strata_by_their_size():
    check = checked([True] * 9 + [False], [True] + [False] * 19, found_=100, rest=900)
    assert check[2:] == (100, 10, 9, 900, 20, 1)
    assert check.precision.value == 0.9
    assert check.recall.value == pytest.approx(
        90 / (90 + 45)
    )  # without weights it would look like 9 / 10
    assert check.recall.low < 0.3
    assert check.recall.high > 0.9


def test_nothing_is_said_about_recall_where_nothing_outside_was_labelled():
    check = checked([True, False], [], found_=10, rest=90)
    assert check.precision.value == 0.5
    assert np.isnan(check.recall).all()
    posts = ibis.memtable({"post_id": ["a"], "found": [True]})
    with pytest.raises(DataError, match="twice"):
        check_query(posts, ibis.memtable({"post_id": ["a", "a"], "about": [True, False]}))


@pytest.mark.parametrize(("precision", "missed"), [(0.9, 0.02), (0.6, 0.1), (0.8, 0.004)])
def test_the_interval_of_recall_holds_the_truth_in_95_of_100_samples(precision, missed):
    rng, size = (
        np.random.default_rng(0),
        {"found": 1000, "rest": 9000, "labelled_found": 120, "labelled_rest": 300},
    )
    truth = 1000 * precision / (1000 * precision + 9000 * missed)
    samples = pd.Series(
        zip(rng.binomial(120, precision, 3000), rng.binomial(300, missed, 3000), strict=True)
    )
    held = 0
    for (about_found, about_rest), n in samples.value_counts().items():
        recall = query_accuracy(**size, about_found=about_found, about_rest=about_rest).recall
        held += n * (recall.low <= truth <= recall.high)
    assert 0.93 <= held / 3000 <= 0.985


def test_the_ends_of_recall_are_in_order_whatever_was_labelled():
    for about_found in (0, 1, 19, 20):
        for about_rest in (0, 1, 30):
            counts = {"found": 50, "labelled_found": 20, "rest": 400, "labelled_rest": 30}
            recall = query_accuracy(**counts, about_found=about_found, about_rest=about_rest).recall
            assert 0 <= recall.low <= recall.high <= 1
            assert np.isnan(recall.value) or recall.low <= recall.value <= recall.high
