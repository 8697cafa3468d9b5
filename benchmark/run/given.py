"""Given: what a cell is told before the first post, and which files it may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.data.prepare import raw_folder
from benchmark.errors import BaselineError
from benchmark.run.plan import Planned
from benchmark.run.tasks import TaskPosts
from benchmark.sealing.seal import Seal, switched_off
from benchmark.sealing.writable import writable
from benchmark.timeline import Schema
from benchmark.worker import Assignment

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.encoded import Features
    from benchmark.split import Clock

REPEATABLE = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
"""Of a cell's environment: with it a GPU adds up alike each time, where networks ask torch for deterministic
algorithms (see `torch.use_deterministic_algorithms`). To be there before CUDA begins."""


@dataclass(frozen=True)
class Given:
    """What the cells of one data set are given."""

    prepared: Prepared
    features: Mapping[str, Features]
    """By encoding; filled before the first cell starts."""
    home: Path
    raw_roots: tuple[Path, ...]
    threads: int
    plots: bool

    def assignment(
        self, one: Planned, posts: TaskPosts, clock: Clock, staging: Path, folder: Path
    ) -> Assignment:
        """What the worker of a cell is told; a class that no file holds is written into `staging`.

        Args:
            staging: where the result of the cell grows.
            folder: the only one that it may write to.

        Raises:
            BaselineError: it asks for files that are data.
        """
        card = self.prepared.card
        features = {encoding: self.features[encoding] for encoding in one.encodings}
        images = self.prepared.images
        schema = Schema.of(card, one.cell.task, features, images, crawl=one.cell.crawl)
        baseline = one.found.placed(staging)
        return Assignment(
            baseline=baseline,
            settings=one.settings,
            seed=one.cell.seed,
            threads=self.threads,
            schema=schema,
            clock=clock,
            workspace=folder,
            seal=self._seal(one, posts, baseline, folder),
            plots=self.plots,
            by_excess=one.by_excess,
            environment=REPEATABLE,
        )

    def _seal(self, one: Planned, posts: TaskPosts, baseline: Path, folder: Path) -> Seal | None:
        """What the cell may read: its code, and the content that it was handed."""
        if switched_off():
            return None
        reads, lists = one.found.reads()
        self._refuse_data(one.found.beside())
        vectors = [file for encoding in one.encodings for file in self.features[encoding].files()]
        images = posts.image_files() if one.found.told.opens_images else []
        return Seal(
            reads=tuple(map(str, [baseline, *reads, *vectors, *images])),
            lists=tuple(map(str, lists)),
            writes=writable(folder),
            keep_out=tuple(map(str, self._places_of_data())),
        )

    def _places_of_data(self) -> list[Path]:
        raw = raw_folder(self.prepared.card, self.home, self.raw_roots)
        return [path.resolve() for path in (self.home, *self.raw_roots, raw)]

    def _refuse_data(self, files: Sequence[Path]) -> None:
        """Raise a BaselineError if a file that a baseline asks for is data, or holds some."""
        for file in files:
            for place in self._places_of_data():
                if file.is_relative_to(place) or place.is_relative_to(file):
                    raise BaselineError(
                        f"`files` names {file}, and {place} holds data, which it may not read"
                    )
