"""Lines of a file that may be larger than memory, plain or compressed with zstd, one at a time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import DataError
from benchmark.readers.zstd import unpacked

_AT_ONCE = 2**20
_LONGEST_LINE = 2**26


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, without its end, and its number, from 1.

    Raises:
        DataError: no regular file, cut off, not zstd, or a line of more than 64 MB; names file and line.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError("no regular file", file=path, mend="Put a file there")
    yield from _split(unpacked(path) if path.suffix.lower() == ".zst" else _plain(path), path)


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


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            yield piece
