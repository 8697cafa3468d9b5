"""Sealed folders: files with a JSON page that holds the checksum of each of them, and its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.errors import StoreError
from benchmark.files import sha256_of

PAGE = "result.json"


def seal(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the page into a filled folder."""
    files = {
        str(path.relative_to(folder)): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != PAGE
    }
    (folder / PAGE).write_text(sealed_text({**content, "files": files}))


def unsealed(folder: Path) -> dict[str, Any]:
    """The content of the page, with `files` (name -> sha256), every file held against its checksum.

    Raises:
        StoreError: naming the file that is missing, unreadable or not what was written.
    """
    content = read_sealed(folder / PAGE)
    for name, checksum in content["files"].items():
        file = folder / name
        if not file.is_file():
            raise StoreError(f"{file}: is missing")
        if sha256_of(file) != checksum:
            raise StoreError(f"{file}: its checksum does not hold: it was changed after it was written")
    return content


def sealed_text(content: Mapping[str, Any]) -> str:
    """JSON with sorted keys and, as `sha256`, the checksum of all the rest."""
    whole = {**content, "sha256": _checksum(content)}
    return json.dumps(whole, indent=1, sort_keys=True, allow_nan=False) + "\n"


def read_sealed(path: Path) -> dict[str, Any]:
    """What `sealed_text` has written, without its own checksum.

    Raises:
        StoreError: unreadable, or changed after it was written.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read as a result: {error}") from None
    if not isinstance(content, dict) or content.pop("sha256", None) != _checksum(content):
        raise StoreError(f"{path}: its checksum does not hold: it was changed after it was written")
    if not isinstance(content.get("files"), dict):
        raise StoreError(f"{path}: names no files")
    return content


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
