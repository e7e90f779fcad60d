"""Heads that share an adapter, and which label is chosen."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from coterie.psychographics.reading.calibration import fit_shift, macro_f1
from coterie.psychographics.reading.cards import Card
from coterie.psychographics.reading.encoder import Encoder, load_encoder
from coterie.psychographics.reading.heads import Head, load_head, read
from coterie.psychographics.reading.reader import load_reader, read_texts
from coterie.study import SettingsError
from coterie.training import predict, train_head, train_shared_and_store
from coterie.training.corpora import Corpus, TrainingSets
from coterie.training.distillation import Lesson, beginning, distil, divergence, plan_steps
from coterie.training.evaluation import evaluate
from coterie.training.fitting import save_head
from coterie.training.lessons import lessons
from coterie.training.sharing import save_shared

TEXTS = [f"{text} {i}" for i in range(8) for text in ("I want a refund", "nice weather")]
UNLABELLED = [f"{text} {i}" for i in range(20, 36) for text in ("a refund please", "sunny today")]
HEADS = {"refund": ["yes", "no"], "rain": ["far", "near"]}


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision="float32")


@pytest.fixture(scope="module")
def teachers(encoder, tmp_path_factory):
    """Two heads with an adapter each, trained on sixteen sentences: their folders, their sets."""
    folder = tmp_path_factory.mktemp("teachers")
    sets = {}
    for seed, (name, labels) in enumerate(HEADS.items()):
        corpus = Corpus(TEXTS, (np.arange(16) + seed) % 2, labels)
        sets[name] = TrainingSets([corpus], [8], corpus, step=5e-3)
        adapted, card = train_head(sets[name], encoder, seed=seed, shared=5, rank=4, batch=8)
        card = card._replace(evaluation=evaluate(predict(adapted, TEXTS), card, corpus.truth))
        save_head(adapted, card, folder / name)
    return {name: folder / name for name in HEADS}, sets


@pytest.fixture(scope="module")
def taught(teachers, encoder):
    """One adapter that learned from both, on sentences that nobody labelled."""
    folders, _ = teachers
    read_alone = lessons({"all": UNLABELLED}, folders, progress=lambda items, what: items)
    few = [lesson._replace(at_least=64) for lesson in read_alone]
    return distil(few, folders, encoder, shared=5, rank=8, passes=6, step=2e-3)


@pytest.fixture(scope="module")
def together(taught, teachers, tmp_path_factory):
    """The model, and the folder it was saved in."""
    folders, sets = teachers
    folder = tmp_path_factory.mktemp("adapters")
    save_shared(taught, sets, folders, folder)
    return taught, folder


def test_a_shared_adapter_gives_the_scores_of_the_heads_that_taught_it(taught, teachers, encoder):
    folders, _ = teachers
    heads = [load_head(name, encoder, folder=folder) for name, folder in folders.items()]
    meant = read(UNLABELLED, encoder, heads).scores
    found = taught.scores(UNLABELLED)
    for name in HEADS:
        assert (found[name].argmax(axis=1) == meant[name].argmax(axis=1)).all()
        assert apart(found[name], meant[name]) < 0.05


def test_what_is_taught_is_learned_whatever_training_begins_with(teachers, encoder):
    folders, _ = teachers
    [lesson] = lessons({"all": UNLABELLED}, folders, progress=lambda items, what: items)
    other = lesson.scores | {"rain": -lesson.scores["rain"]}
    turned = np.roll(lesson.vectors, 1, axis=1)
    lesson = lesson._replace(scores=other, vectors=turned, at_least=64)
    before = beginning(folders, encoder, shared=5, rank=8).scores(UNLABELLED)
    model = distil([lesson], folders, encoder, shared=5, rank=8, passes=8, step=5e-3)
    after = model.scores(UNLABELLED)
    assert apart(after["rain"], other["rain"]) < apart(before["rain"], other["rain"]) / 5
    assert apart(after["refund"], other["refund"]) < 0.05
    with torch.inference_mode():
        vectors = model.projection(model.pooled(encoder.pieces(UNLABELLED)))
        assert torch.cosine_similarity(vectors, torch.tensor(turned)).min() > 0.9


def apart(scores: np.ndarray, taught: np.ndarray) -> float:
    """Measure by how much scores say something else."""
    return float(divergence(torch.tensor(scores), torch.tensor(taught), several=False))


def test_a_shared_adapter_gives_the_vectors_of_the_encoder(together, encoder):
    _, folder = together
    head = load_head("refund", encoder, folder=folder / "refund")
    found, meant = read(UNLABELLED, encoder, [head]).vectors, encoder.encode(UNLABELLED)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(found)), abs=1e-5)
    assert alike(found, meant) > 0.95


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Average the cosine of vectors with each other."""
    return float((one * other).sum(axis=1).mean())


