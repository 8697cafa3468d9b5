"""Options: what a run is asked for, and how it went."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmark.processes.talk import Budget
from benchmark.run.cell import Cell

if TYPE_CHECKING:
    from benchmark.declared.task import ProtocolName
    from benchmark.jobs.engine import Engine


class Expects(Protocol):
    """What is known of how long things take: rough, and told to people alone."""

    def seconds(self, cell: Cell, posts: int) -> float:
        """That a cell takes on a data set of so many posts."""
        ...

    def encoding(self, name: str, posts: int) -> float:
        """That encoding the posts of a data set takes."""
        ...


@dataclass(frozen=True)
class Options:
    home: Path
    raw_roots: tuple[Path, ...]
    budget: Budget
    protocols: tuple[ProtocolName, ...] = ("frozen", "rolling", "official")
    seeds: int = 1
    """How many runs each cell has."""
    first_seed: int = 0
    profile: str = "bundled"
    tasks: tuple[str, ...] | None = None
    """Of each data set these tasks; None: all."""
    crawl: bool = False
    """Also run cells that may see columns known only at crawl time."""
    crawl_alone: bool = False
    """Of a baseline that reads columns, run no other cells than those."""
    retry_failed: bool = False
    jobs: int = 1
    plots: bool = True
    named: bool = False
    """The data sets were asked for by name: one not at hand is a problem, and not passed over."""
    allow_generator: bool = False
    """Scripts that came with cards which are none of the project's may be run."""
    engine: Engine | None = None
    """That cells and encoders go through; None: they are processes of this one."""
    computed_by: str | None = None
    """The engine that this process does a job of: costs are not those of a machine of one's own."""
    told_threads: int | None = None
    """Of one cell, where it was told."""
    expected: Expects | None = None
    """About how long cells take, where that is known."""

    @property
    def numbers(self) -> range:
        """The seeds of each cell."""
        return range(self.first_seed, self.first_seed + self.seeds)

    @property
    def at_once(self) -> int:
        """Cells that run at one time."""
        return self.engine.slots if self.engine else self.jobs

    @property
    def threads(self) -> int:
        """Threads of one cell: the cores are shared out, never oversubscribed."""
        return self.told_threads or max(1, cores() // self.jobs)


@dataclass
class Summary:
    """How a run went."""

    counts: dict[str, int] = field(default_factory=dict)
    """Cells by status; `reused` for those found finished, `rescored` where the measures have changed."""
    problems: list[str] = field(default_factory=list)
    folders: dict[Cell, Path] = field(default_factory=dict)
    """Where the result of each cell lies that was computed or found finished."""

    def count(self, status: str) -> None:
        self.counts[status] = self.counts.get(status, 0) + 1


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
