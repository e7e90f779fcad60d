"""Public sets of labelled texts: what a head is trained on, in order, and validated on."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.psychographics.reading.texts import plain
from coterie.study import DataError
from coterie.training.readers import read_labels

SENTIMENTS = ["negative", "neutral", "positive"]
# which of TweetEval's four emotions one of GoEmotions' stands for
MOODS = {
    "anger": "anger",
    "annoyance": "anger",
    "joy": "joy",
    "amusement": "joy",
    "excitement": "joy",
    "optimism": "optimism",
    "sadness": "sadness",
    "grief": "sadness",
    "disappointment": "sadness",
}
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Corpus(NamedTuple):
    """Labelled texts, as the model reads them."""

    texts: list[str]
    # one label number a text, or one row of 0 and 1 where a text may carry several
    truth: np.ndarray
    labels: list[str]
    # where several readers labelled the texts: which share of them gave each label, a row a text
    votes: np.ndarray = np.empty((0, 0), dtype=np.float32)


class TrainingSets(NamedTuple):
    """What a head is trained on, in order; the last set's labels are the head's."""

    training: list[Corpus]
    epochs: list[int]  # passes over each training set
    validation: Corpus
    step: float = 1e-3  # how far each step goes at most
    balance: float = 0.0  # how much more rare labels of the last set count: 1 makes all count alike
    # texts of a source that is not trained on: to fit temperature and shift, and to evaluate; at
    # most one each
    shifted: tuple[Corpus, ...] = ()
    elsewhere: tuple[Corpus, ...] = ()


def own_corpus(file: Path, *, labels: list[str] | None = None) -> Corpus:
    """Read a file of one's own."""
    table = pd.read_csv(file, dtype=str).dropna(subset=["text", "label"])
    labels = labels or sorted(table["label"].unique())
    if strange := sorted(set(table["label"]) - set(labels)):
        raise DataError(f"{file}: no training text has the label {', '.join(strange)}.")
    return Corpus(
        [plain(text) for text in table["text"]], table["label"].map(labels.index).to_numpy(), labels
    )


def sentiment(folder: Path) -> TrainingSets:
    """Read SemEval 2013 to 2016, less what also stands in the validation set of TweetEval."""
    texts = lines(folder / "tweeteval/sentiment/val_text.txt")
    truth = np.array(lines(folder / "tweeteval/sentiment/val_labels.txt"), dtype=int)
    validation = Corpus([plain(unescaped(text)) for text in texts], truth, SENTIMENTS)
    seen = {core(text) for text in validation.texts}
    found = {}
    for file in sorted((folder / "semeval17").glob("*.tsv")):
        for line in lines(file):
            _, label, text, *_ = [*line.split("\t"), "", "", ""]
            text = plain(unescaped(text))
            if label in SENTIMENTS and text != "Not Available" and core(text) not in seen:
                found.setdefault(core(text), (text, SENTIMENTS.index(label)))
    if not found:
        raise FileNotFoundError(2, "", str(folder / "semeval17"))
    texts, truth = zip(*found.values(), strict=True)
    return TrainingSets(
        [goemotions(folder), Corpus(list(texts), np.array(truth), SENTIMENTS)],
        [1, 2],
        validation,
        shifted=(support_sentiment(folder, part="training"),),
        elsewhere=(support_sentiment(folder, part="validation"),),
    )


def support_sentiment(folder: Path, *, part: str) -> Corpus:
    """Read posts to companies whose sentiment was labelled for this project: another source."""
    ours = read_own_labels(folder).query("source == 'support_twitter' and part == @part")
    ours = ours.dropna(subset=["sentiment"])
    return Corpus(
        ours["text"].tolist(), ours["sentiment"].map(SENTIMENTS.index).to_numpy(), SENTIMENTS
    )


def emotion(folder: Path) -> TrainingSets:
    """Read TweetEval's four emotions.

    The head starts from the sentiment adapter, which has seen GoEmotions.
    """
    labels = [line.split("\t")[1] for line in lines(folder / "tweeteval/emotion/mapping.txt")]
    sets = []
    for part in ("train", "val"):
        texts = lines(folder / f"tweeteval/emotion/{part}_text.txt")
        truth = np.array(lines(folder / f"tweeteval/emotion/{part}_labels.txt"), dtype=int)
        sets.append(Corpus([plain(text) for text in texts], truth, labels))
    comments = goemotions_moods(folder, labels)
    shifted, elsewhere = (half_of(comments, number) for number in (0, 1))
    return TrainingSets(
        [sets[0]], [3], sets[1], step=4e-4, shifted=(shifted,), elsewhere=(elsewhere,)
    )


