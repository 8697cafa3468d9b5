"""Seal: what the process of a cell may reach. All else is refused, by the kernel where it can.

It reads the libraries, the project's code, its own file and those that it imports, and what it was handed. It
writes into its workspace, a private folder that goes when the cell ends. It has no network. The seal is put
on before the baseline's file is read, and whatever the baseline starts is under it too.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.sealing import landlock, namespaces

_PROJECT = Path(__file__).resolve().parents[2]
SWITCH = "SMPBENCH_SEAL"
"""Environment variable: `off` leaves the seal away, say to debug a baseline. The row says so."""

ROOMS = ("benchmark", "baselines", "smpbench")
"""Folders of the project that hold code which a baseline may import."""
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/proc", "/sys")
_SETTINGS = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "localtime", "timezone", "locale.alias"),
    *("alternatives", "nsswitch.conf", "passwd", "group", "hosts", "mime.types", "fonts", "OpenCL"),
)
"""Of `/etc`, what libraries look at."""
_DEVICES = (
    *("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"),
    *("nvidia*", "nvidia-caps", "dri", "kfd"),
)


@dataclass(frozen=True)
class Seal:
    """What a cell may reach beside the libraries."""

    reads: tuple[str, ...] = ()
    """Files, and folders with all below them."""
    lists: tuple[str, ...] = ()
    """Folders in which it may see what there is, to import modules from; their files are in `reads`."""
    writes: tuple[str, ...] = ()
    """Folders: its workspace."""
    keep_out: tuple[str, ...] = ()
    """Where lies what it must not see. A library's folder that holds one of these cannot be sealed off."""
    apart: bool = field(default_factory=namespaces.allowed)
    """Whether it gets shared memory of its own, and no network: where the system lets a process have them."""


@dataclass(frozen=True)
class Sealed:
    """Whether the kernel keeps a cell to its seal; `why` it does not."""

    by_kernel: bool
    why: str = ""


def switched_off() -> bool:
    """Whether the user has said that cells run without a seal."""
    return os.environ.get(SWITCH, "").lower() == "off"


def put_on(seal: Seal | None) -> Sealed:
    """Seal this process and all that it will start. Call it before the process has a second thread.

    Args:
        seal: None: the user has switched it off.
    """
    if seal is None:
        return Sealed(False, f"switched off by {SWITCH}=off")
    if open_to := _open_to(seal):
        return Sealed(False, open_to)
    if not landlock.version():
        return Sealed(False, "this system has no Landlock, by which Linux from 5.13 on seals a process")
    shared = [namespaces.SHARED_MEMORY] if seal.apart else []
    try:
        if seal.apart:
            namespaces.enter()
        landlock.restrict(
            [
                *((folder, landlock.READ) for folder in _libraries()),
                *((str(one), landlock.WRITE) for name in _DEVICES for one in Path("/dev").glob(name)),
                *((path, landlock.READ) for path in seal.reads),
                *((folder, landlock.READ_DIR) for folder in seal.lists),
                *((folder, landlock.ALL) for folder in (*seal.writes, *shared)),
            ]
        )
    except (landlock.Unsupported, OSError) as error:
        return Sealed(False, str(error))
    return Sealed(True)


def _libraries() -> list[str]:
    """Folders of installed software, and of the project's code."""
    named = [
        path for path in sys.path if Path(path).name in ("site-packages", "dist-packages", "lib-dynload")
    ]
    said = [os.environ.get(name, "") for name in ("PYTHONPATH", "LD_LIBRARY_PATH")]
    prefixes = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        sys.base_exec_prefix,
        str(Path(os.__file__).parent),
    }
    own = [str(_PROJECT / room) for room in ROOMS]
    found = [
        *_SYSTEM,
        *(f"/etc/{name}" for name in _SETTINGS),
        *prefixes,
        *named,
        *os.pathsep.join(said).split(os.pathsep),
        *own,
    ]
    return [os.path.realpath(path) for path in dict.fromkeys(found) if path]


def _open_to(seal: Seal) -> str:
    """In words, which library's folder holds what must not be seen; empty if none does."""
    for place in (os.path.realpath(path) for path in seal.keep_out):
        for folder in _libraries():
            if Path(place).is_relative_to(folder):
                return f"{place} lies within {folder}, which libraries are read from"
    return ""
