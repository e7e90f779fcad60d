"""Planted attention is found where follower counts find none, and bots buy no place."""

import io
import json
from datetime import date
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from coterie import contracts
from coterie.demo import Knobs, make_world
from coterie.demo.files import EXPORTS
from coterie.psychographics.people.influence import attention, percentile, rank_influence
from coterie.psychographics.people.reach import reach_by
from coterie.psychographics.people.reactions import reaction_pairs
from coterie.psychographics.people.relevance import topical_fit
from coterie.study import DataError, SettingsError

AS_OF = date(2026, 7, 1)
ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]
LABELS = {"post_id": "string", "person_id": "string", "inferred_interest": "string"}
DAY = st.integers(-20, 20)
ACT = st.tuples(
    st.sampled_from("abc"),
    DAY,
    st.sampled_from(["like", "create", "announce", "view"]),
    st.integers(0, 3),
)


def table_of(frame, contract, names):
    return ibis.memtable(
        frame.reindex(columns=names), schema={name: contract.types[name] for name in names}
    )


def moments(days):
    return pd.Timestamp(AS_OF) + pd.to_timedelta(days, unit="D")


def events_of(acts):
    """Make events from (person, days after as_of, verb, post)."""
    frame = pd.DataFrame(acts, columns=["person_id", "days", "verb", "object_id"])
    frame["at"] = moments(frame["days"].astype(float))
    return table_of(frame, contracts.Events, ["person_id", "at", "verb", "object_id"])


def posts_of(rows):
    """Make posts from (post, author, days after as_of) and the post it answers, if any."""
    names = ["post_id", "person_id", "days", "in_reply_to"]
    frame = pd.DataFrame([(*row, None)[:4] for row in rows], columns=names).astype(object)
    frame["at"] = moments(frame["days"].astype(float))
    return table_of(frame, contracts.Posts, ["post_id", "person_id", "at", "in_reply_to"])


def pairs_of(acts, rows, **options):
    found = reaction_pairs(
        events_of(acts), posts_of(rows), **({"as_of": AS_OF} | options)
    ).to_pandas()
    return {(row.person_id, row.author_id): row.weight for row in found.itertuples()}


def people_of(n, bots=0, bot_probability=0.9):
    """Make `n` people and then `bots` machines."""
    chances = np.where(np.arange(n + bots) < n, 0.1, bot_probability)
    return pd.DataFrame(
        {"person_id": names_of(range(n + bots)), "bot_probability": chances, "fit": 1.0}
    )


def names_of(numbers):
    return [f"p{number:04d}" for number in numbers]


def draw_pairs(rng, pull, acts):
    """Let everybody react, Poisson around `acts`, to authors in proportion to their `pull`."""
    source = np.repeat(np.arange(len(pull)), rng.poisson(acts))
    target = rng.choice(len(pull), len(source), p=pull / pull.sum())
    rows = pd.DataFrame({"person_id": names_of(source), "author_id": names_of(target), "weight": 1})
    rows = rows[rows["person_id"] != rows["author_id"]]
    return rows.groupby(["person_id", "author_id"], as_index=False)["weight"].sum()


def export(world, kind):
    """Read a world's social exports of one kind, with the planted person as pseudonym."""
    parts = []
    for entry in (
        entry
        for entry in EXPORTS["files"]
        if entry["gives"] == kind and entry["path"] in world.files
    ):
        text = world.files[entry["path"]].decode(entry.get("encoding", "utf-8"))
        raw = pd.read_csv(io.StringIO(text), dtype=str) if entry["path"].endswith("csv") else None
        raw = pd.DataFrame(map(json.loads, text.splitlines())) if raw is None else raw
        rows = raw.rename(columns={theirs: ours for ours, theirs in entry["columns"].items()})
        rows["at"] = pd.to_datetime(
            rows["at"], utc=True, format="mixed", errors="coerce"
        ).dt.tz_localize(None)
        parts.append(
            rows.replace({"verb": entry.get("verbs", {})}).assign(platform=entry["platform"])
        )
    rows = pd.concat(parts).dropna(subset="at").merge(world.truth["accounts"], how="left")
    return rows.rename(columns={"person": "person_id"})


