"""Engine: who sees to it that jobs are done. It schedules, and knows nothing of what they do."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmark.errors import SmpbenchError


class Lost(SmpbenchError):
    """A job's node, or its process, was lost: that says nothing about the job, and it may be given away
    again."""


@dataclass(frozen=True)
class Ended:
    """How the process of a job ended."""

    code: int
    """Its exit status."""
    told: str
    """The end of what it printed."""
    node: str
    """Where it ran."""


class Engine(Protocol):
    name: str
    """`ray`, `slurm`: results tell it."""
    slots: int
    """Jobs at once."""

    def do(self, job: Path, stop: threading.Event) -> Ended:
        """Have `smpbench job FILE` run somewhere, and wait for its end. Called by several threads at once.

        Raises:
            Lost: its node or process is gone.
            Stopped: `stop` was set; the process has been ended, or will be without further ado.
        """
        ...
