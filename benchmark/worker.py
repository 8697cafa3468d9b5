"""Worker: the child process in which one baseline fits and predicts.

It holds the posts it has been handed and the labels that have been revealed; the labels of the posts it is to
predict are not in this process until their predictions have gone out. What comes back to the parent is
JSON and raw float32, never a pickle: a baseline is somebody else's code.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.baseline import Baseline, with_settings
from benchmark.chunks import received
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.loading import load_class
from benchmark.posts import Array
from benchmark.split import Clock
from benchmark.timeline import Schema, Timeline

SEALED = "targets.parquet"
"""Files of this name hold labels; a worker may not open them."""
SEALED_FACTS = ("facts_", ".parquet")
"""Files of names that begin and end so hold facts, those known later among them."""
LABELS_REFUSED = "a baseline may not read labels"
FACTS_REFUSED = "a baseline may not read facts but those that `posts.facts` has"


@dataclass(frozen=True)
class Assignment:
    """What a worker is told before the first post."""

    baseline: Path
    settings: Mapping[str, Any]
    seed: int
    threads: int
    schema: Schema
    clock: Clock
    log: Path
    artefacts: Path | None


@dataclass(frozen=True)
class Finish:
    pass


def serve(connection: Connection, assignment: Assignment) -> None:
    """Entry point of the child process."""
    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    _log_to(assignment.log)
    try:
        _limit_threads(assignment.threads)
        sys.addaudithook(refuse_labels)
        _Session(connection, assignment).run()
    except EOFError:
        pass  # the parent has gone: nobody wants the answer
    except BaseException as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        memory = isinstance(error, MemoryError)
        _reply(connection, {"error": reason, "where": where(error), "out_of_memory": memory})
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def instantiate(told: Assignment) -> Baseline:
    """The baseline with its settings, told its seed and its share of the cores; everything is seeded."""
    cls = load_class(told.baseline)
    for module in cls.preload:
        __import__(module)
    baseline = with_settings(cls, told.settings)
    baseline.seed, baseline.threads = told.seed, told.threads  # type: ignore[misc]
    _seed(told.seed)
    _limit_threads(told.threads)
    return baseline


class _Session:
    def __init__(self, connection: Connection, assignment: Assignment) -> None:
        self.connection = connection
        self.assignment = assignment
        self.timeline = Timeline(assignment.schema, assignment.clock)
        self.fit_seconds = self.predict_seconds = 0.0

    def run(self) -> None:
        baseline = instantiate(self.assignment)
        _reply(self.connection, {"ready": True, "quantiles": list(baseline.quantiles)})
        fitted = False
        while not isinstance(message := self.connection.recv(), Finish):
            if isinstance(message, Reveal):
                self._reveal(baseline, message, fitted)
                fitted = True
                _reply(self.connection, {"known": True})
            else:
                predictions = self._predict(baseline, message)
                _reply(self.connection, {"shape": list(predictions.shape)}, predictions)
        if self.assignment.artefacts is not None:
            self.assignment.artefacts.mkdir(parents=True, exist_ok=True)
            baseline.artefacts(self.assignment.artefacts)
        _reply(self.connection, {"done": True, **self._costs()})

    def _reveal(self, baseline: Baseline, message: Reveal, fitted: bool) -> None:
        posts = revealed(self.timeline, replace(message, facts=received(self.connection)))
        started = time.perf_counter()
        if not fitted:
            baseline.fit(posts, message.labels)
        elif len(posts):  # nothing may have matured between two blocks
            baseline.reveal(posts, message.labels)
        self.fit_seconds += time.perf_counter() - started

    def _predict(self, baseline: Baseline, message: Predict) -> Array:
        posts = shown(self.timeline, message)
        started = time.perf_counter()
        predictions = baseline.predict(posts)
        self.predict_seconds += time.perf_counter() - started
        return np.ascontiguousarray(predictions, dtype=np.float32)

    def _costs(self) -> dict[str, float]:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak_mb = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
        return {
            "fit_seconds": self.fit_seconds,
            "predict_seconds": self.predict_seconds,
            "peak_mb": peak_mb,
        }


def _reply(connection: Connection, header: dict[str, Any], array: Array | None = None) -> None:
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
        if name == SEALED or name.startswith("truth."):
            raise PermissionError(f"{LABELS_REFUSED}: {os.fsdecode(arguments[0])}")
        if name.startswith(SEALED_FACTS[0]) and name.endswith(SEALED_FACTS[1]):
            raise PermissionError(f"{FACTS_REFUSED}: {os.fsdecode(arguments[0])}")


def _die_with_parent() -> None:
    """A worker whose parent was killed must not go on for hours on nobody's behalf.

    Who forked it says nothing: the fork server stays for as long as one of its workers does.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _log_to(path: Path) -> None:
    """What the baseline and its libraries print belongs to the cell, and not on the person's terminal."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def where(error: BaseException) -> str:
    """File and line of the innermost frame outside the libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else ""
