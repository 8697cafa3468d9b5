"""Worker: the process in which one baseline fits and predicts.

It holds the posts it has been handed and the labels that have been revealed; the labels of the posts it is to
predict are not in this process until their predictions have gone out, and its seal keeps it from reading them
anywhere else. What comes back to the parent is JSON and raw float32, never a pickle: a baseline is somebody
else's code.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing import process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.baseline import Baseline, with_settings
from benchmark.chunks import received
from benchmark.described import Question, described, needs
from benchmark.excess import Excess
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.loading import load_class
from benchmark.posts import Array
from benchmark.sealing.seal import ROOMS, Seal, put_on
from benchmark.split import Clock
from benchmark.timeline import Schema, Timeline

WITHHELD = ("targets.parquet", "truth.parquet", "crawl.parquet")
"""Files of these names hold labels, and columns known only at crawl time; a worker may not open them."""
WITHHELD_FACTS = ("facts_", ".parquet")
"""Files of names that begin and end so hold facts, those known later among them."""
LABELS_REFUSED = "a baseline may not read labels"
FACTS_REFUSED = "a baseline may not read facts but those that `posts.facts` has"
READS = (
    "A baseline reads what it is handed, its own file, the files that it names in `files`, and libraries; it "
    "writes into the folder for temporary files (`tempfile`)"
)
LONGEST_ERROR = 1000
"""Characters of an error's text that are told."""


@dataclass(frozen=True)
class Assignment:
    """What a worker is told before the first post."""

    baseline: Path
    settings: Mapping[str, Any]
    seed: int
    threads: int
    schema: Schema
    clock: Clock
    workspace: Path
    """A private folder, empty at first: the only one that it may write to."""
    seal: Seal | None
    """None: the user has switched it off."""
    plots: bool = False
    guarded: bool = True
    """Whether opening labels by Python is refused in this process too. Off where they are laid out as
    bait."""
    folder: Path | None = None
    """To work in, in place of the workspace."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables to add."""
    by_excess: bool = False
    """Whether a regression answers a task of events."""


@dataclass(frozen=True)
class Finish:
    pass


def plots_of(workspace: Path) -> Path:
    """Where the pictures lie that a cell has drawn."""
    return workspace / "plots"


def serve(connection: Connection) -> None:
    """The whole life of a worker, from what it is told first to its last answer."""
    told: Assignment | Question = connection.recv()
    begun(connection, told)
    if isinstance(told, Question):
        _reply(connection, _answer(told))
    else:
        _Session(connection, told).run()


def reporting(serve: Callable[[Connection], None], connection: Connection) -> None:
    """Run a process' whole life; whatever goes wrong in it is told, and printed."""
    try:
        serve(connection)
    except EOFError:
        pass  # the parent has gone: nobody wants the answer
    except BaseException as error:
        traceback.print_exc()
        reason = in_words(error)[:LONGEST_ERROR]
        memory = isinstance(error, MemoryError)
        _reply(connection, {"error": reason, "where": where(error), "out_of_memory": memory})


def begun(connection: Connection, told: Assignment | Question) -> None:
    """Put the seal on, and say whether it holds: before any code of the baseline's has run."""
    for room in ROOMS:  # the folder that they lie in is not one that a sealed process can look through
        importlib.import_module(room)
    _settle(told.workspace)
    sealed = put_on(told.seal)
    _reply(connection, {"sealed": sealed.by_kernel, "why": sealed.why})
    if isinstance(told, Assignment):
        _limit_threads(told.threads)
        os.environ |= told.environment
        if told.folder is not None:
            os.chdir(told.folder)
        if told.guarded:
            sys.addaudithook(refuse_labels)


def in_words(error: BaseException) -> str:
    """What an error says; of one that the seal has caused, what may be read and written."""
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    ours = (LABELS_REFUSED, FACTS_REFUSED)
    if isinstance(error, OSError) and error.errno == errno.EACCES and not any(one in told for one in ours):
        told += f". {READS}"
    return told


