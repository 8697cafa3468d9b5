"""A made-up data set behind the door for Python."""

from __future__ import annotations

from pathlib import Path

from worlds import World

import smpbench as smp


def made_up(folder: Path, *, posts: int = 120) -> Path:
    """A card in this folder, not prepared; its tasks are `one` and `three`, by their targets."""
    World.make(folder, posts=posts)
    return folder / "card.toml"


def asked(folder: Path, task: str = "one", protocol: str = "frozen") -> smp.Task:
    """A task of that card, with a home beside it."""
    return smp.task(folder / "card.toml", task, protocol, home=folder / "data")
