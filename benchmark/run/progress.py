"""Progress of a run: a live bar with the time left on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


MOMENT, HALF_A_MINUTE = 1.5, 30.0


class Progress:
    """Tells a person what is going on. Safe to call from several threads."""

    def __init__(self, stream: TextIO | None = None, *, jobs: int = 1, quiet: bool = False) -> None:
        """quiet: say nothing; whoever asks for that is told by what comes back."""
        self.stream, self.jobs, self.quiet = stream or sys.stderr, jobs, quiet
        self._lock = threading.Lock()
        self._live: RichProgress | None = None
        self._bar: TaskID | None = None
        self._total = self._done = self._computed = 0
        self._seconds = 0.0
        self.tells_left = True
        """Whether anything is known by which to say how much time is left."""
        self._weight: dict[object, float] = {}
        self._weight_computed = self._seconds_weighed = 0.0

    @contextmanager
    def cells(self, total: int) -> Iterator[None]:
        """Show the progress of `total` cells while the body runs."""
        self._total = total
        if self.quiet or not self.stream.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
        )
        with RichProgress(*columns, console=Console(file=self.stream)) as live:
            self._live, self._bar = live, live.add_task("cells", total=total, left="")
            try:
                yield
            finally:
                self._live = self._bar = None

    def say(self, text: str) -> None:
        with self._lock:
            if self.quiet:
                return
            if self._live is not None:
                self._live.console.print(text, markup=False, highlight=False)
            else:
                print(text, file=self.stream, flush=True)

    def fewer(self, cells: int) -> None:
        """So many cells of the total will not be computed after all."""
        self._total -= cells
        if self._live is not None and self._bar is not None:
            self._live.update(self._bar, total=self._total)

    def weigh(self, cells: Mapping[Any, float]) -> None:
        """Cells that are yet to be computed, and seconds that each is expected to take."""
        self._weight |= cells

    def cell_done(self, text: str, seconds: float | None = None, cell: object = None) -> None:
        """One more cell is finished: in so many seconds, or (None) already before this run.

        The time left is that of the other cells at the pace so far, which one knows only roughly: by what
        they are expected to take, where that is known, else as if all took the same.
        """
        self._done += 1
        weight = self._weight.pop(cell, 0.0)
        if seconds is not None:
            self._computed += 1
            self._seconds += seconds / self.jobs
            if weight:
                self._weight_computed += weight
                self._seconds_weighed += seconds / self.jobs
            self.say(f"[{self._done}/{self._total}] {text}{'' if self._live else self._left(', ')}")
        if self._live is not None and self._bar is not None:
            self._live.update(self._bar, completed=self._done, left=self._left(""))

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Say what the body is at, if it takes more than a moment; and again each half minute."""
        began, over = time.monotonic(), threading.Event()

        def tell() -> None:
            pause = MOMENT
            while not over.wait(pause):
                gone = time.monotonic() - began
                self.say(text if pause == MOMENT else f"{text} ({duration(gone)} so far)")
                pause = HALF_A_MINUTE

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @contextmanager
    def work(self, what: str) -> Iterator[Counter]:
        """Count a longer piece of work, such as encoding."""
        counter = Counter(self, what)
        try:
            yield counter
        finally:
            counter.close()

    def _left(self, before: str) -> str:
        remaining = self._total - self._done
        if not self._computed or not remaining or not self.tells_left:
            return ""
        if not self._weight:
            left = self._seconds / self._computed * remaining
        elif self._weight_computed:
            left = self._seconds_weighed / self._weight_computed * sum(self._weight.values())
        else:  # done were those of which nothing was expected: they say nothing of the others
            left = sum(self._weight.values()) / self.jobs
        return f"{before}about {duration(left)} left"


class Counter:
    """`counter(done, total)` shows a bar on a terminal, and elsewhere a line every ten seconds.

    The time left goes by the pace since the first call: what came before it, such as the loading of a model,
    comes once.
    """

    def __init__(self, progress: Progress, what: str) -> None:
        self.progress, self.what = progress, what
        self._said = time.monotonic()
        self._first: tuple[int, float] | None = None
        """How much was done at the first call, and when that was."""
        self._bar: TaskID | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        self._first = self._first or (done, now)
        since, began = self._first
        paced = done > since
        text = f"about {duration((now - began) / (done - since) * (total - done))} left" if paced else ""
        live = self.progress._live
        if live is not None:
            if self._bar is None:
                self._bar = live.add_task(self.what, total=total, left="")
            live.update(self._bar, completed=done, total=total, left=text)
        elif now - self._said > 10:
            self._said = now
            self.progress.say(f"{self.what}: {done:,} of {total:,}{', ' if text else ''}{text}")

    def close(self) -> None:
        if self._bar is not None and self.progress._live is not None:
            self.progress._live.remove_task(self._bar)


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`"""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
