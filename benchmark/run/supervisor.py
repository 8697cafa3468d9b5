"""Supervisor: starts a cell's worker, hands it one block after the other, and keeps it to its budget.

The parent's side of the conversation with `benchmark.worker`. A block's posts go out only after the
predictions for the one before have come back, and labels only once the protocol reveals them.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.chunks import sent
from benchmark.errors import BaselineError
from benchmark.run.results import Outcome
from benchmark.scores.kinds import Kind, kind
from benchmark.worker import THREAD_VARIABLES, Assignment, Finish, serve

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.handover import Reveal
    from benchmark.posts import Array
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows


class OverBudget(Exception):
    """The cell took more time or memory than it may; `status` is `timeout` or `out_of_memory`."""

    def __init__(self, status: Literal["timeout", "out_of_memory"], text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(Exception):
    """The run was interrupted."""


@dataclass(frozen=True)
class Budget:
    seconds: float
    memory_mb: float


def workers(preload: Iterable[str], threads: int) -> Any:
    """A multiprocessing context whose workers start with the heavy imports already done.

    On Linux they are forked from a server that has imported `preload` and has started no thread; the
    libraries read the number of threads when they are loaded, so it is set before. Elsewhere, where forking
    after such imports is not safe, workers are spawned.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmark.worker", "pandas", "pyarrow", "threadpoolctl", *preload])
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ |= {name: str(threads) for name in THREAD_VARIABLES}
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return context


def supervise(
    context: Any,
    assignment: Assignment,
    posts: TaskPosts,
    windows: Windows,
    budget: Budget,
    stop: threading.Event,
) -> Outcome:
    """Run one cell in a process of its own.

    Raises:
        BaselineError: the baseline failed, or its predictions break the contract.
        OverBudget: time or memory ran out.
        Stopped: `stop` was set.
    """
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, assignment))
    with _main_left_alone():
        process.start()
    theirs.close()
    try:
        return _Conversation(ours, process, budget, stop).hold(posts, windows, assignment)
    finally:
        _end(process)
        ours.close()


_STARTING = threading.Lock()


@contextlib.contextmanager
def _main_left_alone() -> Iterator[None]:
    """Start a process that does not run the program's main file over again.

    A child of multiprocessing imports the file anew, in case it is sent something that the file defines. A
    worker is sent nothing of the kind, and a script without `if __name__ == "__main__"` would start a run of
    its own in each worker.
    """
    from multiprocessing import spawn

    prepare = spawn.get_preparation_data

    def without_main(name: str) -> dict[str, Any]:
        told: dict[str, Any] = prepare(name)
        return {key: value for key, value in told.items() if not key.startswith("init_main")}

    with _STARTING:
        spawn.get_preparation_data = without_main
        try:
            yield
        finally:
            spawn.get_preparation_data = prepare


