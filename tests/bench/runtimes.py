"""Time packed layers against the same network without packing, and against OpenVINO.

OpenVINO is no dependency: where `pip install openvino` was not run, only torch is timed.

    python tests/bench/runtimes.py --texts 400                   # the planted world's posts
    python tests/bench/runtimes.py --texts 600 --file lines.txt  # your own, one a line

Every side gets the same batches in one process, in turn, three times; medians of processor-seconds.
"""

import argparse
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from reading import posts, together
from torch import nn

from coterie.psychographics.reading.cards import HEADS, decide, read_card
from coterie.psychographics.reading.encoder import in_batches, load_encoder, padded
from coterie.psychographics.reading.heads import Head, pooled, read_into
from coterie.psychographics.reading.texts import plain

CARDS = [read_card(name) for name in HEADS]


class Network(nn.Module):
    """Vectors and every head's scores as one network in float32, the form OpenVINO takes."""

    def __init__(self, encoder, heads: list[Head]) -> None:
        super().__init__()
        self.embeddings, self.upper = encoder.model.embeddings, heads[0].upper.layers
        self.lower = encoder.model.encoder.layer[: heads[0].card.shared]
        self.projection = heads[0].upper.projection
        self.out = nn.ModuleList(head.out for head in heads)

    def forward(self, ids: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
        state, mask = self.embeddings(input_ids=ids), here[:, None, None, :]
        for layer in [*self.lower, *self.upper]:
            state = layer(state, mask)
        summary = pooled(state, here)
        vectors = nn.functional.normalize(self.projection(summary), dim=1)
        return torch.cat([vectors, *(out(summary) for out in self.out)], dim=1)


def empty_rows(texts: np.ndarray, encoder) -> np.ndarray:
    """Make room for a text's vector and scores."""
    return np.zeros((len(texts), encoder.width + sum(len(card.labels) for card in CARDS)), "f4")


def torch_side(encoder):
    """Read as notebook 04 does."""
    heads = together(encoder)

    def run(texts: np.ndarray) -> np.ndarray:
        rows = empty_rows(texts, encoder)
        read_into(rows, texts, encoder, heads)
        return rows

    return run


def openvino_side(precision: str):
    """Read with OpenVINO, in the same batches."""
    import openvino

    encoder = load_encoder(precision="float32")
    network = Network(encoder, together(encoder)).eval()
    example = (
        torch.randint(5, 2000, (3, 7)),
        torch.arange(7)[None, :] < torch.tensor([[7], [5], [7]]),
    )
    shapes = [([-1, -1], openvino.Type.i64), ([-1, -1], openvino.Type.boolean)]
    with torch.inference_mode():
        graph = openvino.convert_model(network, example_input=example, input=shapes)
    options = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()

    def run(texts: np.ndarray) -> np.ndarray:
        rows = empty_rows(texts, encoder)

        def read_batch(at: np.ndarray, pieces: list[list[int]]) -> None:
            ids, here = padded(pieces, encoder.tokenizer.pad_token_id or 0)
            rows[at] = request.infer([ids.numpy(), here.numpy()])[0]

        in_batches(texts, encoder.pieces, read_batch)
        return rows

    return run


def labels(rows: np.ndarray) -> np.ndarray:
    """Name every text's label of every head, a row a head."""
    ends = np.cumsum([len(card.labels) for card in CARDS])
    scores = np.split(rows[:, -ends[-1] :], ends[:-1], axis=1)
    return np.array([decide(*pair)[0] for pair in zip(scores, CARDS, strict=True)], dtype=object)


def main() -> None:
    """Print processor-seconds, ratios and how many labels are float32's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    lines = options.file.read_text().splitlines() if options.file else posts(options.texts)
    texts = np.unique(np.array([plain(line) for line in lines], dtype=object))
    texts = np.random.default_rng(0).permutation(texts)[: options.texts]
    torch.set_num_threads(1)
    quick = load_encoder()
    loose = quick._replace(layers=quick.model.encoder.layer)
    sides = {f"torch, {side.arithmetic}": torch_side(side) for side in (loose, quick)}
    if find_spec("openvino"):
        sides |= {f"OpenVINO, {name}": openvino_side(name) for name in ("bf16", "f32")}
    truth = labels(torch_side(load_encoder(precision="float32"))(texts))
    compare(sides, texts, truth)


def compare(sides: dict, texts: np.ndarray, truth: np.ndarray) -> None:
    """Run every side three times in turn, after a run that is not counted."""
    found = {name: run(texts) for name, run in sides.items()}
    seconds = {name: [] for name in sides}
    for _ in range(3):
        for name, run in sides.items():
            start = time.process_time()
            run(texts)
            seconds[name].append(time.process_time() - start)
    first = np.median(next(iter(seconds.values())))
    for name, taken in seconds.items():
        alike = (labels(found[name]) == truth).mean(axis=1)
        each = ", ".join(f"{head} {share:.2%}" for head, share in zip(HEADS, alike, strict=True))
        speed = first / np.median(taken)
        print(f"{name}: {np.median(taken):.1f} s, {speed:.2f} x; labels as float32: {each}")


if __name__ == "__main__":
    main()
