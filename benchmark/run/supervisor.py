"""Supervisor: starts a cell's worker, hands it one block after the other, and takes its predictions.

The parent's side of the conversation with `benchmark.worker`. A block's posts go out only after the
predictions for the one before have come back, and labels only once the protocol reveals them.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.chunks import sent
from benchmark.errors import BaselineError
from benchmark.processes.cell_log import CellLog
from benchmark.processes.line import Gone
from benchmark.processes.talk import Budget, Talk
from benchmark.processes.workers import Worker, Workers
from benchmark.run.results import Outcome
from benchmark.scale import BOUNDS, out_of_bounds
from benchmark.scores.kinds import Kind, kind
from benchmark.sealing.seal import Sealed
from benchmark.worker import Assignment, Finish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from benchmark.handover import Reveal
    from benchmark.posts import Array
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows
    from benchmark.timeline import Schema


def supervise(
    context: Workers,
    assignment: Assignment,
    posts: TaskPosts,
    windows: Windows,
    budget: Budget,
    stop: threading.Event,
    log: Path,
    scored: Callable[[Array, Mapping[float, Array]], None] = lambda _, __: None,
) -> Outcome:
    """Run one cell in a process of its own.

    Args:
        log: file for what the worker prints.
        scored: is told the predictions and quantiles when all are there, while the worker draws its pictures.

    Raises:
        BaselineError: the baseline failed, or its predictions break the contract.
        OverBudget: time or memory ran out.
        Killed: the worker was killed, and not for want of memory.
        Stopped: `stop` was set.
        OSError: what it printed could not be written.
    """
    printed = CellLog(log)
    try:
        worker = context.start(printed.write_end, assignment.workspace)
    finally:
        printed.close_write_end()
    conversation = _Conversation(worker, budget, stop)
    try:
        outcome = conversation.hold(posts, windows, assignment, scored)
    except Gone:
        raise conversation.death() from None
    finally:
        ended = worker.end()
        printed.finish()
    return replace(outcome, peak_mb=max(ended.peak_mb or 0.0, conversation.peak_mb) or None)


class _Conversation(Talk):
    def __init__(self, worker: Worker, budget: Budget, stop: threading.Event) -> None:
        super().__init__(worker, budget, stop)
        self.fit_seconds = self.predict_seconds = 0.0

    def hold(
        self,
        posts: TaskPosts,
        windows: Windows,
        assignment: Assignment,
        scored: Callable[[Array, Mapping[float, Array]], None],
    ) -> Outcome:
        with self.said():
            self.line.send(assignment)
        sealed = _sealed(self.heard())
        levels = _checked_levels(self.heard().get("quantiles"))
        asked = kind(posts.task.kind)
        parts: list[NDArray[np.float32]] = []
        for reveal, predict in posts.handed_over(windows, assignment.schema.columns):
            self.fit_seconds += self._tell(reveal)
            with self.said():
                self.line.send(predict)
            began = self._taken()
            parts.append(self._predictions(predict.posts, assignment.schema, levels, asked))
            self.predict_seconds += time.monotonic() - began
        with self.said():
            self.line.send(Finish())
        values = np.concatenate(parts)
        quantiles = {level: values[:, :, i] for i, level in enumerate(levels)}
        predictions = quantiles[0.5] if quantiles else values
        scored(predictions, quantiles)
        reads = _checked_reads(self.heard().get("reads"), assignment.schema)
        return Outcome(
            predictions=predictions,
            quantiles=quantiles,
            fit_seconds=self.fit_seconds,
            predict_seconds=self.predict_seconds,
            sealed=sealed,
            reads=reads,
        )

    def _tell(self, reveal: Reveal) -> float:
        """Send what has become known, the facts as files; how many seconds the worker took to learn from
        it."""
        known = {name: rows for name, rows in reveal.facts.items() if len(rows)}
        with self.said():
            self.line.send(replace(reveal, facts={}))
            with sent(self.line, known):
                began = self._taken()
        self.heard()
        return time.monotonic() - began

    def _taken(self) -> float:
        """When the worker has taken in what it was sent: from here on the time is the baseline's."""
        self.heard()
        return time.monotonic()

    def _predictions(self, posts: pa.Table, schema: Schema, levels: list[float], asked: Kind) -> Array:
        """Receive and check one block's predictions.

        Raises:
            BaselineError: wrong shape, or what is no answer to this kind of task (NaN, inf, a probability
                above 1) or none that a post could have, with the first post it befell.
        """
        targets = schema.targets
        told = self.heard().get("shape")
        wanted = (len(posts), len(targets), *([len(levels)] if levels else []))
        if told != list(wanted):
            shown = str(tuple(told) if isinstance(told, list) else told)
            raise BaselineError(
                f"predict returned shape {shown[:100]} for {len(posts)} posts and {len(targets)} target(s); "
                f"wanted is {wanted}"
            )
        size = math.prod(wanted) * np.dtype(np.float32).itemsize
        if len(raw := self.bytes(size)) != size:
            raise BaselineError(f"predictions of {len(raw)} bytes came where shape {wanted} takes {size}")
        values = np.frombuffer(raw, np.float32).reshape(wanted)
        _refuse(asked.wrong_predictions(values), values, posts, targets, asked.wanted)
        for j, scale in enumerate(schema.scales):
            low, high = BOUNDS[scale]
            beyond = np.zeros(values.shape, bool)
            beyond[:, j] = out_of_bounds(values[:, j], scale)
            _refuse(beyond, values, posts, targets, f"between {low:g} and {high:g}, as all posts' are")
        return values


def _refuse(
    wrong: NDArray[np.bool_], values: Array, posts: pa.Table, targets: tuple[str, ...], wanted: str
) -> None:
    """Raise a BaselineError, with the first post it befell, if there are `wrong` predictions."""
    if not len(bad := np.argwhere(wrong)):
        return
    i, j = bad[0][:2]
    raise BaselineError(
        f"{len(np.unique(bad[:, 0]))} of {len(posts)} predictions are not {wanted}; the first "
        f"is {values[tuple(bad[0])]:g} for post {posts['post_id'][int(i)]}, target '{targets[j]}'"
    )


def _sealed(told: dict[str, Any]) -> Sealed:
    """Said before any code of the baseline's has run."""
    return Sealed(told.get("sealed") is True, str(told.get("why", "")))


def _checked_reads(told: object, schema: Schema) -> tuple[str, ...]:
    """What it has asked its posts for, in the order in which it is shown; an account's history is more than
    the account."""
    asked = {one for one in told if isinstance(one, str)} if isinstance(told, list) else set()
    if "history" in asked:
        asked.discard("account")
    known = dict.fromkeys(["text", "image", *schema.features, "category", "metadata", "account", "history"])
    return tuple(one for one in (*known, "facts") if one in asked)


def _checked_levels(told: object) -> list[float]:
    levels = told if isinstance(told, list) else [told]
    numbers = [level for level in levels if isinstance(level, int | float)]
    ascending = numbers == sorted(set(numbers)) and 0.5 in numbers and 0 < numbers[0] < numbers[-1] < 1
    if len(numbers) < len(levels) or (numbers and not ascending):
        raise BaselineError(
            "quantiles must be levels inside (0, 1), two or more, ascending, 0.5 among them; not "
            f"{str(levels)[:100]}"
        )
    return numbers
