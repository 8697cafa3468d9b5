"""What a network is asked for, the label around a base or the log-odds of an event, and by which loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from baselines.parts.errors import SUREST
from benchmark import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from baselines.parts.kept import Kept, Learnt

    Loss = Callable[[Tensor, Tensor], Tensor]

LOSSES = ("mae", "mse", "huber", "quantile")
SCALINGS = ("log", "robust")
CONTENT = ("text", "image", "sentiment", "topics")
STUDY: Mapping[str, Sequence[Any]] = {
    "loss": LOSSES,
    "scaling": SCALINGS,
    "level": (True, False),
    "encodings": (CONTENT,),
}
"""What networks compare, each in a table of its own; encodings that a data set lacks are left out."""
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles that a network with the quantile loss predicts."""


class Asked(ABC):
    """n posts, t targets."""

    spread: Array
    """float32 [t]: what labels of earlier posts, less their level, are divided by."""

    @abstractmethod
    def fit(self, y: Array, base: Array) -> Self:
        """y, base: float32 [n, t], on the scoring scale."""

    @abstractmethod
    def scaled(self, y: Array, base: Array) -> Array:
        """float32 [n, t]: what the loss compares outputs with."""

    @abstractmethod
    def label(self, scaled: Array, base: Array) -> Array:
        """Outputs on the scoring scale: float32, in the shape of `scaled`: [n, t] or [n, t, quantiles]."""

    @abstractmethod
    def loss(self, name: str) -> Loss:
        """(output, what `scaled` has made of the label) -> mean loss. name: what a setting asks for."""

    @abstractmethod
    def keep(self, learnt: Learnt) -> None: ...

    @abstractmethod
    def restore(self, kept: Kept, targets: int) -> Self: ...


class TargetScale(Asked):
    """Label -> what the network learns, and back.

    `log`: (y - base) / spread, on the scoring scale, which for counts is their logarithm. `robust`: the same
    of the counts themselves, where y is log1p of a count. The spread is the interquartile range.
    """

    def __init__(self, scaling: str, scales: tuple[str, ...]) -> None:
        """scales: of each target, `log1p` or `identity`."""
        if scaling not in SCALINGS:
            raise ValueError(f"scaling={scaling}: there are {', '.join(SCALINGS)}")
        counted = [scaling == "robust" and scale == "log1p" for scale in scales]
        self.counted = np.array(counted, bool)

    def fit(self, y: Array, base: Array) -> Self:
        low, high = np.quantile(self._linear(y) - self._linear(base), [0.25, 0.75], axis=0)
        self.spread = np.maximum(high - low, 1e-6).astype(np.float32)
        return self

    def scaled(self, y: Array, base: Array) -> Array:
        return ((self._linear(y) - self._linear(base)) / self.spread).astype(np.float32)

    def label(self, scaled: Array, base: Array) -> Array:
        if scaled.ndim == 3:
            return np.stack([self.label(scaled[:, :, q], base) for q in range(scaled.shape[2])], axis=2)
        linear = self._linear(base) + scaled * self.spread
        # No count is below 0; and what is exponentially far off stays finite.
        counts = np.log1p(np.clip(linear, 0, 1e12))
        return np.where(self.counted, counts, linear).astype(np.float32)

    def loss(self, name: str) -> Loss:
        return loss_function(name)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("spread", self.spread)

    def restore(self, kept: Kept, targets: int) -> Self:
        self.spread = kept.array("spread", "f", targets)
        return self

    def _linear(self, y: Array) -> Array:
        return np.where(self.counted, np.expm1(np.minimum(y, 27)), y).astype(np.float64)


class LogOdds(Asked):
    """Outputs are added to the log-odds of the training posts' rate of events; the loss is the log loss.

    There is no base, and what is told of earlier posts is told as it is.
    """

    def fit(self, y: Array, base: Array) -> Self:
        rate = (y.sum(axis=0, dtype=np.float64) + 1) / (len(y) + 2)  # Laplace: never certain
        self.rate = np.log(rate / (1 - rate)).astype(np.float32)
        """[t]"""
        self.spread = np.ones_like(self.rate)
        return self

    def scaled(self, y: Array, base: Array) -> Array:
        return y.astype(np.float32)

    def label(self, scaled: Array, base: Array) -> Array:
        from scipy.special import expit

        return np.clip(expit(self.rate + scaled), SUREST, 1 - SUREST).astype(np.float32)

    def loss(self, name: str) -> Loss:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        rate = torch.from_numpy(self.rate)
        return lambda output, y: binary_cross_entropy_with_logits(output + rate.to(output.device), y)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("rate", self.rate)

    def restore(self, kept: Kept, targets: int) -> Self:
        self.rate = kept.array("rate", "f", targets)
        self.spread = np.ones_like(self.rate)
        return self


def loss_function(name: str) -> Loss:
    """(output [b, t] or [b, t, quantiles], scaled label [b, t]) -> mean loss.

    Huber: Huber 1964, threshold 1. Quantile: Koenker and Bassett 1978, mean over LEVELS.

    Raises:
        ValueError: no loss of this name.
    """
    from torch.nn import functional

    if name == "quantile":
        return _pinball
    plain: dict[str, Loss] = {
        "mae": functional.l1_loss,
        "mse": functional.mse_loss,
        "huber": functional.huber_loss,
    }
    if name not in plain:
        raise ValueError(f"loss={name}: there are {', '.join(LOSSES)}")
    return plain[name]


def _pinball(output: Tensor, label: Tensor) -> Tensor:
    import torch

    error = label.unsqueeze(-1) - output
    levels = output.new_tensor(LEVELS)
    return torch.maximum(levels * error, (levels - 1) * error).mean()
