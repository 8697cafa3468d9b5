"""Keeper: the process between the run and a cell's worker. It runs no code but the project's.

It adopts whatever the worker starts, however that hides (a process that forks twice and makes a session of
its own belongs to the keeper then), and ends it all: when the worker ends, when the run says so, and when the
run has died. It tells the run how the worker ended, and what memory it took by the kernel's count.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import NoReturn

_SET_DEATH_SIGNAL, _SET_SUBREAPER = 1, 36


def keep(work: Callable[[], None], status: socket.socket, workspace: str) -> NoReturn:
    """Run `work` in a child of this process and stay until nothing of it is left.

    Args:
        status: to the run. At its end from there everything is ended; how the worker ended goes back by it.
        workspace: the cell's folder, which the run takes care of unless it has died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run decides what Ctrl-C means
    _prctl(_SET_SUBREAPER, 1)
    keeper = os.getpid()
    worker = os.fork()
    if not worker:
        _work(work, status, keeper)
    handle = os.pidfd_open(worker)
    looked = select.poll()
    for end in (handle, status.fileno()):
        looked.register(end, select.POLLIN)
    ready = {end for end, _ in looked.poll()}
    orphaned = handle not in ready and not _told(status)
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    _, ended, usage = os.wait4(worker, 0)
    _end_all()
    if orphaned:
        shutil.rmtree(workspace, ignore_errors=True)
    code = os.waitstatus_to_exitcode(ended)
    peak_mb = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    with contextlib.suppress(OSError):
        status.sendall(json.dumps({"exit": code, "peak_mb": peak_mb}).encode())
    os._exit(0)


def _work(work: Callable[[], None], status: socket.socket, keeper: int) -> NoReturn:
    """The worker's side of the fork."""
    code = 1
    try:
        status.close()
        _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == keeper:  # it has not died in between
            work()
            code = 0
    finally:
        os._exit(code)


def _told(status: socket.socket) -> bool:
    """Whether the run has said to end it, rather than died."""
    try:
        return bool(status.recv(1))
    except OSError:
        return False


def _end_all() -> None:
    """End every process that has come down to this one, and those that come down to it by that."""
    import psutil

    while True:
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
