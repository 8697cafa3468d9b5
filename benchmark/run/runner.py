"""Runner: works through the cells of a run, resumes what was interrupted, recomputes nothing.

Data sets come one after the other; a data set that cannot be prepared is reported, and the others go on. The
cells of a data set run at most `jobs` at a time, each in a process of its own.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.data.prepare import prepare
from benchmark.data.report import report_lines
from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import DataUnavailable, SmpbenchError
from benchmark.run.cell import Cell, truth_key
from benchmark.run.plan import Chosen, Planned, plan
from benchmark.run.progress import Progress, duration
from benchmark.run.results import content, in_words, provenance, scored, write_ceiling
from benchmark.run.store import Store, seal
from benchmark.run.supervisor import Budget, OverBudget, Stopped, supervise, workers
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import stored_truth
from benchmark.timeline import Schema
from benchmark.worker import Assignment

if TYPE_CHECKING:
    from benchmark.card import Card, ProtocolName, Task
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.split import Clock


@dataclass(frozen=True)
class Options:
    home: Path
    raw_roots: tuple[Path, ...]
    budget: Budget
    protocols: tuple[ProtocolName, ...] = ("frozen", "rolling", "official")
    seeds: int = 1
    profile: str = "bundled"
    tasks: tuple[str, ...] | None = None
    """Of each data set these tasks; None: all."""
    crawl: bool = False
    """Also run cells that may see columns known only at crawl time."""
    crawl_alone: bool = False
    """Of a baseline that reads columns, run no other cells than those."""
    retry_failed: bool = False
    jobs: int = 1
    plots: bool = True
    named: bool = False
    """The data sets were asked for by name: one not at hand is a problem, and not passed over."""

    @property
    def threads(self) -> int:
        """Threads of one cell: the cores are shared out, never oversubscribed."""
        return max(1, cores() // self.jobs)


@dataclass
class Summary:
    """How a run went."""

    counts: dict[str, int] = field(default_factory=dict)
    """Cells by status; `reused` for those found finished."""
    problems: list[str] = field(default_factory=list)
    folders: dict[Cell, Path] = field(default_factory=dict)
    """Where the result of each cell lies that was computed or found finished."""

    def count(self, status: str) -> None:
        self.counts[status] = self.counts.get(status, 0) + 1


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(cards: Sequence[Card], baselines: Sequence[Chosen], options: Options, progress: Progress) -> Summary:
    """Prepare the data sets, then run every planned cell that has no result yet.

    Raises:
        SmpbenchError: an encoder that a cell is to be given cannot be used here; nothing has started.
        KeyboardInterrupt: after every worker has been ended; what is finished is kept.
        OSError: the store cannot be written (a full disk); what is finished is kept.
    """
    summary = Summary()
    planned = {card.name: _plan(card, baselines, options) for card in cards}
    _check_encoders({kind for cells in planned.values() for one in cells for kind in one.kinds}, options)
    prepared = {card.name: found for card in cards if (found := _prepare(card, options, progress, summary))}
    cells = [cell for name in prepared for cell in planned[name]]
    preload = {module for one in cells if one.found.cls for module in one.found.cls.preload}
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
        assert chosen.found.cls is not None
        if chosen.found.cls.reads_columns:
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


def _check_encoders(kinds: set[str], options: Options) -> None:
    for kind in sorted(kinds):
        chosen = encoder(options.profile, kind)
        if reason := chosen.unavailable():
            raise SmpbenchError(f"kind '{kind}' of profile '{options.profile}' ({chosen.name}): {reason}")


def _prepare(card: Card, options: Options, progress: Progress, summary: Summary) -> Prepared | None:
    try:
        prepared = prepare(card, options.home, options.raw_roots)
    except DataUnavailable as error:
        progress.say(f"{card.name}: not at hand. {error}")
        if options.named:
            summary.problems.append(f"{card.name}: not at hand")
        return None
    except SmpbenchError as error:
        summary.problems.append(f"{card.name}: {error}")
        progress.say(f"{card.name}: {error}")
        return None
    for line in report_lines(prepared)[:1]:
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
        context: Any,
    ) -> None:
        self.prepared, self.planned, self.options = prepared, planned, options
        self.progress, self.summary, self.context = progress, summary, context
        self.store = Store(options.home / "runs")
        self.stop = threading.Event()
        self.features: dict[str, Features] = {}
        self._posts: dict[str, TaskPosts] = {}

    def run(self) -> None:
        waiting = [one for one in self.planned if not self._finished(one)]
        self._encode({kind for one in waiting for kind in one.kinds if not one.skipped})
        for task in self.prepared.card.tasks:
            if any(one.cell.task == task.name for one in waiting):
                self._posts[task.name] = TaskPosts.of(self.prepared, task)
                self._ceilings(task)
        taken = self._at_once(waiting, patient=False)
        # What another run was computing at that moment: wait for its result, or take over if it ends without.
        elsewhere = [one for one, mine in zip(waiting, taken, strict=True) if not mine]
        self._at_once(elsewhere, patient=True)

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
        if stored is None or (self.options.retry_failed and stored.result["status"] not in ("ok", "skipped")):
            return False
        self.summary.count("reused")
        self.summary.folders[one.cell] = self._folder(one)
        self.progress.cell_done(str(one.cell))
        return True

    def _encode(self, kinds: set[str]) -> None:
        """Fill the feature cache. Encoders see no label, and each post alone."""
        cache = FeatureCache(self.options.home)
        for kind in sorted(kinds):
            chosen = encoder(self.options.profile, kind)
            with self.progress.work(f"{self.prepared.card.name}: encoding {kind} ({chosen.name})") as counter:
                posts = self.prepared.posts()
                self.features[kind] = cache.ensure(
                    chosen,
                    self.prepared.card.name,
                    self.prepared.fingerprint,
                    posts["post_id"].to_pylist(),
                    content(self.prepared, posts, chosen.modality),
                    progress=counter,
                )

    def _compute(self, one: Planned, folder: Path) -> None:
        started = time.monotonic()
        posts = self._posts[one.cell.task]
        with self.store.writing(folder) as staging:
            result = provenance(
                one.cell,
                posts,
                key=self._key(one),
                truth=self._truth_key(one),
                code=one.found.code,
                summary=one.found.summary,
                settings=one.settings,
                study=list(one.settings) if one.study else (),
                family=one.found.family,
                kinds=one.kinds,
            )
            try:
                if one.skipped:
                    result |= {"status": "skipped", "reason": one.skipped}
                else:
                    result |= self._fit_and_score(one, posts, staging)
            except OverBudget as error:
                result |= {"status": error.status, "reason": str(error)}
            except SmpbenchError as error:
                result |= {"status": "failed", "reason": str(error)}
            result["wall_seconds"] = time.monotonic() - started
            seal(staging, result)
        self.summary.count(result["status"])
        self.summary.folders[one.cell] = folder
        if result["status"] not in ("ok", "skipped"):
            self.summary.problems.append(f"{one.cell}: {result['status']}: {result['reason']}")
        took = duration(result["wall_seconds"])
        self.progress.cell_done(f"{one.cell}: {in_words(result)} ({took})", result["wall_seconds"])

    def _ceilings(self, task: Task) -> None:
        posts = self._posts[task.name]
        for protocol in task.protocols:
            if posts.ceiling is not None and protocol != "official" and protocol in self.options.protocols:
                cell = Cell(
                    self.prepared.card.name, task.name, protocol, "ceiling", "default", 0, "none", False
                )
                key = truth_key(self.prepared.card, task, protocol, self.prepared.fingerprint)
                write_ceiling(self.store, cell, posts, posts.windows(protocol), key)

    def _fit_and_score(self, one: Planned, posts: TaskPosts, staging: Path) -> dict[str, Any]:
        windows = posts.windows(one.cell.protocol)
        outcome = supervise(
            self.context,
            self._assignment(one, windows.clock, staging),
            posts,
            windows,
            self.options.budget,
            self.stop,
        )
        truth = stored_truth(self.store, one.cell, self._truth_key(one), posts, windows)
        return {"status": "ok", "reason": None} | scored(outcome, one.cell, posts, windows, truth, staging)

    def _assignment(self, one: Planned, clock: Clock, staging: Path) -> Assignment:
        schema = Schema(
            columns=self.prepared.card.visible(crawl=one.cell.crawl),
            targets=self.prepared.card.task(one.cell.task).targets,
            features={kind: self.features[kind] for kind in one.kinds},
            images=str(self.prepared.images) if self.prepared.images else None,
            scales=self.prepared.card.scales(one.cell.task),
            facts={name: table.columns for name, table in self.prepared.card.facts.items()},
        )
        return Assignment(
            baseline=one.found.placed(staging),
            settings=one.settings,
            seed=one.cell.seed,
            threads=self.options.threads,
            schema=schema,
            clock=clock,
            log=staging / "log.txt",
            artefacts=staging / "plots" if self.options.plots else None,
        )

    def _folder(self, one: Planned) -> Path:
        return self.store.folder(one.cell, self._key(one))

    def _key(self, one: Planned) -> str:
        return one.cell.key(
            truth=self._truth_key(one),
            code=one.found.code,
            settings=one.settings,
            encoders={kind: encoder(self.options.profile, kind).fingerprint() for kind in one.kinds},
            columns=list(self.prepared.card.visible(crawl=one.cell.crawl)),
        )

    def _truth_key(self, one: Planned) -> str:
        card = self.prepared.card
        return truth_key(card, card.task(one.cell.task), one.cell.protocol, self.prepared.fingerprint)
