"""What every encoder offers."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmark.encoders.hardware import Precision, native_precision
from benchmark.encoders.installed import digest
from benchmark.errors import SmpbenchError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmark.declared.column import Modality


class Encoded(NamedTuple):
    vectors: NDArray[np.float16]
    """[n, dim]; zeros where `ok` is False."""
    ok: NDArray[np.bool_]
    """[n]; False where there was nothing to encode, or it was broken."""
    reasons: dict[str, int]
    """Why items could not be encoded, with their number."""


class Encoder(ABC):
    """A frozen model. Equal items get equal vectors, up to rounding, whatever they are encoded with."""

    name: str
    modality: Modality
    """Which columns it reads: see `benchmark.declared.column.READS`."""
    encoding: str
    """What a baseline asks for: `text`, `image`, ..."""
    version: int = 1
    """Raise it whenever a change to the code changes the vectors."""
    requires: tuple[str, ...] = ()
    """Packages that it imports."""
    base: Encoder | None = None
    """An encoder from whose vectors `derived` makes this one's, so that no item is encoded twice."""
    only_precision: Precision | None = None
    """Set where the arithmetic is the same on every processor."""

    def __init__(self, threads: int | None = None, precision: Precision | None = None) -> None:
        """
        Args:
            threads: CPU threads; by default torch's own choice, which heeds OMP_NUM_THREADS.
            precision: of the arithmetic; by default the fastest that this processor has.
        """
        self.threads = threads
        self.precision: Precision = self.only_precision or precision or native_precision()

    @property
    @abstractmethod
    def dim(self) -> int:
        """Length of a vector."""

    @abstractmethod
    def files(self) -> list[Path]:
        """Weights, vocabulary: every file that decides the vectors.

        Raises:
            SmpbenchError: they are not on this machine, and cannot be brought here; or one is not what
                it should be.
        """

    def settings(self) -> list[str]:
        """What else decides the vectors: settings of this object, each as one line."""
        return []

    @abstractmethod
    def encode(self, items: Sequence[Any]) -> Encoded:
        """Encode texts (str) or images (Path or None). A broken item is reported, never raised."""

    def derived(self, encoded: Encoded) -> Encoded:
        """What `encode` returns, from what `base` made of the same items."""
        raise NotImplementedError

    def unavailable(self) -> str | None:
        """Why this encoder cannot be used here; None when it can."""
        missing = [package for package in self.requires if find_spec(package) is None]
        if missing:
            return f"package {', '.join(missing)} is not installed"
        try:
            lost = [file for file in self.files() if not file.is_file()]
        except SmpbenchError as error:
            return str(error)
        return f"file {lost[0]} is missing" if lost else None

    def fingerprint(self) -> str:
        """sha256 (hex) over all that decides the vectors: files, code version, settings, precision.

        The number of threads is not part of it, since it decides nothing: see `side_by_side`. Neither is the
        device: a GPU's vectors are a processor's up to rounding.
        """
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        parts = [self.name, str(self.version), str(self.dim), self.precision, *self.settings()]
        parts += [f"{file.name} {digest(file)}" for file in self.files()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
