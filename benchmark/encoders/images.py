"""Images: what all encoders of images have in common: files are decoded ahead, broken ones are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Frame, decoded_batches
from benchmark.encoders.interface import Encoded

BATCH = 32


def encode_images(
    paths: Sequence[Path | None],
    frame: Frame,
    dim: int,
    threads: int,
    vectors_of: Callable[[list[NDArray[np.uint8]]], Any],
) -> Encoded:
    """Encode the images that can be decoded.

    Args:
        threads: of the decoder; it works on the next batch while this one is encoded.
        vectors_of: called with the pixels of up to 32 images; returns [m, dim], of any kind of float.
    """
    vectors = np.zeros((len(paths), dim), np.float16)
    ok = np.zeros(len(paths), bool)
    reasons: Counter[str] = Counter()
    start = 0
    for decoded in decoded_batches(paths, frame, batch=BATCH, threads=threads):
        sound = [i for i, one in enumerate(decoded) if not isinstance(one, str)]
        reasons.update(one for one in decoded if isinstance(one, str))
        if sound:
            rows = start + np.array(sound)
            vectors[rows] = vectors_of([one for one in decoded if not isinstance(one, str)])
            ok[rows] = True
        start += len(decoded)
    return Encoded(vectors, ok, dict(reasons))
