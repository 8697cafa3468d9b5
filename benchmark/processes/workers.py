"""Workers: starts the processes that cells run in, and ends them with all that they have started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from benchmark import PROJECT
from benchmark.errors import SmpbenchError
from benchmark.sealing import namespaces
from benchmark.worker import THREAD_VARIABLES

PRELOADABLE = (
    *("catboost", "lightgbm", "matplotlib", "numpy", "pandas", "psutil", "pyarrow", "pytorch_forecasting"),
    *("scipy", "shap", "sklearn", "threadpoolctl", "torch", "xgboost"),
)
"""Libraries that are loaded once for all cells where a baseline asks for it (`preload`). Any other module is
loaded by each cell by itself: what runs where all cells come from must be nobody's own."""
WORKS = "benchmark.worker:serve"
ALWAYS = ("benchmark.worker", "pandas", "psutil", "pyarrow", "threadpoolctl")

_PATIENCE = 10.0
"""Seconds that a keeper has to end everything."""


@dataclass(frozen=True)
class Ended:
    """How a worker ended."""

    code: int | None
    """Exit status, a signal below 0; None if nobody could say."""
    peak_mb: float | None = None
    """Memory by the system's count."""


class Worker:
    """A running worker. `conversation` is our end of it."""

    def __init__(self, pid: int, conversation: socket.socket) -> None:
        self.pid, self.conversation = pid, conversation

    def processes(self) -> list[psutil.Process]:
        """The worker and all that it has started; empty if nothing of it is left."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        return []

    def end(self) -> Ended:
        """End it and all that it has started; how it had ended by then, or did by this."""
        raise NotImplementedError


class Workers:
    """Where workers come from."""

    def start(self, log: int, workspace: Path, serves: str = WORKS) -> Worker:
        """Start one.

        Args:
            log: an open file that it prints to. serves: `module:function` that is its whole life.
        """
        raise NotImplementedError


def workers(preload: Iterable[str], threads: int) -> Workers:
    """On Linux they are forked from a server that has `preload` loaded and has started no thread; elsewhere,
    where forking after such imports is not safe, each is a process that loads them by itself.

    The server is started once in a process and stays. Libraries read the number of threads when they are
    loaded, so it is set before.
    """
    if sys.platform != "linux":
        return Spawned(threads)
    with _STARTING:
        if not _RUNNING:
            _RUNNING.append(Forked(preload, threads))
        return _RUNNING[0]


def quick_workers(threads: int) -> Workers:
    """As `workers`, for cells that want no library loaded: they start within a second, even if others will
    want many."""
    if sys.platform != "linux":
        return Spawned(threads)
    with _STARTING:
        if _RUNNING:
            return _RUNNING[0]
        if not _QUICK:
            _QUICK.append(Forked((), threads))
        return _QUICK[0]


def describers() -> Workers:
    """Where the processes come from that are asked what a baseline says of itself: nothing heavy is
    loaded."""
    if sys.platform != "linux":
        return Spawned(1)
    with _STARTING:
        if not _DESCRIBING:
            _DESCRIBING.append(Forked((), 1, always=("benchmark.worker", "psutil")))
        return _DESCRIBING[0]


def preloaded(modules: Iterable[str]) -> list[str]:
    """Those that the server may load, of the modules that baselines ask for."""
    return sorted({module for module in modules if module.partition(".")[0] in PRELOADABLE})


class Forked(Workers):
    """Workers forked from a `benchmark.processes.forkserver`, which is started again should it have died."""

    def __init__(
        self,
        preload: Iterable[str],
        threads: int,
        always: Sequence[str] = ALWAYS,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._modules, self._threads = [*always, *preloaded(preload)], threads
        self._environment = environment
        self._asking = threading.Lock()
        self._launch()

    def start(self, log: int, workspace: Path, serves: str = WORKS) -> Worker:
        with self._asking:
            if self._server.poll() is not None:
                self._launch()
            try:
                return self._forked(log, workspace, serves)
            except OSError:  # it has died at this moment
                self._launch()
                return self._forked(log, workspace, serves)

    def _launch(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            call = f"main({theirs.fileno()}, {self._modules!r})"
            self._server = _python(call, [theirs.fileno()], self._threads, self._environment)
        if self._control.recv(1) != b"+":
            raise SmpbenchError(f"the server of workers ended with status {self._server.wait()} as it began")

    def _forked(self, log: int, workspace: Path, serves: str) -> Worker:
        (ours, theirs), (status, keepers) = socket.socketpair(), socket.socketpair()
        with theirs, keepers:
            order = json.dumps({"workspace": str(workspace), "serves": serves}).encode()
            socket.send_fds(self._control, [order], [theirs.fileno(), log, keepers.fileno()])
            if not (pid := self._control.recv(4)):
                raise ConnectionResetError
        return _Kept(int.from_bytes(pid, "little"), ours, status)


class _Kept(Worker):
    """A worker with its keeper, which is `pid`."""

    def __init__(self, pid: int, conversation: socket.socket, status: socket.socket) -> None:
        super().__init__(pid, conversation)
        self._status = status
        self._ended: Ended | None = None

    def processes(self) -> list[psutil.Process]:
        return super().processes()[1:]  # the keeper's memory is what all are forked from

    def end(self) -> Ended:
        self.conversation.close()
        if self._ended is None:
            self._ended = self._end()
        return self._ended

    def _end(self) -> Ended:
        with self._status, contextlib.suppress(OSError, ValueError):
            self._status.settimeout(_PATIENCE)
            with contextlib.suppress(BrokenPipeError):  # it has ended by itself, and its last words are there
                self._status.sendall(b".")
            told = json.loads(self._last_words())
            return Ended(int(told["exit"]), float(told["peak_mb"]))
        _end_family(self.pid)
        return Ended(None)

    def _last_words(self) -> bytes:
        """What the keeper says before it ends. If it never read what we have sent, that is no clean end."""
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while part := self._status.recv(1 << 12):
                said += part
        return said


class Spawned(Workers):
    """Workers that are processes of their own from the start, without a keeper."""

    def __init__(self, threads: int, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self._threads, self._environment = threads, environment

    def start(self, log: int, workspace: Path, serves: str = WORKS) -> Worker:
        ours, theirs = socket.socketpair()
        watched, held = os.pipe()
        with theirs:
            files = [theirs.fileno(), log, watched]
            call = f"alone({files[:2]!r}, {watched}, {serves!r})"
            process = _python(call, files, self._threads, self._environment)
        os.close(watched)
        return _Own(process, ours, held)


class _Own(Worker):
    def __init__(self, process: subprocess.Popen[bytes], conversation: socket.socket, held: int) -> None:
        super().__init__(process.pid, conversation)
        self._process, self._held = process, os.fdopen(held, "wb", buffering=0)

    def end(self) -> Ended:
        self.conversation.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # it may have ended by itself, and then says how
        _end_family(self.pid)
        self._held.close()
        return Ended(self._process.wait())


_STARTING = threading.Lock()
_RUNNING: list[Forked] = []
_DESCRIBING: list[Forked] = []
_QUICK: list[Forked] = []


def _python(
    call: str, files: list[int], threads: int, environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[bytes]:
    """A Python that has the same path as this one and nothing of its main file, and calls one function.

    It is not in our group of processes: Ctrl-C is for us to answer.
    """
    server = "benchmark.processes.forkserver"
    program = f"import sys; sys.path[:] = {sys.path!r}; from {server} import alone, main; {call}"
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **environment}
    if not namespaces.allowed():  # a sealed process cannot share semaphores then: joblib works in one process
        environment["JOBLIB_MULTIPROCESSING"] = "0"
    command = [sys.executable, "-P", *_flags(), "-c", program]
    return subprocess.Popen(
        command,
        pass_fds=files,
        stdin=subprocess.DEVNULL,
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
    )


def _flags() -> list[str]:
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]


def _end_family(pid: int) -> None:
    """Kill a process and whatever it has started, as far as it can be found."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (*process.children(recursive=True), process):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(signal.SIGKILL)
