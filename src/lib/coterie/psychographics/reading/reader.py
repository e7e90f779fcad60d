"""One encoder and its heads, cached by text so that nothing is read twice."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.psychographics.reading.cards import (
    PACKAGED,
    SCORES,
    Card,
    Known,
    Named,
    Readings,
    read_card,
)
from coterie.psychographics.reading.texts import plain
from coterie.study import DataError, SettingsError

if TYPE_CHECKING:
    from coterie.psychographics.reading.classifiers import Classifier
    from coterie.psychographics.reading.encoder import Encoder
    from coterie.psychographics.reading.heads import Head

Cache = Callable[[str, list[str], Callable[[np.ndarray], np.ndarray]], tuple[np.ndarray, int]]
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclasses.dataclass
class Reader:
    """What posts are read with; its networks are loaded when the first text is read."""

    heads: list[Named]  # as their cards know them
    folders: dict[str, str]  # where a head that is not packaged lies
    source: str = ""  # folder of another encoder
    precision: str = "auto"

    @cached_property
    def encoder(self) -> "Encoder":
        """Load the encoder: torch and transformers take seconds to import."""
        from coterie.psychographics.reading.encoder import load_encoder  # noqa: PLC0415

        return load_encoder(self.source, precision=self.precision)

    @cached_property
    def networks(self) -> "list[Head | Classifier]":
        """Load the network of every head, in their order; a shared adapter once."""
        from coterie.psychographics.reading.heads import load_head  # noqa: PLC0415

        loaded = {}
        return [
            load_head(head.name, self.encoder, folder=self.folders[head.name], loaded=loaded)
            if isinstance(head, Known)
            else head
            for head in self.heads
        ]

    @property
    def adapted(self) -> "list[Head]":
        """List the networks that share the encoder; others bring a whole one of their own."""
        from coterie.psychographics.reading.heads import Head  # noqa: PLC0415

        return [network for network in self.networks if isinstance(network, Head)]

    @cached_property
    def name(self) -> str:
        """Name what texts are read with; it changes with encoder, arithmetic and any weight."""
        mark = hashlib.sha256(f"{self.encoder.name} {self.encoder.arithmetic}".encode())
        for head in self.heads:
            folder = self.folders[head.name]
            mark.update(f"{head.name}={folder}".encode())
            for file in weight_files(Path(folder or PACKAGED / head.name), head.card):
                mark.update(file.read_bytes())
        return mark.hexdigest()[:16]

    def encode(
        self, texts: list[str], *, progress: Callable[[list], Iterable] = iter
    ) -> np.ndarray:
        """Embed texts as unit vectors, one a text, by the same network as posts."""
        from coterie.psychographics.reading.heads import gives_vectors, read  # noqa: PLC0415

        embedding = gives_vectors(self.adapted)
        heads = [embedding] if embedding else []
        return read(texts, self.encoder, heads, progress=progress).vectors


def weight_files(folder: Path, card: Card) -> list[Path]:
    """List the files that a head's reading follows from, its shared adapter's too."""
    files = sorted(folder.glob("*.*s*"))
    if card.adapter:
        files += sorted((folder.parent / card.adapter).glob("*.*s*"))
    return files


def load_reader(heads: Iterable[str] = (), *, encoder: str = "", precision: str = "auto") -> Reader:
    """Prepare to read with heads: packaged ones by name, others as `name=folder`.

    The folder is one that `coterie train` wrote, or holds any text classifier of Hugging Face's
    form, whose id will do where it is in the local model store. Cards are read at once and networks
    when the first text is: a study in which nobody wrote waits for none.

    Raises
    ------
    SettingsError
        When a head is not there; once a text is read, when the encoder is not, or they do not
        belong together.
    """
    if precision not in PRECISIONS:
        raise SettingsError(
            f"04_psychographics.precision: {precision}; use {', '.join(PRECISIONS)}."
        )
    known, folders = [], {}
    for name, _, folder in (head.partition("=") for head in heads):
        folders[name] = folder
        if folder and not (Path(folder) / "head.json").exists():
            from coterie.psychographics.reading.classifiers import load_classifier  # noqa: PLC0415

            known.append(load_classifier(name, folder))
        else:
            known.append(Known(name, read_card(name, folder)))
    return Reader(known, folders, encoder, precision)


def compute_all(
    name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, int]:
    """Cache nothing: compute every row, in the 16 bits that cached rows have."""
    return compute(np.arange(len(keys))), len(keys)


def read_texts(
    texts: Iterable[str],
    reader: Reader,
    *,
    cache: Cache = compute_all,
    progress: Callable[[list], Iterable] = iter,
) -> Readings:
    """Read texts as people wrote them; returns what was read, in their order.

    Each distinct text is read once, and texts that `cache` knows are not read at all. Give
    `lake.cache` there, and `coterie.lake.progress` for progress. What is no text (None, NaN, bytes)
    is read as a post without words.

    Raises
    ------
    DataError
        When `texts` is one text: it would be read letter by letter.

    >>> readings = read_texts(["so good 😍", "so good 😍"], load_reader(["sentiment"]))
    >>> readings.scores["sentiment"].shape, readings.n_new
    ((2, 3), 1)
    """
    if isinstance(texts, str | bytes):
        raise DataError("Posts to read are a list of texts, not one text: put it in a list.")
    plain_texts = np.array([plain(text) for text in texts], dtype=object)
    names = [head.name for head in reader.heads]
    n_labels = [len(head.card.labels) for head in reader.heads]
    if not len(plain_texts):
        empty = [np.zeros((0, n), np.float32) for n in n_labels]
        return Readings(np.zeros((0, 0), np.float32), dict(zip(names, empty, strict=True)))
    distinct, place = np.unique(plain_texts, return_inverse=True)
    keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in distinct]
    rows, n_new = cache(reader.name, keys, partial(read_rows, distinct, reader, progress))
    if len(distinct) < len(place) or (place[1:] < place[:-1]).any():
        rows = rows[place]
    ends = np.cumsum([reader.encoder.width, *n_labels])[:-1]
    vectors, *scores = np.split(rows.astype(np.float32), ends, axis=1)
    return Readings(vectors, dict(zip(names, scores, strict=True)), n_new)


def read_rows(
    texts: np.ndarray, reader: Reader, progress: Callable[[list], Iterable], rows: np.ndarray
) -> np.ndarray:
    """Read some of the texts: one row a text, its vector and then the scores of every head.

    Rows have 16 bits from the start: of a hundred thousand posts they are most of the memory.
    """
    from coterie.psychographics.reading.heads import read_into  # noqa: PLC0415 - imports torch

    new, adapted = texts[rows], reader.adapted
    widths = [reader.encoder.width, *(len(head.card.labels) for head in adapted)]
    found = np.zeros((len(new), sum(widths)), dtype=np.float16)
    read_into(found, new, reader.encoder, adapted, progress=progress)
    if len(adapted) == len(reader.networks):
        return found
    vectors, *scores = np.split(found, np.cumsum(widths)[:-1], axis=1)
    known = dict(zip([head.name for head in adapted], scores, strict=True))
    listed = new.tolist()
    own = [
        known[head.name] if head.name in known else head.score(listed) for head in reader.networks
    ]
    return np.hstack([vectors, *own]).astype(np.float16)


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
