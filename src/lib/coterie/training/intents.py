"""Posts and what they want: labels of public sets that stand for it, and labels of our own."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from coterie.psychographics.reading.texts import plain
from coterie.training.corpora import (
    Corpus,
    TrainingSets,
    fingerprint,
    goemotions,
    half_of,
    read_own_labels,
)
from coterie.training.readers import INTENTS, votes

INTENT_WORDS = Path(__file__).with_name("intents.yml")
# of the sets whose labels only stand for an intent: more would take long and help little
WEAK_TEXTS = 24_000
# by cross-validation over authors inside the training posts: without it macro F1 is 3 points lower,
# most of it from leaving and purchase
BALANCE = 0.5


def intent(folder: Path) -> TrainingSets:
    """Read three public sets whose labels stand for an intent, then posts labelled by ourselves."""
    ours = read_own_labels(folder)
    shifted = [part_of_own(ours, "shifted"), half_of(part_of_own(ours, "authors"), 0)]
    return TrainingSets(
        [weak_labels(folder, but=set(ours["fingerprint"])), part_of_own(ours, "training")],
        [1, 6],
        part_of_own(ours, "validation"),
        balance=BALANCE,
        shifted=(joined(shifted),),
        elsewhere=(part_of_own(ours, "elsewhere"),),
    )


def weak_labels(folder: Path, *, but: set[str]) -> Corpus:
    """Read texts of public sets whose labels stand for an intent, less those of `but`.

    Those are the fingerprints of texts that the head shall be evaluated on.
    """
    meant = yaml.safe_load(INTENT_WORDS.read_text(encoding="utf-8"))
    emotions = goemotions(folder)
    likeliest = [emotions.labels[number] for number in emotions.truth.argmax(axis=1)]
    rows = requests(folder) + [
        (text, as_intent(meant["goemotions"], name, "other"))
        for text, name in zip(emotions.texts, likeliest, strict=True)
    ]
    read = [(plain(text), INTENTS.index(label)) for text, label in rows]
    new = [row for row in read if fingerprint(row[0]) not in but]
    some = [new[i] for i in np.random.default_rng(0).permutation(len(new))[:WEAK_TEXTS]]
    texts, truth = zip(*some, strict=True)
    return Corpus(list(texts), np.array(truth), INTENTS)


def part_of_own(ours: pd.DataFrame, part: str) -> Corpus:
    """Take one part of the posts labelled for this project."""
    table = ours[ours["part"] == part]
    truth = table["consensus"].map(INTENTS.index).to_numpy()
    return Corpus(table["text"].tolist(), truth, INTENTS, votes(table))


def held_out(ours: pd.DataFrame) -> pd.DataFrame:
    """Take the posts that neither weights nor temperature are fitted on, in the order of parts."""
    parts = [ours[ours["part"] == part] for part in ("validation", "authors", "elsewhere")]
    validation, authors, elsewhere = parts
    return pd.concat([validation, authors[1::2], elsewhere], ignore_index=True)


def joined(corpora: list[Corpus]) -> Corpus:
    """Put corpora with the same labels together."""
    return Corpus(
        [text for corpus in corpora for text in corpus.texts],
        np.concatenate([corpus.truth for corpus in corpora]),
        corpora[0].labels,
        np.concatenate([corpus.votes for corpus in corpora]),
    )


def requests(folder: Path) -> list[tuple[str, str]]:
    """Read requests to an assistant and to a bank, with the intent that their labels stand for."""
    meant = yaml.safe_load(INTENT_WORDS.read_text(encoding="utf-8"))
    rows = [
        (text, as_intent(meant["clinc150"], label, "other")) for text, label in clinc150(folder)
    ]
    bank = pd.read_csv(folder / "banking77/train.csv")
    return rows + [
        (row.text, as_intent(meant["banking77"], row.category, "question"))
        for row in bank.itertuples()
    ]


def as_intent(meant: dict[str, list[str]], label: str, otherwise: str) -> str:
    """Translate a set's label."""
    return next((name for name, labels in meant.items() if label in labels), otherwise)


def clinc150(folder: Path) -> list[tuple[str, str]]:
    """Read requests to an assistant, those outside its scope included."""
    parts = json.loads((folder / "clinc150/train_val_oos.json").read_text(encoding="utf-8"))
    return [tuple(row) for part in ("train", "oos_train") for row in parts[part]]
