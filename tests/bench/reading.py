"""Time how fast posts are read, against transformers.pipeline at its defaults and against what the
processor can do.

    python tests/bench/reading.py --texts 2000          # the comparison
    python tests/bench/reading.py --texts 100000 --only ours   # a long run, with progress and peak
    memory

Texts are drawn from the planted world, so nothing is downloaded. Quote ratios: both sides run in
one process, in turn.
"""

import argparse
import resource
import time

import numpy as np
import torch
from torch import nn
from transformers import pipeline
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.bert.modeling_bert import BertPreTrainedModel

from coterie.demo import Knobs, make_world
from coterie.lake import progress
from coterie.psychographics.reading.cards import decide
from coterie.psychographics.reading.encoder import batches, load_encoder
from coterie.psychographics.reading.heads import Head, load_head, pooled, read
from coterie.psychographics.reading.texts import plain


class Whole(BertPreTrainedModel):
    """The same head as one network, the way transformers expects it."""

    def __init__(self, encoder, head: Head) -> None:
        super().__init__(encoder.model.config)
        self.bert, self.upper, self.out = encoder.model, head.layers, head.out
        self.shared, self.config.id2label = head.card.shared, dict(enumerate(head.card.labels))

    def forward(
        self, input_ids, attention_mask=None, token_type_ids=None
    ) -> SequenceClassifierOutput:
        here = attention_mask.bool()
        state, mask = self.bert.embeddings(input_ids=input_ids), here[:, None, None, :]
        for layer in [*self.bert.encoder.layer[: self.shared], *self.upper]:
            state = layer(state, mask)
        return SequenceClassifierOutput(logits=self.out(pooled(state, here)))


def posts(n: int, seed: int = 1) -> list[str]:
    """Write distinct posts of the planted world."""
    found, size = {}, max(400, n // 2)
    while len(found) < n:
        world = make_world(Knobs(size, 180, seed, posts_per_person=3.0))
        for name, content in world.files.items():
            if name.endswith(("posts.csv", "comments.csv")):
                found |= dict.fromkeys(
                    plain(line) for line in content.decode("latin-1").splitlines()[1:]
                )
        seed += 1
    return list(found)[:n]


def limit(lengths: list[int], encoder, layers: float) -> float:
    """Measure how many texts a second plain matrix products of the same shapes allow."""
    width, inner = encoder.width, encoder.model.config.intermediate_size
    seconds = 0.0
    for rows in batches(lengths)[:: max(1, len(batches(lengths)) // 20)]:
        x, n = torch.randn(len(rows) * max(lengths[row] for row in rows), width), 0
        square, up, down = (
            torch.randn(width, width),
            torch.randn(width, inner),
            torch.randn(inner, width),
        )
        start = time.perf_counter()
        for _ in range(3):
            for _ in range(4):
                x @ square
            (x @ up) @ down
        seconds += (time.perf_counter() - start) / 3 * layers / len(rows)
        n += 1
    return len(batches(lengths)[:: max(1, len(batches(lengths)) // 20)]) / seconds


def timed(what, *args, **options) -> tuple[float, object]:
    """Run something and take the time."""
    start = time.perf_counter()
    result = what(*args, **options)
    return time.perf_counter() - start, result


def main() -> None:
    """Print texts a second, ratios and label agreement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--head", default="sentiment")
    parser.add_argument("--only", choices=["both", "ours"], default="both")
    options = parser.parse_args()
    texts = posts(options.texts)
    plainly, quick = load_encoder(precision="float32"), load_encoder()
    head = load_head(options.head, quick)
    read(texts[:64], quick, [head])
    seconds, _ = timed(read, texts, quick, [head], progress=progress)
    lengths = [len(piece) for piece in quick.pieces(texts)]
    print(
        f"{len(texts):,} texts of {np.mean(lengths):.0f} pieces; {quick.precision}; {torch.get_num_threads()} threads"  # noqa: E501
    )
    print(f"ours, vectors and {options.head}: {len(texts) / seconds:,.0f} texts a second")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    if options.only == "ours":
        return
    bare, _ = timed(read, texts, plainly, [load_head(options.head, plainly)])
    most = limit(lengths, plainly, layers=2 * 6 - head.card.shared)
    print(
        f"limit of float32 matrix products of these shapes: {most:,.0f}; share reached {len(texts) / bare / most:.0%}"  # noqa: E501
    )
    full = load_head(options.head, plainly)
    reference = pipeline(
        "text-classification", model=Whole(plainly, full).eval(), tokenizer=plainly.tokenizer
    )
    slow, labels = timed(
        lambda: [answer["label"] for answer in reference(texts, truncation=True, max_length=64)]
    )
    only = nn.ModuleList([head.layers, head.out])
    ours, scores = timed(score_alone, texts, quick, Head(head.name, head.card, only[0], only[1]))
    same = np.array(head.card.labels, dtype=object)[scores.argmax(axis=1)] == np.array(
        labels, dtype=object
    )
    print(f"transformers.pipeline at its defaults: {len(texts) / slow:,.0f} texts a second")
    print(
        f"the head alone: {len(texts) / ours:,.0f} texts a second, {slow / ours:.2f} times the pipeline"  # noqa: E501
    )
    print(
        f"vectors and head together: {slow / seconds:.2f} times the pipeline, which gives the head alone"  # noqa: E501
    )
    print(
        f"same label {same.mean():.2%}; with the head's own decision {agreement(texts, plainly, full, scores):.2%}"  # noqa: E501
    )


def score_alone(texts: list[str], encoder, head: Head) -> np.ndarray:
    """Read one head without the vectors, as the pipeline does."""
    pieces, scores = (
        encoder.pieces(texts),
        np.zeros((len(texts), len(head.card.labels)), dtype=np.float32),
    )
    for rows in batches([len(piece) for piece in pieces]):
        scores[rows] = head.scores(
            *encoder.lower([pieces[row] for row in rows], depth=head.card.shared)
        )
    return scores


def agreement(texts: list[str], encoder, head: Head, scores: np.ndarray) -> float:
    """Compare decisions in float32 with those made from `scores`."""
    exact = decide(score_alone(texts, encoder, head), head.card)[0]
    return float((exact == decide(scores, head.card)[0]).mean())


if __name__ == "__main__":
    main()
