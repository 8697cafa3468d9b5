"""Workspace: the private folder of a cell while it runs, and what is taken over from it afterwards.

It goes with the cell, so that nothing is passed from one to the next. It lies where the system keeps
temporary files: the names of sockets in it have to be short.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

LARGEST, MOST = 20_000_000, 200
"""Bytes of a file that is taken over, and how many files are."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@=-]{0,99}")


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty folder that only this user can reach, until the block is left."""
    folder = Path(tempfile.mkdtemp(prefix="smp-")).resolve()
    try:
        yield folder
    finally:
        _removed(folder)


def taken_over(drawn: Path, to: Path) -> list[str]:
    """Copy the plain files that a cell has left in the folder `drawn` into a new folder `to`.

    Returns:
        What is left out, a line each: a cell may leave links, folders, pipes, or files without an end.
    """
    left_out: list[str] = []
    if drawn.is_symlink() or not drawn.is_dir():
        return left_out
    with os.scandir(drawn) as entries:
        found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    to.mkdir()
    for number, entry in enumerate(found):
        wrong = f"it is one of more than {MOST} files" if number >= MOST else _wrong(entry)
        if wrong:
            left_out.append(f"{os.fsencode(entry.name)!r} is left out: {wrong}")
        else:
            shutil.copyfile(entry.path, to / entry.name, follow_symlinks=False)
    return left_out


def cleared(folder: Path, known: Set[str]) -> list[str]:
    """Remove from a result's folder what its cell, where no seal keeps it out, has put or left there.

    Args:
        known: names of what belongs there; each is a file or a folder, and no link.

    Returns:
        Names of what was removed; `.` if the folder itself was gone and is made anew.
    """
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        folder.mkdir()
        return ["."]
    removed = []
    for path in sorted(folder.iterdir()):
        if path.name in known and not path.is_symlink():
            continue
        removed.append(path.name)
        if path.is_dir() and not path.is_symlink():
            _removed(path)
        else:
            path.unlink()
    return removed


def _wrong(entry: os.DirEntry[str]) -> str:
    found = entry.stat(follow_symlinks=False)
    if not _NAME.fullmatch(entry.name):
        return "a name has letters, digits and _.+@=- alone"
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        return "it is no plain file"
    if not found.st_size:
        return "it is empty"
    return f"it has more than {LARGEST:,} bytes" if found.st_size > LARGEST else ""


def _removed(folder: Path) -> None:
    """Remove it, folders that its cell has locked among them."""

    def unlocked(function: object, path: str, _: object) -> None:
        Path(path).parent.chmod(0o700)
        if Path(path).is_dir() and not Path(path).is_symlink():
            Path(path).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            Path(path).unlink(missing_ok=True)

    shutil.rmtree(folder, onerror=unlocked)
