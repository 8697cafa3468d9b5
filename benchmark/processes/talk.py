"""Talk: what is said to a worker and heard from it, within a budget, and believed only as far as it was
looked at.

The process at the other end runs somebody else's code. It may stop in the middle of a word, say what is no
message of ours, use up the memory, or die; each ends in an exception that says which.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import psutil

from benchmark.errors import BaselineError
from benchmark.processes.line import Gone, Line, TooLong
from benchmark.processes.workers import Ended, Worker

LONGEST_HEADER = 1_000_000
"""Bytes of a message that is no array."""


class OverBudget(Exception):
    """The cell took more time or memory than it may; `status` is `timeout` or `out_of_memory`."""

    def __init__(self, status: Literal["timeout", "out_of_memory"], text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(Exception):
    """The run was interrupted."""


class Killed(Exception):
    """The worker was killed by somebody outside: that says nothing about the baseline."""


@dataclass(frozen=True)
class Budget:
    seconds: float
    memory_mb: float


class Talk:
    """Our side of a conversation with a worker."""

    def __init__(self, worker: Worker, budget: Budget, stop: threading.Event) -> None:
        self.budget, self.stop = budget, stop
        self.line = Line(worker.conversation, self._look)
        self.deadline = time.monotonic() + budget.seconds
        self.peak_mb = 0.0
        """The most memory that was seen in use."""
        self._worker, self._memory = worker, _Memory(worker)
        self._killed_before = _killed_for_memory()

    @contextmanager
    def said(self) -> Iterator[None]:
        """While sending: a worker that takes nothing any more may have said why."""
        try:
            yield
        except Gone:
            self.heard()
            raise

    def heard(self) -> dict[str, Any]:
        """The next message.

        Raises:
            BaselineError: the worker reports an error, or it is no message of ours.
            OverBudget: time or memory ran out.
            Stopped: `stop` was set.
            Gone: the worker has died.
        """
        header = _message(self.bytes(LONGEST_HEADER))
        if "error" in header:
            error, where = (str(header.get(name, "")) for name in ("error", "where"))
            if header.get("out_of_memory") is True:
                raise OverBudget("out_of_memory", error)
            raise BaselineError(f"{error} ({where})" if where else error)
        return header

    def bytes(self, at_most: int) -> bytes:
        """The next message as it comes. Raises as `heard`."""
        try:
            return self.line.receive(at_most)
        except TooLong as error:
            raise BaselineError(f"the worker's answer is no message of ours: {error}") from None

    def death(self) -> Exception:
        """What it means that the worker has died before it answered."""
        ended = self._worker.end()
        if self.stop.wait(0.5):  # Ctrl-C reached the worker first: no failure of the baseline's
            return Stopped()
        return _in_words(ended, for_memory=_killed_for_memory() > self._killed_before)

    def _look(self) -> None:
        """Whether to go on waiting."""
        if self.stop.is_set():
            raise Stopped
        if time.monotonic() > self.deadline:
            raise OverBudget("timeout", f"took longer than {self.budget.seconds:.0f} s")
        used = self._memory.used_mb()
        self.peak_mb = max(self.peak_mb, used)
        if used > self.budget.memory_mb:
            raise OverBudget(
                "out_of_memory", f"used {used:.0f} MB of memory, allowed are {self.budget.memory_mb:.0f}"
            )


def _message(content: bytes) -> dict[str, Any]:
    """What the worker says, which runs somebody else's code and may say anything."""
    try:
        message = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"the worker's answer is no message of ours: {str(error)[:100]}") from None
    if not isinstance(message, dict):
        raise BaselineError(f"the worker's answer is no message of ours: {str(message)[:100]}")
    return message


def _in_words(ended: Ended, *, for_memory: bool) -> Exception:
    if ended.code not in (-9, None):
        return BaselineError(f"the worker died with exit status {ended.code} before it answered")
    if for_memory:
        return OverBudget("out_of_memory", "killed by the system, which ran out of memory")
    return Killed("the worker was killed from outside")


def _killed_for_memory() -> int:
    """How many processes the system has killed so far because it ran out of memory."""
    try:
        with open("/proc/vmstat", encoding="ascii") as file:  # noqa: PTH123  (no such file elsewhere)
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0


class _Memory:
    """What a worker and all that it has started use."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._members, self._looks = worker, list[psutil.Process](), 0

    def used_mb(self) -> float:
        # Who the worker's children are is asked of every process of the machine: not at every look.
        if self._looks % 10 == 0:
            self._members = self._worker.processes()
        self._looks += 1
        used = 0.0
        for member in self._members:
            with suppress(psutil.NoSuchProcess):
                used += member.memory_info().rss / 2**20
        return used
