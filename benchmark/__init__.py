"""smpbench: how well can the popularity of a post be predicted before it is published?

What a baseline needs is here; `benchmark.cli` is the command line.
"""

from benchmark.baseline import Baseline
from benchmark.posts import Array, Holdout, Posts

__all__ = ["Array", "Baseline", "Holdout", "Posts"]
