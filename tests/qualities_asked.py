"""Viral posts and others, held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.qualities.association import Association, Sides
from benchmark.scores.clusters import clusters
from benchmark.scores.measures.resamples import Resamples

DATASETS = Path(__file__).resolve().parents[1] / "datasets"


def sides(users: Any, viral: Any, times: Any, number: int = 200) -> Sides:
    return Sides(viral, users, Resamples(clusters(users, times), number))


def told(found: Association | str) -> Association:
    assert not isinstance(found, str), found
    return found
