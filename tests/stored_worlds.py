"""Cheap baselines for tests of the run store, and what a crash leaves in it."""

from __future__ import annotations

from pathlib import Path

from worlds import BASELINES, World

NAIVE = [BASELINES / f"{name}.py" for name in ("global_median", "recent_median")]


def folders(world: World) -> list[Path]:
    """Every folder of the run store that a crash could have left behind."""
    return [path for path in (world.home / "runs").rglob(".*") if path.name != ".locks" and path.is_dir()]
