"""Turns: one thread judges, a few requests wait, and the others are told to come again.

A model is not made for several threads, and two that compute on the same cores are slower than one after the
other.
"""

from __future__ import annotations

import asyncio
import math
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from desk.server.limits import Refusal

T = TypeVar("T")


class Turns:
    def __init__(self, waiting: int, patience: float) -> None:
        """
        Args:
            waiting: how many may wait while one is judged.
            patience: seconds that one waits for its turn.
        """
        self.waiting, self.patience = waiting, patience
        self._seats = 0
        self._usual = 1.0
        self._line: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @contextmanager
    def seat(self) -> Iterator[None]:
        """A place among those that are judged or wait. It is taken before anything is read, so that what
        waits is bounded on disk as well.

        Raises:
            Refusal: 429, all are taken.
        """
        if self._seats > self.waiting:
            after = min(60, max(1, math.ceil(self._usual * self._seats)))
            text = f"busy: {self._seats} requests are being judged or wait. Try again in {after} s"
            raise Refusal(429, text, after=after)
        self._seats += 1
        try:
            yield
        finally:
            self._seats -= 1

    async def run(self, call: Callable[[], T], gone: Callable[[], Awaitable[None]]) -> T:
        """What `call` returns, once it had its turn in the thread that judges.

        Args:
            gone: returns once nobody waits for the answer any more.

        Raises:
            Refusal: 503, its turn has not come in time, nobody waits for it, or the server is ended.
        """
        turn: Future[T] = Future()
        self._line.put((turn, call))
        self._start()
        answer = asyncio.wrap_future(turn)
        left = asyncio.ensure_future(gone())
        try:
            first: set[asyncio.Future[Any]] = {answer, left}
            await asyncio.wait(first, timeout=self.patience, return_when=asyncio.FIRST_COMPLETED)
            # Once it has begun, it ends: the files that it reads must stay until then.
            if not answer.done() and turn.cancel():
                raise Refusal(503, f"the model was busy for {self.patience:g} s. Try again later", after=10)
            return await answer
        except asyncio.CancelledError:  # whoever runs the server has ended it
            turn.cancel()
            raise Refusal(503, "the desk is being closed", after=10) from None
        finally:
            left.cancel()

    def _start(self) -> None:
        """The thread ends with the process: a judge that takes minutes keeps nobody from leaving."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._judge, name="judge", daemon=True)
            self._thread.start()

    def _judge(self) -> None:
        while True:
            turn, call = self._line.get()
            if not turn.set_running_or_notify_cancel():
                continue
            start = time.monotonic()
            try:
                turn.set_result(call())
            except BaseException as error:  # it is raised where the answer is awaited
                turn.set_exception(error)
            self._usual = 0.5 * self._usual + 0.5 * (time.monotonic() - start)
