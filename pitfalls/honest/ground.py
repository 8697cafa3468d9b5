"""Ground: what all runs of a comparison share, and the walk through the blocks that each of them takes.

A walk is what a cell does, in this process: the same instance, seeded in the same way, is handed the same
posts block by block. It is not sealed, it writes no result, and nothing that it says goes to a run store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import BaselineError, SmpbenchError
from benchmark.handover import revealed, shown
from benchmark.timeline import Schema, Timeline
from benchmark.worker import Assignment, instantiate, where

if TYPE_CHECKING:
    from benchmark.baseline import Baseline
    from benchmark.declared.task import ProtocolName
    from benchmark.encoded import Features
    from benchmark.finding.discovery import Found
    from benchmark.posts import Array, Posts
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows

Fit = Callable[["Baseline", "Posts", "Array"], None]
"""In place of `baseline.fit(train, y)`."""


@dataclass(frozen=True)
class Said:
    """What a run has predicted."""

    rows: NDArray[np.int64]
    """[n] positions among the task's posts, in the order of prediction."""
    predicted: NDArray[np.float32]
    """[n, targets]; of quantiles the median."""

    def part(self, kept: NDArray[np.bool_]) -> Said:
        return Said(self.rows[kept], self.predicted[kept])


@dataclass(frozen=True)
class Ground:
    """One baseline with its settings, and the posts of one task under one protocol."""

    posts: TaskPosts
    protocol: ProtocolName
    windows: Windows
    features: Mapping[str, Features]
    found: Found
    settings: Mapping[str, Any]
    seed: int = 0
    threads: int = 1
    label: str = ""
    """Of what it is run for, in progress lines."""
    done: Callable[[str, float], None] = field(default=lambda label, seconds: None)
    """Called after each walk with its label and its seconds."""

    @property
    def labelled(self) -> NDArray[np.int64]:
        """Positions of the posts with labels, in time order."""
        return np.flatnonzero(~np.isnan(self.posts.labels).any(axis=1))

    def schema(self, *, crawl: bool = False) -> Schema:
        prepared = self.posts.prepared
        return Schema.of(prepared.card, self.posts.task.name, self.features, prepared.images, crawl=crawl)

    def walk(
        self,
        *,
        posts: TaskPosts | None = None,
        windows: Windows | None = None,
        schema: Schema | None = None,
        settings: Mapping[str, Any] | None = None,
        fit: Fit | None = None,
    ) -> Said:
        """Fit and predict block by block; honest, unless something is put in the place of what is so.

        Raises:
            BaselineError: the baseline failed, or what it predicts is not finite.
        """
        posts, windows, schema = posts or self.posts, windows or self.windows, schema or self.schema()
        began = time.monotonic()
        try:
            said = self._walked(posts, windows, schema, self.settings if settings is None else settings, fit)
        except SmpbenchError:
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise BaselineError(f"{self.found.name}, {self.label}: {told} ({where(error)})") from error
        self.done(self.label, time.monotonic() - began)
        return said

    def _walked(
        self, posts: TaskPosts, windows: Windows, schema: Schema, settings: Mapping[str, Any], fit: Fit | None
    ) -> Said:
        # No workspace: this process writes no plots. No seal: see above.
        told = Assignment(
            baseline=self.found.path,
            settings=settings,
            seed=self.seed,
            threads=self.threads,
            schema=schema,
            clock=windows.clock,
            workspace=Path(),
            seal=None,
        )
        baseline, timeline = instantiate(told), Timeline(schema, windows.clock)
        parts: list[NDArray[np.float32]] = []
        for number, (reveal, predict) in enumerate(posts.handed_over(windows, schema.columns)):
            known = revealed(timeline, reveal)
            if number and len(known):
                baseline.reveal(known, reveal.labels)
            elif not number and fit is not None:
                fit(baseline, known, reveal.labels)
            elif not number:
                baseline.fit(known, reveal.labels)
            parts.append(middle(baseline, baseline.predict(shown(timeline, predict))))
        predicted = np.concatenate(parts)
        if not np.isfinite(predicted).all():
            raise BaselineError(f"{self.found.name}, {self.label}: a prediction is not finite")
        return Said(windows.test, predicted)


def middle(baseline: Baseline, predicted: Array) -> NDArray[np.float32]:
    """float32 [n, targets]: of quantiles the median."""
    found = np.asarray(predicted, np.float32)
    return found[:, :, list(baseline.quantiles).index(0.5)] if found.ndim == 3 else found