class _Conversation:
    def __init__(self, connection: Connection, process: Any, budget: Budget, stop: threading.Event) -> None:
        self.connection, self.process, self.budget, self.stop = connection, process, budget, stop
        self.deadline = time.monotonic() + budget.seconds

    def hold(self, posts: TaskPosts, windows: Windows, assignment: Assignment) -> Outcome:
        levels = _checked_levels(self._receive()["quantiles"])
        asked = kind(posts.task.kind)
        parts: list[NDArray[np.float32]] = []
        for reveal, predict in posts.handed_over(windows, assignment.schema.columns):
            self._tell(reveal)
            self._send(predict)
            parts.append(self._predictions(predict.posts, assignment.schema.targets, levels, asked))
        self._send(Finish())
        costs = self._receive()
        predictions = np.concatenate(parts)
        quantiles = {level: predictions[:, :, i] for i, level in enumerate(levels)}
        return Outcome(
            predictions=quantiles[0.5] if quantiles else predictions,
            quantiles=quantiles,
            fit_seconds=costs["fit_seconds"],
            predict_seconds=costs["predict_seconds"],
            peak_mb=costs["peak_mb"],
        )

    def _tell(self, reveal: Reveal) -> None:
        """Send what has become known, the facts as files; come back when the worker has taken it in."""
        known = {name: rows for name, rows in reveal.facts.items() if len(rows)}
        try:
            self.connection.send(replace(reveal, facts={}))
            with sent(self.connection, known):
                self._receive()
        except (BrokenPipeError, ConnectionResetError):
            self._receive()  # its last words, as in `_send`

    def _send(self, message: object) -> None:
        try:
            self.connection.send(message)
        except (BrokenPipeError, ConnectionResetError):
            self._receive()  # its last words, if it had any; else says how it died

    def _receive(self) -> dict[str, Any]:
        header: dict[str, Any] = json.loads(self._bytes())
        if "error" in header:
            if header["out_of_memory"]:
                raise OverBudget("out_of_memory", header["error"])
            raise BaselineError(f"{header['error']} ({header['where']})")
        return header

    def _bytes(self) -> bytes:
        checks = 0
        while not self.connection.poll(0.1):
            if self.stop.is_set():
                raise Stopped
            if time.monotonic() > self.deadline:
                raise OverBudget("timeout", f"took longer than {self.budget.seconds:.0f} s")
            # Who the worker's children are is asked of every process of the machine: not at every look.
            used = _memory_mb(self.process.pid, family=checks % 10 == 0)
            checks += 1
            if used > self.budget.memory_mb:
                raise OverBudget(
                    "out_of_memory", f"used {used:.0f} MB of memory, allowed are {self.budget.memory_mb:.0f}"
                )
        try:
            return self.connection.recv_bytes()
        except (EOFError, OSError):  # OSError: it died in the middle of an answer
            self.process.join(5)
            if self.stop.wait(0.5):  # Ctrl-C reached the worker first: no failure of the baseline's
                raise Stopped from None
            code = self.process.exitcode
            if code == -9:  # nobody else kills a worker: the kernel ran out of memory
                raise OverBudget("out_of_memory", "killed by the system, which ran out of memory") from None
            raise BaselineError(f"the worker died with exit status {code} before it answered") from None

    def _predictions(
        self, posts: pa.Table, targets: tuple[str, ...], levels: list[float], asked: Kind
    ) -> Array:
        """Receive and check one block's predictions.

        Raises:
            BaselineError: wrong shape, or what is no answer to this kind of task (NaN, inf, a probability
                above 1), with the first post it befell.
        """
        shape = tuple(self._receive()["shape"])
        raw = self._bytes()
        wanted = (len(posts), len(targets), *([len(levels)] if levels else []))
        if shape != wanted:
            raise BaselineError(
                f"predict returned shape {shape} for {len(posts)} posts and {len(targets)} target(s); "
                f"wanted is {wanted}"
            )
        values = np.frombuffer(raw, np.float32).reshape(shape)
        if len(bad := np.argwhere(asked.wrong_predictions(values))):
            i, j = bad[0][:2]
            raise BaselineError(
                f"{len(np.unique(bad[:, 0]))} of {len(posts)} predictions are not {asked.wanted}; the first "
                f"is {values[tuple(bad[0])]:g} for post {posts['post_id'][int(i)]}, target '{targets[j]}'"
            )
        return values


def _end(process: Any) -> None:
    """Kill the worker and whatever it has started."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        for started in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                started.kill()
    process.kill()
    process.join()


def _checked_levels(levels: list[float]) -> list[float]:
    if levels and (levels != sorted(set(levels)) or 0.5 not in levels or not 0 < levels[0] < levels[-1] < 1):
        raise BaselineError(
            f"quantiles must be levels inside (0, 1), two or more, ascending, 0.5 among them; not {levels}"
        )
    return levels


def _memory_mb(pid: int, *, family: bool) -> float:
    """Of a process, and, with `family`, of all that it has started."""
    import psutil

    try:
        process = psutil.Process(pid)
        members = [process, *(process.children(recursive=True) if family else [])]
        return float(sum(member.memory_info().rss for member in members)) / 2**20
    except psutil.NoSuchProcess:
        return 0.0
