"""Judge an intent head on posts that neither training nor temperature saw, with 95 % intervals.

    python tests/bench/intent.py --data ../shared/data [--head FOLDER]

Every post is judged by what most of its readers said. `authors` is the half whose posts the
temperature was not fitted on. Beside each calibration error stands what a head without any would
show on as many posts.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import load_head, read
from coterie.statistics import Interval
from coterie.training.corpora import read_own_labels
from coterie.training.evaluation import calibration_noise, evaluate_with_intervals
from coterie.training.intents import held_out
from coterie.training.readers import INTENTS, agreement


def main() -> None:
    """Print one row a set of posts, and one a label."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--head", default="", help="folder of a trained head; the packaged one")
    options = parser.parse_args()
    found = agreement()
    print(f"two readers of {found.n:,} posts agree: kappa {written(found.kappa)}")
    encoder = load_encoder(precision="float32")
    head = load_head("intent", encoder, folder=options.head)
    posts = held_out(read_own_labels(options.data))
    scores = read(posts["text"].tolist(), encoder, [head]).scores["intent"]
    truth = posts["consensus"].map(INTENTS.index).to_numpy()
    groups = {"all": posts.index == posts.index} | {
        name: posts[column] == name
        for column in ("part", "source")
        for name in posts[column].unique()
    }
    rows = [
        {"posts": name, "n": int(here.sum())} | judged(scores[here], head.card, truth[here])
        for name, here in groups.items()
    ]
    print(pd.DataFrame(rows).to_string(index=False))
    likeliest = scores.argmax(axis=1)
    for number, name in enumerate(INTENTS):
        chosen, meant = likeliest == number, truth == number
        both = (chosen & meant).sum()
        print(f"{name:10} F1 {2 * both / (chosen.sum() + meant.sum()):.3f} of {meant.sum()} posts")


def judged(scores: np.ndarray, card, truth: np.ndarray) -> dict[str, str]:
    """Score one set of posts."""
    found = evaluate_with_intervals(scores, card, truth)
    by_chance = {"ece if perfect": written(calibration_noise(scores, card))}
    return {name: written(interval) for name, interval in found.items()} | by_chance


def written(interval: Interval) -> str:
    """Write an interval."""
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


if __name__ == "__main__":
    main()
