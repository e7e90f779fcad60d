"""A few labelled posts teach topics better than counting words does, on posts held back."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from coterie.psychographics.reading.cards import HEADS
from coterie.psychographics.reading.reader import load_reader
from coterie.psychographics.topics.few_shot import fit_topics, micro_f1, top_one
from coterie.psychographics.topics.interests import packaged_taxonomy


def planted(n=150, seed=0, noise=0.4):
    """Draw posts about none, one or both of two topics, told by two directions."""
    rng = np.random.default_rng(seed)
    known = rng.random((n, 2)) < 0.4
    vectors = known @ np.eye(2, 8) + noise * rng.normal(size=(n, 8))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), pd.DataFrame(
        known, columns=["a", "b"]
    )


def test_planted_topics_are_read_and_several_at_once():
    head = fit_topics(*planted())
    assert head.micro_f1.low > 0.75
    fresh, truth = planted(seed=1)
    chosen = head.read(fresh) >= head.threshold
    assert micro_f1(truth.to_numpy(), chosen).value == pytest.approx(head.micro_f1.value, abs=0.1)
    assert chosen.sum(axis=1).max() == 2


def test_labels_that_mean_nothing_are_not_learned():
    vectors, truth = planted()
    rng = np.random.default_rng(0)
    mixed = pd.DataFrame({column: rng.permutation(truth[column]) for column in truth})
    share = mixed.to_numpy().mean()
    everything = 2 * share / (1 + share)  # the F1 of naming every topic for every post
    assert fit_topics(vectors, mixed).micro_f1.value < everything + 0.05


def test_a_topic_with_too_few_posts_is_never_read_and_counts_as_missed():
    vectors, truth = planted()
    truth["rare"] = np.arange(len(truth)) < 3
    head = fit_topics(vectors, truth)
    assert head.probabilities[:, 2].max() == 0
    assert head.read(vectors)[:, 2].max() == 0
    assert head.micro_f1.value < fit_topics(vectors, truth[["a", "b"]]).micro_f1.value


def test_a_rerun_gives_the_same_head():
    one, other = (fit_topics(*planted()) for _ in range(2))
    np.testing.assert_array_equal(one.coefficients, other.coefficients)
    assert one[3] == other[3]
    assert one[5:] == other[5:]


def test_micro_f1_is_scikit_learns_and_its_interval_covers():
    rng = np.random.default_rng(0)
    # marks and choices are independent, 40 % and 50 % of all pairs
    hits, truth = (0, 2 * 0.4 * 0.5 / 0.9)
    for _ in range(200):
        known, chosen = rng.random((80, 4)) < 0.4, rng.random((80, 4)) < 0.5
        found = micro_f1(known, chosen)
        assert found.value == pytest.approx(f1_score(known, chosen, average="micro"))
        hits += found.low <= truth <= found.high
    assert 0.9 <= hits / 200 <= 0.99


@pytest.mark.real
def test_a_few_labelled_tweets_beat_counting_words_and_the_majority(real_data):
    files = [real_data("tweet_topic") / f"en_{part}.jsonl" for part in ("train", "validation")]
    rows = [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]
    texts, topics = [row["text"] for row in rows], list(packaged_taxonomy("tweet_topics"))
    truth = pd.DataFrame(
        [[topic in row["topics"] for topic in topics] for row in rows], columns=topics
    )
    words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(texts).toarray()
    ours, counted = fit_topics(load_reader(HEADS).encode(texts), truth), fit_topics(words, truth)
    majority = top_one(truth.to_numpy(), np.tile(truth.mean(), (len(truth), 1)))
    assert ours.top_one.low > majority.value
    assert ours.top_one.value > counted.top_one.value + 0.05
    assert ours.micro_f1.value > counted.micro_f1.value + 0.05
    assert ours.top_one.value >= 0.62
    assert ours.micro_f1.value >= 0.48
