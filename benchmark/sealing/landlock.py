"""Landlock: the Linux kernel's own list of what a process may reach in the file system, and after it all its
children, in whatever language they read.

A process puts it on by itself, needs no privilege for it and can never take it off again. What is not listed
is refused. See `man 7 landlock`; files since Linux 5.13, TCP since 6.7, signals and abstract sockets since
6.12.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from functools import cache

READ_FILE, READ_DIR, EXECUTE = 1 << 2, 1 << 3, 1 << 0
"""Rights that the kernel knows by these bits."""
_WRITE_FILE, _TRUNCATE, _IOCTL = 1 << 1, 1 << 14, 1 << 15
_OF_FILES = EXECUTE | _WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL
_SINCE = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE, 5: _IOCTL}
"""Version of the interface -> rights that it was the first to know."""
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ | _WRITE_FILE | _TRUNCATE | _IOCTL
ALL = (1 << 16) - 1

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_FLAG, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38


class Unsupported(Exception):
    """The system has no Landlock; the text says why, as far as it is known."""


@cache
def version() -> int:
    """Of the kernel's interface; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG)))


def restrict(rules: Iterable[tuple[str, int]]) -> None:
    """Put the list on: from here on this thread, and all that it starts, reaches what `rules` name, and no
    TCP.

    Call it before the process has a second thread, which would stay as it is.

    Args:
        rules: path -> rights, for a folder and all below it, or for a file. A path that is not there is
            passed over.

    Raises:
        Unsupported: this kernel cannot do it.
        OSError: it could, and has refused.
    """
    if not (known := version()):
        raise Unsupported("the system has no Landlock")
    handled = sum(rights for since, rights in _SINCE.items() if known >= since)
    ruleset = _ruleset(known, handled)
    try:
        for path, rights in rules:
            _allow(ruleset, path, rights & handled)
        if _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise _refused("prctl")
        if _libc().syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)):
            raise _refused("landlock_restrict_self")
    finally:
        os.close(ruleset)


class _Attributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def _ruleset(known: int, handled: int) -> int:
    asked = _Attributes(handled, 0b11 if known >= 4 else 0, 0b11 if known >= 6 else 0)
    size = 8 if known < 4 else 16 if known < 6 else 24  # an older kernel knows the first fields
    ruleset = _libc().syscall(_CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        raise _refused("landlock_create_ruleset")
    return int(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what cannot be reached needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _OF_FILES
        rule = _Beneath(rights, handle)
        if _libc().syscall(
            _ADD_RULE, ruleset, ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
        ):
            raise _refused(f"landlock_add_rule for {path}")
    finally:
        os.close(handle)


def _refused(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
