"""A generated folder appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

MARKER = "generated.txt"
"""Present in every folder that a generator made: only such a folder may be replaced."""


@contextlib.contextmanager
def staged(out: Path, description: str, *, force: bool) -> Iterator[Path]:
    """Yield a new sibling of `out`; once the block has ended well it becomes `out`, else it is removed.

    Raises:
        SystemExit: `out` holds something, and it is not an earlier output that `force` allows to replace.
    """
    _refuse_to_overwrite(out, force=force)
    out.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        folder.chmod(0o755)
        yield folder
        (folder / MARKER).write_text(f"{description}\n", encoding="utf-8")
        _sync(folder)
        _replace(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_to_overwrite(out: Path, *, force: bool) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        sys.exit(f"{out}: is a file. Give a folder that does not exist yet")
    if not any(out.iterdir()):
        return
    if not (out / MARKER).is_file():
        sys.exit(f"{out}: holds files that no generator made (no {MARKER}). Give another folder")
    if not force:
        sys.exit(f"{out}: already generated. Add --force to generate it anew")


def _replace(folder: Path, out: Path) -> None:
    """Rename `folder` to `out`; an earlier output steps aside first, and back should the rename fail."""
    aside = folder.with_suffix(".replaced")
    if out.exists():
        out.rename(aside)
    try:
        folder.rename(out)
    except BaseException:
        if aside.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bring the tables to the disk. Images are left to the system: a lost one is counted when it is read."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".jpg":
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
