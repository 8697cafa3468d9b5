"""Layers that several networks share. Loads torch: imported where a network is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Entry(nn.Module):
    """Numbers, category codes and reduced embeddings of a post -> one vector.

    Reads `numbers` [b, p], `codes` [b, c] and `embeddings` [b, e] of a batch; gives [b, width].
    """

    def __init__(
        self, numbers: int, sizes: Sequence[int], embeddings: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        # As wide as fast.ai's rule of thumb, but at most 16: most of these data sets are small.
        widths = [min(16, 1 + round(1.6 * size**0.56 / 2)) for size in sizes]
        self.categories = nn.ModuleList(
            nn.Embedding(size, wide) for size, wide in zip(sizes, widths, strict=True)
        )
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(numbers + sum(widths) + embeddings, width)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        codes = batch["codes"]
        looked_up = [table(codes[:, i]) for i, table in enumerate(self.categories)]
        read = torch.cat([batch["numbers"], *looked_up, batch["embeddings"]], dim=1)
        return self.linear(self.dropout(read))


def head(width: int, hidden: int, outputs: int, dropout: float) -> nn.Sequential:
    """Two layers whose output is 0 at first: a network starts from the recent level."""
    last = nn.Linear(hidden, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(width, hidden), nn.GELU(), last)
