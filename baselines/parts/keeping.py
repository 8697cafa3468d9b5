"""Keeping: a baseline that is saved into, and loaded from, a folder of plain files."""

from __future__ import annotations

from pathlib import Path

from baselines.parts.kept import MEND, Kept, Learnt
from benchmark import Array, Baseline, Posts
from benchmark.errors import ModelError, SmpbenchError


class Keeping(Baseline):
    """A subclass with `keeps = True` says what is kept of it, and how it is had again."""

    def save(self, folder: Path) -> None:
        if not self.keeps:
            super().save(folder)
        learnt = Learnt()
        self.keep(learnt)
        learnt.write(folder, self)

    def load(self, folder: Path, known: Posts, y: Array) -> None:
        if not self.keeps:
            super().load(folder, known, y)
        kept = Kept.read(folder, self)
        try:
            self.restore(kept, known, y)
        except SmpbenchError:
            raise
        except Exception as error:  # whatever a library says of content that it did not write
            told = f"{type(error).__name__}: {error}"
            raise ModelError(
                f"{folder}: what was kept there does not fit together ({told}). {MEND}"
            ) from error

    def keep(self, learnt: Learnt) -> None:
        """Put everything that `predict` needs into `learnt`, but the labels that are known."""
        raise NotImplementedError

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        """Become what was kept. known, y: see `Baseline.load`."""
        raise NotImplementedError
