"""Layers laid out for the processor read what the layers they were copied from read."""

import numpy as np
import pytest
import torch
from torch import nn

from coterie.psychographics.reading import encoder as encoders
from coterie.psychographics.reading.cards import HEADS, decide
from coterie.psychographics.reading.encoder import PROBES, load_encoder
from coterie.psychographics.reading.heads import load_head, read
from coterie.psychographics.reading.packing import PackedLinear, made_for_bfloat16, packed
from coterie.psychographics.reading.reader import load_reader

TEXTS = [*PROBES, "", "worst service ever, it broke again and nobody helps", "so good " * 40]
needs_bfloat16 = pytest.mark.skipif(
    not made_for_bfloat16(), reason="the processor multiplies no 16-bit numbers"
)


@pytest.fixture(scope="module")
def exact():
    return load_encoder(precision="float32")


def test_float32_reads_with_the_layers_of_the_model_itself(exact):
    head = load_head("intent", exact)
    layers = [*exact.layers, *head.upper.layers]
    assert exact.layers is exact.model.encoder.layer
    assert not any(isinstance(part, PackedLinear) for layer in layers for part in layer.modules())
    assert all(weight.dtype == torch.float32 for layer in layers for weight in layer.parameters())


@needs_bfloat16
def test_packed_heads_read_as_float32_does(exact):
    quick = load_encoder(precision="bfloat16")
    assert quick.packed
    found, truth = (
        read(TEXTS, encoder, [load_head(name, encoder) for name in HEADS])
        for encoder in (quick, exact)
    )
    assert (found.vectors * truth.vectors).sum(axis=1).min() > 0.999
    for name in HEADS:
        card = load_head(name, exact).card
        assert np.abs(found.scores[name] - truth.scores[name]).max() < 0.3
        assert (
            decide(found.scores[name], card)[0] == decide(truth.scores[name], card)[0]
        ).mean() > 0.9


@needs_bfloat16
def test_packing_leaves_the_layers_it_copies_as_they_are(exact):
    before = {name: weight.clone() for name, weight in exact.layers.state_dict().items()}
    copied = packed(exact.layers)
    linear = [part for part in exact.layers.modules() if isinstance(part, nn.Linear)]
    laid_out = [part for part in copied.modules() if isinstance(part, PackedLinear)]
    assert len(linear) == len(laid_out) == 6 * len(exact.layers)
    after = exact.layers.state_dict()
    assert all((after[name] == weight).all() for name, weight in before.items())


def test_a_processor_not_made_for_16_bits_packs_nothing(monkeypatch):
    monkeypatch.setattr(encoders, "made_for_bfloat16", lambda: False)
    assert not load_encoder(precision="bfloat16").packed
    if not torch.cuda.is_available():
        assert load_encoder().arithmetic == "float32"


def test_rows_cached_by_one_arithmetic_are_not_taken_for_another(monkeypatch):
    names = {load_reader(["intent"], precision=how).name for how in ("float32", "bfloat16")}
    monkeypatch.setattr(encoders, "made_for_bfloat16", lambda: False)
    names.add(load_reader(["intent"], precision="bfloat16").name)
    assert len(names) == 2 + made_for_bfloat16()
