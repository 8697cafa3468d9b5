"""Compressed files: read as if they were not, and never into more memory than there is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import psutil

from benchmark.errors import DataError, listed

ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".zip")
_CHUNK = 1 << 22
_LONGEST_WINDOW = 1 << 31
"""Of zstd: dumps of Reddit are written with the longest that there is."""
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


@contextmanager
def open_plain(path: Path) -> Iterator[IO[bytes]]:
    """The content as a stream of bytes, decompressed on the way.

    Raises:
        DataError: cut off or not compressed as its name says; of an archive, that it holds no or several
            files. Also while it is read.
    """
    try:
        with _opened(path) as file:
            yield file
    except DataError:
        raise
    except _BROKEN as error:
        problem = f"cannot be decompressed: {error}"
        raise DataError(problem, file=path, mend="It is cut off or something else: fetch it again") from None
    except Exception as error:  # zstandard's own error, which is not there to be named unless it is installed
        if type(error).__module__.partition(".")[0] != "zstandard":
            raise
        raise DataError(f"cannot be decompressed: {error}", file=path, mend="Fetch it again") from None


def decompressed(path: Path) -> bytes:
    """All of the content.

    Raises:
        DataError: as `open_plain`, or it grows beyond the memory that is free.
    """
    parts, size = [], 0
    with open_plain(path) as file:
        while part := file.read(_CHUNK):
            size += len(part)
            if size > (free := psutil.virtual_memory().available):
                sizes = f"decompresses to more than {size / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free"
                raise DataError(sizes, file=path, mend="Split the file, or read it on a larger machine")
            parts.append(part)
    return b"".join(parts)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    match path.suffix.lower():
        case ".gz":
            with gzip.open(path, "rb") as file:
                yield file  # type: ignore[misc]
        case ".bz2":
            with bz2.open(path, "rb") as file:
                yield file
        case ".xz":
            with lzma.open(path, "rb") as file:
                yield file
        case ".zst":
            import zstandard

            decompressor = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW)
            with path.open("rb") as raw, decompressor.stream_reader(raw, read_across_frames=True) as file:
                yield file
        case ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_member(path)) as file:
                yield file
        case _:
            with path.open("rb") as file:
                yield file


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
