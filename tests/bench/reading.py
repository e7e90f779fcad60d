"""Time how fast posts are read with all packaged heads.

A post goes through a shared adapter once: against once for every head, transformers.pipeline, and
what the processor can do.

    python tests/bench/reading.py --texts 1000                 # the comparison
    python tests/bench/reading.py --texts 100000 --only ours   # a long run: memory
    python tests/bench/reading.py --texts 1000 --beside ../before   # another checkout, in turn

Texts are drawn from the planted world, so nothing is downloaded. Seconds are the processor's, so
that other work on the machine does not count; quote ratios: all sides run in one process, in turn.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import pipeline
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.bert.modeling_bert import BertPreTrainedModel

from coterie.demo import Knobs, make_world
from coterie.lake import progress
from coterie.psychographics.reading.cards import HEADS, decide
from coterie.psychographics.reading.encoder import batches, load_encoder
from coterie.psychographics.reading.heads import Head, gives_vectors, load_head, pooled, read
from coterie.psychographics.reading.texts import plain


class Whole(BertPreTrainedModel):
    """The same head as one network, the way transformers expects it."""

    def __init__(self, encoder, head: Head) -> None:
        super().__init__(encoder.model.config)
        self.bert, self.upper, self.out = encoder.model, head.upper.layers, head.out
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
        start = time.process_time()
        for _ in range(3):
            for _ in range(4):
                x @ square
            (x @ up) @ down
        seconds += (time.process_time() - start) / 3 * layers / len(rows)
        n += 1
    return len(batches(lengths)[:: max(1, len(batches(lengths)) // 20)]) / seconds


def timed(what, *args, **options) -> tuple[float, object]:
    """Run something and take the processor's time."""
    start = time.process_time()
    result = what(*args, **options)
    return time.process_time() - start, result


READ_ONCE = """
import json, sys, time
from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import load_head, read
texts, encoder = json.load(sys.stdin), load_encoder()
loaded = {}
try:
    heads = [load_head(name, encoder, loaded=loaded) for name in sys.argv[1:]]
except TypeError:  # before heads could share an adapter
    heads = [load_head(name, encoder) for name in sys.argv[1:]]
read(texts[:64], encoder, heads)
start = time.process_time()
read(texts, encoder, heads)
print(time.process_time() - start)
"""


def compare_checkouts(texts: list[str], other: Path, *, rounds: int = 3) -> None:
    """Print how many times as fast this checkout is as another one, run in turn."""
    ratios = []
    for _ in range(rounds):
        taken = []
        for checkout in (other.resolve(), Path(__file__).resolve().parents[2]):
            done = subprocess.run(
                [sys.executable, "-c", READ_ONCE, *HEADS],
                input=json.dumps(texts),
                env=os.environ | {"PYTHONPATH": str(checkout / "src/lib")},
                capture_output=True,
                check=True,
                text=True,
            )
            taken.append(float(done.stdout.split()[-1]))
        ratios.append(taken[0] / taken[1])
        each = " and ".join(f"{len(texts) / seconds:,.1f}" for seconds in taken)
        print(f"{each} texts a processor-second: {ratios[-1]:.2f} times")
    print(f"in the median {np.median(ratios):.2f} times as fast")


def main() -> None:
    """Print texts a processor-second, ratios and label agreement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--only", choices=["both", "ours"], default="both")
    parser.add_argument("--beside", type=Path, help="another checkout, to compare with")
    options = parser.parse_args()
    texts = posts(options.texts)
    if options.beside:
        compare_checkouts(texts, options.beside)
        return
    quick = load_encoder()
    heads = together(quick)
    read(texts[:64], quick, heads)
    start = time.perf_counter()
    seconds, _ = timed(read, texts, quick, heads, progress=progress)
    minutes = (time.perf_counter() - start) / 60
    print(f"{len(texts):,} texts; {quick.precision}; {torch.get_num_threads()} threads")
    print(f"four heads and vectors: {len(texts) / seconds:,.1f} a second; {minutes:.1f} minutes")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    if options.only == "both":
        slow, _ = timed(read, texts, quick, [load_head(name, quick) for name in HEADS])
        print(f"a pass of its own for every head takes {slow / seconds:.2f} times the time")
        compare_float32(texts)
        compare_pipeline(texts, heads, quick)


def together(encoder) -> list[Head]:
    """Load the packaged heads; those with a shared adapter share it."""
    loaded = {}
    return [load_head(name, encoder, loaded=loaded) for name in HEADS]


def compare_float32(texts: list[str]) -> None:
    """Print the share that float32 reaches of what its matrix products allow."""
    encoder = load_encoder(precision="float32")
    heads = together(encoder)
    seconds, _ = timed(read, texts, encoder, heads)
    adapters = {id(head.upper): head for head in heads}
    shared = max(head.card.shared for head in heads)
    lower = shared if gives_vectors(heads) else len(encoder.layers)
    layers = lower + sum(len(head.upper.layers) for head in adapters.values())
    lengths = [len(piece) for piece in encoder.pieces(texts)]
    most = limit(lengths, encoder, layers=layers)
    reached = len(texts) / seconds
    print(f"float32: {reached:,.1f} a second; its matrix products alone allow {most:,.1f}")


def compare_pipeline(texts: list[str], heads: list[Head], quick) -> None:
    """Print how much faster four heads are than four pipelines, and how often labels agree."""
    encoder = load_encoder(precision="float32")
    seconds, found = timed(read, texts, quick, heads)
    exact = read(texts, encoder, together(encoder))
    total = 0.0
    for head, whole in zip(heads, together(encoder), strict=True):
        pipe = pipeline(
            "text-classification", model=Whole(encoder, whole).eval(), tokenizer=encoder.tokenizer
        )
        taken, answers = timed(pipe, texts, truncation=True, max_length=64)
        total += taken
        scores = found.scores[head.name]
        labels = np.array(head.card.labels, dtype=object)[scores.argmax(axis=1)]
        same = np.mean([label == answer["label"] for label, answer in zip(labels, answers)])  # noqa: B905
        ours = decide(scores, head.card)[0] == decide(exact.scores[head.name], head.card)[0]
        print(f"{head.name}: as the pipeline {same:.2%}; as our float32 {ours.mean():.2%}")
    print(
        f"transformers.pipeline: {len(texts) / total:,.1f} a second; ours {total / seconds:.2f} x"
    )


if __name__ == "__main__":
    main()
