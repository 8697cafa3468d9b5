"""smpbench: how well can the popularity of a post be predicted before it is published?

What a baseline needs is here; `smpbench.cli.main` is the command line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.baseline import Baseline
    from benchmark.posts import Array, Holdout, Posts

__all__ = ["PROJECT", "Array", "Baseline", "Holdout", "Posts"]

PROJECT = Path(__file__).resolve().parents[1]
"""The checkout."""


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command line can show its help without numpy."""
    if name == "Baseline":
        from benchmark.baseline import Baseline

        return Baseline
    if name in __all__:
        import benchmark.posts

        return getattr(benchmark.posts, name)
    raise AttributeError(f"module 'benchmark' has no attribute '{name}'")
