"""Features of the leak screen: strings and vectors as the numbers that a label could hide in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LONGEST = 2000
"""Letters of a text that are looked at."""
_WORDS = 512
"""Buckets that words are hashed into."""
_WIDEST = 512
"""Entries of a vector that are looked at."""
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"\w+")


def numbers_in(texts: Sequence[str]) -> dict[str, Floats]:
    """What a text says in numbers: the first, the last and the largest in it, NaN without; and its length."""
    found = [[float(one[:300]) for one in _NUMBER.findall(text[:_LONGEST])] for text in texts]
    # In ranks, a number of any size is one.
    return {
        "the first number": np.array([numbers[0] if numbers else np.nan for numbers in found]),
        "the last number": np.array([numbers[-1] if numbers else np.nan for numbers in found]),
        "the largest number": np.array([max(numbers, default=np.nan) for numbers in found]),
        "the length": np.array([float(len(text)) for text in texts]),
    }


def words(texts: Sequence[str]) -> Floats:
    """[n, 512] how often each word is there, hashed; a text's own length is 1."""
    result = np.zeros((len(texts), _WORDS))
    known: dict[str, int] = {}
    for i, text in enumerate(texts):
        for word in _WORD.findall(text[:_LONGEST].lower()):
            if word not in known:
                known[word] = zlib.crc32(word.encode("utf-8", "replace")) % _WORDS
            result[i, known[word]] += 1
    used = result.any(axis=0)
    result = result[:, used] if used.any() else result[:, :1]
    return np.asarray(result / np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-12) * 5)


def entries(vectors: Sequence[Sequence[float] | None]) -> Floats:
    """[n, d] the entries of vectors of one length in ranks, 0 where there is no vector."""
    width = max((len(vector) for vector in vectors if vector is not None), default=0)
    result = np.full((len(vectors), min(width, _WIDEST)), np.nan)
    for i, vector in enumerate(vectors):
        if vector is not None:
            result[i] = vector[:_WIDEST]
    return in_ranks(result)


def in_ranks(values: Floats) -> Floats:
    """[n, d] each column in ranks of variance 1, what is missing in the middle."""
    ranks = (pd.DataFrame(values).rank(pct=True).to_numpy() - 0.5) * np.sqrt(12)
    return np.asarray(np.nan_to_num(ranks))


def standardised(values: Floats) -> Floats:
    """[n, d] each column with mean 0 and variance 1, what is missing at the mean."""
    largest = np.nanmax(np.abs(np.where(np.isfinite(values), values, 0.0)), axis=0)
    inside = np.where(np.isfinite(values), values / np.where(largest > 0, largest, 1.0), np.nan)
    counts = np.maximum(np.isfinite(inside).sum(axis=0), 1)
    centred = np.nan_to_num(inside - np.nansum(inside, axis=0) / counts)
    spread = np.sqrt((centred**2).mean(axis=0))
    return np.asarray(centred / np.where(spread > 1e-12, spread, 1.0))
