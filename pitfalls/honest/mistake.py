"""Mistake: what a file of `pitfalls/` offers. It is no baseline, and nothing that runs baselines knows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from benchmark.errors import SmpbenchError
from pitfalls.honest.ground import Ground, Said

Layer = Literal["data", "choice", "scoring"]


class NotPossible(SmpbenchError):
    """A data set or a baseline does not allow the mistake; the text says why."""


@dataclass(frozen=True)
class Made:
    """What came out under a mistake."""

    wrong: Said
    honest: Said | None = None
    """What it is held against; None: the honest run."""
    against: str = ""
    """What that is, in words; empty where it is the honest run."""
    batches: int | None = None
    """Posts in a batch over which the measure is averaged; None: it is taken over all posts at once."""
    note: str = ""


class Mistake(ABC):
    """One thing that is done wrong, and nothing else."""

    name: ClassVar[str]
    """As `--mistake` takes it."""
    title: ClassVar[str]
    layer: ClassVar[Layer]
    runs: ClassVar[int] = 1
    """How many times the baseline is fitted for it."""

    @abstractmethod
    def made(self, of: Ground, honest: Said) -> Made:
        """What comes out under it.

        Args:
            honest: what the honest run has predicted.

        Raises:
            NotPossible: see there.
        """

    def check(self, of: Ground) -> None:  # noqa: B027  (most are possible anywhere)
        """Raise NotPossible where that is known before anything is fitted."""


def check_reads_columns(of: Ground) -> None:
    if not of.found.told.reads_columns:
        raise NotPossible(f"{of.found.name} reads no columns")
