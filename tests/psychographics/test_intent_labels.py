"""Labels of our own posts, by whom, and what a head is judged on."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from coterie.psychographics.reading.cards import Card, read_card
from coterie.statistics import calibration_error, probabilities
from coterie.training.cards import model_card
from coterie.training.corpora import Corpus, fingerprint, half_of
from coterie.training.evaluation import calibration_noise, evaluate_with_intervals
from coterie.training.fitting import part_of
from coterie.training.intents import held_out, joined, part_of_own, weak_labels
from coterie.training.losses import loss_on
from coterie.training.readers import INTENTS, agreement, read_labels

CARD = Card(["no", "yes"], False, "", 0, 0, temperature=1.0, tilt=[0.0, 0.0], floor=0.0)


def test_every_dispute_was_decided_and_the_label_is_what_most_readers_said():
    labels = read_labels()
    twice = labels.dropna(subset=["again"])
    disputed = twice["intent"] != twice["again"]
    assert (twice["third"].notna() == disputed).all()
    votes = twice[["intent", "again", "third"]].eq(twice["consensus"], axis=0).sum(axis=1)
    three_differ = twice[["intent", "again", "third"]].nunique(axis=1) == 3
    assert (votes[~three_differ] >= 2).all()
    assert (twice["consensus"] == twice["third"])[three_differ].all()
    assert set(labels["consensus"]) == set(INTENTS)


def test_agreement_is_over_every_post_that_two_have_read():
    found = agreement()
    assert found.n == read_labels()["again"].notna().sum() > 3000
    assert found.kappa.low < found.kappa.value < found.kappa.high


@pytest.fixture
def public_sets(tmp_path):
    """Three sets of one or two texts each, in the files that the project reads."""
    (tmp_path / "clinc150").mkdir()
    requests = {"train": [["thank you", "thank_you"]], "oos_train": [["sing to me", "oos"]]}
    (tmp_path / "clinc150/train_val_oos.json").write_text(json.dumps(requests))
    (tmp_path / "banking77").mkdir()
    (tmp_path / "banking77/train.csv").write_text("text,category\nclose it,terminate_account\n")
    (tmp_path / "goemotions").mkdir()
    (tmp_path / "goemotions/labels.txt").write_text("anger\nneutral\n")
    (tmp_path / "goemotions/train.tsv").write_text("I hate it\t0\tx\nIt is Monday\t1\ty\n")
    return tmp_path


def test_a_comment_that_is_judged_on_is_not_among_the_weak_labels(public_sets):
    everything = weak_labels(public_sets, but=set())
    assert sorted(everything.texts) == sorted(
        ["thank you", "sing to me", "close it", "I hate it", "It is Monday"]
    )
    assert everything.truth[everything.texts.index("I hate it")] == INTENTS.index("complaint")
    without = weak_labels(public_sets, but={fingerprint("i HATE it!")})
    assert set(everything.texts) - set(without.texts) == {"I hate it"}


def test_half_of_the_new_authors_posts_and_every_shifted_one_stay_out_of_the_judgement():
    parts = ["training", "validation", *["authors"] * 4, "shifted", "elsewhere"]
    ours = pd.DataFrame({"part": parts, "text": list("abcdefgh"), "consensus": "other"})
    assert held_out(ours)["text"].tolist() == ["b", "d", "f", "h"]


def test_a_head_learns_and_is_judged_by_the_majority():
    said = {"intent": ["praise"], "again": ["question"], "third": ["question"]}
    ours = pd.DataFrame({"part": ["training"], "text": ["a"], "consensus": ["question"]} | said)
    corpus = part_of_own(ours, "training")
    assert corpus.truth.tolist() == [INTENTS.index("question")]
    share = dict(zip(INTENTS, corpus.votes[0].tolist(), strict=True))
    assert share["question"] == pytest.approx(2 * share["praise"]) == pytest.approx(2 / 3)


def test_a_post_whose_readers_differ_teaches_both_labels_and_a_rare_label_counts_for_more():
    scores = torch.tensor([[2.0, 0.0], [2.0, 0.0]])
    votes = np.array([[1.0, 0.0], [0.5, 0.5]], dtype=np.float32)
    corpus = Corpus(["a", "b"], np.array([0, 0]), ["often", "rarely"])
    rows, alike = np.array([0, 1]), torch.ones(2)
    said = loss_on(scores, corpus, rows, alike)
    split = loss_on(scores, corpus._replace(votes=votes), rows, alike)
    assert split - said == pytest.approx(0.5)  # a quarter of the votes is two points off
    rare = corpus._replace(truth=np.array([0, 1]))
    even, more = (loss_on(scores, rare, rows, torch.tensor(w)) for w in ([1.0, 1.0], [0.5, 1.0]))
    assert more > even > said


def test_votes_stay_with_their_posts_when_a_corpus_is_split():
    votes = np.eye(4, dtype=np.float32)
    corpus = Corpus(list("abcd"), np.arange(4), list("wxyz"), votes)
    assert half_of(corpus, 1).votes.argmax(axis=1).tolist() == [1, 3]
    assert part_of(corpus, np.array([True, False, False, True])).votes.argmax(axis=1).tolist() == [
        0,
        3,
    ]
    assert joined([corpus, corpus]).votes.argmax(axis=1).tolist() == [0, 1, 2, 3] * 2


def test_a_calibrated_head_errs_no_more_than_chance_and_an_overconfident_one_more():
    rng = np.random.default_rng(0)
    scores = np.column_stack([np.zeros(800), rng.normal(0, 2, 800)])
    likely = probabilities(scores)[:, 1]
    truth = (rng.random(800) < likely).astype(int)
    noise = calibration_noise(scores, CARD, draws=200)
    found = evaluate_with_intervals(scores, CARD, truth, resamples=100)
    assert noise.low < found["ece"].value < noise.high
    bold = evaluate_with_intervals(4 * scores, CARD, truth, resamples=100)
    assert bold["ece"].low > calibration_noise(4 * scores, CARD, draws=200).high
    right = scores.argmax(axis=1) == truth
    confidence = probabilities(4 * scores).max(axis=1)
    assert bold["ece"].value == pytest.approx(calibration_error(confidence, right))


def test_the_card_counts_the_labels_itself():
    card = model_card("intent", read_card("intent"))
    assert f"Two read each of {agreement().n:,}" in card
    assert "{" not in card
