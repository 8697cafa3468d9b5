"""Encoded: content as a worker reads it, vectors in files by the place of a post."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.errors import StoreError
from benchmark.files import opened


@dataclass(frozen=True)
class Features:
    """The encoded posts of a data set. Small to pickle; opening it needs no torch and no model."""

    folder: Path
    n: int
    dim: int
    shard_rows: int
    reasons: dict[str, int] = field(compare=False)
    """Why items could not be encoded, with the number of distinct items."""

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        """float32 [m, dim]: vectors of the posts at these positions; zeros where there is none.

        Raises:
            IndexError: a position is negative or not below `n`.
        """
        return self._gather(index)[:, : self.dim]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        """bool [m]: whether the posts at these positions had something sound to encode."""
        return self._gather(index, slice(self.dim, None))[:, 0] == 1

    def failed(self) -> NDArray[np.int64]:
        """int64 [k]: positions of the posts that had something to encode which could not be."""
        return np.flatnonzero((self._places >= 0) & ~self.ok(np.arange(self.n)))

    def files(self) -> list[Path]:
        """What `rows` and `ok` read."""
        count = -(-(int(self._places.max(initial=-1)) + 1) // self.shard_rows)
        return [self.folder / _PLACES, *(shard_file(self.folder, number) for number in range(count))]

    def check_ids(self, ids: Sequence[str]) -> None:
        """Raise StoreError, naming the first difference, unless these are the posts in this order."""
        path = self.folder / "ids.json"
        try:
            with opened(path) as file:
                stored = json.load(file)
        except (OSError, ValueError):
            raise StoreError(f"{path}: missing or damaged. Run again: it will be written anew") from None
        if len(stored) != len(ids):
            raise StoreError(f"{self.folder}: holds {len(stored)} posts, but the data have {len(ids)}")
        for row, (mine, theirs) in enumerate(zip(stored, ids, strict=True), start=1):
            if mine != theirs:
                raise StoreError(f"{self.folder}: post {row} is '{mine}', but in the data it is '{theirs}'")

    def _gather(self, index: ArrayLike, columns: slice = slice(None)) -> NDArray[np.float32]:
        positions = np.asarray(index, np.int64)
        if len(positions) and (positions.min() < 0 or positions.max() >= self.n):
            raise IndexError(f"positions must lie in 0 .. {self.n - 1}")
        places = self._places[positions]
        gathered = np.zeros((len(places), len(range(*columns.indices(self.dim + 1)))), np.float32)
        by_place = np.argsort(places, kind="stable")
        by_place = by_place[np.searchsorted(places[by_place], 0) :]
        shards = places[by_place] // self.shard_rows
        starts = np.flatnonzero(np.diff(shards, prepend=-1))
        for rows in np.split(by_place, starts[1:]) if len(starts) else ():
            gathered[rows] = self._shard(places[rows[0]])[places[rows] % self.shard_rows, columns]
        return gathered

    @cached_property
    def _places(self) -> NDArray[np.int32]:
        return np.load(self.folder / _PLACES, mmap_mode="r")

    def _shard(self, place: np.int32) -> NDArray[np.float16]:
        """float16 [shard_rows, dim + 1]: the one with this place, mapped as long as it is looked at. A map
        that is kept holds a file open, and half a million posts have a thousand of them."""
        return np.load(shard_file(self.folder, int(place) // self.shard_rows), mmap_mode="r")

    def __getstate__(self) -> dict[str, Any]:
        # An open memory map would be pickled as a whole array.
        return {name: value for name, value in self.__dict__.items() if name != "_places"}


def shard_file(folder: Path, number: int) -> Path:
    """Where a shard lies: see `benchmark.encoders.cache`."""
    return folder / f"shard-{number:05d}.npy"


_PLACES = "places.npy"
