"""Compressed files: read as if they were not, and never into more memory than there is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import psutil

from benchmark.errors import DataError, listed
from benchmark.readers.zstd import unpacked

ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".zip")
_CHUNK = 1 << 22
_OPENED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)


def plain_name(path: Path) -> str:
    """The name without the ending that says how it is compressed: `posts.csv.gz` -> `posts.csv`."""
    return path.stem if path.suffix.lower() in ENDINGS else path.name


def ending(path: Path) -> str:
    """What kind of file it is, in small letters, compressed or not: `.csv` of `POSTS.CSV.gz`, and of a zip
    archive that holds one file what that is."""
    name = plain_name(path)
    if path.suffix.lower() == ".zip" and not PurePosixPath(name).suffix:
        name = _member(path)
    return PurePosixPath(name).suffix.lower()


def decompressed(path: Path) -> bytes:
    """All of the content.

    Raises:
        DataError: cut off, not compressed as its name says, or more than the memory that is free; of an
            archive, that it holds no or several files.
    """
    parts, size = [], 0
    try:
        for part in _parts(path):
            size += len(part)
            if size > (free := psutil.virtual_memory().available):
                sizes = f"decompresses to more than {size / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free"
                raise DataError(sizes, file=path, mend="Split the file, or read it on a larger machine")
            parts.append(part)
    except _BROKEN as error:
        problem = f"cannot be decompressed: {error}"
        raise DataError(problem, file=path, mend="It is cut off or something else: fetch it again") from None
    return b"".join(parts)


def _parts(path: Path) -> Iterator[bytes]:
    kind = path.suffix.lower()
    if kind == ".zst":
        yield from unpacked(path)
    elif kind == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_member(path)) as file:
            yield from iter(lambda: file.read(_CHUNK), b"")
    else:
        with _OPENED[kind](path, "rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")


def _member(path: Path) -> str:
    """Name of the one file in an archive. It is read from there, and nothing is unpacked anywhere."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [one.filename for one in archive.infolist() if not one.is_dir()]
    except _BROKEN as error:
        raise DataError(f"no zip archive: {error}", file=path, mend="Fetch it again") from None
    names = [
        name for name in inside if not name.startswith("__MACOSX/") and name.rpartition("/")[2][:2] != "._"
    ]
    if len(names) != 1:
        held = f"{len(names)} files ({listed(names)})" if names else "no file"
        raise DataError(f"the archive holds {held}", file=path, mend="Unpack it into a folder of its own")
    return names[0]
