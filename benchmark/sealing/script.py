"""Script: runs a Python file that came with data in a process of its own, under a seal where there is one."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmark.sealing.seal import Seal, put_on, switched_off


def run_script(
    script: Path, arguments: Sequence[str], *, reads: Sequence[Path], writes: Path
) -> subprocess.CompletedProcess[str]:
    """Run a file as a program; its standard output is dropped, its errors are text.

    Args:
        reads: files and folders that it may read beside libraries. writes: the folder that it may write to.
    """
    seal = Seal(tuple(map(str, reads)), (), (str(writes),))
    told = None if switched_off() else seal
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; from pathlib import Path; "
        "from benchmark.sealing.script import under; from benchmark.sealing.seal import Seal; "
        f"under({told!r}, {str(script)!r}, {list(arguments)!r}, {str(writes)!r})"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def under(seal: Seal | None, script: str, arguments: list[str], folder: str) -> None:
    """Be the script, sealed, at work in `folder`."""
    os.environ |= {"HOME": folder, "TMPDIR": folder}
    tempfile.tempdir = folder
    os.chdir(folder)
    put_on(seal)
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")
