"""Sending: cells and shards of encoded content as jobs of an engine, given away again if a node is lost."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import TYPE_CHECKING

from benchmark.errors import BaselineError
from benchmark.jobs.engine import Ended, Engine, Lost
from benchmark.jobs.job import CellJob, ShardsJob, write_job
from benchmark.jobs.sameness import here
from benchmark.processes.talk import Stopped

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.options import Options
    from benchmark.run.plan import Planned

TRIES = 3
"""Of a job whose node is lost."""
AT_MOST = 64
"""Shards in a job, of 1,024 items each: what a lost node costs."""


class Sender:
    """The jobs of one data set. Safe to call from several threads."""

    def __init__(self, engine: Engine, card: Card, options: Options, say: Callable[[str], None]) -> None:
        self.engine, self.card, self.options, self.say = engine, card, options, say
        self.folder = options.home / "jobs" / uuid.uuid4().hex[:12]
        self._numbers = itertools.count()

    def cell(self, one: Planned, key: str, stop: threading.Event) -> Ended:
        """Have a cell computed, and wait until its process has ended.

        Args:
            key: that its result is to have.

        Raises:
            BaselineError: no file holds the baseline, so that no other process can load it.
            Lost: as often as it may be tried.
            Stopped: `stop` was set.
        """
        if not one.found.path.is_file():
            raise BaselineError(
                f"{one.found.name}: no file holds this baseline, and an engine's nodes load files. Write it "
                "into one"
            )
        job = CellJob(
            **self._about(),
            task=one.cell.task,
            protocol=one.cell.protocol,
            baseline=one.found.path,
            variant=one.variant,
            settings=dict(one.settings),
            study=one.study,
            by_excess=one.by_excess,
            seed=one.cell.seed,
            crawl=one.cell.crawl,
            key=key,
            engine=self.engine.name,
            threads=self.options.threads,
            seconds=self.options.budget.seconds,
            megabytes=self.options.budget.memory_mb,
            plots=self.options.plots,
            retry_failed=self.options.retry_failed,
        )
        return self._done(job, str(one.cell), stop)

    def shards(self, encoding: str, content: str, numbers: Sequence[int], stop: threading.Event) -> None:
        """Have shards of encoded content written, a few nodes at once. One that does not come is no error:
        whoever asked encodes it.

        Args:
            content: `Prepared.content`. numbers: of the shards.

        Raises:
            Stopped: `stop` was set.
        """
        size = min(AT_MOST, max(1, -(-len(numbers) // self.engine.slots)))
        parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        jobs = [
            ShardsJob(
                **self._about(),
                encoding=encoding,
                content=content,
                shards=tuple(part),
                threads=self.options.threads,
            )
            for part in parts
        ]
        with ThreadPoolExecutor(self.engine.slots) as pool:
            waiting = [pool.submit(self._done, job, f"shards of {encoding}", stop) for job in jobs]
            try:
                for future in as_completed(waiting):
                    with suppress(Lost):
                        if (ended := future.result()).code:
                            self.say(f"shards of {encoding} on {ended.node}: {ended.told}")
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def close(self) -> None:
        """Remove the files of jobs; those of jobs that ended in an error stay."""
        with suppress(OSError):
            self.folder.rmdir()
        with suppress(OSError):
            self.folder.parent.rmdir()

    def _about(self) -> dict[str, object]:
        return {
            "card": self.card.folder / "card.toml",
            "home": self.options.home,
            "raw_roots": self.options.raw_roots,
            "same": here(),
            "profile": self.options.profile,
        }

    def _done(self, job: CellJob | ShardsJob, about: str, stop: threading.Event) -> Ended:
        path = self.folder / f"{next(self._numbers):06}.json"
        write_job(job, path)
        for tried in range(1, TRIES + 1):
            if stop.is_set():
                raise Stopped
            try:
                ended = self.engine.do(path, stop)
            except Lost as error:
                again = tried < TRIES
                self.say(f"{about}: {error}{'; it is given away again' if again else ''}")
                if not again:
                    raise
            else:
                if ended.code == 0:
                    path.unlink(missing_ok=True)
                    path.with_suffix(".log").unlink(missing_ok=True)
                return ended
        raise AssertionError("a job ends, or is lost")
