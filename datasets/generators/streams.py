"""Random numbers of their own for each purpose."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """The numbers of one purpose, by its name: a change in one leaves the others alone."""
    return np.random.default_rng([seed, *(zlib.crc32(str(part).encode()) for part in name)])
