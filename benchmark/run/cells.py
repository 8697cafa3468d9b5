"""Cells: works through the cells of one data set, resumes what was interrupted, recomputes nothing.

At most `jobs` run at a time, each in a process of its own; with an engine, as many as it has slots.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import BaselineError, DataError, SmpbenchError
from benchmark.jobs.engine import Lost
from benchmark.processes.talk import Killed, OverBudget, Stopped
from benchmark.processes.workers import Workers, quick_workers
from benchmark.processes.workspace import cleared, taken_over, workspace
from benchmark.run.ceilings import keep_ceilings
from benchmark.run.cell import truth_key
from benchmark.run.content import content, unread
from benchmark.run.given import Given
from benchmark.run.options import Expects, Options, Summary
from benchmark.run.plan import Planned, summary_of
from benchmark.run.progress import Progress, duration
from benchmark.run.rescoring import rescored, scored_otherwise
from benchmark.run.result import Result, Run
from benchmark.run.results import Judged, about, in_words, recorded_as, run_of
from benchmark.run.sending import Sender
from benchmark.run.store import Store, StoredResult, write_result
from benchmark.run.supervisor import supervise
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import stored_truth, truth_fault, truth_folder
from benchmark.run.where import where
from benchmark.scores.scoring import Scorer, Scorers
from benchmark.worker import plots_of

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.encoders.interface import Encoder
    from benchmark.run.result import About

TRIES = 3
"""Of a cell whose worker is killed from outside."""
QUICK = "naive"
"""Family of the baselines that run first: what they take is the start of a process."""


class Cells:
    """The planned cells of one prepared data set."""

    def __init__(
        self,
        prepared: Prepared,
        planned: Sequence[Planned],
        options: Options,
        progress: Progress,
        summary: Summary,
    ) -> None:
        self.prepared, self.planned, self.options = prepared, planned, options
        self.progress, self.summary = progress, summary
        self.context: Workers | None = None
        self.waiting: list[Planned] = []
        """Cells that are yet to be computed; known once it has begun."""
        self.store = Store(options.home / "runs")
        self.stop = threading.Event()
        self.features: dict[str, Features] = {}
        self._given = Given(
            prepared, self.features, options.home, options.raw_roots, options.threads, options.plots
        )
        self._posts: dict[str, TaskPosts] = {}
        self._reading = threading.Lock()
        self._scorers = Scorers(most=2)  # the cells of both protocols take turns
        engine = options.engine
        self._sender = Sender(engine, prepared.card, options, progress.say) if engine else None

    def tried(self, part: Callable[[], None]) -> bool:
        """Do a part of it; False if that cannot be, for its card or its content: other data sets go on."""
        try:
            part()
        except SmpbenchError as error:
            self.waiting = []
            self.summary.problems.append(f"{self.prepared.card.name}: {error}")
            self.progress.say(f"{self.prepared.card.name}: {error}")
            return False
        return True

    def begin(self) -> None:
        """Find out which cells are finished, and mend what lies beside these."""
        waiting: list[Planned] = []
        finished: list[Planned] = []
        for one in self.planned:
            (finished if self._finished(one) else waiting).append(one)
        self._mend_truths(finished)
        self.waiting = self._sound(waiting)

    def quick(self) -> Iterator[None]:
        """Compute the cells of naive baselines; one table after the other."""
        tables: dict[tuple[str, str], list[Planned]] = {}
        for one in self.waiting:
            if one.found.family == QUICK and not (one.encodings or one.skipped):
                tables.setdefault((one.cell.task, one.cell.protocol), []).append(one)
        for cells in tables.values():
            self.context = quick_workers(self.options.threads)
            if self.tried(partial(self._compute_all, cells)) and self.waiting:
                yield

    def set_aside(self) -> None:
        """Hold no posts while it is the turn of other data sets."""
        self._posts.clear()
        self._scorers.clear()

    def run(self, context: Workers | None) -> None:
        """Compute what is left; `context` is needed if that is anything."""
        self.context = context
        for task in self.prepared.card.tasks if self.prepared.card.synthetic else ():
            planned = any(one.cell.task == task.name for one in self.planned)
            posts = partial(self._task_posts, task.name)
            keep_ceilings(self.store, self.prepared, task, self.options.protocols, planned, posts)
        self._encode({encoding for one in self.waiting for encoding in one.encodings if not one.skipped})
        self._compute_all(self.waiting)

    def weighed(self, expected: Expects) -> float:
        """Seconds that what is left will take, roughly; each cell's part is told to the progress."""
        posts = int(self.prepared.report["posts"])
        running = [one for one in self.waiting if not one.skipped]
        cells = {one.cell: expected.seconds(one.cell, posts) for one in running}
        self.progress.weigh(cells)
        encodings = {encoding for one in running for encoding in one.encodings}
        return sum(cells.values()) / self.options.at_once + sum(
            expected.encoding(one, self._to_encode(one, posts)) for one in encodings
        )

    def _to_encode(self, encoding: str, posts: int) -> int:
        """Of so many posts, those whose content the cache lacks."""
        cache = FeatureCache(self.options.home)
        return cache.left(self._encoder(encoding), self.prepared.card.name, self.prepared.content, posts)

    def _compute_all(self, waiting: Sequence[Planned]) -> None:
        taken = self._at_once(waiting, patient=False)
        # What another run was computing at that moment: wait for its result, or take over if it ends without.
        elsewhere = [one for one, mine in zip(waiting, taken, strict=True) if not mine]
        self._at_once(elsewhere, patient=True)
        done = set(map(id, waiting))
        self.waiting = [one for one in self.waiting if id(one) not in done]
        if self._sender:
            self._sender.close()

    def stored(self, one: Planned) -> StoredResult | None:
        """What the store has of a cell."""
        return self.store.read(self._folder(one))

    def _sound(self, waiting: Sequence[Planned]) -> list[Planned]:
        """The cells whose posts can be cut into training and test; what hinders the others is said once a
        table, and not by every one of its rows."""
        faults: dict[tuple[str, str], str | None] = {}
        for one in waiting:
            table = one.cell.task, one.cell.protocol
            if table not in faults and not one.skipped:
                faults[table] = self._fault(one)
        for told in dict.fromkeys(filter(None, faults.values())):
            self.summary.problems.append(f"{self.prepared.card.name}: {told}")
            self.progress.say(f"{self.prepared.card.name}: {told}")
        found = [one for one in waiting if not faults.get((one.cell.task, one.cell.protocol))]
        for _ in waiting[len(found) :]:
            self.progress.cell_done("")
        return found

    def _fault(self, one: Planned) -> str | None:
        try:
            self._task_posts(one.cell.task).windows(one.cell.protocol)
        except DataError as error:
            return str(error)
        return None

    def _at_once(self, waiting: Sequence[Planned], *, patient: bool) -> list[bool]:
        with ThreadPoolExecutor(self.options.at_once) as pool:
            futures = [pool.submit(self._one, one, patient) for one in waiting]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
                return [future.result() for future in futures]
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _one(self, one: Planned, patient: bool) -> bool:
        """Compute a cell; False if another run is at it and we are not to wait."""
        folder = self._folder(one)
        if self._sender and not one.skipped:
            self._sent(one, folder, self._sender)
            return True
        while not self.stop.is_set():
            with self.store.claim(folder) as ours:
                if ours:
                    if not self._finished(one):
                        self._compute(one, folder)
                    return True
            if not patient:
                return False
            time.sleep(0.5)
        raise Stopped

    def _sent(self, one: Planned, folder: Path, sender: Sender) -> None:
        """Have a cell computed by an engine's node, and take over what lies in the store then."""
        if self._finished(one):
            return
        began = time.monotonic()
        try:
            ended = sender.cell(one, self.key(one), self.stop)
            told = f"its process on {ended.node} has left no result: {ended.told}"
        except (Lost, BaselineError) as error:
            told = str(error)
        stored, seconds = self.store.read(folder), time.monotonic() - began
        if stored is None:
            self.summary.count("lost")
            self.summary.problems.append(f"{one.cell}: {told}")
            self.progress.cell_done(f"{one.cell}: {told}", seconds, one.cell)
            return
        self._counted(one, folder, stored.result, seconds)

    def _counted(self, one: Planned, folder: Path, result: Result, seconds: float) -> None:
        self.summary.count(result.run.status)
        self.summary.folders[one.cell] = folder
        if result.run.status not in ("ok", "skipped"):
            self.summary.problems.append(f"{one.cell}: {result.run.told}")
        told = f"{one.cell}: {in_words(result)} ({duration(seconds)})"
        self.progress.cell_done(told, seconds, one.cell)

    def _finished(self, one: Planned) -> bool:
        """Whether the store has a sound result already; a failure counts unless it is to be retried."""
        stored = self.store.read(self._folder(one))
        if stored is None or (self.options.retry_failed and stored.run.status not in ("ok", "skipped")):
            return False
        task = self.prepared.card.task(one.cell.task)
        if scored_otherwise(stored, task):  # its card asks for other measures by now: no fit is repeated
            rescored(self.store, stored, self._scorer(one) if stored.run.predicted else None, task)
            self.summary.count("rescored")
        elif stored.run.status in ("ok", "skipped"):
            self.summary.count("reused")
        else:  # a failure stands until it is retried, and is a problem every time
            self.summary.count(stored.run.status)
            told = f"{stored.run.told} (in an earlier run; --retry-failed tries it again)"
            self.summary.problems.append(f"{one.cell}: {told}")
        self.summary.folders[one.cell] = self._folder(one)
        self.progress.cell_done(str(one.cell))
        return True

    def _encode(self, encodings: set[str]) -> None:
        """Fill the feature cache. Encoders see no label, and each post alone."""
        cache = FeatureCache(self.options.home)
        for encoding in sorted(encodings):
            chosen = self._encoder(encoding)
            with self.progress.work(
                f"{self.prepared.card.name}: encoding {encoding} ({chosen.name})"
            ) as counter:
                posts = self.prepared.posts()
                ids, items = posts["post_id"].to_pylist(), content(self.prepared, posts, chosen.modality)
                self.features[encoding] = found = cache.ensure(
                    chosen,
                    self.prepared.card.name,
                    self.prepared.content,
                    ids,
                    items,
                    progress=counter,
                    elsewhere=self._encoded_elsewhere(encoding),
                )
            if told := unread(found, ids, items, chosen.modality):
                self.progress.say(f"{self.prepared.card.name}: {told}")

    def _encoded_elsewhere(self, encoding: str) -> Callable[[Sequence[int]], None] | None:
        """Has shards encoded by an engine's nodes."""
        if (sender := self._sender) is None:
            return None
        return lambda numbers: sender.shards(encoding, self.prepared.content, numbers, self.stop)

    def _compute(self, one: Planned, folder: Path) -> None:
        started = time.monotonic()
        posts, key = self._task_posts(one.cell.task), self.key(one)
        with self.store.writing(folder) as staging:
            of = self._about(one, posts)
            try:
                if one.skipped:
                    run = run_of(one.cell, key, "skipped", one.skipped)
                else:
                    run = self._tried(one, of, key, posts, staging)
            except OverBudget as error:
                run = run_of(one.cell, key, error.status, str(error))
            except SmpbenchError as error:
                run = run_of(one.cell, key, "failed", str(error))
            seconds = time.monotonic() - started
            told = run.environment | where(self.options.computed_by) if run.predicted else run.environment
            update = {"wall_seconds": seconds, "environment": told}
            result = Result(about=of, run=run.model_copy(update=update))
            write_result(staging, result)
        self._counted(one, folder, result, seconds)

    def _about(self, one: Planned, posts: TaskPosts) -> About:
        return about(
            one.cell,
            posts,
            truth_key=self._truth_key(one),
            code=one.found.code,
            summary=summary_of(one, self.prepared.card, self.options.profile),
            settings=one.settings,
            study=list(one.settings) if one.study else (),
            family=one.found.family,
            encoders={encoding: self._encoder(encoding).name for encoding in one.encodings},
            row_key=self.key(replace(one, cell=replace(one.cell, seed=0))),
        )

    def _mend_truths(self, finished: Sequence[Planned]) -> None:
        """Write the truth of finished cells anew where it is damaged or lost."""
        for one in {self._truth_key(one): one for one in finished if not one.skipped}.values():
            table = (one.cell.dataset, one.cell.task, one.cell.protocol)
            if truth_fault(truth_folder(self.store.root, table, self._truth_key(one))):
                self._truth(one)

    def _tried(self, one: Planned, of: About, key: str, posts: TaskPosts, staging: Path) -> Run:
        """Fit and score; again if somebody has killed the worker, which says nothing about the baseline."""
        for _ in range(TRIES - 1):
            try:
                return self._fit_and_score(one, of, key, posts, staging)
            except Killed as error:
                self.progress.say(f"{one.cell}: {error}; it is tried again")
        try:
            return self._fit_and_score(one, of, key, posts, staging)
        except Killed as error:
            raise BaselineError(f"{error}, {TRIES} times") from None

    def _fit_and_score(self, one: Planned, of: About, key: str, posts: TaskPosts, staging: Path) -> Run:
        windows = posts.windows(one.cell.protocol)
        log, judged = staging / "log.txt", list[Judged]()

        def scored(*predicted: Any) -> None:
            judged.append(Judged.of(of, self._scorer(one), *predicted))

        with workspace() as folder:
            assignment = self._given.assignment(one, posts, windows.clock, staging, folder)
            budget = self.options.budget
            assert self.context is not None
            try:
                outcome = supervise(self.context, assignment, posts, windows, budget, self.stop, log, scored)
            finally:
                sent = [path.name for path in [assignment.baseline] if path.parent == staging]
                intruding = cleared(staging, {log.name, *sent})
            if intruding:
                raise BaselineError(f"it has changed the folder of its result: {', '.join(intruding)[:200]}")
            left_out = taken_over(plots_of(folder), staging / "plots")
        if left_out:
            with log.open("a", encoding="utf-8") as file:
                file.write("".join(f"plots: {line}\n" for line in left_out))
        run = run_of(one.cell, key, "ok", data=self.prepared)
        return recorded_as(judged[0], outcome, run, windows, staging)

    def _truth(self, one: Planned) -> pa.Table:
        posts = self._task_posts(one.cell.task)
        windows = posts.windows(one.cell.protocol)
        return stored_truth(self.store, one.cell, self._truth_key(one), posts, windows)

    def _scorer(self, one: Planned) -> Scorer:
        return self._scorers.of(self._truth_key(one), self._truth(one))

    def _task_posts(self, name: str) -> TaskPosts:
        with self._reading:
            if name not in self._posts:
                self._posts[name] = TaskPosts.of(self.prepared, self.prepared.card.task(name))
            return self._posts[name]

    def _encoder(self, encoding: str) -> Encoder:
        return encoder(self.options.profile, encoding, self.prepared.card.languages)

    def _folder(self, one: Planned) -> Path:
        return self.store.folder(one.cell, self.key(one))

    def key(self, one: Planned) -> str:
        """That the result of a cell goes by: sha256 (hex) of all that decides it."""
        return one.cell.key(
            truth=self._truth_key(one),
            code=one.found.code,
            settings=one.settings,
            encodings={encoding: self._encoder(encoding).fingerprint() for encoding in one.encodings},
            columns=list(self.prepared.card.visible(crawl=one.cell.crawl)),
        )

    def _truth_key(self, one: Planned) -> str:
        card = self.prepared.card
        return truth_key(card, card.task(one.cell.task), one.cell.protocol, self.prepared.fingerprint)
