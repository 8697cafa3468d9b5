"""smpbench: how well can the popularity of a social media post be predicted before it is published?

    import smpbench as smp

    task = smp.task("demo_tweets", protocol="rolling")
    row = smp.evaluate("my_model.py", task)
    row.compare("recent_median")

`smp.task` names a question, `smp.evaluate` puts a model through it in a process of its own, and what comes
back is a `smp.Row` of the leaderboard. Nothing heavy is imported before something is called.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from smpbench.version import VERSION

if TYPE_CHECKING:
    from benchmark.baseline import Baseline
    from benchmark.posts import Array, Posts
    from smpbench.door.blocks import Block, Blocks
    from smpbench.door.evaluate import evaluate
    from smpbench.door.listing import baselines, datasets
    from smpbench.door.row import Row
    from smpbench.door.score import score
    from smpbench.door.table import leaderboard
    from smpbench.door.task import Task, task

__all__ = [
    "Array",
    "Baseline",
    "Block",
    "Blocks",
    "Posts",
    "Row",
    "Task",
    "baselines",
    "datasets",
    "evaluate",
    "leaderboard",
    "score",
    "task",
]

__version__ = VERSION

_FROM = {
    "Array": "benchmark.posts",
    "Baseline": "benchmark.baseline",
    "Block": "smpbench.door.blocks",
    "Blocks": "smpbench.door.blocks",
    "Posts": "benchmark.posts",
    "Row": "smpbench.door.row",
    "Task": "smpbench.door.task",
    "baselines": "smpbench.door.listing",
    "datasets": "smpbench.door.listing",
    "evaluate": "smpbench.door.evaluate",
    "leaderboard": "smpbench.door.table",
    "score": "smpbench.door.score",
    "task": "smpbench.door.task",
}


def __getattr__(name: str) -> Any:
    """Import on first use."""
    if name not in _FROM:
        raise AttributeError(f"module 'smpbench' has no attribute '{name}'")
    return getattr(importlib.import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
