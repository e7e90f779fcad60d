"""From heads with an adapter each to heads that share one: taught, evaluated, written.

A head that would lose more than a hundredth on its validation set keeps its own adapter.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from coterie.psychographics.reading.cards import HEADS, SHARED, Card, read_card
from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import PROJECTION
from coterie.study import SettingsError
from coterie.training.cards import write_model_card
from coterie.training.corpora import TrainingSets
from coterie.training.distillation import SharedModel, distil
from coterie.training.evaluation import evaluate
from coterie.training.fitting import save_adapter, save_weights, write_card
from coterie.training.lessons import lesson_texts, lessons
from coterie.training.sets import read_training_sets

LOSS = 0.01  # of the measure a head is chosen by; one that loses more keeps its own adapter
MEASURES = {"sentiment": "macro_recall"}  # the others': macro F1


def train_shared_and_store(
    data: str | Path, *, to: str | Path, start: str | Path, seed: int = 0, progress: Callable
) -> tuple[dict[str, Card], Path]:
    """Teach one adapter what the heads in the folder `start` know, and write all heads into `to`.

    Returns their cards, and the folder. A card whose `adapter` is empty is that of a head which
    keeps its own.

    Raises
    ------
    SettingsError
        When a head in `start` is missing, or has no adapter of its own.
    """
    teachers = {head: Path(start) / head for head in HEADS}
    for head, teacher in teachers.items():
        if not (teacher / "adapter_model.safetensors").exists():
            raise SettingsError(
                f"coterie train shared: {teacher} holds no adapter; --start names the folder into "
                f"which `coterie train {head}` and those of {', '.join(HEADS)} wrote."
            )
    sets = {head: read_training_sets(head, data) for head in HEADS}
    texts = lesson_texts(data, sets, seed=seed)
    taught = lessons(texts, teachers, progress=progress)
    encoder = load_encoder(precision="float32")
    model = distil(taught, teachers, encoder, seed=seed, progress=progress)
    return save_shared(model, sets, teachers, to), Path(to)


def save_shared(
    model: SharedModel, sets: dict[str, TrainingSets], teachers: dict[str, Path], folder: str | Path
) -> dict[str, Card]:
    """Write the adapter once, and every head beside it: with the adapter, or as it was."""
    folder = Path(folder)
    save_adapter(model.encoder, model.model, folder / SHARED)
    save_weights(model.projection.state_dict(), folder / SHARED / PROJECTION)
    cards = {}
    for head, found in sets.items():
        before = read_card(head, teachers[head])
        card = evaluated(model, head, found, before)
        if loses(head, card, before):
            shutil.copytree(teachers[head], folder / head, dirs_exist_ok=True)
            card = before
        else:
            (folder / head).mkdir(parents=True, exist_ok=True)
            save_weights(model.outs[head].state_dict(), folder / head / "head.safetensors")
            write_card(card, folder / head)
            write_model_card(head, folder / head)
        cards[head] = card
    return cards


def evaluated(model: SharedModel, head: str, sets: TrainingSets, before: Card) -> Card:
    """Evaluate a head that shares the adapter.

    It gives its teacher's scores, so the teacher's temperature and shift are its own.
    """
    card = before._replace(
        shared=model.shared,
        rank=model.rank,
        adapter=SHARED,
        evaluation={},
        elsewhere={},
        teacher=before.evaluation,
    )
    for part, corpora in (("evaluation", [sets.validation]), ("elsewhere", sets.elsewhere)):
        for corpus in corpora:
            scores = evaluate(model.scores(corpus.texts)[head], card, corpus.truth)
            card = card._replace(**{part: scores})
    return card


def loses(head: str, card: Card, before: Card) -> bool:
    """Say whether a head loses too much by sharing.

    >>> before = Card(["a", "b"], False, "", 2, 4, 1.0, [0.0, 0.0], 0.0, {"macro_f1": 0.7})
    >>> loses("emotion", before._replace(evaluation={"macro_f1": 0.695}), before)
    False
    >>> loses("emotion", before._replace(evaluation={"macro_f1": 0.685}), before)
    True
    """
    measure = MEASURES.get(head, "macro_f1")
    return card.evaluation[measure] < before.evaluation[measure] - LOSS
