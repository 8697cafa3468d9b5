"""Images: what all encoders of images have in common: files are decoded ahead, broken ones are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Decoded, Frame, decoded_batches
from benchmark.encoders.interface import Encoded
from benchmark.encoders.side_by_side import side_by_side

BATCH = 32


def encode_images(
    paths: Sequence[Path | None],
    frame: Frame,
    dim: int,
    threads: int | None,
    vectors_of: Callable[[list[NDArray[np.uint8]]], Any],
) -> Encoded:
    """Encode the images that can be decoded.

    Args:
        threads: of the decoder, which works on the next batches while some are encoded, and of `vectors_of`.
        vectors_of: called with the pixels of up to 32 images; returns [m, dim], of any kind of float. Loads
            nothing: see `side_by_side`.
    """
    import torch

    vectors = np.zeros((len(paths), dim), np.float16)
    ok = np.zeros(len(paths), bool)
    reasons: Counter[str] = Counter()

    def made(decoded: list[Decoded]) -> tuple[list[Decoded], Any]:
        sound = [one for one in decoded if not isinstance(one, str)]
        return decoded, vectors_of(sound) if sound else None

    start = 0
    lanes = threads or torch.get_num_threads()
    batches = decoded_batches(paths, frame, batch=BATCH, threads=lanes)
    for decoded, found in side_by_side(made, batches, lanes):
        reasons.update(one for one in decoded if isinstance(one, str))
        rows = start + np.array([i for i, one in enumerate(decoded) if not isinstance(one, str)], int)
        if len(rows):
            vectors[rows], ok[rows] = found, True
        start += len(decoded)
    return Encoded(vectors, ok, dict(reasons))
