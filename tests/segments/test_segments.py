"""Groups are found where there are some, none where there are none, and they keep their names."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from coterie import contracts, segments
from coterie.segments.choice import STABLE, UNTRUSTED, stability_low
from coterie.study import DataError

NO_TRAITS = pd.DataFrame({"person_id": [], "trait": [], "value": []})
COLUMNS = ["n_events", "frequency", "monetary_value", "engagement", "weekend_share", "evening_share"]
FAST = {"k_range": (2, 5), "resamples": 12, "null_draws": 4}
SHAPES = {
    "gaussian": lambda rng, n: rng.standard_normal((n, 6)) + 5,
    "uniform": lambda rng, n: rng.random((n, 6)),
    "correlated gaussian": lambda rng, n: (
        rng.standard_normal((n, 6)) @ (np.eye(6) + 0.5 * rng.standard_normal((6, 6))) + 9
    ),
    "log-normal": lambda rng, n: np.exp(rng.standard_normal((n, 6)) + 2),
}
SEEDS = range(2)


def behaviour(values, columns=COLUMNS):
    frame = pd.DataFrame(values, columns=columns)
    frame.insert(0, "person_id", [f"p_{number:04d}" for number in range(len(frame))])
    return frame


def blobs(seed=0, n=120):
    """Three kinds of people far apart, one of them buying nothing, and which kind each is."""
    rng = np.random.default_rng(seed)
    centres = np.array([[200, 0, 0, 5, 0.2, 0.8], [20, 8, 40, 90, 0.8, 0.2], [3, 2, 300, 20, 0.2, 0.2]])
    kind = rng.integers(0, 3, 3 * n)
    noise = np.exp(0.15 * rng.standard_normal((3 * n, 6)))
    return behaviour(np.clip(centres[kind] * noise, 0, None)).assign(
        weekend_share=lambda f: f["weekend_share"].clip(0, 1)
    ), kind


def found(table, *, seed=0, previous=None, kept=None):
    """Do what notebook 05 does: points, choice, ids and names by person."""
    matrix = segments.feature_matrix(table, NO_TRAITS)
    scores = segments.consider(matrix.points, seed=seed, **FAST)
    choice = segments.choose(matrix.points, scores, asked_for=0, seed=seed, resamples=10)
    labels = pd.Series(choice.clustering.labels, index=matrix.person_id)
    ids = segments.carry_ids(labels, previous)
    profiles = segments.profile(matrix.traits, labels.map(ids).reset_index(drop=True))
    return choice, labels.map(ids).sort_index(), segments.name_segments(profiles, kept=kept), profiles


@pytest.fixture(scope="module")
def first():
    return found(blobs()[0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "log-normal"])
def test_data_without_groups_is_one_group(shape, seed):
    matrix = segments.feature_matrix(
        behaviour(SHAPES[shape](np.random.default_rng(seed), 300), list("abcdef")), NO_TRAITS
    )
    assert segments.judge(segments.consider(matrix.points, seed=seed, **FAST)) == (1, "none")


@pytest.mark.parametrize("seed", SEEDS)
def test_skewed_counts_without_groups_are_one_group(seed):
    values = SHAPES["log-normal"](np.random.default_rng(seed), 300)
    matrix = segments.feature_matrix(behaviour(values, [*COLUMNS[:4], "cadence_days", "active_days"]), NO_TRAITS)
    assert segments.judge(segments.consider(matrix.points, seed=seed, **FAST)) == (1, "none")


@pytest.mark.slow
def test_false_alarms_are_rare_over_ten_seeds_and_never_called_natural():
    verdicts = []
    for shape, draw in SHAPES.items():
        columns = [*COLUMNS[:4], "cadence_days", "active_days"] if shape == "log-normal" else list("abcdef")
        for seed in range(10):
            matrix = segments.feature_matrix(behaviour(draw(np.random.default_rng(seed), 300), columns), NO_TRAITS)
            verdicts.append(segments.judge(segments.consider(matrix.points, seed=seed, **FAST))[1])
    assert "natural" not in verdicts
    assert verdicts.count("none") >= 38  # five in a hundred


def test_groups_far_apart_are_found_and_called_natural(first):
    choice, ids, _, _ = first
    assert (choice.k, choice.verdict) == (3, "natural")
    assert adjusted_rand_score(blobs()[1], ids) == pytest.approx(1.0, abs=0.02)
    assert choice.stability.low > STABLE
    assert (choice.membership > 0.9).mean() > 0.95


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_seed_changes_no_id_and_no_name(first, seed):
    _, ids, names, _ = found(blobs()[0], seed=seed, previous=first[1], kept=first[2])
    assert ids.equals(first[1])
    assert names == first[2]


def test_the_order_of_rows_and_the_names_of_people_change_nothing(first):
    table = blobs()[0]
    _, ids, names, _ = found(table.sample(frac=1, random_state=1))
    assert ids.equals(first[1])
    assert names == first[2]
    renamed = table.assign(person_id=table["person_id"].iloc[::-1].to_numpy())
    assert found(renamed)[1].iloc[::-1].tolist() == first[1].tolist()


def test_cents_instead_of_euros_change_nothing(first):
    table = blobs()[0]
    choice, ids, names, _ = found(table.assign(monetary_value=100 * table["monetary_value"]))
    assert choice.k == 3
    assert ids.equals(first[1])
    assert names == first[2]


def test_profiles_fit_their_contract_and_average_out_to_everybody(first):
    _, ids, names, profiles = first
    assert set(profiles) | {"segment_name"} == set(contracts.Profiles.types)
    weighted = profiles.assign(total=profiles["mean"] * profiles["n_people"]).groupby("trait")["total"].sum() / len(ids)
    everyone = profiles.groupby("trait")["everyone"].first()
    np.testing.assert_allclose(weighted, everyone)
    assert len(set(names.values())) == len(names)
    assert ((profiles["low"] <= profiles["mean"]) & (profiles["mean"] <= profiles["high"])).all()


def test_a_persona_shows_averages_and_where_they_stop(first):
    one = first[3][first[3]["segment"] == "S1"]
    card = segments.persona(one)
    assert card["trait"].tolist()[-2:] == ["not special", "the limit"]
    assert len(card) <= 6


def scores(*rows):
    columns = ["k", "stability_low", "null_stability_low", "silhouette", "null_silhouette"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("table", "asked_for", "verdict"),
    [
        (scores((2, 0.9, 0.5, 0.4, 0.2)), 0, (2, "natural")),
        (scores((2, 0.9, 0.5, 0.1, 0.2)), 0, (1, "none")),  # stable, but no further apart than noise
        (scores((2, STABLE - 0.01, 0.5, 0.4, 0.2)), 0, (2, "reproducible")),
        (scores((2, UNTRUSTED - 0.01, 0.1, 0.4, 0.2)), 0, (1, "none")),
        (scores((2, 0.9, 0.9, 0.25, 0.2)), 0, (1, "none")),
        (scores((2, 1.0, 1.0, 0.7, 0.65), (3, 1.0, 1.0, 0.9, 0.65)), 0, (3, "natural")),
        (scores((2, 0.8, 1.0, 0.9, 0.2)), 0, (1, "none")),
        (scores((2, 0.9, 0.8, 0.4, 0.2), (3, 0.8, 0.3, 0.4, 0.2)), 0, (3, "natural")),
        (scores((2, 0.9, 0.5, 0.4, 0.2)), 1, (1, "none")),
        (scores((2, 0.9, 0.5, 0.4, 0.2)), 2, (2, "natural")),
        (scores((2, 0.9, 0.5, 0.4, 0.2), (4, 0.4, 0.5, 0.4, 0.2)), 4, (4, "constructive")),
        (scores((2, 0.9, 0.5, 0.4, 0.2)), 7, (7, "constructive")),
        (scores(), 0, (1, "none")),
    ],
)
def test_the_verdict_follows_the_limits(table, asked_for, verdict):
    assert segments.judge(table.astype(float), asked_for=asked_for) == verdict


def test_the_limits_are_those_of_clusterboot_and_every_verdict_has_a_sentence():
    assert (UNTRUSTED, STABLE) == (0.6, 0.75)
    assert set(segments.SENTENCES) == {"natural", "reproducible", "constructive", "none"}
    assert stability_low(np.array([[1.0, 0.2], [1.0, 0.4]])) == pytest.approx(0.3)


def test_separated_groups_come_back_whole_and_a_split_one_does_not():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(centre, 0.1, (60, 2)) for centre in (0, 5)])
    two, three = (segments.cluster(points, k, seed=0) for k in (2, 3))
    assert segments.recovery(points, two, seed=0).jaccard.min() == 1.0
    assert segments.recovery(points, three, seed=0).jaccard.mean(axis=0).min() < STABLE


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999))
def test_a_null_draw_keeps_every_component_and_breaks_what_they_share(seed):
    rng = np.random.default_rng(seed)
    points = np.repeat(rng.standard_normal((400, 1)), 2, axis=1)
    draw = segments.null_draw(points, seed=seed)
    np.testing.assert_allclose(np.sort(draw, axis=0), np.sort(points, axis=0))
    assert abs(np.corrcoef(draw.T)[0, 1]) < 0.25


LABELS = st.lists(st.integers(0, 3), min_size=8, max_size=60)


@given(LABELS, st.permutations(range(4)))
def test_ids_follow_the_members_however_the_clusters_are_numbered(labels, numbers):
    people = pd.Series(labels, index=[f"p{n}" for n in range(len(labels))])
    before = people.map(segments.carry_ids(people, None))
    again = people.map(dict(enumerate(numbers)))
    assert again.map(segments.carry_ids(again, before)).equals(before)


@given(LABELS, LABELS)
def test_ids_are_never_shared_nor_taken_from_a_segment_that_is_gone(labels, earlier):
    n = min(len(labels), len(earlier))
    now, before = pd.Series(labels[:n]), pd.Series(earlier[:n]).map("S{}".format)
    ids = segments.carry_ids(now, before)
    assert len(set(ids.values())) == len(ids) == now.nunique()
    for cluster, segment in ids.items():
        one, other = now == cluster, before == segment
        assert not other.any() or (one & other).sum() / (one | other).sum() >= 0.3


def test_new_people_and_people_who_left_do_not_move_an_id():
    before = pd.Series({"a": "S4", "b": "S4", "gone": "S4", "c": "S2", "d": "S2"})
    now = pd.Series({"a": 0, "b": 0, "new": 0, "c": 1, "d": 1, "x": 2, "y": 2})
    assert segments.carry_ids(now, before) == {0: "S4", 1: "S2", 2: "S5"}


def test_names_stay_differ_and_say_everyone_when_there_is_one():
    rows = [
        (s, t, d) for s in ("S1", "S2") for t, d in (("evening_share", 1.0), ("frequency", -1.0), ("n_events", 0.9))
    ]
    profiles = pd.DataFrame(rows, columns=["segment", "trait", "difference"])
    assert segments.name_segments(profiles) == {"S1": "Evening, browsers", "S2": "Evening, browsers, very active"}
    assert segments.name_segments(profiles, kept={"S2": "Evening, browsers"})["S1"] != "Evening, browsers"
    assert segments.name_segments(profiles.assign(difference=0.0)[:3]) == {"S1": "Everyone"}


def test_every_feature_has_neutral_words():
    for trait in set(contracts.Behaviour.types) - {"person_id"}:
        assert segments.trait_words(trait, high=True) != segments.trait_words(trait, high=False)
        assert "_" not in segments.trait_words(trait, high=True)


def test_too_few_people_are_said_so():
    with pytest.raises(DataError, match=r"39 people are too few.*it takes 40"):
        segments.feature_matrix(blobs()[0][:39], NO_TRAITS)
    assert len(segments.feature_matrix(blobs()[0][:40], NO_TRAITS).person_id) == 40


def test_people_who_are_all_alike_are_said_so():
    with pytest.raises(DataError, match="no column differs"):
        segments.feature_matrix(behaviour(np.ones((60, 6))), NO_TRAITS)


def test_what_is_missing_gets_the_median_and_an_outlier_is_no_group():
    table = blobs()[0]
    table.loc[:100, "engagement"] = np.nan
    table.loc[5, "n_events"] = 1e12
    matrix = segments.feature_matrix(table, NO_TRAITS)
    assert np.isfinite(matrix.points).all()
    assert matrix.missing["engagement"] == pytest.approx(101 / len(table))
    assert segments.consider(matrix.points, seed=0, **FAST)["smallest"].min() > 1


def test_traits_join_behaviour_and_left_out_columns_do_not_count():
    table = blobs()[0]
    mood = pd.DataFrame(
        {"person_id": table["person_id"], "trait": "inferred_sentiment", "value": np.arange(len(table)) / 400}
    )
    matrix = segments.feature_matrix(table, mood, leave_out=["n_events", "inferred_nothing"])
    assert "inferred_sentiment" in matrix.traits
    assert "n_events" not in matrix.traits
    assert "inferred_sentiment" not in segments.feature_matrix(table, mood, leave_out=["inferred_sentiment"]).traits
