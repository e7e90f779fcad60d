"""Train a head: a low-rank adapter on the encoder's upper layers, then its calibration."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from coterie.psychographics.reading.cards import Card
from coterie.psychographics.reading.encoder import Encoder, load_encoder, masked, padded
from coterie.psychographics.reading.heads import output_layers, pooled
from coterie.study import SettingsError
from coterie.training.cards import write_model_card
from coterie.training.corpora import Corpus, TrainingSets
from coterie.training.evaluation import evaluate, fit_calibration
from coterie.training.losses import label_weights, loss_on
from coterie.training.sets import read_training_sets
from coterie.training.steps import optimiser_for, shuffled

# of the last training set, kept from training to learn temperature and shift
CALIBRATION_SHARE = 0.1


@dataclasses.dataclass
class AdaptedModel:
    """An encoder whose upper layers carry an adapter that learns, with output layers above."""

    encoder: Encoder
    model: nn.Module  # the encoder with peft's adapter
    out: nn.Module
    shared: int

    def scores(self, pieces: list[list[int]]) -> torch.Tensor:
        """Score a batch."""
        return self.out(summed_up(pieces, self.encoder, self.model, shared=self.shared))

    def learning(self) -> list[nn.Parameter]:
        """List what training may change."""
        return [
            part
            for part in [*self.model.parameters(), *self.out.parameters()]
            if part.requires_grad
        ]


def summed_up(
    pieces: list[list[int]], encoder: Encoder, model: nn.Module, *, shared: int
) -> torch.Tensor:
    """Sum a batch of texts up as output layers see it; the `shared` lowest layers do not learn."""
    ids, here = padded(pieces, encoder.tokenizer.pad_token_id or 0)
    bert = model.base_model.model
    with torch.no_grad():
        state = bert.embeddings(input_ids=ids)
        for layer in bert.encoder.layer[:shared]:
            state = layer(state, masked(here))
    for layer in bert.encoder.layer[shared:]:
        state = layer(state, masked(here))
    return pooled(state, here)


def make_adapted(
    encoder: Encoder, *, shared: int, rank: int, start: str | Path = ""
) -> AdaptedModel:
    """Put an adapter on every product of the layers above `shared` (Hu et al., 2021).

    The rest stays as it is. With `start`, the folder of a trained head of the same form, it begins
    where that one ended.
    """
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - slow to import, and only training needs it
    from transformers import AutoModel  # noqa: PLC0415

    fresh = AutoModel.from_pretrained(encoder.model.config._name_or_path)
    layers = list(range(shared, fresh.config.num_hidden_layers))
    config = LoraConfig(
        r=rank,
        lora_alpha=rank,
        target_modules=["query", "key", "value", "dense"],
        layers_to_transform=layers,
        layers_pattern="layer",
    )
    model = get_peft_model(fresh, config)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # drawing it takes a third of the time and helps nothing at this rank
    if str(start):
        known = load_file(Path(start) / "adapter_model.safetensors")
        named = {
            key.replace(".weight", ".default.weight"): grown(part.float(), key, rank)
            for key, part in known.items()
        }
        if strange := model.load_state_dict(named, strict=False).unexpected_keys:
            raise SettingsError(
                f"coterie train --start: {start} has another form "
                f"({len(strange)} parts do not fit)."
            )
    return AdaptedModel(encoder, model, nn.Identity(), shared)


def grown(part: torch.Tensor, key: str, rank: int) -> torch.Tensor:
    """Give a low-rank matrix more ranks that change nothing yet: random below, zeros above.

    >>> grown(torch.ones(3, 2), "lora_B", 4).shape, grown(torch.ones(2, 3), "lora_A", 4).shape
    (torch.Size([3, 4]), torch.Size([4, 3]))
    """
    below = "lora_A" in key
    more = rank - part.shape[0 if below else 1]
    if more <= 0:
        return part
    added = torch.zeros((more, part.shape[1]) if below else (part.shape[0], more))
    if below:
        nn.init.kaiming_uniform_(added, a=5**0.5)
    return torch.cat([part, added], dim=0 if below else 1)


def train_head(
    training_sets: TrainingSets,
    encoder: Encoder,
    *,
    seed: int = 0,
    shared: int = 2,
    rank: int = 24,
    batch: int = 32,
    start: str | Path = "",
    progress: Callable[[list, str], Iterable] = lambda items, what: items,
) -> tuple[AdaptedModel, Card]:
    """Train an adapter on the sets in order, then calibrate it on texts kept from training.

    Nothing of the validation set is used; `evaluate` does that. The same seed, machine and number
    of threads give the same weights.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    adapted = make_adapted(encoder, shared=shared, rank=rank, start=start)
    *earlier, last = training_sets.training
    kept = held_for_calibration(last, rng)
    learned = part_of(last, ~kept)
    for number, corpus in enumerate([*earlier, learned]):
        adapted.out = output_layers(encoder.width, len(corpus.labels))
        plan = [
            rows
            for _ in range(training_sets.epochs[number])
            for rows in shuffled(corpus, encoder, batch, rng)
        ]
        fit_batches(
            adapted,
            corpus,
            progress(plan, f"training set {number + 1}"),
            n_steps=len(plan),
            step=training_sets.step,
            balance=training_sets.balance if corpus is learned else 0.0,
        )
    sources = [part_of(last, kept), *training_sets.shifted]
    fit = fit_calibration([(predict(adapted, some.texts), some.truth) for some in sources])
    several = last.truth.ndim > 1
    card = Card(
        last.labels, several, encoder.name, shared, rank, fit.temperature, fit.tilt, floor=0.0
    )
    return adapted, card


