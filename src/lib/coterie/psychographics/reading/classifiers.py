"""Heads that bring a whole network of their own: any text classifier of Hugging Face's form."""

import re
from typing import NamedTuple

import numpy as np
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from coterie.psychographics.reading.cards import Card
from coterie.psychographics.reading.encoder import MAX_TOKENS, in_batches
from coterie.study import SettingsError


class Classifier(NamedTuple):
    """A text classifier that shares nothing with the encoder, and so takes its own time."""

    name: str
    card: Card
    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel

    def score(self, texts: list[str]) -> np.ndarray:
        """Score every label of texts, shape (n texts, n labels)."""
        scores = np.zeros((len(texts), len(self.card.labels)), dtype=np.float32)

        def score_batch(rows: np.ndarray, pieces: list[list[int]]) -> None:
            tokens = self.tokenizer.pad({"input_ids": pieces}, return_tensors="pt")
            with torch.inference_mode():
                scores[rows] = self.model(**tokens).logits.float().numpy()

        in_batches(texts, self.pieces, score_batch)
        return scores

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """Cut texts into the pieces of words this network knows."""
        return self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]


def load_classifier(name: str, source: str) -> Classifier:
    """Load a classifier from a folder, or by its id from the local model store.

    Its probabilities are as its makers left them: no temperature was fitted.

    Raises
    ------
    SettingsError
        When there is none, or it does not name its labels.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForSequenceClassification.from_pretrained(source).eval()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"04_psychographics.heads: no head {name} at {source}; "
            "give a folder that `coterie train` wrote or a text classifier. "
            "To fetch one from Hugging Face, run once with HF_HUB_OFFLINE=0."
        ) from error
    labels = [str(label).lower() for label in model.config.id2label.values()]
    if all(re.fullmatch(r"label_\d+", label) for label in labels):
        raise SettingsError(
            f"04_psychographics.heads: {source} does not name its labels; "
            "set id2label in its config.json."
        )
    several = model.config.problem_type == "multi_label_classification"
    card = Card(labels, several, source, 0, 0, temperature=1.0, tilt=[0.0] * len(labels), floor=0.0)
    return Classifier(name, card, tokenizer, model)
