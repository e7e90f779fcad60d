"""A planted effect of a trait is found; popularity that travels with the trait is flagged."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from coterie.psychographics.content.confounding import e_value, limit_e_value, overlap
from coterie.psychographics.content.effects import content_effect
from coterie.psychographics.content.outcomes import post_outcomes
from coterie.psychographics.content.traits import TRAITS, content_traits
from coterie.study import DataError

ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]
OPTIONS = {"outcome": "reactions", "trait": "call_to_action"}
SAID = [  # text, author a person?, brand addressed?, call to action, user content, review
    ("Order now and save 20 %", 0, 0, 1, 0, 0),
    ("New colours are in 🎉 Link in bio", 0, 0, 1, 0, 0),
    ("Sign up! The first month is on us", 0, 0, 1, 0, 0),
    ("Autumn is here. Use code LEAF20 until Sunday", 0, 0, 1, 0, 0),
    ("so comfy\nshop now", 0, 0, 1, 0, 0),
    ("Tag a friend who needs this", 0, 0, 1, 0, 0),
    ("Don’t miss our sale and use code TEN", 0, 0, 1, 0, 0),
    ("I want to order now but the page is down", 1, 1, 0, 0, 0),
    ("why can't I sign up for the trial", 1, 1, 0, 0, 0),
    ("I tried to use code TEN and it said no", 1, 1, 0, 0, 0),
    ("Sorry to hear that, please send us a message", 0, 0, 0, 0, 0),
    ("We wish you a lovely weekend", 0, 0, 0, 0, 0),
    ("wearing my acme jacket on the ridge", 1, 1, 0, 1, 0),
    ("Tonight's curry, made with the new acme pan", 1, 1, 0, 1, 0),
    ("Unboxing time!", 1, 1, 0, 1, 0),
    ("look what arrived 😍", 1, 1, 0, 1, 0),
    ("wearing my old jacket", 1, 0, 0, 0, 0),  # nobody's brand
    ("Our team wearing the new jacket", 0, 0, 0, 0, 0),  # the brand itself
    ("where is my parcel?", 1, 1, 0, 0, 0),
    ("Bought it in May, great fit, still love the fabric", 1, 1, 0, 0, 1),
    ("After two weeks the battery is useless", 1, 1, 0, 0, 1),
    ("4/5 stars, would buy again", 1, 1, 0, 0, 1),
    ("★★★★☆ decent", 1, 0, 0, 0, 1),
    ("9/10", 1, 0, 0, 0, 1),
    ("love this song", 1, 0, 0, 0, 0),
    ("see you on 10/10/2026", 1, 0, 0, 0, 0),
    ("5 stars from our clients", 0, 0, 0, 0, 0),
]


def planted(rng, *, effect=0.0, popular_ask=0.0, authors=60, each=20, spread=0.8):
    """Authors differ in popularity; `popular_ask` lets the popular ones use the trait more."""
    fame = rng.normal(0, spread, authors)
    who = np.arange(authors).repeat(each)
    asks = rng.random(len(who)) < 1 / (1 + np.exp(0.8 - popular_ask * fame[who]))
    minutes = rng.integers(0, 40 * 1440, len(who))
    formats = rng.choice(["video", "image", "text"], len(who))
    mean = np.exp(
        1.5
        + fame[who]
        + effect * asks
        + 0.4 * (formats == "video")
        + 0.3 * np.sin(minutes / 1440 * 2 * np.pi)
    )
    posts = pd.DataFrame(
        {
            "author": [f"a{n}" for n in who],
            "at": pd.Timestamp("2026-05-01") + pd.to_timedelta(minutes, "min"),
        }
    )
    reactions = rng.poisson(mean * rng.gamma(2, 0.5, len(who)))
    return posts.assign(
        platform=rng.choice(["x", "instagram"], len(who)),
        format=formats,
        reactions=reactions,
        call_to_action=asks,
    )


def test_each_kind_of_content_is_told_from_its_look_alikes():
    frame = pd.DataFrame(SAID, columns=["text", "person", "brand", *TRAITS])
    names = {
        "person_id": np.where(frame["person"], "ana", ""),
        "about_brand": np.where(frame["brand"], "acme", ""),
    }
    posts = frame[["text"]].assign(**names, n=range(len(frame)))
    found = content_traits(ibis.memtable(posts)).order_by("n").to_pandas()
    wrong = [
        (row.text, trait)
        for trait in TRAITS
        for row, own in zip(frame.itertuples(), found[trait], strict=True)
        if own != getattr(row, trait)
    ]
    assert not wrong


def test_posts_without_text_author_or_brand_have_no_trait():
    empty = {"text": [None, ""], "person_id": [None, "ana"], "about_brand": [None, None]}
    posts = ibis.memtable(pd.DataFrame(empty, dtype=object), schema=dict.fromkeys(empty, "string"))
    assert not content_traits(posts).select(*TRAITS).to_pandas().any(axis=None)


POSTS = {
    "post_id": "string",
    "person_id": "string",
    "brand": "string",
    "at": "timestamp",
    "platform": "string",
}
POSTS |= {"text": "string", "about_brand": "string"}
EVENTS = {
    "person_id": "string",
    "at": "timestamp",
    "verb": "string",
    "object_id": "string",
    "content_type": "string",
}


def table_of(rows, kinds):
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(
        {name: "object" for name, kind in kinds.items() if kind == "string"}
    )
    return ibis.memtable(frame.assign(at=pd.to_datetime(frame["at"])), schema=kinds)


def test_reactions_of_others_in_the_first_days_are_counted():
    posts = [
        ("p", "ana", None, "2026-06-01", "x", "order now", None),
        ("q", None, "acme", "2026-06-01", "x", "hi", None),
    ]
    posts += [("young", "ana", None, "2026-06-29", "x", "hi", None)]
    # her own like
    events = [
        ("ana", "2026-06-01", "create", "p", "video"),
        ("ana", "2026-06-02", "like", "p", None),
    ]
    events += [("bo", "2026-06-02", "like", "p", None), ("bo", "2026-06-03", "announce", "p", None)]
    # too late, too early
    events += [("bo", "2026-06-08", "like", "p", None), ("bo", "2026-05-31", "like", "p", None)]
    found = post_outcomes(table_of(posts, POSTS), table_of(events, EVENTS), as_of=date(2026, 7, 1))
    rows = found.order_by("post_id").to_pandas()
    assert rows[["post_id", "author", "format", "reactions", "call_to_action"]].values.tolist() == [
        ["p", "ana", "video", 2, True],
        ["q", "acme", "unknown", 0, False],
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_can_say_it(engine):
    posts, events = (
        ibis.table(kinds, name=name) for kinds, name in ((POSTS, "posts"), (EVENTS, "events"))
    )
    assert "events" in ibis.to_sql(
        post_outcomes(posts, events, as_of=date(2026, 7, 1)), dialect=engine
    )


def shares(draws):
    """Say how often each of some estimates covered the truth, was flagged, and was claimed."""
    return np.mean(
        [[e.low <= truth <= e.high, e.confounded, e.claimed] for truth, e in draws], axis=0
    )


def simulate(n, *, effect, popular_ask):
    rng = np.random.default_rng(7)
    worlds = (planted(rng, effect=effect, popular_ask=popular_ask) for _ in range(n))
    return shares([(np.exp(effect), content_effect(posts, **OPTIONS)) for posts in worlds])


def test_a_planted_effect_is_found():
    found = content_effect(planted(np.random.default_rng(1), effect=0.4), **OPTIONS)
    assert found.low < np.exp(0.4) < found.high
    assert found.claimed
    assert not found.confounded
    assert found.ratio == pytest.approx(found.plain_ratio, rel=0.3)
    assert found.e_value > found.e_value_limit > 1
    assert found.evidence == "C"


def test_popular_authors_who_ask_more_make_no_effect():
    found = content_effect(planted(np.random.default_rng(2), popular_ask=2.0), **OPTIONS)
    assert found.plain_ratio > 1.5  # what a naive comparison would claim
    assert found.low < 1 < found.high
    assert found.confounded
    assert "moved" in found.reason
    assert not found.claimed


def test_planted_effects_are_covered_and_seldom_flagged():
    covered, flagged, claimed = simulate(40, effect=0.4, popular_ask=0.0)
    assert covered >= 0.85
    assert flagged <= 0.2
    assert claimed >= 0.8


@pytest.mark.slow
def test_intervals_cover_planted_effects_as_often_as_they_say():
    covered, flagged, claimed = simulate(400, effect=0.4, popular_ask=0.0)
    assert (
        0.89 <= covered <= 0.98
    )  # with few authors clustered errors come out small, as the docstring says
    assert flagged <= 0.1
    assert claimed >= 0.88


@pytest.mark.slow
def test_confounded_worlds_are_flagged_and_nothing_is_claimed():
    covered, flagged, claimed = simulate(300, effect=0.0, popular_ask=2.0)
    assert 0.89 <= covered <= 0.98
    assert flagged >= 0.95
    assert claimed <= 0.02


def test_the_estimate_is_what_dummies_for_every_author_give():
    posts = planted(np.random.default_rng(3), effect=0.3, authors=15)
    # so that no hour and no week remain to adjust for
    posts["at"] = pd.Timestamp("2026-06-01 12:00")
    found = content_effect(posts, **OPTIONS)
    design = pd.get_dummies(
        posts[["author", "format", "platform"]], drop_first=True, dtype=float
    ).assign(one=1.0)
    design.insert(0, "trait", posts["call_to_action"].astype(float))
    groups = {"groups": pd.factorize(posts["author"])[0], "use_correction": False}
    fit = sm.GLM(posts["reactions"], design, sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds=groups
    )
    assert np.log(found.ratio) == pytest.approx(fit.params["trait"], abs=1e-6)
    error = (np.log(found.high) - np.log(found.low)) / 2 / 2.1448  # t with 14 degrees of freedom
    assert error == pytest.approx(fit.bse["trait"], rel=0.06)  # small-sample corrections differ


def test_a_trait_that_only_some_formats_have_lacks_overlap():
    posts = planted(np.random.default_rng(4), effect=0.4)
    rng = np.random.default_rng(0)
    posts["call_to_action"] = (posts["format"] == "video") ^ (rng.random(len(posts)) < 0.03)
    found = content_effect(posts, **OPTIONS)
    assert found.overlap < 0.2
    assert found.confounded
    assert not found.claimed


def test_a_trait_that_is_another_name_for_a_format_is_not_estimated():
    posts = planted(np.random.default_rng(5))
    found = content_effect(posts.assign(call_to_action=posts["format"] == "video"), **OPTIONS)
    assert np.isnan(found.ratio)
    assert found.confounded
    assert not found.claimed


def test_too_little_is_said_to_be_too_little():
    posts = planted(np.random.default_rng(6), authors=8)
    assert "too few" in content_effect(posts, **OPTIONS).reason
    assert "too few" in content_effect(posts.iloc[:0], **OPTIONS).reason
    posts = planted(np.random.default_rng(6))
    posts["reactions"] = posts["reactions"].mask(posts["call_to_action"], 0)
    silent = content_effect(posts, **OPTIONS)
    assert "never" in silent.reason
    assert not silent.claimed


def test_one_brand_is_judged_by_its_weeks():
    posts = planted(np.random.default_rng(8), effect=0.5, authors=1, each=1200)
    posts["at"] += pd.to_timedelta(np.arange(1200) % 20 * 7, "D")
    found = content_effect(posts, **OPTIONS, clusters="week")
    assert found.low < np.exp(0.5) < found.high
    assert found.authors == 1


def test_wrong_tables_are_named():
    posts = planted(np.random.default_rng(9), authors=2)
    with pytest.raises(DataError, match=r"lack format: take `post_outcomes`"):
        content_effect(posts.drop(columns="format"), **OPTIONS)
    with pytest.raises(DataError, match="reactions: counts of reactions cannot be negative"):
        content_effect(posts.assign(reactions=-1), **OPTIONS)


@given(st.floats(1, 50), st.floats(1, 50))
def test_e_values_grow_with_the_ratio_and_do_not_care_for_its_direction(one, other):
    low, high = sorted((one, other))
    assert 1 <= e_value(low) <= e_value(high)
    assert e_value(high) == pytest.approx(e_value(1 / high))
    assert limit_e_value(low, high) == (1 if low <= 1 else e_value(low))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), min_size=1))
def test_overlap_is_a_share_and_one_where_everybody_has_both_alike(rows):
    has, strata = pd.Series([own for own, _ in rows]), pd.Series([name for _, name in rows])
    assert 0 <= overlap(has, strata) <= 1
    assert overlap(pd.concat([has, ~has]), pd.concat([strata, strata])) == 1
