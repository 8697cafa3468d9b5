"""Checksums: a folder of files with a JSON page that holds the checksum of each of them, and its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from benchmark.declared.naming import printable, shown
from benchmark.errors import StoreError
from benchmark.files import is_plain, sha256_of

PAGE = "result.json"
MOST_BYTES = 50_000_000
"""Of a page: its slices may be many."""


def write_checksummed(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the page into a filled folder. Of what is no plain file, such as a link, it says nothing."""
    files = {
        str(path.relative_to(folder)): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if is_plain(path) and path != folder / PAGE
    }
    (folder / PAGE).write_text(checksummed_text({**content, "files": files}))


def read_checksummed(folder: Path) -> dict[str, Any]:
    """The content of the page, with `files` (name -> sha256), every file held against its checksum.

    Raises:
        StoreError: naming the file that is missing, unreadable or not what was written.
    """
    content = read_checksummed_page(folder / PAGE)
    for name, checksum in content["files"].items():
        file = folder / name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise StoreError(f"{folder / PAGE}: {shown(name)} is no file beside it")
        if not is_plain(file) or any(one.is_symlink() for one in _between(folder, file)):
            raise StoreError(f"{shown_path(file)}: {_absent(file)}")
        if sha256_of(file) != checksum:
            raise StoreError(
                f"{shown_path(file)}: its checksum does not hold: it was changed after it was written"
            )
    return content


def checksummed_text(content: Mapping[str, Any]) -> str:
    """JSON with sorted keys and, as `sha256`, the checksum of all the rest."""
    whole = {**content, "sha256": _checksum(content)}
    return json.dumps(whole, indent=1, sort_keys=True, allow_nan=False) + "\n"


def read_checksummed_page(path: Path) -> dict[str, Any]:
    """What `checksummed_text` has written, without its own checksum.

    Raises:
        StoreError: unreadable, or changed after it was written.
    """
    if not is_plain(path):
        raise StoreError(f"{path}: {_absent(path)}")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise StoreError(f"{path}: has {size:,} bytes; no page has more than {MOST_BYTES:,}")
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read as a result: {error}") from None
    if not isinstance(content, dict) or content.pop("sha256", None) != _checksum(content):
        raise StoreError(f"{path}: its checksum does not hold: it was changed after it was written")
    if not isinstance(content.get("files"), dict):
        raise StoreError(f"{path}: names no files")
    return content


def shown_path(path: Path) -> str:
    """A path as a message may hold it: its name may be in no encoding."""
    return printable(str(path))


def _absent(path: Path) -> str:
    there = path.is_symlink() or path.exists()
    return "is a link, a folder or a pipe, or lies behind a link: no plain file" if there else "is missing"


def _between(folder: Path, file: Path) -> list[Path]:
    """The folders between a folder and a file somewhere below it."""
    return list(file.parents)[: len(file.relative_to(folder).parts) - 1]


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