def goemotions_moods(folder: Path, labels: list[str]) -> Corpus:
    """Read comments of GoEmotions, its development part, whose emotions stand for one of four."""
    names = lines(folder / "goemotions/labels.txt")
    texts, truth = [], []
    for line in lines(folder / "goemotions/dev.tsv"):
        text, numbers, *_ = line.split("\t")
        found = {MOODS.get(names[int(number)], "") for number in numbers.split(",")}
        if len(found) == 1 and found <= set(labels):
            texts.append(plain(text))
            truth.append(labels.index(found.pop()))
    return Corpus(texts, np.array(truth), labels)


def half_of(corpus: Corpus, number: int) -> Corpus:
    """Take every second text, beginning with the first (0) or the second (1)."""
    return Corpus(
        corpus.texts[number::2], corpus.truth[number::2], corpus.labels, corpus.votes[number::2]
    )


def values(folder: Path) -> TrainingSets:
    """Read the arguments of ValueEval 2023, and the values behind them.

    A text is the premise, its stance and the conclusion.
    """
    sets = []
    for part in ("training", "validation"):
        arguments = pd.read_csv(folder / f"valueeval23/arguments-{part}.tsv", sep="\t")
        known = pd.read_csv(folder / f"valueeval23/labels-{part}.tsv", sep="\t")
        table = arguments.merge(known, on="Argument ID")
        labels = list(known.columns[1:])
        texts = (table["Premise"] + " " + table["Stance"] + " " + table["Conclusion"]).map(plain)
        sets.append(Corpus(texts.tolist(), table[labels].to_numpy(dtype=np.float32), labels))
    return TrainingSets([sets[0]], [4], sets[1])


def goemotions(folder: Path) -> Corpus:
    """Read the training part of GoEmotions: comments with 28 emotions, several a comment."""
    labels = lines(folder / "goemotions/labels.txt")
    rows = [line.split("\t") for line in lines(folder / "goemotions/train.tsv")]
    truth = np.zeros((len(rows), len(labels)), dtype=np.float32)
    for row, (_, numbers, *_) in enumerate(rows):
        truth[row, [int(number) for number in numbers.split(",")]] = 1
    return Corpus([plain(text) for text, *_ in rows], truth, labels)


def lines(file: Path) -> list[str]:
    """Read a file's lines; only a line feed ends one.

    Texts hold other marks that look like ends.
    """
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def unescaped(text: str) -> str:
    r"""Undo the escapes that some of the files carry.

    >>> unescaped(r"it\u2019s here")
    'it’s here'
    """
    text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def core(text: str) -> str:
    """Reduce a text to its letters and digits, so that copies are found."""
    return re.sub(r"\W+", "", text).lower()


def read_own_labels(folder: Path) -> pd.DataFrame:
    """Find the texts of the posts that were labelled for this project, those that can be found.

    The project holds only their fingerprints.

    Returns `text`, `source`, `part` (training and validation; authors, by whom no post is trained
    on; shifted and elsewhere, of a source that none is), `sentiment`, `readers` (how many), and
    what they said of the intent: see `read_labels`.
    """
    support = pd.read_parquet(folder / "support_twitter/tweets.parquet", columns=["text"])["text"]
    tweets = [
        line.split("\t")[2]
        for file in sorted((folder / "semeval17").glob("*.tsv"))
        for line in lines(file)
    ]
    comments = [line.split("\t")[0] for line in lines(folder / "goemotions/train.tsv")]
    texts = pd.DataFrame({"raw": [*support, *tweets, *comments]})
    texts["text"] = texts["raw"].map(plain)
    texts["fingerprint"] = texts["text"].map(fingerprint)
    found = texts.drop_duplicates("fingerprint").drop(columns="raw")
    return read_labels().merge(found, on="fingerprint")


def fingerprint(text: str) -> str:
    """Name a text by what it says, so that a label can be kept without it."""
    return hashlib.sha256(core(text).encode()).hexdigest()[:16]
