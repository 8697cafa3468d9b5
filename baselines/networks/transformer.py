"""The network of `transformer`. Loads torch: imported where the network is built."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from baselines.networks.layers import Entry, head


class TransformerNetwork(nn.Module):
    """Encoder layers over the user's earlier posts, the oldest first, and the new one, which is read out."""

    places: Tensor

    def __init__(
        self,
        entry: Entry,
        width: int,
        past: int,
        k: int,
        heads: int,
        layers: int,
        outputs: int,
        dropout: float,
    ) -> None:
        """
        Args:
            width: of what `entry` gives. past: numbers that tell of an earlier post. k: earlier posts.
        """
        super().__init__()
        self.entry = entry
        self.past = nn.Sequential(nn.Dropout(dropout), nn.Linear(past, width))
        self.register_buffer("places", _sinusoids(k + 1, width), persistent=False)
        self.layers = nn.ModuleList(_Layer(width, heads, dropout) for _ in range(layers))
        self.head = head(2 * width, width, outputs, dropout)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        new, states, _ = self._encoded(batch)
        return self.head(torch.cat([states[:, -1], new], dim=1))

    def attention(self, batch: Mapping[str, Tensor]) -> Tensor:
        """[b, heads, k + 1]: what the new post attends to in the last layer."""
        return self._encoded(batch)[2][:, :, -1]

    def _encoded(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        new = self.entry(batch)
        earlier = self.past(torch.cat([batch["features"], batch["told"]], dim=2))
        states = torch.cat([earlier, new.unsqueeze(1)], dim=1) + self.places
        # The new post is always there, so that no row is without anything to attend to.
        absent = torch.cat([~batch["exists"], torch.zeros_like(batch["exists"][:, :1])], dim=1)
        weights = states
        for layer in self.layers:
            states, weights = layer(states, absent)
        return new, states, weights


class _Layer(nn.Module):
    """Attention and two linear layers, each normalised before and added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.linear = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        read = self.before(states)
        seen, weights = self.attention(
            read,
            read,
            read,
            key_padding_mask=absent,
            average_attn_weights=False,
            need_weights=not self.training,
        )
        states = states + self.dropout(seen)
        return states + self.dropout(self.linear(self.between(states))), weights


def _sinusoids(length: int, width: int) -> Tensor:
    """[length, width]: Vaswani et al. 2017, section 3.5."""
    place = torch.arange(length).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
    return torch.stack([torch.sin(place * rate), torch.cos(place * rate)], dim=2).reshape(length, width)
