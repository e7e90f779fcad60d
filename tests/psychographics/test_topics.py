"""New topics that enough people write about are queued, and no text gets out.

The order of rows does not matter.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.topics.discovery import topic_queue
from coterie.wording import stem

DIRECTIONS = np.eye(6, 16)
SENTENCES = [
    "the parcels of @carrier are late https://t.co/x1",
    "battery drains on this phone",
    "parking at the stadium is expensive",
]


def name(number):
    """Write a word that one person alone uses."""
    return "secret" + "".join(chr(97 + int(digit)) for digit in str(number))


def world(sizes=(80, 60, 55), scattered=100, seed=0):
    """Write posts on three planted topics, one person a post, and posts with nothing in common."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(len(sizes)), np.array(sizes, dtype=int))
    vectors = DIRECTIONS[place] + 0.12 * rng.normal(size=(len(place), 16))
    noise = rng.normal(size=(scattered, 16)) * np.r_[np.zeros(3), np.ones(13)]
    vectors = np.vstack([vectors, noise])
    texts = [f"{SENTENCES[n]} {name(i)}" for i, n in enumerate(place)] + [
        f"{name(i)} nothing" for i in range(scattered)
    ]
    people = [f"p{i}" for i in range(len(texts))]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), texts, people


def test_planted_topics_are_found_with_their_sizes_and_words():
    queue = topic_queue(*world())
    assert queue["people"].tolist() == [80, 60, 55]
    assert [set(words.split()) for words in queue["words"]] == [
        {"parcel", "late"},
        {"battery", "drain", "phone"},
        {"parking", "stadium", "expensive"},
    ]


def test_a_topic_of_few_people_is_not_queued_however_often_they_write():
    vectors, texts, people = world(sizes=(80, 60, 49))
    assert topic_queue(vectors, texts, people)["people"].tolist() == [80, 60]
    shouting = [person if i < 140 else "one" for i, person in enumerate(people)]
    assert topic_queue(vectors, texts, shouting)["people"].tolist() == [80, 60]


def test_the_medoid_lies_in_its_topic():
    queue = topic_queue(*world())
    bounds = [(0, 80), (80, 140), (140, 195)]
    assert all(low <= row < high for row, (low, high) in zip(queue["medoid"], bounds, strict=True))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed):
    vectors, texts, people = world()
    order = np.random.default_rng(seed).permutation(len(texts))
    queue = topic_queue(vectors, texts, people)
    other = topic_queue(vectors[order], [texts[i] for i in order], [people[i] for i in order])
    assert other.drop(columns="medoid").equals(queue.drop(columns="medoid"))
    assert order[other["medoid"]].tolist() == queue["medoid"].tolist()


def test_no_rare_word_account_link_or_person_gets_out():
    shown = topic_queue(*world()).to_csv()
    assert not any(word in shown for word in ("secret", "carrier", "http", "t.co", "p1", "the "))


def test_of_very_many_posts_an_even_part_is_looked_at():
    vectors, texts, people = world(sizes=(400, 300, 100), scattered=0)
    queue = topic_queue(vectors, texts, people, at_most=400, min_people=30)
    assert queue["posts"].sum() == 400
    assert queue["posts"].tolist() == pytest.approx([200, 150, 50], abs=25)


def test_nothing_that_recurs_is_an_empty_queue():
    for posts in (world(sizes=(), scattered=120), (np.zeros((0, 16)), [], [])):
        queue = topic_queue(*posts)
        assert queue.empty
        assert list(queue) == ["topic", "people", "posts", "medoid", "words"]


@given(st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_a_stem_is_the_word_or_a_letter_or_two_less(word):
    assert len(word) - 2 <= len(stem(word)) <= len(word)
    assert stem(word)[:-1] == word[: len(stem(word)) - 1]
