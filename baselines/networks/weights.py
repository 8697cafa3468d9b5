"""Weights of a network as arrays, and back. Loads torch: imported where they are kept or restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from baselines.parts.kept import Kept, Learnt


def keep_weights(net: nn.Module, learnt: Learnt) -> None:
    for name, tensor in net.state_dict().items():
        learnt.put(name, tensor.cpu().numpy())


def restore_weights(net: nn.Module, kept: Kept) -> None:
    """Into a network that is built as the kept one was, on the CPU.

    Raises:
        ModelError: it was built otherwise; names an array.
    """
    state = net.state_dict()
    if other := sorted(set(state) ^ kept.names()):
        raise kept.wrong("", f"the network that it was is another: it has '{other[0]}', or has not")
    read = {
        name: torch.from_numpy(kept.array(name, "f" if tensor.is_floating_point() else "i", *tensor.shape))
        for name, tensor in state.items()
    }
    net.load_state_dict(read)
