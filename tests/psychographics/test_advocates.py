"""Planted advocates come first, one bad afternoon is no role, and reports name nobody."""

from datetime import date
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.disclosure import hidden_cells
from coterie.psychographics.people.advocates import (
    ADVOCATE,
    DETRACTOR,
    NEITHER,
    count_roles,
    rank_contacts,
)
from coterie.psychographics.people.influence import rank_influence
from coterie.psychographics.people.mentions import MILLION, mention_counts
from coterie.study import DataError

AS_OF, BRAND = date(2026, 7, 1), "acme"
ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]
POSTS = ["post_id", "person_id", "brand", "at", "in_reply_to", "about_brand"]
LABELS = {"post_id": "string", "person_id": "string", "inferred_sentiment": "string"}
LABELS |= {
    "sentiment_probability": "float64",
    "inferred_intent": "string",
    "intent_probability": "float64",
}
MOOD = st.sampled_from(["negative", "neutral", "positive", None])
MENTION = st.tuples(
    st.sampled_from("abc"), st.integers(-30, 9), MOOD, st.sampled_from([0.4, 0.7, 0.9])
)


def tables_of(mentions, answers=()):
    """Make posts and labels from rows, and answer some of the mentions.

    A row is (person, days after as_of, sentiment, probability, intent). An answer is (number of the
    mention, days after as_of) and a brand, ours where none is said.
    """
    rows = [(*mention, None, None)[:5] for mention in mentions]
    frame = pd.DataFrame(
        rows, columns=["person_id", "days", "inferred_sentiment", "sentiment_probability", "intent"]
    )
    frame = frame.assign(post_id=[f"m{n}" for n in range(len(frame))], about_brand=BRAND)
    labels = frame.rename(columns={"intent": "inferred_intent"}).assign(intent_probability=0.8)
    replies = pd.DataFrame(
        [(*answer, BRAND)[:3] for answer in answers], columns=["number", "days", "brand"]
    )
    replies["in_reply_to"] = [f"m{n}" for n in replies.pop("number")]
    replies["post_id"] = [f"r{n}" for n in range(len(replies))]
    posts = pd.concat([frame, replies]) if len(replies) else frame
    posts = posts.assign(
        at=pd.Timestamp(AS_OF) + pd.to_timedelta(posts["days"].astype(float), unit="D")
    )
    posts, labels = posts.reindex(columns=POSTS).astype({"brand": object}), labels[list(LABELS)]
    types = {name: contracts.Posts.types[name] for name in POSTS}
    return ibis.memtable(posts, schema=types), ibis.memtable(labels, schema=LABELS)


def counts_of(mentions, answers=(), **options):
    table = mention_counts(
        *tables_of(mentions, answers), **({"brand": BRAND, "as_of": AS_OF} | options)
    )
    return table.order_by("person_id").to_pandas().set_index("person_id")


def heard(**influence):
    return pd.DataFrame(
        {
            "person_id": list(influence),
            "reach": [int(x) for x in influence.values()],
            "influence": influence.values(),
        }
    ).astype({"influence": float})


def contacts_of(mentions, answers=(), influence=None, **options):
    ranks = heard(**(influence or {}))
    return rank_contacts(counts_of(mentions, answers).reset_index(), ranks, **options).set_index(
        "person_id"
    )


