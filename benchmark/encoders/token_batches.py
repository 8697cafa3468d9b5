"""Batches of tokens: texts of one padded length at a time.

A text is padded to a length that it alone decides, so that its vector does not depend on how long its
neighbours are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.side_by_side import side_by_side

BATCH = 32
LENGTH_STEP = 8


def vectors_of_tokens(
    tokens: Sequence[Sequence[int]],
    model: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float16]],
    *,
    dim: int,
    longest: int,
    pad: int = 0,
    threads: int | None = None,
) -> NDArray[np.float16]:
    """float16 [n, dim]: what `model` makes of texts given as token ids.

    Args:
        model: called with ids and mask, both int64 [batch, length]; returns float16 [batch, dim].
        longest: tokens of the longest text there can be.
        pad: id of the token that fills up; the mask is 0 there.
        threads: that call `model` side by side: see `side_by_side`.
    """
    vectors = np.zeros((len(tokens), dim), np.float16)
    lengths = np.array([_padded(len(ids), longest) for ids in tokens], int)
    batches = list(_batches(lengths))

    def found(batch: NDArray[np.int64]) -> NDArray[np.float16]:
        ids = np.full((len(batch), lengths[batch[0]]), pad, np.int64)
        mask = np.zeros_like(ids)
        for row, position in enumerate(batch):
            one = tokens[position]
            ids[row, : len(one)] = one
            mask[row, : len(one)] = 1
        return model(ids, mask)

    for batch, made in zip(batches, side_by_side(found, batches, threads), strict=True):
        vectors[batch] = made
    return vectors


def _padded(length: int, longest: int) -> int:
    return min(-(-length // LENGTH_STEP) * LENGTH_STEP, longest)


def _batches(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Positions of texts of one length at a time."""
    for length in np.unique(lengths):
        positions = np.flatnonzero(lengths == length)
        yield from np.split(positions, range(BATCH, len(positions), BATCH))
