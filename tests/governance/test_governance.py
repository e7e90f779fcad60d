"""Checks can only forbid, and they find what was planted without crying wolf."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts, governance
from coterie.wording import SENSITIVE

ORDINARY = """
Weekend shoppers
Evening video fans
Quiet readers
Frequent buyers
Gaming, often at night
Travel and food
Video likers
Fashion buyers with high order value
Business readers on weekdays
Newcomers
Rare visitors
Tech talkers
Fitness fans
Food in pictures
Slow responders
Long-standing customers
Everybody
Deal seekers
Image savers
Sports viewers
Music sharers
Loyal but quiet
Trace of interest
Grace readers
""".strip().splitlines()


def profile(segment="S1", trait="inferred_interest_health", *, index=300.0, low=0.2, everyone=0.1):
    return {"segment": segment, "trait": trait, "index": index, "low": low, "everyone": everyone}


def sizes(*people):
    names = [f"S{i + 1}" for i in range(len(people))]
    return pd.DataFrame({"segment": names, "segment_name": names, "n_people": people})


NOTHING = pd.DataFrame({"segment": []})


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("People with diabetes", "health"),
        ("Cancer patients", "health"),
        ("High debt, low income", "financial hardship"),
        ("Low-income families", "financial hardship"),
        ("Practising Muslims", "religion"),
        ("Left-wing voters", "politics"),
        ("Gay men", "sexuality"),
        ("Teenagers", "minors"),
        ("Trade union members", "union"),
        ("Chronic complainers", "demeaning"),
    ],
)
def test_a_name_that_gives_people_away_is_found(name, category):
    found = governance.check_names(pd.Series({"S1": name}))
    assert category in found["category"].tolist()
    assert found["suggestion"].str.len().gt(0).all()


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_passes(name):
    assert governance.check_names(pd.Series({"S1": name})).empty


def test_every_rule_is_dated_sourced_and_offers_neutral_words():
    for rule in SENSITIVE:
        assert all((rule.since, rule.lawful, rule.suggestion))
        assert all(str(word) == str(word).lower() and "-" not in str(word) for word in rule.words)


def test_a_sensitive_interest_far_above_everybody_marks_the_segment():
    assert governance.find_special(pd.DataFrame([profile()]))["segment"].tolist() == ["S1"]


@pytest.mark.parametrize(
    "harmless",
    [
        profile(index=120.0),
        profile(low=0.05),
        profile(index=100.0, low=0.3, everyone=0.4),
        profile(trait="inferred_interest_gaming"),
        profile(trait="frequency"),
    ],
    ids=[
        "too little",
        "perhaps by chance",
        "everybody shares it",
        "not sensitive",
        "not an interest",
    ],
)
def test_what_is_not_sensitive_or_not_remarkable_marks_nothing(harmless):
    assert governance.find_special(pd.DataFrame([harmless])).empty


def skewed(rng, *, lean, n=900):
    segment = rng.choice(["S1", "S2", "S3"], n)
    women = rng.random(n) < np.where(segment == "S1", 0.5 + lean, 0.5)
    return pd.DataFrame({"segment": segment, "gender": np.where(women, "female", "male")})


@pytest.mark.slow
def test_a_planted_lean_is_found_nine_times_in_ten_and_a_null_one_rarely():
    rng = np.random.default_rng(0)
    hits = {
        lean: [governance.check_skew(skewed(rng, lean=lean)) for _ in range(30)]
        for lean in (0.0, 0.25)
    }
    found = {
        lean: sum((skew["pvalue_adjusted"] < 0.05).any() for skew in all_)
        for lean, all_ in hits.items()
    }
    assert found[0.25] >= 27
    assert found[0.0] <= 4


def test_groups_too_small_to_audit_are_left_out_and_not_called_fair():
    rng = np.random.default_rng(0)
    assert governance.check_skew(skewed(rng, lean=0.4, n=90), min_people=50).empty
    rare = pd.concat([skewed(rng, lean=0.0), pd.DataFrame({"segment": ["S1"], "gender": ["x"]})])
    assert "x" not in governance.check_skew(rare)["value"].tolist()


def test_one_segment_has_nobody_to_be_compared_with():
    assert governance.check_skew(
        skewed(np.random.default_rng(0), lean=0.0).assign(segment="S1")
    ).empty


def test_nobody_stated_the_attribute():
    silent = skewed(np.random.default_rng(0), lean=0.0).assign(gender=None)
    assert governance.check_skew(silent).empty


def test_a_segment_is_cleared_only_when_nothing_speaks_against_it():
    special = pd.DataFrame({"segment": ["S2"]})
    clearing = governance.clear_segments(
        sizes(400, 400, 10), floor=300, special=special, blocked={"skewed": {"S3"}}
    )
    found = clearing.clearances
    assert found["cleared"].tolist() == [True, False, False]
    assert found["sensitivity"].tolist() == ["ordinary", "special", "ordinary"]
    assert found["reasons"].tolist()[2] == "fewer people than the floor; skewed"
    assert list(found.columns) == list(contracts.Clearances.types)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=6),
    st.integers(0, 500),
    st.sets(st.integers(1, 6)),
)
def test_another_check_never_clears_anything(people, floor, hit):
    blocked = {"another check": {f"S{i}" for i in hit}}
    plain = governance.clear_segments(
        sizes(*people), floor=floor, special=NOTHING, blocked={}
    ).clearances
    strict = governance.clear_segments(
        sizes(*people), floor=floor, special=NOTHING, blocked=blocked
    ).clearances
    assert not (strict["cleared"] & ~plain["cleared"]).any()
    assert (strict["cleared"] == (strict["reasons"] == "")).all()
    assert not strict.loc[strict["n_people"] < floor, "cleared"].any()
