"""The network of `lstm`. Loads torch: imported where the network is built."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from baselines.networks.layers import Entry, head


class LSTMNetwork(nn.Module):
    """The user's earlier posts, the oldest first, and then the new one, through an LSTM.

    Steps before a user's first post are zeros and carry a flag that says so: nothing need be packed, and a
    user without a past goes through the same arithmetic.
    """

    def __init__(
        self, entry: Entry, width: int, past: int, hidden: int, outputs: int, dropout: float
    ) -> None:
        """
        Args:
            width: of what `entry` gives. past: numbers that tell of an earlier post.
        """
        super().__init__()
        self.entry = entry
        self.past = nn.Sequential(nn.Dropout(dropout), nn.Linear(past, width))
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        self.head = head(hidden + width, hidden, outputs, dropout)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        new = self.entry(batch)
        earlier = self.past(torch.cat([batch["features"], batch["told"]], dim=2))
        steps = torch.tanh(torch.cat([earlier, new.unsqueeze(1)], dim=1))
        states, _ = self.lstm(steps)
        return self.head(torch.cat([states[:, -1], new], dim=1))
