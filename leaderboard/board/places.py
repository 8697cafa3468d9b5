"""Places: where boards lie. The one that a run writes is ignored by git; the published one is tracked."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark import PROJECT

PUBLISHED = "SMPBENCH_PUBLISHED"
"""Environment variable: another folder for the published board."""


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