def test_training_begins_with_what_every_teacher_learned(teachers, encoder):
    folders, _ = teachers
    model = beginning(folders, encoder, shared=5, rank=8).model.state_dict()
    own = [load_file(folder / "adapter_model.safetensors") for folder in folders.values()]
    [name] = [key for key in own[0] if key.endswith("layer.5.intermediate.dense.lora_B.weight")]
    together = model[name.replace("lora_B.", "lora_B.default.")]
    assert torch.allclose(together, torch.cat([part[name].float() / 2 for part in own], dim=1))


def test_a_head_that_loses_by_sharing_keeps_its_own_adapter(taught, teachers, tmp_path):
    folders, sets = teachers
    wrong = sets["rain"]._replace(
        validation=sets["rain"].validation._replace(truth=np.array([0, 1] * 8))
    )
    cards = save_shared(taught, sets | {"rain": wrong}, folders, tmp_path)
    assert (cards["refund"].adapter, cards["rain"].adapter) == ("shared", "")
    assert (tmp_path / "rain/adapter_model.safetensors").exists()
    assert not (tmp_path / "refund/adapter_model.safetensors").exists()
    assert "its teacher's" in (tmp_path / "refund/README.md").read_text()


def test_without_teachers_nothing_is_trained(tmp_path):
    with pytest.raises(SettingsError, match="sentiment holds no adapter; --start names"):
        train_shared_and_store(tmp_path, to=tmp_path, start=tmp_path, progress=list)


def test_a_short_source_is_seen_several_times_a_pass_and_a_long_one_in_parts():
    short = Lesson(["a"] * 3, {}, np.zeros((3, 2)), {}, at_least=8, at_most=10)
    long = Lesson(["b"] * 100, {}, np.zeros((100, 2)), {}, at_least=8, at_most=10)
    pieces = [[[1]] * 3, [[1]] * 100]
    steps = plan_steps(pieces, [short, long], 1, np.random.default_rng(0))
    seen = {number: rows for step in steps for number, rows in step}
    assert np.bincount(seen[0]).tolist() == [3, 3, 3]
    assert len(set(seen[1])) == 10


def test_heads_trained_together_are_saved_once_and_read_as_they_were_trained(together, encoder):
    model, folder = together
    loaded = {}
    heads = [
        load_head(name, encoder, folder=folder / name, loaded=loaded) for name in ("refund", "rain")
    ]
    scores = read(TEXTS, encoder, heads).scores
    assert list(loaded) == [str(folder / "shared")]
    for name in ("refund", "rain"):
        assert np.abs(scores[name] - model.scores(TEXTS)[name]).max() < 0.02
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


def test_where_an_adapter_gives_vectors_the_encoder_gives_none(together, encoder, monkeypatch):
    _, folder = together
    head = load_head("refund", encoder, folder=folder / "refund")
    monkeypatch.setattr(Encoder, "vectors", None)
    assert read(TEXTS[:4], encoder, [head]).vectors.shape == (4, encoder.width)
    with pytest.raises(TypeError):
        read(TEXTS[:4], encoder)


def test_example_sentences_are_embedded_as_posts_are():
    for names in (["sentiment", "intent"], []):
        reader = load_reader(names, precision="float32")
        read_as_posts = read_texts(TEXTS, reader).vectors
        assert np.abs(reader.encode(TEXTS) - read_as_posts).max() < 1e-3  # rows have 16 bits


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
