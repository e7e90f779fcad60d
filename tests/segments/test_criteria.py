"""The figures by which a number of clusters is judged agree with R, and keep their laws."""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris
from sklearn.metrics import silhouette_samples

from coterie.segments.selection import criteria

# Printed by criteria.R beside this file: R 4.2.2 with cluster 2.1.4 and fpc 2.2.10.
SILHOUETTE = {  # k = 2..5
    "iris": [0.681046, 0.552819, 0.498051, 0.488749],
    "lumps": [0.377593, 0.471169, 0.418875, 0.375063],
    "sheared": [0.362987, 0.297161, 0.284106, 0.291821],
}
# k = 1..6, B = 500: log W, then (gap, SE.sim) with spaceH0 "scaledPCA" (True, for rotate) and
# "original" (False)
LOG_W = {
    "iris": [5.830959, 4.33302, 3.674418, 3.353904, 3.145147, 2.971439],
    "lumps": [4.699203, 4.205588, 3.499559, 3.308946, 3.094569, 2.894556],
    "sheared": [3.185776, 2.591807, 2.36226, 2.136785, 1.943191, 1.791614],
}
GAP = {
    "iris": {
        True: (
            [0.0763, 0.5916, 0.8759, 1.0042, 1.0457, 1.0659],
            [0.064, 0.0476, 0.0457, 0.0428, 0.0407, 0.0394],
        ),
        False: (
            [0.0797, 0.9854, 1.4359, 1.5762, 1.6436, 1.7092],
            [0.0473, 0.0399, 0.0395, 0.0386, 0.037, 0.0367],
        ),
    },
    "lumps": {
        True: (
            [0.4724, 0.4002, 0.6528, 0.4362, 0.4219, 0.4169],
            [0.0533, 0.0577, 0.0535, 0.0526, 0.0523, 0.0516],
        ),
        False: (
            [0.4812, 0.4183, 0.6649, 0.4477, 0.4353, 0.4313],
            [0.0509, 0.0584, 0.0535, 0.0525, 0.0506, 0.0492],
        ),
    },
    "sheared": {
        True: (
            [0.2231, 0.1044, 0.0975, 0.1201, 0.1375, 0.1448],
            [0.0538, 0.0437, 0.0448, 0.0442, 0.0446, 0.0438],
        ),
        False: (
            [0.1418, 0.1718, 0.1859, 0.2145, 0.2351, 0.2294],
            [0.0477, 0.0416, 0.0415, 0.0413, 0.0419, 0.0415],
        ),
    },
}
TIBS_2001 = {
    "iris": {True: 5, False: 6},
    "lumps": {True: 1, False: 1},
    "sheared": {True: 1, False: 1},
}
# k: Jaccards in the order of the clusters' mean first coordinate, B = 200: mean, sd
CLUSTERBOOT = {
    "iris": {
        2: ([0.9975, 0.9986], [0.01, 0.0055]),
        3: ([1.0, 0.9438, 0.9301], [0.0, 0.1111, 0.1244]),
        4: ([1.0, 0.929, 0.8485, 0.8346], [0.0, 0.0931, 0.148, 0.1833]),
    },
    "lumps": {
        2: ([0.7291, 0.7765], [0.2444, 0.2183]),
        3: ([0.987, 0.9863, 0.9942], [0.0274, 0.0243, 0.0207]),
        4: ([0.8019, 0.5476, 0.8838, 0.8337], [0.1352, 0.2564, 0.1737, 0.1388]),
    },
    "sheared": {
        2: ([0.9632, 0.9654], [0.0323, 0.03]),
        3: ([0.7775, 0.5623, 0.7248], [0.1844, 0.2476, 0.1729]),
        4: ([0.7007, 0.6589, 0.6689, 0.6882], [0.2372, 0.278, 0.2332, 0.2527]),
    },
}
# k: mean, sd of M = 50
PREDICTION = {
    "iris": {2: (0.9698, 0.0358), 3: (0.7999, 0.1729), 4: (0.5824, 0.1023)},
    "lumps": {2: (0.5294, 0.074), 3: (0.8946, 0.0832), 4: (0.4881, 0.0338)},
    "sheared": {2: (0.8451, 0.0798), 3: (0.4722, 0.0553), 4: (0.4033, 0.0661)},
}
R_REFERENCES, R_RESAMPLES, R_SPLITS = 500, 200, 50
REFERENCES, RESAMPLES, SPLITS = 40, 80, 50  # ours
# about 110 comparisons: with all well, 1 in 140 seeds would cross this somewhere, and the seed is
# fixed
SIGMAS = 4


