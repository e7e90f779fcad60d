"""Posts like none before are marked, and a new matter that many raise is told from odd posts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.trends.novelty import new_topics, novel_posts
from coterie.study import DataError

WIDTH = 20


def about(rng, matter: int, n: int, *, spread: float = 0.12) -> np.ndarray:
    """Draw unit vectors of posts on one matter, an axis of space."""
    vectors = np.eye(WIDTH)[[matter] * n] + rng.normal(0, spread, (n, WIDTH))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def earlier(rng, n: int = 150) -> np.ndarray:
    return np.concatenate([about(rng, matter, n) for matter in range(4)])


def test_a_new_matter_is_novel_and_old_ones_are_not():
    rng = np.random.default_rng(0)
    known, new = earlier(rng), np.concatenate([about(rng, 1, 100), about(rng, 9, 60)])
    found = novel_posts(new, known)
    assert found["novel"].iloc[100:].all()
    assert found["novel"].iloc[:100].mean() <= 0.05


def test_posts_like_the_earlier_ones_are_novel_as_often_as_chance_has_it():
    rng = np.random.default_rng(1)
    p = np.concatenate([novel_posts(about(rng, 2, 100), earlier(rng, 100))["p"] for _ in range(10)])
    assert 0.02 < (p <= 0.05).mean() < 0.08


def test_people_who_repeat_themselves_do_not_make_everybody_else_novel():
    rng = np.random.default_rng(2)
    voices = about(rng, 0, 40, spread=0.3)
    known = np.repeat(voices, 10, axis=0) + rng.normal(0, 0.005, (400, WIDTH))
    others, authors = about(rng, 0, 100, spread=0.3), np.repeat(np.arange(40), 10).astype(str)
    assert (novel_posts(others, known)["p"] <= 0.05).mean() > 0.9
    assert (novel_posts(others, known, authors=authors)["p"] <= 0.05).mean() < 0.3


def test_too_few_posts_by_others_are_named():
    known = np.eye(WIDTH)[:8]
    with pytest.raises(DataError, match="5 earlier posts by others"):
        novel_posts(known, known, authors=["ana"] * 7 + ["bo"])


def test_no_posts_give_an_empty_table():
    assert list(novel_posts(np.zeros((0, WIDTH)), np.eye(WIDTH))) == ["distance", "p", "q", "novel"]


def test_two_new_matters_are_two_groups_and_odd_posts_are_none():
    rng = np.random.default_rng(3)
    odd = rng.normal(0, 1, (30, WIDTH))
    odd /= np.linalg.norm(odd, axis=1, keepdims=True)
    found = new_topics(np.concatenate([about(rng, 9, 80), about(rng, 12, 60), odd]))
    assert len(found.posts) == 2
    assert set(found.group[:80]) == {0}
    assert set(found.group[80:140]) == {1}
    assert (found.group[140:] == -1).mean() > 0.8
    assert found.centres.argmax(axis=1).tolist() == [9, 12]


def test_a_single_new_matter_is_one_group():
    rng = np.random.default_rng(4)
    odd = rng.normal(0, 1, (20, WIDTH))
    found = new_topics(
        np.concatenate([about(rng, 9, 80), odd / np.linalg.norm(odd, axis=1, keepdims=True)])
    )
    assert len(found.posts) == 1
    assert (found.group[:80] == 0).mean() > 0.9


def test_posts_that_have_nothing_in_common_are_no_new_topic():
    odd = np.random.default_rng(6).normal(0, 1, (200, WIDTH))
    assert (
        new_topics(odd / np.linalg.norm(odd, axis=1, keepdims=True), min_people=20).group == -1
    ).all()


def test_what_few_people_raise_again_and_again_is_no_new_topic():
    vectors = about(np.random.default_rng(5), 9, 80)
    found = new_topics(vectors, people=[f"p{n % 20}" for n in range(80)])
    assert len(found.posts) == 0
    assert (found.group == -1).all()
    assert found.centres.shape == (0, WIDTH)


def test_fewer_posts_than_the_smallest_group_are_no_group():
    assert new_topics(np.eye(WIDTH)).group.tolist() == [-1] * WIDTH
    assert new_topics(np.zeros((0, WIDTH))).posts.tolist() == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_decides_nothing(seed):
    rng = np.random.default_rng(seed)
    vectors, order = np.concatenate([earlier(rng, 20), about(rng, 7, 30)]), rng.permutation(110)
    one, other = new_topics(vectors, min_people=10), new_topics(vectors[order], min_people=10)
    assert one.group[order].tolist() == other.group.tolist()
    np.testing.assert_allclose(one.centres, other.centres, atol=1e-9)
    known = rng.permutation(vectors)
    assert (
        novel_posts(vectors, known)["p"].iloc[order].tolist()
        == novel_posts(vectors[order], vectors)["p"].tolist()
    )