@cache
def judged(seed):
    """Rank the people of one world, and lay the planted truth beside it."""
    world = make_world(Knobs(600, 180, seed))
    events, posts = export(world, "events").dropna(subset="person_id"), export(world, "posts")
    events = table_of(events, contracts.Events, ["person_id", "at", "verb", "object_id"])
    written = table_of(posts, contracts.Posts, ["post_id", "person_id", "at", "in_reply_to"])
    truth = world.truth["people"].rename(columns={"person": "person_id", "influence": "planted"})
    # one in twenty is told wrong
    misread = truth["bot"] ^ (np.random.default_rng(seed).random(len(truth)) < 0.05)
    people = truth[["person_id"]].assign(bot_probability=np.where(misread, 0.8, 0.1), fit=1.0)
    ranks = rank_influence(reaction_pairs(events, written, as_of=AS_OF).to_pandas(), people)
    writes = ranks["person_id"].isin(posts["person_id"])
    return ranks.assign(writes=writes).merge(
        truth[["person_id", "planted", "followers", "bot"]], on="person_id"
    )


@pytest.mark.parametrize(
    "seeds",
    [range(2), pytest.param(range(20), marks=pytest.mark.slow)],
    ids=["two worlds", "twenty worlds"],
)
def test_influence_follows_the_planted_attention_and_followers_do_not(seeds):
    found = []
    for seed in seeds:
        people = judged(seed).query("writes and not bot")
        found.append(
            [spearmanr(people["planted"], people[name])[0] for name in ("influence", "followers")]
        )
    ours, followers = np.array(found).T
    assert ours.mean() > 0.6
    assert ours.min() > 0.5
    assert abs(followers.mean()) < 0.1
    assert (ours > followers + 0.3).all()


@pytest.mark.parametrize("seed", range(2))
def test_the_planted_bots_are_heard_less_than_people(seed):
    ranks = judged(seed)
    assert ranks.loc[ranks["bot"], "influence"].max() < 90
    assert (
        ranks.loc[ranks["bot"], "influence"].mean() < ranks.loc[~ranks["bot"], "influence"].mean()
    )


def test_a_ring_of_bots_that_share_each_other_does_not_win():
    rng, n, ring = np.random.default_rng(0), 300, 15
    honest = draw_pairs(rng, rng.pareto(1.5, n) + 0.01, np.full(n, 6))
    bots = names_of(range(n, n + ring))
    loud = pd.DataFrame(
        [(a, b, 5000) for a in bots for b in bots if a != b], columns=honest.columns
    )
    pairs = pd.concat([honest, loud])
    shares = pairs.groupby("author_id")["weight"].sum().nlargest(ring).index
    assert set(shares) == set(bots)  # counted by shares the ring takes every first place
    known = rank_influence(pairs, people_of(n, ring)).set_index("person_id")["influence"]
    assert known[bots].max() < known.median()
    unknown = rank_influence(pairs, people_of(n, ring, bot_probability=0.1)).set_index("person_id")[
        "influence"
    ]
    assert (
        unknown.nlargest(10).index.isin(bots).sum() == 0
    )  # not even where nobody has found it out


def test_clicking_more_gives_nobody_a_louder_voice():
    calm = pd.DataFrame(
        [("p0000", "p0002", 1), ("p0001", "p0003", 1)], columns=["person_id", "author_id", "weight"]
    )
    eager = calm.assign(weight=[1, 900])
    for pairs in (calm, eager):
        ranks = rank_influence(pairs, people_of(4)).set_index("person_id")
        assert ranks.loc["p0002", "pagerank"] == pytest.approx(ranks.loc["p0003", "pagerank"])


def test_the_ear_of_the_heard_counts_more():
    rows = [(name, "p0000", 1) for name in names_of(range(2, 8))] + [
        ("p0000", "p0001", 1),
        ("p0008", "p0009", 1),
    ]
    ranks = rank_influence(
        pd.DataFrame(rows, columns=["person_id", "author_id", "weight"]), people_of(10)
    )
    ranks = ranks.set_index("person_id")
    assert ranks.loc[["p0001", "p0009"], "reach"].tolist() == [1, 1]
    assert ranks.loc["p0001", "pagerank"] > 3 * ranks.loc["p0009", "pagerank"]


def test_effort_decides_and_an_act_repeated_on_one_post_counts_once():
    posts = [("p", "ana", -9), ("q", "ana", -9), ("r", "cy", -8, "p"), ("b", None, -9)]
    acts = [
        ("bo", -5, "announce", "p"),
        ("bo", -4, "announce", "p"),
        ("bo", -4, "like", "q"),
        ("bo", -4, "view", "q"),
    ]
    acts += [
        ("ana", -3, "like", "p"),
        ("bo", -3, "like", "b"),
        ("cy", -8, "create", "p"),
        ("cy", -8, "create", "r"),
    ]
    assert pairs_of(acts, posts) == {("bo", "ana"): 4, ("cy", "ana"): 2}
    assert pairs_of(acts, posts, effort={"like": 7}) == {("bo", "ana"): 7}


