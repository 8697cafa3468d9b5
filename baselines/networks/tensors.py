"""Tensors: what networks read of posts, on the device that they are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


class Tensors:
    """What a network reads of n posts, as plain tensors; a batch is gathered by index.

    `own` tensors have a row a post. `shared` ones are looked up: `index` [n, k] names their rows, so that a
    post which is the past of a hundred others is held once.
    """

    def __init__(
        self,
        own: Mapping[str, np.ndarray],
        shared: Mapping[str, np.ndarray] | None = None,
        index: np.ndarray | None = None,
    ) -> None:
        import torch

        where = device()
        self.own = {name: torch.from_numpy(array).to(where) for name, array in own.items()}
        self.shared = {name: torch.from_numpy(array).to(where) for name, array in (shared or {}).items()}
        self.index = None if index is None else torch.from_numpy(index).to(where)

    def width(self, name: str) -> int:
        """Size of the last axis of a tensor."""
        return self.widths[name]

    @property
    def widths(self) -> dict[str, int]:
        """Of each tensor."""
        return {name: tensor.shape[-1] for name, tensor in (self.own | self.shared).items()}

    def batch(self, rows: Tensor) -> dict[str, Tensor]:
        """name -> [b, ...]; of shared tensors [b, k, ...]"""
        found = {name: tensor[rows] for name, tensor in self.own.items()}
        if self.index is not None:
            places = self.index[rows]
            found |= {name: tensor[places] for name, tensor in self.shared.items()}
        return found


class Lesson(NamedTuple):
    """The training posts as of some moments: what is read of them, and what is to be said."""

    read: Tensors
    label: Tensor
    """[n, t], as the loss compares it."""


def device() -> str:
    """Where networks are trained: a GPU if there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
