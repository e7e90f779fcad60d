"""How often the labels are right, where posts were labelled by hand."""

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.statistics import share_interval

TRUTHS = {
    "sentiment": "inferred_sentiment",
    "intent": "inferred_intent",
    "topic": "inferred_interest",
    "aspect": "inferred_aspect",
}

SCORES = ["head", "n", "answered", "accuracy", "low", "high", "majority", "macro_f1"]


def score_labels(post_labels: ir.Table, labels: ir.Table) -> pd.DataFrame:
    """Compare what the model read with what is known to be true, kind by kind of label.

    Kinds without labelled posts have no row. A post the model abstained on counts as unanswered,
    not as wrong.

    Returns `head`, `n` (labelled posts), `answered` (share), `accuracy`, `low`, `high` (of the
    answered), `majority` (what always guessing the most frequent true label would reach) and
    `macro_f1`.
    """
    rows = [score_head(post_labels, labels, name=name) for name in TRUTHS]
    return pd.DataFrame([row for row in rows if row], columns=SCORES)


def score_head(post_labels: ir.Table, labels: ir.Table, *, name: str) -> tuple:
    """Score one kind of label; nothing where no post has a known one."""
    truth = labels.filter(labels["subject"] == "post", labels["name"] == name)
    both = post_labels.inner_join(truth, post_labels["post_id"] == truth["subject_id"])
    pairs = (
        both.group_by(found=both[TRUTHS[name]], true=both["label"]).agg(n=both.count()).to_pandas()
    )
    if name == "aspect":
        pairs["found"] = pairs["found"].fillna("none")
    labelled = pairs.dropna(subset="found")
    n = int(pairs["n"].sum())
    answered = int(labelled["n"].sum())
    if not answered:
        return ()
    right = labelled[labelled["found"] == labelled["true"]]
    hits = right.groupby("true")["n"].sum()
    found = labelled.groupby("found")["n"].sum()
    true = labelled.groupby("true")["n"].sum()
    f1 = [2 * hits.get(label, 0) / (found.get(label, 0) + true[label]) for label in true.index]
    majority = float(pairs.groupby("true")["n"].sum().max() / n)
    return (
        name,
        n,
        answered / n,
        *share_interval(int(right["n"].sum()), answered),
        majority,
        float(np.mean(f1)),
    )


def accuracy_by_kind(scores: pd.DataFrame) -> dict[str, tuple[float, float, float] | None]:
    """Name the accuracy of every kind of label with its interval; None where nothing was labelled.

    >>> scores = pd.DataFrame({"head": ["intent"], "accuracy": 0.7, "low": 0.6, "high": 0.8})
    >>> accuracy_by_kind(scores)
    {'sentiment_accuracy': None, 'intent_accuracy': (0.7, 0.6, 0.8), 'topic_accuracy': None, \
'aspect_accuracy': None}
    """
    known = {row.head: (row.accuracy, row.low, row.high) for row in scores.itertuples()}
    return {f"{kind}_accuracy": known.get(kind) for kind in TRUTHS}
