"""Where: what a cell was computed on, which decides its costs and nothing else."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

from benchmark.declared.naming import printable
from benchmark.run.options import cores


def where(engine: str | None) -> dict[str, str]:
    """`processor`, `cores` and `niceness` of this process; through an engine also `engine` and `node`."""
    told = {"processor": _processor(), "cores": str(cores()), "niceness": str(os.nice(0))}
    if engine is not None:
        told |= {"engine": engine, "node": printable(platform.node() or "unknown")[:100]}
    return told


@cache
def _processor() -> str:
    """Its model, as Linux calls it; elsewhere its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return printable((models or [platform.machine() or "unknown"])[0])[:100]