def held_for_calibration(corpus: Corpus, rng: np.random.Generator) -> np.ndarray:
    """Draw the texts of the last training set that temperature and shift are fitted on: a mask."""
    return rng.permutation(len(corpus.texts)) < CALIBRATION_SHARE * len(corpus.texts)


def train_and_store(
    name: str,
    data: str | Path,
    *,
    to: str | Path,
    start: str | Path = "",
    seed: int = 0,
    progress: Callable,
) -> tuple[Card, Path]:
    """Read a head's training sets, train and evaluate it, and write it with its model card.

    Returns card and folder.
    """
    training_sets = read_training_sets(name, data)
    encoder = load_encoder(precision="float32")
    adapted, card = train_head(training_sets, encoder, seed=seed, start=start, progress=progress)
    scores = predict(adapted, training_sets.validation.texts)
    card = card._replace(evaluation=evaluate(scores, card, training_sets.validation.truth))
    for other in training_sets.elsewhere:
        card = card._replace(elsewhere=evaluate(predict(adapted, other.texts), card, other.truth))
    folder = Path(to) / name
    save_head(adapted, card, folder)
    write_model_card(name, folder)
    return card, folder


def fit_batches(
    adapted: AdaptedModel,
    corpus: Corpus,
    plan: Iterable[np.ndarray],
    *,
    n_steps: int,
    step: float,
    balance: float,
) -> None:
    """Go through the batches once, in small steps that grow at first and then shrink to nothing."""
    pieces = adapted.encoder.pieces(corpus.texts)
    weights = label_weights(corpus, balance=balance)
    optimiser, pace = optimiser_for(adapted.learning(), n_steps=n_steps, step=step)
    adapted.out.train()
    for rows in plan:
        loss = loss_on(adapted.scores([pieces[row] for row in rows]), corpus, rows, weights)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(adapted.learning(), 1.0)
        optimiser.step()
        pace.step()


def predict(adapted: AdaptedModel, texts: list[str], *, batch: int = 64) -> np.ndarray:
    """Score texts with a head that was just trained."""
    pieces = adapted.encoder.pieces(texts)
    order = np.argsort([len(piece) for piece in pieces], kind="stable")
    scores = np.zeros((len(texts), adapted.out[-1].out_features), dtype=np.float32)
    adapted.out.eval()
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            scores[rows] = adapted.scores([pieces[row] for row in rows]).numpy()
    return scores


def part_of(corpus: Corpus, rows: np.ndarray) -> Corpus:
    """Take some texts of a corpus."""
    return Corpus(
        [text for text, take in zip(corpus.texts, rows, strict=True) if take],
        corpus.truth[rows],
        corpus.labels,
        corpus.votes[rows] if corpus.votes.size else corpus.votes,
    )


def save_head(adapted: AdaptedModel, card: Card, folder: str | Path) -> list[Path]:
    """Write a head's weights in 16 bits and its card into a folder; `load_head` reads them."""
    folder = Path(folder)
    save_adapter(adapted.encoder, adapted.model, folder)
    save_weights(adapted.out.state_dict(), folder / "head.safetensors")
    write_card(card, folder)
    return sorted(folder.iterdir())


def save_weights(weights: dict[str, torch.Tensor], file: Path) -> None:
    """Write weights in 16 bits."""
    save_file({key: value.half().contiguous() for key, value in weights.items()}, file)


def save_adapter(encoder: Encoder, model: nn.Module, folder: Path) -> None:
    """Write an adapter and its settings into a folder, as peft does."""
    folder.mkdir(parents=True, exist_ok=True)
    state = model.state_dict().items()
    lora = {key.replace(".default", ""): part for key, part in state if "lora_" in key}
    save_weights(lora, folder / "adapter_model.safetensors")
    settings = model.peft_config["default"].to_dict() | {"base_model_name_or_path": encoder.name}
    plain = {
        key: sorted(value) if isinstance(value, set) else value for key, value in settings.items()
    }
    (folder / "adapter_config.json").write_text(
        json.dumps(plain, indent=1, sort_keys=True, default=str) + "\n"
    )


def write_card(card: Card, folder: Path) -> None:
    """Write what is known of a head, its scores with four digits."""
    parts = {
        part: {key: round(value, 4) for key, value in getattr(card, part).items()}
        for part in ("evaluation", "elsewhere", "teacher")
    }
    written = json.dumps(card._replace(**parts)._asdict(), indent=1)
    (folder / "head.json").write_text(written + "\n", encoding="utf-8")
