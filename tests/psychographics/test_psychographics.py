"""Obvious sentences are read rightly, whatever stands beside them; labels and traits are what counting gives."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.psychographics import (
    Prototypes,
    classify,
    label_posts,
    load_encoder,
    majority_share,
    make_prototypes,
    mood_by,
    person_traits,
    prototype_sentences,
    score_labels,
)
from coterie.statistics import mean_interval, share_interval
from coterie.study import SettingsError

OBVIOUS = [
    ("I absolutely love it, best purchase of my life", "positive"),
    ("Fantastic service, thank you so much!", "positive"),
    ("wow this is wonderful, I am so happy", "positive"),
    ("Terrible, it broke after one day and I want my money back", "negative"),
    ("I am furious, nobody answers and nothing works", "negative"),
    ("the worst company I have ever dealt with", "negative"),
]
TOPICS = [
    ("Just finished leg day at the gym, new squat record", "fitness"),
    ("Baked sourdough and cooked pasta for dinner", "food"),
    ("Booked a flight and a hotel near the beach", "travel"),
    ("Finally beat the last boss on my console", "gaming"),
    ("My blood sugar is up again, seeing the doctor about my medication", "health"),
]
ODD = [
    "",
    " ",
    "😡😡😡",
    "a" * 10_000,
    "word " * 2_000,
    "مرحبا بالعالم",
    "שלום עולם",
    "\u200b\u200d\u2060",
    "\n\t",
    "\x00",
    "🏳️‍🌈",
]
LETTERS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def model():
    return load_encoder()


@pytest.fixture(scope="module")
def heads(model):
    sentences = prototype_sentences()
    return {head: make_prototypes(sentences[head], encode=model.encode) for head in ("sentiment", "interests")}


def test_obvious_sentences_get_the_right_sentiment(model, heads):
    labels, weights = classify(model.encode([text for text, _ in OBVIOUS]), heads["sentiment"])
    assert labels.tolist() == [label for _, label in OBVIOUS]
    assert (weights > 1 / 3).all()


def test_obvious_sentences_get_the_right_interest(model, heads):
    labels, _ = classify(model.encode([text for text, _ in TOPICS]), heads["interests"], floor=0.2)
    assert labels.tolist() == [label for _, label in TOPICS]


def test_words_about_nothing_are_about_nothing(model, heads):
    labels, _ = classify(model.encode(["ok", "the of and", "..."]), heads["interests"], floor=0.35)
    assert labels.tolist() == ["other"] * 3


def test_a_text_has_the_same_vector_wherever_it_stands(model):
    texts = [*(text for text, _ in OBVIOUS), *ODD]
    together = model.encode(texts)
    np.testing.assert_allclose(model.encode(texts, batch_size=1), together, atol=1e-5)
    order = np.random.default_rng(0).permutation(len(texts))
    np.testing.assert_allclose(model.encode([texts[i] for i in order], batch_size=3), together[order], atol=1e-5)


def test_equal_texts_have_equal_vectors_and_are_read_once(model, monkeypatch):
    seen = []
    monkeypatch.setattr(
        type(model), "embed", lambda _, batch, max_tokens: seen.extend(batch) or np.ones((len(batch), 384))
    )
    assert model.encode(["a", "b", "a", "a"]).shape == (4, 384)
    assert sorted(seen) == ["a", "b"]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:8]))
def test_no_text_is_too_odd_to_be_read(model, heads, text):
    vectors = model.encode([text, "a plain sentence"])
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    labels, weights = classify(vectors, heads["sentiment"])
    assert set(labels) <= set(heads["sentiment"].labels)
    assert np.isfinite(weights).all()


def test_no_texts_are_no_vectors(model):
    assert model.encode([]).shape == (0, 384)


def test_one_very_long_text_among_many_costs_no_memory_for_each_of_them(model, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(
        type(model), "embed", lambda _, batch, max_tokens: np.zeros((len(batch), 384), dtype=np.float32)
    )
    texts = [str(number % 50) for number in range(5_000)] + ["x" * 20_000]
    tracemalloc.start()
    model.encode(texts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6  # a fixed-width array of these texts takes 400 MB


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"04_psychographics\.encoder: no model in"):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize("wrong", ["a sentence, not a list", [], None])
def test_interests_without_sentences_are_named(wrong):
    with pytest.raises(SettingsError, match=r"04_psychographics\.interests: refunds must each list"):
        prototype_sentences({"delivery": ["it is late"], "refunds": wrong})


def test_own_interests_replace_ours_and_leave_sentiment_alone():
    assert list(prototype_sentences({"refunds": ["money back"]})["interests"]) == ["refunds"]
    assert prototype_sentences({"refunds": ["money back"]})["sentiment"] == prototype_sentences()["sentiment"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000))
def test_weights_are_shares_and_the_nearest_label_wins(seed):
    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal((n, 8)) for n in (1, 2, 5, 20)]
    *sentences, vectors = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in drawn)
    prototypes = Prototypes(["a", "b", "c"], sentences)
    labels, weights = classify(vectors, prototypes)
    near = [[np.mean(sorted(own @ vector)[-2:]) for own in prototypes.vectors] for vector in vectors]
    assert labels.tolist() == [prototypes.labels[i] for i in np.argmax(near, axis=1)]
    assert ((weights >= 1 / 3) & (weights <= 1 + 1e-9)).all()
    assert (classify(vectors, prototypes, floor=2.0)[0] == "other").all()


def test_post_labels_fit_their_contract(model, heads):
    posts = pd.DataFrame({"post_id": ["1", "2"], "person_id": ["ana", "bo"]})
    guesses = label_posts(
        posts, model.encode(["lovely yoga", ""]), sentiment=heads["sentiment"], interests=heads["interests"]
    )
    contracts.PostLabels.schema.validate(
        ibis.memtable(guesses).select(*contracts.PostLabels.types).cast(contracts.PostLabels.types)
    )


@settings(max_examples=8, deadline=None)
@given(LETTERS, LETTERS)
def test_traits_are_shrunken_shares_that_counting_by_hand_gives(people, topics):
    n = min(len(people), len(topics))
    posts = pd.DataFrame({"person_id": people[:n], "inferred_interest": topics[:n], "inferred_sentiment": "positive"})
    posts["inferred_interest"] = posts["inferred_interest"].replace("d", "other")
    traits = person_traits(ibis.memtable(posts.assign(post_id=range(n)))).to_pandas()
    assert not traits.duplicated(["person_id", "trait"]).any()
    overall = posts["inferred_interest"].value_counts(normalize=True).drop("other", errors="ignore")
    for row in traits[traits["trait"] != "inferred_sentiment"].itertuples():
        own, topic = posts[posts["person_id"] == row.person_id], row.trait.removeprefix("inferred_interest_")
        expected = ((own["inferred_interest"] == topic).sum() + 2 * overall[topic]) / (len(own) + 2)
        assert row.value == pytest.approx(expected)
        assert row.evidence_count == len(own)
    assert len(traits) == posts["person_id"].nunique() * (len(overall) + 1)


def test_accuracy_is_the_share_read_rightly_and_unknown_without_labels():
    read = ibis.memtable({"post_id": list("abc"), "inferred_sentiment": ["positive", "positive", "negative"]})
    truth = {
        "subject": "post",
        "subject_id": ["a", "b", "z"],
        "name": "sentiment",
        "label": ["positive", "neutral", "neutral"],
    }
    labels = ibis.memtable(pd.DataFrame(truth))
    assert score_labels(read, labels, name="sentiment") == share_interval(1, 2)
    assert score_labels(read, labels.filter(ibis._.subject == "person"), name="sentiment") is None
    assert majority_share(labels, name="sentiment") == pytest.approx(2 / 3)


def test_groups_that_are_too_small_have_no_mood():
    group, valence = pd.Series(["a"] * 3 + ["b"] * 2), pd.Series([1.0, 0.0, -1.0, 1.0, 1.0])
    assert mood_by(group, valence, smallest=3).values.tolist() == [["a", 3, *mean_interval([1.0, 0.0, -1.0])]]
    assert mood_by(group, valence, smallest=9).empty
