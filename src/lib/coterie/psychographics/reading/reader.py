"""One encoder and its heads: what they read in posts, cached by text so that nothing is read twice."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.psychographics.reading.classifiers import Classifier, load_classifier
from coterie.psychographics.reading.encoder import Encoder, load_encoder
from coterie.psychographics.reading.heads import PACKAGED, SCORES, Head, Readings, load_head, read
from coterie.psychographics.reading.texts import plain

Cache = Callable[[str, list[str], Callable[[np.ndarray], np.ndarray]], tuple[np.ndarray, int]]


class Reader(NamedTuple):
    """What posts are read with."""

    encoder: Encoder
    heads: list[Head | Classifier]
    name: str  # changes with the encoder, its precision and every head's weights


def load_reader(heads: Iterable[str] = (), *, encoder: str = "", precision: str = "auto") -> Reader:
    """Load the encoder and heads: packaged ones by name, others as `name=folder`.

    The folder is one that `coterie train` wrote, or holds any text classifier of Hugging Face's
    form, whose id will do where it is in the local model store.

    Raises
    ------
    SettingsError
        When a head or the encoder is not there, or they do not belong together.
    """
    base = load_encoder(encoder, precision=precision)
    loaded, mark = [], hashlib.sha256(f"{base.name} {base.precision}".encode())
    for name, _, folder in (head.partition("=") for head in heads):
        whole = folder and not (Path(folder) / "head.json").exists()
        loaded.append(
            load_classifier(name, folder) if whole else load_head(name, base, folder=folder)
        )
        mark.update(f"{name}={folder}".encode())
        for file in sorted(Path(folder or PACKAGED / name).glob("*.*s*")):
            mark.update(file.read_bytes())
    return Reader(base, loaded, mark.hexdigest()[:16])


def compute_all(
    name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, int]:
    """Cache nothing: compute every row, in the 16 bits that cached rows have."""
    return compute(np.arange(len(keys))).astype(np.float16).astype(np.float32), len(keys)


def read_texts(
    texts: Iterable[str],
    reader: Reader,
    *,
    cache: Cache = compute_all,
    progress: Callable[[list], Iterable] = iter,
) -> tuple[Readings, int]:
    """Read texts as people wrote them; returns what was read, in their order, and how many were new.

    Each distinct text is read once, and texts that `cache` knows are not read at all. Give
    `lake.cache` there, and `lake.told` for progress.

    >>> readings, new = read_texts(["so good 😍", "so good 😍"], load_reader(["sentiment"]))
    >>> readings.scores["sentiment"].shape, new
    ((2, 3), 1)
    """
    distinct, place = np.unique(
        np.array([plain(text) for text in texts], dtype=object), return_inverse=True
    )
    keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in distinct]

    def compute(rows: np.ndarray) -> np.ndarray:
        new = [distinct[row] for row in rows]
        own = [head for head in reader.heads if isinstance(head, Head)]
        found = read(new, reader.encoder, own, progress=progress)
        scores = [
            found.scores[head.name] if isinstance(head, Head) else head.score(new)
            for head in reader.heads
        ]
        return np.hstack([found.vectors, *scores])

    width, edges = reader.encoder.width, np.cumsum([len(head.card.labels) for head in reader.heads])
    if not keys:
        return Readings(
            np.zeros((0, width), np.float32),
            {h.name: np.zeros((0, len(h.card.labels))) for h in reader.heads},
        ), 0
    rows, n_new = cache(reader.name, keys, compute)
    parts = np.split(rows[place][:, width:], edges[:-1], axis=1) if reader.heads else []
    return Readings(
        rows[place][:, :width],
        {head.name: part for head, part in zip(reader.heads, parts, strict=True)},
    ), n_new


def card_scores(reader: Reader) -> pd.DataFrame:
    """List what the cards of a reader's heads say of their scores on public posts: `head`, `measure`, `score`."""
    rows = [
        (head.name, SCORES[name], value)
        for head in reader.heads
        for name, value in head.card.judged.items()
    ]
    return pd.DataFrame(rows, columns=["head", "measure", "score"])
