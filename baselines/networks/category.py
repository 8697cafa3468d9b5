"""The network of `category_embedding`. Loads torch: imported where the network is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.networks.layers import Entry, head


class Offsets(nn.Module):
    """The vector of a group: the sum of the offsets on the way down to it, each pulled towards 0.

    Offsets are 0 at first: what training has not moved is as its parent is, and the root is 0.
    """

    def __init__(self, counts: np.ndarray, kappa: float, pace: float, dim: int) -> None:
        """
        Args:
            counts: [nodes + 1] posts, of the root all of them.
            kappa: an offset o costs kappa |o|^2 / 2, as much as kappa posts that say 0. With half the squared
                error, the optimum is n / (n + kappa) times the mean of n posts (Gelman and Hill 2007,
                chapter 12). Steps are shortened by that share as well: training stops before the optimum.
            pace: length of a step, in multiples of the learning rate.
        """
        super().__init__()
        self.moved = nn.Parameter(torch.zeros(len(counts), dim))
        steps = pace * shares(counts, kappa)
        steps[0] = 0  # the root is not an offset
        self.steps: Tensor
        self.register_buffer("steps", torch.from_numpy(steps.astype(np.float32)).unsqueeze(1))
        self.pull = kappa / max(int(counts[0]), 1)

    def forward(self, paths: Tensor) -> Tensor:
        """int64 [..., depth] nodes -> [..., dim]"""
        offsets: Tensor = _Pulled.apply(self.moved * self.steps, self.pull)
        return offsets[paths].sum(-2)


def shares(counts: np.ndarray, kappa: float) -> np.ndarray:
    """n / (n + kappa), 0 where n is 0: what n posts say of their group against what its parent says."""
    return counts / np.maximum(counts + kappa, 1e-9)


class _Pulled(torch.autograd.Function):
    """The identity; its gradient is that of a loss with strength |x|^2 / 2 added."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return gradient + ctx.strength * x, None


class CategoryNetwork(nn.Module):
    """The post's own numbers, the vector of its category and the vector of its user, added up and corrected.

    The category's vector also reaches the output directly: effects that add up, as in a multilevel model.
    """

    def __init__(
        self,
        entry: Entry,
        categories: Offsets,
        users: Offsets,
        *,
        width: int,
        hidden: int,
        outputs: int,
        dropout: float,
    ) -> None:
        """
        Args:
            width: of what `entry` gives.
            categories, users: their vectors are of the same size.
        """
        super().__init__()
        dim = categories.moved.shape[1]
        self.entry, self.categories, self.users = entry, categories, users
        self.category = nn.Linear(dim, width, bias=False)
        self.user = nn.Linear(dim, width, bias=False)
        self.effect = nn.Linear(dim, outputs, bias=False)
        self.head = head(width, hidden, outputs, dropout)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        category = self.categories(batch["path"])
        user = self.user_vector(batch, category)
        read = self.entry(batch) + self.category(category) + self.user(user)
        return self.head(read) + self.effect(category)

    def user_vector(self, batch: Mapping[str, Tensor], category: Tensor) -> Tensor:
        """[b, dim]: the mean of the categories of this post and of the user's earlier ones, plus an offset.

        Without `paths`, those of earlier posts, the offset is all.
        """
        offset = self.users(batch["user"])
        if "paths" not in batch:
            return offset
        exists = batch["exists"].unsqueeze(-1)
        earlier = (self.categories(batch["paths"]) * exists).sum(1)
        return offset + (category + earlier) / (1 + exists.sum(1))
