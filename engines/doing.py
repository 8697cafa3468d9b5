"""Doing: what a node does when it is given a job. It ends with whoever has started it."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from pathlib import Path

from benchmark.data.cards import load_card
from benchmark.data.prepared import Prepared, load_prepared
from benchmark.encoders import encoder
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import SmpbenchError, shortened
from benchmark.finding.discovery import load
from benchmark.jobs.job import CellJob, ShardsJob, read_job
from benchmark.jobs.sameness import check_same
from benchmark.processes.talk import Budget
from benchmark.processes.workers import workers
from benchmark.run.cells import Cells
from benchmark.run.content import content
from benchmark.run.options import Options, Summary
from benchmark.run.plan import Chosen, Planned, plan
from benchmark.run.progress import Progress


def end_with(parent: int | None) -> None:
    """Have the system kill this process when `parent`, which has started it, is gone.

    An engine that loses or kills what runs a job would else leave the job behind.
    """
    if parent is None or sys.platform != "linux":
        return
    set_parent_death_signal = 1
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before
        sys.exit(1)


def do(path: Path) -> int:
    """Do the job of a file; the exit status: `EX_TEMPFAIL` where this node cannot do what another might, its
    disk being full, its home out of sight, its code or its libraries others than those of the plan."""
    try:
        job = read_job(path)
        check_same(job.same, platform.node())
        prepared = load_prepared(load_card(job.card), job.home)
        return _shards(job, prepared) if isinstance(job, ShardsJob) else _cell(job, prepared)
    except (OSError, SmpbenchError) as error:
        print(f"{shortened(str(error))}", file=sys.stderr)
        return os.EX_TEMPFAIL


def _shards(job: ShardsJob, prepared: Prepared) -> int:
    import torch

    torch.set_num_threads(job.threads)
    if prepared.content != job.content:
        raise SmpbenchError(
            f"{prepared.folder}: what is prepared here has other content than the run was planned on"
        )
    chosen = encoder(job.profile, job.encoding, prepared.card.languages)
    items = content(prepared, prepared.posts(), chosen.modality)
    FeatureCache(job.home).write_shards(chosen, prepared.card.name, job.content, items, job.shards)
    return 0


def _cell(job: CellJob, prepared: Prepared) -> int:
    one = planned(job, prepared)
    summary = Summary()
    progress = Progress()
    options = _options(job)
    cells = Cells(prepared, [one], options, progress, summary)
    if (found := cells.key(one)) != job.key:
        raise SmpbenchError(
            f"{one.cell}: its key is {found[:16]} here, and {job.key[:16]} where the run was planned: the "
            "data, the baseline's files or the weights of an encoder are others"
        )
    with progress.cells(1):
        cells.begin()
        if cells.waiting:
            cells.run(workers(one.found.told.preload, options.threads))
    return 0 if cells.stored(one) is not None else 1


def planned(job: CellJob, prepared: Prepared) -> Planned:
    """The cell of a job, planned anew.

    Raises:
        SmpbenchError: the baseline or the task is none here.
    """
    found = load(job.baseline)
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in job.settings.items()}
    chosen = Chosen(found, {job.variant: settings}, job.study, job.by_excess)
    card = prepared.card
    cells = plan(
        card,
        [card.task(job.task)],
        [job.protocol],
        [chosen],
        seeds=[job.seed],
        profile=job.profile,
        crawl=job.crawl,
    )
    fitting = [one for one in cells if one.by_excess == job.by_excess]
    if len(fitting) != 1:
        raise SmpbenchError(f"{job.baseline}: {len(fitting)} cells answer to the job, and one is asked for")
    return fitting[0]


def _options(job: CellJob) -> Options:
    return Options(
        home=job.home,
        raw_roots=job.raw_roots,
        budget=Budget(job.seconds, job.megabytes),
        profile=job.profile,
        crawl=job.crawl,
        retry_failed=job.retry_failed,
        plots=job.plots,
        named=True,
        told_threads=job.threads,
        computed_by=job.engine,
    )
