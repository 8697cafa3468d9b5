"""Writable: where a sealed cell may write."""

from __future__ import annotations

from pathlib import Path

OWN_THREADS = "/proc/self/task"
"""What a process tells of its own threads, and where it names them (`comm`). CUDA's driver names the threads
that it begins with, and gives up where it may not (error 304): no network would be trained on a GPU. The path
is looked up by the process that is sealed, and leads to no other's threads."""


def writable(workspace: Path) -> tuple[str, ...]:
    """For `Seal.writes`: the cell's workspace, and the names of its threads."""
    return str(workspace), OWN_THREADS
