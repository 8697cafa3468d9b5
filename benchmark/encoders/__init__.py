"""Encoders: frozen models that turn a post's text or image into a vector.

A profile says which encoder answers for each kind of content. To add an encoder, write one file with a
subclass of `Encoder` and name it in `benchmark/encoders/profiles.py`. This module and the encoders' files
import no model library until something is encoded.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from benchmark.encoders.hardware import Precision, native_precision
from benchmark.encoders.profiles import PROFILES, encoder_class
from benchmark.errors import SmpbenchError, UnknownName
from benchmark.files import sha256_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Modality = Literal["text", "image"]


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
    kind: str
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
            SmpbenchError: they are not on this machine, and cannot be brought here.
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

        The device and the number of threads are not part of it: they change the last bit at most.
        """
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        parts = [self.name, str(self.version), str(self.dim), self.precision, *self.settings()]
        parts += [f"{file.name} {sha256_of(file)}" for file in self.files()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def offers(profile: str, kind: str) -> bool:
    """Whether a profile has an encoder of a kind that another profile, at least, has.

    Raises:
        UnknownName: no such profile, or no profile knows the kind.
    """
    if profile not in PROFILES:
        raise UnknownName("encoder profile", profile, PROFILES)
    kinds = {known for others in PROFILES.values() for known in others}
    if kind not in kinds:
        raise UnknownName("kind of encoder", kind, kinds)
    return kind in PROFILES[profile]


@cache
def encoder(profile: str, kind: str, threads: int | None = None) -> Encoder:
    """The encoder that answers for `kind` in `profile`; the same object, with its model loaded once.

    Raises:
        UnknownName: no such profile, or the profile has no encoder of this kind.
    """
    if profile not in PROFILES:
        raise UnknownName("encoder profile", profile, PROFILES)
    kinds = PROFILES[profile]
    if kind not in kinds:
        elsewhere = [name for name, others in PROFILES.items() if kind in others]
        mend = f"It is in profile {', '.join(elsewhere)}" if elsewhere else None
        raise UnknownName(f"kind of encoder in profile '{profile}'", kind, kinds, mend)
    source = kinds[kind]
    return encoder_class(source.encoder)(**source.settings, threads=threads)