@cache
def population(seed, n=1000):
    """Plant 5 % advocates and 5 % detractors among people whose reach has nothing to do with it.

    Everybody writes of the brand, twelve times in half a year. One in seven writes more, half of it
    within four days in which everything is fine. The model reads one post in seven wrong, and says
    so in its probability.
    """
    rng = np.random.default_rng(seed)
    planted = rng.choice([ADVOCATE, DETRACTOR, NEITHER], n, p=[0.05, 0.05, 0.9])
    names = np.array([f"p{i:04d}" for i in range(n)])
    loud = rng.random(n) < 1 / 7
    n_posts = rng.poisson(np.where(loud, 30, 12))
    glad = pd.Series(planted).map({ADVOCATE: 0.8, NEITHER: 0.3, DETRACTOR: 0.1}).to_numpy()
    sad = pd.Series(planted).map({ADVOCATE: 0.05, NEITHER: 0.25, DETRACTOR: 0.75}).to_numpy()
    who = np.repeat(np.arange(n), n_posts)
    days = rng.integers(-180, 0, len(who))
    burst = loud[who] & (rng.random(len(who)) < 0.5)
    die = rng.random(len(who))
    mood = np.where(burst | (die < glad[who]), 1, np.where(die > 1 - sad[who], -1, 0))
    confidence = rng.uniform(0.72, 1, len(who))
    read = np.where(rng.random(len(who)) < confidence, mood, rng.integers(-1, 2, len(who)))
    words = np.array(["negative", "neutral", "positive"])[read + 1]
    days = np.where(burst, -40 - rng.integers(0, 4, len(who)), days)
    posts, labels = tables_of(list(zip(names[who], days, words, confidence, strict=True)))
    pull = rng.pareto(1.5, n) + 0.01
    source, target = rng.integers(0, n, 6 * n), rng.choice(n, 6 * n, p=pull / pull.sum())
    pairs = pd.DataFrame(
        {"person_id": names[source], "author_id": names[target], "weight": 1}
    ).drop_duplicates()
    people = pd.DataFrame({"person_id": names, "bot_probability": 0.0, "fit": 1.0})
    ranks = rank_influence(pairs[pairs["person_id"] != pairs["author_id"]], people)
    contacts = rank_contacts(
        mention_counts(posts, labels, brand=BRAND, as_of=AS_OF).to_pandas(), ranks
    )
    truth = pd.DataFrame({"person_id": names, "planted": planted, "pull": pull, "posts": n_posts})
    truth["followers"] = rng.lognormal(5, 1.6, n)
    truth["worth"] = pull > np.median(pull)  # heard more than most
    return contacts.merge(truth, on="person_id")


def precision(people, role, by, *, heard_too):
    """Measure how many of the first twenty have the planted role (and are heard)."""
    first = people.sort_values(by, ascending=False).head(20)
    return ((first["planted"] == role) & (first["worth"] | (not heard_too))).mean()


def precisions(seed, role, heard_too):
    people = population(seed)
    ours = people[people["inferred_role"] == role]
    found = precision(ours, role, "priority", heard_too=heard_too)
    return found, *(
        precision(people, role, by, heard_too=heard_too) for by in ("followers", "posts")
    )


@pytest.mark.parametrize("role", [ADVOCATE, DETRACTOR])
@pytest.mark.parametrize(
    "seeds",
    [range(2), pytest.param(range(20), marks=pytest.mark.slow)],
    ids=["two worlds", "twenty worlds"],
)
def test_of_the_first_twenty_most_are_planted_and_neither_fame_nor_noise_finds_them(seeds, role):
    for heard_too, bar in ((False, 0.8), (True, 0.5)):
        ours, followers, posts = np.mean(
            [precisions(seed, role, heard_too) for seed in seeds], axis=0
        )
        assert ours >= bar
        assert max(followers, posts) <= 0.15


def test_ten_posts_of_one_afternoon_are_no_role_and_count_like_one():
    mentions = [("rant", -9 + n / 100, "negative", 0.9) for n in range(10)]
    mentions += [("once", -9, "negative", 0.9)]
    mentions += [("true", -9 - 7 * n, "negative", 0.9) for n in range(10)]
    mentions += [("glad", -7 * n - 1, "positive", 0.9) for n in range(20)]
    table = contacts_of(mentions)
    assert table["inferred_role"].to_dict() == {
        "glad": ADVOCATE,
        "true": DETRACTOR,
        "rant": NEITHER,
        "once": NEITHER,
    }
    assert table.loc[["rant", "once", "true"], "weeks"].tolist() == [1, 1, 10]
    assert table.loc[["rant", "once"], "inferred_valence"].nunique() == 1
    assert table.loc[["rant", "once"], "priority"].tolist() == [0, 0]
    assert table.loc["true", "priority"] > 0


def test_one_mention_is_pulled_to_everybody_and_gives_no_role():
    mentions = [
        ("one", -9, "negative", 1.0),
        *[("many", -7 * n - 1, "positive", 1.0) for n in range(9)],
    ]
    table = contacts_of(mentions, min_weeks=1)
    assert table.loc["one", "inferred_valence"] == pytest.approx((-1 + 2 * 0.8) / 3)
    assert table.loc["one", "inferred_role"] == NEITHER
    assert table.loc["many", "inferred_valence"] == pytest.approx((9 + 2 * 0.8) / 11)