def fraction(number):
    """The fractional parts of the multiples of a square root, the same in R to the last bit."""
    multiples = np.arange(1, 151) * np.sqrt(number)
    return multiples - np.floor(multiples)


def iris():
    """Fisher's iris in centimetres, unscaled, as in R: scikit-learn's differs in two flowers."""
    flowers = load_iris().data.copy()
    flowers[[34, 37]] = [4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]
    return flowers


def three_lumps():
    kind = np.arange(150) % 3
    across = fraction(2) + fraction(3) + fraction(5) + 0.9 * kind
    return np.column_stack([across, fraction(7) + fraction(11) + fraction(13) + 1.4 * (kind == 1)])


SETS = {
    "iris": iris(),
    "lumps": three_lumps(),
    "sheared": np.column_stack([fraction(2), fraction(2) + fraction(3), fraction(5)]),  # no groups
}


def kmeans(points, k, seed, starts=12):
    """Run Lloyd's k-means, all starts at once.

    It is some times faster than scikit-learn's where there are 150 points.
    """
    order = np.random.default_rng(seed).random((starts, len(points))).argsort(axis=1)
    centres = points[order[:, :k]]
    for _ in range(20):
        far = (centres**2).sum(axis=2)[:, :, None] - 2 * centres @ points.T
        members = (far == far.min(axis=1, keepdims=True)).astype(float)
        centres = members @ points / np.maximum(members.sum(axis=2), 1)[:, :, None]
    best = far.min(axis=1).sum(axis=1).argmin()
    return far[best].argmin(axis=0)


@cache
def best_labels(name, k):
    return kmeans(SETS[name], k, seed=1, starts=300)


def everybody(points, k, seed):
    """A fit that finds one cluster, whatever is asked."""
    return np.zeros(len(points), dtype=int)


def halves(points, k, seed):
    return (points[:, 0] > points[:, 0].mean()).astype(int)


@pytest.mark.parametrize("name", SETS)
def test_silhouettes_agree_with_r(name):
    apart = criteria.distances(SETS[name])
    ours = [criteria.silhouette(apart, best_labels(name, k)) for k in (2, 3, 4, 5)]
    assert ours == pytest.approx(SILHOUETTE[name], abs=1e-6)  # R's have six decimals


@pytest.mark.parametrize("rotate", [True, False])
@pytest.mark.parametrize("name", SETS)
def test_gaps_agree_with_r(name, rotate):
    """Each side's mean over references errs by SE.sim / sqrt(references).

    The few starts here add under 0.005.
    """
    frame = criteria.gap(
        SETS[name], range(1, 7), kmeans, seed=0, references=REFERENCES, rotate=rotate
    )
    gaps, errors = (np.array(column) for column in GAP[name][rotate])
    # The data's own log W is not random: clusGap's is that of half the sum of squares.
    best = [np.log(criteria.within(SETS[name], best_labels(name, k))) for k in range(2, 7)]
    assert best - np.log(2) == pytest.approx(LOG_W[name][1:], abs=1e-6)
    assert frame["within"][0] - np.log(2) == pytest.approx(LOG_W[name][0], abs=1e-6)
    tolerance = SIGMAS * errors * np.sqrt(1 / REFERENCES + 1 / R_REFERENCES) + 0.005
    assert (np.abs(frame["gap"] - gaps) < tolerance).all()
    # A standard deviation errs by 1 / sqrt(2 (references - 1)) of itself.
    ratio = frame["error"] / errors
    assert (np.abs(ratio - 1) < SIGMAS / np.sqrt(2 * (REFERENCES - 1))).all()


