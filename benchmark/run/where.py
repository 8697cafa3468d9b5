"""Where: what a cell was computed on. It decides the costs, and of networks on a GPU the last digits too."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

from benchmark.declared.naming import printable
from benchmark.run.options import cores


def where(engine: str | None) -> dict[str, str]:
    """`processor`, `cores` and `niceness` of this process; `gpu` where there is one of NVIDIA's; through an
    engine also `engine` and `node`."""
    told = {"processor": _processor(), "cores": str(cores()), "niceness": str(os.nice(0))}
    if found := gpus():
        told["gpu"] = ", ".join(found)[:100]
    if engine is not None:
        told |= {"engine": engine, "node": printable(platform.node() or "unknown")[:100]}
    return told


def gpus(driver: Path = Path("/proc/driver/nvidia/gpus")) -> list[str]:
    """Models of the GPUs that CUDA is shown, as their driver calls them; torch uses the first."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is not None and shown.strip() in ("", "-1"):
        return []
    lines = [
        line
        for file in sorted(driver.glob("*/information"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    return [printable(line.partition(":")[2].strip()) for line in lines if line.startswith("Model:")]


@cache
def _processor() -> str:
    """Its model, as Linux calls it; elsewhere its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return printable((models or [platform.machine() or "unknown"])[0])[:100]
