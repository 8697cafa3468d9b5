"""Evaluate: a model goes through a task in a process of its own, and comes back as a row."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import PROJECT
from benchmark.encoders.profiles import chosen_profile
from benchmark.errors import BaselineError, SmpbenchError
from benchmark.estimator import Estimator
from benchmark.finding.code import code_hash
from benchmark.processes.talk import Budget
from benchmark.processes.workers import workers
from benchmark.run.options import Options, Summary
from benchmark.run.plan import Chosen
from benchmark.run.progress import Progress
from benchmark.run.runner import run as run_all
from benchmark.run.store import Store
from smpbench.door.names import chosen_baseline
from smpbench.door.objects import chosen_object
from smpbench.door.row import Row

if TYPE_CHECKING:
    from benchmark.baseline import Baseline
    from smpbench.door.task import Task


def evaluate(
    what: str | Path | Baseline | type[Baseline] | Any,
    task: Task,
    *,
    inputs: Sequence[str] | None = None,
    around: str | None = None,
    seeds: int = 1,
    profile: str = "bundled",
    crawl: bool = False,
    time_limit: float = 7200,
    memory_limit: float | None = None,
    name: str | None = None,
    quiet: bool = False,
) -> Row:
    """Put a model through a task, each seed in a process of its own, as `smpbench run` does.

    The result is stored in the task's home under the same key: a second call computes nothing, and the row is
    on the next `smpbench board`. The reference that skill is measured against is run beside it, once.

    Args:
        what: a baseline by name (`"ridge"`, `"lightgbm:+history"`, `"ridge:alpha=1"`) or by its file
            (`"my_model.py"`); a `Baseline`, class or instance, wherever it is defined; or a scikit-learn
            regressor or pipeline, which is fitted on one DataFrame: see `inputs`.
        inputs: of a scikit-learn estimator, what the DataFrame holds (default: `["tabular"]`):
            `tabular` is `Posts.tabular()`, numbers as float32 with NaN where one is missing, categoricals
            with dtype `category`; `history` is `Posts.history().frame()`, float32 with NaN for an account
            without a past; any encoding (`text`, `image`, `sentiment`, ...) is float32
            columns `text_0`, `text_1`, ..., zeros where a post has none. Columns have names, so a
            ColumnTransformer can choose among them; those without a single value among the training posts
            are left out. What cannot take NaN or categories needs an imputer and an encoder in its pipeline.
        around: of a scikit-learn estimator: it predicts y itself, or, with `around="level"`, what y is above
            the account's recent median. That is the better way under drift.
        seeds: runs with seeds 0, 1, ...
        profile: of the encoders of content: `bundled`, `hub` or a .toml file of your own.
        crawl: also hand over columns known only at crawl time; the row is marked.
        time_limit: seconds that a run may take.
        memory_limit: GB that a run may use. Default: 80% of the machine.
        name: of the row of an object, in snake_case. Default: after its class; of an estimator also
            `sklearn_` in front.
        quiet: print no progress to stderr.

    Raises:
        BaselineError: the model cannot be run or has failed; with the reason and the place. The failure is
            stored, as a row without scores, and the next call tries again.
        UnknownName: nothing answers to the name, a setting or an input; the nearest are named.
        SmpbenchError: an encoder cannot be used here.
    """
    if seeds < 1:
        raise SmpbenchError(f"seeds={seeds}: a row has one seed or more")
    _forget_old_code()
    if isinstance(what, str | Path):
        if inputs is not None or around is not None or name is not None:
            raise BaselineError(
                f"{what}: `inputs`, `around` and `name` are told of objects. Write settings behind the name: "
                f"'{what}:inputs=tabular+text'; a file's row is called after the file"
            )
        chosen = _one_variant(chosen_baseline(str(what)))
    else:
        chosen = chosen_object(what, task, inputs=inputs, around=around, name=name)
    if crawl:
        _check_crawl(chosen, task)
    # Libraries whose threads wait by spinning make a machine with anything else to do 10 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = Options(
        home=task.home,
        raw_roots=task._raw_roots,
        budget=Budget(time_limit, _megabytes(memory_limit)),
        protocols=(task.protocol,),
        tasks=(task.name,),
        seeds=seeds,
        profile=chosen_profile(profile),
        crawl=crawl,
        crawl_alone=True,
        retry_failed=True,
        named=True,
    )
    _start_workers(chosen, options)
    progress = Progress(io.StringIO() if quiet else None)
    reference = task.card.task(task.name).reference
    beside = [] if chosen.found.name == reference else [chosen_baseline(reference)]
    summary = run_all([task.card], [*beside, chosen], options, progress)
    return _row(summary, chosen, task, progress)


def _forget_old_code() -> None:
    """A session is long: files of a user's own may have changed since they were last evaluated.

    Raises:
        SmpbenchError: the project's have; workers are forked from a process that has loaded them already.
    """
    if _project() != _LOADED:
        raise SmpbenchError("the code in benchmark/ has changed since this session began: start a new one")
    code_hash.cache_clear()


def _project() -> list[int]:
    return [path.stat().st_mtime_ns for path in sorted((PROJECT / "benchmark").rglob("*.py"))]


_LOADED = _project()


def _one_variant(chosen: Chosen) -> Chosen:
    """A call makes one row: of a baseline with several variants, the one called `default`."""
    if len(chosen.variants) == 1:
        return chosen
    if "default" in chosen.variants:
        return replace(chosen, variants={"default": chosen.variants["default"]})
    known = ", ".join(f"'{chosen.found.name}:{variant}'" for variant in chosen.variants)
    raise BaselineError(f"{chosen.found.name} has several variants, each a row of its own. Name one: {known}")


def _check_crawl(chosen: Chosen, task: Task) -> None:
    if not any(column.availability == "crawl" for column in task.card.columns.values()):
        raise SmpbenchError(f"{task.dataset} has no columns known only at crawl time: leave crawl=True out")
    if not chosen.found.told.reads_columns:
        raise SmpbenchError(f"{chosen.found.name} reads no columns: leave crawl=True out")


def _start_workers(chosen: Chosen, options: Options) -> None:
    """The process that workers are forked from is started once in a session: with what any model may need."""
    workers(sorted({*Estimator.preload, *chosen.found.told.preload}), options.threads)


def _megabytes(memory_limit: float | None) -> float:
    import psutil

    return memory_limit * 1000 if memory_limit else psutil.virtual_memory().total / 2**20 * 0.8


def _row(summary: Summary, chosen: Chosen, task: Task, progress: Progress) -> Row:
    """The row of the results that a run has stored or found.

    Raises:
        BaselineError: a cell failed, or could not be run.
    """
    if summary.problems:
        raise BaselineError("; ".join(summary.problems))
    store = Store(task.home / "runs")
    mine = {cell: path for cell, path in summary.folders.items() if cell.baseline == chosen.found.name}
    read = {cell.seed: store.read(path) for cell, path in mine.items()}
    row = Row(task, {seed: stored for seed, stored in read.items() if stored is not None})
    if row.status != "ok":
        raise BaselineError(f"{row.name} on {task.title}: {row.status}")
    if summary.counts.keys() == {"reused"}:
        progress.say(f"{row.name} on {task.title}: found finished")
    return row