def instantiate(told: Assignment) -> Baseline:
    """The baseline with its settings, told its seed and its share of the cores; everything is seeded."""
    cls = load_class(told.baseline)
    for module in cls.preload:
        __import__(module)
    found = [with_settings(cls, told.settings) for _ in range(2 if told.by_excess else 1)]
    for baseline in found:
        baseline.seed, baseline.threads = told.seed, told.threads  # type: ignore[misc]
    _seed(told.seed)
    _limit_threads(told.threads)
    return Excess(*found) if told.by_excess else found[0]


class _Session:
    def __init__(self, connection: Connection, assignment: Assignment) -> None:
        self.connection = connection
        self.assignment = assignment
        self.timeline = Timeline(assignment.schema, assignment.clock)

    def run(self) -> None:
        baseline = instantiate(self.assignment)
        _reply(self.connection, {"quantiles": list(baseline.quantiles)})
        fitted = False
        while not isinstance(message := self.connection.recv(), Finish):
            if isinstance(message, Reveal):
                self._reveal(baseline, message, fitted)
                fitted = True
                _reply(self.connection, {"known": True})
            else:
                predictions = self._predict(baseline, message)
                _reply(self.connection, {"shape": list(predictions.shape)}, predictions)
        reads = sorted(self.timeline.asked)  # for its predictions, whatever its pictures ask for
        if self.assignment.plots:
            plots = plots_of(self.assignment.workspace)
            plots.mkdir()
            baseline.artefacts(plots)
        _reply(self.connection, {"done": True, "reads": reads})

    def _reveal(self, baseline: Baseline, message: Reveal, fitted: bool) -> None:
        posts = revealed(self.timeline, replace(message, facts=received(self.connection)))
        _reply(self.connection, {"taken": True})  # from here on the baseline's time is counted
        if not fitted:
            baseline.fit(posts, message.labels)
        elif len(posts):  # nothing may have matured between two blocks
            baseline.reveal(posts, message.labels)

    def _predict(self, baseline: Baseline, message: Predict) -> Array:
        posts = shown(self.timeline, message)
        _reply(self.connection, {"taken": True})
        return np.ascontiguousarray(baseline.predict(posts), dtype=np.float32)


def _settle(workspace: Path) -> None:
    """Make the workspace the place for all that is written without being told where."""
    home = str(workspace)
    for name in list(os.environ):
        if name.startswith(("SMPBENCH_", "XDG_")):
            del os.environ[name]
    os.environ |= {"HOME": home, "TMPDIR": home}
    tempfile.tempdir = home
    process.current_process()._config.pop("tempdir", None)  # type: ignore[attr-defined]
    os.chdir(workspace)


def _answer(question: Question) -> dict[str, Any]:
    """What a baseline says of itself, or what it needs with each of the settings."""
    cls = load_class(question.baseline)
    if not question.settings:
        return {"described": described(cls).model_dump(mode="json")}
    return {"needs": [needs(cls, settings).model_dump(mode="json") for settings in question.settings]}


def _reply(connection: Connection, header: dict[str, Any], array: Array | None = None) -> None:
    sys.stdout.flush()  # the run may end this process as soon as it has the answer
    sys.stderr.flush()
    connection.send_bytes(json.dumps(header).encode())
    if array is not None:
        connection.send_bytes(array.tobytes())


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (the global generator is what third-party code draws from)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def _limit_threads(threads: int) -> None:
    """The cell's share of the cores. Two cells that each take all of them run 7 to 10 times slower."""
    from threadpoolctl import threadpool_limits

    os.environ |= {name: str(threads) for name in THREAD_VARIABLES}
    threadpool_limits(threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def refuse_labels(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: catches the accident of reading files of labels or facts from inside a baseline, not a
    determined cheat (who is caught by exchanging what they say: see benchmark/contract/conformance.py)."""
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        name = os.path.basename(os.fsdecode(arguments[0]))  # noqa: PTH119  (called for every open)
        if name in WITHHELD:
            raise PermissionError(f"{LABELS_REFUSED}: {os.fsdecode(arguments[0])}")
        if name.startswith(WITHHELD_FACTS[0]) and name.endswith(WITHHELD_FACTS[1]):
            raise PermissionError(f"{FACTS_REFUSED}: {os.fsdecode(arguments[0])}")


def where(error: BaseException) -> str:
    """File and line of the innermost frame outside the libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else ""
