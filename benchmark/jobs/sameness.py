"""Sameness: what of two nodes must not differ, or they would compute different things under one name."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache

from benchmark import PROJECT
from benchmark.errors import SmpbenchError

ROOMS = ("benchmark", "baselines", "engines", "smpbench")
"""Whose files must be the same, byte for byte."""
LIBRARIES = (
    *("catboost", "lightgbm", "numba", "numpy", "open-clip-torch", "pandas", "pyarrow"),
    *("pytorch-forecasting", "scikit-learn", "scikit-network", "scipy", "timm", "torch", "transformers"),
)


@cache
def here() -> dict[str, str]:
    """Of this node: the version of Python, those of the libraries that compute, and the project's code."""
    from importlib.metadata import PackageNotFoundError, version

    told = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            told[name] = version(name)
        except PackageNotFoundError:
            told[name] = "missing"
    digest = hashlib.sha256()
    for room in ROOMS:
        for file in sorted((PROJECT / room).rglob("*.py")):
            digest.update(f"{file.relative_to(PROJECT)}\0".encode() + file.read_bytes())
    return told | {"smpbench": digest.hexdigest()[:16]}


def check_same(wanted: Mapping[str, str], node: str, found: Mapping[str, str] | None = None) -> None:
    """Hold a node (this one, unless it is told otherwise) against where the run was planned.

    Raises:
        SmpbenchError: with everything that differs.
    """
    found = here() if found is None else found
    differs = [
        f"{name} {found.get(name, 'missing')}, not {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    if differs:
        raise SmpbenchError(
            f"node {node} is not as the one that the run was planned on: {'; '.join(differs)}. "
            "Install the same checkout and the same lock on every node"
        )
