"""Texts: what all encoders of texts have in common: a blank text has nothing to encode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmark.encoders.interface import Encoded


def encode_texts(texts: Sequence[str], dim: int, vectors_of: Callable[[list[str]], Any]) -> Encoded:
    """Encode the texts that are not blank.

    Args:
        vectors_of: called once with those texts; returns [m, dim], of any kind of float.
    """
    ok = np.array([bool(text.strip()) for text in texts], bool)
    vectors = np.zeros((len(texts), dim), np.float16)
    if ok.any():
        vectors[ok] = vectors_of([text for text, given in zip(texts, ok, strict=True) if given])
    blank = int((~ok).sum())
    return Encoded(vectors, ok, {"blank text": blank} if blank else {})
