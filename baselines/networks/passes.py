"""Passes: the steps that train one network, epoch by epoch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from baselines.networks.tensors import Lesson

EPOCH = 30_000
"""Posts of an epoch at most: large data need as many steps as small ones, not as many passes. A pass over
more posts is cut into equal parts, an epoch each."""
AVERAGING = 0.99
"""Of the weights, a step: the averaged ones predict. Polyak and Juditsky 1992."""
CLIP = 1.0
"""Largest norm of a gradient."""


class Pace(NamedTuple):
    """How a network learns."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float


def passes(
    net: nn.Module,
    seed: int,
    lessons: Sequence[Lesson],
    loss: Callable[[Tensor, Tensor], Tensor],
    pace: Pace,
) -> Iterator[float]:
    """The mean loss of each epoch; first of all NaN, before any step.

    A copy of the network is stepped; `net` holds the running average of its weights, which predicts.

    Args:
        lessons: the same posts as of several moments: epochs take turns.
        loss: output of the network, labels -> a number.
    """
    import torch

    stepped = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(
        stepped.parameters(), pace.learning_rate, weight_decay=pace.weight_decay, fused=True
    )
    average: list[Tensor] = list(net.parameters())
    current: list[Tensor] = list(stepped.parameters())
    shuffled = torch.Generator().manual_seed(seed)
    posts = in_epochs(len(lessons[0].label), shuffled)
    steps = 0
    yield float("nan")
    for epoch in range(pace.epochs):
        read, label = lessons[epoch % len(lessons)]
        losses = []
        stepped.train()
        for rows in next(posts).to(label.device).split(pace.batch):
            lost = loss(stepped(read.batch(rows)), label[rows])
            optimizer.zero_grad()
            lost.backward()
            torch.nn.utils.clip_grad_norm_(current, CLIP)
            optimizer.step()
            steps += 1
            with torch.no_grad():  # at first the average is over few steps
                torch._foreach_lerp_(average, current, 1 - min(AVERAGING, steps / (steps + 10)))
            losses.append(lost.detach())
        yield float(torch.stack(losses).mean())


def in_epochs(n: int, shuffled: Generator) -> Iterator[Tensor]:
    """int64 [m], m at most EPOCH: the posts of one epoch after the other. All come before one comes again."""
    import torch

    while True:
        yield from torch.randperm(n, generator=shuffled).tensor_split(-(-n // EPOCH))
