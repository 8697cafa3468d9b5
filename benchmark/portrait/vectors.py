"""Vectors of some texts: from the feature cache where it is full, and else made for these alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.cache import FeatureCache
from benchmark.encoders.interface import Encoder

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features


class Vectors:
    """Of the posts of a data set, by their rows. To fill the cache for a look at some would take too long."""

    def __init__(self, encoder: Encoder, prepared: Prepared, home: Path, texts: Sequence[str]) -> None:
        """texts: of each post; empty where it has none."""
        self.encoder, self.texts = encoder, texts
        self._cached = _full(encoder, prepared, home, texts)
        self._made: dict[str, NDArray[np.float32]] = {}

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 [m, dim]"""
        if self._cached is not None:
            return self._cached.rows(rows)
        texts = [self.texts[i] for i in rows]
        if new := [text for text in dict.fromkeys(texts) if text not in self._made]:
            vectors = self.encoder.encode(new).vectors.astype(np.float32)
            self._made.update(zip(new, vectors, strict=True))
        return np.stack([self._made[text] for text in texts])


def _full(encoder: Encoder, prepared: Prepared, home: Path, texts: Sequence[str]) -> Features | None:
    ids = prepared.posts(["post_id"])["post_id"].to_pylist()
    of = encoder, prepared.card.name, prepared.content
    cache = FeatureCache(home)
    return cache.ensure(*of, ids, texts) if cache.holds(*of, texts) else None
