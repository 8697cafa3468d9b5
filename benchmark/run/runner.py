"""Runner: works through the cells of a run, resumes what was interrupted, recomputes nothing.

Data sets come one after the other; a data set that cannot be prepared is reported, and the others go on. The
cells of a data set run at most `jobs` at a time, each in a process of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.data.prepare import prepare
from benchmark.data.report import date_lines, report_lines
from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import BaselineError, DataError, DataUnavailable, SmpbenchError
from benchmark.naming import check_one_file_a_name
from benchmark.processes.talk import Killed, OverBudget, Stopped
from benchmark.processes.workers import Workers, workers
from benchmark.processes.workspace import cleared, taken_over, workspace
from benchmark.run.cell import Cell, truth_key
from benchmark.run.content import content, unread
from benchmark.run.given import Given
from benchmark.run.options import Options, Summary
from benchmark.run.plan import Chosen, Planned, plan, summary_of
from benchmark.run.progress import Progress, duration
from benchmark.run.rescoring import rescored, scored_otherwise
from benchmark.run.result import Result, Run
from benchmark.run.results import CEILING, about, in_words, recorded, run_of, write_ceiling
from benchmark.run.store import Store, write_result
from benchmark.run.supervisor import supervise
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import stored_truth, truth_fault, truth_folder
from benchmark.worker import plots_of

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.card import Card
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.encoders.interface import Encoder
    from benchmark.run.result import About
    from benchmark.task import Task


TRIES = 3
"""Of a cell whose worker is killed from outside."""


def run(cards: Sequence[Card], baselines: Sequence[Chosen], options: Options, progress: Progress) -> Summary:
    """Prepare the data sets, then run every planned cell that has no result yet.

    Raises:
        SmpbenchError: an encoder that a cell is to be given cannot be used here, or two files have one name;
            nothing has started.
        KeyboardInterrupt: after every worker has been ended; what is finished is kept.
        OSError: the store cannot be written (a full disk); what is finished is kept.
    """
    check_one_file_a_name((chosen.found.name, chosen.found.path) for chosen in baselines)
    summary = Summary()
    planned = {card.name: _plan(card, baselines, options) for card in cards}
    for card in cards:
        running = [one for one in planned[card.name] if not one.skipped]
        _check_encoders({encoding for one in running for encoding in one.encodings}, card, options)
    prepared = {card.name: found for card in cards if (found := _prepare(card, options, progress, summary))}
    cells = [cell for name in prepared for cell in planned[name]]
    preload = {module for one in cells for module in one.found.told.preload}
    context = workers(sorted(preload), options.threads)
    with progress.cells(len(cells)):
        for name, data in prepared.items():
            try:
                _DataSet(data, planned[name], options, progress, summary, context).run()
            except SmpbenchError as error:  # of its card or its content: the other data sets go on
                summary.problems.append(f"{name}: {error}")
                progress.say(f"{name}: {error}")
    return summary


def _plan(card: Card, baselines: Sequence[Chosen], options: Options) -> list[Planned]:
    crawled = options.crawl and any(column.availability == "crawl" for column in card.columns.values())
    modes = [False, True] if crawled else [False]
    tasks = [task for task in card.tasks if options.tasks is None or task.name in options.tasks]

    def has_row(chosen: Chosen, crawl: bool) -> bool:
        if chosen.found.told.reads_columns:
            return crawl or not (crawled and options.crawl_alone)
        return not crawl

    return [
        one
        for crawl in modes
        for one in plan(
            card,
            tasks,
            options.protocols,
            [chosen for chosen in baselines if has_row(chosen, crawl)],
            seeds=options.seeds,
            profile=options.profile,
            crawl=crawl,
        )
    ]


def _check_encoders(encodings: set[str], card: Card, options: Options) -> None:
    for encoding in sorted(encodings):
        chosen = encoder(options.profile, encoding, card.languages)
        if reason := chosen.unavailable():
            raise SmpbenchError(
                f"encoding '{encoding}' of profile '{options.profile}' ({chosen.name}): {reason}"
            )


def _prepare(card: Card, options: Options, progress: Progress, summary: Summary) -> Prepared | None:
    try:
        prepared = prepare(card, options.home, options.raw_roots, allow_generator=options.allow_generator)
    except DataUnavailable as error:
        progress.say(f"{card.name}: not at hand. {error}")
        if options.named:
            summary.problems.append(f"{card.name}: not at hand")
        return None
    except SmpbenchError as error:
        summary.problems.append(f"{card.name}: {error}")
        progress.say(f"{card.name}: {error}")
        return None
    for line in [*report_lines(prepared)[:1], *date_lines(prepared)]:
        progress.say(line)
    return prepared


class _DataSet:
    """The cells of one data set."""

    def __init__(
        self,
        prepared: Prepared,
        planned: Sequence[Planned],
        options: Options,
        progress: Progress,
        summary: Summary,
        context: Workers,
    ) -> None:
        self.prepared, self.planned, self.options = prepared, planned, options
        self.progress, self.summary, self.context = progress, summary, context
        self.store = Store(options.home / "runs")
        self.stop = threading.Event()
        self.features: dict[str, Features] = {}
        self._given = Given(
            prepared, self.features, options.home, options.raw_roots, options.threads, options.plots
        )
        self._posts: dict[str, TaskPosts] = {}
        self._reading = threading.Lock()

    def run(self) -> None:
        waiting: list[Planned] = []
        finished: list[Planned] = []
        for one in self.planned:
            (finished if self._finished(one) else waiting).append(one)
        self._mend_truths(finished)
        waiting = self._sound(waiting)
        self._encode({encoding for one in waiting for encoding in one.encodings if not one.skipped})
        for task in self.prepared.card.tasks if self.prepared.card.synthetic else ():
            self._ceilings(task, any(one.cell.task == task.name for one in self.planned))
        taken = self._at_once(waiting, patient=False)
        # What another run was computing at that moment: wait for its result, or take over if it ends without.
        elsewhere = [one for one, mine in zip(waiting, taken, strict=True) if not mine]
        self._at_once(elsewhere, patient=True)

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
        with ThreadPoolExecutor(self.options.jobs) as pool:
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

    def _finished(self, one: Planned) -> bool:
        """Whether the store has a sound result already; a failure counts unless it is to be retried."""
        stored = self.store.read(self._folder(one))
        if stored is None or (self.options.retry_failed and stored.run.status not in ("ok", "skipped")):
            return False
        task = self.prepared.card.task(one.cell.task)
        if scored_otherwise(stored, task):  # its card asks for other measures by now: no fit is repeated
            rescored(self.store, stored, self._truth(one) if stored.run.predicted else None, task)
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
                    chosen, self.prepared.card.name, self.prepared.content, ids, items, progress=counter
                )
            if told := unread(found, ids, items, chosen.modality):
                self.progress.say(f"{self.prepared.card.name}: {told}")

    def _compute(self, one: Planned, folder: Path) -> None:
        started = time.monotonic()
        posts, key = self._task_posts(one.cell.task), self._key(one)
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
            result = Result(about=of, run=run.model_copy(update={"wall_seconds": seconds}))
            write_result(staging, result)
        self.summary.count(run.status)
        self.summary.folders[one.cell] = folder
        if run.status not in ("ok", "skipped"):
            self.summary.problems.append(f"{one.cell}: {run.told}")
        self.progress.cell_done(f"{one.cell}: {in_words(result)} ({duration(seconds)})", seconds)

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
        )

    def _mend_truths(self, finished: Sequence[Planned]) -> None:
        """Write the truth of finished cells anew where it is damaged or lost."""
        for one in {self._truth_key(one): one for one in finished if not one.skipped}.values():
            table = (one.cell.dataset, one.cell.task, one.cell.protocol)
            if truth_fault(truth_folder(self.store.root, table, self._truth_key(one))):
                self._truth(one)

    def _ceilings(self, task: Task, planned: bool) -> None:
        """Write those that are missing or damaged, if a cell of the task is asked for; score them as asked
        now."""
        card = self.prepared.card
        for protocol in task.protocols:
            if protocol == "official" or protocol not in self.options.protocols:
                continue
            cell = Cell(card.name, task.name, protocol, CEILING, "default", 0, "none", False)
            key = truth_key(card, task, protocol, self.prepared.fingerprint)
            stored = self.store.read(self.store.folder(cell, key))
            if not (scored_otherwise(stored, task) if stored else planned):
                continue
            posts = self._task_posts(task.name)
            windows = posts.windows(protocol)
            if posts.ceiling is None:
                continue
            if stored:
                rescored(self.store, stored, stored_truth(self.store, cell, key, posts, windows), task)
            else:
                write_ceiling(self.store, cell, posts, windows, key)

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
        log = staging / "log.txt"
        with workspace() as folder:
            assignment = self._given.assignment(one, posts, windows.clock, staging, folder)
            budget = self.options.budget
            try:
                outcome = supervise(self.context, assignment, posts, windows, budget, self.stop, log)
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
        return recorded(outcome, of, run, windows, self._truth(one), staging)

    def _truth(self, one: Planned) -> pa.Table:
        posts = self._task_posts(one.cell.task)
        windows = posts.windows(one.cell.protocol)
        return stored_truth(self.store, one.cell, self._truth_key(one), posts, windows)

    def _task_posts(self, name: str) -> TaskPosts:
        with self._reading:
            if name not in self._posts:
                self._posts[name] = TaskPosts.of(self.prepared, self.prepared.card.task(name))
            return self._posts[name]

    def _encoder(self, encoding: str) -> Encoder:
        return encoder(self.options.profile, encoding, self.prepared.card.languages)

    def _folder(self, one: Planned) -> Path:
        return self.store.folder(one.cell, self._key(one))

    def _key(self, one: Planned) -> str:
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
