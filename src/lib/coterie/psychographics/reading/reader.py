"""One encoder and its heads, cached by text so that nothing is read twice."""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from coterie.psychographics.reading.cards import PACKAGED, SCORES, Readings
from coterie.psychographics.reading.texts import plain

if TYPE_CHECKING:
    from coterie.psychographics.reading.classifiers import Classifier
    from coterie.psychographics.reading.encoder import Encoder
    from coterie.psychographics.reading.heads import Head

Cache = Callable[[str, list[str], Callable[[np.ndarray], np.ndarray]], tuple[np.ndarray, int]]


class Reader(NamedTuple):
    """What posts are read with."""

    encoder: "Encoder"
    heads: "list[Head | Classifier]"
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
    # torch and transformers take seconds to import, and few notebooks read texts
    from coterie.psychographics.reading.classifiers import load_classifier  # noqa: PLC0415
    from coterie.psychographics.reading.encoder import load_encoder  # noqa: PLC0415
    from coterie.psychographics.reading.heads import load_head  # noqa: PLC0415

    base = load_encoder(encoder, precision=precision)
    loaded = []
    mark = hashlib.sha256(f"{base.name} {base.precision}".encode())
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
) -> Readings:
    """Read texts as people wrote them; returns what was read, in their order.

    Each distinct text is read once, and texts that `cache` knows are not read at all. Give
    `lake.cache` there, and `coterie.lake.progress` for progress.

    >>> readings = read_texts(["so good 😍", "so good 😍"], load_reader(["sentiment"]))
    >>> readings.scores["sentiment"].shape, readings.n_new
    ((2, 3), 1)
    """
    plain_texts = np.array([plain(text) for text in texts], dtype=object)
    distinct, place = np.unique(plain_texts, return_inverse=True)
    widths = [reader.encoder.width, *(len(head.card.labels) for head in reader.heads)]
    rows = np.zeros((0, sum(widths)), np.float32)
    n_new = 0
    if len(distinct):
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in distinct]
        compute = partial(read_rows, distinct, reader, progress)
        rows, n_new = cache(reader.name, keys, compute)
    vectors, *scores = np.split(rows[place], np.cumsum(widths)[:-1], axis=1)
    names = [head.name for head in reader.heads]
    return Readings(vectors, dict(zip(names, scores, strict=True)), n_new)


def read_rows(
    texts: np.ndarray, reader: Reader, progress: Callable[[list], Iterable], rows: np.ndarray
) -> np.ndarray:
    """Read some of the texts: one row a text, its vector and then the scores of every head."""
    from coterie.psychographics.reading.heads import Head, read  # noqa: PLC0415 - imports torch

    new = texts[rows].tolist()
    adapters = [head for head in reader.heads if isinstance(head, Head)]
    found = read(new, reader.encoder, adapters, progress=progress)
    parts = [found.vectors]
    for head in reader.heads:
        own = isinstance(head, Head)
        parts.append(found.scores[head.name] if own else head.score(new))
    return np.hstack(parts)


def card_scores(reader: Reader) -> pd.DataFrame:
    """List the scores on public posts from the cards of a reader's heads.

    Returns `head`, `measure` and `score`.
    """
    rows = [
        (head.name, SCORES[name], value)
        for head in reader.heads
        for name, value in head.card.evaluation.items()
    ]
    return pd.DataFrame(rows, columns=["head", "measure", "score"])
