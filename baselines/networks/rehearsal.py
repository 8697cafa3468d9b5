"""Rehearsal: the network that stopped early on the holdout, kept to be looked into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmark import Array

if TYPE_CHECKING:
    from torch import Tensor

    from baselines.networks.members import Members
    from baselines.parts.errors import Error


class Rehearsal(NamedTuple):
    """The network that stopped early, and a sample of the holdout as it reads it: to be looked into."""

    net: Members
    batch: dict[str, Tensor]
    names: list[str]
    """Of the columns of its numbers."""
    base: Array
    y: Array


def draw_importance(
    folder: Path,
    rehearsal: Rehearsal,
    predict: Callable[[Members, Mapping[str, Tensor], Array], Array],
    error: Error,
    seed: int,
) -> None:
    """`importance.csv` and `.png`: how much the holdout's error grows when an input is shuffled.

    Args:
        predict: network, batch, base -> float32 [n, targets]
    """
    from baselines.parts.importance import permutation_importance
    from baselines.parts.plots import bars

    net, batch, names, base, y = rehearsal
    found = permutation_importance(batch, names, lambda changed: predict(net, changed, base), y, seed, error)
    lines = [f"input,{error.key}_growth", *(f"{name},{growth:.6g}" for name, growth in found.items())]
    (folder / "importance.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    title = "What the error owes to each input"
    told = f"growth of {error.name} when shuffled"
    bars(folder / "importance.png", list(found), list(found.values()), title, told)


def middle_of(predicted: Array) -> Array:
    """[n, targets]: of quantiles the median."""
    return predicted[:, :, predicted.shape[2] // 2] if predicted.ndim == 3 else predicted