def test_an_unsure_reading_counts_less_and_an_abstained_one_not_at_all():
    mentions = [
        ("ana", -9, "positive", 0.9),
        ("ana", -8, "negative", 0.5),
        ("bo", -9, "positive", 0.5),
    ]
    counts = counts_of([*mentions, ("bo", -8, None, None)])
    assert counts["valence"].tolist() == [200_000, 500_000]  # one week each, 22 to 28 June
    assert counts["valence_squared"].tolist() == [40_000, 250_000]
    assert counts[["mentions", "weeks"]].values.tolist() == [[2, 1], [1, 1]]
    assert counts[["positive_weeks", "negative_weeks"]].values.tolist() == [[1, 1], [1, 0]]


def test_the_parts_of_the_priority_are_shown_and_multiply():
    table = population(0)
    assert np.allclose(
        100 * table["strength"] * table["voice"] * table["repetition"], table["priority"]
    )
    assert table[["strength", "voice", "repetition"]].stack().between(0, 1).all()
    assert table["escalate"].is_monotonic_decreasing
    assert (
        table.groupby("escalate")["priority"].apply(lambda part: part.is_monotonic_decreasing).all()
    )
    assert table["escalate"].any()
    assert (table["low"] <= table["inferred_valence"]).all()
    assert (table["inferred_valence"] <= table["high"]).all()


def test_the_louder_of_two_alike_comes_first_and_the_unheard_keep_a_tenth():
    mentions = [(who, -7 * n - 1, "negative", 0.9) for who in ("loud", "mute") for n in range(5)]
    table = contacts_of(mentions, influence={"loud": 100})
    assert table.index.tolist() == ["loud", "mute"]
    assert table.loc["mute", "priority"] == pytest.approx(table.loc["loud", "priority"] / 10)
    assert table.loc["mute", "reach"] == 0


def test_repeated_complaints_without_an_answer_are_escalated_where_many_listen():
    mentions = [
        (who, day, "negative", 0.9) for who in ("left", "told", "mute", "soon") for day in (-9, -5)
    ]
    mentions[-1] = ("soon", -0.5, "negative", 0.9)  # the brand still has time
    mentions += [("once", -8.5, "negative", 0.9), ("once", -8.7, "negative", 0.9)]  # one day
    # one of told's; stamped too early; somebody else's
    answers = [(2, -8), (0, -10), (1, -4, "rival")]
    loud = dict.fromkeys(["left", "told", "soon", "once"], 95)
    table = contacts_of(mentions, answers, influence=loud | {"mute": 50})
    assert table[table["escalate"]].index.tolist() == ["left"]
    assert table.index[0] == "left"
    assert table["escalation"].to_dict()["left"] == "unanswered"
    eager = counts_of(mentions, answers, patience_hours=1)["unanswered_days"].to_dict()
    assert eager == {"left": 2, "told": 1, "mute": 2, "soon": 2, "once": 1}


def test_who_speaks_of_leaving_is_escalated_even_after_an_answer():
    mentions = [("ana", -9, "neutral", 0.9, "leaving"), ("bo", -9, "negative", 0.9, "complaint")]
    mentions += [("cy", -9, "negative", 0.9, "leaving")]
    table = contacts_of(mentions, [(0, -8)], influence={"ana": 90, "bo": 99, "cy": 89})
    assert table["escalate"].to_dict() == {"ana": True, "bo": False, "cy": False}
    assert table.loc["ana", "escalation"] == "leaving"
    assert counts_of(mentions, min_probability=0.81)["leaving"].sum() == 0


def test_only_posts_of_people_about_this_brand_within_the_window_are_mentions():
    mentions = [
        ("ana", -9, "positive", 0.9),
        ("ana", -40, "positive", 0.9),
        ("bo", 0, "positive", 0.9),
    ]
    assert counts_of(mentions, lookback_days=30)["mentions"].to_dict() == {"ana": 1}
    assert counts_of(mentions, brand="rival").empty


