"""What a network's error owes to each of its inputs: permutation importance (Breiman 2001, section 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from baselines.parts.errors import MAE, Error

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark import Array

    Batch = Mapping[str, Tensor]


def permutation_importance(
    batch: Batch, names: list[str], predict: Callable[[Batch], Array], y: Array, seed: int, error: Error = MAE
) -> dict[str, float]:
    """Input -> by how much the error grows when its values are dealt out anew among the posts.

    Args:
        batch: name -> tensor [n, ...]. `numbers` [n, p] is taken column by column, the others whole.
        names: of the first columns of `numbers`; the columns after them count as one, `text and image score`.
        predict: batch -> float32 [n, targets]. y: float32 [n, targets].
    """
    import torch

    dealt = torch.from_numpy(np.random.default_rng(seed).permutation(len(y)))
    whole = error(predict(batch), y)

    def grown(changed: Batch) -> float:
        return error(predict({**batch, **changed}), y) - whole

    found = {}
    for name, tensor in batch.items():
        if tensor.shape[-1] == 0:
            continue
        if name != "numbers":
            found[name] = grown({name: tensor[dealt]})
            continue
        groups = {one: [i] for i, one in enumerate(names)}
        if len(names) < tensor.shape[1]:
            groups["embedding scores"] = list(range(len(names), tensor.shape[1]))
        for one, columns in groups.items():
            shuffled = tensor.clone()
            shuffled[:, columns] = tensor[dealt][:, columns]
            found[one] = grown({name: shuffled})
    return found
