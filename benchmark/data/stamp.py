"""Stamp: whether raw files, the card or the code that reads them are others than the last time.

A copy keeps the time of a file (rsync -t, an archive), and a mended digit its size. So whatever may be a
table is known by its content: to hash it costs little beside reading it. Media, of which there may be half a
million, are known by size and time; what is prepared of them is their size alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmark.data.prepared import PREPARED
from benchmark.data.raw_files import walk
from benchmark.declared.card import Card
from benchmark.declared.layout import as_glob
from benchmark.files import opened, sha256_of

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif")
MEDIA = frozenset([*_PICTURES, ".mp4", ".mov", ".webm", ".mkv", ".avi", ".mp3", ".m4a", ".wav"])
"""Endings of files that no reader opens."""
_LARGEST_HASHED = 1 << 36
"""Bytes: 64 GB, a minute or two. A larger table fits into no memory and is refused."""


def stamp(card: Card, raw: Path, facts_in: Mapping[str, Path], home: Path) -> str:
    """sha256 (hex); changes when a raw file, the card or the code that reads them does.

    Args:
        facts_in: where the files of each fact table lie. home: what lies there is none of the raw files.
    """
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), *sorted((here.parent / "readers").rglob("*.py"))]
    digest = hashlib.sha256(f"{raw}\n{card.model_dump_json()}\n".encode())
    for source in sources:
        digest.update(source.read_bytes())
    for name, path in [*_walk(raw, home), *_beside(card, raw, facts_in)]:
        digest.update(f"{name}\n{_told(path)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def stamp_of(folder: Path) -> str | None:
    """The stamp of what was prepared in a folder; None where nothing is."""
    try:
        with opened(folder / PREPARED) as file:
            found: str = json.load(file)["stamp"]
    except (OSError, ValueError, KeyError):
        return None
    return found


def _told(path: str) -> str:
    """By what a file is known."""
    found = os.lstat(path)
    media = os.path.splitext(path)[1].lower() in MEDIA  # noqa: PTH122  (half a million)
    if not media and found.st_size <= _LARGEST_HASHED:
        try:
            return sha256_of(Path(path))
        except OSError:  # no file, or one that cannot be read: whoever reads it says so
            pass
    return f"{stat.S_IFMT(found.st_mode)} {found.st_size} {found.st_mtime_ns}"


def _beside(card: Card, raw: Path, facts_in: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """The files that are read and lie outside of the raw folder: facts, and what is joined with a single
    file."""
    patterns = [
        (facts_in[name], facts.raw)
        for name, facts in card.facts.items()
        if facts.raw and facts_in[name] != raw
    ]
    if raw.is_file() and card.table:
        patterns += [(raw.parent, join.files) for join in card.table.joined.values()]
    for folder, pattern in patterns:
        for path in sorted(folder.glob(as_glob(pattern))):
            yield str(path), str(path)


def _walk(raw: Path, home: Path) -> Iterator[tuple[str, str]]:
    """Relative and whole path of every file, in a fixed order."""
    if raw.is_file():
        yield raw.name, str(raw)
        return
    for folder, below, names in walk(raw, home):
        below.sort()
        for name in sorted(names):
            path = f"{folder}/{name}"  # Not a Path: there may be half a million images.
            yield path[len(str(raw)) + 1 :], path
