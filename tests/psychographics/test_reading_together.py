"""Heads that share an adapter, and which label is chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.reading.calibration import fit_shift, macro_f1
from coterie.psychographics.reading.cards import Card
from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import Head, load_head, read
from coterie.training.corpora import Corpus, TrainingSets
from coterie.training.multitask import Task, calibrated, save_shared, train_shared

TEXTS = [f"{text} {i}" for i in range(8) for text in ("I want a refund", "nice weather")]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision="float32")


@pytest.fixture(scope="module")
def together(encoder, tmp_path_factory):
    """Two heads trained together on sixteen sentences: a model, and the folder it was saved in."""
    corpora = {
        name: Corpus(TEXTS, np.array([0, 1] * 8), labels)
        for name, labels in (("refund", ["yes", "no"]), ("rain", ["far", "near"]))
    }
    tasks = [Task(name, corpus, 3) for name, corpus in corpora.items()]
    model = train_shared(tasks, encoder, shared=5, rank=4)
    sets = {name: TrainingSets([corpus], [1], corpus) for name, corpus in corpora.items()}
    folder = tmp_path_factory.mktemp("adapters")
    save_shared(model, calibrated(model, sets, rank=4), folder)
    return model, folder


def test_heads_trained_together_are_saved_once_and_read_as_they_were_trained(together, encoder):
    model, folder = together
    loaded = {}
    heads = [
        load_head(name, encoder, folder=folder / name, loaded=loaded) for name in ("refund", "rain")
    ]
    scores = read(TEXTS, encoder, heads).scores
    assert list(loaded) == [str(folder / "shared")]
    for name in ("refund", "rain"):
        assert np.abs(scores[name] - model.scores(name, TEXTS)).max() < 0.02
    assert (scores["refund"].argmax(axis=1) == np.array([0, 1] * 8)).all()


def test_a_post_goes_through_a_shared_adapter_once(together, encoder, monkeypatch):
    _, folder = together
    loaded = {}
    heads = [
        load_head(name, encoder, folder=folder / name, loaded=loaded) for name in ("refund", "rain")
    ]
    read_on = []
    summary = Head.summary
    monkeypatch.setattr(
        Head, "summary", lambda self, *given: read_on.append(self.name) or summary(self, *given)
    )
    read(TEXTS[:4], encoder, heads)
    assert read_on == ["refund"]


def sample(shift: float, n: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores of three labels, the last of them rare and `shift` too low."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=[0.5, 0.4, 0.1])
    scores = rng.normal(size=(n, 3)) + 2.0 * np.eye(3)[truth]
    scores[:, 2] -= shift
    return scores, truth


def test_a_rare_label_that_is_overlooked_everywhere_is_given_its_due():
    sources = [sample(2.0, seed=seed) for seed in (0, 1)]
    shift = np.array(fit_shift(sources))
    assert shift[2] > shift[0]
    for scores, truth in sources:
        assert macro_f1((scores + shift).argmax(axis=1), truth) > macro_f1(
            scores.argmax(axis=1), truth
        )


def test_a_shift_that_only_one_source_asks_for_is_refused():
    assert fit_shift([sample(2.0), sample(-2.0)]) == [0.0] * 3


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 2), st.integers(50, 300)), min_size=1, max_size=3))
def test_no_source_loses_by_the_shift_that_is_chosen(drawn):
    sources = [sample(shift, n, seed) for seed, (shift, n) in enumerate(drawn)]
    shift = np.array(fit_shift(sources))
    for scores, truth in sources:
        before = macro_f1(scores.argmax(axis=1), truth)
        assert macro_f1((scores + shift).argmax(axis=1), truth) >= before - 1e-9


def test_a_card_says_what_another_source_costs():
    from coterie.training.cards import model_card

    card = Card(["a", "b"], False, "x", 2, 4, 1.0, [0.0, 0.0], 0.0, {"macro_f1": 0.8})
    assert "On another source" not in model_card("mine", card)
    text = model_card("mine", card._replace(elsewhere={"macro_f1": 0.7}))
    assert "| macro F1 | 0.700 | -0.100 |" in text
