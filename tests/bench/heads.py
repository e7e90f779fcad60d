"""Judge the packaged heads on their validation sets, beside baselines, with what abstaining buys.

    python tests/bench/heads.py --data ../shared/data [--recalibrate] [--write] [HEAD ...]

`--write` puts the scores into each head's card. `--recalibrate` fits the temperature again, on
texts of a source or of authors that were not trained on, and leaves the weights as they are. The
validation sets were not used for training or calibration.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from coterie.psychographics.reading.calibration import macro_f1, macro_recall
from coterie.psychographics.reading.cards import HEADS, PACKAGED, decide
from coterie.psychographics.reading.encoder import Encoder, load_encoder
from coterie.psychographics.reading.heads import Head, load_head, read
from coterie.statistics.calibration import abstention_curve, fit_temperature
from coterie.training.cards import write_model_card
from coterie.training.corpora import SENTIMENTS, TrainingSets, read_own_labels
from coterie.training.evaluation import evaluate
from coterie.training.fitting import write_card
from coterie.training.sets import read_training_sets


def main() -> None:
    """Print one block a head."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--recalibrate", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("heads", nargs="*", default=HEADS)
    options = parser.parse_args()
    encoder = load_encoder(precision="float32")
    for name in options.heads:
        head, training_sets = load_head(name, encoder), read_training_sets(name, options.data)
        if options.recalibrate:
            head = recalibrated(head, training_sets, encoder)
        texts = training_sets.validation.texts
        found = read(texts, encoder, [head])
        scores, alike = found.scores[name], (found.vectors * encoder.encode(texts)).sum(axis=1)
        judged = evaluate(scores, head.card, training_sets.validation.truth)
        print(f"\n{name}: {rounded(judged)} on {len(scores):,} texts")
        print(
            f"  vectors: cosine with the encoder's own {alike.mean():.3f}, "
            f"in one text of twenty under {np.quantile(alike, 0.05):.3f}"
        )
        print(f"  majority {rounded(baseline(DummyClassifier(), training_sets))}")
        words = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(C=10, max_iter=500)
        )
        print(f"  words alone {rounded(baseline(words, training_sets))}")
        if not head.card.several:
            labels, confidence = decide(scores, head.card)
            truth = np.array(head.card.labels, dtype=object)[training_sets.validation.truth]
            curve = abstention_curve(confidence, labels == truth, points=5)
            print(
                curve[["answered", "accuracy", "low", "high", "floor"]]
                .round(3)
                .to_string(index=False)
            )
        new = head.card._replace(evaluation=judged)
        for other in training_sets.elsewhere:
            found = read(other.texts, encoder, [head]).scores[name]
            new = new._replace(elsewhere=evaluate(found, head.card, other.truth))
            print(f"  elsewhere {rounded(new.elsewhere)} on {len(found):,}")
        if options.write:
            write(name, new)
        if name == "sentiment":
            ours = read_own_labels(options.data).dropna(subset=["sentiment"])
            ours = ours.query("source == 'support_twitter'")
            found = read(ours["text"].tolist(), encoder, [head]).scores[name]
            truth = ours["sentiment"].map(SENTIMENTS.index).to_numpy()
            print(
                f"  support tweets that we labelled: {rounded(evaluate(found, head.card, truth))} on {len(truth):,}"  # noqa: E501
            )


def recalibrated(head: Head, training_sets: TrainingSets, encoder: Encoder) -> Head:
    """Fit a head's temperature again, where there are texts unlike those it learned from."""
    for other in training_sets.shifted:
        scores = read(other.texts, encoder, [head]).scores[head.name]
        temperature = fit_temperature(scores, other.truth)
        print(f"\n{head.name}: temperature {head.card.temperature:.3f} becomes {temperature:.3f}")
        head = head._replace(card=head.card._replace(temperature=temperature))
    return head


def baseline(model, training_sets) -> dict[str, float]:
    """Teach a simple model the last lesson and judge it like the head."""
    last, validation = training_sets.training[-1], training_sets.validation
    model = OneVsRestClassifier(model) if last.truth.ndim > 1 else model
    found = model.fit(np.array(last.texts, dtype=object), last.truth).predict(
        np.array(validation.texts, dtype=object)
    )
    scores = {"macro_f1": macro_f1(found, validation.truth)}
    return (
        scores
        if last.truth.ndim > 1
        else scores | {"macro_recall": macro_recall(found, validation.truth)}
    )


def rounded(scores: dict[str, float]) -> str:
    """Write scores on one line."""
    return ", ".join(f"{name} {value:.3f}" for name, value in scores.items())


def write(name: str, card) -> None:
    """Put scores into a head's card."""
    folder = PACKAGED / name
    write_card(card, folder)
    write_model_card(name, folder)


if __name__ == "__main__":
    main()