def test_an_old_post_may_be_reacted_to_but_an_old_reaction_is_forgotten():
    posts = [("p", "ana", -90)]
    assert pairs_of([("bo", -1, "like", "p")], posts, lookback_days=30) == {("bo", "ana"): 1}
    assert pairs_of([("bo", -31, "like", "p")], posts, lookback_days=30) == {}


@settings(max_examples=5, deadline=None)
@given(st.lists(ACT, max_size=20))
def test_whatever_happens_on_or_after_the_day_changes_no_pair(acts):
    posts = [("0", "a", -20), ("1", "b", -9), ("2", "c", -3, "0"), ("3", "a", 4, "1")]
    past = [(who, day, verb, str(post)) for who, day, verb, post in acts if day < 0]
    both = [(who, day, verb, str(post)) for who, day, verb, post in acts]
    assert pairs_of(past, posts[:3]) == pairs_of(both[::-1], posts[::-1])


@pytest.mark.parametrize("engine", ENGINES)
def test_pairs_and_fit_compile_for_every_engine(engine):
    if engine == "pyspark":
        pytest.importorskip("pyspark", reason="needs pyspark")
        assert ibis.pyspark  # its options are known only once it is loaded
    tables = {"events": contracts.Events, "posts": contracts.Posts, "people": contracts.People}
    events, posts, people = (
        ibis.table(dict(contract.types), name=name) for name, contract in tables.items()
    )
    labels = ibis.table(LABELS, name="post_labels")
    assert "SUM(" in str(ibis.to_sql(reaction_pairs(events, posts, as_of=AS_OF), dialect=engine))
    fits = topical_fit(people.select("person_id"), posts, labels, topics=["food"], as_of=AS_OF)
    assert "JOIN" in str(ibis.to_sql(fits, dialect=engine))


def fits_of(rows, topics):
    """Fit of ana, bo and cy from (post, person, days after as_of, interest)."""
    posts = posts_of([row[:3] for row in rows])
    frame = pd.DataFrame([(row[0], row[1], row[3]) for row in rows], columns=list(LABELS))
    labels = ibis.memtable(frame, schema=LABELS)
    people = ibis.memtable({"person_id": ["ana", "bo", "cy"]})
    found = (
        topical_fit(people, posts, labels, topics=topics, as_of=AS_OF)
        .to_pandas()
        .set_index("person_id")
    )
    return found["fit"].round(4).to_dict(), found["n_posts"].to_dict()


def test_one_post_makes_no_expert_and_the_silent_have_everybodys_share():
    rows = [
        ("1", "ana", -1, "food"),
        *[(f"b{n}", "bo", -2, "food") for n in range(8)],
        ("9", "ana", -1, "tech"),
    ]
    # an open interest and the future do not count
    rows += [("open", "ana", -1, None), ("late", "cy", 0, "food")]
    fit, n_posts = fits_of(rows, ["food", "travel"])
    assert fit == {"ana": round((1 + 1.8) / 4, 4), "bo": round((8 + 1.8) / 10, 4), "cy": 0.9}
    assert n_posts == {"ana": 2, "bo": 8, "cy": 0}


def test_no_topic_asked_for_is_every_topic_and_no_posts_at_all_is_no_obstacle():
    assert set(fits_of([("1", "ana", -1, "food")], [])[0].values()) == {1.0}
    assert set(fits_of([("late", "cy", 0, "food")], ["food"])[0].values()) == {1.0}


def test_on_a_topic_its_writers_lead_and_the_fitting_audience_decides():
    rows = [
        ("p0000", "p0004", 1),
        ("p0001", "p0005", 1),
        ("p0002", "p0006", 1),
        ("p0003", "p0007", 1),
    ]
    fit = [1, 0.1, 1, 0.1, 1, 1, 0.1, 0.1]
    ranks = rank_influence(
        pd.DataFrame(rows, columns=["person_id", "author_id", "weight"]),
        people_of(8).assign(fit=fit),
    )
    assert ranks["person_id"].tolist()[0] == "p0004"  # on the topic, before people of the topic
    assert ranks["person_id"].tolist()[3] == "p0007"
    assert ranks["influence"].iloc[4:].tolist() == [0.0] * 4


