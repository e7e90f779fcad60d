"""What the appendix on training shows."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from coterie.psychographics.reading.cards import SCORES, Card
from coterie.psychographics.reading.encoder import Encoder
from coterie.reporting import figures, tables
from coterie.statistics import probabilities
from coterie.training.fitting import AdaptedModel


def trained_part(adapted: AdaptedModel, encoder: Encoder) -> tables.TitledTable:
    """Show how small a part of the network is trained."""
    trained = sum(part.numel() for part in adapted.learning())
    whole = sum(part.numel() for part in encoder.model.parameters())
    return tables.table(
        pd.DataFrame({"part": ["encoder", "trained"], "numbers": [whole, trained]}),
        title=f"The head is {trained / whole:.1%} of the network",
        formats={"numbers": ","},
    )


def predictions(texts: list[str], scores: np.ndarray, card: Card) -> tables.TitledTable:
    """Show the probability of the last label for each sentence."""
    likely = probabilities(scores, temperature=card.temperature)
    return tables.table(
        pd.DataFrame({"sentence": texts, card.labels[-1]: likely[:, -1]}),
        title=f"{len(texts)} sentences it never saw",
        formats={card.labels[-1]: ".0%"},
    )


def evaluations(scores: pd.DataFrame) -> tables.TitledTable:
    """Show every score of every packaged head."""
    wide = scores.pivot(index="head", columns="measure", values="score")
    shown = wide.reindex(scores["head"].unique()).reset_index()
    return tables.table(
        shown,
        title="The packaged heads, on validation sets of public data",
        labels=SCORES,
        formats=dict.fromkeys(SCORES, ".3f"),
    )


def difficulty(scores: pd.DataFrame) -> Axes:
    """Draw the one score that all heads have."""
    return figures.bars(
        scores[scores["measure"] == "macro_f1"].assign(low=np.nan, high=np.nan),
        y="head",
        x="score",
        title="Four tasks, of unlike difficulty",
        xlabel="macro F1 on the validation set",
        alt="One bar a head: its macro F1 on its validation set.",
    )