@pytest.mark.parametrize("rotate", [True, False])
@pytest.mark.parametrize("name", SETS)
def test_the_choice_by_gap_is_that_of_r(name, rotate):
    gaps, errors = GAP[name][rotate]
    frame = pd.DataFrame({"k": range(1, 7), "gap": gaps, "error": errors})
    assert criteria.gap_choice(frame) == TIBS_2001[name][rotate]


@pytest.mark.parametrize(("name", "k"), [(name, k) for name in SETS for k in (2, 3, 4)])
def test_recovered_clusters_agree_with_r(name, k):
    """Each side's mean over resamples errs by its deviation / sqrt(resamples).

    0.002 is for the odd worse optimum. What is to be recovered must be the same, though: optima
    nearly as good differ by more than that.
    """

    def fit(points, k, seed):
        return best_labels(name, k) if len(points) == len(SETS[name]) else kmeans(points, k, seed)

    ours = criteria.clusterboot(SETS[name], fit, k, seed=0, resamples=RESAMPLES)
    order = np.argsort(
        [SETS[name][best_labels(name, k) == cluster, 0].mean() for cluster in range(k)]
    )
    means, deviations = np.array(CLUSTERBOOT[name][k])
    tolerance = SIGMAS * deviations * np.sqrt(1 / RESAMPLES + 1 / R_RESAMPLES) + 0.002
    assert (np.abs(ours.jaccard.mean(axis=0)[order] - means) < tolerance).all()


@pytest.mark.parametrize(("name", "k"), [(name, k) for name in SETS for k in (2, 3, 4)])
def test_prediction_strength_agrees_with_r(name, k):
    """As above, with splits for resamples."""
    ours = criteria.prediction_strength(SETS[name], kmeans, k, seed=0, splits=SPLITS)
    mean, deviation = PREDICTION[name][k]
    assert abs(ours.mean() - mean) < SIGMAS * deviation * np.sqrt(1 / SPLITS + 1 / R_SPLITS) + 0.002


def test_prediction_strength_is_the_share_of_pairs_counted_one_by_one():
    seen = []

    def watched(points, k, seed):
        seen.append((points, kmeans(points, k, seed)))
        return seen[-1][1]

    ours = criteria.prediction_strength(SETS["lumps"], watched, 4, seed=5, splits=1)
    strengths = []
    for (points, labels), (others, their_labels) in (seen, seen[::-1]):
        centres = np.array([others[their_labels == cluster].mean(axis=0) for cluster in range(4)])
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        pairs = [combinations(np.flatnonzero(labels == cluster), 2) for cluster in range(4)]
        strengths.append(
            min(np.mean([nearest[i] == nearest[j] for i, j in within]) for within in pairs)
        )
    assert ours.tolist() == pytest.approx([np.mean(strengths)])
    assert sorted(map(tuple, np.vstack([half for half, _ in seen]))) == sorted(
        map(tuple, SETS["lumps"])
    )
    assert [len(half) for half, _ in seen] == [75, 75]
    assert 0 < ours[0] < 1


LABELS = arrays(int, 12, elements=st.integers(-1, 5))
POINTS = arrays(int, (12, 2), elements=st.integers(-50, 50)).map(
    lambda points: points.astype(float)
)
# Two clusters or more, and fewer than people: all that scikit-learn takes.
CLUSTERED = arrays(int, 12, elements=st.integers(0, 5)).filter(lambda labels: len(set(labels)) > 1)