@pytest.mark.parametrize("n_runs", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_the_interval_holds_the_true_rank_as_often_as_it_says(n_runs):
    rng, n = np.random.default_rng(0), 300
    pull, acts = rng.pareto(1.5, n) + 0.01, rng.gamma(1, 6, n)
    truth = percentile(pull)
    runs = [
        rank_influence(draw_pairs(rng, pull, acts), people_of(n)).sort_values("person_id")
        for _ in range(n_runs)
    ]
    held = np.array(
        [run["low"].le(truth).to_numpy() & run["high"].ge(truth).to_numpy() for run in runs]
    )
    heard = np.array([run["reach"].to_numpy() > 0 for run in runs])
    assert 0.91 <= held[heard].mean() <= 0.98
    assert held[~heard].mean() >= 0.95
    widths = np.array([(run["high"] - run["low"]).to_numpy() for run in runs])
    often = np.array([run["reach"].to_numpy() > 10 for run in runs])
    assert (
        widths[often].mean() < 25 < widths[~often].mean()
    )  # who is heard often is placed well, others hardly


def test_attention_is_what_the_equations_give_by_hand():
    # x0 = .15/2 + .85 (0.5 x2), x1 likewise, x2 = .85 (x0 + x1); what arrives leaves the start out.
    edges = pd.DataFrame({"source": [0, 1, 2, 2], "target": [2, 2, 0, 1], "weight": [1, 3, 2, 2]})
    x2 = 0.85 * 0.15 / (1 - 0.85**2)
    assert attention(edges, np.array([1.0, 1, 0]), damping=0.85) == pytest.approx(
        [0.425 * x2, 0.425 * x2, x2]
    )


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(order):
    pairs = draw_pairs(np.random.default_rng(3), np.arange(1.0, 9), np.full(8, 3)).iloc[:12]
    people = people_of(8)
    assert len(pairs) == 12
    mixed = rank_influence(pairs.iloc[list(order)], people.iloc[::-1], n_groups=4)
    pd.testing.assert_frame_equal(mixed, rank_influence(pairs, people, n_groups=4))


def test_nobody_reacts_and_only_machines_react_are_no_errors():
    none = pd.DataFrame({"person_id": [], "author_id": [], "weight": []})
    ranks = rank_influence(none, people_of(5))
    assert ranks[["reach", "pagerank", "influence", "low"]].to_numpy().sum() == 0
    machines = people_of(0, 5, bot_probability=1.0)
    pairs = pd.DataFrame({"person_id": ["p0000"], "author_id": ["p0001"], "weight": [1]})
    assert rank_influence(pairs, machines)["influence"].tolist() == [0.0] * 5
    stranger = pairs.assign(person_id="nobody")
    assert rank_influence(stranger, people_of(5))["reach"].sum() == 0


def test_a_doubled_person_and_numbers_that_are_no_shares_are_refused():
    pairs = pd.DataFrame({"person_id": ["p0000"], "author_id": ["p0001"], "weight": [1]})
    with pytest.raises(DataError, match="one row a person"):
        rank_influence(pairs, pd.concat([people_of(2), people_of(1)]))
    for wrong in (np.nan, 1.2):
        with pytest.raises(DataError, match="a number from 0 to 1"):
            rank_influence(pairs, people_of(2).assign(fit=wrong))
    with pytest.raises(SettingsError, match="n_groups"):
        rank_influence(pairs, people_of(2), n_groups=1)
    with pytest.raises(SettingsError, match="whole number"):
        pairs_of([], [("p", "ana", -1)], effort={"like": 0.5})


def test_the_report_shows_groups_and_never_a_person_or_a_small_group():
    ranks = rank_influence(
        draw_pairs(np.random.default_rng(1), np.arange(1.0, 201), np.full(200, 5)), people_of(200)
    )
    sizes = {"loud": 80, "small": 9, "quiet": 60, "rest": 51}
    member = np.repeat(list(sizes), list(sizes.values()))
    # ranks come in order: the first eighty are the most heard
    groups = ranks[["person_id"]].assign(group=member)
    table = reach_by(ranks, groups)
    assert table["group"].tolist() == [
        "loud",
        "quiet",
    ]  # the next smallest goes too, else totals give `small` away
    assert not table.astype(str).isin(set(ranks["person_id"])).any(axis=None)
    assert table["leading_share"].tolist() == [20 / 80, 0.0]
    assert (table["low"] < table["influence"]).all()
    assert (table["influence"] < table["high"]).all()
    assert reach_by(ranks, groups, min_people=90).empty
    doubled = pd.concat([groups, groups])
    pd.testing.assert_frame_equal(reach_by(ranks, doubled), table)
