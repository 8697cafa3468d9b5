"""Content of a file compressed with zstd, piece by piece: also of many frames, and never cut off
unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import DataError

_WINDOW = 2**31
"""Bytes that zstd may look back. The dumps of Reddit need all of them (`zstd --long=31`); what does without
asking allows 128 MB."""
_COMPRESSED = 2**12
"""Bytes read at a time: they can stand for 128 KB."""
_MEND = "Fetch the file again"


def unpacked(path: Path) -> Iterator[bytes]:
    """The content of all frames, one after the other, as the long dumps have them.

    Raises:
        DataError: not zstd, or cut off.
    """
    try:
        import zstandard
    except ImportError:
        problem = "the package zstandard, which unpacks it, is not installed"
        raise DataError(problem, file=path, mend="Give `make install`, or unpack the file") from None

    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    frame, begun = unpacker.decompressobj(), False
    try:
        with path.open("rb") as file:
            while packed := file.read(_COMPRESSED):
                while packed:
                    begun = True
                    yield frame.decompress(packed)
                    packed = b""
                    if frame.eof:
                        packed = frame.unused_data
                        frame, begun = unpacker.decompressobj(), False
    except zstandard.ZstdError as error:
        raise DataError(f"not a valid zstd file: {error}", file=path, mend=_MEND) from None
    if begun:
        raise DataError("cut off: its last frame does not end", file=path, mend=_MEND)
