"""Ceilings: rows of synthetic data sets that nobody can beat, with the noiseless score as the prediction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declared.naming import CEILING
from benchmark.run.cell import Cell, truth_key
from benchmark.run.rescoring import rescored, scored_otherwise
from benchmark.run.result import Result
from benchmark.run.results import about, recorded, run_of
from benchmark.run.store import Store, write_result
from benchmark.run.supervisor import Outcome
from benchmark.run.truth import stored_truth
from benchmark.scores.scoring import Scorer

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.declared.task import ProtocolName, Task
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows


def keep_ceilings(
    store: Store,
    prepared: Prepared,
    task: Task,
    protocols: Collection[ProtocolName],
    planned: bool,
    posts: Callable[[], TaskPosts],
) -> None:
    """Write those of a task that are missing or damaged, and score all as its card asks for it now.

    Args:
        planned: whether a cell of the task is asked for; else none is written.
        posts: of the task, which take a while to read.
    """
    card = prepared.card
    for protocol in task.protocols:
        if protocol == "official" or protocol not in protocols:
            continue
        cell = Cell(card.name, task.name, protocol, CEILING, "default", 0, "none", False)
        key = truth_key(card, task, protocol, prepared.fingerprint)
        stored = store.read(store.folder(cell, key))
        if not (scored_otherwise(stored, task) if stored else planned):
            continue
        windows = posts().windows(protocol)
        if posts().ceiling is None:
            continue
        if stored:
            rescored(store, stored, Scorer(stored_truth(store, cell, key, posts(), windows)), task)
        else:
            _write(store, cell, posts(), windows, key)


def _write(store: Store, cell: Cell, posts: TaskPosts, windows: Windows, truth_key: str) -> None:
    assert posts.ceiling is not None
    folder = store.folder(cell, truth_key)
    truth = stored_truth(store, cell, truth_key, posts, windows)
    with store.claim(folder) as ours:
        if ours and store.read(folder) is None:
            of = about(cell, posts, truth_key=truth_key, code="", summary="The noiseless score")
            costless = Outcome(posts.ceiling[windows.test].astype(np.float32), {}, 0.0, 0.0, 0.0)
            run = run_of(cell, truth_key, "ceiling").model_copy(update={"wall_seconds": 0.0})
            with store.writing(folder) as staging:
                run = recorded(costless, of, run, windows, truth, staging)
                write_result(staging, Result(about=of, run=run))
