"""The files of the project and the rooms that they lie in."""

from __future__ import annotations

from pathlib import Path

from benchmark import PROJECT

PACKAGES = (
    "benchmark",
    "baselines",
    "desk",
    "engines",
    "leaderboard",
    "network",
    "pitfalls",
    "smpbench",
    "tools",
)


def modules() -> dict[str, Path]:
    """Name -> file, of everything that is imported."""
    found = {}
    for path in (path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


KNOWN = modules()


def room(name: str) -> str:
    """The folder of a module's file."""
    return str(KNOWN[name].parent.relative_to(PROJECT))
