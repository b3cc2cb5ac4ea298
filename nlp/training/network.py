"""The encoder as a torch module; ``export`` writes the same arithmetic down for onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from nlp.encoder import MOST_PIECES
from nlp.training.export import HEADS_OF_ATTENTION

_EPSILON = 1e-12
_FAR = -1e4  # low enough to hide padding, and still a number in bfloat16
HEAD_PARTS = ("mean", "query", "value")  # what the base model does not bring


class Layer(nn.Module):
    """One layer of BERT's kind: attention, then two products with GELU, each added and normed."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.ao = nn.Linear(width, width)
        self.ln1 = nn.LayerNorm(width, _EPSILON)
        self.fi = nn.Linear(width, inner)
        self.fo = nn.Linear(inner, width)
        self.ln2 = nn.LayerNorm(width, _EPSILON)

    def forward(self, x: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return the next states; ``x`` has shape (rows, pieces, width)."""
        rows, pieces, width = x.shape
        each = width // HEADS_OF_ATTENTION
        parts = self.qkv(x).view(rows, pieces, 3, HEADS_OF_ATTENTION, each)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        looks = torch.matmul(q * each**-0.5, k.transpose(-1, -2)) + hidden
        seen = torch.matmul(looks.softmax(-1).to(v.dtype), v)
        x = self.ln1(x + self.ao(seen.permute(0, 2, 1, 3).reshape(rows, pieces, width)))
        return self.ln2(x + self.fo(functional.gelu(self.fi(x))))


class Network(nn.Module):
    """Word pieces to raw scores, one column a head (see ``nlp.models.head_names``).

    Each head adds what the mean of all pieces says to what the pieces say that it looks at itself:
    one word of a long item ("đuối nước") may decide a topic.
    """

    def __init__(self, pieces: int, heads: int, layers: int, width: int, inner: int) -> None:
        super().__init__()
        self.word = nn.Embedding(pieces, width)
        self.pos = nn.Embedding(MOST_PIECES, width)
        self.ln = nn.LayerNorm(width, _EPSILON)
        self.layers = nn.ModuleList(Layer(width, inner) for _ in range(layers))
        self.mean = nn.Linear(width, heads)
        self.query = nn.Linear(width, heads, bias=False)
        self.value = nn.Linear(width, heads, bias=False)
        for part in (self.mean, self.query, self.value):
            nn.init.normal_(part.weight, std=0.02)
        nn.init.zeros_(self.mean.bias)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return scores of shape (rows, heads); ``mask`` is True where a piece stands."""
        x = self.ln(self.word(ids) + self.pos.weight[: ids.shape[1]])
        hidden = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(~mask, _FAR)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, hidden)
        there = mask[..., None].to(x.dtype)
        mean = (x * there).sum(1) / there.sum(1)
        share = (self.query(x) + (1 - there) * _FAR).float().softmax(1)
        return self.mean(mean).float() + (share * self.value(x).float()).sum(1)


def network_of(arrays: Mapping[str, Any], heads: int) -> Network:
    """Return a network of the size of these arrays, holding them; heads they lack start anew.

    Raises ``RuntimeError`` (torch's) for arrays that do not fit each other.
    """
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in arrays.items()}
    layers = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("layers."))
    pieces, width = tensors["word.weight"].shape
    network = Network(pieces, heads, layers, width, len(tensors["layers.0.fi.bias"]))
    missing, surplus = network.load_state_dict(tensors, strict=False)
    if surplus or any(name.split(".")[0] not in HEAD_PARTS for name in missing):
        raise RuntimeError(f"arrays do not fit: missing {missing}, surplus {surplus}")
    return network