@settings(max_examples=40, deadline=None)
@given(POINTS, CLUSTERED)
def test_silhouette_widths_are_those_of_scikit_learn_for_any_labels(points, labels):
    ours = criteria.silhouette_widths(criteria.distances(points), labels)
    assert ours == pytest.approx(silhouette_samples(points, labels), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(POINTS, LABELS)
def test_noise_changes_no_silhouette_and_no_centre(points, labels):
    kept = labels >= 0
    widths = criteria.silhouette_widths(criteria.distances(points), labels)
    alone = criteria.silhouette_widths(criteria.distances(points[kept]), labels[kept])
    assert np.isnan(widths[~kept]).all()
    assert widths[kept] == pytest.approx(alone, abs=1e-9)
    assert criteria.within(points, labels) == pytest.approx(
        criteria.within(points[kept], labels[kept]), abs=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(POINTS, LABELS, LABELS)
def test_splitting_clusters_never_makes_them_wider(points, labels, split):
    coarse, fine = np.maximum(labels, 0), np.maximum(labels, 0) * 6 + np.maximum(split, 0)
    assert criteria.within(points, fine) <= criteria.within(points, coarse) + 1e-6


@settings(max_examples=40, deadline=None)
@given(POINTS, LABELS)
def test_the_scatter_within_and_between_clusters_adds_up_to_all_of_it(points, labels):
    labels = np.maximum(labels, 0)
    centres = np.array([points[labels == label].mean(axis=0) for label in labels])
    between = ((centres - points.mean(axis=0)) ** 2).sum()
    whole = ((points - points.mean(axis=0)) ** 2).sum()
    assert criteria.within(points, labels) + between == pytest.approx(whole, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(POINTS, LABELS, st.integers(0, 2**32), st.integers(1, 6))
def test_recovery_and_prediction_are_shares_whatever_the_fit(points, labels, seed, k):
    def random_fit(points, k, seed):
        return np.random.default_rng(seed).integers(-1, k, size=len(points))

    found = criteria.clusterboot(points, random_fit, k, seed=seed, resamples=8)
    strengths = criteria.prediction_strength(points, random_fit, k, seed=seed, splits=4)
    assert found.jaccard.shape == (8, k)
    assert found.membership.shape == (12,)
    assert strengths.shape == (4,)
    known = found.membership[~np.isnan(found.membership)]
    for shares in (found.jaccard, known, strengths):
        assert ((shares >= 0) & (shares <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 1000), min_size=3, max_size=9), st.integers(1, 9), st.integers(-9, 9)
)
def test_the_elbow_feels_neither_unit_nor_origin(withins, unit, origin):
    ks = range(1, len(withins) + 1)
    assert criteria.elbow(ks, withins) == criteria.elbow(
        ks, [unit * value + origin for value in withins]
    )


def test_the_elbow_is_where_the_lumps_are_and_a_straight_line_has_none():
    ks = range(1, 7)
    assert (
        criteria.elbow(ks, [criteria.within(SETS["lumps"], best_labels("lumps", k)) for k in ks])
        == 3
    )
    assert criteria.elbow([2, 3, 4, 5], [0.9, 0.7, 0.5, 0.3]) == 2
    assert criteria.elbow([2, 3, 4], [5, 5, 5]) == criteria.elbow([2], [7]) == 2


def test_a_gap_feels_neither_the_unit_nor_the_place_of_the_points():
    options = {"seed": 3, "references": 4}
    frame = criteria.gap(SETS["lumps"], [1, 3], kmeans, **options)
    moved = criteria.gap(8 * SETS["lumps"] - 64, [1, 3], kmeans, **options)
    assert moved[["gap", "error"]].to_numpy() == pytest.approx(
        frame[["gap", "error"]].to_numpy(), abs=1e-9
    )


def test_expected_and_error_are_those_of_the_references_which_fill_the_box():
    seen = []

    def watched(points, k, seed):
        seen.append(points)
        return everybody(points, k, seed)

    frame = criteria.gap(SETS["sheared"], [2], watched, seed=0, references=5, rotate=False)
    references = [points for points in seen if points is not SETS["sheared"]]
    logs = np.log([len(points) * points.var(axis=0).sum() for points in references])
    assert len(logs) == 5
    assert frame.loc[0, ["expected", "error"]].tolist() == pytest.approx(
        [logs.mean(), logs.std(ddof=1) * np.sqrt(1.2)]
    )
    low, high = SETS["sheared"].min(axis=0), SETS["sheared"].max(axis=0)
    assert all((points >= low).all() and (points <= high).all() for points in references)
    # The outermost of 5 x 150 evenly spread numbers fall short of the ends by 1/751 on average.
    assert (np.max(references, axis=(0, 1)) - np.min(references, axis=(0, 1))) / (
        high - low
    ) == pytest.approx(1, abs=0.02)


def test_a_tilted_strip_looks_like_two_clusters_unless_its_box_is_tilted_too():
    strip = np.column_stack([fraction(2), fraction(2) + 0.1 * fraction(3)])
    rotated, upright = (
        criteria.gap(strip, [1, 2], kmeans, seed=0, rotate=rotate) for rotate in (True, False)
    )
    assert (criteria.gap_choice(rotated), criteria.gap_choice(upright)) == (1, 2)
    # Halving a strip leaves a quarter of W, halving a square 5/8 of it.
    assert upright["gap"].diff()[1] == pytest.approx(np.log(4 * 5 / 8), abs=0.1)
    assert rotated["gap"].diff()[1] == pytest.approx(0, abs=0.1)


def test_clusters_far_apart_are_counted_by_their_gap():
    apart = SETS["lumps"] + 40 * np.column_stack([np.arange(150) % 3, np.arange(150) % 3 == 1])
    assert criteria.gap_choice(criteria.gap(apart, range(1, 6), kmeans, seed=0)) == 3
    assert criteria.gap_choice(criteria.gap(SETS["sheared"], range(1, 6), kmeans, seed=0)) == 1
    assert criteria.prediction_strength(apart, kmeans, 3, seed=0).tolist() == [1.0] * 10


def test_a_person_sampled_twice_counts_once():
    sizes = []

    def watched(points, k, seed):
        assert len(np.unique(points, axis=0)) == len(points)
        sizes.append(len(points))
        return halves(points, k, seed)

    criteria.clusterboot(SETS["lumps"], watched, 2, seed=0, resamples=50)
    assert sizes[0] == 150
    # The mean share sampled is 1 - (1 - 1/n)^n = 0.633, of one resample give or take 0.025.
    assert np.mean(sizes[1:]) / 150 == pytest.approx(0.633, abs=SIGMAS * 0.025 / np.sqrt(50))


def test_a_cluster_that_never_comes_back_counts_nothing():
    def fickle(points, k, seed):
        return np.arange(20) // 10 if len(points) == 20 else np.full(len(points), -1)

    found = criteria.clusterboot(np.arange(20.0)[:, None], fickle, 2, seed=0, resamples=10)
    assert found.jaccard.tolist() == [[0.0, 0.0]] * 10
    assert found.membership.tolist() == [0.0] * 20


def test_clusters_that_merge_share_their_best_match_but_only_one_keeps_its_people():
    def merging(points, k, seed):
        return (np.arange(40) > 35).astype(int) if len(points) == 40 else everybody(points, k, seed)

    found = criteria.clusterboot(np.arange(40.0)[:, None], merging, 2, seed=0, resamples=30)
    # Of one cluster of everybody sampled, each old cluster is its share of the sample.
    assert found.jaccard.sum(axis=1) == pytest.approx(1)
    assert found.jaccard.mean(axis=0) == pytest.approx([0.9, 0.1], abs=0.03)
    assert found.membership.tolist() == [1.0] * 36 + [0.0] * 4


def test_the_integers_of_clusters_mean_nothing_between_fits():
    def renamed(points, k, seed):
        return (points[:, 0] // 10 + seed).astype(int) % 3

    found = criteria.clusterboot(np.arange(30.0)[:, None], renamed, 3, seed=0, resamples=30)
    assert found.jaccard.tolist() == [[1.0] * 3] * 30
    assert found.membership.tolist() == [1.0] * 30


def test_who_is_noise_again_belongs_there():
    def outlier(points, k, seed):
        return np.where(points[:, 0] > 100, -1, points[:, 0] > 5).astype(int)

    points = np.array([[0.0], [1.0], [2.0], [8.0], [9.0], [10.0], [500.0]])
    assert (
        criteria.clusterboot(points, outlier, 2, seed=0, resamples=40).membership.tolist()
        == [1.0] * 7
    )


def test_one_cluster_is_always_found_again_and_is_no_question_to_the_fit():
    def never(points, k, seed):
        raise AssertionError

    points = SETS["iris"]
    assert (
        criteria.clusterboot(points, never, 1, seed=0, resamples=5).jaccard.tolist() == [[1.0]] * 5
    )
    assert criteria.prediction_strength(points, never, 1, seed=0, splits=3).tolist() == [1.0] * 3
    assert criteria.gap(points, [1], never, seed=0)["k"].tolist() == [1]
    assert (
        criteria.silhouette_widths(criteria.distances(points), everybody(points, 1, 0)).tolist()
        == [0.0] * 150
    )


def test_equal_points_have_no_gap_no_width_and_no_more_than_one_cluster():
    points = np.full((12, 3), 0.1)
    labels = np.arange(12) % 2
    frame = criteria.gap(
        points, [1, 2, 3], lambda points, k, seed: np.arange(len(points)) % k, seed=0
    )
    assert frame[["gap", "error"]].abs().to_numpy().max() < 1e-9
    assert criteria.gap_choice(frame) == 1
    assert criteria.silhouette_widths(criteria.distances(points), labels).tolist() == [0.0] * 12
    assert criteria.within(points, labels) == pytest.approx(0, abs=1e-30)


def test_a_cluster_of_one_has_no_width_no_pair_to_lose_and_does_come_back():
    points = np.append(np.linspace(0, 1, 39), 90.0)[:, None]
    single = criteria.silhouette_widths(criteria.distances(points), (points[:, 0] > 50).astype(int))
    assert single[-1] == 0
    assert single[:-1].min() > 0.98
    found = criteria.clusterboot(points, kmeans, 2, seed=0, resamples=60)
    # Where it is not sampled (1 - 1/n)^n = 37 % of the time it cannot be found.
    share = (found.jaccard == 1).mean(axis=0).min()
    assert share == pytest.approx(0.63, abs=SIGMAS * np.sqrt(0.63 * 0.37 / 60))
    assert found.membership[-1] == 1.0


def test_a_fit_that_finds_only_noise_predicts_nothing():
    def noise(points, k, seed):
        return np.full(len(points), -1)

    assert criteria.prediction_strength(SETS["lumps"], noise, 2, seed=0, splits=2).tolist() == [
        0.0,
        0.0,
    ]
    assert criteria.silhouette(criteria.distances(SETS["lumps"]), np.full(150, -1)) == 0.0


def test_fewer_people_than_clusters_are_one_each():
    points = np.array([[0.0], [1.0], [5.0]])
    found = criteria.clusterboot(points, kmeans, 3, seed=0, resamples=50)
    assert set(np.unique(found.jaccard)) == {0.0, 1.0}
    assert criteria.prediction_strength(points, kmeans, 3, seed=0, splits=2).tolist() == [1.0, 1.0]


def test_a_fit_that_gives_too_many_clusters_or_too_few_labels_is_refused():
    for wrong in (
        lambda points, k, seed: np.arange(len(points)),
        lambda points, k, seed: np.zeros(3, dtype=int),
    ):
        with pytest.raises(
            ValueError, match="a fit of 2 clusters returns one label below 2 for each point"
        ):
            criteria.clusterboot(SETS["iris"], wrong, 2, seed=0)


def test_the_seed_is_all_that_chance_depends_on():
    points = SETS["sheared"]
    ways = {
        "gap": lambda seed: criteria.gap(
            points, [1, 3], kmeans, seed=seed, references=3
        ).to_numpy(),
        "recovery": lambda seed: (
            criteria.clusterboot(points, kmeans, 3, seed=seed, resamples=4).jaccard
        ),
        "prediction": lambda seed: criteria.prediction_strength(
            points, kmeans, 3, seed=seed, splits=4
        ),
    }
    for way, figure in ways.items():
        first = figure(7)
        np.random.default_rng().random(5)
        assert np.array_equal(first, figure(7)), way
        assert not np.array_equal(first, figure(8)), way
