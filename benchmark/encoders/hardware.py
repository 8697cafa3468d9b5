"""Hardware: the precision that the processor is fast at, the device, the number of threads.

Precision is read from the processor alone, never from a GPU: it decides the vectors and so is part of an
encoder's fingerprint, which must be known without loading torch. The device only decides the speed.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

Precision = Literal["bfloat16", "float32"]


@cache
def native_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> Precision:
    """bfloat16 where the processor multiplies matrices in it (AMX or AVX-512), else float32.

    Elsewhere bfloat16 is emulated, and slower than float32.
    """
    try:
        flags = next(line for line in cpuinfo.read_text().splitlines() if line.startswith("flags")).split()
    except (OSError, StopIteration):
        return "float32"
    return "bfloat16" if {"amx_bf16", "avx512_bf16"} & set(flags) else "float32"


def device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def cpu_threads(threads: int | None) -> int:
    """This many CPU threads; None: as many as OMP_NUM_THREADS says, or as there are cores."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return threads or (int(said) if said.isdecimal() else os.cpu_count()) or 1
