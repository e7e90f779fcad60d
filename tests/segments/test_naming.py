"""Ids follow the members, names follow the traits, and neither depends on a seed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.segments.continuity.ids import carry_ids
from coterie.segments.continuity.naming import name_segments
from coterie.segments.profiles import profile
from coterie.study import SettingsError
from coterie.wording import trait_words

LABELS = st.lists(st.integers(0, 3), min_size=8, max_size=60)


def profiles_of(*traits):
    rows = [(segment, trait, value) for segment, trait, value in traits]
    return pd.DataFrame(rows, columns=["segment", "trait", "difference"])


TWO = profiles_of(
    *[
        (s, t, d)
        for s in ("S1", "S2")
        for t, d in (("evening_share", 1.0), ("frequency", -1.0), ("n_events", 0.9))
    ]
)


@given(LABELS, st.permutations(range(4)))
def test_ids_follow_the_members_however_the_clusters_are_numbered(labels, numbers):
    people = pd.Series(labels, index=[f"p{n}" for n in range(len(labels))])
    before = people.map(carry_ids(people, None))
    again = people.map(dict(enumerate(numbers)))
    assert again.map(carry_ids(again, before)).equals(before)


@given(LABELS, LABELS)
def test_ids_are_never_shared_nor_taken_from_a_segment_that_is_gone(labels, earlier):
    n = min(len(labels), len(earlier))
    now, before = pd.Series(labels[:n]), pd.Series(earlier[:n]).map("S{}".format)
    ids = carry_ids(now, before)
    assert len(set(ids.values())) == len(ids) == now.nunique()
    for cluster, segment in ids.items():
        one, other = now == cluster, before == segment
        assert not other.any() or (one & other).sum() / (one | other).sum() >= 0.3


def test_new_people_and_people_who_left_do_not_move_an_id():
    before = pd.Series({"a": "S4", "b": "S4", "gone": "S4", "c": "S2", "d": "S2"})
    now = pd.Series({"a": 0, "b": 0, "new": 0, "c": 1, "d": 1, "x": 2, "y": 2})
    assert carry_ids(now, before) == {0: "S4", 1: "S2", 2: "S5"}


def test_names_differ_stay_and_say_everyone_when_there_is_one():
    assert name_segments(TWO) == {"S1": "Evening browsers", "S2": "Very active evening browsers"}
    assert name_segments(TWO, kept={"S2": "Evening browsers"})["S1"] != "Evening browsers"
    assert name_segments(TWO.assign(difference=0.0)[:3]) == {"S1": "Everyone"}


def test_a_name_that_the_study_fixes_comes_before_the_last_run_and_moves_nobody():
    named = name_segments(TWO, kept={"S1": "Evening, browsers"}, fixed={"S1": "Night owls"})
    assert named["S1"] == "Night owls"
    assert set(named) == {"S1", "S2"}


@pytest.mark.parametrize("bad", ["Cluster 2", "Housewives", "Bargain hunters", "evening_share", ""])
def test_a_fixed_name_that_fails_the_check_is_refused_by_key(bad):
    with pytest.raises(SettingsError, match=r"05_segments.names.S1"):
        name_segments(TWO, fixed={"S1": bad})


def test_names_of_earlier_versions_that_hold_column_names_are_replaced():
    assert name_segments(TWO, kept={"S1": "Evening, hour cos"})["S1"] == "Evening browsers"


def test_a_sensitive_trait_is_described_and_names_nobody():
    rows = profiles_of(
        ("S1", "inferred_interest_health", 3.0),
        ("S1", "evening_share", 1.0),
        ("S1", "frequency", 0.5),
    )
    assert "health" not in name_segments(rows)["S1"].lower()


def test_every_feature_has_neutral_words():
    for trait in set(contracts.Behaviour.types) - {"person_id"}:
        assert trait_words(trait, high=True) != trait_words(trait, high=False)
        assert "_" not in trait_words(trait, high=True)


def test_profiles_fit_their_contract_average_out_to_everybody_and_say_what_was_clustered():
    rng = np.random.default_rng(0)
    traits, segment = (
        pd.DataFrame(rng.random((90, 3)), columns=list("abc")),
        pd.Series(rng.choice(["S1", "S2"], 90)),
    )
    found = profile(traits, segment, used=["a"])
    assert set(found) | {"segment_name"} == set(contracts.Profiles.types)
    weighted = (
        found.assign(total=found["mean"] * found["n_people"]).groupby("trait")["total"].sum() / 90
    )
    np.testing.assert_allclose(weighted, found.groupby("trait")["everyone"].first())
    assert ((found["low"] <= found["mean"]) & (found["mean"] <= found["high"])).all()
    assert set(found.loc[found["clustered"], "trait"]) == {"a"}


def test_nobody_is_called_everyone_beside_others_and_one_segment_keeps_no_name_of_a_part():
    one = pd.DataFrame({"segment": "S1", "trait": ["evening_share"], "difference": [0.0]})
    assert name_segments(one, kept={"S1": "Evening, browsers"}) == {"S1": "Everyone"}
    assert name_segments(one, fixed={"S1": "All of us"}) == {"S1": "All of us"}
    two = pd.concat([one.assign(difference=0.9), one.assign(segment="S2", difference=-0.9)])
    assert "Everyone" not in name_segments(two, kept={"S1": "Everyone"}).values()


def test_the_id_of_a_segment_that_died_is_not_given_again():
    previous = pd.Series({f"p{n}": "S1" for n in range(20)})
    now = pd.Series({f"p{n}": 0 for n in range(20)} | {f"q{n}": 1 for n in range(9)})
    assert carry_ids(now, previous) == {0: "S1", 1: "S2"}
    assert carry_ids(now, previous, given=4) == {0: "S1", 1: "S5"}


def test_what_is_known_of_a_few_members_is_not_told():
    traits = pd.DataFrame({"response_latency_hours": [73.4] + [np.nan] * 59 + [10.0] * 60})
    found = profile(traits, pd.Series(["S1"] * 60 + ["S2"] * 60)).set_index("segment")
    assert found.loc["S1", "difference"] == 0.0
    assert found.loc["S1", "mean"] == found.loc["S1", "everyone"]
    assert found.loc["S2", "mean"] == 10.0


def test_a_name_takes_one_word_of_each_dimension_and_ends_in_a_noun():
    rows = profiles_of(
        ("S1", "inferred_interest_business", 1.5),
        ("S1", "inferred_interest_tech", 1.4),
        ("S1", "weekend_share", -1.2),
        ("S1", "evening_share", -1.1),
        ("S1", "text_share", 0.9),
    )
    assert name_segments(rows, n_words=3) == {"S1": "Weekday business readers"}


def test_what_sets_a_segment_apart_from_its_nearest_comes_first():
    shared = [(s, "evening_share", 1.0) for s in ("S1", "S2")]
    rows = profiles_of(
        *shared,
        ("S1", "inferred_interest_food", 0.9),
        ("S2", "inferred_interest_food", -0.2),
        ("S1", "frequency", 0.1),
        ("S2", "frequency", 0.9),
    )
    named = name_segments(rows, n_words=1)
    assert named["S1"] == "Food readers"
    assert "buyers" in named["S2"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=24, max_size=24))
def test_no_two_segments_have_one_name_and_none_says_a_word_twice(differences):
    traits = ["evening_share", "frequency", "inferred_interest_food", "video_share"]
    traits += ["n_events", "weekend_share"]
    rows = [
        (f"S{n // 6 + 1}", traits[n % 6], difference) for n, difference in enumerate(differences)
    ]
    names = list(name_segments(profiles_of(*rows)).values())
    assert len({tuple(sorted(name.lower().split())) for name in names}) == len(names)
    for name in names:
        words = name.lower().replace(",", "").split()
        assert len(set(words)) == len(words)


def test_people_are_called_by_what_they_do_and_nobody_who_watches_a_reader():
    watching = [("S1", "inferred_interest_gaming", 1.5), ("S1", "evening_share", 1.4)]
    viewers = profiles_of(*watching, ("S1", "video_share", 0.8))
    assert name_segments(viewers) == {"S1": "Evening gaming video viewers"}
    hardly = profiles_of(*watching, ("S1", "video_share", 0.3))
    assert name_segments(hardly) == {"S1": "Evening gaming readers"}
