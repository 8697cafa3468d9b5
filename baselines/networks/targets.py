"""What a network is asked for: the label around a base, on a scale, and the loss that it is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from benchmark import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

LOSSES = ("mae", "mse", "huber", "quantile")
SCALINGS = ("log", "robust")
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles that a network with the quantile loss predicts."""


class TargetScale:
    """Label -> what the network learns, and back. n posts, t targets.

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
        """y, base: float32 [n, t], on the scoring scale."""
        low, high = np.quantile(self._linear(y) - self._linear(base), [0.25, 0.75], axis=0)
        self.spread = np.maximum(high - low, 1e-6).astype(np.float32)
        return self

    def scaled(self, y: Array, base: Array) -> Array:
        """float32 [n, t]"""
        return ((self._linear(y) - self._linear(base)) / self.spread).astype(np.float32)

    def label(self, scaled: Array, base: Array) -> Array:
        """Back to the scoring scale: float32, in the shape of `scaled`: [n, t] or [n, t, quantiles]."""
        if scaled.ndim == 3:
            return np.stack([self.label(scaled[:, :, q], base) for q in range(scaled.shape[2])], axis=2)
        linear = self._linear(base) + scaled * self.spread
        # No count is below 0; and what is exponentially far off stays finite.
        counts = np.log1p(np.clip(linear, 0, 1e12))
        return np.where(self.counted, counts, linear).astype(np.float32)

    def _linear(self, y: Array) -> Array:
        return np.where(self.counted, np.expm1(np.minimum(y, 27)), y).astype(np.float64)


def loss_function(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """(output [b, t] or [b, t, quantiles], scaled label [b, t]) -> mean loss.

    Huber: Huber 1964, threshold 1. Quantile: Koenker and Bassett 1978, mean over LEVELS.

    Raises:
        ValueError: no loss of this name.
    """
    from torch.nn import functional

    if name == "quantile":
        return _pinball
    plain: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
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
