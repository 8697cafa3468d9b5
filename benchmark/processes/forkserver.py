"""Fork server: a process that has the heavy imports behind it, and forks one keeper a cell.

It imports libraries and the project's code alone, and never a baseline's file: what one baseline does while
it is imported reaches no other. The run speaks to it by a pair of sockets without a name, which nobody else
can connect to (the server of `multiprocessing` listens on one with a name).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from benchmark.processes.keeper import keep
from benchmark.worker import reporting

FILES = 3
"""That come with an order: the conversation, the log, the status."""


def main(control: int, preload: list[str]) -> None:
    """Import `preload`, then fork a keeper for every order, until the run has gone.

    A module that cannot be imported is left to the cells that need it, which say what is wrong.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers tell the run themselves how they ended
    for module in preload:
        try:
            importlib.import_module(module)
        except ImportError:
            continue
    run = socket.socket(fileno=control)
    with suppress(BrokenPipeError, ConnectionResetError):  # it has gone while it was told
        run.sendall(b"+")
        _forks(run)


def _forks(run: socket.socket) -> None:
    while True:
        order, files, _, _ = socket.recv_fds(run, 1 << 16, FILES)
        if not order:
            return
        if not (pid := os.fork()):
            try:
                run.close()
                _keep(json.loads(order), files)
            finally:
                os._exit(1)
        for file in files:
            os.close(file)
        run.sendall(pid.to_bytes(4, "little"))


def alone(files: list[int], watched: int, serves: str) -> None:
    """A single worker in this process, where forking after imports is not safe. It ends with the run."""
    import threading

    def watch() -> None:
        os.read(watched, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    conversation, log = files
    _log_to(log)
    reporting(_named(serves), Connection(conversation))


def _keep(order: dict[str, Any], files: list[int]) -> None:
    conversation, log, status = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _log_to(log)
    serve, connection = _named(order["serves"]), Connection(conversation)

    def work() -> None:
        reporting(serve, connection)

    keep(work, socket.socket(fileno=status), order["workspace"])


def _named(serves: str) -> Callable[[Connection], None]:
    """What the process is for, as the run has named it: `module:function`."""
    module, _, function = serves.partition(":")
    serve: Callable[[Connection], None] = getattr(importlib.import_module(module), function)
    return serve


def _log_to(log: int) -> None:
    """What the baseline and its libraries print belongs to the cell, and not on the person's terminal."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)
    # What is not written yet by the streams that there were is not ours.
    sys.stdout = open(1, "w", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="replace", closefd=False)  # noqa: SIM115
