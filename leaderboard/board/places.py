"""Places: where boards lie. The one that a run writes is ignored by git; the published one is tracked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import PROJECT

if TYPE_CHECKING:
    from leaderboard.board.merged import Merged

PUBLISHED = "SMPBENCH_PUBLISHED"
"""Environment variable: another folder for the published board."""


@dataclass(frozen=True)
class Places:
    """Where results are looked for."""

    runs: Path
    """The run store of the home, which has labels and rows of baselines."""
    results: Path
    """Published results."""
    derived: Path | None = None
    """Where what was derived of tables is remembered."""

    @classmethod
    def of(cls, home: Path) -> Places:
        return cls(home / "runs", published_folder() / "results", derived_folder(home))

    def merged(self) -> Merged:
        from leaderboard.board.merged import merged

        return merged(self.runs, self.results, self.derived)


def board_folder(home: Path) -> Path:
    """Where the board of a home lies: in the checkout for the checkout's own, else in the home itself."""
    return PROJECT / "leaderboard" if home == (PROJECT / "data").resolve() else home / "leaderboard"


def derived_folder(home: Path) -> Path:
    """Where a home remembers what was derived of its tables."""
    return home / "derived"


def published_folder() -> Path:
    """Where the published board lies, its results in `results/` beside it."""
    told = os.environ.get(PUBLISHED)
    return Path(told).resolve() if told else PROJECT / "leaderboard" / "published"
