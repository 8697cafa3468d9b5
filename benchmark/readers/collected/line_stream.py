"""Lines of a file that may be larger than memory, plain or compressed with zstd, one at a time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from benchmark.errors import DataError

_WINDOW = 2**31
"""Bytes that zstd may look back. The dumps of Reddit need all of them (`zstd --long=31`); what does without
asking allows 128 MB."""
_PLAIN, _COMPRESSED = 2**20, 2**12
"""Bytes read at a time. Four compressed ones can stand for 128 KB."""
_LONGEST_LINE = 2**26
_MEND = "Fetch the file again"


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, without its end, and its number, from 1.

    Raises:
        DataError: no regular file, cut off, not zstd, or a line of more than 64 MB; names file and line.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError("no regular file", file=path, mend="Put a file there")
    with path.open("rb") as file:
        pieces = _unpacked(file, path) if path.suffix.lower() == ".zst" else _plain(file)
        yield from _split(pieces, path)


def _split(pieces: Iterator[bytes], path: Path) -> Iterator[tuple[int, bytes]]:
    number, rest = 0, b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield number, line
        if len(rest) > _LONGEST_LINE:
            problem = f"a line of more than {_LONGEST_LINE:,} bytes"
            raise DataError(problem, file=path, row=number + 1, mend="One object a line is expected")
    if rest.strip():
        yield number + 1, rest


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PLAIN):
        yield piece


def _unpacked(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """The content of all frames, one after the other, as the long dumps have them."""
    try:
        import zstandard
    except ImportError:
        problem = "the package zstandard, which unpacks it, is not installed"
        raise DataError(problem, file=path, mend="Give `make install`, or unpack the file") from None

    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    frame, begun = unpacker.decompressobj(), False
    try:
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
