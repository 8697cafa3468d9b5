"""Image files: which of the images that the posts name are there, and that none lies outside the data."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from benchmark.data.canonical import Tables
from benchmark.declared.card import Card

_MEND = "Images must lie in the data set's own folder"
_CONTROL = re.compile(r"[\0-\x1f]")
_CLIMBS = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)")
"""Absolute, with a drive, or with a `..` among its parts, on any system."""
_OUTSIDE = -1
_ROWS = 65_536


@dataclass(frozen=True)
class ImageFiles:
    sizes: dict[str, int]
    """Relative path -> bytes, of the images that are there."""
    missing: int
    """Posts that name an image which is not there."""


def image_files(card: Card, tables: Tables, root: Path | None) -> ImageFiles:
    """Look for every image; a missing one is counted, never fatal.

    Raises:
        DataError: a path is absolute, no name of a file, or leads out of `root`, as written or through a
            link.
    """
    sizes: dict[str, int] = {}
    missing = 0
    inside = _Folders(root) if root else None
    for name in card.with_role("image"):
        for i, path in enumerate(_some_at_a_time(tables.posts[name])):
            if path is None:
                continue
            if _CONTROL.search(path):
                problem = "the image path holds a control character"
                raise tables.origin.error(i, problem, column=name, value=path, mend="Mend the row")
            climbs = _CLIMBS.search(path)
            size = inside.size(path) if inside and not climbs else None
            if climbs or size == _OUTSIDE:
                problem = "the image path leads out of the data folder"
                raise tables.origin.error(i, problem, column=name, value=path, mend=_MEND)
            if size is None:
                missing += 1
            else:
                sizes[path] = size
    return ImageFiles(sizes, missing)


def _some_at_a_time(paths: pa.ChunkedArray) -> Iterator[str | None]:
    for begin in range(0, len(paths), _ROWS):
        yield from paths.slice(begin, _ROWS).to_pylist()


class _Folders:
    """Sizes of files below `root`. Each folder is resolved once: there are ten posts to a folder."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)
        self.resolved: dict[str, str] = {}

    def size(self, path: str) -> int | None:
        """Bytes of a regular file, None when it is not there, `_OUTSIDE` when a link leads out of root."""
        try:
            found = os.lstat(f"{self.root}/{path}")
            folder, _, name = path.rpartition("/")
            if folder not in self.resolved:
                self.resolved[folder] = os.path.realpath(f"{self.root}/{folder}")
            real = f"{self.resolved[folder]}/{name}"
            if stat.S_ISLNK(found.st_mode):
                real = os.path.realpath(real)
                found = os.lstat(real)
        except OSError:
            return None
        if os.path.commonpath((real, self.root)) != self.root:
            return _OUTSIDE
        return found.st_size if stat.S_ISREG(found.st_mode) else None