@settings(max_examples=5, deadline=None)
@given(st.lists(MENTION, min_size=1, max_size=15))
def test_whatever_is_written_on_or_after_the_day_changes_no_count(mentions):
    past = [mention for mention in mentions if mention[1] < 0]
    late = [mention for mention in mentions if mention[1] >= 0]
    answered = [(0, 0.5)] if past else []
    calm, busy = counts_of(past), counts_of(past + late, answered)
    pd.testing.assert_frame_equal(calm, busy, check_dtype=False, check_index_type=False)
    pd.testing.assert_frame_equal(
        calm, counts_of(past[::-1]), check_dtype=False, check_index_type=False
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_mentions_compile_for_every_engine(engine):
    if engine == "pyspark":
        pytest.importorskip("pyspark", reason="needs pyspark")
        assert ibis.pyspark  # its options are known only once it is loaded
    posts = ibis.table(dict(contracts.Posts.types), name="posts")
    counts = mention_counts(posts, ibis.table(LABELS, name="post_labels"), brand=BRAND, as_of=AS_OF)
    assert "DISTINCT" in str(ibis.to_sql(counts, dialect=engine))


def test_nobody_mentions_the_brand_and_doubled_people_are_refused():
    empty = contacts_of([], influence={"ana": 9})
    assert empty.empty
    assert "inferred_role" in empty
    with pytest.raises(DataError, match="one row a person"):
        rank_contacts(
            counts_of([("a", -1, "neutral", 0.9)]).reset_index(),
            pd.concat([heard(a=1), heard(a=2)]),
        )


def test_the_interval_holds_the_true_sentiment_as_often_as_it_says():
    rng, n = np.random.default_rng(0), 3000
    truth = np.clip(rng.normal(0.2, 0.55, n), -0.9, 0.9)
    weeks = rng.integers(1, 12, n)
    ups = rng.binomial(weeks, (1 + truth) / 2)
    counts = pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(n)], "mentions": weeks, "weeks": weeks}
    )
    counts["valence"], counts["valence_squared"] = (2 * ups - weeks) * MILLION, weeks * MILLION
    counts[["positive_weeks", "negative_weeks", "unanswered_days", "leaving"]] = 0
    table = rank_contacts(counts, heard()).set_index("person_id").loc[counts["person_id"]]
    held = (table["low"] <= truth) & (truth <= table["high"])
    assert 0.94 <= held.mean() <= 0.995


def roles_of(**counts):
    """Make contacts and groups with so many advocates, detractors and others in each group."""
    rows = [
        (name, role)
        for name, n in counts.items()
        for role, k in zip((ADVOCATE, DETRACTOR, NEITHER), n, strict=True)
        for _ in range(k)
    ]
    frame = pd.DataFrame(rows, columns=["group", "inferred_role"])
    frame["person_id"] = [f"p{i}" for i in range(len(frame))]
    return frame[["person_id", "inferred_role"]], frame[["person_id", "group"]]


def test_a_report_counts_roles_and_leaves_small_counts_and_their_neighbours_out():
    table = count_roles(*roles_of(S1=(60, 9, 300), S2=(80, 70, 200), S3=(55, 90, 400)))
    shown = {(row.group, row.inferred_role): row.n_people for row in table.itertuples()}
    assert ("S1", DETRACTOR) not in shown
    assert (
        len(shown) == 9 - 4
    )  # one more of its group, one more of its role, and the corner between them
    assert table.columns.tolist() == ["group", "inferred_role", "n_people", "share", "low", "high"]
    assert min(shown.values()) >= 50
    whole = count_roles(*roles_of(S2=(80, 70, 200)))
    assert whole["share"].tolist() == [80 / 350, 70 / 350, 200 / 350]
    assert count_roles(*roles_of(S1=(9, 9, 30))).empty


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 200), min_size=3, max_size=3), min_size=1, max_size=6))
def test_no_total_gives_a_hidden_count_away(counts):
    table = np.array(counts)
    hidden = hidden_cells(table, min_people=50)
    assert hidden[table < 50].all()
    for line, gone in [*zip(table, hidden, strict=True), *zip(table.T, hidden.T, strict=True)]:
        assert not gone.any() or gone.all() or (gone.sum() > 1 and line[gone].sum() >= 50)
    if table.min() >= 50:
        assert not hidden.any()
