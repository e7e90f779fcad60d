"""Which texts a shared adapter learns from: all but those that anything is judged on."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import load_head, read
from coterie.psychographics.reading.texts import plain
from coterie.training.corpora import TrainingSets, fingerprint, goemotions, read_own_labels
from coterie.training.distillation import Lesson
from coterie.training.fitting import held_for_calibration
from coterie.training.intents import requests

MANY = 30_000  # tweets to companies that are read without any label
# how much answers count on texts that are nothing like those the teacher learned from
ELSEWHERE = {"values": 0.1}


def lesson_texts(
    folder: str | Path, sets: dict[str, TrainingSets], *, seed: int = 0
) -> dict[str, list[str]]:
    """Gather texts by source: those of every head, and three sets that several heads can read.

    None of them is among the texts that a head is validated, calibrated or tried elsewhere on.
    """
    folder = Path(folder)
    support = pd.read_parquet(folder / "support_twitter/tweets.parquet", columns=["text"])["text"]
    some = support.sample(min(MANY, len(support)), random_state=seed)
    sources = {head: found.training[-1].texts for head, found in sets.items()}
    sources |= {
        "goemotions": goemotions(folder).texts,
        "requests": [plain(text) for text, _ in requests(folder)],
        "support": [plain(text) for text in some],
    }
    ours = read_own_labels(folder)
    seen = set(ours.loc[ours["part"] != "training", "fingerprint"])
    for found in sets.values():
        last = found.training[-1]
        calibrated = held_for_calibration(last, np.random.default_rng(seed))
        seen |= {fingerprint(last.texts[row]) for row in np.flatnonzero(calibrated)}
        for corpus in (found.validation, *found.shifted, *found.elsewhere):
            seen |= {fingerprint(text) for text in corpus.texts}
    kept = {}
    for source, texts in sources.items():
        named = {fingerprint(text): text for text in texts if text}
        kept[source] = [text for name, text in named.items() if name not in seen]
        seen |= set(named)
    return kept


def lessons(
    texts: dict[str, list[str]],
    teachers: dict[str, Path],
    *,
    progress: Callable[[Iterable, str], Iterable],
) -> list[Lesson]:
    """Let the teachers and the encoder read all texts, as quickly as this machine can."""
    encoder = load_encoder()
    heads = [load_head(name, encoder, folder=folder) for name, folder in teachers.items()]
    made = []
    for source, some in texts.items():
        found = read(some, encoder, heads, progress=lambda groups, to=source: progress(groups, to))
        weights = {head: 1.0 if head == source else weight for head, weight in ELSEWHERE.items()}
        made.append(Lesson(some, found.scores, found.vectors, weights))
    return made
