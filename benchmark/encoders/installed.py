"""Files that come with an installed package, found without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def installed(package: str, *names: str) -> list[Path]:
    """Paths of files below a package, which must be installed."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return [Path(spec.origin).parent / name for name in names]
