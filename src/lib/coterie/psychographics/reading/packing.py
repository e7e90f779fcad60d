"""Layers whose weights are laid out once, the way the processor multiplies 16-bit numbers."""

import copy

import torch
from torch import nn
from transformers.activations import GELUActivation


class PackedLinear(nn.Module):
    """A linear layer in bfloat16 whose weights are laid out when it is made, not at every product.

    Weights as a model keeps them are cast and laid out anew for each batch; here the processor's
    library (oneDNN) also applies the activation while a product is still in its cache.
    """

    def __init__(self, linear: nn.Linear, *, gelu: bool = False) -> None:
        super().__init__()
        weight = linear.weight.detach().bfloat16()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        self.bias = linear.bias.detach().bfloat16()
        self.follows = ("gelu", [], "none") if gelu else ("none", [], "")

    def forward(self, state: torch.Tensor) -> torch.Tensor:
        """Multiply, add the bias, and apply the activation where there is one."""
        return torch.ops.mkldnn._linear_pointwise(state, self.weight, self.bias, *self.follows)


def made_for_bfloat16() -> bool:
    """Say whether this processor multiplies 16-bit numbers by instructions of its own."""
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return wide and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def packed(layers: nn.ModuleList) -> nn.ModuleList:
    """Copy layers into bfloat16, their weights laid out once; the layers given stay as they are.

    >>> layers = nn.ModuleList([nn.Linear(32, 32)])
    >>> state = torch.ones(2, 32).bfloat16()
    >>> quick = packed(layers)[0](state) if made_for_bfloat16() else layers[0](state.float())
    >>> torch.allclose(quick.float(), layers[0](state.float()), atol=0.05)
    True
    """
    layers = copy.deepcopy(layers).bfloat16()
    for module in list(layers.modules()):
        gelu = isinstance(getattr(module, "intermediate_act_fn", None), GELUActivation)
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, PackedLinear(child, gelu=gelu))
        if gelu:
            module.intermediate_act_fn = nn.Identity()
    return layers
