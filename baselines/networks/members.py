"""Members: networks of one shape, trained apart from seeds of their own, whose outputs are averaged.

Loads torch: imported where networks are built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Members(nn.Module):
    """The mean of what they say: Hansen and Salamon 1990."""

    def __init__(self, each: Sequence[nn.Module]) -> None:
        super().__init__()
        self.each = nn.ModuleList(each)

    @property
    def first(self) -> nn.Module:
        """The one that is looked into."""
        return self.each[0]

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        outputs: list[Tensor] = [net(batch) for net in self.each]
        return torch.stack(outputs).mean(dim=0) if len(outputs) > 1 else outputs[0]
