"""Writing so that a crash at any moment leaves either the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from benchmark.errors import StoreError


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace a file, or a link or a pipe in its place, in one step.

    Raises:
        StoreError: a folder lies there, which may hold anything.
    """
    if path.is_dir() and not path.is_symlink():
        raise StoreError(f"{path}: a folder lies where this file belongs. Move it away, and run again")
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def folder_atomically(path: Path) -> Iterator[Path]:
    """A new folder to fill; it takes the place of `path` in one step if the body succeeds, else it goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield staging
        for file in staging.rglob("*"):
            if file.is_file():
                with file.open("rb") as written:
                    os.fsync(written.fileno())
        staging.chmod(0o755)
        if os.path.lexists(path):
            retired = staging.with_name(f"{staging.name}.old")
            path.rename(retired)
            staging.rename(path)
            remove(retired)
        else:
            staging.rename(path)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def is_plain(path: Path) -> bool:
    """Whether it is a file and nothing else: no link, which may lead anywhere, no folder, and no pipe or
    device, whose reading may never end."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # ValueError: a zero byte in its name
        return False


def sha256_of(path: Path) -> str:
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def opened(path: Path) -> BufferedReader:
    """A file to read from; what else lies there, such as a pipe, is an error and is not waited for.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is no file", str(path))
    return os.fdopen(handle, "rb")


def remove(path: Path) -> None:
    """Remove what lies there: a folder with all that it holds, a file, a link (not where it leads)."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
