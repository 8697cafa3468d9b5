"""Namespaces: a cell's own shared memory and no network, where the system lets a process have them.

Landlock lists what of the file system may be reached. Beside it, what programs share without a file is a way
from one cell to the next: shared memory and semaphores in `/dev/shm`, System V's, and the network. As root,
or where unprivileged user namespaces are allowed, a cell gets its own of each.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

SHARED_MEMORY = "/dev/shm"

_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x20000, 0x8000000, 0x10000000, 0x40000000
_PRIVATE_RECURSIVE = (1 << 18) | (1 << 14)


def enter() -> None:
    """Leave what is shared with other processes behind. Call it before the process has a second thread.

    Raises:
        OSError: the system does not allow it; what has been left by then stays left.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    apart = _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK
    if libc.unshare(apart):
        _check(libc.unshare(apart | _NEW_USER), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _check(libc.mount(None, b"/", None, _PRIVATE_RECURSIVE, None), "mount /")
    _check(libc.mount(b"none", SHARED_MEMORY.encode(), b"tmpfs", 0, b"mode=1777"), f"mount {SHARED_MEMORY}")


@cache
def allowed() -> bool:
    """Whether `enter` works here: tried out in a process that ends with it."""
    if sys.platform != "linux":
        return False
    tried = [sys.executable, "-I", "-S", str(Path(__file__)), "try"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _check(answer: int, what: str) -> None:
    if answer:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    enter()
